"""Classes that keep their only instance, or a shared object, on themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from checker.constraints.flow import last_name, own_expressions, statements
from checker.constraints.handmade import is_none
from checker.constraints.resources import holds_state, is_data_class, is_mutation, is_resource
from checker.source import Class, Function, Project, Value

_OWN_INSTANCE = frozenset({"instance", "instances", "singleton", "inst", "self"})


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a class keeps what all share, and how, in words."""

    line: int
    how: str


def how_kept(made: Class, project: Project) -> Kept | None:
    """How a class keeps its only instance or a shared object; None where it does not."""
    found = _kept_on_class(made, project)
    if found is not None:
        attribute, stored = found
        declared = made.bindings.get(attribute, [])
        # What `__new__` opens for the instance is made there; elsewhere the attribute's declaration is what has to go.
        line = declared[0].line if declared and not _opens_in_new(made, stored) else stored
        return Kept(line, f"keeps a shared object on the class itself (`{attribute}`, line {stored})")
    marks = [*made.node.decorator_list, *(k.value for k in made.node.keywords if k.arg == "metaclass")]
    for mark in marks:
        plain: ast.expr = mark.func if isinstance(mark, ast.Call) else mark
        if "singleton" in ast.unparse(plain).lower():
            return Kept(made.line, f"has only one instance, by `{ast.unparse(plain)}`")
    return None


def _opens_in_new(made: Class, line: int) -> bool:
    """Whether a line lies in a `__new__` of the class that does more than to make the instance."""
    makes = made.functions.get("__new__")
    return (
        makes is not None
        and makes.line <= line <= makes.last_line
        and len(list(statements(makes))) > _ONLY_MAKES
    )


_ONLY_MAKES = 3
"""`if cls._instance is None:`, `cls._instance = super().__new__(cls)`, `return cls._instance`."""


def _kept_on_class(made: Class, project: Project) -> tuple[str, int] | None:
    """The attribute that holds a resource, or the only instance, on the class, with the line that stores it."""
    for method in made.functions.values():
        given = _given_to_class(method, made, project)
        if given is not None:
            return given
        first = method.parameters[0].name if method.parameters else ""
        makes = method.name.endswith(".__new__")
        for store in method.stores:
            if store.value is None:
                continue
            owner, attribute = _stored(store.target, store.attribute)
            if owner == "" or (attribute not in made.bindings and not makes):
                continue
            if owner != made.node.name and not ((first == "cls" or makes) and owner == first):
                continue
            value = project.names.evaluate(store.value, method)
            own = value is not None and value.instance and value.item is made
            own |= isinstance(store.value, ast.Call) and last_name(store.value) == "__new__"
            if own or attribute.strip("_") in _OWN_INSTANCE or is_resource(value, project):
                return attribute, store.line
    return None


def _given_to_class(method: Function, made: Class, project: Project) -> tuple[str, int] | None:
    """`cls._version = version` in a class method, of an attribute that is `None` until then: a variable for the whole process."""
    if not method.parameters or "builtins.classmethod" not in {
        project.names.qualify(d, made) for d in method.decorators
    }:
        return None
    me, *given = (parameter.name for parameter in method.parameters)
    for store in method.stores:
        on_class = isinstance(store.target, ast.Name) and store.target.id in {me, made.node.name}
        declared = made.bindings.get(store.attribute, [])
        if (
            not on_class
            or len(declared) != 1
            or not is_none(declared[0].value)
            or store.attribute.startswith("__")
        ):
            continue
        if isinstance(store.value, ast.Name) and store.value.id in given and _is_read(made, store.attribute):
            return store.attribute, store.line
    return None


