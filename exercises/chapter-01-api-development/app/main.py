"""The app: what it owns while it runs, and which routers it serves."""

# region 1.7
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.inventory import load_inventory
from app.routers import overview, staff, tools

# endregion


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the tools before the first request; every server has an inventory of its own."""
    app.state.inventory = load_inventory(os.environ.get("TOOLSHED_SEED_FILE"))
    yield


# region 1.7
# TODO(1.7): a document to build on: tags, short operation ids, every refusal with its schema, and an
#            example of the body of `POST /tools` (its place is in app/models.py).
app = FastAPI(title="Toolshed", version="1.0.0", lifespan=lifespan)
app.include_router(overview.router)
app.include_router(tools.router)
app.include_router(staff.router)
# endregion
