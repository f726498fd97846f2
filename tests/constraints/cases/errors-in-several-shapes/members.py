"""Details of two forms, neither of which is the rule."""

from fastapi import FastAPI
from fastapi import HTTPException as Problem


def make_app() -> FastAPI:
    app = FastAPI()  # expect: errors-in-several-shapes

    @app.get("/a")
    async def a(number: int) -> int:
        if number == 1:
            raise Problem(404, "no such member")
        if number == 2:
            raise Problem(403, "not yours")
        if number == 3:
            raise Problem(400, "bad")
        if number == 4:
            raise Problem(404, {"code": "member"})
        if number == 5:
            raise Problem(403, {"code": "owner"})
        if number == 6:
            raise Problem(400, {"code": "date"})
        return number

    return app
