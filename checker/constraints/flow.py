"""Where a value goes inside one function: names that carry it on, checks that it passes, calls that it reaches."""

from __future__ import annotations

import ast
import functools
import math
import re
from collections.abc import Collection, Iterable, Iterator
from typing import TypeGuard
from weakref import WeakKeyDictionary

from checker.source import Call, Function

_CLEANING_ATTRIBUTES = frozenset({"name", "stem", "suffix", "hex"})
_CLEANING_WORDS = ("secure", "sanit", "slug", "basename", "uuid", "hash", "clean", "quote", "safe")
_CHECKING_WORDS = (
    "check", "valid", "safe", "sanit", "secure", "allow", "verify", "ensure", "is_relative_to", "match", "fullmatch",
    "startswith", "endswith", "isalnum", "isdigit", "isidentifier", "raise_", "authorize", "guard", "reject", "commonpath",
)  # fmt: skip


def statements(function: Function) -> Iterator[ast.stmt]:
    """All statements of a function in the order of the file, without those of inner functions."""
    return iter(_read(function).statements)


def statements_in(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """These statements and those inside them, without what stands in functions and classes."""
    waiting: list[ast.stmt] = list(reversed(body))
    while waiting:
        statement = waiting.pop()
        yield statement
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        inner: list[ast.stmt] = []
        for name in ("body", "orelse", "finalbody"):
            inner += getattr(statement, name, [])
        for handler in getattr(statement, "handlers", []):
            inner += handler.body
        for case in getattr(statement, "cases", []):
            inner += case.body
        waiting.extend(reversed(inner))


def whole_of(value: ast.expr | None, takers: Collection[str]) -> ast.expr | None:
    """`client` of `client[name]`, and of `client.get_database(name)` where that method is among `takers`."""
    while True:
        if isinstance(value, ast.Subscript):
            value = value.value
        elif (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and value.func.attr in takers
        ):
            value = value.func.value
        else:
            return value


def blocks(function: Function) -> Iterator[list[ast.stmt]]:
    """Every run of statements of a function that stand under one head: its body, a branch, what an `except` does."""
    yield function.body
    for statement in statements(function):
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        inner = [getattr(statement, part, []) for part in ("body", "orelse", "finalbody")]
        inner += [one.body for part in ("handlers", "cases") for one in getattr(statement, part, [])]
        yield from filter(None, inner)


def own_expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement itself, without those of statements inside it."""
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.withitem):
            yield child.context_expr


def reads(
    expression: ast.expr,
    names: Iterable[str],
    through: frozenset[str] | None = None,
    stop: frozenset[int] = frozenset(),
) -> bool:
    """Whether an expression reads one of these names or dotted attributes, calls other than `through` left out.

    `stop` holds the ids of calls that carry nothing on.
    """
    wanted = set(names)
    waiting: list[ast.AST] = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and node.id in wanted:
            return True
        if isinstance(node, ast.Attribute):
            if _dotted(node) in wanted:
                return True
            if node.attr in _CLEANING_ATTRIBUTES:
                continue
        if isinstance(node, ast.Dict) and through is not None:
            continue  # A text in a mapping is no text any more.
        if isinstance(node, ast.Call) and last_name(node).lower().startswith(("len", "bool", "int", "float")):
            continue
        if isinstance(node, ast.Call) and _cleans(last_name(node).lower()):
            continue
        if isinstance(node, ast.Call) and through is not None and last_name(node) not in through:
            continue
        if id(node) in stop:
            continue
        if isinstance(node, ast.IfExp):
            waiting += [node.body, node.orelse]  # What is asked does not come through.
            continue
        waiting.extend(ast.iter_child_nodes(node))
    return False


def _cleans(name: str) -> bool:
    """A call whose name says that little of what it is given comes through; `urlsafe_b64decode` and `unquote` say no such thing."""
    name = name.replace("urlsafe", "").replace("unquote", "")
    return any(word in name for word in _CLEANING_WORDS)


def carriers(
    function: Function,
    source: str,
    *,
    through: frozenset[str] | None = None,
    stop: frozenset[int] = frozenset(),
) -> set[str]:
    """The source and every local name that is computed from it; calls carry it on only if named in `through` and not in `stop`."""
    found = {source}
    for statement in statements(function):
        value: ast.expr | None = None
        targets: list[ast.expr] = []
        match statement:
            case ast.Assign():
                value, targets = statement.value, statement.targets
            case ast.AnnAssign() | ast.AugAssign():
                value, targets = statement.value, [statement.target]
            case ast.For() | ast.AsyncFor():
                value, targets = statement.iter, [statement.target]
        if value is not None and reads(value, found, through, stop):
            found |= {t.id for t in targets if isinstance(t, ast.Name)}
    for loop in _read(function).comprehensions:
        if isinstance(loop.target, ast.Name) and reads(loop.iter, found, through, stop):
            found.add(loop.target.id)
    return found


_EXISTENCE = frozenset({
    "exists", "is_file", "is_dir", "isfile", "isdir", "len", "bool", "file_exists", "path_exists", "dir_exists", "folder_exists",
})  # fmt: skip


def says_more_than_presence(test: ast.expr) -> list[ast.expr]:
    """The parts of a condition, without `if x`, `if x is None` and `if x.exists()`."""
    if isinstance(test, ast.BoolOp):
        return [part for value in test.values for part in says_more_than_presence(value)]
    if isinstance(test, ast.UnaryOp):
        return says_more_than_presence(test.operand)
    if isinstance(test, ast.Name):
        return []
    if isinstance(test, ast.Compare) and (
        isinstance(test.ops[0], (ast.Is, ast.IsNot)) or _asks_emptiness(test)
    ):
        return []
    return [] if isinstance(test, ast.Call) and last_name(test) in _EXISTENCE else [test]


def _asks_emptiness(test: ast.Compare) -> bool:
    """`name == ""`: whether there is anything, as `not name` asks."""
    return any(isinstance(side, ast.Constant) and side.value == "" for side in (test.left, *test.comparators))


_PERMISSION = re.compile(r"_*(can|may|has|have)_|_*is_(admin|owner|member|author|allowed)(_|$)")


def asks_permission(test: ast.expr) -> bool:
    """`if not can_manage(name, user)`: asks what somebody may do, and nothing about the form of the value."""
    return isinstance(test, ast.Call) and _PERMISSION.match(last_name(test)) is not None and not _checks(test)


def is_checked(
    function: Function,
    names: set[str],
    *,
    lookups: bool = True,
    permissions: bool = True,
    endings: bool = True,
    folders: bool = True,
    counts: bool = True,
    presence: bool = True,
    picks: bool = True,
    before: float = math.inf,
) -> bool:
    """Whether the function compares one of the names, tests it, or hands it to something that checks.

    Without `lookups`, a comparison with a column, `Tool.id == tool_id`, is no check: it asks the database. Without `permissions`,
    a question such as `can_manage(tool_id, user)` is none either. Without `endings`, nor is `name.endswith(".zip")`, without
    `folders` no `path.startswith("uploads/")`, and without `counts` no comparison with how many there are, `total % limit > 0`, and
    without `presence` no `if "name" in data`, without `picks` no `if path == "/": return drives()`, after which any other goes on. Only what stands in the lines `before` one is looked at.
    """
    for node, mentioned_there, is_condition in _read(function).checks:
        if (not presence and _asks_key(node)) or (not picks and id(node) in _read(function).picking):
            continue
        if node.lineno >= before or names.isdisjoint(mentioned_there) or (not endings and _asks_ending(node)):
            continue
        if (not counts and _asks_count(node, names)) or (not folders and _asks_folder(node)):
            continue
        if (
            (permissions or not asks_permission(node))
            if is_condition
            else (lookups or not _asks_column(node))
        ):
            return True
    return False


class _Reading:
    """What is asked of a function again and again, for each of the values that go through it."""

    def __init__(self, function: Function) -> None:
        self.statements = tuple(statements_in(function.body))

    @functools.cached_property
    def checks(self) -> list[tuple[ast.expr, frozenset[str], bool]]:
        """Conditions and comparisons, with the names in them; the last is whether a condition decides which way a run takes."""
        found: list[tuple[ast.expr, bool]] = []
        for statement in self.statements:
            if isinstance(statement, (ast.If, ast.While, ast.Assert)):
                found += [(part, True) for part in says_more_than_presence(statement.test)]
            if isinstance(statement, ast.Match):
                found += [(part, True) for part in says_more_than_presence(statement.subject)]
            for expression in own_expressions(statement):
                found += [(node, False) for node in ast.walk(expression) if _checks(node)]
        return [(node, mentioned(node), is_condition) for node, is_condition in found]

    @functools.cached_property
    def comprehensions(self) -> list[ast.comprehension]:
        """Each `for` inside an expression."""
        parts = (part for statement in self.statements for part in own_expressions(statement))
        return [node for part in parts for node in ast.walk(part) if isinstance(node, ast.comprehension)]

    @functools.cached_property
    def picking(self) -> frozenset[int]:
        """The comparisons by which one value has an answer of its own, and every other goes on."""
        return frozenset(id(s.test) for s in self.statements if isinstance(s, ast.If) and _picks_one(s))


def _picks_one(statement: ast.If) -> bool:
    """`if path in ("/", ""): return drives()`; an answer that may be a refusal is none."""
    test, last = statement.test, statement.body[-1]
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], (ast.Eq, ast.In)) or statement.orelse:
        return False
    other = test.comparators[0]
    texts = other.elts if isinstance(other, (ast.Tuple, ast.List, ast.Set)) else [other]
    if not all(
        isinstance(t, ast.Constant) and isinstance(t.value, str) and ".." not in t.value for t in texts
    ):
        return False
    given = last.value if isinstance(last, ast.Return) else None
    answer = given.value if isinstance(given, ast.Await) else given
    return isinstance(answer, ast.Call) and not _REFUSING.search(ast.unparse(answer))


_REFUSING = re.compile(
    r"(?i)error|exception|fail|invalid|missing|not_?found|forbid|denied|deny|abort|reject|refuse|response|status|bad|none|empty|false"
)


_READ: WeakKeyDictionary[Function, _Reading] = WeakKeyDictionary()


def _read(function: Function) -> _Reading:
    found = _READ.get(function)
    if found is None:
        found = _READ[function] = _Reading(function)
    return found


def _asks_ending(node: ast.expr) -> bool:
    """`name.endswith(".zip")`: says nothing of what stands in front."""
    return isinstance(node, ast.Call) and last_name(node) == "endswith"


def _asks_folder(node: ast.expr) -> bool:
    """`path.startswith("uploads/")`, `"localhost" in url`: `..` may follow; `"/" in name` and `".." in name` ask for it."""
    if isinstance(node, ast.BoolOp):
        return all(_asks_folder(part) for part in node.values)
    if isinstance(node, ast.Call) and last_name(node) == "startswith" and len(node.args) == 1:
        begins = node.args[0]
        return _is_word(begins) and isinstance(begins, ast.Constant) and "/" in str(begins.value)[1:]
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
        return _is_word(node.left) and isinstance(node.left, ast.Constant) and str(node.left.value).isalnum()
    return False


def _is_word(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and ".." not in node.value


_COUNTS = re.compile(r"(^|_)(total|count|counter|idx|index|length|len|remaining|found|seen|i|n)(_|$)")


def _asks_count(node: ast.expr, names: set[str]) -> bool:
    """`total % limit > 0`, `len(rows) == limit`, `page * size < total`: asks whether there is more, and refuses nothing."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mod)
    if isinstance(node, ast.Call):
        return last_name(node) == "isinstance"
    if not isinstance(node, ast.Compare):
        return False
    sides = [node.left, *node.comparators]
    if any(isinstance(s, ast.BinOp) and isinstance(s.op, ast.Mod) and mentions(s, names) for s in sides):
        return True
    others = [side for side in sides if not mentions(side, names)]
    return bool(others) and all(_is_count(side) for side in others)


def _is_count(side: ast.expr) -> bool:
    if isinstance(side, ast.Call):
        return last_name(side) in {"len", "count"}
    name = side.id if isinstance(side, ast.Name) else getattr(side, "attr", "")
    return bool(_COUNTS.search(name)) and "max" not in name


def _asks_key(node: ast.expr) -> bool:
    """`"name" in data`: whether a key is there, and nothing about what stands under it. `not in` goes before a refusal."""
    return isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In) and _is_word(node.left)


