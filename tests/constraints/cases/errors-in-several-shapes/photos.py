"""One handler is told where it stands."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

quiet = FastAPI()  # silent


class Late(Exception): ...


@quiet.exception_handler(Late)
async def tell_late_quietly(request: Request, error: Late) -> JSONResponse:
    return JSONResponse({"message": "late"}, status_code=400)
