"""Amounts."""


def deposit_for(value_cents: int) -> int:
    """The least deposit."""
    hundreds = (value_cents + 999) // 1000
    return 0 if value_cents < 10_000 else hundreds * 100
