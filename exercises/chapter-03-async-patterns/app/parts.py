"""Spare parts, from the part of the catalogue that fails now and then."""

# region 3.4
# TODO(3.4): what fails now and then may well go right a moment later. Try three times, with a pause that grows, and
#            tell what is worth another try from what is not.
from fastapi import APIRouter, Request, status

from app.database import find_tool
from app.schemas import PartList, PartsOut, Problem, RowId
from app.workshop import workshop_of

router = APIRouter(tags=["parts"], responses={status.HTTP_404_NOT_FOUND: {"model": Problem}})


@router.get("/tools/{tool_id}/parts")
async def read_parts(tool_id: RowId, request: Request) -> PartsOut:
    """The spare parts of a tool."""
    workshop = workshop_of(request)
    tool = await find_tool(workshop.sessions, tool_id)
    reply = await workshop.client.get(f"/parts/{tool.model}")
    reply.raise_for_status()
    found = PartList.model_validate_json(reply.content)
    return PartsOut(tool_id=tool.id, parts=found.parts)


# endregion
