"""Which FastAPI a project runs on, as far as its lock file, requirements or settings tell."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from checker.source import Call, Module, Project

FAST_PATH = (0, 130)
"""The first version in which Pydantic writes the JSON of a declared model."""
_LARGEST = 20_000_000
_LOCKED = re.compile(r'^name = "fastapi"\r?\nversion = "(\d+)\.(\d+)([^"]*)"', re.MULTILINE)
_REQUIREMENTS = {
    name: re.compile(rf"^\s*{name}(?:-slim)?\s*(?:\[[^\]]*\])?\s*(?P<bounds>[^;#\\]*)", re.IGNORECASE)
    for name in ("fastapi", "pydantic")
}
_BOUND = re.compile(r"(===|==|~=|>=|<=|!=|\^|~|<|>|)\s*v?(\d+)(?:\.(\d+|\*))?(\.[^,\s]*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What a file says about FastAPI's version."""

    text: str
    """`0.115.12`, `<0.116`, or what Pydantic's version leaves."""
    path: str
    has_fast_path: bool


_KNOWN: WeakKeyDictionary[Project, Pin | None] = WeakKeyDictionary()


def pinned_fastapi(project: Project) -> Pin | None:
    """The nearest file above the app that tells on which side of 0.130 the project is; None where nothing does."""
    if project not in _KNOWN:
        _KNOWN[project] = _nearest(project)
    return _KNOWN[project]


def main_app(project: Project) -> Call | None:
    """The app with the most path operations in its folder and below."""
    apps = _apps(project)
    return apps[0][1] if apps else None


def _apps(project: Project) -> list[tuple[Module, Call]]:
    def operations_below(app: tuple[Module, Call]) -> int:
        folder = app[0].path.rpartition("/")[0]
        return sum(
            o.function.module.path.startswith(f"{folder}/" if folder else "") for o in project.operations
        )

    apps = [(module, call) for module, call in project.framework.apps if not module.is_test]
    return sorted(apps, key=operations_below, reverse=True)


def _nearest(project: Project) -> Pin | None:
    for folder in _folders(project):
        for path in _files(folder):
            for pin in _pins(path, project.folder):
                return pin
    return None


def _folders(project: Project) -> Iterator[Path]:
    """From the main app's folder up to the project's, then from the others'; without an app only the latter."""
    seen: set[Path] = set()
    for module, _ in _apps(project):
        parts = module.path.split("/")[:-1]
        for length in range(len(parts), 0, -1):
            folder = project.folder.joinpath(*parts[:length])
            if folder not in seen:
                seen.add(folder)
                yield folder
    yield project.folder


def _files(folder: Path) -> Iterator[Path]:
    for name in ("uv.lock", "poetry.lock", "pdm.lock"):
        yield folder / name
    for pattern in ("requirements*.txt", "requirements/*.txt", "requirements*.in"):
        found = sorted(folder.glob(pattern))
        # What is installed in production comes before what is added for development.
        yield from sorted(
            found, key=lambda p: (p.stem != "requirements", "dev" in p.stem or "test" in p.stem, p.name)
        )
    for name in ("pyproject.toml", "setup.cfg"):
        yield folder / name


def _pins(path: Path, root: Path) -> Iterator[Pin]:
    try:
        if not path.is_file() or path.is_symlink() or path.stat().st_size > _LARGEST:
            return
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return  # A file that cannot be read tells nothing.
    shown = path.relative_to(root).as_posix()
    if path.suffix == ".lock":
        locked = _LOCKED.search(text)
        if locked is not None:
            version = (int(locked[1]), int(locked[2]))
            yield Pin(
                text=f"{locked[1]}.{locked[2]}{locked[3]}", path=shown, has_fast_path=version >= FAST_PATH
            )
        return
    for bounds in _bounds(path.name, text, "fastapi"):
        fast = _has_fast_path(bounds)
        if fast is not None:
            exact = re.fullmatch(r"={2,3}\s*([\d.]+)", bounds)
            yield Pin(text=exact[1] if exact else bounds, path=shown, has_fast_path=fast)
    for bounds in _bounds(path.name, text, "pydantic"):
        if _is_first_pydantic(bounds):
            yield Pin(text=f"<0.126, for pydantic{bounds}", path=shown, has_fast_path=False)


def _bounds(name: str, text: str, package: str) -> Iterator[str]:
    """The bounds of each requirement on a package in a file."""
    if name == "pyproject.toml":
        try:
            settings = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            return
        yield from _in_settings(settings, package)
    elif name == "setup.cfg":
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(text)
        except configparser.Error:
            return
        yield from _of_lines(parser.get("options", "install_requires", fallback="").splitlines(), package)
    else:
        yield from _of_lines(text.splitlines(), package)


def _of_lines(lines: list[str], package: str) -> Iterator[str]:
    for line in lines:
        match = _REQUIREMENTS[package].match(line)
        if match is not None:
            yield match["bounds"].strip().strip("\"'")


def _in_settings(settings: dict[str, Any], package: str) -> Iterator[str]:
    project = _table(settings, "project")
    for lines in (project.get("dependencies"), *_table(project, "optional-dependencies").values()):
        yield from _of_lines(
            [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else [], package
        )
    poetry = _table(_table(settings, "tool"), "poetry")
    groups = [
        _table(group, "dependencies") for group in _table(poetry, "group").values() if isinstance(group, dict)
    ]
    for table in (_table(poetry, "dependencies"), *groups):
        wanted = table.get(package)
        if isinstance(wanted, dict):
            wanted = wanted.get("version")
        if isinstance(wanted, str):
            # Poetry reads a bare number as exactly that version.
            yield f"=={wanted}" if wanted[:1].isdigit() else wanted


def _table(of: dict[str, Any], name: str) -> dict[str, Any]:
    found = of.get(name)
    return found if isinstance(found, dict) else {}


def _has_fast_path(bounds: str) -> bool | None:
    """Whether every version within the bounds has the fast path; None where both kinds are within."""
    answers: set[bool] = set()
    for part in bounds.split(","):
        match = _BOUND.match(part.strip())
        if match is None or match[1] in {"", "!="}:
            continue
        series = (int(match[2]), int(match[3]) if match[3] and match[3].isdigit() else 0)
        has_patch = bool(match[4])
        if match[1] in {"==", "==="} and match[3] != "*":
            answers.add(series >= FAST_PATH)
        elif match[1] in {"^", "~"} or (match[1] == "~=" and has_patch):
            # FastAPI is below 1.0, where a caret stays within 0.x just as a tilde does.
            if series[0] == 0 and match[3]:
                answers.add(series >= FAST_PATH)
        elif match[1] in {">=", ">"} and series >= FAST_PATH:
            answers.add(True)
        elif (match[1] == "<" and series <= FAST_PATH) or (match[1] == "<=" and series < FAST_PATH):
            answers.add(False)
    return answers.pop() if len(answers) == 1 else None


def _is_first_pydantic(bounds: str) -> bool:
    """Whether only versions before Pydantic 2 are within the bounds; FastAPI needs the second from 0.126 on."""
    for part in bounds.split(","):
        match = _BOUND.match(part.strip())
        if match is None:
            continue
        major, below = int(match[2]), match[1] in {"<", "<="}
        if match[1] == "<" and major == 2 and not (match[3] or "0").strip("0*"):
            return True
        if major < 2 and (below or match[1] in {"==", "===", "~=", "^", "~"}):
            return True
    return False
