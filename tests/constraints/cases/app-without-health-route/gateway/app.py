"""Files alone, an app for a test, and a gateway whose parts have no check either."""

from fastapi import FastAPI
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

files = FastAPI()  # silent: nothing but files
files.mount("/", StaticFiles(directory="site"))

pages = FastAPI()  # silent: nothing but pages


@pages.get("/")
async def page() -> FileResponse:
    return FileResponse("index.html")


closed = FastAPI()  # silent: the same answer to whoever asks for whatever


@closed.get("/")
@closed.get("/{path:path}")
async def come_back_later() -> JSONResponse:
    return JSONResponse({"message": "Back at noon."}, status_code=503)


half_closed = FastAPI()  # expect: app-without-health-route


@half_closed.get("/{path:path}")
async def come_back() -> str:
    return "Back at noon."


@half_closed.get("/tools")
async def tools() -> list[str]:
    return []


def make_test_app() -> FastAPI:
    app = FastAPI()  # silent: for tests

    @app.get("/x")
    async def x() -> int:
        return 1

    return app


def write_document() -> dict[str, object]:
    app = FastAPI()  # silent: nobody serves it

    @app.get("/y")
    async def y() -> int:
        return 1

    return app.openapi()


inner = FastAPI()  # silent: part of the gateway


@inner.get("/z")
async def z() -> int:
    return 1


gateway = FastAPI()  # expect: app-without-health-route
gateway.mount("/inner", inner)
