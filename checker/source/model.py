"""What a code base is made of, once it has been read: modules, scopes, functions, classes, calls.

Everything here is filled while `read_project` runs and only read afterwards.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A file that could not be read as Python, or a place that was left out, with a sentence that says why."""

    path: str
    line: int | None
    sentence: str
    left_out: bool = False
    """It was not tried: a link out of the folder, built files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlexComment:
    """`# check: flex S7 -- reason`; an empty reason means that none was written."""

    line: int
    constraint: str
    reason: str


class BindingKind(StrEnum):
    """How a name got its value."""

    ASSIGN = "assign"
    WITH = "with"
    ASYNC_WITH = "async with"
    LOOP = "loop"
    OTHER = "other"  # unpacking, except, match, augmented


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Where an unpacked name comes from: `b` of `a, (b, c) = pair` is at the positions 1, 0 of `pair`."""

    kind: BindingKind
    whole: ast.expr
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One place where a name is given a value; `certain` is False inside branches and loops."""

    kind: BindingKind
    value: ast.expr | None
    annotation: ast.expr | None
    line: int
    certain: bool
    until: int = 0
    """The last line of the block in which it hides earlier values, 0 for the whole scope."""
    only_inside: bool = False
    """A name of a comprehension: gone after `until`."""
    part: Part | None = None
    writer: Scope | None = None
    """The function that wrote it, where it is declared `global` there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Lines in which a test has settled what a name is: `if isinstance(store, Disk):`."""

    classes: ast.expr
    is_one: bool
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter as it is written."""

    name: str
    annotation: ast.expr | None
    default: ast.expr | None
    node: ast.arg
    variadic: bool = False


@dataclass(slots=True, weakref_slot=True, kw_only=True, eq=False)
class Scope:
    """A body of code in which names live: a module, a class or a function."""

    module: Module
    parent: Scope | None
    node: ast.AST
    name: str
    """Qualified inside the module: `Service.fetch`, empty for the module itself."""
    imports: dict[str, str] = field(default_factory=dict)
    imported_again: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """The lines of a name that several imports give, `from a import Client` in one branch and `from b import Client` in the other."""
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    comparisons: list[ast.Compare] = field(default_factory=list)
    declared_global: dict[str, int] = field(default_factory=dict)
    """Names in `global` statements, with the line."""
    narrowings: dict[str, list[Narrowing]] = field(default_factory=dict)
    """By name or dotted attribute: `store`, `self.store`."""

    @property
    def qualified(self) -> str:
        """Dotted name in the whole project."""
        return f"{self.module.name}.{self.name}" if self.name else self.module.name

    @property
    def line(self) -> int:
        """Line of the `def` or `class`, 1 for a module."""
        return getattr(self.node, "lineno", 1)