def _asks_column(node: ast.expr) -> bool:
    """`Tool.id == tool_id`, `self.model.id == tool_id`, `tools.c.id == tool_id`."""
    if not isinstance(node, ast.Compare):
        return False
    for side in (node.left, *node.comparators):
        if not isinstance(side, ast.Attribute) or side.attr.isupper():
            continue
        owner = side.value.attr if isinstance(side.value, ast.Attribute) else getattr(side.value, "id", "")
        if owner in {"c", "model", "cls"} or (owner[:1].isupper() and not owner.isupper()):
            return True
    return False


def _checks(node: ast.AST) -> TypeGuard[ast.expr]:
    if isinstance(node, ast.Compare):
        return not isinstance(node.ops[0], (ast.Is, ast.IsNot)) and not _asks_emptiness(node)
    if not isinstance(node, ast.Call):
        return False
    name = last_name(node).lower().replace("urlsafe", "")
    return any(word in name for word in _CHECKING_WORDS)


def mentions(expression: ast.expr, names: set[str]) -> bool:
    """Whether one of the names occurs anywhere in the expression."""
    for node in ast.walk(expression):
        if isinstance(node, ast.Name) and node.id in names:
            return True
        if isinstance(node, ast.Attribute) and _dotted(node) in names:
            return True
    return False


