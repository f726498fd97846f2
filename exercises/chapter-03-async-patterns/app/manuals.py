"""Manuals, from the catalogue."""

# region 3.3 3.8
import httpx2
from fastapi import APIRouter, Request, status

from app.database import find_tool
from app.schemas import Manual, ManualOut, Problem, RowId
from app.workshop import workshop_of

router = APIRouter(tags=["manuals"], responses={status.HTTP_404_NOT_FOUND: {"model": Problem}})


@router.get("/tools/{tool_id}/manual")
async def read_manual(tool_id: RowId, request: Request) -> ManualOut:
    """Where the manual of a tool is to be found."""
    workshop = workshop_of(request)
    tool = await find_tool(workshop.sessions, tool_id)
    async with httpx2.AsyncClient(base_url=workshop.settings.catalogue_url) as client:
        reply = await client.get(f"/manuals/{tool.model}")
    reply.raise_for_status()
    manual = Manual.model_validate_json(reply.content)
    return ManualOut(tool_id=tool.id, url=manual.url, pages=manual.pages)


# endregion
