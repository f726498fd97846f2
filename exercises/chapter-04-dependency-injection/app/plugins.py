"""The hook for routes that come with the configuration: one for each notice on the counter's board."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from fastapi import APIRouter

from app.schemas import Notice


@asynccontextmanager
async def plugged_in(router: APIRouter, notices: Mapping[str, str]) -> AsyncIterator[None]:
    """Add `/notices/{slug}` to the finished router for every notice, and take them off at the end."""
    before = list(router.routes)
    for slug, text in notices.items():
        router.add_api_route(f"/notices/{slug}", _reader(text), methods=["GET"], tags=["notices"])
    try:
        yield
    finally:
        router.routes[:] = before


def _reader(text: str) -> Callable[[], Awaitable[Notice]]:
    async def read_notice() -> Notice:
        return Notice(text=text)

    return read_notice
