"""Errors written by hand in two ways."""

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse

app = FastAPI()  # expect: errors-in-several-shapes
router = APIRouter()


@router.get("/a")
async def a(number: int) -> object:
    if number == 1:
        return JSONResponse({"error": "gone"}, status_code=404)
    return PlainTextResponse("bad", status_code=400)


app.include_router(router)
