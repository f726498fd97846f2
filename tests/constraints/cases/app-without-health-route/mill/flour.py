from fastapi import FastAPI

app = FastAPI()  # silent: another app takes its router


@app.get("/flour")
async def flour() -> int:
    return 1
