"""Tokens by python-jose: each claim is required, for it requires none by itself."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from jose import JWTError, jwt

from app.schemas import LARGEST_ID
from app.settings import Settings

ALGORITHM = "HS256"
ACCESS = "toolshed"
REFRESH = "toolshed-refresh"


def make_access(member_id: int, settings: Settings) -> str:
    """A token that says who somebody is, for some minutes."""
    return _make(
        {"sub": str(member_id), "type": "access"},
        ACCESS,
        datetime.now(UTC) + timedelta(minutes=settings.access_minutes),
        settings,
    )


def make_refresh(family: str, serial: int, settings: Settings, now: datetime) -> str:
    """The n-th token of a login."""
    claims = {"sub": family, "serial": serial, "type": "refresh"}
    return _make(claims, REFRESH, now + timedelta(days=settings.refresh_days), settings)


def member_in(token: str, settings: Settings) -> int | None:
    """The number of the member whose access token this is."""
    claims = _read(token, ACCESS, "access", settings)
    text = claims.get("sub", "") if claims else ""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    number = int(text)
    return number if number <= LARGEST_ID else None


def family_in(token: str, settings: Settings, now: datetime) -> tuple[str, int] | None:
    """Login and serial number of a refresh token that is ours, by the shed's clock."""
    claims = _read(token, REFRESH, "refresh", settings, verify_exp=False)
    if claims is None or claims["exp"] <= now.timestamp():
        return None
    return claims["sub"], claims["serial"]


def _make(claims: Mapping[str, object], audience: str, expires: datetime, settings: Settings) -> str:
    whole = {**claims, "aud": audience, "exp": expires}
    return jwt.encode(whole, settings.jwt_key.get_secret_value(), algorithm=ALGORITHM)


def _read(
    token: str, audience: str, kind: str, settings: Settings, *, verify_exp: bool = True
) -> dict[str, Any] | None:
    try:
        claims = jwt.decode(
            token,
            settings.jwt_key.get_secret_value(),
            algorithms=[ALGORITHM],
            audience=audience,
            options={"require_exp": True, "require_aud": True, "require_sub": True, "verify_exp": verify_exp},
        )
    except JWTError:
        return None
    return claims if claims.get("type") == kind else None
