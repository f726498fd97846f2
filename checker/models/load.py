"""What `MetricResult.detail` holds for M4: the load test's latencies, beside those of the reference app."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Latencies:
    """Milliseconds at some percentiles of one app, corrected for coordinated omission."""

    samples: int
    p50: float
    p95: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadDetail:
    """One load test: the learner's app at a fixed open-loop `rate`, and the reference app in the same run.

    The histograms are pairs of percentile (0 to 100) and milliseconds, both rising.
    """

    samples: int
    rate: float
    p50: float
    p95: float
    p99: float
    max: float
    reference: Latencies | None = None
    histogram: tuple[tuple[float, float], ...] = ()
    reference_histogram: tuple[tuple[float, float], ...] = ()
    reason: str = ""
    """Why the outcome is what it is, where the number alone does not say so."""


def read_load_detail(detail: Mapping[str, Any]) -> LoadDetail | None:
    """The typed form of M4's `detail`; None where nothing was measured or a number makes no sense."""
    try:
        found = msgspec.convert(dict(detail), LoadDetail)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    numbers = [found.rate, found.p50, found.p95, found.p99, found.max]
    numbers += [number for point in (*found.histogram, *found.reference_histogram) for number in point]
    if not all(math.isfinite(number) and number >= 0 for number in numbers):
        return None
    return found
