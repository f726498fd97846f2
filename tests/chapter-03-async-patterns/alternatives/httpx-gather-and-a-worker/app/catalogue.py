"""The catalogue behind one client, and what its failures mean to ours."""

import asyncio
import random
from collections.abc import Mapping
from typing import TypeVar

import httpx
from fastapi import HTTPException
from pydantic import BaseModel, ValidationError

T = TypeVar("T", bound=BaseModel)


def new_client(url: str) -> httpx.AsyncClient:
    """At most five connections; a call waits for one as long as its own limit allows."""
    limits = httpx.Limits(max_connections=5, max_keepalive_connections=5, keepalive_expiry=60)
    return httpx.AsyncClient(base_url=url, limits=limits, timeout=httpx.Timeout(None))


async def fetch(
    client: httpx.AsyncClient, path: str, limit_s: float, headers: Mapping[str, str]
) -> httpx.Response:
    """One call; 504 where no whole answer comes within the limit, 502 where the connection fails."""
    try:
        return await asyncio.wait_for(client.get(path, headers=headers), limit_s)
    except TimeoutError:
        raise HTTPException(504, "The catalogue is silent.") from None
    except httpx.RequestError as error:
        raise HTTPException(502, f"The catalogue is out of reach: {type(error).__name__}.") from error


async def fetch_stubbornly(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """Up to three calls; the last failure is passed on."""
    for number in range(3):
        if number:
            await asyncio.sleep(0.1 * 2 ** (number - 1) * random.uniform(1, 1.3))
        try:
            reply = await asyncio.wait_for(client.get(path), 0.5)
        except (TimeoutError, httpx.TransportError):
            continue
        if not reply.is_server_error:
            return reply
    raise HTTPException(502, "The catalogue fails, and goes on failing.")


def understood(reply: httpx.Response, model: type[T]) -> T:
    """The answer as a model; 404 stays, and everything else that is no proper answer is 502."""
    if reply.status_code == httpx.codes.NOT_FOUND:
        raise HTTPException(404, "The catalogue does not know this model.")
    try:
        reply.raise_for_status()
        return model.model_validate(reply.json())
    except (httpx.HTTPStatusError, ValidationError, ValueError) as error:
        raise HTTPException(502, "The catalogue gave no proper answer.") from error
