"""The database session of a request."""

# region 4.2
# TODO(4.2): tell no lie. This is the usual `get_db`; when does its commit run, and who hears of it when it fails?
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from app.dependencies import Sessions


async def get_session(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """A session for the request."""
    async with sessions() as session:
        yield session
        await session.commit()


Session = Annotated[AsyncSession, Depends(get_session)]
# endregion
