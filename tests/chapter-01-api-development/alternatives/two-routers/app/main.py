"""The app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.api import catalogue, highlights, staff
from app.shed import open_shed


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.shed = open_shed()
    yield


def tag_and_name(route: APIRoute) -> str:
    return f"{route.tags[0]}-{route.name}"


app = FastAPI(lifespan=lifespan, generate_unique_id_function=tag_and_name)
app.include_router(highlights.wall)
app.include_router(highlights.router, prefix="/tools")
app.include_router(catalogue.router, prefix="/tools")
app.include_router(staff.router, prefix="/staff")
