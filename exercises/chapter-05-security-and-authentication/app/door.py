"""The member door: logging in, staying logged in, logging out."""

# region 5.2 5.8
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Response, status
from fastapi.security import OAuth2PasswordRequestForm
from sqlalchemy import select

from app.dependencies import Config, Hasher, ShedClock
from app.families import end_family, rotate, start_family
from app.guessing import note_guess, refuse_guesser
from app.models import Member
from app.schemas import Problem, RefreshOrder, Tokens
from app.session import Session
from app.tokens import create_access_token
from app.verification import verify_password

router = APIRouter(tags=["door"], responses={status.HTTP_401_UNAUTHORIZED: {"model": Problem}})
Form = Annotated[OAuth2PasswordRequestForm, Depends()]


# TODO(5.2): refuse with one voice, whatever was wrong: the same status, the same words, and in the same time.
@router.post("/token", responses={status.HTTP_429_TOO_MANY_REQUESTS: {"model": Problem}})
async def log_in(
    form: Form, session: Session, settings: Config, clock: ShedClock, hasher: Hasher, response: Response
) -> Tokens:
    """Email and password for a pair of tokens."""
    email, now = form.username, await clock.now()
    await refuse_guesser(session, email, now)
    member = await session.scalar(select(Member).where(Member.email == email))
    if member is None:
        await note_guess(session, email, now)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "No member has this email.")
    right, better = await verify_password(hasher, form.password, member.password_hash)
    if not right:
        await note_guess(session, email, now)
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "The password is wrong.")
    if better is not None:
        member.password_hash = better
    refresh_token = await start_family(session, member, settings, now)
    return _pair(response, member, form.scopes or member.scopes, refresh_token, settings)


# endregion


@router.post("/token/refresh")
async def refresh(
    order: RefreshOrder, session: Session, settings: Config, clock: ShedClock, response: Response
) -> Tokens:
    """A refresh token for the next pair of tokens."""
    now = await clock.now()
    member, refresh_token = await rotate(session, order.refresh_token.get_secret_value(), settings, now)
    return _pair(response, member, member.scopes, refresh_token, settings)


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def log_out(order: RefreshOrder, session: Session, settings: Config, clock: ShedClock) -> None:
    """End what began with this login. An unknown token gets the same reply."""
    await end_family(session, order.refresh_token.get_secret_value(), settings, await clock.now())


def _pair(
    response: Response, member: Member, scopes: list[str], refresh_token: str, settings: Config
) -> Tokens:
    response.headers["Cache-Control"] = "no-store"
    return Tokens(
        access_token=create_access_token(member, scopes, settings),
        refresh_token=refresh_token,
        expires_in=settings.access_minutes * 60,
        scope=" ".join(scopes),
    )
