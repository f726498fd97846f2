"""What hidden suites are written with; docs/authors/suites.md explains each part."""

from checker.app_under_test.server import Exit, StartUp
from checker.suite.checks import check
from checker.suite.client import App, Departure
from checker.suite.clock import Clock
from checker.suite.expectations import Expectation, expect, require, same
from checker.suite.failure import CheckFailed
from checker.suite.growth import Growth, measure_growth
from checker.suite.reply import Reply, Stream
from checker.suite.upstream import Upstream, UpstreamRequest
from checker.suite.world import Call, World, call

__all__ = [
    "App",
    "Call",
    "CheckFailed",
    "Clock",
    "Departure",
    "Exit",
    "Expectation",
    "Growth",
    "Reply",
    "StartUp",
    "Stream",
    "Upstream",
    "UpstreamRequest",
    "World",
    "call",
    "check",
    "expect",
    "measure_growth",
    "require",
    "same",
]
