"""Health checks that ask who is there, and those that do not."""

from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Security
from fastapi.security import APIKeyHeader, HTTPBearer, OAuth2PasswordBearer

oauth2 = OAuth2PasswordBearer(tokenUrl="token")
optional = HTTPBearer(auto_error=False)
key = APIKeyHeader(name="X-Key")


def read_member(token: Annotated[str, Depends(oauth2)]) -> str:
    return token


def require_member(member: Annotated[str, Depends(read_member)]) -> None:
    print(member)


def make_guarded() -> FastAPI:
    app = FastAPI(dependencies=[Depends(require_member)])

    @app.get("/health/live")
    async def read_live() -> str:  # expect: health-check-behind-sign-in
        return "ok"

    return app


def make_included() -> FastAPI:
    app = FastAPI()
    router = APIRouter()

    @router.get("/readyz")
    async def read_ready() -> str:  # expect: health-check-behind-sign-in
        def helper() -> str:
            return "ok"

        return helper()

    app.include_router(router, dependencies=[Security(key)])
    return app


def make_by_parameter() -> FastAPI:
    app = FastAPI()

    @app.get("/health")
    async def read_health(member: Annotated[str, Depends(read_member)]) -> str:  # expect: health-check-behind-sign-in
        return member

    return app


def make_with_open_one() -> FastAPI:
    app = FastAPI()

    @app.get("/health/details")
    async def read_details(member: Annotated[str, Depends(read_member)]) -> str:  # silent: the other one is open
        return member

    @app.get("/ping")
    async def ping() -> str:
        return "pong"

    return app


def make_optional() -> FastAPI:
    app = FastAPI()

    @app.get("/health")
    async def read_health(token: Annotated[object, Depends(optional)]) -> str:  # silent: lets everybody in
        return str(token)

    return app


def make_status() -> FastAPI:
    app = FastAPI()

    @app.get("/status")
    async def read_status(member: Annotated[str, Depends(read_member)]) -> str:  # silent: a status for members
        return member

    return app
