"""Who stands at the counter."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from app.database import find_member
from app.models import Member
from app.session import Session


class BearerToken:
    """Reads the token from the header; an object, so that the scheme's name can be chosen."""

    def __init__(self, scheme: str = "bearer") -> None:
        self._scheme = scheme

    def __call__(self, request: Request) -> str | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == self._scheme and token.strip() else None


bearer_token = BearerToken()


async def current_member(session: Session, token: Annotated[str | None, Depends(bearer_token)]) -> Member:
    """The member whose token came with the request."""
    if token and (member := await find_member(session, token)):
        return member
    raise HTTPException(401, "No member holds this token.", {"WWW-Authenticate": 'Bearer realm="counter"'})


CurrentMember = Annotated[Member, Depends(current_member)]
