from typing import Annotated

from fastapi import Depends, FastAPI, Query
from fastapi_pagination import LimitOffsetParams, Params as Numbered
from fastapi_pagination.cursor import CursorParams
from fastapi_pagination.ext.sqlalchemy import paginate
from pydantic import BaseModel

app = FastAPI()


class Params(Numbered):  # expect: page-parameters-from-library
    size: int = Query(20, le=50)


class Window(LimitOffsetParams):  # expect: page-parameters-from-library
    limit: int = Query(20, le=50)


class Keyed(CursorParams):  # silent: a cursor
    size: int = Query(20, le=50)


class Other(BaseModel):  # silent: no parameters of the library's
    page: int = 1


@app.get("/tools")
async def tools(params: Annotated[Params, Depends()]) -> list[int]:
    return paginate(params)
