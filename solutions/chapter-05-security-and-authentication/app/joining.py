"""How one becomes a member."""

# region 5.1
import logging
from typing import Annotated

from fastapi import APIRouter, HTTPException, Response, status
from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, SecretStr
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
    # One spelling for every email, so that the database can tell whether it is taken.
    email: Annotated[EmailStr, AfterValidator(str.lower)]
    password: SecretStr = Field(min_length=10, max_length=200)


@router.post(
    "/members",
    status_code=status.HTTP_201_CREATED,
    responses={status.HTTP_409_CONFLICT: {"model": Problem}},
)
async def join(joining: Joining, session: Session, hasher: Hasher, response: Response) -> MemberOut:
    """Open an account."""
    if await session.scalar(select(Member.id).where(Member.email == joining.email)) is not None:
        raise HTTPException(status.HTTP_409_CONFLICT, "A member has this email already.")
    password_hash = await hash_password(hasher, joining.password.get_secret_value())
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
