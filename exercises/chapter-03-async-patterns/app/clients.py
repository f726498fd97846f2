"""The HTTP client for the catalogue; the lifespan opens one, and all requests share it."""

# region 3.3
# TODO(3.3): the lifespan opens this client, and nobody uses it. Use it for every call, and limit it: five connections,
#            and an end to waiting.
import httpx2

from app.settings import Settings


def new_client(settings: Settings) -> httpx2.AsyncClient:
    """A client for the catalogue."""
    return httpx2.AsyncClient(base_url=settings.catalogue_url)


# endregion
