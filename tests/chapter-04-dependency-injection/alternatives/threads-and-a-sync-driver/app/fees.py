"""What a late tool costs."""

from datetime import date

from app.models import Loan


def days_late(loan: Loan, today: date) -> int:
    """Whole days past the due day."""
    return max(today.toordinal() - loan.due_on.toordinal(), 0)


def late_fee(loan: Loan, today: date) -> int:
    """A day's rate for each, as long as the tool is worth it."""
    fee = loan.tool.category.late_fee_cents * days_late(loan, today)
    return min(fee, loan.tool.value_cents)
