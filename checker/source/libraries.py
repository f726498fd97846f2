"""The names of libraries' objects: one canonical name for each, and what calling it gives.

A class stands under the name that people import it by. A name that is not listed here still works: calling
`x.Thing` gives an instance of `x.Thing`, calling `x.thing` gives an unnamed result `x.thing()`.
"""

from __future__ import annotations

import sys
from functools import lru_cache

from checker.source.library_types import (
    FLUENT,
    KNOWN_LIBRARIES,
    MOVED,
    MOVED_PREFIXES,
    PATH_TEXT,
    RETURNS,
)

_STUBS = ("mypy_boto3_", "types_boto3_")
_PLACING = frozenset({"cuda", "cpu", "to", "eval", "half", "float", "bfloat16", "train"})
_OF_TENSORS = frozenset(
    {"torch", "torchvision", "whisper", "transformers", "diffusers", "open_clip", "timm", "clip"}
)
"""Packages whose models give themselves again when they are put somewhere: `load_model("base").cuda()`."""
_PREFIXES: dict[str, list[tuple[str, str]]] = {}
for _old, _new in MOVED_PREFIXES.items():
    _PREFIXES.setdefault(_old.partition(".")[0], []).append((_old, _new))


@lru_cache(maxsize=100_000)
def canonical(name: str) -> str:
    """The name under which the rules know a library's object."""
    name = MOVED.get(name, name)
    if name.startswith(_STUBS):
        return _behind_stub(name)
    for old, new in _PREFIXES.get(name.partition(".")[0], ()):
        if name.startswith(old):
            name = new + name[len(old) :]
            break
    return MOVED.get(name, name)


def _behind_stub(name: str) -> str:
    """Classes that exist for annotations alone: what stands behind `mypy_boto3_s3.client.S3Client`."""
    last = name.rpartition(".")[2]
    if last.endswith("Client"):
        return "boto3.client()"
    return "boto3.resource()" if last.endswith("ServiceResource") else name


def is_library(first: str) -> bool:
    """Whether a top-level module is the standard library or a package that everybody knows."""
    return first in KNOWN_LIBRARIES or first in sys.stdlib_module_names


def result_of(name: str) -> str:
    """The class of what calling `name` gives, or an unnamed result."""
    if name in RETURNS:
        return RETURNS[name]
    owner, _, last = name.rpartition(".")
    if last == "__call__":
        return f"{owner}()"
    if last in _PLACING and owner.partition(".")[0] in _OF_TENSORS:
        return owner
    if owner in FLUENT and not (owner == "pathlib.Path" and last in PATH_TEXT):
        return owner
    if last.endswith("FastAPI"):
        return (
            "fastapi.FastAPI"  # `VersionedFastAPI(app)` of a library: what makes or wraps an app gives one.
        )
    return name if last[:1].isupper() else f"{name}()"
