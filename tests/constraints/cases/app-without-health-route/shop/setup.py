"""A factory that is given its router, and a helper that adds another."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi import FastAPI as Application

extra = APIRouter()


@extra.get("/extra")
async def read_extra() -> int:
    return 1


def add_extra(application: Application) -> None:
    application.include_router(extra)


def make(router: APIRouter, **options: Any) -> FastAPI:
    application = Application(**options)  # expect: app-without-health-route
    application.include_router(router)
    add_extra(application)
    return application
