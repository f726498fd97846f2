"""Whether something checks what a client sent: a model, a schema, a signature, a parser, or code written for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from checker.constraints.flow import (
    asks_permission,
    carriers,
    caught_names,
    last_name,
    mentions,
    own_expressions,
    parameter_for,
    says_more_than_presence,
    statements,
)
from checker.constraints.shapes import Shape, is_scalar, shape_of
from checker.source import Call, Class, Function, Project

_VALIDATORS = frozenset({
    "model_validate", "model_validate_json", "validate_python", "validate_json", "parse_obj", "parse_raw", "model_construct",
    "parse_obj_as", "compare_digest", "construct_event", "convert", "from_json", "structure", "de_json", "deserialize",
})  # fmt: skip
_VALIDATING = ("verify", "validate", "check_sign", "is_valid")
_CHECKERS = ("model", "schema", "form", "form_class", "validator", "serializer")
_CARRYING = frozenset(
    {"loads", "dict", "list", "str", "get", "decode", "strip", "json", "items", "copy", "pop", "lower"}
)
_KEEPING = frozenset({"loads", "dict", "list", "decode", "json", "items", "copy"})
"""Those that leave all of a value together."""
_FURTHEST = 2
_OPENS_TOKEN = re.compile(r"(decode|verify|authenticate|validate)_?.*(token|jwt|user|websocket|ws)")
_ROWS = ("sqlalchemy.", "flask_sqlalchemy.", "django.db.", "tortoise.", "peewee.", "gino.", "pony.")
_ERROR_WORDS = ("error", "status_code=4", "http_4", "bad_request", "badrequest", "invalid")


def validates(function: Function, names: set[str], project: Project, *, whole: bool = False) -> bool:
    """Whether a function hands one of these values, or all of it, to a model, a schema, a signature check, or a helper that does."""
    for call in function.calls:
        if not (_is_given_whole(call.node, names) if whole else is_given(call.node, names)):
            continue
        if (looks_validating(call.node) and not _makes_row(call, project)) or (whole and _parses(call)):
            return True
        if _names_model(call, project) or _fills_field(call, names, project):
            return True
        if any("Validation" in name for name in caught_names(function, call.node)):
            return True  # `except ValidationError:` says that what is called checks it.
        if any(_helper_validates(helper, got, project, 1) for helper, got in helpers_given(call, names)):
            return True
    return False


def _helper_validates(function: Function, names: set[str], project: Project, depth: int) -> bool:
    """Whether a helper makes a model of all that it is given; what it does with one field of it says nothing of the rest."""
    for call in function.calls:
        if not _is_given_whole(call.node, names):
            continue
        last = last_name(call.node)
        if last in _VALIDATORS or last.strip("_").startswith(_VALIDATING):
            return True
        if any(k.arg is None for k in call.node.keywords) and _makes_model(call, project):
            return True
        if _names_model(call, project):
            return True
        if depth < _FURTHEST and any(
            _helper_validates(helper, got, project, depth + 1) for helper, got in helpers_given(call, names)
        ):
            return True
    return False


def helpers_given(call: Call, names: set[str]) -> Iterator[tuple[Function, set[str]]]:
    """The project's functions that a call hands all of one of these values to, with what carries it there."""
    callee = call.callee
    if callee is None or callee.is_abstract:
        return
    for argument in [*call.node.args, *(k.value for k in call.node.keywords if k.arg is not None)]:
        parameter = parameter_for(argument, call, callee) if _is_whole(argument, names) else ""
        if parameter:
            yield callee, carriers(callee, parameter, through=_KEEPING)


def _makes_model(call: Call, project: Project) -> bool:
    """`Tool(**data)`, `cls(**data)`: a class that checks what it is given."""
    if last_name(call.node) == "cls":
        return True
    value = project.names.evaluate(call.node.func, call.scope)
    made = value.item if value is not None and not value.instance else None
    return isinstance(made, Class) and not _makes_row(call, project)


def _names_model(call: Call, project: Project) -> bool:
    """`to_model(data, Tool)`: a model goes along as a class, for the value to become one."""
    for argument in [*call.node.args, *(k.value for k in call.node.keywords)]:
        if isinstance(argument, (ast.Name, ast.Attribute)):
            value = project.names.evaluate(argument, call.scope)
            if value is not None and not value.instance and project.names.is_a(value, "pydantic.BaseModel"):
                return True
    return False


