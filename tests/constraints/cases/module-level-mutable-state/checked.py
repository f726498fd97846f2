from typing import Annotated, Any

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
