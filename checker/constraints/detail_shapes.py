"""What stands under `detail` in the errors of one service: a text, a list, or an object, and which of them is the rule."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checker.constraints.error_bodies import Body, Callers, Form, is_text, is_typed_error
from checker.constraints.error_handlers import PROTOCOL_KEYS, Handlers, Kind, handlers_of_apps
from checker.constraints.flow import last_name
from checker.constraints.private_shapes import is_about_health
from checker.constraints.replies import HTTP_EXCEPTION, json_reply, written
from checker.constraints.reply_keys import DEFAULT_KEYS, fields_of, keys_of
from checker.constraints.services import Service, reshaped_below, services
from checker.source import Call, Class, Function, Project, Scope, Value
from checker.source.places import is_aside_module

_FEWEST = 3
_CLEAR = 0.6
_SHARE = 0.1
_DUMPS = frozenset({"model_dump", "dict"})
_COPIES = frozenset({"jsonable_encoder", "list"})


@dataclass(frozen=True, slots=True)
class Detail:
    """One `HTTPException` that is made; `body` is None where nobody can tell what its detail is."""

    call: Call
    body: Body | None
    weight: int = 1
    """At how many places it is raised: a helper that makes it is called at several."""


@dataclass(frozen=True, slots=True)
class Census:
    """The details of one service, sorted into those that follow the rule and those that do not."""

    service: Service
    usual: Body
    """The form that most have; of objects the keys that are written most often."""
    rule: tuple[Detail, ...]
    others: tuple[Detail, ...]

    @property
    def is_clear(self) -> bool:
        """Whether one form is the rule, so that the others are the exceptions from it."""
        count = self.places
        return count >= _FEWEST and count >= _CLEAR * (count + _places(self.others))

    @property
    def places(self) -> int:
        """How often the usual form is answered."""
        return _places(self.rule)

    @property
    def is_mixed(self) -> bool:
        """Whether two forms are each written on purpose: more often than an oversight is, and not once in a hundred times."""
        less, more = sorted((self.places, _places(self.others)))
        return less >= _FEWEST and less >= _SHARE * (less + more)

    @property
    def is_apart(self) -> bool:
        """Whether the rule is an object, where FastAPI's own errors have a text, or a list, under `detail`."""
        return self.is_clear and self.usual.form is Form.OBJECT and bool(self.usual.keys)

    @property
    def forms(self) -> list[tuple[Body, int]]:
        """The forms with how often each is written, the most frequent first."""
        others = _count_bodies(self.others)
        return [(self.usual, self.places), *others.most_common()]


def _places(details: Iterable[Detail]) -> int:
    return sum(detail.weight for detail in details)


def _count_bodies(details: Iterable[Detail]) -> Counter[Body]:
    found: Counter[Body] = Counter()
    for detail in details:
        if detail.body is not None:
            found[detail.body] += detail.weight
    return found


def detail_censuses(project: Project) -> list[Census]:
    """One for each service whose details reach the client as they are written, in several forms."""
    details = list(_details(project))
    found: list[Census] = []
    for service in services(project) if details else ():
        if _left_as_they_are(service.handlers):
            below = reshaped_below(service, project)
            mine = [
                d
                for d in details
                if service.holds(d.call.scope.module) and d.call.scope.module.path not in below
            ]
            census = _count(mine, service)
            if census is not None:
                found.append(census)
    return found


def odd_details(project: Project) -> Iterator[tuple[Detail, Body, Census]]:
    """Every detail that has another form than is the rule in its service."""
    censuses = detail_censuses(project)
    told = {id(d) for census in censuses for d in census.rule}
    for census in censuses:
        for detail in census.others if census.is_clear else ():
            if id(detail) not in told and detail.body is not None:
                told.add(id(detail))
                yield detail, detail.body, census


def _left_as_they_are(handlers: Handlers) -> bool:
    """Nobody reshapes `HTTPException`."""
    of_statuses = {handler.keys for handler in handlers.of(Kind.STATUS)}
    return handlers.complete and not handlers.of(Kind.HTTP) and of_statuses <= {DEFAULT_KEYS}


def _count(details: list[Detail], service: Service) -> Census | None:
    known = [d for d in details if d.body is not None]
    if _places(known) * 2 < _places(details):
        return None
    bodies = _count_bodies(known)
    forms: Counter[Form] = Counter()
    for body, count in bodies.items():
        forms[body.form] += count
    if not forms:
        return None
    usual = forms.most_common(1)[0][0]
    most = max((b for b in bodies if b.form is usual), key=lambda b: bodies[b]).keys
    rule = [d for d in known if d.body is not None and _follows(d.body, Body(usual, most))]
    others = [d for d in known if d.body is not None and not _follows(d.body, Body(usual, most))]
    return Census(service, Body(usual, most), tuple(rule), tuple(others))


