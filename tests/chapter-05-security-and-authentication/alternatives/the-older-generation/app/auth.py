"""Who it is, and whether they may: one dependency, as in FastAPI's tutorial."""

from typing import Annotated

from fastapi import Depends, HTTPException, Security, status
from fastapi.security import OAuth2PasswordBearer, SecurityScopes

from app.dependencies import Config
from app.jwts import member_in
from app.models import Member
from app.session import Session

SCOPES = {
    "me": "Your own account.",
    "loans:own": "Take tools for yourself.",
    "loans:write": "Lend tools to anybody.",
    "tools:write": "Add and remove tools.",
    "members:read": "See who the members are.",
    "admin": "Decide who may what.",
}
bearer = OAuth2PasswordBearer(tokenUrl="/token", scopes=SCOPES)
optional_bearer = OAuth2PasswordBearer(tokenUrl="/token", scopes=SCOPES, auto_error=False)


async def member_of(token: str, session: Session, settings: Config) -> Member | None:
    """The member whose access token this is."""
    number = member_in(token, settings)
    return None if number is None else await session.get(Member, number)


def stranger(how: str = "Bearer") -> HTTPException:
    """401: we do not know who this is."""
    return HTTPException(
        status.HTTP_401_UNAUTHORIZED, "Could not validate credentials", {"WWW-Authenticate": how}
    )


def not_allowed(scope: str) -> HTTPException:
    """403: we know, and they may not."""
    return HTTPException(
        status.HTTP_403_FORBIDDEN,
        f"Not enough permissions: {scope}",
        {"WWW-Authenticate": f'Bearer scope="{scope}"'},
    )


async def current_member(
    needed: SecurityScopes, token: Annotated[str, Depends(bearer)], session: Session, settings: Config
) -> Member:
    """The member whose token came, if they hold every scope that is asked for on the way here."""
    member = await member_of(token, session, settings)
    if member is None:
        raise stranger(f'Bearer scope="{needed.scope_str}"' if needed.scopes else "Bearer")
    for scope in needed.scopes:
        if scope not in member.scopes:
            raise not_allowed(scope)
    return member


Me = Annotated[Member, Security(current_member, scopes=["me"])]
