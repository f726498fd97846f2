"""The stewards' desk: `/staff`. Chapter 5 puts a lock on it."""

# region 1.5
from fastapi import APIRouter

from app.inventory import Shed, ToolRecord
from app.models import Tool, ToolId
from app.problems import NOT_FOUND, tool_or_404

# endregion

router = APIRouter(prefix="/staff")


@router.get("/inventory")
async def list_inventory(shed: Shed) -> list[ToolRecord]:
    """Everything that is stored, loans included; the checker reads it, so keep it as it is."""
    return shed.all()


# region 1.5
class StaffTool(Tool):
    """A tool with what the public does not see."""

    supplier_email: str | None
    purchase_note: str | None


@router.get("/tools/{tool_id}", response_model=StaffTool, responses=NOT_FOUND)
async def read_staff_tool(tool_id: ToolId, shed: Shed) -> ToolRecord:
    """One tool with what the public does not see."""
    return tool_or_404(shed, tool_id)


# endregion
