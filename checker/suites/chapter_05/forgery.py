"""Tokens made by hand, as an attacker makes them: HMAC and base64, and no JWT library in between."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from checker.suite import CheckFailed

_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token, unverified; fails the check where it is no signed JWT."""
    try:
        header, claims, _ = token.split(".")
        found = tuple(json.loads(_unpack(part)) for part in (header, claims))
    except ValueError:
        found = ()
    if len(found) != 2 or not all(isinstance(part, dict) for part in found):
        raise CheckFailed(expected="an access token that is a signed JWT", received=token[:200])
    return found


def sign(claims: Any, key: str, *, algorithm: str = "HS256", header: Mapping[str, Any] | None = None) -> str:
    """A signed token with these claims."""
    signed = f"{encode({'alg': algorithm, 'typ': 'JWT', **(header or {})})}.{encode(claims)}"
    signature = hmac.new(key.encode(), signed.encode(), _HASHES[algorithm]).digest()
    return f"{signed}.{_base64(signature)}"


def unsigned(claims: Any, algorithm: str) -> str:
    """A token that says of itself that it needs no signature."""
    return f"{encode({'alg': algorithm, 'typ': 'JWT'})}.{encode(claims)}."


def with_claims(token: str, claims: Mapping[str, Any]) -> str:
    """The token with other claims under the old signature."""
    header, _, signature = token.split(".")
    return f"{header}.{encode(claims)}.{signature}"


def encode(value: Any) -> str:
    """A part of a token: JSON in base64, without padding."""
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpack(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
