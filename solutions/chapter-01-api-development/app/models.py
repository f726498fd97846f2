"""What goes over the wire and is shared: parameters, bodies and replies."""

# region 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8
from typing import Annotated

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
    # What only stewards see is in `StaffTool`, in app/routers/staff.py.
    # endregion


# region 1.3 1.7
class ToolIn(BaseModel):
    """A tool as it is sent, whole: nothing that the shed decides itself, such as the number."""

    model_config = ConfigDict(
        extra="forbid",
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
        },
    )

    name: Name
    category: Category
    description: Text | None = None
    condition: Condition = Condition.GOOD
    value_cents: Cents
    copies: Copies = 1
    supplier_email: Email | None = None
    purchase_note: Text | None = None


# endregion
