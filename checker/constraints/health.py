"""What people call a health check: by path, by the endpoint's name, by its tags."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from checker.source import Function
from checker.source.composition import ServedRoute

_SURE = frozenset({
    "health", "healthz", "healthy", "healthcheck", "healthchecks", "healthstatus", "healthprobe", "systemhealth", "apihealth",
    "livez", "live", "liveness", "livenessprobe", "livenesscheck", "alive", "isalive", "readyz", "ready", "readiness",
    "readinessprobe", "readinesscheck", "isready", "startupz", "startupprobe", "heartbeat", "lbheartbeat", "ping", "pong", "hc",
    "statusz", "serverstatus", "servicestatus", "systemstatus", "apistatus", "appstatus", "checkhealth", "gethealth", "ishealthy",
    "up", "isup", "selfcheck", "probe", "keepalive", "monitoring", "uptime",
})  # fmt: skip
_PROBES = frozenset({
    "health", "healthz", "healthcheck", "healthchecks", "livez", "liveness", "readyz", "readiness", "startupz", "livenessprobe",
    "readinessprobe",
})  # fmt: skip
_STAGES = frozenset({"live", "ready", "startup", "check"})
_AROUND = frozenset({
    "", "api", "rest", "public", "internal", "private", "system", "sys", "server", "service", "app", "application", "ops", "admin",
    "actuator", "core", "common", "util", "utils", "utility", "utilities", "meta", "misc", "base", "root", "general", "management",
    "probes", "monitoring", "infra", "default",
})  # fmt: skip
_VERBS = frozenset({
    "get", "read", "check", "do", "perform", "run", "api", "app", "server", "service", "system", "simple", "basic", "is", "root",
    "public", "show", "handle", "return", "the", "k8s", "kubernetes", "lb", "http", "docker", "db", "database",
    "endpoint", "route", "handler", "view", "probe", "status", "async", "v1", "v2",
})  # fmt: skip
_NAMES = frozenset({
    "health", "healthy", "healthz", "healthcheck", "liveness", "readiness", "live", "ready", "livez", "readyz", "alive", "ping",
    "heartbeat",
})  # fmt: skip
_GOOD = frozenset(
    {"ok", "up", "healthy", "alive", "running", "live", "ready", "online", "pass", "true", "available"}
)
_WORKS = re.compile(
    r"\b(healthy|alive|operational|up and running|(is|are) (up|live|online|running)|backend is running|pong)\b",
    re.IGNORECASE,
)
_ASKED_LIKE_ONE = frozenset(
    {"status", "testconnection", "connectiontest", "checkconnection", "connectioncheck"}
)
"""What a probe may ask for as well as a person: not surely a health check, and good for one."""
_VERSION = re.compile(r"v?\d+(\.\d+)*")


def is_health_path(path: str) -> bool:
    """`/api/v1/health-check/`, `/healthz`, `/-/ready`: a path of which nobody asks what it is."""
    if "<" in path and any(word in path.lower() for word in ("health", "liveness", "readiness")):
        return True
    segments = path.lower().split("?")[0].split("/")
    for number, segment in enumerate(segments):
        bare = _bare(segment)
        if bare not in _SURE or "{" in segment:
            continue
        before = [s for s in segments[:number] if s]
        after = [s for s in segments[number + 1 :] if s]
        # `/patients/{id}/health` is about a patient; `/{tenant}/health` is a check.
        if len(before) > 1 and before[-1].startswith("{"):
            continue
        if "health" in bare or (
            all(_says_nothing(s) for s in before) and not any(s.startswith("{") for s in after)
        ):
            return True
    return False


def is_probe_path(path: str) -> bool:
    """A path that only an orchestrator or a load balancer asks for: `/health/live`, `/readyz`, not `/health/records`."""
    segments = [_bare(s) for s in path.lower().split("/") if s]
    return (
        is_health_path(path)
        and bool(segments)
        and segments[-1] in _PROBES | _STAGES
        and bool(_PROBES & set(segments))
    )


def _bare(segment: str) -> str:
    return re.sub(r"[^a-z0-9]", "", segment)


def _says_nothing(segment: str) -> bool:
    bare = _bare(segment)
    return (
        bare in _AROUND or segment.startswith(("{", "<")) or bool(_VERSION.fullmatch(bare)) or bare in _SURE
    )


def is_health_name(name: str) -> bool:
    """`health_check`, `get_health`, `readiness_probe`, `ping`."""
    words = [w for w in re.split(r"[_\W]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()) if w]
    left = [w for w in words if w not in _VERBS]
    return len(left) == 1 and left[0] in _NAMES


def is_health_route(route: ServedRoute) -> bool:
    """Whether a route is a health check, beyond doubt."""
    operation = route.operation
    if operation is not None and (operation.websocket or not _answers_get(operation.methods)):
        return False
    if is_health_path(route.path):
        return True
    return (
        "{" not in route.path
        and is_health_name(route.name)
        and (_speaks_of_health(route.name) or _is_about_the_service(route.path))
    )


def _speaks_of_health(text: str) -> bool:
    """Words that nobody uses for anything else; `ping` and `ready` may be about an order."""
    return bool(re.search(r"health|liveness|readiness", text, re.IGNORECASE))


def _is_about_the_service(path: str) -> bool:
    """Whether nothing before the last segment names something that the service is about: not `/orders/ready`."""
    segments = [s for s in path.lower().split("/") if s]
    return all(map(_says_nothing, segments[:-1]))


def may_be_health_route(route: ServedRoute) -> bool:
    """Whether a route could do for a health check: by its tags or summary, or as `/status`."""
    if is_health_route(route):
        return True
    operation = route.operation
    if operation is not None:
        if operation.websocket:
            return False
        if not _answers_get(operation.methods):
            return False
        for text in _texts(operation.declaration):
            if _bare(text.lower()) in _SURE and (
                _speaks_of_health(text) or _is_about_the_service(route.path)
            ):
                return True
    segments = [s for s in route.path.lower().split("/") if s]
    if (
        operation is not None
        and all(map(_says_nothing, segments))
        and _says_that_it_works(operation.function)
    ):
        return True
    if not segments:
        return "status" in route.name.lower()
    return may_be_health_path(route.path)


def may_be_health_path(path: str) -> bool:
    """`/api/status`, `/test_connection`: a path that does for a health check where it is about the service as a whole."""
    *before, last = path.lower().strip("/").split("/")
    return _bare(last) in _ASKED_LIKE_ONE and all(map(_says_nothing, before))


def _says_that_it_works(function: Function) -> bool:
    """`return {"status": "ok"}`, or a text that the service is running."""
    for statement in function.returns:
        for node in ast.walk(statement):
            if isinstance(node, ast.Dict) and any(map(_is_good_news, node.keys, node.values)):
                return True
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _WORKS.search(node.value):
                return True
    return False


def _is_good_news(key: ast.expr | None, value: ast.expr) -> bool:
    return (
        isinstance(key, ast.Constant)
        and str(key.value).lower() in {"status", "health", "state", "alive", "healthy", "ready"}
        and isinstance(value, ast.Constant)
        and str(value.value).lower() in _GOOD
    )


def _answers_get(methods: Iterable[str]) -> bool:
    methods = tuple(methods)
    return not methods or bool({"GET", "HEAD"} & set(methods))


def _texts(declaration: ast.Call) -> Iterable[str]:
    for keyword in declaration.keywords:
        if keyword.arg in {"summary", "name", "operation_id", "tags"}:
            for node in ast.walk(keyword.value):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
