"""Apps that are put together in a lifespan, in loops over mappings, and with what well-known libraries make."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi_users import FastAPIUsers
from prometheus_fastapi_instrumentator import Instrumentator
from sqladmin import Admin

tools = APIRouter()
checks = APIRouter()


@tools.get("/tools")
async def list_tools() -> list[str]:
    return []


@checks.get("/healthz")
async def healthz() -> str:
    return "ok"


@asynccontextmanager
async def with_tools(app: FastAPI) -> AsyncIterator[None]:
    app.include_router(tools)
    yield


@asynccontextmanager
async def with_checks(app: FastAPI) -> AsyncIterator[None]:
    app.include_router(checks)
    yield


bare = FastAPI(lifespan=with_tools)  # expect: app-without-health-route
checked = FastAPI(lifespan=with_checks)  # silent: the lifespan includes it

shed = FastAPI()  # silent: mounted below
garden = FastAPI()  # silent: mounted below


@shed.get("/a")
async def read_shed() -> int:
    return 1


@garden.get("/ready")
async def ready() -> int:
    return 1


BARE = {"/shed": shed}
CHECKED = {"/shed": shed, "/garden": garden}
PAIRS = [("/tools", tools), ("/more", tools)]

by_items = FastAPI()  # expect: app-without-health-route
for prefix, part in BARE.items():
    by_items.mount(prefix, part)

by_more_items = FastAPI()  # silent: one of them has it
for place, piece in CHECKED.items():
    by_more_items.mount(place, piece)

by_pairs = FastAPI()  # expect: app-without-health-route
for under, router in PAIRS:
    by_pairs.include_router(router, prefix=under)

first, second = APIRouter(), APIRouter()


@second.get("/alive")
async def alive() -> str:
    return "ok"


by_unpacking = FastAPI()  # silent: the second of two
by_unpacking.include_router(second)

with_libraries = FastAPI()  # expect: app-without-health-route
with_libraries.include_router(tools)
with_libraries.include_router(FastAPIUsers(None, []).get_auth_router(None))
Admin(with_libraries, None)
Instrumentator().instrument(with_libraries).expose(with_libraries)
