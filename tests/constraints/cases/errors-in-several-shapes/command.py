"""A command that serves one page for a sign-in, and uses the large service's modules."""

import shop
import uvicorn
from fastapi import FastAPI


def sign_in() -> None:
    app = FastAPI()  # silent: it serves none of the routes that answer in several ways

    @app.get("/callback")
    async def receive(code: str) -> str:
        return code

    uvicorn.run(app)


def describe() -> str:
    return shop.app.title
