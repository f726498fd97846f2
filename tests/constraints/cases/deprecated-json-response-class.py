import orjson
from fastapi import APIRouter, FastAPI
from fastapi import responses as answers
from fastapi.responses import JSONResponse, ORJSONResponse
from fastapi.responses import UJSONResponse as Quick
from pydantic import BaseModel

app = FastAPI(default_response_class=ORJSONResponse)  # expect: deprecated-json-response-class
router = APIRouter(default_response_class=Quick)  # expect: deprecated-json-response-class


class Tool(BaseModel):
    name: str


class Numbers(ORJSONResponse):
    def render(self, content: object) -> bytes:
        return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)


class Rounded(ORJSONResponse):
    def render(self, content: object) -> bytes:
        return orjson.dumps(content, default=round)


@router.get("/a", response_class=answers.ORJSONResponse)  # expect: deprecated-json-response-class
async def read() -> Tool:
    def inner() -> FastAPI:
        return FastAPI(default_response_class=Numbers)  # expect: deprecated-json-response-class

    return Tool(name=inner().title)


@router.get("/b", response_class=Rounded)
async def rounded() -> Tool:
    return Tool(name="saw")  # silent: the class knows types that Pydantic does not


@router.get("/c")
async def by_hand():
    return ORJSONResponse({"a": 1})  # silent: S3 speaks of it


@router.get("/d", response_class=JSONResponse)
async def plain():
    return {"a": 1}  # silent
