"""Accounts: joining, looking at one's own, leaving."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, status
from pydantic import BaseModel, EmailStr, SecretStr, StringConstraints, field_validator
from sqlalchemy import func, select

from app.auth import Me
from app.dependencies import Passwords
from app.hashes import make_hash
from app.models import Loan, Member
from app.schemas import MemberOut, Problem
from app.session import Session

router = APIRouter()


class SignUp(BaseModel):
    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    email: EmailStr
    password: SecretStr

    @field_validator("password")
    @classmethod
    def long_enough(cls, password: SecretStr) -> SecretStr:
        if not 10 <= len(password) <= 500:
            raise ValueError("between 10 and 500 letters")
        return password


@router.post("/members", status_code=201, responses={409: {"model": Problem}})
async def sign_up(form: SignUp, session: Session, passwords: Passwords) -> MemberOut:
    """Open an account."""
    taken = select(func.count()).select_from(Member).where(func.lower(Member.email) == form.email.lower())
    if await session.scalar(taken):
        raise HTTPException(status.HTTP_409_CONFLICT, "This email is taken.")
    member = Member(
        name=form.name,
        email=form.email.lower(),
        scopes=["me", "loans:own"],
        password_hash=await make_hash(passwords, form.password.get_secret_value()),
    )
    session.add(member)
    await session.flush()
    return MemberOut.model_validate(member)


@router.get("/me")
async def read_me(me: Me) -> MemberOut:
    """Your account."""
    return MemberOut.model_validate(me)


@router.delete("/me", status_code=204, responses={409: {"model": Problem}})
async def leave(me: Me, session: Session) -> None:
    """Close your account."""
    if await session.scalar(select(func.count()).select_from(Loan).where(Loan.member_id == me.id)):
        raise HTTPException(status.HTTP_409_CONFLICT, "Bring your tools back first.")
    await session.delete(me)
