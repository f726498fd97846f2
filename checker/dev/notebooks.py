"""Lessons as notebooks: built from `lesson.md`, the same bytes every time, and run from top to bottom."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from checker.errors import BookError

# nbformat and jupytext are untyped; these names are where their values become ours.
_reads: Callable[..., NotebookNode] = nbformat.reads
_writes: Callable[..., str] = nbformat.writes
_from_myst: Callable[..., NotebookNode] = jupytext.reads
_new_markdown: Callable[[str], NotebookNode] = new_markdown_cell
_new_notebook: Callable[..., NotebookNode] = new_notebook

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_HEADING = re.compile(r"(#{1,3})\s+(.+?)\s*#*$")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_SLIDES = {1: "slide", 2: "slide", 3: "subslide"}


def build_notebook(lesson: Path) -> str:
    """The text of the notebook that belongs to a `lesson.md` (jupytext's MyST Markdown).

    Cell ids come from place and content, there are no outputs, and slide metadata is kept; a cell that opens
    with a heading and says nothing itself becomes a slide of its own.

    Raises `BookError` where the lesson cannot be read or holds no code.
    """
    notebook = _new_notebook(metadata={"kernelspec": dict(KERNEL), "language_info": {"name": "python"}})
    notebook.cells = [cell for source in _read(lesson).cells for cell in _split(source)]
    if not any(cell.cell_type == "code" for cell in notebook.cells):
        raise BookError(
            f"`{lesson}` holds no code cell; fence one with ```` ```{{code-cell}} python ````, and begin the file "
            "with the jupytext header of a finished lesson."
        )
    for number, cell in enumerate(notebook.cells):
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()
        cell.id = f"{number:03d}-{digest[:12]}"
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
        if "slideshow" not in cell.metadata and (found := _HEADING.match(cell.source.partition("\n")[0])):
            cell.metadata["slideshow"] = {"slide_type": _SLIDES[len(found[1])]}
    return _writes(notebook, version=4) + "\n"


def _read(lesson: Path) -> NotebookNode:
    try:
        text = lesson.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BookError(
            f"`{lesson}` is missing; every chapter has a lesson beside its chapter.toml."
        ) from None
    except OSError as error:
        raise BookError(f"`{lesson}` cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BookError(f"`{lesson}` is not UTF-8 (byte {error.start}); save it as UTF-8.") from error
    try:
        return _from_myst(text, fmt="md:myst")
    except Exception as error:  # jupytext lets the errors of YAML and of its MyST reader through as they are
        raise BookError(
            f"`{lesson}` is not a MyST notebook: {error}. Mend its header or that cell."
        ) from error


def _split(cell: NotebookNode) -> Iterator[NotebookNode]:
    """A Markdown cell without metadata is cut before each heading, so that each can be a slide."""
    if cell.cell_type != "markdown" or cell.metadata:
        yield cell
        return
    lines: list[str] = []
    fence = ""
    for line in cell.source.splitlines():
        if mark := _FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence):
                fence = ""
        if not fence and lines and _HEADING.match(line):
            yield _new_markdown("\n".join(lines).strip("\n"))
            lines = []
        lines.append(line)
    yield _new_markdown("\n".join(lines).strip("\n"))


def run_notebook(text: str, *, name: str, limit_s: float = 180.0, cell_s: float = 45.0) -> NotebookNode:
    """Run a notebook from top to bottom in an empty folder and give it back with its outputs.

    `name` is what an error calls it; `limit_s` holds for the whole, `cell_s` for each cell.

    Raises `BookError` naming heading, cell and error where a cell fails or time runs out.
    """
    notebook = _reads(text, as_version=4)
    at = [0]

    def started(cell: NotebookNode, cell_index: int) -> None:
        at[0] = cell_index

    with tempfile.TemporaryDirectory(prefix="check-lesson-", ignore_cleanup_errors=True) as folder:
        client = NotebookClient(
            notebook,
            timeout=cell_s,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            record_timing=False,
            # The kernel sends what is printed in pieces, cut differently in every run.
            coalesce_streams=True,
            on_cell_start=started,
        )
        begun = time.monotonic()
        try:
            # ZeroMQ needs a selector loop, which is not the default on Windows.
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(_execute(client, limit_s))
        except CellExecutionError as error:
            raise BookError(
                f"`{name}`, {_place(notebook, at[0])}: `{error.ename}: {error.evalue}`. Mend the lesson, or tag the cell "
                "`raises-exception` where the error is the point."
            ) from error
        except (CellTimeoutError, TimeoutError, DeadKernelError, CellControlSignal) as error:
            # Ending the kernel when time is up can surface as a dead kernel, so the clock decides.
            late = time.monotonic() - begun >= limit_s
            if late or isinstance(error, CellTimeoutError):
                raise BookError(
                    f"`{name}`, {_place(notebook, at[0])}: it took more than {limit_s if late else cell_s:g} s. A lesson "
                    "waits for nothing that long; make its example smaller."
                ) from error
            raise BookError(
                f"`{name}`, {_place(notebook, at[0])}: the Python that runs the lesson ended. Run the cells one by one "
                "in Jupyter to see which one ends it."
            ) from error
    return notebook


async def _execute(client: NotebookClient, limit_s: float) -> None:
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "88", "PYTHONHASHSEED": "0"}
    async with asyncio.timeout(limit_s):
        # The kernel's own log says nothing that an author needs: a failing cell is in the notebook.
        await client.async_execute(env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _place(notebook: NotebookNode, index: int) -> str:
    """A cell as a reader finds it: its number among the code cells, and the heading above it."""
    above = notebook.cells[: index + 1]
    number = sum(cell.cell_type == "code" for cell in above)
    headings = [
        match[2]
        for cell in above
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if (match := _HEADING.match(line))
    ]
    return f"code cell {number}, under “{headings[-1]}”" if headings else f"code cell {number}"


def run_cached(text: str, *, name: str, cache: Path) -> NotebookNode:
    """Like `run_notebook`, but a notebook that ran before under the same Python and libraries is read back.

    `cache` is a folder; it is made where it is missing, and holds one file for each `name`.
    """
    kept = cache / f"{name}-{_key(text)}.ipynb"
    try:
        found = _reads(kept.read_text(encoding="utf-8"), as_version=4)
    except (OSError, ValueError, nbformat.ValidationError):
        found = run_notebook(text, name=name)
        # Where the cache cannot be written, the next build runs the lesson once more; nothing else is lost.
        with contextlib.suppress(OSError):
            _keep(kept, _writes(found, version=4), older=f"{name}-*.ipynb")
    return found


def _key(text: str) -> str:
    installed = sorted(
        f"{one.name}=={one.version}" for one in distributions() if one.name and one.name != "fastapi-workbook"
    )
    everything = "\n".join([text, sys.version, *installed])
    return hashlib.sha256(everything.encode()).hexdigest()[:16]


def _keep(path: Path, text: str, *, older: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(older):
        old.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)


def cell_tags(cell: NotebookNode) -> frozenset[str]:
    """The tags of a cell."""
    tags: Any = cell.metadata.get("tags", ())
    return frozenset(tags)


def slide_type(cell: NotebookNode) -> str:
    """`slide`, `subslide`, `fragment`, `notes`, `skip`, or empty where the cell says nothing."""
    return str(cell.metadata.get("slideshow", {}).get("slide_type", ""))


def first_heading(cell: NotebookNode) -> tuple[int, str] | None:
    """Level and text of the heading that a Markdown cell opens with."""
    if cell.cell_type != "markdown":
        return None
    found = _HEADING.match(cell.source.lstrip("\n").partition("\n")[0])
    return (len(found[1]), found[2]) if found else None
