"""What a constraint's file is made of: the constraint, its named rules, and what a rule may see and say."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from checker.models.facts import AppFacts
from checker.source import Function, Module, Project
from checker.source.model import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a rule may look at; it changes none of it. `facts` is None where the app did not run."""

    project: Project
    facts: AppFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One place that a rule reports, before hits of the same place are joined into findings."""

    path: str | None
    line: int | None
    message: str
    column: int | None = None
    first_line: int | None = None
    """Where the statement begins, when that is another line; a flex comment may stand there."""
    help: str = ""
    docs: str = ""
    note: str = ""
    """What a running app adds when it confirms a static finding."""
    trace: tuple[str, ...] = ()
    key: str = ""
    """Tells apart two hits of one rule on one line."""
    starts: bool = False
    """It lies in a script that starts the app, which no file of the app imports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """The running app shows that static findings of these rules in this function are wrong."""

    path: str
    line: int
    rules: tuple[str, ...]
    column: int | None = None
    """Given, only findings at this very place are meant."""


StaticCheck = Callable[[Context], Iterable[Hit]]
RunningCheck = Callable[[Context, AppFacts], Iterable[Hit | Cleared]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A named static check; the name states the bad pattern."""

    name: str
    check: StaticCheck
    help: str
    docs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningRule:
    """A named check on the running app; a hit joins a static finding of one of the rules in `confirms`."""

    name: str
    check: RunningCheck
    help: str
    docs: str
    confirms: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Constraint:
    """One constraint of the specification; its file registers the rules with the decorators below."""

    id: str
    title: str
    hard: bool
    docs: str
    page: str
    """Markdown under fixed headings: the docstring of the file."""
    rules: list[Rule] = field(default_factory=list)
    running_rules: list[RunningRule] = field(default_factory=list)
    looks_at: Literal["loaded", "service", "anywhere"] = "loaded"
    """Which files count: those that the app loads, those below its folder as well, or all, where the rules tell what belongs to it."""
    applies: Callable[[Context], bool] = lambda _: True

    def rule(self, name: str, *, help: str, docs: str = "") -> Callable[[StaticCheck], StaticCheck]:
        """Register a static rule."""

        def register(check: StaticCheck) -> StaticCheck:
            self.rules.append(Rule(name=name, check=check, help=help, docs=docs or self.docs))
            return check

        return register

    def running_rule(
        self, name: str, *, help: str, docs: str = "", confirms: tuple[str, ...] = ()
    ) -> Callable[[RunningCheck], RunningCheck]:
        """Register a rule on the running app."""

        def register(check: RunningCheck) -> RunningCheck:
            self.running_rules.append(
                RunningRule(name=name, check=check, help=help, docs=docs or self.docs, confirms=confirms)
            )
            return check

        return register

    def applies_when(self, test: Callable[[Context], bool]) -> Callable[[Context], bool]:
        """Say when the app has something that the constraint speaks of; without this it always has."""
        self.applies = test
        return test


def hit_at(
    node: ast.expr | ast.stmt | ast.arg,
    module: Module,
    message: str,
    *,
    help: str = "",
    docs: str = "",
    key: str = "",
) -> Hit:
    """A hit at a node."""
    return Hit(
        path=module.path,
        line=node.lineno,
        column=node.col_offset,
        message=message,
        help=help,
        docs=docs,
        key=key,
    )


def hit_at_call(
    call: Place,
    message: str,
    *,
    help: str = "",
    docs: str = "",
    key: str = "",
    trace: tuple[str, ...] = (),
) -> Hit:
    """A hit at a call; a flex comment may also stand at the first line of its statement."""
    return Hit(
        path=call.scope.module.path,
        line=call.line,
        column=call.node.col_offset,
        first_line=call.statement.lineno,
        message=message,
        help=help,
        docs=docs,
        key=key,
        trace=trace,
    )


def hit_at_function(
    function: Function, message: str, *, help: str = "", docs: str = "", key: str = ""
) -> Hit:
    """A hit at the `def` line of a function; a flex comment may also stand above its decorators."""
    return Hit(
        path=function.module.path,
        line=function.line,
        column=getattr(function.node, "col_offset", 0),
        first_line=function.first_line,
        message=message,
        help=help,
        docs=docs,
        key=key,
    )
