"""Who sends this request: the member whose access token came with it."""

from typing import Annotated, NamedTuple

from fastapi import Depends, HTTPException, status
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncSession

from app.dependencies import Config
from app.models import Member
from app.session import Session
from app.settings import Settings
from app.tokens import BadToken, read_access_token

oauth2 = OAuth2PasswordBearer(
    tokenUrl="token",
    auto_error=False,
    scopes={
        "me": "Your own account.",
        "loans:own": "Take tools for yourself.",
        "loans:write": "Lend tools to anybody.",
        "tools:write": "Add and remove tools.",
        "members:read": "See who the members are.",
        "admin": "Decide who may what.",
    },
)
Token = Annotated[str | None, Depends(oauth2)]


class Caller(NamedTuple):
    """A member, and the scopes that stand in the token."""

    member: Member
    granted: frozenset[str]


# region 5.3
async def find_caller(token: str | None, session: AsyncSession, settings: Settings) -> Caller:
    """The member whose access token this is; 401 whatever is wrong with it."""
    unknown = HTTPException(
        status.HTTP_401_UNAUTHORIZED, "Log in first.", headers={"WWW-Authenticate": "Bearer"}
    )
    try:
        claims = read_access_token(token or "", settings)
    except BadToken as error:
        raise unknown from error
    member = await session.get(Member, claims.sub)
    if member is None:
        raise unknown
    return Caller(member=member, granted=frozenset(claims.scope.split()))


# endregion


async def current_caller(token: Token, session: Session, settings: Config) -> Caller:
    """Who sends this request."""
    return await find_caller(token, session, settings)


CurrentCaller = Annotated[Caller, Depends(current_caller)]
