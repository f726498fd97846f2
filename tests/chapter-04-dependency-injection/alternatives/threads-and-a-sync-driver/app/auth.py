"""Who stands at the counter."""

from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer

from app.database import find_member
from app.models import Member
from app.session import Session

card = OAuth2PasswordBearer(tokenUrl="token", auto_error=False)


def current_member(session: Session, token: Annotated[str | None, Depends(card)]) -> Member:
    """The member whose token came with the request."""
    member = find_member(session, token) if token else None
    if member is None:
        raise HTTPException(401, "Your card, please.", headers={"WWW-Authenticate": "Bearer"})
    return member


CurrentMember = Annotated[Member, Depends(current_member)]
