from fastapi import FastAPI

app = FastAPI()  # silent: a part of a template, no service


@app.get("/a")
async def read_a() -> int:
    return 1
