"""M4 and M5 with real servers: what becomes of apps that are quick, slow, broken or gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checker.book import LoadSpec
from checker.metrics import MetricContext
from checker.metrics.load import METRIC
from checker.models.load import read_load_detail
from checker.models.report import MetricOutcome, MetricResult

Files = dict[str, str | bytes]

MODULE = """
    from random import Random

    from checker.suite import Call, World, call


    def world(rng: Random) -> World:
        return World(seed={"word": f"w{rng.getrandbits(30)}"}, env={"EXTRA": "x"})


    def requests(rng: Random, world: World) -> list[Call]:
        calls = [call("GET", "/tools", params={"size": n}, token=world.seed["word"]) for n in range(1, 5)]
        return [*calls, call("POST", "/tools", json={"size": 3}, token=world.seed["word"])]
"""
APP = """
    import asyncio
    import json
    import os
    from pathlib import Path
    from typing import Annotated

    from fastapi import Body, FastAPI, Header, HTTPException

    app = FastAPI()
    word = ""


    @app.get("/tools")
    @app.post("/tools")
    async def tools(authorization: Annotated[str, Header()], size: int = 0) -> dict[str, str]:
        word = json.loads(Path(os.environ["TOOLSHED_SEED_FILE"]).read_text())["word"]
        assert os.environ["DATABASE_URL"].startswith("sqlite+aiosqlite:///")
        assert os.environ["EXTRA"] == "x"
        if authorization != f"Bearer {word}":
            raise HTTPException(401)
        ...  # here
        return {"word": word}
"""
SPEC = LoadSpec(rate=100, seconds=1.6)


def app_that(code: str) -> Files:
    """The app with something else done for each request."""
    return {"app/main.py": APP.replace("...  # here", code)}


@pytest.fixture
def measure(make_context: Callable[..., MetricContext]) -> Callable[..., tuple[MetricResult, ...]]:
    """Measure an app beside the quick reference."""

    def run(files: Files, reference: Files | None = None, **more: object) -> tuple[MetricResult, ...]:
        options = {"load": SPEC, "load_module": MODULE, "limits": {"start_s": 30.0}, **more}
        return METRIC.measure(make_context(files, reference=reference or app_that("pass"), **options))

    return run


def test_a_quick_app_never_fails_and_both_numbers_are_reported(
    measure: Callable[..., tuple[MetricResult, ...]],
) -> None:
    p95, rps = measure(app_that("pass"))
    assert (p95.id, rps.id) == ("M4", "M5")
    # A test machine may be busy, and then the answer is that nobody can tell.
    assert p95.outcome in {MetricOutcome.PASSED, MetricOutcome.INCONCLUSIVE}
    assert p95.value == p95.detail["p95"]
    assert rps.outcome is MetricOutcome.PASSED
    assert rps.value is not None
    assert rps.value > 0
    assert "over 8 connections; the reference app gets through" in rps.message


def test_the_detail_is_what_the_report_draws(measure: Callable[..., tuple[MetricResult, ...]]) -> None:
    p95, _ = measure(app_that("pass"))
    detail = read_load_detail(p95.detail)
    assert detail is not None
    assert detail.reference is not None
    assert (detail.samples, detail.reference.samples, detail.rate) == (80, 80, 100)
    assert detail.p50 <= detail.p95 <= detail.p99 <= detail.max
    for histogram in (detail.histogram, detail.reference_histogram):
        assert list(histogram) == sorted(histogram)
        assert (histogram[0][0], histogram[-1][0]) == (0, 100)
        assert histogram[0][1] <= histogram[-1][1]


def test_a_slow_app_never_passes(measure: Callable[..., tuple[MetricResult, ...]]) -> None:
    p95, rps = measure(app_that("await asyncio.sleep(0.4)"))
    assert p95.outcome in {MetricOutcome.FAILED, MetricOutcome.INCONCLUSIVE}
    assert p95.value is not None
    assert p95.value >= 400
    assert rps.value is not None
    assert rps.value < 25


def test_an_app_that_waits_for_ever_ends_in_time(measure: Callable[..., tuple[MetricResult, ...]]) -> None:
    p95, _ = measure(app_that("await asyncio.sleep(60)"))
    assert p95.outcome in {MetricOutcome.FAILED, MetricOutcome.INCONCLUSIVE}
    assert p95.detail["unanswered"] == 80


def test_answers_that_fail_are_not_fast(measure: Callable[..., tuple[MetricResult, ...]]) -> None:
    p95, _ = measure(app_that("raise HTTPException(503)"))
    assert p95.outcome is MetricOutcome.FAILED
    assert "80 of 80 requests failed, first `" in p95.message
    assert "answered 503`" in p95.message


def test_an_app_that_ends_under_load_fails(measure: Callable[..., tuple[MetricResult, ...]]) -> None:
    p95, rps = measure(app_that("os._exit(3)"))
    assert p95.outcome is rps.outcome is MetricOutcome.FAILED
    assert "did not survive the load test" in p95.message


@pytest.mark.parametrize("code", ["raise RuntimeError('no')", "import no_such_module", "x = ("])
def test_an_app_that_does_not_start_is_skipped(
    measure: Callable[..., tuple[MetricResult, ...]], code: str
) -> None:
    p95, rps = measure({"app/main.py": code})
    assert p95.outcome is rps.outcome is MetricOutcome.SKIPPED
    assert "could not be measured" in p95.message


def test_a_broken_reference_is_nobodys_failure(measure: Callable[..., tuple[MetricResult, ...]]) -> None:
    p95, rps = measure(app_that("pass"), {"app/main.py": "raise RuntimeError('ours')"})
    assert p95.outcome is rps.outcome is MetricOutcome.ERROR
    assert "reference app did not start" in p95.message
    p95, _ = measure(app_that("pass"), app_that("raise HTTPException(503)"))
    assert p95.outcome is MetricOutcome.ERROR
    assert "reference app itself failed 80 requests" in p95.message


@pytest.mark.parametrize(
    ("module", "says"),
    [
        (None, "is missing; chapter.toml names it under `[load]`"),
        ("def world(rng):\n    raise ValueError('odd')\n", "failed: ValueError: odd"),
        ("x = (\n", "failed: SyntaxError"),
        (MODULE.replace("return [*calls,", "return [] and [*calls,"), "has no requests"),
    ],
)
def test_a_mistake_in_the_load_module_is_named(
    measure: Callable[..., tuple[MetricResult, ...]], module: str | None, says: str
) -> None:
    p95, rps = measure(app_that("pass"), load_module=module)
    assert p95.outcome is rps.outcome is MetricOutcome.ERROR
    assert says in p95.message


def test_without_a_load_test_it_is_skipped(measure: Callable[..., tuple[MetricResult, ...]]) -> None:
    p95, rps = measure(app_that("pass"), load=None)
    assert p95.outcome is rps.outcome is MetricOutcome.SKIPPED
