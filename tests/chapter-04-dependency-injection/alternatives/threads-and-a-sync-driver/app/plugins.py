"""The hook for routes that come with the configuration: one for each notice on the counter's board."""

from collections.abc import Callable, Iterable

from fastapi import APIRouter, HTTPException, status

from app.dependencies import Config
from app.schemas import Notice


def plug_in(router: APIRouter, slugs: Iterable[str]) -> None:
    """Add `/notices/{slug}` for every slug to a router that has been built and included long before."""
    known = {route.name for route in router.routes if hasattr(route, "name")}
    for slug in slugs:
        if (name := f"notice-{slug}") not in known:
            router.add_api_route(f"/notices/{slug}", _reader(slug), name=name, tags=["notices"])


def _reader(slug: str) -> Callable[[Config], Notice]:
    def read_notice(settings: Config) -> Notice:
        # Routes stay for as long as the process lives, settings for as long as the app runs.
        if (text := settings.notices.get(slug)) is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "This notice has been taken down.")
        return Notice(text=text)

    return read_notice
