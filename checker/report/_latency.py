"""The latency picture: percentile against milliseconds, the learner's app beside the reference app."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from checker.models.load import LoadDetail

WIDTH = 640
HEIGHT = 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 44

_LAST = 99.9
# Each nine takes the same room: that is where slow requests hide.
_TICKS = (0.0, 50.0, 90.0, 95.0, 99.0, _LAST)
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A grid line at `at` (in the picture's units) with its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What the template draws; lines are the `points` of an SVG polyline."""

    app: str
    reference: str
    target: float | None
    """The height of the target line; None where it lies outside the picture."""
    target_label: str
    columns: tuple[Tick, ...]
    rows: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def draw_latencies(load: LoadDetail, target: float | None, unit: str) -> Picture | None:
    """The picture of a load test; None where there is no curve to draw."""
    app, reference = _points(load.histogram), _points(load.reference_histogram)
    if len(app) < 2:
        return None
    values = [ms for _, ms in (*app, *reference)]
    if target is not None and target > 0 and math.isfinite(target):
        values.append(target)
    low, high = _round_down(min(values)), _round_up(max(values))
    return Picture(
        app=_line(app, low, high),
        reference=_line(reference, low, high) if len(reference) > 1 else "",
        target=None if target is None or not low <= target <= high else _y(target, low, high),
        target_label="" if target is None else f"target {_number(target)} {unit}",
        columns=tuple(Tick(at=_x(p), label=_number(p)) for p in _TICKS),
        rows=tuple(Tick(at=_y(ms, low, high), label=_number(ms)) for ms in _grid(low, high)),
    )


def _points(histogram: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    # A logarithm needs a positive number; no reply is faster than a hundredth of a millisecond.
    return [(p, max(ms, 0.01)) for p, ms in histogram if p <= 100]


def _line(points: list[tuple[float, float]], low: float, high: float) -> str:
    return " ".join(f"{_x(p):.1f},{_y(ms, low, high):.1f}" for p, ms in points)


def _x(percentile: float) -> float:
    share = -math.log10(1 - min(percentile, _LAST) / 100) / -math.log10(1 - _LAST / 100)
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _y(ms: float, low: float, high: float) -> float:
    share = math.log(ms / low) / math.log(high / low)
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _round_down(value: float) -> float:
    decade = 10.0 ** math.floor(math.log10(value))
    return max(step * decade for step in _STEPS if step * decade <= value * 1.000001)


def _round_up(value: float) -> float:
    decade = 10.0 ** math.floor(math.log10(value))
    # One step beyond, so that no curve runs along the picture's edge.
    return min(step * decade for step in (*_STEPS, 10, 20) if step * decade > value * 1.1)


def _grid(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    decades = [10.0**power for power in range(first, last + 1)]
    steps = _STEPS if last - first <= 3 else (1,)
    return [
        step * decade for decade in decades for step in steps if low * 0.999 <= step * decade <= high * 1.001
    ]


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")
