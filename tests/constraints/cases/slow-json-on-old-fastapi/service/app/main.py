from fastapi import APIRouter
from fastapi import FastAPI as Api
from fastapi.responses import JSONResponse

from app.models import Tool


def make() -> Api:
    def inner() -> Api:
        return Api(title="Toolshed")  # expect: slow-json-on-old-fastapi

    return inner()


app = make()
router = APIRouter(default_response_class=JSONResponse)
office = Api()  # silent: the version is said once


@app.get("/a", response_class=JSONResponse)
async def named() -> Tool:
    return Tool(name="saw")  # silent: in this version naming it costs nothing


@app.get("/b")
async def dumped() -> Tool:
    return Tool(name="saw").model_dump()  # silent: in this version FastAPI dumps it too
