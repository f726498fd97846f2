from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, ORJSONResponse
from fastapi.responses import JSONResponse as Answer
from pydantic import BaseModel


class Tool(BaseModel):
    name: str


app = FastAPI(default_response_class=JSONResponse)  # expect: json-default-response-class
router = APIRouter(
    prefix="/tools",
    default_response_class=Answer,  # expect: json-default-response-class
)
outer = APIRouter(default_response_class=JSONResponse)  # expect: json-default-response-class
plain = APIRouter(default_response_class=JSONResponse)  # silent: nothing in it has a model
pages = APIRouter(default_response_class=HTMLResponse)  # silent
once_fast = APIRouter(default_response_class=ORJSONResponse)  # silent here: another rule's
outer.include_router(router)
app.include_router(outer, default_response_class=JSONResponse)  # expect: json-default-response-class


@router.get("/a")
async def read() -> Tool:
    return Tool(name="saw")


@plain.get("/b")
async def free():
    return {"a": 1}


@plain.get("/c", response_class=HTMLResponse)
async def page() -> str:
    return "<p>"


def make() -> FastAPI:
    def inner() -> FastAPI:
        return FastAPI(default_response_class=Answer)  # expect: json-default-response-class

    return inner()
