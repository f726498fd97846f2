from fastapi import FastAPI

app = FastAPI()  # silent: an example


@app.get("/first")
async def first() -> int:
    return 1
