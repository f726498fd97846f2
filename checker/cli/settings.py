"""`[tool.check]` in a pyproject.toml: the options of `check app` that a project keeps, with the same names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from checker.cli.desk import shown
from checker.errors import UsageError
from checker.models.service import FailOn

_FILE = "pyproject.toml"
_TEXTS = 'a list of texts, as `["…"]`'
# What each key takes, with an example for who wrote something else.
_KEYS: dict[str, tuple[type, str]] = {
    "app": (str, 'a text, as `"app.main:app"`'),
    "static": (bool, "`true` or `false`"),
    "env-file": (str, 'a text, as `".env.test"`'),
    "select": (list, _TEXTS.replace("…", "H3")),
    "ignore": (list, _TEXTS.replace("…", "S7")),
    "exclude": (list, _TEXTS.replace("…", "migrations/**")),
    "baseline": (str, 'a text, as `"check-baseline.json"`'),
    "fail-on": (str, '`"all"` or `"hard"`'),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a project asks for; None where it says nothing. File names are relative to `folder`."""

    folder: Path | None = None
    """Where the pyproject.toml lies; None where there is none with `[tool.check]`."""
    app: str | None = None
    static: bool | None = None
    env_file: str | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    baseline: str | None = None
    fail_on: FailOn | None = None


def find_settings(folder: Path) -> Settings:
    """The settings of `folder` or the nearest folder above it that has some, within its repository.

    Raises `UsageError` where a file is no TOML, or a key is unknown or of another type.
    """
    here = folder.absolute()
    for place in (here, *here.parents):
        file = place / _FILE
        if file.is_file() and (table := _table(file)) is not None:
            return _typed(table, file)
        if (place / ".git").exists():
            break
    return Settings()


def _table(file: Path) -> Mapping[str, Any] | None:
    """`[tool.check]` of one file; None where it has no such table."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"`{shown(file)}` cannot be read: {(error.strerror or '').lower()}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"`{shown(file)}` is not UTF-8 text. Save it as UTF-8.") from error
    except (
        ValueError,
        RecursionError,
    ) as error:  # numbers of thousands of digits, a list in a list in a list
        raise UsageError(
            f"`{shown(file)}` is not valid TOML: {_lower(str(error))}. Mend that, so that its `[tool.check]` can be read."
        ) from error
    tool = content.get("tool")
    table = tool.get("check") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise UsageError(f"`{shown(file)}`: `check` under `[tool]` must be a table, written `[tool.check]`.")
    return table


def _typed(table: Mapping[str, Any], file: Path) -> Settings:
    for key, value in table.items():
        if key not in _KEYS:
            raise UsageError(_unknown(key, file))
        kind, example = _KEYS[key]
        texts = not isinstance(value, list) or all(isinstance(one, str) for one in value)
        if type(value) is not kind or not texts:
            raise UsageError(f"`{shown(file)}`, `[tool.check]`: `{key}` must be {example}.")
    try:
        fail_on = FailOn(table["fail-on"]) if "fail-on" in table else None
    except ValueError:
        raise UsageError(
            f"`{shown(file)}`, `[tool.check]`: `fail-on` must be {_KEYS['fail-on'][1]}."
        ) from None
    lists = {key: tuple(table[key]) for key in ("select", "ignore", "exclude") if key in table}
    return Settings(
        folder=file.parent,
        app=table.get("app"),
        static=table.get("static"),
        env_file=table.get("env-file"),
        baseline=table.get("baseline"),
        fail_on=fail_on,
        **lists,
    )


def _unknown(key: str, file: Path) -> str:
    close = get_close_matches(key.replace("_", "-"), _KEYS, n=1, cutoff=0.55)
    remedy = (
        f"did you mean `{close[0]}`?" if close else f"known are {', '.join(f'`{one}`' for one in _KEYS)}."
    )
    return f"`{shown(file)}`, `[tool.check]`: there is no setting `{key}`; {remedy}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")
