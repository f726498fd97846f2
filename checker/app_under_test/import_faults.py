"""Says in one sentence why an app could not be imported, and what to do about it. Runs in the child."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from checker.app_under_test.description import place_of_exception

_NOT_THERE = frozenset({
    "OperationalError", "InterfaceError", "ConnectionError", "ServerSelectionTimeoutError", "NoBrokersAvailable",
    "ConnectError", "ConnectTimeout", "EndpointConnectionError", "AMQPConnectionError", "ConnectionDoesNotExistError",
    "ConnectionFailure", "NoHostAvailable", "ServerConnectionError",
})  # fmt: skip
"""How drivers call it when nobody answers."""
_GONE = frozenset({
    "asynchat", "asyncore", "cgi", "cgitb", "crypt", "distutils", "imghdr", "imp", "mailcap", "nntplib", "pipes", "smtpd",
    "sndhdr", "telnetlib", "uu", "xdrlib",
})  # fmt: skip
"""Modules that left the standard library in 3.12 and 3.13."""
_STATIC = "or pass `--static` to do without the running app"
_OWN_ENVIRONMENT = "Activate the service's own environment, keep it in `.venv`, or install `check` in it"
_OWN_PYTHON = "Activate an environment with the Python that the service runs on, or keep it in `.venv`"


def import_fault(
    error: BaseException,
    folder: Path,
    module: str,
    attribute: str,
    *,
    service: bool,
    unset: AbstractSet[str] = frozenset(),
) -> dict[str, Any]:
    """The fields of a `Fault`. `service` tells an engineer's project from a learner's; `unset` are variables of the
    environment that were asked for and are not there."""
    place = place_of_exception(error, folder)
    path, line = place if place else (None, None)
    at = f" at {path}:{line}" if path else ""
    kind = "import"
    if isinstance(error, SyntaxError):
        kind = "syntax"
        if error.filename and (relative := _relative(error.filename, folder)):
            path, line = relative, error.lineno
        at = f" in {path}, line {line}" if path else ""
        say = _unreadable(error, at, service=service)
    elif isinstance(error, MemoryError):
        kind, say = "memory", f"Importing `{module}` needs more memory than is allowed{at}."
    elif isinstance(error, SystemExit):
        kind = "crash"
        say = f"Importing `{module}` ended the process (`SystemExit`){at}. An import must only define things."
    elif service:
        say = _service(error, at, module, attribute, unset)
    else:
        say = _chapter(error, at, module, attribute, has_place=path is not None)
    return {"kind": kind, "message": say, "path": path, "line": line}


def _unreadable(error: SyntaxError, at: str, *, service: bool) -> str:
    if service:
        return f"Python {_version()}, which imports the app, cannot read the code{at}: {error.msg}. {_OWN_PYTHON}, {_STATIC}."
    return (
        f"Python cannot read the code{at}: {error.msg}. Mend that line first; everything else waits for it."
    )


def _chapter(error: BaseException, at: str, module: str, attribute: str, *, has_place: bool) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name and _is_or_holds(module, error.name):
        return (
            f"There is no module `{error.name}` in the folder: the app is looked for as `{module}:{attribute}`. "
            "Keep the starter's layout, or put the app there."
        )
    if isinstance(error, ModuleNotFoundError):
        return (
            f"The package `{error.name}` is not installed{at and f', and it is imported{at}'}. Install it in the "
            "environment that `check` runs in, or do without it."
        )
    if isinstance(error, AttributeError) and not has_place:
        return f"`{module}` has no `{attribute}`. Name the application `{attribute}`, as the starter does."
    return f"Importing `{module}` failed{at}: {_last_line(error)}"


def _service(error: BaseException, at: str, module: str, attribute: str, unset: AbstractSet[str]) -> str:
    text = _last_line(error)
    if isinstance(error, ModuleNotFoundError) and error.name and _is_or_holds(module, error.name):
        return (
            f"There is no module `{error.name}` to be imported from this folder: name the app with `--app "
            f"package.module:attribute`, {_STATIC}."
        )
    if isinstance(error, ImportError) and _is_other_python(error):
        return (
            f"The code asks for something that Python {_version()}, which imports the app, does not have{at}: {text}. "
            f"{_OWN_PYTHON}, {_STATIC}."
        )
    if isinstance(error, ModuleNotFoundError) and not _is_part_of_installed(error):
        return (
            f"The package `{error.name}` is not installed in `{sys.prefix}`, where the app is imported"
            f"{at and f', and it is needed{at}'}. {_OWN_ENVIRONMENT}, {_STATIC}."
        )
    if isinstance(error, AttributeError) and not at:
        return (
            f"`{module}` has no `{attribute}`: name the app with `--app package.module:attribute`, {_STATIC}."
        )
    missing = [*_missing_settings(error), *_named_in(error, unset)]
    if missing:
        names = ", ".join(f"`{name}`" for name in dict.fromkeys(missing))
        return f"Importing `{module}` failed{at}: it needs {names} in the environment. Give a file with `--env-file`."
    if _is_validation_error(error):
        problems = "; ".join(_problems(error))
        return f"Importing `{module}` failed{at}: `{_title(error)}` refuses its values ({problems}). Give a file with `--env-file`."
    if _is_connection(error):
        return (
            f"Importing `{module}` failed{at}: it reaches for a service that does not answer ({text}). Connect in the "
            f"lifespan and not at import, name one that is there with `--env-file`, {_STATIC}."
        )
    if isinstance(error, ImportError) or type(error).__name__ in {"PydanticImportError", "PydanticUserError"}:
        return (
            f"Importing `{module}` failed{at}: {text}. The library in `{sys.prefix}` may be another release than the "
            f"service's. {_OWN_ENVIRONMENT}, {_STATIC}."
        )
    return (
        f"Importing `{module}` failed{at}: {text}. Mend it, give what it needs with `--env-file`, {_STATIC}."
    )


def _last_line(error: BaseException) -> str:
    lines = "".join(traceback.format_exception_only(error)).strip().splitlines()
    # The first line of a long message says what went wrong; what follows are hints and links.
    return (lines[0] if len(lines) > 1 and ":" in lines[0] else lines[-1]).strip()[:300].rstrip(".")


def _version() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _is_other_python(error: ImportError) -> bool:
    """A name that the standard library of this Python lacks, or a module that has left it."""
    if isinstance(error, ModuleNotFoundError):
        return (error.name or "").partition(".")[0] in _GONE | sys.stdlib_module_names
    return (error.name or "").partition(".")[0] in sys.stdlib_module_names


def _is_part_of_installed(error: ModuleNotFoundError) -> bool:
    """The package is there, and has no such module in this release."""
    package, _, part = (error.name or "").partition(".")
    return bool(part) and package in sys.modules


# What pydantic says


def _is_validation_error(error: BaseException) -> bool:
    return type(error).__name__ == "ValidationError" and callable(getattr(error, "errors", None))


def _title(error: Any) -> str:
    model = getattr(error, "model", None)  # pydantic 1
    return str(getattr(model, "__name__", "") or getattr(error, "title", "The settings"))


def _errors(error: Any) -> list[dict[str, Any]]:
    try:
        return [one for one in error.errors() if isinstance(one, dict)]
    except Exception:  # noqa: BLE001 -- an error of the app's own may only look like pydantic's
        return []


def _problems(error: BaseException) -> Iterator[str]:
    for one in _errors(error)[:3]:
        place = ".".join(str(part) for part in one.get("loc", ()))
        yield f"{place}: {one.get('msg', '')}"[:160] if place else str(one.get("msg", ""))[:160]


def _missing_settings(error: BaseException) -> list[str]:
    """The variables behind the required fields of a settings class."""
    if not _is_validation_error(error):
        return []
    fields = [
        str(one["loc"][0])
        for one in _errors(error)
        if one.get("type") in {"missing", "value_error.missing"} and len(one.get("loc", ())) == 1
    ]
    settings = _settings_class(_title(error))
    return [_variable(name, settings) for name in fields] if settings is not None else []


def _settings_class(title: str) -> Any:
    for package in ("pydantic_settings", "pydantic"):
        try:
            base = getattr(sys.modules.get(package), "BaseSettings", None)
        except Exception:  # noqa: BLE001 -- pydantic 2 raises here to say that it has moved
            base = None
        if isinstance(base, type):
            waiting = [base]
            while waiting:
                current = waiting.pop()
                if current.__name__ == title:
                    return current
                waiting += current.__subclasses__()
    return None


def _variable(name: str, settings: Any) -> str:
    config = getattr(settings, "model_config", None)
    prefix = config.get("env_prefix", "") if isinstance(config, dict) else ""
    # A field with an alias is named by the alias, which has no prefix.
    is_field = name in getattr(settings, "model_fields", getattr(settings, "__fields__", {}))
    return f"{prefix}{name}".upper() if is_field else name


# What else points at the environment or the network


def _named_in(error: BaseException, unset: AbstractSet[str]) -> list[str]:
    """Variables that were asked for in vain and that the error speaks of."""
    words = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]{2,}", "".join(traceback.format_exception_only(error))))
    return sorted(words & {name for name in unset if name.upper() == name})


def _is_connection(error: BaseException) -> bool:
    for one in _chain(error):
        if isinstance(one, (ConnectionError, TimeoutError)) or type(one).__name__ in _NOT_THERE | {
            "gaierror"
        }:
            return True
    return False


def _chain(error: BaseException) -> Iterable[BaseException]:
    current: BaseException | None = error
    for _ in range(10):
        if current is None:
            return
        yield current
        current = current.__cause__ or current.__context__


def _is_or_holds(module: str, missing: str) -> bool:
    return module == missing or module.startswith(f"{missing}.")


def _relative(path: str, folder: Path) -> str | None:
    try:
        return Path(path).resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return None
