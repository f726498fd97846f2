"""Access tokens by joserfc."""

from datetime import UTC, datetime, timedelta

from fastapi import HTTPException
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from app.models import Member

CLAIMS = jwt.JWTClaimsRegistry(
    sub={"essential": True},
    aud={"essential": True, "value": "toolshed"},
    type={"essential": True, "value": "access"},
    exp={"essential": True},
)


def issue(member: Member, key: OctKey, minutes: int) -> str:
    """A token that says who this is."""
    claims = {
        "sub": f"{member.id}",
        "aud": "toolshed",
        "type": "access",
        "exp": int((datetime.now(UTC) + timedelta(minutes=minutes)).timestamp()),
    }
    return jwt.encode({"alg": "HS256"}, claims, key)


def subject(token: str, key: OctKey) -> int:
    """The member's number; `ValueError` for whatever is no fresh access token of ours."""
    try:
        claims = jwt.decode(token, key, algorithms=["HS256"]).claims
        CLAIMS.validate(claims)
    except JoseError as error:
        raise ValueError("no access token of ours") from error
    number = int(claims["sub"])
    if not 0 < number < 2**63:
        raise ValueError("no member's number")
    return number


def who_are_you() -> HTTPException:
    return HTTPException(401, "Please log in.", {"WWW-Authenticate": 'Bearer realm="toolshed"'})
