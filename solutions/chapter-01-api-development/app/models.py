"""What goes over the wire: parameters, bodies and replies."""

# region 1.1 1.3 1.4 1.5 1.6 1.7 1.8
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from app.inventory import Condition

ToolId = Annotated[int, Path(ge=1, description="The number on the tool's tag.")]

Name = Annotated[str, Field(min_length=2, max_length=80)]
Category = Annotated[str, Field(min_length=2, max_length=40, pattern=r"^[a-z][a-z0-9-]*$")]
Cents = Annotated[int, Field(ge=0, le=1_000_000)]
Copies = Annotated[int, Field(ge=1, le=50)]
Email = Annotated[str, Field(max_length=254)]
Text = Annotated[str, Field(max_length=500)]
# endregion


class Tool(BaseModel):
    """A tool as the API shows it."""

    id: int
    name: str
    category: str
    description: str | None
    condition: Condition
    value_cents: int
    copies: int
    available: bool
    # region 1.5


class StaffTool(Tool):
    """The same tool as stewards see it."""

    supplier_email: str | None
    purchase_note: str | None


class CategorySummary(BaseModel):
    """A category, how many tools it has, and the one that came last."""

    slug: str
    tools: int
    latest: Tool
    # endregion


# region 1.3
class ToolIn(BaseModel, extra="forbid"):
    """A tool as it is sent, whole: nothing that the shed decides itself, such as the number."""

    # endregion
    # region 1.7
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Cordless drill 18 V",
                    "category": "drills",
                    "description": "Two batteries and a charger.",
                    "condition": "good",
                    "value_cents": 12900,
                    "copies": 2,
                    "supplier_email": "orders@example.com",
                    "purchase_note": "Bought second-hand.",
                }
            ]
        }
    )
    # endregion
    # region 1.3
    name: Name
    category: Category
    description: Text | None = None
    condition: Condition = Condition.GOOD
    value_cents: Cents
    copies: Copies = 1
    supplier_email: Email | None = None
    purchase_note: Text | None = None
    # endregion


# region 1.4
# A key that was not sent has no value, and `exclude_unset` drops it. A plain default would stand in the
# OpenAPI document, and generated clients would send it.
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


# endregion


class Health(BaseModel):
    """The process is up."""

    status: Literal["ok"] = "ok"