def _fills_field(call: Call, names: set[str], project: Project) -> bool:
    """`Search(filters=data)`, where the model says what `filters` are, and that they are no plain text."""
    fields = [
        k.arg for k in call.node.keywords if isinstance(k.value, ast.Name) and k.value.id in names and k.arg
    ]
    value = project.names.evaluate(call.node.func, call.scope) if fields else None
    made = value.item if value is not None and not value.instance else None
    if not isinstance(made, Class) or not project.names.is_a(value, "pydantic.BaseModel"):
        return False
    declared = [
        (binding.annotation, step)
        for step in project.names.lineage(made)[0]
        for field in fields
        for binding in step.bindings.get(field, ())
    ]
    return any(
        a is not None and shape_of(a, step, project) is Shape.TYPED and not is_scalar(a, step, project)
        for a, step in declared
    )


def _makes_row(call: Call, project: Project) -> bool:
    """`Tool(**data)` where `Tool` is a table: its columns take whatever they are given."""
    value = project.names.evaluate(call.node.func, call.scope)
    made = value.item if value is not None and not value.instance else None
    if not isinstance(made, Class):
        return False
    ours, libraries = project.names.lineage(made)
    if any("__tablename__" in step.bindings or "__table__" in step.bindings for step in ours):
        return True
    return any(library.startswith(_ROWS) for library in libraries) or any(
        k.arg == "table" for step in ours for k in step.node.keywords
    )


def checks_by_hand(function: Function, names: set[str], depth: int = 0) -> bool:
    """Whether code written for it looks at half of what a function takes out of a value or more, and refuses what does not fit."""
    tests = [test for statement in statements(function) for test in _refusing_tests(statement)]
    fields = fields_taken(function, names)
    made = _made_by_helpers(function, names) if fields else set()
    looked_at = {
        key
        for key, taken in fields.items()
        if any(mentions(test, taken) or _speaks_of(test, key, names) for test in tests) or taken & made
    }
    if fields and 2 * len(looked_at) >= len(fields):
        return True
    if not fields and any(_is_whole(test, names) for test in tests):
        return True
    return depth < _FURTHEST and any(
        checks_by_hand(helper, got, depth + 1)
        for call in function.calls
        for helper, got in helpers_given(call, names)
    )


def _made_by_helpers(function: Function, names: set[str]) -> set[str]:
    """`size = whole_number(data.get("size"))` with `if size is None: raise`: the helper tells what fits from what does not."""
    refused = {
        node.id
        for statement in statements(function)
        if isinstance(statement, ast.If) and any(_refuses(inner) for inner in statement.body)
        for node in ast.walk(statement.test)
        if isinstance(node, ast.Name)
    }
    return {
        target.id
        for call in function.calls
        if call.callee is not None
        and isinstance(call.statement, ast.Assign)
        and call.statement.value is call.node
        and any(_key_of(argument, names) for argument in call.node.args)
        for target in call.statement.targets
        if isinstance(target, ast.Name) and target.id in refused
    }


def verifies_token(function: Function, read: ast.expr) -> bool:
    """`decode_access_token(token)` of what was read: who sends another text gets no further."""
    names = names_given_to(function, read)
    names |= {name for source in names for name in carriers(function, source, through=_CARRYING)}
    return any(
        _OPENS_TOKEN.match(last_name(call.node).strip("_").lower()) is not None
        and (is_given(call.node, names) or any(holds(argument, read) for argument in call.node.args))
        for call in function.calls
    )


def validates_whole(function: Function, names: set[str], project: Project) -> bool:
    """Whether a function makes a model of all of one of these values, or hands it to something that does."""
    return _helper_validates(function, names, project, 0)


def fields_taken(function: Function, names: set[str]) -> dict[str, set[str]]:
    """The keys that are read of a value, `data["name"]` or `data.get("name")`, with the names that they get."""
    found: dict[str, set[str]] = {}
    for statement in statements(function):
        for node in (n for part in own_expressions(statement) for n in ast.walk(part)):
            key = _key_of(node, names)
            if key:
                value = getattr(statement, "value", None)
                targets = getattr(statement, "targets", []) if isinstance(value, ast.expr) else []
                if isinstance(statement, ast.For | ast.AsyncFor):
                    targets = [statement.target]
                found.setdefault(key, set()).update(names_in(list(targets)))
    return found


