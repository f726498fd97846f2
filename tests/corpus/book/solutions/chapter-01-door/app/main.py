"""A door that greets visitors by name and remembers them."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Path, Request, Response, status
from pydantic import BaseModel


class Greeting(BaseModel):
    """What the door says."""

    message: str


class NewVisitor(BaseModel):
    """A visitor at the door."""

    name: str


class Visitor(NewVisitor):
    """A visitor whom the door knows."""

    id: int


class Health(BaseModel):
    """That the process answers."""

    status: str = "ok"


@dataclass
class Door:
    """The door's first word, and whom it has seen."""

    word: str
    visitors: list[Visitor] = field(default_factory=list)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Hang the door."""
    app.state.door = Door(word=os.environ["GREETING_WORD"])
    yield


app = FastAPI(lifespan=lifespan)


def get_door(request: Request) -> Door:
    """The door of this app."""
    door: Door = request.app.state.door
    return door


TheDoor = Annotated[Door, Depends(get_door)]


@app.get("/health/live", tags=["health"])
async def read_health() -> Health:
    """Answer as long as the process does."""
    return Health()


@app.get("/greetings/{name}")
async def greet(name: Annotated[str, Path(max_length=20)], door: TheDoor) -> Greeting:
    """Greet one visitor."""
    return Greeting(message=f"{door.word}, {name}")


@app.post("/visitors", status_code=status.HTTP_201_CREATED)
async def welcome(visitor: NewVisitor, door: TheDoor, response: Response) -> Visitor:
    """Let a visitor in."""
    known = Visitor(id=len(door.visitors) + 1, name=visitor.name)
    door.visitors.append(known)
    response.headers["Location"] = f"/visitors/{known.id}"
    return known


@app.get("/visitors/{visitor_id}")
async def read_visitor(visitor_id: int, door: TheDoor) -> Visitor:
    """Show one visitor."""
    for visitor in door.visitors:
        if visitor.id == visitor_id:
            return visitor
    raise HTTPException(status.HTTP_404_NOT_FOUND, "No such visitor")


@app.get("/naps/{milliseconds}")
async def nap(milliseconds: int) -> Health:
    """Answer later."""
    await asyncio.sleep(milliseconds / 1000)
    return Health(status="rested")
