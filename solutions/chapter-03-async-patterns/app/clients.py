"""The HTTP client for the catalogue; the lifespan opens one, and all requests share it."""

# region 3.3
import httpx2

from app.settings import Settings

CONNECTIONS = 5


def new_client(settings: Settings) -> httpx2.AsyncClient:
    """A client that keeps at most five connections and gives up where nothing comes."""
    return httpx2.AsyncClient(
        base_url=settings.catalogue_url,
        limits=httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
        # Of each single step; how long the whole may take is the caller's business.
        timeout=httpx2.Timeout(30.0),
    )


# endregion