def _key_of(node: ast.AST, names: set[str]) -> str:
    if isinstance(node, ast.Subscript):
        holder, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        if node.func.attr not in {"get", "pop"}:
            return ""
        holder, key = node.func.value, node.args[0]
    else:
        return ""
    is_held = isinstance(holder, (ast.Name, ast.Attribute)) and ast.unparse(holder) in names
    is_field = is_held and isinstance(key, ast.Constant)
    return str(key.value) if is_field and isinstance(key, ast.Constant) else ""


def _speaks_of(test: ast.expr, key: str, names: set[str]) -> bool:
    """`"name" not in data`, `len(data["name"]) > 50`."""
    words = any(isinstance(node, ast.Constant) and node.value == key for node in ast.walk(test))
    return words and mentions(test, names)


def _refusing_tests(statement: ast.stmt) -> list[ast.expr]:
    """What a statement tests, for more than being there, before it refuses."""
    if isinstance(statement, ast.Assert):
        return says_more_than_presence(statement.test)
    if isinstance(statement, ast.If):
        tests = says_more_than_presence(statement.test)
        branches = [statement.body, statement.orelse]
    elif isinstance(statement, ast.Match):
        tests = [statement.subject]
        branches = [case.body for case in statement.cases]
    else:
        return []
    refuses = any(_refuses(inner) for branch in branches for inner in branch)
    return [test for test in tests if not _fetches(test) and not asks_permission(test)] if refuses else []


def _fetches(test: ast.expr) -> bool:
    """`if data["name"]`, `if data.get("name")` and `if "name" not in data` ask only whether it is there."""
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], (ast.In, ast.NotIn)):
        return isinstance(test.left, ast.Constant)
    return isinstance(test, ast.Subscript) or (isinstance(test, ast.Call) and last_name(test) == "get")


def _refuses(statement: ast.stmt) -> bool:
    """Whether a statement raises or answers an error."""
    if isinstance(statement, ast.Return) and statement.value is not None:
        return any(word in ast.unparse(statement.value).lower() for word in _ERROR_WORDS)
    return isinstance(statement, ast.Raise)


def is_signed(function: Function) -> bool:
    """`if not verify_hmac(await request.body(), signature)`: whoever sent this is known, and trusted with its form."""
    reads_body = any(last_name(call.node) == "body" for call in function.calls)
    return reads_body and any(
        word in last_name(call.node).lower()
        for call in function.calls
        for word in ("hmac", "signature", "compare_digest", "verify_webhook")
    )


def parses_whole(function: Function, names: set[str]) -> bool:
    """Whether a function hands all of one of these values to a helper that parses it."""
    return any(_parses(call) and _is_given_whole(call.node, names) for call in function.calls)


def _parses(call: Call) -> bool:
    """`reason = _parse_reason(form)`: a helper of the project that makes a value of it, or says why not."""
    return call.callee is not None and last_name(call.node).strip("_").startswith("parse")


def looks_validating(call: ast.Call) -> bool:
    """Whether a call checks what it is given, by its name: `Tool.model_validate`, `verify_signature`, `Tool(**data)`."""
    last = last_name(call)
    lowered = last.lower().strip("_")
    if last in _VALIDATORS or lowered.startswith(_VALIDATING) or "signature" in lowered:
        return True
    if (
        isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "hmac"
    ):
        return True  # The signature over the body.
    if lowered == "cls" or (lowered.endswith(_CHECKERS) and not lowered.startswith("create")):
        return True  # `user_model(**data)`, where the class comes as a parameter.
    if lowered == "decode" and call.args:
        return True  # `decoder.decode(raw)` of a schema; `raw.decode()` on bytes takes nothing.
    # `Tool(**data)` validates as well.
    return last[:1].isupper() and any(keyword.arg is None for keyword in call.keywords)


def _only_asks_what_is_there(function: Function, names: set[str]) -> bool:
    """`"remember" in form` and nothing else: no value of the client's goes anywhere."""
    return is_only_read_in(
        (
            one
            for node in ast.walk(function.node)
            if isinstance(node, ast.Compare) and all(isinstance(op, (ast.In, ast.NotIn)) for op in node.ops)
            for one in node.comparators
        ),
        names,
        function,
    )


