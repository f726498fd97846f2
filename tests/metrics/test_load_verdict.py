"""M4's verdict: pure arithmetic, under simulated apps on simulated machines."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checker.metrics.load_verdict import Slices, judge_latency, percentile
from checker.models.report import MetricOutcome

TARGET = 100.0
INTERVAL = 10.0
SLICES, LENGTH = 4, 25

Draw = Callable[[random.Random], float]
"""One service time of an app, in milliseconds."""


def judge(app: Slices, reference: Slices, crowding: tuple[float, ...] = ()) -> MetricOutcome:
    return judge_latency(app, reference, target_ms=TARGET, interval_ms=INTERVAL, crowding=crowding).outcome


def flat(milliseconds: float) -> list[list[float]]:
    return [[milliseconds] * LENGTH for _ in range(SLICES)]


# What must be clear


def test_a_quick_app_passes() -> None:
    assert judge(flat(5), flat(4)) is MetricOutcome.PASSED


def test_a_slow_app_beside_a_quick_reference_fails() -> None:
    assert judge(flat(130), flat(4)) is MetricOutcome.FAILED


def test_a_slow_app_beside_a_slow_reference_is_inconclusive() -> None:
    verdict = judge_latency(flat(130), flat(120), target_ms=TARGET, interval_ms=INTERVAL)
    assert verdict.outcome is MetricOutcome.INCONCLUSIVE
    assert verdict.reason.startswith("The reference app was late in the same run")


def test_one_hiccup_does_not_fail_an_app() -> None:
    app = flat(5)
    app[2] = [400.0] * LENGTH
    assert judge(app, flat(4)) is MetricOutcome.INCONCLUSIVE


def test_one_hiccup_of_the_reference_does_not_save_an_app() -> None:
    reference = flat(4)
    reference[2] = [400.0] * LENGTH
    assert judge(flat(300), reference) is MetricOutcome.FAILED


def test_a_crowded_machine_stretches_the_target() -> None:
    assert judge(flat(130), flat(4), (1.4,) * 8) is MetricOutcome.INCONCLUSIVE
    assert judge(flat(300), flat(4), (1.4,) * 8) is MetricOutcome.FAILED


def test_one_crowded_moment_stretches_nothing() -> None:
    assert judge(flat(130), flat(4), (1.0,) * 7 + (9.0,)) is MetricOutcome.FAILED


def test_a_queue_that_grows_does_not_pass() -> None:
    growing = [[4.0 * number for number in range(LENGTH)] for _ in range(SLICES)]
    assert percentile(growing[0], 100) < TARGET
    assert judge(growing, flat(4)) is MetricOutcome.INCONCLUSIVE


def test_a_handful_of_requests_is_no_proof() -> None:
    few = [[5.0] * 3] * SLICES
    assert judge(few, few) is MetricOutcome.INCONCLUSIVE


def test_nothing_measured_is_no_proof() -> None:
    assert judge([], []) is MetricOutcome.INCONCLUSIVE


def test_long_runs_do_not_overflow() -> None:
    long = [[5.0] * 20_000 for _ in range(SLICES)]
    assert judge(long, long) is MetricOutcome.PASSED
    assert judge([[150.0] * 20_000 for _ in range(SLICES)], long) is MetricOutcome.FAILED


@pytest.mark.parametrize("count", [1, 19, 20, 100, 101])
def test_the_percentile_is_the_smallest_that_enough_do_not_exceed(count: int) -> None:
    latencies = [float(number) for number in range(1, count + 1)]
    found = percentile(latencies, 95)
    assert sum(latency <= found for latency in latencies) >= 0.95 * count
    assert sum(latency < found for latency in latencies) < 0.95 * count


# What must hold of every run

LATENCIES = st.lists(st.floats(0, 2000), min_size=LENGTH, max_size=LENGTH)
RUNS = st.lists(LATENCIES, min_size=SLICES, max_size=SLICES)
CROWDING = st.lists(st.floats(1, 5), min_size=8, max_size=8).map(tuple)


@settings(max_examples=50)
@given(RUNS, RUNS, CROWDING)
def test_the_order_of_slices_does_not_matter(
    app: list[list[float]], reference: list[list[float]], crowding: tuple[float, ...]
) -> None:
    assert judge(app, reference, crowding) is judge(app[::-1], reference[::-1], crowding[::-1])


@settings(max_examples=50)
@given(RUNS, RUNS, CROWDING, st.floats(0, 1000))
def test_slower_answers_are_never_judged_better(
    app: list[list[float]], reference: list[list[float]], crowding: tuple[float, ...], more: float
) -> None:
    order = [MetricOutcome.FAILED, MetricOutcome.INCONCLUSIVE, MetricOutcome.PASSED]
    slower = [[latency + more for latency in one] for one in app]
    assert order.index(judge(slower, reference, crowding)) <= order.index(judge(app, reference, crowding))


@settings(max_examples=50)
@given(RUNS, CROWDING)
def test_an_app_that_is_the_reference_never_fails_alone(
    app: list[list[float]], crowding: tuple[float, ...]
) -> None:
    assert judge(app, app, crowding) is not MetricOutcome.FAILED


@settings(max_examples=50)
@given(RUNS, RUNS, CROWDING)
def test_passed_means_that_the_number_shown_is_below_the_target(
    app: list[list[float]], reference: list[list[float]], crowding: tuple[float, ...]
) -> None:
    everything = [latency for one in app for latency in one]
    if judge(app, reference, crowding) is MetricOutcome.PASSED:
        assert percentile(everything, 95) < TARGET
    elif judge(app, reference, crowding) is MetricOutcome.FAILED:
        assert percentile(everything, 95) >= TARGET


# Simulated apps on simulated machines


def lognormal(p95: float, spread: float) -> Draw:
    """A latency whose 95th percentile is `p95`."""
    middle = math.log(p95) - 1.645 * spread
    return lambda rng: rng.lognormvariate(middle, spread)


def mixture(quick: float, slow: float, share: float) -> Draw:
    """Most requests quick, some slow, such as one endpoint of several."""
    return lambda rng: rng.gauss(slow if rng.random() < share else quick, 2)


class Machine:
    """What the machine does to both apps in one run: other load for all of it, and hiccups now and then."""

    def __init__(self, rng: random.Random, *, busy: bool) -> None:
        self.rng = rng
        self.factor = rng.uniform(1.3, 3.0) if busy else rng.uniform(1.0, 1.1)
        self.hiccups = rng.choice([0, 0, 1, 2]) if busy else rng.choice([0, 0, 0, 1])

    def crowding(self) -> tuple[float, ...]:
        return tuple(max(1.0, self.rng.gauss(self.factor, 0.1)) for _ in range(2 * SLICES))

    def run(self, draw: Draw, *, serial: bool) -> tuple[list[list[float]], list[list[float]]]:
        """Slices of the app, and of a reference of 4 ms, in the same two seconds."""
        slices = [
            self._slice(lognormal(4, 0.3) if turn % 2 else draw, serial=serial) for turn in range(2 * SLICES)
        ]
        for _ in range(self.hiccups):
            hit, start, length = (
                self.rng.randrange(2 * SLICES),
                self.rng.randrange(LENGTH),
                self.rng.uniform(20, 250),
            )
            for number in range(start, min(LENGTH, start + math.ceil(length / INTERVAL))):
                slices[hit][number] += length - (number - start) * INTERVAL
        return slices[::2], slices[1::2]

    def _slice(self, draw: Draw, *, serial: bool) -> list[float]:
        latencies, free = [], 0.0
        for number in range(LENGTH):
            due = number * INTERVAL
            begins = max(due, free) if serial else due
            ends = begins + max(0.1, draw(self.rng)) * self.factor
            free = ends
            latencies.append(ends - due)
        return latencies


APPS = {
    **{
        f"p95 of {p95} ms": (lognormal(p95, 0.5), False)
        for p95 in (20, 40, 60, 80, 90, 95, 100, 105, 110, 125, 150, 250)
    },
    **{
        f"wide, p95 of {p95} ms": (lognormal(p95, 1.2), False)
        for p95 in (30, 60, 90, 100, 120, 150, 250, 500)
    },
    **{f"constant {ms} ms": (lognormal(ms, 0.01), False) for ms in (50, 70, 90, 95, 99, 101, 105, 120, 200)},
    **{
        f"{share:.0%} slow": (mixture(5, 300, share), False)
        for share in (0.01, 0.03, 0.05, 0.07, 0.1, 0.15, 0.25)
    },
    **{
        f"one at a time, {ms} ms": (lognormal(ms, 0.2), True)
        for ms in (3, 6, 8, 10, 11, 12, 13, 14, 15, 17, 20, 40)
    },
}


@pytest.mark.parametrize("name", APPS)
def test_noise_does_not_carry_an_app_from_passed_to_failed(name: str) -> None:
    draw, serial = APPS[name]
    outcomes: Counter[MetricOutcome] = Counter()
    rng = random.Random(name)
    runs = 300
    for number in range(runs):
        machine = Machine(rng, busy=number % 2 == 1)
        app, reference = machine.run(draw, serial=serial)
        outcomes[judge(app, reference, machine.crowding())] += 1
    assert min(outcomes[MetricOutcome.PASSED], outcomes[MetricOutcome.FAILED]) < runs / 100, outcomes


@pytest.mark.parametrize(
    ("name", "usual"),
    [
        ("p95 of 20 ms", MetricOutcome.PASSED),
        ("p95 of 40 ms", MetricOutcome.PASSED),
        ("constant 50 ms", MetricOutcome.PASSED),
        ("one at a time, 3 ms", MetricOutcome.PASSED),
        ("constant 200 ms", MetricOutcome.FAILED),
        ("25% slow", MetricOutcome.FAILED),
        ("one at a time, 40 ms", MetricOutcome.FAILED),
    ],
)
def test_on_a_quiet_machine_clear_cases_have_a_clear_answer(name: str, usual: MetricOutcome) -> None:
    draw, serial = APPS[name]
    rng = random.Random(name)
    outcomes: Counter[MetricOutcome] = Counter()
    for _ in range(200):
        machine = Machine(rng, busy=False)
        app, reference = machine.run(draw, serial=serial)
        outcomes[judge(app, reference, machine.crowding())] += 1
    assert outcomes[usual] >= 170, outcomes


@settings(max_examples=50)
@given(st.floats(5, 400), st.floats(0.01, 1.5), st.integers(0, 2**32), st.booleans())
@example(228.0, 0.625, 2, True)
def test_no_app_of_any_shape_flips(p95: float, spread: float, seed: int, serial: bool) -> None:
    draw = lognormal(p95 / (8 if serial else 1), spread)
    rng = random.Random(seed)
    outcomes: Counter[MetricOutcome] = Counter()
    for number in range(100):
        machine = Machine(rng, busy=number % 2 == 1)
        app, reference = machine.run(draw, serial=serial)
        outcomes[judge(app, reference, machine.crowding())] += 1
    # Of a hundred, two may flip before the rate of less than one in a hundred is out of the question.
    assert min(outcomes[MetricOutcome.PASSED], outcomes[MetricOutcome.FAILED]) <= 2, outcomes


@pytest.mark.parametrize("spread", [0.05, 0.4, 0.9, 1.5])
@pytest.mark.parametrize("p95", [20, 25, 30, 40, 50])
def test_a_queue_at_the_edge_of_its_capacity_does_not_flip(p95: float, spread: float) -> None:
    rng = random.Random(f"{p95} {spread}")
    outcomes: Counter[MetricOutcome] = Counter()
    for number in range(300):
        machine = Machine(rng, busy=number % 2 == 1)
        app, reference = machine.run(lognormal(p95, spread), serial=True)
        outcomes[judge(app, reference, machine.crowding())] += 1
    assert min(outcomes[MetricOutcome.PASSED], outcomes[MetricOutcome.FAILED]) <= 3, outcomes
