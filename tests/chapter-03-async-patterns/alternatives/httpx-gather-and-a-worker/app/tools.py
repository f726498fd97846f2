"""The tools of the workshop."""

from fastapi import APIRouter, Request
from sqlalchemy import select

from app.models import Tool
from app.schemas import ToolOut
from app.workshop import workshop_of

router = APIRouter(tags=["tools"])


@router.get("/tools")
async def read_tools(request: Request) -> list[ToolOut]:
    """The first hundred tools."""
    async with workshop_of(request).sessions() as session:
        tools = await session.scalars(select(Tool).order_by(Tool.id).limit(100))
        return [ToolOut.model_validate(tool) for tool in tools]
