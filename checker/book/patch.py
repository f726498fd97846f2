"""Small changes to a right solution, as authors write them: wrong solutions and broken apps are made of these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from checker.errors import BookError

_File = TypeVar("_File", bound=msgspec.Struct)


class Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One replacement; `find` stands exactly once in the file."""

    path: Annotated[str, Meta(min_length=1)]
    find: Annotated[str, Meta(min_length=1)]
    replace: str


class TwinFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`broken/<id>.toml`: the mistake of one broken app, as edits to the reference."""

    edit: Annotated[tuple[Edit, ...], Meta(min_length=1)]


def read_toml(path: Path, kind: type[_File]) -> _File:
    """A small TOML file of an author's, typed; raises `BookError` naming file, key and remedy."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise BookError(
            f"`{path}` cannot be read: {error.strerror}. Write it, or delete its folder."
        ) from error
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        key = where.strip("`").removeprefix("$").removeprefix(".") or "the top level"
        raise BookError(
            f"`{path}`, at `{key}`: {what[0].lower()}{what[1:]}. Mend that key; docs/authors/engine.md shows a "
            "whole file."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BookError(f"`{path}` is not valid TOML: {error}. Mend it at that place.") from error


def apply_edits(where: Path, edits: Iterable[Edit], folder: Path) -> None:
    """Make the edits in `folder`, in their order; `where` is the file that they stand in.

    Raises `BookError` where one does not match exactly once.
    """
    for position, edit in enumerate(edits):
        target = folder / edit.path
        inside = target.is_file() and target.resolve().is_relative_to(folder.resolve())
        text = target.read_text(encoding="utf-8") if inside else None
        target.write_text(_edited(where, f"edit[{position}]", edit, text), encoding="utf-8", newline="")


def patched(where: Path, edits: Iterable[Edit], app: Mapping[str, bytes]) -> dict[str, bytes]:
    """A copy of the files below `app/` with the edits made, whose paths begin with `app/`.

    Raises `BookError` where one does not match exactly once.
    """
    changed = dict(app)
    for position, edit in enumerate(edits):
        name = edit.path.removeprefix("app/")
        text = changed[name].decode("utf-8") if edit.path != name and name in changed else None
        changed[name] = _edited(where, f"edit[{position}]", edit, text).encode()
    return changed


def _edited(where: Path, key: str, edit: Edit, text: str | None) -> str:
    if text is None:
        raise BookError(
            f"`{where}`, at `{key}.path`: the base has no file `{edit.path}`. Name one relative to the "
            "solution's folder, for example `app/main.py`."
        )
    count = text.count(edit.find)
    if count != 1:
        times = "does not occur" if count == 0 else f"occurs {count} times"
        raise BookError(
            f"`{where}`, at `{key}.find`: the text {times} in `{edit.path}`. Quote a piece that stands there "
            "exactly once; the base has changed, or the piece is too short."
        )
    if edit.find == edit.replace:
        raise BookError(
            f"`{where}`, at `{key}.replace`: it changes nothing. Write what the mistake looks like."
        )
    return text.replace(edit.find, edit.replace)
