"""What the shed holds, in memory: records, the store, and the dependency that hands it out."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel

SAMPLE = Path(__file__).with_name("sample_tools.json")


class Condition(StrEnum):
    """How worn a tool is; a broken one stays in the catalogue until it is mended."""

    NEW = "new"
    GOOD = "good"
    WORN = "worn"
    BROKEN = "broken"


class Loan(BaseModel):
    """One copy of a tool, lent once; open until it has come back."""

    id: int
    due_on: date
    returned_at: datetime | None = None


class ToolRecord(BaseModel):
    """A tool as the shed stores it, private fields and loans included."""

    id: int
    name: str
    category: str
    description: str | None = None
    condition: Condition
    value_cents: int
    copies: int
    supplier_email: str | None = None
    purchase_note: str | None = None
    loans: list[Loan] = []

    @property
    def open_loans(self) -> list[Loan]:
        """The loans that have not come back."""
        return [loan for loan in self.loans if loan.returned_at is None]

    @property
    def available(self) -> bool:
        """At least one copy is in the shed."""
        return len(self.open_loans) < self.copies


class Inventory:
    """The tools by number, kept in memory. Nothing here waits, so no call is ever interrupted by another."""

    def __init__(self, tools: Iterable[ToolRecord] = ()) -> None:
        self._tools = {tool.id: tool for tool in tools}
        self._numbers = count(max(self._tools, default=0) + 1)

    def all(self) -> list[ToolRecord]:
        """Every tool, lowest number first."""
        return sorted(self._tools.values(), key=lambda tool: tool.id)

    def get(self, tool_id: int) -> ToolRecord | None:
        """The tool with this number, or None."""
        return self._tools.get(tool_id)

    def find(self, name: str, category: str) -> ToolRecord | None:
        """The tool of this name in this category, or None; there is at most one."""
        found = (tool for tool in self._tools.values() if (tool.name, tool.category) == (name, category))
        return next(found, None)

    def next_id(self) -> int:
        """A number that no tool has had before."""
        return next(self._numbers)

    def save(self, tool: ToolRecord) -> None:
        """Store the tool under its number, new or in place of the old one."""
        self._tools[tool.id] = tool

    def remove(self, tool_id: int) -> None:
        """Forget the tool with this number; there has to be one."""
        del self._tools[tool_id]


class Seed(BaseModel):
    """What a seed file may hold; other lists in it are for other desks."""

    tools: list[ToolRecord] = []


def load_inventory(seed_file: str | None) -> Inventory:
    """The inventory of a seed file, or the sample tools where none is named."""
    return Inventory(Seed.model_validate_json(Path(seed_file or SAMPLE).read_bytes()).tools)


async def get_inventory(request: Request) -> Inventory:
    """The running app's inventory."""
    inventory: Inventory = request.app.state.inventory
    return inventory


Shed = Annotated[Inventory, Depends(get_inventory)]
"""A parameter of this type receives the inventory; chapter 4 explains how."""
