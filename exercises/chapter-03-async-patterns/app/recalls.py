"""Recalls: five sources, asked at the same time."""

# region 3.5 3.8
# TODO(3.5): one source after the other, and all is lost when one fails. Ask three at a time, keep what was found, name
#            those that failed, and leave nothing running behind.
from fastapi import APIRouter, Request, status

from app.database import find_tool, remember, remembered
from app.schemas import FoundList, Problem, RecallOut, RecallsOut, RowId
from app.workshop import workshop_of

router = APIRouter(tags=["recalls"], responses={status.HTTP_404_NOT_FOUND: {"model": Problem}})


@router.get("/tools/{tool_id}/recalls")
async def read_recalls(tool_id: RowId, request: Request) -> RecallsOut:
    """Ask all sources for recalls of a tool."""
    workshop = workshop_of(request)
    tool = await find_tool(workshop.sessions, tool_id)
    recalls: list[RecallOut] = []
    async with workshop.sessions.begin() as session:
        for source in workshop.settings.recall_sources:
            reply = await workshop.client.get(f"/recalls/{source}/{tool.model}")
            answer = FoundList.model_validate_json(reply.raise_for_status().content)
            await remember(session, tool.id, source, answer.recalls)
            recalls += [RecallOut(source=source, **one.model_dump()) for one in answer.recalls]
    return RecallsOut(tool_id=tool.id, recalls=recalls)


# endregion


@router.get("/tools/{tool_id}/recalls/stored")
async def read_stored_recalls(tool_id: RowId, request: Request) -> RecallsOut:
    """What the sources said last, without asking them."""
    workshop = workshop_of(request)
    tool = await find_tool(workshop.sessions, tool_id)
    async with workshop.sessions() as session:
        recalls = [RecallOut.model_validate(one) for one in await remembered(session, tool.id)]
    return RecallsOut(tool_id=tool.id, recalls=recalls)
