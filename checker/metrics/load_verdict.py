"""Whether a p95 is below its target, above it, or not to be told from the machine's noise.

Pure arithmetic on the slices of one run; no clock, no process. The two clear answers are guarded from both sides:

- **passed** asks for little: noise can only make answers later, so answers that come in time did so in spite of it.
- **failed** asks for much: so many late answers that a p95 below the target is out of the question (one run in two
  thousand), after the worst slice has been dropped, after all that a machine so much slower than itself can
  have added has been taken off, and while the reference app had no late answer.
- between them lies **inconclusive**, wide enough that noise does not carry an app from one clear answer to the other.

An app that answers one request at a time has a queue, and a queue wanders: one late answer makes the next one late, so a
hundred answers say no more than a few would. It shows in that neighbours are alike; then the slices, which are apart, are
what is counted, and both clear answers ask for a distance that the spread between slices does not bridge.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from checker.models.report import MetricOutcome

_BEYOND_P95 = 0.05
_SURE_OF_FAILURE = 0.0005
_SURE_OF_PASSING = 0.05
_GROWING = 0.25
"""How much later each request may be answered than the one before, in parts of the time between two."""
_ALIKE = 0.5
"""The correlation of one answer's latency with the next from which on a queue is what is measured."""
_PASSING_SPREADS, _FAILING_ERRORS, _FAILING_SHARE = 3.0, 4.0, 0.6
"""Found in simulation (`tests/metrics/test_load_verdict.py`): the smallest with which no app that queues flips in 1 run of 100."""

Slices = Sequence[Sequence[float]]
"""Latencies of one app in milliseconds: a sequence for each slice, in the order of sending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer and, where the number alone does not say it, why."""

    outcome: MetricOutcome
    reason: str
    slowdown: float
    """How many times slower than itself the machine was seen to be during the run; 1 for a quiet one."""


def judge_latency(
    app: Slices, reference: Slices, *, target_ms: float, interval_ms: float, crowding: Sequence[float] = ()
) -> Verdict:
    """Judge one run. `interval_ms` lies between two requests, `crowding` was measured between the slices."""
    slowdown = _slowdown(reference, crowding)
    reference_is_late = _late(_without_worst(reference, target_ms), target_ms) > 0
    if _is_clearly_late(app, target_ms, interval_ms, slowdown) and not reference_is_late:
        return Verdict(outcome=MetricOutcome.FAILED, reason="", slowdown=slowdown)
    if percentile([latency for one in app for latency in one], 95) >= target_ms:
        return _inconclusive(
            slowdown,
            "The reference app was late in the same run, so the machine was too busy for an answer. Run it again "
            "with less going on beside it."
            if reference_is_late
            else f"Some answers were late, but too few, or on too busy a machine, to say that p95 is above {target_ms:g} ms.",
        )
    if not _is_clearly_in_time(app, target_ms):
        if not _late(app, target_ms):
            return _inconclusive(slowdown, "There were too few requests to tell; a longer load test could.")
        return _inconclusive(slowdown, f"Too many answers lie about {target_ms:g} ms to call p95 below it.")
    if _growth(app, interval_ms) > _GROWING:
        return _inconclusive(
            slowdown,
            "Each answer came later than the one before: at this rate a queue grows, and a longer test would not pass.",
        )
    return Verdict(outcome=MetricOutcome.PASSED, reason="", slowdown=slowdown)


def percentile(latencies: Sequence[float], percent: float) -> float:
    """The smallest latency that at least `percent` of all do not exceed; 0 where there is none."""
    if not latencies:
        return 0.0
    ordered = sorted(latencies)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def _is_clearly_late(app: Slices, target_ms: float, interval_ms: float, slowdown: float) -> bool:
    # Two readings of the same slices, each of which a slow machine could have made from an app in time.
    queues = _queues(app)
    stretched = [[latency / slowdown for latency in one] for one in app]
    queued = [_without_queue(one, interval_ms, slowdown) for one in app]
    for reading in (stretched, queued):
        kept = _without_worst(reading, target_ms)
        count, late = sum(map(len, kept)), _late(kept, target_ms)
        # With a p95 below the target, this many late answers or more come once in two thousand runs.
        if count == 0 or 1 - _binomial_cdf(late - 1, count) > _SURE_OF_FAILURE:
            return False
        if queues and _sure_mean(reading) < _FAILING_SHARE * target_ms:
            return False
    return True


