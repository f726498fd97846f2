from fastapi import FastAPI

from mill.grain import router

app = FastAPI()  # expect: app-without-health-route
app.include_router(router)


@app.get("/bran")
async def bran() -> int:
    return 1