def _is_read(made: Class, attribute: str) -> bool:
    """Whether a method of the class reads what was stored on it."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == attribute and isinstance(node.ctx, ast.Load)
        for method in made.functions.values()
        for node in ast.walk(method.node)
    )


def _stored(target: ast.expr, attribute: str) -> tuple[str, str]:
    """The name of the object and the attribute that a store writes: `cls.x = 1`, `cls.x[k] = 1`."""
    owner: ast.expr = target
    if not attribute and isinstance(target, ast.Attribute):
        owner, attribute = target.value, target.attr
    return (owner.id if isinstance(owner, ast.Name) else ""), attribute


def keeps_on_class(method: Function, project: Project) -> bool:
    """Whether a class method stores what it made, a resource or the only instance, on its class."""
    if not method.parameters or method.owner is None:
        return False
    decorators = {project.names.qualify(d, method.owner) for d in method.decorators}
    if "builtins.classmethod" not in decorators:
        return False
    me = method.parameters[0].name
    for store in method.stores:
        on_class = isinstance(store.target, ast.Name) and store.target.id == me
        if not on_class or not store.attribute or store.value is None:
            continue
        value = project.names.evaluate(store.value, method)
        if is_resource(value, project) or (value is not None and value.item is method.owner):
            return True
    return False


def objects_on_classes(function: Function, project: Project) -> Iterator[tuple[ast.Attribute, Class, Value]]:
    """`Services.store` in the body: a resource, or an object that the service put there, read from a class; each once."""
    seen: set[str] = set()
    for statement in statements(function):
        for expression in own_expressions(statement):
            for node in ast.walk(expression):
                if not isinstance(node, ast.Attribute) or not isinstance(
                    node.value, (ast.Name, ast.Attribute)
                ):
                    continue
                holder = project.names.evaluate(node.value, function)
                if holder is None or holder.instance or not isinstance(holder.item, Class):
                    continue
                value = project.names.evaluate(node, function)
                name = ast.unparse(node)
                if name in seen or value is None or not value.instance or is_data_class(holder, project):
                    continue
                shared = is_resource(value, project) or holds_state(value, project)
                shared |= isinstance(value.item, Class) and _is_put_there(holder.item, node.attr, project)
                if shared and not is_data_class(value, project):
                    seen.add(name)
                    yield node, holder.item, value


def _is_put_there(made: Class, attribute: str, project: Project) -> bool:
    """`Services.store = Store()` in a function that starts the service."""
    if attribute not in made.bindings:
        return False
    for module in project.service_modules:
        for store in module.stores:
            if store.attribute != attribute or not isinstance(store.value, ast.Call):
                continue
            target = project.names.evaluate(store.target, store.scope)
            if target is not None and not target.instance and target.item is made:
                return isinstance(store.scope, Function)
    return False


def class_attributes_changed(
    function: Function, project: Project, *, by_instances: bool = False
) -> Iterator[tuple[Class, str, int]]:
    """`Jobs.running[key] = job`, `cls.count = 1`: attributes of a class body that a function changes on the class itself.

    With `by_instances`, only what an instance changes that has none of its own: `self.seen.append(x)` and `seen = []` in the body.
    """
    if function.name.rpartition(".")[2] in _MAKING:
        return
    changed: list[tuple[ast.expr, str, int]] = []
    called: list[tuple[ast.expr, str, int]] = []
    within: list[tuple[ast.expr, str, int]] = []
    for store in function.stores:
        if store.attribute and store.attribute != "=":
            changed.append((store.target, store.attribute, store.line))
            if isinstance(store.target, ast.Attribute):
                within.append((store.target.value, store.target.attr, store.line))
        elif not store.attribute:
            changed += _attribute_below(store.target, store.line)
    for call in function.calls:
        if is_mutation(call.node) and isinstance(call.node.func, ast.Attribute):
            below = _attribute_below(call.node.func.value, call.line)
            called += below
            within += [(h.value, h.attr, line) for h, _, line in below if isinstance(h, ast.Attribute)]
    for holder, attribute, line in [*changed, *called, *within]:
        value = _holder(holder, function, project)
        if value is None or not isinstance(value.item, Class) or (by_instances and not value.instance):
            continue
        if value.instance and not _is_shared_by_instances(value, attribute, project):
            continue
        for made in project.names.lineage(value.item)[0]:
            if attribute in made.bindings:
                # `Tool.session.add(tool)` changes no list.
                by_store = (holder, attribute, line) in changed and not value.instance
                body = made.bindings[attribute][0].value
                inside = (holder, attribute, line) in within
                if by_store or (_is_own_object(body, made, project) if inside else _is_collection(body)):
                    yield made, attribute, line
                break


def _holder(holder: ast.expr, function: Function, project: Project) -> Value | None:
    """The class, or an instance of it, on which an attribute is changed: `Jobs`, `cls`, `self`, `type(self)`, `self.__class__`."""
    if isinstance(holder, ast.Name) and holder.id not in function.bindings:
        return project.names.evaluate(holder, function)
    if isinstance(holder, ast.Call) and isinstance(holder.func, ast.Name) and holder.func.id == "type":
        of = holder.args[0] if len(holder.args) == 1 else None
    else:
        of = holder.value if isinstance(holder, ast.Attribute) and holder.attr == "__class__" else None
    if not isinstance(of, ast.Name) or of.id != "self" or function.owner is None:
        return None
    return Value(function.owner.qualified, item=function.owner)


def _is_own_object(value: ast.expr | None, made: Class, project: Project) -> bool:
    """`state = State()` in the body of a class: one object of the project's for all instances."""
    found = project.names.evaluate(value, made) if isinstance(value, ast.Call) else None
    return found is not None and found.instance and isinstance(found.item, Class)


def _is_shared_by_instances(value: Value, attribute: str, project: Project) -> bool:
    """`class Board: seen = []`, and `self.seen.append(x)`: no instance has a list of its own."""
    made = value.item
    if not isinstance(made, Class) or is_data_class(value, project):
        return False
    lineage, behind = project.names.lineage(made)
    plain = all(base.partition(".")[0] in _PLAIN_BASES for base in behind)
    if not plain or any(one.node.keywords or one.node.decorator_list for one in lineage):
        return False  # Such a base or decorator may give each instance what the class body says.
    return not any(attribute in one.attributes for one in lineage)


_PLAIN_BASES = frozenset({"builtins", "abc", "typing"})


def _is_collection(value: ast.expr | None) -> bool:
    """Whether a literal or a call makes a list, a dict or a set."""
    if isinstance(value, ast.Call):
        return last_name(value) in _COLLECTIONS
    return isinstance(value, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp))


_COLLECTIONS = frozenset(
    {
        "list",
        "dict",
        "set",
        "deque",
        "defaultdict",
        "OrderedDict",
        "Counter",
        "TTLCache",
        "LRUCache",
        "WeakSet",
    }
)
_MAKING = frozenset({"__new__", "__init_subclass__", "__set_name__"})


def _attribute_below(expression: ast.expr, line: int) -> list[tuple[ast.expr, str, int]]:
    """`Jobs` and `running` of `Jobs.running[a][b]`."""
    while isinstance(expression, ast.Subscript):
        expression = expression.value
    return [(expression.value, expression.attr, line)] if isinstance(expression, ast.Attribute) else []
