"""An app whose part below `/api` has a handler of its own, which makes one shape of every `detail`."""

from depot_shelves import router as shelves
from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

pages = APIRouter()


@pages.get("/shelves")
async def show(number: int) -> int:
    if number == 1:
        raise HTTPException(404, "no such shelf")
    if number == 2:
        raise HTTPException(404, {"code": "gone"})  # expect: detail-in-another-form
    if number == 3:
        raise HTTPException(400, "no such page")
    if number == 4:
        raise HTTPException(403, "not for you")
    return number


async def answer_http(request: Request, error: HTTPException) -> JSONResponse:
    body = {"message": str(error.detail)}
    if isinstance(error.detail, dict):
        body.update({"detail": error.detail})
    else:
        body.update(detail={})
    return JSONResponse(body, status_code=error.status_code)


def create_app() -> FastAPI:
    app = FastAPI()
    api = FastAPI()
    api.add_exception_handler(HTTPException, answer_http)
    api.include_router(shelves)
    app.mount("/api", api)
    app.include_router(pages)
    return app
