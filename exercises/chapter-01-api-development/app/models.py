"""What goes over the wire and is shared: parameters, bodies and replies."""

# region 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8
from pydantic import BaseModel

from app.inventory import Condition

# Types that several models or path operations share can stand here.
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
    # TODO(1.5): the last two are nobody's business but the stewards'. Two routes in app/routers/overview.py
    #            show them too, each in its own way, and app/routers/staff.py lacks one that should.
    supplier_email: str | None
    purchase_note: str | None
    # endregion


# region 1.3 1.7
class ToolIn(BaseModel):
    """A tool as it is sent, whole."""

    name: str
    category: str
    description: str | None = None
    condition: Condition = Condition.GOOD
    value_cents: int
    copies: int = 1
    supplier_email: str | None = None
    purchase_note: str | None = None


# endregion