@dataclass(slots=True, kw_only=True, eq=False)
class Function(Scope):
    """A `def`, an `async def` or a lambda."""

    node: FunctionNode
    is_async: bool
    is_generator: bool = False
    owner: Class | None = None
    parameters: tuple[Parameter, ...] = ()
    decorators: tuple[ast.expr, ...] = ()
    returns: list[ast.Return] = field(default_factory=list)
    yields: list[ast.Yield] = field(default_factory=list)
    tests: list[ast.expr] = field(default_factory=list)
    """What decides which way a run takes: conditions of `if` and `while`, the sides of `and` and `or`."""

    @property
    def short(self) -> str:
        """The name as a reader knows it."""
        return self.name.rpartition(".")[2] if self.owner is None else ".".join(self.name.split(".")[-2:])

    @property
    def first_line(self) -> int:
        """Line of the first decorator, or of the `def`."""
        return min([self.line, *(d.lineno for d in self.decorators)])

    @property
    def last_line(self) -> int:
        """Last line of the body."""
        return self.node.end_lineno or self.line

    @property
    def is_lambda(self) -> bool:
        """A lambda has no name, no decorator and no statements."""
        return isinstance(self.node, ast.Lambda)

    @property
    def body(self) -> list[ast.stmt]:
        """The statements; none for a lambda."""
        return [] if isinstance(self.node, ast.Lambda) else self.node.body

    @property
    def returns_annotation(self) -> ast.expr | None:
        """What stands behind the arrow."""
        return None if isinstance(self.node, ast.Lambda) else self.node.returns

    @property
    def is_abstract(self) -> bool:
        """The body does nothing: `...`, `pass`, `raise NotImplementedError`, a constant."""
        return all(_does_nothing(statement) for statement in self.body) and not self.is_lambda

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name."""
        for (
            parameter
        ) in self.parameters:  # Asked for every name that is looked up: a generator would cost more.
            if parameter.name == name:
                return parameter
        return None


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Raise():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Return(value=None) | ast.Return(value=ast.Constant()):
            return True
    return False


@dataclass(slots=True, kw_only=True, eq=False)
class Class(Scope):
    """A class with what its methods store on `self`."""

    node: ast.ClassDef
    bases: tuple[ast.expr, ...] = ()
    attributes: dict[str, list[tuple[Binding, Scope]]] = field(default_factory=dict)
    """`self.x = ...` and `cls.x = ...` in methods, with the scope of the value."""


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """One call, with what it calls as far as that can be told."""

    node: ast.Call
    scope: Scope
    statement: ast.stmt
    awaited: bool = False
    dropped: bool = False
    """The result is thrown away: the call is a statement of its own."""
    main_guard: bool = False
    argument_of: ast.Call | None = None
    """The call whose argument this one is, directly."""
    target: str = ""
    """Canonical dotted name, empty where it could not be told or may be one of several."""
    callee: Function | None = None
    """The project's own function that runs, where it is one."""
    targets: tuple[str, ...] = ()
    """Every name that `target` can be."""
    callees: tuple[Function, ...] = ()
    """Every function of the project that can run: alternatives, implementations of an abstract method."""

    @property
    def line(self) -> int:
        """Where the call begins; a chain of methods counts from the last name."""
        function = self.node.func
        if isinstance(function, ast.Attribute) and function.end_lineno is not None:
            return function.end_lineno
        return self.node.lineno

    @property
    def function(self) -> Function | None:
        """The function whose body holds the call."""
        return self.scope if isinstance(self.scope, Function) else None

    def keyword(self, name: str) -> ast.expr | None:
        """The value of a keyword argument."""
        return next((k.value for k in self.node.keywords if k.arg == name), None)

    def argument(self, position: int, name: str) -> ast.expr | None:
        """An argument given by position or by name."""
        if position < len(self.node.args):
            found = self.node.args[position]
            return None if isinstance(found, ast.Starred) else found
        return self.keyword(name)


class Place(Protocol):
    """A call, or what runs or waits like one."""

    @property
    def node(self) -> ast.expr:
        """The expression."""

    @property
    def scope(self) -> Scope:
        """Where it stands."""

    @property
    def statement(self) -> ast.stmt:
        """The statement that holds it."""

    @property
    def line(self) -> int:
        """The line that is shown for it."""

    @property
    def function(self) -> Function | None:
        """The function whose body holds it."""


@dataclass(slots=True, kw_only=True, eq=False)
class Module:
    """One file that was parsed."""

    path: str
    """Relative to the folder, with forward slashes."""
    name: str
    """Dotted, counted from the folder: `app.routers.tools`."""
    is_package: bool
    tree: ast.Module
    lines: tuple[str, ...]
    is_test: bool = False
    scope: Scope = field(init=False)
    functions: list[Function] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    star_imports: list[str] = field(default_factory=list)
    imported: set[str] = field(default_factory=set)
    """Dotted names of everything that is imported anywhere in the file."""
    flexes: tuple[FlexComment, ...] = ()
    stores: list[Store] = field(default_factory=list)
    texts: list[ast.Constant] = field(default_factory=list)
    """Long literals without a space, and keys: what could be a secret by its form."""
    lambdas: dict[ast.Lambda, Function] = field(default_factory=dict)
    entered: dict[ast.expr, bool] = field(default_factory=dict)
    """What a `with` enters, True for `async with`."""
    _by_line: dict[int, Function] = field(default_factory=dict, init=False)

    def function_at(self, line: int) -> Function | None:
        """The innermost named function whose decorators or body hold the line."""
        if not self._by_line and self.functions:
            named = [function for function in self.functions if not function.is_lambda]
            # An inner function begins later, so it overwrites the lines of the one around it.
            for function in sorted(named, key=lambda f: f.first_line):
                for number in range(function.first_line, function.last_line + 1):
                    self._by_line[number] = function
        return self._by_line.get(line)

    def all_scopes(self) -> Iterator[Scope]:
        """The module's own scope, then every class and function in it."""
        yield self.scope
        yield from self.classes
        yield from self.functions


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A place that writes into something that already exists: `x.y = 1`, `x[k] = 1`, `del x[k]`.

    A name that is declared `global` and given a value is one as well; its attribute is `=`.
    """

    target: ast.expr
    """The object that is written into, without the last attribute or key."""
    attribute: str
    """The attribute, empty for a key, `=` for a global name."""
    value: ast.expr | None
    scope: Scope
    line: int
    column: int
