"""Spare parts, from the part of the catalogue that fails now and then."""

# region 3.4
import asyncio

import httpx2
from fastapi import APIRouter, HTTPException, Request, status
from pydantic import ValidationError

from app.database import find_tool
from app.schemas import PartList, PartsOut, Problem, RowId
from app.workshop import Workshop, workshop_of

PAUSES = (0.1, 0.2)
"""Seconds before the second try, and before the third."""
TRY_S = 0.5
"""How long one try may take."""

router = APIRouter(
    tags=["parts"],
    responses={
        status.HTTP_404_NOT_FOUND: {"model": Problem},
        status.HTTP_502_BAD_GATEWAY: {"model": Problem},
    },
)


@router.get("/tools/{tool_id}/parts")
async def read_parts(tool_id: RowId, request: Request) -> PartsOut:
    """The spare parts of a tool."""
    workshop = workshop_of(request)
    tool = await find_tool(workshop.sessions, tool_id)
    reply = await ask_again(workshop, f"/parts/{tool.model}")
    if reply is not None and reply.status_code == status.HTTP_404_NOT_FOUND:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "The catalogue knows no parts of this tool.")
    if reply is None or reply.is_error:
        raise HTTPException(status.HTTP_502_BAD_GATEWAY, "The catalogue fails.")
    try:
        found = PartList.model_validate_json(reply.content)
    except ValidationError as error:
        raise HTTPException(status.HTTP_502_BAD_GATEWAY, "The catalogue talks nonsense.") from error
    return PartsOut(tool_id=tool.id, parts=found.parts)


async def ask_again(workshop: Workshop, path: str) -> httpx2.Response | None:
    """The first answer that is no passing trouble, or what came last; None where nothing came at all."""
    reply = await ask_once(workshop, path)
    for pause in PAUSES:
        if reply is not None and reply.status_code < status.HTTP_500_INTERNAL_SERVER_ERROR:
            return reply
        await asyncio.sleep(pause)
        reply = await ask_once(workshop, path)
    return reply


async def ask_once(workshop: Workshop, path: str) -> httpx2.Response | None:
    """One try; None where no whole answer comes in time."""
    try:
        async with asyncio.timeout(TRY_S):
            return await workshop.client.get(path)
    except (TimeoutError, httpx2.HTTPError):
        return None


# endregion
