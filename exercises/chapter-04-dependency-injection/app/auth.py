"""Who stands at the counter."""

# region 4.5
# TODO(4.5): answer 401 with `WWW-Authenticate` where no valid token comes, and guard everything under `/counter`
# in one place (`counter.py`).
from typing import Annotated

from fastapi import Depends, Header, HTTPException, status

from app.database import find_member
from app.models import Member
from app.session import Session


async def current_member(session: Session, authorization: Annotated[str, Header()] = "") -> Member:
    """The member whose token came with the request."""
    member = await find_member(session, authorization.removeprefix("Bearer "))
    if member is None:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "We do not know you.")
    return member


CurrentMember = Annotated[Member, Depends(current_member)]
# endregion
