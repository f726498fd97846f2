"""Recalls: five sources, asked at the same time."""

# region 3.5 3.8
import asyncio

import httpx2
from fastapi import APIRouter, Request, status
from pydantic import ValidationError

from app.database import find_tool, remember, remembered
from app.deadline import Deadline, DeadlineHeader
from app.models import Tool
from app.schemas import Found, FoundList, Problem, RecallOut, RecallsOut, RowId
from app.workshop import Workshop, workshop_of

AT_ONCE = 3

router = APIRouter(tags=["recalls"], responses={status.HTTP_404_NOT_FOUND: {"model": Problem}})


@router.get("/tools/{tool_id}/recalls")
async def read_recalls(tool_id: RowId, request: Request, deadline_ms: DeadlineHeader = None) -> RecallsOut:
    """Ask all sources for recalls of a tool; those that do not answer are named."""
    workshop = workshop_of(request)
    deadline = Deadline(workshop.settings.recall_seconds, deadline_ms)
    tool = await find_tool(workshop.sessions, tool_id)
    found: dict[str, list[Found]] = {}
    try:
        async with asyncio.timeout(deadline.left_s) as limit, asyncio.TaskGroup() as group:
            watch = group.create_task(stop_when_gone(request, limit))
            await ask_all(workshop, tool, deadline, found)
            watch.cancel()
    except TimeoutError:
        pass  # Whoever has not answered by now has failed; the group has ended all calls.
    return RecallsOut(
        tool_id=tool.id,
        recalls=[RecallOut(source=name, **one.model_dump()) for name in found for one in found[name]],
        failed=[name for name in workshop.settings.recall_sources if name not in found],
    )


async def ask_all(workshop: Workshop, tool: Tool, deadline: Deadline, found: dict[str, list[Found]]) -> None:
    """Ask three sources at a time, until all have answered or failed; `found` grows as they answer."""
    at_once = asyncio.Semaphore(AT_ONCE)

    async def ask(source: str) -> None:
        async with at_once:
            try:
                reply = await workshop.client.get(f"/recalls/{source}/{tool.model}", headers=deadline.headers)
                answer = FoundList.model_validate_json(reply.raise_for_status().content)
            except (httpx2.HTTPError, ValidationError):
                return
        # A session of this task's own: five tasks, five sessions.
        async with workshop.sessions.begin() as session:
            await remember(session, tool.id, source, answer.recalls)
        found[source] = answer.recalls

    async with asyncio.TaskGroup() as group:
        for source in workshop.settings.recall_sources:
            group.create_task(ask(source))


async def stop_when_gone(request: Request, limit: asyncio.Timeout) -> None:
    """End what runs under `limit` as soon as nobody waits for the reply any more."""
    while not await request.is_disconnected():
        await asyncio.sleep(0.1)
    limit.reschedule(asyncio.get_running_loop().time())


# endregion


@router.get("/tools/{tool_id}/recalls/stored")
async def read_stored_recalls(tool_id: RowId, request: Request) -> RecallsOut:
    """What the sources said last, without asking them."""
    workshop = workshop_of(request)
    tool = await find_tool(workshop.sessions, tool_id)
    async with workshop.sessions() as session:
        recalls = [RecallOut.model_validate(one) for one in await remembered(session, tool.id)]
    return RecallsOut(tool_id=tool.id, recalls=recalls)
