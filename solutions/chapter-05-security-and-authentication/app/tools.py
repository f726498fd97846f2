"""The catalogue: anybody may look, some may change it."""

from fastapi import APIRouter, HTTPException, status
from sqlalchemy import select

from app.guards import needs
from app.models import Tool
from app.schemas import Problem, RowId, ToolOrder, ToolOut
from app.session import Session

router = APIRouter()
visitors = APIRouter(prefix="/tools", tags=["tools"])
# region 5.6
staff = APIRouter(
    prefix="/tools",
    tags=["tools"],
    dependencies=[needs("tools:write")],
    responses={
        status.HTTP_401_UNAUTHORIZED: {"model": Problem},
        status.HTTP_403_FORBIDDEN: {"model": Problem},
    },
)
# endregion


@visitors.get("")
async def list_tools(session: Session) -> list[ToolOut]:
    """The first hundred tools."""
    tools = await session.scalars(select(Tool).order_by(Tool.id).limit(100))
    return [ToolOut.model_validate(tool) for tool in tools]


@staff.post("", status_code=status.HTTP_201_CREATED)
async def add_tool(order: ToolOrder, session: Session) -> ToolOut:
    """Add a tool."""
    tool = Tool(name=order.name, available=order.available)
    session.add(tool)
    await session.flush()
    return ToolOut.model_validate(tool)


@staff.delete(
    "/{tool_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses={status.HTTP_404_NOT_FOUND: {"model": Problem}},
)
async def remove_tool(tool_id: RowId, session: Session) -> None:
    """Take a tool out of the catalogue."""
    tool = await session.get(Tool, tool_id)
    if tool is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such tool.")
    await session.delete(tool)


for part in (visitors, staff):
    router.include_router(part)
