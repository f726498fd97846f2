from typing import Annotated, Any

import httpx2
from fastapi import APIRouter
from pydantic import WrapValidator

router = APIRouter()
failed: list[Any] = []  # expect: module-level-mutable-state
kinds: list[str] = []  # silent: filled at import


def remember_failed(value: Any, handler: Any) -> Any:
    try:
        return handler(value)
    except ValueError:
        failed.append(value)


def known(kind: str) -> str:
    kinds.append(kind)
    return kind


SAW = known("saw")


@router.post("/tools")
async def add(tools: list[Annotated[int, WrapValidator(remember_failed)]]) -> int:
    return len(tools)


_open: dict[str, httpx2.AsyncClient] = {}  # expect: module-level-mutable-state
_names: dict[str, str] = {}  # silent: texts that the import puts in


def open_client(url: str) -> httpx2.AsyncClient:
    client = httpx2.AsyncClient(base_url=url)
    _open[url] = client
    _names[url] = url
    return client


shop = open_client("https://shop")
