"""The catalogue: `/tools`."""

# region 1.1 1.2 1.3 1.4 1.6 1.7 1.8
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Response, status
from pydantic import BaseModel, Field

from app.inventory import Condition, Inventory, Shed, ToolRecord
from app.models import Category, Cents, Copies, Email, Name, Text, Tool, ToolId, ToolIn
from app.problems import (
    CHANGE_REFUSED,
    CONFLICT,
    NOT_FOUND,
    IfMatch,
    etag_of,
    refuse_duplicate,
    refuse_stale,
    tool_or_404,
)

# endregion

router = APIRouter(prefix="/tools")

# Every function here is `async def` and awaits nothing between reading the inventory and writing it, so no
# other request can come in between. Chapter 3 shows when that stops being true.


# region 1.2
class Search(BaseModel, extra="forbid"):
    """What `GET /tools` understands; anything else is refused."""

    q: Annotated[str | None, Field(min_length=1, max_length=80)] = None
    category: list[str] = []
    available: bool | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    offset: Annotated[int, Field(ge=0)] = 0

    def accepts(self, tool: ToolRecord) -> bool:
        """The tool is among what was asked for."""
        text = f"{tool.name}\n{tool.description or ''}".casefold()
        return (
            (self.q is None or self.q.casefold() in text)
            and (not self.category or tool.category in self.category)
            and (self.available is None or tool.available is self.available)
        )


@router.get("", response_model=list[Tool])
async def list_tools(search: Annotated[Search, Query()], shed: Shed) -> list[ToolRecord]:
    """Search the catalogue, lowest number first."""
    found = [tool for tool in shed.all() if search.accepts(tool)]
    return found[search.offset : search.offset + search.limit]


# endregion


# region 1.1 1.8
@router.get("/featured", response_model=list[Tool])
async def list_featured_tools(shed: Shed) -> list[ToolRecord]:
    """The three tools that are lent most."""
    return sorted(shed.all(), key=lambda tool: (-len(tool.loans), tool.id))[:3]


@router.get("/{tool_id}", response_model=Tool, responses=NOT_FOUND)
async def read_tool(tool_id: ToolId, shed: Shed, response: Response) -> ToolRecord:
    """One tool; the `ETag` goes into the `If-Match` of a change."""
    tool = tool_or_404(shed, tool_id)
    response.headers["ETag"] = etag_of(tool)
    return tool


# endregion


# region 1.3
@router.post("", response_model=Tool, status_code=status.HTTP_201_CREATED, responses=CONFLICT)
async def create_tool(body: ToolIn, shed: Shed, response: Response) -> ToolRecord:
    """Add a tool to the catalogue."""
    tool = ToolRecord(id=shed.next_id(), **body.model_dump())
    refuse_duplicate(shed, tool)
    shed.save(tool)
    response.headers["Location"] = f"{router.prefix}/{tool.id}"
    return tool


# endregion


# region 1.4 1.8
# A key that was not sent has no value, and `exclude_unset` drops it. A plain default would stand in the OpenAPI
# document, and generated clients would send it.
UNSENT: Any = Field(default_factory=lambda: None)


class ToolPatch(BaseModel, extra="forbid"):
    """The keys of a tool that are to change; null empties those that may be empty."""

    name: Name = UNSENT
    category: Category = UNSENT
    description: Text | None = UNSENT
    condition: Condition = UNSENT
    value_cents: Cents = UNSENT
    copies: Copies = UNSENT
    supplier_email: Email | None = UNSENT
    purchase_note: Text | None = UNSENT


@router.put("/{tool_id}", response_model=Tool, responses=CHANGE_REFUSED)
async def replace_tool(
    tool_id: ToolId, body: ToolIn, shed: Shed, response: Response, if_match: IfMatch = None
) -> ToolRecord:
    """Replace everything about a tool but its number and its loans."""
    return change(shed, tool_id, body.model_dump(), if_match, response)


@router.patch("/{tool_id}", response_model=Tool, responses=CHANGE_REFUSED)
async def amend_tool(
    tool_id: ToolId, body: ToolPatch, shed: Shed, response: Response, if_match: IfMatch = None
) -> ToolRecord:
    """Change the keys that are sent, and no others."""
    return change(shed, tool_id, body.model_dump(exclude_unset=True), if_match, response)


def change(
    shed: Inventory, tool_id: int, values: dict[str, Any], if_match: str | None, response: Response
) -> ToolRecord:
    """Give a tool these values, unless that would undo another's change or make a duplicate."""
    tool = tool_or_404(shed, tool_id)
    refuse_stale(tool, if_match)
    changed = tool.model_copy(update=values)
    refuse_duplicate(shed, changed)
    shed.save(changed)
    response.headers["ETag"] = etag_of(changed)
    return changed


# endregion


# region 1.6
@router.delete("/{tool_id}", status_code=status.HTTP_204_NO_CONTENT, responses={**NOT_FOUND, **CONFLICT})
async def delete_tool(tool_id: ToolId, shed: Shed) -> None:
    """Take a tool out of the catalogue, unless a copy is out."""
    tool = tool_or_404(shed, tool_id)
    if tool.open_loans:
        numbers = ", ".join(str(loan.id) for loan in tool.open_loans)
        raise HTTPException(status.HTTP_409_CONFLICT, f"Tool {tool_id} is out; open loans: {numbers}.")
    shed.remove(tool_id)


# endregion
