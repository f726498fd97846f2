"""What an app starts with, and the calls that a suite makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The seed and environment of a server; `facts` is whatever the suite wants to remember of it.

    `upstream` names the variable that leads to a stand-in for an upstream service: each server gets one of its own.
    """

    seed: Any = None
    env: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    upstream: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, to be sent later."""

    method: str
    path: str
    params: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    content: Any = None
    data: Any = None
    files: Any = None
    token: str | None = None
    timeout: float | None = None


def call(method: str, path: str, **request: Any) -> Call:
    """A `Call` with the words of `App.request`."""
    return Call(method=method, path=path, **request)
