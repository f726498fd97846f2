"""Receipts go to the post office."""

from app.workshop import Workshop


def promise_receipt(workshop: Workshop, loan_id: int) -> None:
    """Hand the receipt over; somebody else sends it."""
    workshop.post_office.take(loan_id)
