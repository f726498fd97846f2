"""What a hidden suite's file says, read without running it: the authored texts and whether they quote the test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from checker.errors import BookError

_CODE = re.compile(r"\b(?:expect|require)\(|\bassert \b|\bdef test_|@check\b|\brng\.")
_LONGEST_SHARED_LINE = 30
_PARAMETRIZED = ("parametrize", "skip", "skipif", "xfail")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoredCheck:
    """The texts of one `@check`, with the line of its test; `says` are those of its expectations too."""

    id: str
    line: int
    say: str
    docs: str | None
    lesson: str | None
    says: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something in a suite's file that an author must mend."""

    line: int
    what: str
    remedy: str


def authored_checks(path: Path) -> tuple[AuthoredCheck, ...]:
    """Every `@check` of a suite's file with its texts; a text that only running could tell counts as empty.

    Raises `BookError` where the file cannot be read or parsed.
    """
    try:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text, filename=str(path))
    except (OSError, UnicodeDecodeError, SyntaxError, ValueError) as error:
        raise BookError(f"The hidden suite `{path}` cannot be read: {error}.") from error
    names = _named_texts(tree)
    return tuple(
        found
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in node.decorator_list
        if (found := _authored(text, names, node, decorator)) is not None
    )


def _named_texts(tree: ast.Module) -> dict[str, str]:
    """The module's text constants: several checks may share a page or a sentence."""
    names: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            names[node.targets[0].id] = _text(node.value, names)
    return names


def _authored(
    text: str,
    names: dict[str, str],
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    decorator: ast.expr,
) -> AuthoredCheck | None:
    if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name)):
        return None
    if decorator.func.id != "check" or not decorator.args:
        return None
    keywords = {keyword.arg: keyword.value for keyword in decorator.keywords}
    says = tuple(
        _text(keyword.value, names)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and call is not decorator
        for keyword in call.keywords
        if keyword.arg == "say"
    )
    return AuthoredCheck(
        id=_text(decorator.args[0], names),
        line=node.lineno,
        say=_text(keywords.get("say"), names),
        docs=_text(keywords["docs"], names) if "docs" in keywords else None,
        lesson=_text(keywords["lesson"], names) if "lesson" in keywords else None,
        says=says,
        source="\n".join(ast.get_source_segment(text, statement) or "" for statement in node.body),
    )


def _text(node: ast.expr | None, names: dict[str, str]) -> str:
    """The literal parts of a text, also of an f-string or a sum; empty where there are none."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return names.get(name, "")
        case ast.JoinedStr(values=parts):
            return "".join(_text(part, names) or "…" for part in parts)
        case ast.FormattedValue(value=inner):
            return _text(inner, names)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left, names) + _text(right, names)
        case _:
            return ""


def text_faults(check: AuthoredCheck) -> Iterator[Fault]:
    """Messages that are missing, or that show a learner the test."""
    if not check.say.strip():
        yield Fault(
            line=check.line,
            what=f"`{check.id}` has no message for a failure.",
            remedy="Write `say=`: what the app did, why, and what to do, as a literal text.",
        )
    lines = [line.strip() for line in check.source.splitlines()]
    for text in (check.say, *check.says):
        quoted = _CODE.search(text)
        line = next((one for one in lines if len(one) >= _LONGEST_SHARED_LINE and one in text), None)
        if quoted or line:
            yield Fault(
                line=check.line,
                what=f"the message of `{check.id}` quotes the test: `{quoted[0] if quoted else line}`.",
                remedy="Say what the app did and what to do; the hidden test's source stays hidden.",
            )


def shape_faults(path: Path) -> Iterator[Fault]:
    """Constructs that would make the set of checks depend on running the file."""
    tree = ast.parse(path.read_bytes(), filename=str(path))
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield Fault(
                line=node.lineno,
                what=f"`{node.name}` is a test class.",
                remedy="Write each check as a function of the module.",
            )
    for inner in ast.walk(tree):
        if (
            isinstance(inner, ast.Attribute)
            and inner.attr in _PARAMETRIZED
            and "pytest" in ast.unparse(inner)
        ):
            yield Fault(
                line=inner.lineno,
                what=f"`{ast.unparse(inner)}` changes which checks run.",
                remedy="Loop inside the test; every declared check runs, each once.",
            )
        if isinstance(inner, ast.Import | ast.ImportFrom) and _imports_the_app(inner):
            yield Fault(
                line=inner.lineno,
                what="the suite imports the learner's app.",
                remedy="Speak HTTP to it through the fixtures; learner code never runs beside a test.",
            )


def _imports_the_app(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
    else:
        names = [alias.name for alias in node.names]
    return any(name == "app" or name.startswith("app.") for name in names)
