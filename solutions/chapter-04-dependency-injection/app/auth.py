"""Who stands at the counter."""

# region 4.5
from typing import Annotated

from fastapi import Depends, HTTPException, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.database import find_member
from app.models import Member
from app.session import Session

bearer = HTTPBearer(auto_error=False, description="The token on the member's card.")


async def current_member(
    session: Session, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Member:
    """The member whose token came with the request."""
    member = await find_member(session, credentials.credentials) if credentials else None
    if member is None:
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED,
            "Show a valid token at the counter.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return member


CurrentMember = Annotated[Member, Depends(current_member)]
# endregion
