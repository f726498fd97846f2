"""Whom the door has seen."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel


class VisitorIn(BaseModel):
    """A visitor at the door."""

    name: str


class VisitorOut(BaseModel):
    """A visitor whom the door knows."""

    id: int
    name: str


@dataclass
class Entry:
    """A line of the guest book."""

    id: int
    name: str


async def visitors_of(request: Request) -> dict[int, Entry]:
    """The visitors that this app remembers."""
    visitors: dict[int, Entry] = request.app.state.visitors
    return visitors


Visitors = Annotated[dict[int, Entry], Depends(visitors_of)]
