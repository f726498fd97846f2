"""A door in plain functions."""

import os
from itertools import count
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Response
from pydantic import BaseModel, StringConstraints

Name = Annotated[str, StringConstraints(max_length=20)]


class Said(BaseModel):
    """What the door says."""

    message: str


class Guest(BaseModel):
    """A guest; the door gives the number."""

    name: str
    id: int | None = None


class GuestBook:
    """Remembers guests; one object serves as the dependency."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.guests: dict[int, Guest] = {}

    def __call__(self) -> "GuestBook":
        """Hand the book to a path operation."""
        return self


app = FastAPI()
Book = Annotated[GuestBook, Depends(GuestBook())]


@app.get("/greetings/{name}")
def say(name: Name) -> Said:
    """Greet one guest."""
    word = os.environ.get("GREETING_WORD", "Hello")
    return Said(message=word + ", " + name)


@app.post("/visitors")
def come_in(guest: Guest, book: Book, response: Response) -> Guest:
    """Let a guest in."""
    guest.id = next(book.numbers)
    book.guests[guest.id] = guest
    response.status_code = 201
    response.headers["Location"] = f"/visitors/{guest.id}"
    return guest


@app.get("/visitors/{guest_id}")
def look_up(guest_id: int, book: Book) -> Guest:
    """Show one guest."""
    if (guest := book.guests.get(guest_id)) is None:
        raise HTTPException(404)
    return guest
