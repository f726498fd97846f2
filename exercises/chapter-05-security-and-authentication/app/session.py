"""The database session of a request."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, HTTPException, status
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.dependencies import Sessions


async def get_session(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """The unit of work of one request: committed before the reply leaves, undone when anything is raised."""
    try:
        async with sessions() as session:
            yield session
            await session.commit()
    except IntegrityError as error:
        raise HTTPException(status.HTTP_409_CONFLICT, "The database refused what was written.") from error


Session = Annotated[AsyncSession, Depends(get_session, scope="function")]
