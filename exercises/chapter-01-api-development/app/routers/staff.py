"""The stewards' desk: `/staff`. Chapter 5 puts a lock on it."""

# region 1.5
from fastapi import APIRouter

from app.inventory import Shed, ToolRecord

# endregion

router = APIRouter(prefix="/staff")


@router.get("/inventory")
async def list_inventory(shed: Shed) -> list[ToolRecord]:
    """Everything that is stored, loans included; the checker reads it, so keep it as it is."""
    return shed.all()


# region 1.5
# `GET /staff/tools/{tool_id}` of task 1.5 goes here.
# endregion
