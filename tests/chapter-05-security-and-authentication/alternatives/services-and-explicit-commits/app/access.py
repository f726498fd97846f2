"""Who comes, and what they may."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import OAuth2PasswordBearer, SecurityScopes

from app.models import Member
from app.resources import Resources, Session, Shed
from app.tokens import subject, who_are_you

scheme = OAuth2PasswordBearer(
    tokenUrl="token",
    auto_error=False,
    scopes={
        name: name for name in ("me", "loans:own", "loans:write", "tools:write", "members:read", "admin")
    },
)


async def find_member(token: str | None, session: Session, shed: Resources) -> Member:
    """The member of this token, or 401."""
    try:
        number = subject(token or "", shed.key)
    except ValueError as error:
        raise who_are_you() from error
    if (member := await session.get(Member, number)) is None:
        raise who_are_you()
    return member


async def admit(
    request: Request,
    scopes: SecurityScopes,
    token: Annotated[str | None, Depends(scheme)],
    session: Session,
    shed: Shed,
) -> None:
    """Let in whoever holds all scopes, and leave a note of who it is."""
    member = await find_member(token, session, shed)
    if lacking := sorted({*scopes.scopes} - {*member.scopes}):
        raise HTTPException(
            403,
            f"You would need {', '.join(lacking)}.",
            {
                "WWW-Authenticate": f'Bearer realm="toolshed", error="insufficient_scope", scope="{" ".join(lacking)}"'
            },
        )
    request.state.member = member


async def get_admitted(request: Request) -> Member:
    member: Member = request.state.member
    return member


Admitted = Annotated[Member, Depends(get_admitted)]
