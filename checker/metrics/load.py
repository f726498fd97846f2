"""M4 and M5: how fast the app answers at a fixed rate, and how much it gets through.

## What counts
M4 is the 95th percentile of the time from when a request was due to when its answer was complete, at the fixed rate that the
chapter sets, sent whether or not earlier ones were answered. The chapter's reference app is measured in the same
run, in slices that alternate with those of the learner's app; `load_verdict` turns both into passed, failed or
inconclusive. Answers of 400 and above are no answers: a server that fails fast is not a fast server.

M5 is the number of requests a second that eight connections get through. It is reported and never fails.

## What each app starts with
A real Uvicorn server without the probe's loop watch, a database of its own, and the world that the suite's load module makes
from the run's seed, the same for both. Nothing else runs meanwhile; the grade sees to that.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import random
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol, cast

import msgspec
from hdrh.histogram import HdrHistogram

from checker.app_under_test.furnishing import furnish
from checker.app_under_test.launcher import Launcher
from checker.app_under_test.server import Address, AppFault, Server
from checker.book import Chapter, LoadSpec
from checker.metrics.load_verdict import Verdict, judge_latency, percentile
from checker.metrics.metric import (
    PROGRAMS,
    Metric,
    MetricContext,
    Reading,
    Unmeasurable,
    last_words,
    reading_result,
    why_stopped,
)
from checker.models.events import Stage
from checker.models.load import Latencies, LoadDetail
from checker.models.report import MetricOutcome, MetricResult
from checker.sandbox import Isolation, ProcessLimits, clean_environment, run_limited

_CLIENT = PROGRAMS / "load_client.py"
_SLICES = 4
_CONNECTIONS = 8
_CLOSED_S = 0.3
_WARM_UP_S = 0.5
_PATIENCE_S = 0.6
_PERCENTILES = (0, 10, 25, 50, 75, 80, 85, 90, 92.5, 95, 96, 97, 98, 99, 99.5, 99.9, 100)
_HIGHEST_US = 120_000_000


class _World(Protocol):
    """What a load module's `world(rng)` gives: the `World` of suites."""

    seed: Any
    env: dict[str, str]


class _Slice(msgspec.Struct, frozen=True):
    latencies_ms: tuple[float, ...]
    unanswered: int
    errors: int
    first_error: str


class _Throughput(msgspec.Struct, frozen=True):
    requests: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds if self.seconds else 0.0


class _Measured(msgspec.Struct, frozen=True):
    slices: dict[str, tuple[_Slice, ...]]
    closed: dict[str, _Throughput]
    lag_ms: tuple[float, ...]
    crowding: tuple[float, ...]


def measure_load(context: MetricContext) -> tuple[MetricResult, ...]:
    """M4 and M5 of the snapshot."""
    spec = context.chapter.file.load
    if spec is None:
        return _skipped(context, "This chapter has no load test.")
    if context.launch is None:
        return _skipped(context, "The load test was switched off for this run.")
    world, requests = _read_module(context.chapter, spec, context.seed)
    with ExitStack() as stack:
        # A child may die with the thread that started it, so this one lives as long as the servers.
        helper = stack.enter_context(ThreadPoolExecutor(max_workers=1))
        ours = stack.enter_context(context.launch(context.chapter.solution))
        theirs = stack.enter_context(context.launch(context.snapshot.folder))
        starting = helper.submit(_start, context, ours, world, "reference")
        try:
            app = _start(context, theirs, world, "app")
        except AppFault as error:
            starting.exception()  # closing a launcher while it starts something would leave that behind
            return _skipped(context, f"The app could not be measured. {error.fault.message}")
        try:
            reference = starting.result()
        except AppFault as error:
            raise Unmeasurable(f"The reference app did not start: {error.fault.message}") from error
        measured = _run_client(context, spec, {"app": app, "reference": reference}, requests)
        crashed = app.crash_fault()
    if crashed is not None:
        why = f"The app did not survive the load test. {crashed.message}"
        return METRIC.without_value(context.chapter, MetricOutcome.FAILED, why)
    return _judge(context, spec, measured)


