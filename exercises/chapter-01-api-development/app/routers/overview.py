"""What hangs on the wall: categories, the noticeboard, and a sign that the desk is open."""

# region 1.5
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from app.inventory import Shed, ToolRecord

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
@router.get("/categories")
async def list_categories(shed: Shed) -> list[dict[str, Any]]:
    """Every category with the number of its tools and the latest of them."""
    by_category: dict[str, list[ToolRecord]] = {}
    for tool in shed.all():
        by_category.setdefault(tool.category, []).append(tool)
    return [
        {
            "slug": slug,
            "tools": len(tools),
            "latest": tools[-1].model_dump(exclude={"loans"}) | {"available": tools[-1].available},
        }
        for slug, tools in sorted(by_category.items())
    ]


# endregion


# region 1.5
@router.get("/noticeboard")
async def show_noticeboard(shed: Shed) -> JSONResponse:
    """The five latest tools, newest first."""
    return JSONResponse(
        [
            tool.model_dump(mode="json", exclude={"loans"}) | {"available": tool.available}
            for tool in reversed(shed.all()[-5:])
        ]
    )


# endregion
