"""What a late tool costs."""

# region 4.6
from datetime import date

from app.models import Loan


def days_late(loan: Loan, today: date) -> int:
    """Days after the due day."""
    return (today - loan.due_on).days


def late_fee(loan: Loan, today: date) -> int:
    """Cents; nobody has asked for any yet."""
    return 0


# endregion