def load_launcher(
    chapter: Chapter, folder: Path, box: Path, *, isolation: Isolation, fork: bool | None = None
) -> Launcher:
    """An unstarted launcher of a chapter's app in `folder`, without the loop watch, which would slow it down."""
    file = chapter.file
    return Launcher(
        folder,
        file.app.target,
        box=box,
        limits=file.limits,
        env=file.app.env,
        fork=fork,
        watch=False,
        isolation=isolation,
    )


def _start(context: MetricContext, launcher: Launcher, world: _World, name: str) -> Server:
    """A serving server on a world of its own."""
    furnishing = furnish(launcher.box / f"load-{name}", seed=world.seed, env=world.env)
    server = launcher.start(furnishing.env, database=furnishing.database)
    server.wait_ready()
    return server


def _read_module(chapter: Chapter, spec: LoadSpec, seed: int) -> tuple[_World, list[bytes]]:
    """Run the suite's load module; the requests as they go over the wire."""
    path = chapter.suite / spec.module
    found = importlib.util.spec_from_file_location(f"load_of_{chapter.suite.name}", path)
    if found is None or found.loader is None or not path.is_file():
        raise Unmeasurable(f"The load module `{path}` is missing; chapter.toml names it under `[load]`.")
    module = importlib.util.module_from_spec(found)
    rng = random.Random(seed)
    try:
        found.loader.exec_module(module)
        world = cast(_World, module.world(rng))
        calls = list(module.requests(rng, world))
    except (
        Exception
    ) as error:  # an author's module may raise anything, and the learner must read one sentence
        raise Unmeasurable(f"The load module `{path}` failed: {type(error).__name__}: {error}") from error
    if not calls:
        raise Unmeasurable(f"The load module `{path}` has no requests.")
    return world, [_encode(call) for call in calls]


def _encode(call: Any) -> bytes:
    """One `Call` of a suite as HTTP/1.1."""
    import httpx2

    headers = dict(call.headers)
    if call.token is not None:
        headers["Authorization"] = f"Bearer {call.token}"
    request = httpx2.Request(
        call.method,
        f"http://testserver{call.path}",
        params=call.params,
        headers={"Accept": "*/*", "User-Agent": "load", **headers},
        json=call.json,
        content=call.content,
        data=call.data,
        files=call.files,
    )
    body = request.read()
    head = [f"{request.method} ".encode() + request.url.raw_path + b" HTTP/1.1"]
    head += [name + b": " + value for name, value in request.headers.raw]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def _run_client(
    context: MetricContext, spec: LoadSpec, servers: dict[str, Server], requests: Sequence[bytes]
) -> _Measured:
    # `seconds` is what the chapter's author allows for the whole open-loop part, so each app gets half of it.
    slice_s = spec.seconds / 2 / _SLICES
    plan = {
        "targets": {name: _place(server.address) for name, server in servers.items()},
        "requests": [base64.b64encode(request).decode() for request in requests],
        "rate": spec.rate,
        "slices": _SLICES,
        "slice_s": slice_s,
        "patience_s": _PATIENCE_S,
        "connections": _CONNECTIONS,
        "closed_s": _CLOSED_S,
        "warm_up_s": _WARM_UP_S,
    }
    wall_s = 2 * (_SLICES * (slice_s + _PATIENCE_S) + 4 * _CLOSED_S + _WARM_UP_S) + 10
    finished = run_limited(
        [sys.executable, "-P", str(_CLIENT)],
        cwd=context.room("load"),
        env=clean_environment(context.room("home")),
        wall_s=wall_s,
        limits=ProcessLimits(),
        stdin=json.dumps(plan).encode(),
    )
    if stopped := why_stopped(finished, "The load generator", wall_s):
        raise Unmeasurable(stopped)
    try:
        return msgspec.json.decode(finished.stdout, type=_Measured)
    except msgspec.DecodeError as error:
        raise Unmeasurable(f"The load generator gave no readable answer: {last_words(finished)}") from error


def _place(address: Address | None) -> dict[str, Any]:
    if address is None:
        raise Unmeasurable("A server did not say where it listens.")
    return {"uds": address.uds, "host": address.host, "port": address.port}


