"""Numbers for the shed's slips."""

from sqlalchemy import update

from app.models import Number
from app.session import Session


def draw_number(session: Session) -> int:
    """The next number of the shed's slips; none is given out twice."""
    drawn = update(Number).where(Number.name == "slips").values(value=Number.value + 1)
    number: int | None = session.scalar(drawn.returning(Number.value))
    if number is None:
        raise LookupError("The table `numbers` has no row `slips`.")
    return number
