"""For stewards."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from app.schemas import Refusal, ToolForStaff, ToolRow
from app.shed import ShedNow

router = APIRouter(tags=["staff"], responses={404: {"model": Refusal}})


@router.get("/inventory")
async def inventory(shed: ShedNow) -> list[ToolRow]:
    return [shed.rows[number] for number in sorted(shed.rows)]


@router.get("/tools/{number}")
async def tool_for_staff(number: Annotated[int, Path(ge=1)], shed: ShedNow) -> ToolForStaff:
    if number not in shed.rows:
        raise HTTPException(404)
    return shed.rows[number].for_staff()