def is_used(function: Function, name: str) -> bool:
    """Whether the body of a function mentions a name at all."""
    return any(mentions(part, {name}) for s in statements(function) for part in own_expressions(s))


def mentioned(expression: ast.expr) -> frozenset[str]:
    """The names and dotted names that occur anywhere in the expression."""
    found = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
    found |= {_dotted(node) for node in ast.walk(expression) if isinstance(node, ast.Attribute)}
    return frozenset(found - {""})


def _dotted(node: ast.Attribute) -> str:
    if isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    before = _dotted(node.value) if isinstance(node.value, ast.Attribute) else ""
    return f"{before}.{node.attr}" if before else ""


def root_name(expression: ast.expr) -> str:
    """`session` of `session.query(Tool).all`; empty where it does not begin with a name."""
    while isinstance(expression, (ast.Attribute, ast.Call, ast.Subscript)):
        expression = expression.func if isinstance(expression, ast.Call) else expression.value
    return expression.id if isinstance(expression, ast.Name) else ""


def last_name(call: ast.Call) -> str:
    """The last part of what a call calls: `get` of `store.tools.get(...)`."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def caught_names(function: Function, node: ast.expr) -> set[str]:
    """The last names of the exceptions that a `try` around an expression catches; `Exception` where it names none."""
    found: set[str] = set()
    for statement in statements(function):
        if not isinstance(statement, ast.Try) or not holds_line(statement, node):
            continue
        for handler in statement.handlers:
            caught = handler.type
            parts = caught.elts if isinstance(caught, ast.Tuple) else [caught]
            found |= {ast.unparse(p).rpartition(".")[2] if p is not None else "Exception" for p in parts}
    return found


def holds_line(attempt: ast.Try, node: ast.expr) -> bool:
    """Whether an expression stands in what a `try` attempts."""
    return attempt.body[0].lineno <= node.lineno <= (attempt.body[-1].end_lineno or 0)


def is_caught(function: Function, node: ast.expr) -> bool:
    """Whether a `try` with a handler stands around an expression of the function."""
    return any(
        isinstance(statement, ast.Try) and statement.handlers and holds_line(statement, node)
        for statement in statements(function)
    )


def parameter_for(argument: ast.expr, call: Call, callee: Function) -> str:
    """The name under which a function gets an argument."""
    for keyword in call.node.keywords:
        if keyword.value is argument and keyword.arg is not None:
            return keyword.arg
    names = [p.name for p in callee.parameters if not p.variadic]
    if callee.owner is not None and names[:1] in (["self"], ["cls"]):
        names = names[1:]
    position = next((i for i, a in enumerate(call.node.args) if a is argument), len(names))
    return names[position] if position < len(names) else ""


def is_given_back(call: Call, function: Function) -> bool:
    """A factory: what the call makes it returns, and somebody else closes it."""
    names = {n for n, bound in function.bindings.items() for b in bound if b.value is call.node}
    return any(
        r.value is call.node or (isinstance(r.value, ast.Name) and r.value.id in names)
        for r in function.returns
    )
