"""The unit of work of a request, committed by whoever knows that all is done."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Annotated, Self

from fastapi import Depends, HTTPException
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import SessionMaker
from app.dependencies import Sessions


class UnitOfWork:
    """Holds one session; what has not been committed is undone when it is left."""

    session: AsyncSession

    def __init__(self, sessions: SessionMaker) -> None:
        self._sessions = sessions

    async def __aenter__(self) -> Self:
        self.session = self._sessions()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.rollback()
        await self.session.close()

    async def commit(self) -> None:
        """Make it last, or say that it was refused."""
        try:
            await self.session.commit()
        except IntegrityError:
            await self.session.rollback()
            raise HTTPException(409, "The shed's books do not agree with this.") from None


async def get_work(sessions: Sessions) -> AsyncIterator[UnitOfWork]:
    """One unit of work a request."""
    async with UnitOfWork(sessions) as work:
        yield work


Work = Annotated[UnitOfWork, Depends(get_work)]


async def get_session(work: Work) -> AsyncSession:
    """The session inside it."""
    return work.session


Session = Annotated[AsyncSession, Depends(get_session)]
