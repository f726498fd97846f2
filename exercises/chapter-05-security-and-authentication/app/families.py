"""Refresh tokens: each works once, and all that grew from one login end together."""

# region 5.4
# TODO(5.4): let each refresh token work once, and end the whole family when one comes a second time. The tables
# `families` and `refresh_tokens` in models.py are there for it.
from datetime import datetime, timedelta

import jwt
from fastapi import HTTPException, status
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Member
from app.settings import Settings

ALGORITHM = "HS256"


async def start_family(_session: AsyncSession, member: Member, settings: Settings, now: datetime) -> str:
    """The first refresh token of a login."""
    claims = {"sub": str(member.id), "exp": now + timedelta(days=settings.refresh_days)}
    return jwt.encode(claims, settings.jwt_key.get_secret_value(), ALGORITHM)


async def rotate(session: AsyncSession, token: str, settings: Settings, now: datetime) -> tuple[Member, str]:
    """The member whose refresh token this is, and the next refresh token."""
    refused = HTTPException(
        status.HTTP_401_UNAUTHORIZED, "Log in again.", headers={"WWW-Authenticate": "Bearer"}
    )
    try:
        claims = jwt.decode(token, settings.jwt_key.get_secret_value(), algorithms=[ALGORITHM])
    except jwt.InvalidTokenError as error:
        raise refused from error
    member = await session.get(Member, int(claims["sub"]))
    if member is None:
        raise refused
    return member, await start_family(session, member, settings, now)


async def end_family(_session: AsyncSession, _token: str, _settings: Settings, _now: datetime) -> None:
    """Nothing yet: a token of this kind works until it expires."""


# endregion
