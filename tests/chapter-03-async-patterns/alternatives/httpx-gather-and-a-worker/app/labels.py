"""Labels for tools."""

import asyncio

from fastapi import APIRouter, Request, status

from app.database import find_tool
from app.schemas import LabelOut, Problem, RowId
from app.workshop import workshop_of

router = APIRouter(tags=["labels"], responses={status.HTTP_404_NOT_FOUND: {"model": Problem}})


@router.post("/tools/{tool_id}/label", status_code=status.HTTP_201_CREATED)
async def print_label(tool_id: RowId, request: Request) -> LabelOut:
    """Print the label of a tool."""
    workshop = workshop_of(request)
    tool = await find_tool(workshop.sessions, tool_id)
    text = await asyncio.to_thread(workshop.printer.print_label, tool.id, tool.name)
    return LabelOut(tool_id=tool.id, text=text)