def _queues(app: Slices) -> bool:
    """Whether answers are as late as the one before them in most slices, as they are behind a queue."""
    # Less than a microsecond between them is rounding.
    varied = [one for one in app if len(one) > 4 and max(one) - min(one) > 0.001]
    alike = [_correlation(one) for one in varied]
    return bool(alike) and statistics.median(alike) > _ALIKE


def _correlation(latencies: Sequence[float]) -> float:
    """How much each latency says about the next: 1 for a steady rise, 0 for answers that have nothing to do with each other."""
    mean = statistics.fmean(latencies)
    off = [latency - mean for latency in latencies]
    return sum(a * b for a, b in itertools.pairwise(off)) / sum(a * a for a in off)


def _sure_mean(slices: Slices) -> float:
    """The mean latency of a slice, less what four slices leave unsure."""
    means = [statistics.fmean(one) for one in slices if one]
    if len(means) < 2:
        return 0.0
    return statistics.fmean(means) - _FAILING_ERRORS * statistics.stdev(means) / math.sqrt(len(means))


def _without_queue(latencies: Sequence[float], interval_ms: float, slowdown: float) -> list[float]:
    """What the slice would have been on a machine `slowdown` times faster, for an app that answers one at a time.

    There a little less time for each request is much less time in the queue.
    """
    quicker: list[float] = []
    free = free_then = 0.0
    for number, latency in enumerate(latencies):
        due = number * interval_ms
        done = due + latency
        worked = max(0.0, done - max(due, free))
        free = max(free, done)
        free_then = max(due, free_then) + worked / slowdown
        quicker.append(free_then - due)
    return quicker


def _is_clearly_in_time(app: Slices, target_ms: float) -> bool:
    kept = _without_worst(app, target_ms)
    count = sum(map(len, kept))
    if count == 0 or _binomial_cdf(_late(kept, target_ms), count) > _SURE_OF_PASSING:
        return False
    tops = [max(one) for one in app if one]
    if not _queues(app) or len(tops) < 2:
        return True
    return statistics.fmean(tops) + _PASSING_SPREADS * statistics.stdev(tops) < target_ms


def _without_worst(slices: Slices, limit_ms: float) -> list[Sequence[float]]:
    """All but the slice with the most late answers: one hiccup of the machine lies in one slice."""
    ordered = sorted(slices, key=lambda one: _late([one], limit_ms))
    return ordered[:-1] if len(ordered) > 2 else ordered


def _late(slices: Slices, limit_ms: float) -> int:
    return sum(latency >= limit_ms for one in slices for latency in one)


def _slowdown(reference: Slices, crowding: Sequence[float]) -> float:
    medians = sorted(statistics.median(one) for one in reference if one)
    # A millisecond on both sides: timers are no finer, and 1 ms against 2 ms is no slower machine.
    drift = (medians[-2] + 1) / (medians[0] + 1) if len(medians) > 2 else 1.0
    crowded = sorted(crowding)
    return max(1.0, drift, crowded[-2] if len(crowded) > 2 else 1.0)


def _growth(app: Slices, interval_ms: float) -> float:
    """The median slope of the slices: 0 for a server that keeps pace, 1 for one that answers at half the rate."""
    slopes = [statistics.linear_regression(range(len(one)), one).slope for one in app if len(one) > 4]
    return statistics.median(slopes) / interval_ms if slopes else 0.0


def _binomial_cdf(most: int, count: int) -> float:
    """The chance of `most` or fewer late answers of `count`, where each is late once in twenty times."""
    total = math.lgamma(count + 1)
    late, in_time = math.log(_BEYOND_P95), math.log1p(-_BEYOND_P95)
    return min(
        1.0,
        sum(
            math.exp(
                total - math.lgamma(k + 1) - math.lgamma(count - k + 1) + k * late + (count - k) * in_time
            )
            for k in range(min(most, count) + 1)
        ),
    )


def _inconclusive(slowdown: float, reason: str) -> Verdict:
    return Verdict(outcome=MetricOutcome.INCONCLUSIVE, reason=reason, slowdown=slowdown)
