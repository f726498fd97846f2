"""Featured tools, and what hangs on the wall."""

from itertools import groupby, islice

from fastapi import APIRouter

from app.schemas import Alive, CategoryOut, ToolOut
from app.shed import ShedNow

wall = APIRouter(tags=["wall"])
router = APIRouter(tags=["tools"])


@wall.get("/health/live")
async def live() -> Alive:
    return Alive(status="ok")


@wall.get("/categories")
async def categories(shed: ShedNow) -> list[CategoryOut]:
    found = []
    rows = sorted(shed.rows.values(), key=lambda row: (row.category, row.id))
    for slug, group in groupby(rows, key=lambda row: row.category):
        members = list(group)
        found.append(CategoryOut(slug=slug, tools=len(members), latest=members[-1].public()))
    return found


@wall.get("/noticeboard")
async def noticeboard(shed: ShedNow) -> list[ToolOut]:
    return [shed.rows[number].public() for number in islice(sorted(shed.rows, reverse=True), 5)]


@router.get("/featured")
async def featured(shed: ShedNow) -> list[ToolOut]:
    rows = list(shed.rows.values())
    rows.sort(key=lambda row: row.id)
    rows.sort(key=lambda row: len(row.loans), reverse=True)
    return [row.public() for row in rows[:3]]
