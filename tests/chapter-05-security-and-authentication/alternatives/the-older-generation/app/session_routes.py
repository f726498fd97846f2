"""Logging in, staying logged in, logging out."""

import secrets
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.security import OAuth2PasswordRequestForm
from sqlalchemy import select, update

from app.auth import stranger
from app.dependencies import Config, Passwords, Sessions, ShedClock
from app.hashes import check_hash, is_old, make_hash
from app.jwts import family_in, make_access, make_refresh
from app.models import Family, Member
from app.schemas import RefreshOrder, Tokens
from app.session import Session
from app.settings import Settings

router = APIRouter()


def pair(member: Member, family: str, serial: int, settings: Settings, now: datetime) -> Tokens:
    """Both tokens of a login."""
    return Tokens(
        access_token=make_access(member.id, settings),
        refresh_token=make_refresh(family, serial, settings, now),
        expires_in=settings.access_minutes * 60,
        scope=" ".join(member.scopes),
    )


@router.post("/token")
async def log_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
    session: Session,
    settings: Config,
    clock: ShedClock,
    passwords: Passwords,
) -> Tokens:
    """Email and password for a pair of tokens."""
    member = await session.scalar(select(Member).where(Member.email == form.username.lower()))
    kept = member.password_hash if member else await make_hash(passwords, secrets.token_hex())
    right = member is not None and await check_hash(passwords, form.password, kept)
    if member is None or not right:
        raise stranger()
    if is_old(kept):
        member.password_hash = await make_hash(passwords, form.password)
    family = Family(id=secrets.token_hex(16), member_id=member.id, serial=0)
    session.add(family)
    return pair(member, family.id, 0, settings, await clock.now())


@router.post("/token/refresh")
async def refresh(
    order: RefreshOrder, session: Session, sessions: Sessions, settings: Config, clock: ShedClock
) -> Tokens:
    """The next pair."""
    now = await clock.now()
    found = family_in(order.refresh_token.get_secret_value(), settings, now)
    if found is None:
        raise stranger()
    family, serial = found
    member_id = await session.scalar(
        update(Family)
        .where(Family.id == family, Family.serial == serial, Family.ended_at.is_(None))
        .values(serial=serial + 1)
        .returning(Family.member_id)
    )
    member = None if member_id is None else await session.get(Member, member_id)
    if member is None:
        await session.rollback()
        # In a transaction of its own, for this one ends with the refusal.
        async with sessions.begin() as other:
            await other.execute(update(Family).where(Family.id == family).values(ended_at=now))
        raise stranger()
    return pair(member, family, serial + 1, settings, now)


@router.post("/logout", status_code=204)
async def log_out(order: RefreshOrder, session: Session, settings: Config, clock: ShedClock) -> None:
    """No token of this login can be refreshed any more."""
    now = await clock.now()
    if found := family_in(order.refresh_token.get_secret_value(), settings, now):
        await session.execute(update(Family).where(Family.id == found[0]).values(ended_at=now))
