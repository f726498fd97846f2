"""What hangs on the wall: categories, the noticeboard, and a sign that the desk is open."""

# region 1.5
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from app.inventory import Shed, ToolRecord
from app.models import Tool

# endregion

router = APIRouter()


class Health(BaseModel):
    """The process is up."""

    status: Literal["ok"] = "ok"


@router.get("/health/live")
async def health() -> Health:
    """Say that the process is up."""
    return Health()


# region 1.5
class CategorySummary(BaseModel):
    """A category, how many tools it has, and the one that came last."""

    slug: str
    tools: int
    latest: Tool


@router.get("/categories")
async def list_categories(shed: Shed) -> list[CategorySummary]:
    """Every category with the number of its tools and the latest of them."""
    by_category: dict[str, list[ToolRecord]] = {}
    for tool in shed.all():
        by_category.setdefault(tool.category, []).append(tool)
    return [
        CategorySummary(
            slug=slug, tools=len(tools), latest=Tool.model_validate(tools[-1], from_attributes=True)
        )
        for slug, tools in sorted(by_category.items())
    ]


# endregion


# region 1.5
@router.get("/noticeboard", response_model=list[Tool])
async def show_noticeboard(shed: Shed) -> list[ToolRecord]:
    """The five latest tools, newest first."""
    return list(reversed(shed.all()[-5:]))


# endregion