def _judge(context: MetricContext, spec: LoadSpec, measured: _Measured) -> tuple[MetricResult, ...]:
    app, reference = measured.slices["app"], measured.slices["reference"]
    if broken := sum(one.errors for one in reference):
        first = next(one.first_error for one in reference if one.errors)
        raise Unmeasurable(f"The reference app itself failed {broken} requests ({first}).")
    verdict = judge_latency(
        [one.latencies_ms for one in app],
        [one.latencies_ms for one in reference],
        target_ms=_TARGET_MS,
        interval_ms=1000 / spec.rate,
        crowding=measured.crowding,
    )
    mine, theirs = _latencies(app), _latencies(reference)
    outcome, message = _outcome(spec, app, verdict, mine, theirs)
    detail = LoadDetail(
        samples=mine.samples,
        rate=spec.rate,
        p50=mine.p50,
        p95=mine.p95,
        p99=mine.p99,
        max=mine.max,
        reference=theirs,
        histogram=_histogram(app),
        reference_histogram=_histogram(reference),
        reason=verdict.reason,
    )
    more = {
        "errors": sum(one.errors for one in app),
        "unanswered": sum(one.unanswered for one in app),
        "slowdown": round(verdict.slowdown, 2),
        "generator_lag_p95": round(percentile(measured.lag_ms, 95), 2),
    }
    rate, theirs_rate = measured.closed["app"].rate, measured.closed["reference"].rate
    return (
        reading_result(
            _P95,
            context.chapter,
            outcome,
            value=mine.p95,
            message=message,
            detail={**msgspec.to_builtins(detail), **more},
        ),
        reading_result(
            _RPS,
            context.chapter,
            MetricOutcome.PASSED,
            value=round(rate, 1),
            message=(
                f"{rate:.0f} requests a second over {_CONNECTIONS} connections; the reference app gets through "
                f"{theirs_rate:.0f} on this machine."
            ),
            detail={"connections": _CONNECTIONS, "reference": round(theirs_rate, 1)},
        ),
    )


def _outcome(
    spec: LoadSpec, app: Sequence[_Slice], verdict: Verdict, mine: Latencies, theirs: Latencies
) -> tuple[MetricOutcome, str]:
    errors = sum(one.errors for one in app)
    if errors:
        first = next(one.first_error for one in app if one.errors)
        return MetricOutcome.FAILED, (
            f"{errors} of {mine.samples} requests failed, first `{first}`. An answer that fails does not count as fast: "
            "send that request yourself and look at the app's output."
        )
    figures = (
        f"p95 is {mine.p95:.0f} ms at {spec.rate:g} requests a second ({mine.samples} measured); the reference app has "
        f"{theirs.p95:.0f} ms."
    )
    match verdict.outcome:
        case MetricOutcome.FAILED:
            advice = (
                "Look for a call that blocks the event loop, a query for each row, or work that could wait until "
                "after the reply."
            )
            return MetricOutcome.FAILED, f"{figures} {advice}"
        case MetricOutcome.PASSED:
            return MetricOutcome.PASSED, figures
        case _:
            return verdict.outcome, f"{figures} {verdict.reason}"


def _latencies(slices: Sequence[_Slice]) -> Latencies:
    everything = [latency for one in slices for latency in one.latencies_ms]
    return Latencies(
        samples=len(everything),
        p50=round(percentile(everything, 50), 2),
        p95=round(percentile(everything, 95), 2),
        p99=round(percentile(everything, 99), 2),
        max=round(max(everything, default=0.0), 2),
    )


def _histogram(slices: Sequence[_Slice]) -> tuple[tuple[float, float], ...]:
    """Percentiles and milliseconds, for the picture in the report."""
    histogram = HdrHistogram(1, _HIGHEST_US, 3)
    for one in slices:
        for latency in one.latencies_ms:
            histogram.record_value(min(_HIGHEST_US, max(1, round(latency * 1000))))
    return tuple((percent, histogram.get_value_at_percentile(percent) / 1000) for percent in _PERCENTILES)


def _skipped(context: MetricContext, why: str) -> tuple[MetricResult, ...]:
    return METRIC.without_value(context.chapter, MetricOutcome.SKIPPED, why)


_TARGET_MS = 100.0
_P95 = Reading(id="M4", title="response time p95", target=_TARGET_MS, unit="ms")
_RPS = Reading(id="M5", title="requests per second", target=None, unit="requests/s")
METRIC = Metric(stage=Stage.LOAD, readings=(_P95, _RPS), take=measure_load)
