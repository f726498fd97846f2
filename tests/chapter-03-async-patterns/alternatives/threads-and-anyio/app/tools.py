"""The tools of the workshop, and their labels."""

from fastapi import APIRouter, Request, status
from sqlalchemy import select

from app.database import find_tool
from app.models import Tool
from app.schemas import LabelOut, Problem, RowId, ToolOut
from app.workshop import workshop_of

router = APIRouter(tags=["tools"])


@router.get("/tools")
def read_tools(request: Request) -> list[ToolOut]:
    """The first hundred tools."""
    with workshop_of(request).database.sessions() as session:
        tools = session.scalars(select(Tool).order_by(Tool.id).limit(100))
        return [ToolOut.model_validate(tool) for tool in tools]


@router.post(
    "/tools/{tool_id}/label",
    status_code=status.HTTP_201_CREATED,
    responses={status.HTTP_404_NOT_FOUND: {"model": Problem}},
)
def print_label(tool_id: RowId, request: Request) -> LabelOut:
    """Print the label of a tool; a plain `def`, so it runs in a thread."""
    workshop = workshop_of(request)
    with workshop.database.sessions() as session:
        tool = find_tool(session, tool_id)
    return LabelOut(tool_id=tool.id, text=workshop.printer.print_label(tool.id, tool.name))
