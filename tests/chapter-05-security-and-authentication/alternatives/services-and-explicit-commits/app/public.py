"""What is open to anybody."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from pydantic import BaseModel, EmailStr, SecretStr, StringConstraints
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.models import Guesses, Login, Member, Spent, Tool
from app.resources import Resources, Session, Shed
from app.schemas import MemberOut, RefreshOrder, Tokens, ToolOut
from app.tokens import issue, who_are_you

router = APIRouter()
WINDOW_S = 15 * 60


class NewMember(BaseModel):
    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    email: EmailStr
    password: Annotated[SecretStr, StringConstraints(min_length=10, max_length=256)]


class LoginForm(BaseModel):
    """The fields of OAuth2's password flow that count here."""

    username: Annotated[str, StringConstraints(max_length=320)]
    password: SecretStr


@router.post("/members", status_code=201)
async def join(new: NewMember, session: Session, shed: Shed) -> MemberOut:
    """Open an account."""
    kept = await shed.passwords.hash(new.password.get_secret_value())
    member = Member(name=new.name, email=new.email.casefold(), password_hash=kept, scopes=["me", "loans:own"])
    session.add(member)
    try:
        await session.commit()
    except IntegrityError as error:
        raise HTTPException(409, "There is such a member.") from error
    return MemberOut.model_validate(member)


@router.get("/tools")
async def list_tools(session: Session) -> list[ToolOut]:
    """The catalogue."""
    return [
        ToolOut.model_validate(tool)
        for tool in await session.scalars(select(Tool).order_by(Tool.id).limit(100))
    ]


@router.post("/token")
async def log_in(form: Annotated[LoginForm, Form()], session: Session, shed: Shed) -> Tokens:
    """Email and password for tokens."""
    email, now = form.username.casefold(), await shed.clock.now()
    guesses = await session.get(Guesses, email) or Guesses(email=email, at=[])
    recent = [at for at in guesses.at if at > now.timestamp() - WINDOW_S]
    if len(recent) >= 5:
        wait = recent[-5] + WINDOW_S - now.timestamp()
        raise HTTPException(429, "Patience, please.", {"Retry-After": f"{int(wait) + 1}"})
    member = await session.scalar(select(Member).where(Member.email == email))
    password = form.password.get_secret_value()
    right = await shed.passwords.check(password, member.password_hash if member else None)
    if member is None or not right:
        guesses.at = [*recent, now.timestamp()]
        session.add(guesses)
        await session.commit()
        raise who_are_you()
    if shed.passwords.is_due(member.password_hash):
        member.password_hash = await shed.passwords.hash(password)
    token = secrets.token_urlsafe(40)
    session.add(Login(member_id=member.id, current=digest(token), expires_at=until(shed, now)))
    await session.commit()
    return pair(member, token, shed)


@router.post("/token/refresh")
async def refresh(order: RefreshOrder, session: Session, shed: Shed) -> Tokens:
    """The next pair."""
    old, new, now = order.refresh_token.get_secret_value(), secrets.token_urlsafe(40), await shed.clock.now()
    login = (
        await session.execute(
            update(Login)
            .where(Login.current == digest(old), Login.expires_at > now)
            .values(current=digest(new), expires_at=until(shed, now))
            .returning(Login.id, Login.member_id)
        )
    ).one_or_none()
    if login is None:
        await end_login(old, session)
        raise who_are_you()
    session.add(Spent(digest=digest(old), login_id=login.id))
    member = await session.get_one(Member, login.member_id)
    await session.commit()
    return pair(member, new, shed)


@router.post("/logout", status_code=204)
async def log_out(order: RefreshOrder, session: Session) -> None:
    """End this login."""
    await end_login(order.refresh_token.get_secret_value(), session)


async def end_login(token: str, session: Session) -> None:
    """Forget the login that this token belongs to, if there is one."""
    spent = select(Spent.login_id).where(Spent.digest == digest(token))
    await session.execute(delete(Login).where((Login.current == digest(token)) | Login.id.in_(spent)))
    await session.commit()


def pair(member: Member, refresh_token: str, shed: Resources) -> Tokens:
    minutes = shed.settings.access_minutes
    return Tokens(
        access_token=issue(member, shed.key, minutes),
        refresh_token=refresh_token,
        expires_in=minutes * 60,
        scope=" ".join(member.scopes),
    )


def until(shed: Resources, now: datetime) -> datetime:
    return now + timedelta(days=shed.settings.refresh_days)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
