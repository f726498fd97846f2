"""What a late tool costs."""

from datetime import date

from app.models import Loan


def days_late(loan: Loan, today: date) -> int:
    """Days after the due day; the due day itself is not late."""
    return max(0, (today - loan.due_on).days)


def late_fee(loan: Loan, today: date) -> int:
    """Cents for every day late, and never more than the tool is worth."""
    return min(days_late(loan, today) * loan.tool.category.late_fee_cents, loan.tool.value_cents)
