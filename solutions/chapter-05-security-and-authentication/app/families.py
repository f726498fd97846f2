"""Refresh tokens: each works once, and all that grew from one login end together."""

# region 5.4
import hashlib
import secrets
from datetime import datetime, timedelta

from fastapi import HTTPException, status
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Family, Member, RefreshToken
from app.settings import Settings


async def start_family(session: AsyncSession, member: Member, settings: Settings, now: datetime) -> str:
    """The first refresh token of a login."""
    family = Family(member_id=member.id)
    session.add(family)
    await session.flush()
    return await _add_token(session, family.id, settings, now)


async def rotate(session: AsyncSession, token: str, settings: Settings, now: datetime) -> tuple[Member, str]:
    """The member and the next refresh token; 401 and the end of the family for one that was used before."""
    # One statement: of two requests with the same token, only one finds it unused.
    family_id = await session.scalar(
        update(RefreshToken)
        .where(
            RefreshToken.digest == _digest(token),
            RefreshToken.used_at.is_(None),
            RefreshToken.expires_at > now,
            RefreshToken.family_id.in_(select(Family.id).where(Family.ended_at.is_(None))),
        )
        .values(used_at=now)
        .returning(RefreshToken.family_id)
    )
    if family_id is None:
        await end_family(session, token, settings, now)
        # Raising undoes what the session has not committed, and this must last.
        await session.commit()
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED, "Log in again.", headers={"WWW-Authenticate": "Bearer"}
        )
    family = await session.get_one(Family, family_id)
    member = await session.get_one(Member, family.member_id)
    return member, await _add_token(session, family_id, settings, now)


async def end_family(session: AsyncSession, token: str, settings: Settings, now: datetime) -> None:
    """No token of this login works any more; nothing happens for a token that nobody was given."""
    family_ids = select(RefreshToken.family_id).where(RefreshToken.digest == _digest(token))
    await session.execute(
        update(Family).where(Family.id.in_(family_ids), Family.ended_at.is_(None)).values(ended_at=now)
    )


async def _add_token(session: AsyncSession, family_id: int, settings: Settings, now: datetime) -> str:
    token = secrets.token_urlsafe()
    expires_at = now + timedelta(days=settings.refresh_days)
    session.add(RefreshToken(digest=_digest(token), family_id=family_id, expires_at=expires_at))
    await session.flush()
    return token


def _digest(token: str) -> str:
    """Enough for 256 random bits; slow hashes are for what people think up."""
    return hashlib.sha256(token.encode()).hexdigest()


# endregion
