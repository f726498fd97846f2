"""How one becomes a member."""

# region 5.1
import logging

from fastapi import APIRouter, HTTPException, Response, status
from pydantic import BaseModel, ConfigDict, EmailStr, Field
from sqlalchemy import select

from app.dependencies import Hasher
from app.models import Member
from app.passwords import hash_password
from app.schemas import MemberOut, Problem
from app.session import Session

router = APIRouter(tags=["members"])
logger = logging.getLogger(__name__)


class Joining(BaseModel):
    """What somebody who wants to join fills in."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    email: EmailStr
    password: str = Field(min_length=10, max_length=200)


@router.post(
    "/members",
    status_code=status.HTTP_201_CREATED,
    responses={status.HTTP_409_CONFLICT: {"model": Problem}},
)
async def join(joining: Joining, session: Session, hasher: Hasher, response: Response) -> MemberOut:
    """Open an account."""
    logger.warning("somebody wants to join: %s", joining)
    if await session.scalar(select(Member.id).where(Member.email == joining.email)) is not None:
        raise HTTPException(status.HTTP_409_CONFLICT, "A member has this email already.")
    password_hash = await hash_password(hasher, joining.password)
    member = Member(
        name=joining.name,
        email=joining.email,
        password_hash=password_hash,
        scopes=["me", "loans:own"],
    )
    session.add(member)
    await session.flush()
    logger.info("member %d has joined", member.id)
    response.headers["Location"] = "/me"
    return MemberOut.model_validate(member)


# endregion
