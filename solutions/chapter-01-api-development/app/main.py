"""The app: what it owns while it runs, and which routers it serves."""

# region 1.7
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.inventory import load_inventory
from app.routers import overview, staff, tools


def operation_id(route: APIRoute) -> str:
    """The function's name: what a generated client should call its method."""
    return route.name


# endregion


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the tools before the first request; every server has an inventory of its own."""
    app.state.inventory = load_inventory(os.environ.get("TOOLSHED_SEED_FILE"))
    yield


# region 1.7
app = FastAPI(title="Toolshed", version="1.0.0", lifespan=lifespan, generate_unique_id_function=operation_id)
app.include_router(overview.router, tags=["overview"])
app.include_router(tools.router, tags=["tools"])
app.include_router(staff.router, tags=["staff"])
# endregion