def _follows(body: Body, usual: Body) -> bool:
    if body.form is not usual.form:
        return False
    # Objects that share half of their keys are read by the same code; an object of unknown keys may be any.
    return not body.keys or not usual.keys or len(body.keys & usual.keys) * 2 >= len(usual.keys)


def _details(project: Project) -> Iterator[Detail]:
    every = handlers_of_apps(project)
    handled = {handler.shown.rpartition(".")[2] for h in every for handler in h.found}
    callers = Callers(project)
    made_somewhere = _classes_made(project)
    yield from _details_in_handlers(every, project)
    for module in project.modules:
        if module.is_test or is_aside_module(module):
            continue
        for call in module.calls:
            if not _makes_http_exception(call, handled, made_somewhere, project):
                continue
            if isinstance(call.scope, Function) and is_about_health(call.scope):
                continue
            body = _body_of(call, project)
            if body is None or not (body.keys & PROTOCOL_KEYS or _is_of_protocol(call)):
                yield Detail(call, body, _times_made(call, callers))


def _is_of_protocol(call: Call) -> bool:
    """`detail={"error": {"message": ..., "type": ...}}`: what clients of a well-known protocol expect."""
    detail = call.argument(1, "detail")
    return isinstance(detail, ast.Dict) and len(detail.values) == 1 and is_typed_error(detail.values[0])


def _times_made(call: Call, callers: Callers) -> int:
    """`def not_found(): return HTTPException(404)` stands for each place that raises what it returns."""
    function = call.scope
    if isinstance(function, Function) and any(r.value is call.node for r in function.returns):
        return max(1, len(callers.of(function)))
    return 1


def _details_in_handlers(every: list[Handlers], project: Project) -> Iterator[Detail]:
    """`JSONResponse({"detail": "Too long."})` in a handler: the client reads it as the `detail` of an `HTTPException`."""
    functions: dict[Function | None, set[Kind]] = {}
    for handlers in every:
        for handler in handlers.found:
            if handler.kind is not Kind.HTTP:
                functions.setdefault(handler.function, set()).add(handler.kind)
    for function, kinds in functions.items():
        for call in function.calls if function is not None else ():
            if json_reply(call.node, call.scope, project) is None or is_aside_module(call.scope.module):
                continue
            content = call.argument(0, "content")
            content = written(content, call.scope) if content is not None else None
            if isinstance(content, ast.Dict) and keys_of(content, call.scope, project) == DEFAULT_KEYS:
                body = _body_of_detail(content.values[0], call.scope, project)
                # A list is what FastAPI itself answers to invalid input: who only leaves the input out of it keeps the form.
                if body is not None and not (body.form is Form.LIST and kinds == {Kind.VALIDATION}):
                    yield Detail(call, body)


def _makes_http_exception(
    call: Call, handled: set[str], made_somewhere: frozenset[str], project: Project
) -> bool:
    if call.target == HTTP_EXCEPTION:
        return True
    if call.target == f"{HTTP_EXCEPTION}.__init__":
        # `super().__init__(404, detail=...)` in an exception of the project's own, unless it has a handler.
        owner = call.scope.owner if isinstance(call.scope, Function) else None
        return (
            owner is not None
            and owner.name.rpartition(".")[2] not in handled
            and owner.name in made_somewhere
        )
    made = project.names.evaluate(call.node.func, call.scope) if call.target else None
    if made is None or made.instance or not isinstance(made.item, Class):
        return False
    if (
        not project.names.is_a(made, HTTP_EXCEPTION)
        or project.names.method(made.item, "__init__") is not None
    ):
        return False
    return not handled & {step.name.rpartition(".")[2] for step in project.names.lineage(made.item)[0]}


_RAISED = re.compile(r"\braise\s+(?:\w+\.)*(\w+)")


def _classes_made(project: Project) -> frozenset[str]:
    """The classes of the project that somebody makes or raises, and what these are derived from."""
    modules = [module for module in project.modules if not module.is_test]
    written = {last_name(call.node) for module in modules for call in module.calls}
    for module in modules:
        written |= {found[1] for line in module.lines for found in _RAISED.finditer(line)}
    return frozenset(
        step.name
        for module in modules
        for made in module.classes
        if made.name.rpartition(".")[2] in written
        for step in project.names.lineage(made)[0]
    )


def _body_of(call: Call, project: Project) -> Body | None:
    opened = [k.value for k in call.node.keywords if k.arg is None]
    if opened:
        return _body_of_opened(opened[0], call.scope, project) if len(opened) == 1 else None
    if any(isinstance(a, ast.Starred) for a in call.node.args):
        return None
    detail = call.argument(1, "detail")
    if detail is None or (isinstance(detail, ast.Constant) and detail.value is None):
        return Body(Form.TEXT)  # Starlette writes the phrase of the status.
    return _body_of_detail(detail, call.scope, project)


