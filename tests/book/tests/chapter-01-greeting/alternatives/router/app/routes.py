"""Greetings and visitors."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response
from pydantic import BaseModel

from app.door import Entry, VisitorIn, VisitorOut, Visitors

greetings = APIRouter(prefix="/greetings", tags=["greetings"])
guests = APIRouter(prefix="/visitors", tags=["visitors"])


class Message(BaseModel):
    """What the door says."""

    message: str


@greetings.get("/{name}")
async def hello(name: Annotated[str, Path(max_length=20)], request: Request) -> Message:
    """Greet one visitor."""
    return Message(message=f"{request.app.state.word}, {name}")


@guests.post("", status_code=201, response_model=VisitorOut)
async def enter(body: VisitorIn, visitors: Visitors, response: Response, request: Request) -> Entry:
    """Let a visitor in."""
    visitor = Entry(id=len(visitors) + 1, name=body.name)
    visitors[visitor.id] = visitor
    response.headers["location"] = str(request.url_for("show", number=visitor.id))
    return visitor


@guests.get("/{number}", response_model=VisitorOut)
async def show(number: int, visitors: Visitors) -> Entry:
    """Show one visitor."""
    if number not in visitors:
        raise HTTPException(status_code=404, detail="unknown")
    return visitors[number]
