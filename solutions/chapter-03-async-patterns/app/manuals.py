"""Manuals, from the catalogue."""

# region 3.3 3.8
import asyncio

import httpx2
from fastapi import APIRouter, HTTPException, Request, status
from pydantic import ValidationError

from app.database import find_tool
from app.deadline import Deadline, DeadlineHeader
from app.schemas import Manual, ManualOut, Problem, RowId
from app.workshop import workshop_of

router = APIRouter(
    tags=["manuals"],
    responses={
        status.HTTP_404_NOT_FOUND: {"model": Problem},
        status.HTTP_502_BAD_GATEWAY: {"model": Problem},
        status.HTTP_504_GATEWAY_TIMEOUT: {"model": Problem},
    },
)


@router.get("/tools/{tool_id}/manual")
async def read_manual(tool_id: RowId, request: Request, deadline_ms: DeadlineHeader = None) -> ManualOut:
    """Where the manual of a tool is to be found."""
    workshop = workshop_of(request)
    deadline = Deadline(workshop.settings.catalogue_seconds, deadline_ms)
    tool = await find_tool(workshop.sessions, tool_id)
    try:
        async with asyncio.timeout(deadline.left_s):
            reply = await workshop.client.get(f"/manuals/{tool.model}", headers=deadline.headers)
    except (TimeoutError, httpx2.TimeoutException) as error:
        raise HTTPException(status.HTTP_504_GATEWAY_TIMEOUT, "The catalogue does not answer.") from error
    except httpx2.HTTPError as error:
        raise HTTPException(status.HTTP_502_BAD_GATEWAY, "The catalogue cannot be reached.") from error
    if reply.status_code == status.HTTP_404_NOT_FOUND:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "The catalogue knows no manual of this tool.")
    if reply.is_error:
        raise HTTPException(status.HTTP_502_BAD_GATEWAY, f"The catalogue says {reply.status_code}.")
    try:
        manual = Manual.model_validate_json(reply.content)
    except ValidationError as error:
        raise HTTPException(status.HTTP_502_BAD_GATEWAY, "The catalogue talks nonsense.") from error
    return ManualOut(tool_id=tool.id, url=manual.url, pages=manual.pages)


# endregion
