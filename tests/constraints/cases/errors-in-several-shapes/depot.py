"""A router's file with an app that is left over from its first day."""

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse

app = FastAPI()  # silent: no route hangs on it, another app includes the router
router = APIRouter()


@router.get("/a")
async def a(number: int) -> int:
    if number == 1:
        return JSONResponse({"error": "gone"}, status_code=404)
    if number == 2:
        return JSONResponse({"error": "late"}, status_code=400)
    return JSONResponse({"error": "lent"}, status_code=409)
