"""Manuals and spare parts, from the catalogue."""

from fastapi import APIRouter, Request

from app import deadline
from app.catalogue import fetch, fetch_stubbornly, understood
from app.database import find_tool
from app.schemas import Manual, ManualOut, PartList, PartsOut, Problem, RowId
from app.workshop import workshop_of

router = APIRouter(tags=["catalogue"], responses={status: {"model": Problem} for status in (404, 502, 504)})


@router.get("/tools/{tool_id}/manual")
async def read_manual(
    tool_id: RowId, request: Request, deadline_ms: deadline.DeadlineHeader = None
) -> ManualOut:
    """Where the manual of a tool is to be found."""
    workshop = workshop_of(request)
    end = deadline.ends_at(workshop.settings.catalogue_seconds, deadline_ms)
    tool = await find_tool(workshop.sessions, tool_id)
    reply = await fetch(
        workshop.client,
        f"/manuals/{tool.model}",
        deadline.left(end),
        deadline.travelling(end, deadline_ms),
    )
    return ManualOut(tool_id=tool.id, **understood(reply, Manual).model_dump())


@router.get("/tools/{tool_id}/parts")
async def read_parts(tool_id: RowId, request: Request) -> PartsOut:
    """The spare parts of a tool."""
    workshop = workshop_of(request)
    tool = await find_tool(workshop.sessions, tool_id)
    reply = await fetch_stubbornly(workshop.client, f"/parts/{tool.model}")
    return PartsOut(tool_id=tool.id, **understood(reply, PartList).model_dump())
