"""Access tokens: made at the door, read at every other one."""

# region 5.3
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import jwt
from pydantic import BaseModel, Field, ValidationError

from app.models import Member
from app.schemas import LARGEST_ID
from app.settings import Settings

ALGORITHM = "HS256"
AUDIENCE = "toolshed"


class BadToken(Exception):
    """This is no access token of ours, or it is over."""


class AccessClaims(BaseModel):
    """What an access token says."""

    sub: Annotated[int, Field(ge=1, le=LARGEST_ID)]
    type: Literal["access"]
    scope: str = ""


def create_access_token(member: Member, scopes: list[str], settings: Settings) -> str:
    """A token for this member, good for a quarter of an hour."""
    now = datetime.now(UTC)
    claims = {
        "sub": str(member.id),
        "aud": AUDIENCE,
        "type": "access",
        "scope": " ".join(scopes),
        "iat": now,
        "exp": now + timedelta(minutes=settings.access_minutes),
    }
    return jwt.encode(claims, settings.jwt_key.get_secret_value(), ALGORITHM)


def read_access_token(token: str, settings: Settings) -> AccessClaims:
    """The claims of a token that is ours, fresh, and made for this purpose; `BadToken` otherwise."""
    try:
        claims = jwt.decode(
            token,
            settings.jwt_key.get_secret_value(),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            options={"require": ["exp", "aud", "sub", "type"]},
        )
        return AccessClaims.model_validate(claims)
    except (jwt.InvalidTokenError, ValidationError) as error:
        raise BadToken from error


# endregion