def _body_of_detail(detail: ast.expr, scope: Scope, project: Project) -> Body | None:
    if is_text(detail, scope, project):
        return Body(Form.TEXT)
    plain = written(detail, scope)
    if _is_validation_list(plain, scope, project):
        return None  # FastAPI's own 422 has this form.
    if isinstance(
        plain, (ast.List, ast.ListComp, ast.Tuple)
    ):  # A comma too many makes a tuple, and JSON a list.
        return Body(Form.LIST)
    keys = keys_of(plain, scope, project)
    if keys is not None:
        return Body(Form.OBJECT, keys)
    if isinstance(plain, ast.Dict) or _is_dump(plain) or _is_read_by_key(detail, scope):
        return Body(Form.OBJECT)
    if isinstance(plain, ast.Name) and isinstance(scope, Function):
        parameter = scope.parameter(plain.id)
        default = parameter.default if parameter is not None and parameter.annotation is None else None
        if default is not None and not scope.bindings.get(plain.id):
            return Body(Form.TEXT) if is_text(default, scope, project) else None
    return None


def _is_dump(detail: ast.expr) -> bool:
    """`result.model_dump()` of an object that nobody can name."""
    made = detail.func if isinstance(detail, ast.Call) else None
    return isinstance(made, ast.Attribute) and made.attr in _DUMPS | {"to_dict", "as_dict"}


def _is_read_by_key(detail: ast.expr, scope: Scope) -> bool:
    """`result["failed"]` or `result.get("failed")` in the same function: `result` is no text."""
    if not isinstance(detail, ast.Name) or not isinstance(scope, Function):
        return False
    for node in ast.walk(scope.node):
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str())) if name == detail.id:
                return True
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[ast.Constant(value=str()), *_]
            ) if name == detail.id:
                return True
    return False


def _is_validation_list(detail: ast.expr, scope: Scope, project: Project) -> bool:
    """`error.errors()`, what is picked from it, or a list of objects that say where and what: `{"loc": ..., "msg": ...}`."""
    detail = written(detail, scope)
    if isinstance(detail, ast.Call):
        if last_name(detail) in _COPIES and len(detail.args) == 1:
            return _is_validation_list(detail.args[0], scope, project)
        return isinstance(detail.func, ast.Attribute) and detail.func.attr == "errors"
    if isinstance(detail, ast.ListComp) and _is_validation_list(detail.generators[0].iter, scope, project):
        return True
    elements = [detail.elt] if isinstance(detail, ast.ListComp) else getattr(detail, "elts", [])
    return bool(elements) and all(
        {"loc", "msg"} <= (keys_of(one, scope, project) or set()) for one in elements
    )


def _body_of_opened(opened: ast.expr, scope: Scope, project: Project) -> Body | None:
    """`HTTPException(**problem.model_dump())`, where the model has a field `detail`."""
    bodies = {_body_of_dump(value, scope, project) for value in _values_of(opened, scope)}
    return bodies.pop() if len(bodies) == 1 else None


def _values_of(expression: ast.expr, scope: Scope) -> list[ast.expr]:
    """What a local name may be, by all its assignments; the expression itself for anything else."""
    bindings = scope.bindings.get(expression.id, []) if isinstance(expression, ast.Name) else []
    values = [b.value for b in bindings if b.value is not None]
    return values if values and len(values) == len(bindings) else [expression]


def _body_of_dump(dump: ast.expr, scope: Scope, project: Project) -> Body | None:
    if isinstance(dump, ast.Dict):
        for key, value in zip(dump.keys, dump.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "detail":
                return _body_of_detail(value, scope, project)
        return None
    if not (isinstance(dump, ast.Call) and isinstance(dump.func, ast.Attribute) and dump.func.attr in _DUMPS):
        return None
    bodies = {
        _body_of_model(project.names.evaluate(value, scope), project)
        for value in _values_of(dump.func.value, scope)
    }
    return bodies.pop() if len(bodies) == 1 else None


def _body_of_model(model: Value | None, project: Project) -> Body | None:
    if model is None or not isinstance(model.item, Class):
        return None
    for step in project.names.lineage(model.item)[0]:
        for binding in step.bindings.get("detail", []):
            if binding.annotation is None:
                continue
            kind = project.names.annotation_type(binding.annotation, step)
            if kind is not None and kind.name == "builtins.str":
                return Body(Form.TEXT)
            keys = fields_of(kind, project)
            return Body(Form.OBJECT, keys) if keys is not None else None
    return None
