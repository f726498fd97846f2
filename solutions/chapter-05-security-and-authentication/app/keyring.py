"""Keys for machines: how they are made, and how one is recognised."""

# region 5.5
import hashlib
import secrets

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import ApiKey
from app.schemas import KeyOrder


async def make_key(session: AsyncSession, order: KeyOrder) -> tuple[ApiKey, str]:
    """A new row, and the key itself, which nobody can read from it."""
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe()
    row = ApiKey(name=order.name, prefix=prefix, digest=_digest(secret), scopes=list(order.scopes))
    session.add(row)
    await session.flush()
    return row, f"{prefix}.{secret}"


async def find_key(session: AsyncSession, key: str) -> ApiKey | None:
    """The row of a key that has not been revoked."""
    prefix, _, secret = key.partition(".")
    row = await session.scalar(select(ApiKey).where(ApiKey.prefix == prefix, ApiKey.revoked_at.is_(None)))
    # In constant time: how long a comparison takes must not tell how much of the guess was right.
    if row is None or not secrets.compare_digest(row.digest, _digest(secret)):
        return None
    return row


def _digest(secret: str) -> str:
    """Enough for 256 random bits; slow hashes are for what people think up."""
    return hashlib.sha256(secret.encode()).hexdigest()


# endregion
