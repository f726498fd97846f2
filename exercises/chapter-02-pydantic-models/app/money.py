"""Amounts are whole cents."""


def deposit_for(value_cents: int) -> int:
    """A tenth of the value from 100 euros up, rounded up to whole euros; nothing below."""
    return -(-value_cents // 1000) * 100 if value_cents >= 10_000 else 0
