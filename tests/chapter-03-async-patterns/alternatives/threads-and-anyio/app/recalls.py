"""Recalls: five sources, asked at the same time."""

from functools import partial

import anyio
import httpx2
from fastapi import APIRouter, Request
from pydantic import ValidationError
from sqlalchemy import select

from app.database import find_tool, remember
from app.models import Recall, Tool
from app.schemas import FoundList, Problem, RecallOut, RecallsOut, RowId
from app.workshop import Workshop, workshop_of

router = APIRouter(tags=["recalls"], responses={404: {"model": Problem}})


class Round:
    """One round of questions about one tool."""

    def __init__(self, workshop: Workshop, tool: Tool) -> None:
        self._workshop = workshop
        self._tool = tool
        self._limiter = anyio.CapacityLimiter(3)
        self.recalls: list[RecallOut] = []
        self.failed = list(workshop.settings.recall_sources)

    async def ask_all(self, scope: anyio.CancelScope) -> None:
        """Ask, and end the scope when all have answered."""
        async with anyio.create_task_group() as group:
            for source in self._workshop.settings.recall_sources:
                group.start_soon(self._ask, source)
        scope.cancel()

    async def _ask(self, source: str) -> None:
        async with self._limiter:
            try:
                reply = await self._workshop.client.get(f"/recalls/{source}/{self._tool.model}")
                reply.raise_for_status()
                found = FoundList.model_validate_json(reply.content).recalls
            except (httpx2.HTTPError, ValidationError):
                return
        # A thread cannot be cancelled half-way, so what is being stored counts as found.
        with anyio.CancelScope(shield=True):
            await self._workshop.database.ask(
                partial(remember, tool_id=self._tool.id, source=source, found=found)
            )
        self.recalls += [RecallOut(source=source, **one.model_dump()) for one in found]
        self.failed.remove(source)


@router.get("/tools/{tool_id}/recalls")
async def read_recalls(tool_id: RowId, request: Request) -> RecallsOut:
    """Ask all sources for recalls of a tool; those that do not answer are named."""
    workshop = workshop_of(request)
    tool = await workshop.database.ask(lambda session: find_tool(session, tool_id))
    asked = Round(workshop, tool)
    with anyio.move_on_after(workshop.settings.recall_seconds):
        async with anyio.create_task_group() as group:
            group.start_soon(end_when_gone, request, group.cancel_scope)
            group.start_soon(asked.ask_all, group.cancel_scope)
    return RecallsOut(tool_id=tool.id, recalls=asked.recalls, failed=asked.failed)


async def end_when_gone(request: Request, scope: anyio.CancelScope) -> None:
    """Cancel the scope once the client has hung up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


@router.get("/tools/{tool_id}/recalls/stored")
def read_stored_recalls(tool_id: RowId, request: Request) -> RecallsOut:
    """What the sources said last, without asking them."""
    with workshop_of(request).database.sessions() as session:
        tool = find_tool(session, tool_id)
        query = select(Recall).where(Recall.tool_id == tool.id).order_by(Recall.id).limit(100)
        recalls = [RecallOut.model_validate(one) for one in session.scalars(query)]
    return RecallsOut(tool_id=tool.id, recalls=recalls)
