"""The database session of a request."""

# region 4.2
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, HTTPException, status
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.dependencies import Sessions


async def get_session(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """The unit of work of one request: committed before the reply leaves, undone when anything fails."""
    try:
        async with sessions.begin() as session:
            yield session
    except IntegrityError as error:
        raise HTTPException(status.HTTP_409_CONFLICT, "The database refused what was written.") from error


# One alias for everybody: the scope is part of the cache key, so a second spelling would be a second session.
Session = Annotated[AsyncSession, Depends(get_session, scope="function")]
# endregion
