"""The metrics M1 to M5, one module a tool; a module that defines `METRIC` is found by walking this package."""

from checker.metrics.metric import (
    Complaint,
    Metric,
    MetricContext,
    Place,
    Reading,
    Unmeasurable,
    all_metrics,
    user_cache,
)

__all__ = [
    "Complaint",
    "Metric",
    "MetricContext",
    "Place",
    "Reading",
    "Unmeasurable",
    "all_metrics",
    "user_cache",
]
