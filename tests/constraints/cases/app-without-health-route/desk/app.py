"""A service whose callers ask whether it answers, under a name of their own."""

from fastapi import FastAPI

app = FastAPI()  # silent: `GET /api/test_connection` tells whether it answers


@app.get("/api/test_connection")
async def test_connection() -> str:
    return "success"


@app.post("/desks")
async def create_desk(name: str) -> str:
    return name
