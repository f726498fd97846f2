"""How the app says that it did not understand a request."""

# region 5.1
from fastapi import FastAPI, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from app.schemas import Problem


async def refuse_input(_request: Request, error: Exception) -> JSONResponse:
    """Say where and why, without the input: it may be a password."""
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    detail = "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems)
    return JSONResponse(Problem(detail=detail).model_dump(), status.HTTP_422_UNPROCESSABLE_CONTENT)


def add_to(app: FastAPI) -> None:
    """Answer invalid input in our own words."""
    app.add_exception_handler(RequestValidationError, refuse_input)


# endregion
