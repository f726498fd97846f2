"""The catalogue: `/tools`."""

# region 1.1 1.2 1.3 1.4 1.6 1.7 1.8
from fastapi import APIRouter, HTTPException, status

from app.inventory import Shed, ToolRecord
from app.models import Tool, ToolIn

# endregion

router = APIRouter(prefix="/tools")

# Every function here is `async def` and awaits nothing between reading the inventory and writing it, so no
# other request can come in between. Chapter 3 shows when that stops being true.


# region 1.2
# TODO(1.2): search by `q`, `category` and `available`, page by `limit` and `offset`, refuse the rest.
@router.get("", response_model=list[Tool])
async def list_tools(shed: Shed) -> list[ToolRecord]:
    """Search the catalogue, lowest number first."""
    return shed.all()


# endregion


# region 1.1 1.8
# TODO(1.1): answer with the tool of this number, 404 where there is none, 422 below 1. `GET /tools/featured`
#            belongs here too; mind which of the two stands first.
@router.get("/{tool_id}", response_model=Tool)
async def read_tool(tool_id: int, shed: Shed) -> ToolRecord:
    """One tool."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "Task 1.1 is still to do.")


# endregion


# region 1.3
# TODO(1.3): 201 with `Location`, 409 for a tool that is there already, and a `ToolIn` (app/models.py) that
#            lets nothing through which the task sheet forbids.
@router.post("", response_model=Tool)
async def create_tool(body: ToolIn, shed: Shed) -> ToolRecord:
    """Add a tool to the catalogue."""
    tool = ToolRecord(id=shed.next_id(), **body.model_dump())
    shed.save(tool)
    return tool


# endregion


# region 1.4 1.8
# TODO(1.4): PUT and PATCH.
# TODO(1.8): nobody's change gets lost (stretch).
# endregion


# region 1.6
# TODO(1.6): DELETE.
# endregion
