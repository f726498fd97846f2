"""Recalls: five sources, asked at the same time."""

import asyncio
from typing import Any

import httpx
from fastapi import APIRouter, Request
from pydantic import ValidationError

from app import deadline
from app.database import find_tool, remember, remembered
from app.schemas import Found, FoundList, Problem, RecallOut, RecallsOut, RowId
from app.workshop import Workshop, workshop_of

router = APIRouter(tags=["recalls"], responses={404: {"model": Problem}})


@router.get("/tools/{tool_id}/recalls")
async def read_recalls(
    tool_id: RowId, request: Request, deadline_ms: deadline.DeadlineHeader = None
) -> RecallsOut:
    """Ask all sources for recalls of a tool; those that do not answer are named."""
    workshop = workshop_of(request)
    end = deadline.ends_at(workshop.settings.recall_seconds, deadline_ms)
    tool = await find_tool(workshop.sessions, tool_id)
    turn = asyncio.Semaphore(3)

    async def ask(source: str) -> FoundList:
        async with turn:
            headers = deadline.travelling(end, deadline_ms)
            reply = await workshop.client.get(f"/recalls/{source}/{tool.model}", headers=headers)
        return FoundList.model_validate_json(reply.raise_for_status().content)

    calls = {source: asyncio.create_task(ask(source)) for source in workshop.settings.recall_sources}
    everything = asyncio.gather(*calls.values(), return_exceptions=True)
    gone = asyncio.create_task(client_gone(request))
    ends: set[asyncio.Future[Any]] = {everything, gone}
    try:
        await asyncio.wait(ends, timeout=deadline.left(end), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (*calls.values(), gone):
            task.cancel()
        await asyncio.gather(*calls.values(), gone, return_exceptions=True)
    found = {source: call.result().recalls for source, call in calls.items() if succeeded(call)}
    await store(workshop, tool.id, found)
    return RecallsOut(
        tool_id=tool.id,
        recalls=[RecallOut(source=name, **one.model_dump()) for name, some in found.items() for one in some],
        failed=[name for name in calls if name not in found],
    )


def succeeded(call: asyncio.Task[FoundList]) -> bool:
    """Whether it has a result; a failure that nobody has foreseen is raised."""
    if call.cancelled():
        return False
    error = call.exception()
    if error is not None and not isinstance(error, httpx.HTTPError | ValidationError):
        raise error
    return error is None


async def client_gone(request: Request) -> None:
    """Ends when the client has hung up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def store(workshop: Workshop, tool_id: int, found: dict[str, list[Found]]) -> None:
    """Store it all in one session, by one task."""
    async with workshop.sessions() as session:
        for source, recalls in found.items():
            await remember(session, tool_id, source, recalls)
        await session.commit()


@router.get("/tools/{tool_id}/recalls/stored")
async def read_stored_recalls(tool_id: RowId, request: Request) -> RecallsOut:
    """What the sources said last, without asking them."""
    workshop = workshop_of(request)
    tool = await find_tool(workshop.sessions, tool_id)
    async with workshop.sessions() as session:
        recalls = [RecallOut.model_validate(one) for one in await remembered(session, tool.id)]
    return RecallsOut(tool_id=tool.id, recalls=recalls)
