"""Refusals that several path operations share: when they happen, what they say, how they are documented."""

# region 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Header, HTTPException, status
from pydantic import BaseModel

from app.inventory import Inventory, ToolRecord


class Problem(BaseModel):
    """The body of a refusal."""

    detail: str


Responses = dict[int | str, dict[str, Any]]

NOT_FOUND: Responses = {404: {"model": Problem, "description": "There is no tool of this number."}}
CONFLICT: Responses = {409: {"model": Problem, "description": "The shed's present state forbids it."}}
CHANGE_REFUSED: Responses = {
    **NOT_FOUND,
    **CONFLICT,
    412: {"model": Problem, "description": "The tool has changed since its `ETag` was read."},
    428: {"model": Problem, "description": "The request carries no `If-Match`."},
}

IfMatch = Annotated[str | None, Header(description="The `ETag` that the change is based on, or `*`.")]


def tool_or_404(inventory: Inventory, tool_id: int) -> ToolRecord:
    """The tool with this number; refuses where there is none."""
    tool = inventory.get(tool_id)
    if tool is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no tool {tool_id}.")
    return tool


def refuse_duplicate(inventory: Inventory, tool: ToolRecord) -> None:
    """Refuse a tool whose name another one has in the same category."""
    other = inventory.find(tool.name, tool.category)
    if other is not None and other.id != tool.id:
        raise HTTPException(
            status.HTTP_409_CONFLICT, f"Tool {other.id} is already called {tool.name!r} in {tool.category!r}."
        )


def etag_of(tool: ToolRecord) -> str:
    """A tag that changes with every change of the tool."""
    return f'"{sha256(tool.model_dump_json().encode()).hexdigest()[:32]}"'


def refuse_stale(tool: ToolRecord, if_match: str | None) -> None:
    """Refuse a change that is not based on the tool as it is now."""
    if if_match is None:
        raise HTTPException(status.HTTP_428_PRECONDITION_REQUIRED, "Send `If-Match` with the tool's `ETag`.")
    tags = {tag.strip() for tag in if_match.split(",")}
    if not tags & {"*", etag_of(tool)}:
        raise HTTPException(
            status.HTTP_412_PRECONDITION_FAILED, f"Tool {tool.id} has changed; read it again, then repeat."
        )


# endregion
