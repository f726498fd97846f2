"""Keys for machines: how they are made, and how one is recognised."""

# region 5.5
# TODO(5.5): keep keys so that nobody can read them from the database, and find one again that was not revoked.
# Who may lend, and to whom, is decided in lending.py.
import secrets

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import ApiKey
from app.schemas import KeyOrder


async def make_key(session: AsyncSession, order: KeyOrder) -> tuple[ApiKey, str]:
    """A new row, and the key itself."""
    key = secrets.token_urlsafe(32)
    row = ApiKey(name=order.name, prefix=key[:8], digest=key, scopes=list(order.scopes))
    session.add(row)
    await session.flush()
    return row, key


async def find_key(session: AsyncSession, key: str) -> ApiKey | None:
    """The row of a key."""
    return await session.scalar(select(ApiKey).where(ApiKey.digest == key))


# endregion