def is_only_read_in(places: Iterable[ast.AST], names: set[str], function: Function) -> bool:
    """Whether the names are read in a function, and each time as one of these expressions."""
    allowed = {id(place) for place in places}
    read = {
        id(node)
        for node in ast.walk(function.node)
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load)
    }
    return bool(read) and read <= allowed


def is_given(call: ast.Call, names: set[str]) -> bool:
    """Whether one of the names stands in the arguments of a call."""
    return any(mentions(value, names) for value in [*call.args, *(k.value for k in call.keywords)])


def _is_given_whole(call: ast.Call, names: set[str]) -> bool:
    """The same without one field of it: `check(form)`, not `check(form["name"])` nor `check(form.get("name"))`."""
    return any(_is_whole(value, names) for value in [*call.args, *(k.value for k in call.keywords)])


def _is_whole(expression: ast.expr, names: set[str]) -> bool:
    waiting: list[ast.AST] = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Name, ast.Attribute)) and ast.unparse(node) in names:
            return True
        if isinstance(node, ast.Subscript) or (
            isinstance(node, ast.Attribute) and node.attr in {"get", "pop"}
        ):
            continue
        waiting.extend(ast.iter_child_nodes(node))
    return False


def is_validated(function: Function, read: ast.expr, project: Project, *, whole: bool = False) -> bool:
    """Whether what a call gave is validated where it stands, or under the name that it got.

    `whole` asks for all of it at once: a form is not checked where one of its fields is.
    """
    for statement in statements(function):
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                if (
                    isinstance(node, ast.Call)
                    and node is not read
                    and looks_validating(node)
                    and any(holds(a, read) for a in [*node.args, *(k.value for k in node.keywords)])
                ):
                    return True
    names = names_given_to(function, read)
    if names and _only_asks_what_is_there(function, names):
        return True
    through = _CARRYING - {"get"} if whole else _CARRYING
    carried = {name for source in names for name in carriers(function, source, through=through)}
    if carried and validates(function, carried, project, whole=whole):
        return True
    return any(
        _helper_validates(helper, inside, project, 1)
        for helper, inside in _helpers_given_directly(function, read)
    )


def is_checked_by_hand(function: Function, read: ast.expr) -> bool:
    """Whether code of the project looks at what a call gave and refuses what does not fit."""
    names = names_given_to(function, read)
    if names and checks_by_hand(function, names):
        return True
    if any(checks_by_hand(helper, inside, 1) for helper, inside in _helpers_given_directly(function, read)):
        return True
    # A form of one's own: it reads the request in one method and is asked in another whether all is well.
    stored = any("." in name for name in names)
    methods = function.owner.functions if function.owner is not None and stored else {}
    return any(name.strip("_").startswith((*_VALIDATING, "clean", "check")) for name in methods)


def _helpers_given_directly(function: Function, read: ast.expr) -> Iterator[tuple[Function, set[str]]]:
    """`store(await request.json())`: the project's functions that get it without a name."""
    for call in function.calls:
        for argument in [*call.node.args, *(k.value for k in call.node.keywords if k.arg is not None)]:
            plain = argument.value if isinstance(argument, ast.Await) else argument
            if plain is read and call.callee is not None:
                parameter = parameter_for(argument, call, call.callee)
                if parameter:
                    yield call.callee, carriers(call.callee, parameter, through=_KEEPING)


def names_given_to(function: Function, read: ast.expr) -> set[str]:
    """The names that an expression's value gets."""
    names: set[str] = set()
    for statement in statements(function):
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                if isinstance(node, ast.NamedExpr) and holds(node.value, read):
                    names |= names_in([node.target])
        value = getattr(statement, "iter", None) or getattr(statement, "value", None)
        if isinstance(value, ast.expr) and holds(value, read):
            targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
            names |= names_in([t for t in targets if t is not None])
    return names


def holds(expression: ast.expr, read: ast.expr) -> bool:
    return any(node is read for node in ast.walk(expression))


def names_in(targets: list[ast.expr]) -> set[str]:
    found: set[str] = set()
    for target in targets:
        found |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            found.add(f"{target.value.id}.{target.attr}")
    return found
