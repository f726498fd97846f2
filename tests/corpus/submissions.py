"""The corpus: one TOML file a submission, in the folder of its kind.

    why = "One sentence: what it does and who would do that."
    expect = "passed"                  # or "not passed", or "error" where no verdict may be given
    by = ["check:1.1-by-name"]         # one of them at least must say so: check:, fault:, constraint:, metric:
    parts = ["suite"]                  # the stages that matter; default the hidden suite alone
    base = "solution"                  # or "starter", or "nothing": what the files lie upon
    before = '''...'''                 # put before all of app/main.py
    after = '''...'''                  # put behind it
    greets = '''...'''                 # the body of the path operation that greets
    starts = '''...'''                 # the body of the lifespan before `yield`
    alike = true                       # no level can differ: what it does is in its answers
    [files]                            # whole files, on top of the base; an empty text makes an empty file
    "app/main.py" = '''...'''
    [[edit]]                           # as in the wrong solutions
    path = "app/main.py"
    find = '''...'''
    replace = '''...'''
    [unstoppable.P]                    # a level at which it cannot be stopped
    why = "..."
    effect = true                      # the canary may be touched
    ends = ["error"]                   # further ends that are accepted there

In every text stand for themselves: `@OUTSIDE@`, a folder that nobody has to do with, with `secret.txt` and `keep.txt`; `@BOOK@`, the
book with the hidden suites; `@FOLDER@`, the learner's own folder; `@PORT@`, a port on loopback;
`@DATAGRAMS@`, one of UDP's; `@SHARED@`, a name for shared memory; `@BYSTANDER@`, a process.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

from checker.models.events import Stage

ROOT: Final = Path(__file__).parent
BOOK: Final = ROOT / "book"
CHAPTER: Final = "chapter-01-door"
KINDS: Final = ("faults", "tampering", "evasion", "unusual")
Level = Literal["P", "L", "H"]
End = Literal["passed", "not passed", "error", "crashed", "hung"]

_GREETS: Final = '    return Greeting(message=f"{door.word}, {name}")\n'
_STARTS: Final = '    app.state.door = Door(word=os.environ["GREETING_WORD"])\n'


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One place that is changed; `find` stands exactly once in the file."""

    path: str
    find: str
    replace: str


class Unstoppable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a level cannot stop, and why."""

    why: Annotated[str, msgspec.Meta(min_length=20)]
    effect: bool = False
    ends: tuple[End, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    why: Annotated[str, msgspec.Meta(min_length=10)]
    expect: Literal["passed", "not passed", "error"]
    by: tuple[str, ...] = ()
    parts: tuple[Stage, ...] = (Stage.SUITE,)
    alike: bool = False
    base: Literal["solution", "starter", "nothing"] = "solution"
    before: str = ""
    after: str = ""
    greets: str = ""
    starts: str = ""
    edit: tuple[Edit, ...] = ()
    files: dict[str, str] = {}
    unstoppable: dict[Level, Unstoppable] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One of the corpus."""

    id: str
    kind: str
    file: _File
    maker: Path | None = None
    """A Python file beside it, whose `make(folder)` adds what text cannot hold: links, pipes, huge files."""

    def write(self, folder: Path, names: dict[str, str]) -> None:
        """Lay the submission out in `folder`, which is made; `names` replace the words between `@`."""
        file = self.file
        if file.base == "nothing":
            folder.mkdir(parents=True)
        else:
            tree = "solutions" if file.base == "solution" else "exercises"
            shutil.copytree(BOOK / tree / CHAPTER, folder, ignore=shutil.ignore_patterns("__pycache__"))
        edits = list(file.edit)
        if file.greets:
            edits.append(Edit("app/main.py", _GREETS, _indented(file.greets)))
        if file.starts:
            edits.append(Edit("app/main.py", _STARTS, _STARTS + _indented(file.starts)))
        for edit in edits:
            path = folder / edit.path
            text = path.read_text(encoding="utf-8")
            if text.count(edit.find) != 1:
                raise ValueError(f"{self.id}: `{edit.find}` does not stand exactly once in {edit.path}")
            path.write_text(text.replace(edit.find, edit.replace), encoding="utf-8")
        if file.before or file.after:
            main = folder / "app/main.py"
            main.write_text(file.before + main.read_text(encoding="utf-8") + file.after, encoding="utf-8")
        for name, text in file.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if self.maker is not None:
            made: dict[str, Any] = {}
            exec(compile(self.maker.read_text(encoding="utf-8"), str(self.maker), "exec"), made)  # noqa: S102 -- ours
            made["make"](folder)
        for path in folder.rglob("*.*"):
            if path.is_file() and not path.is_symlink() and path.stat().st_size < 2**20:
                data = path.read_bytes()
                for word, value in names.items():
                    data = data.replace(f"@{word}@".encode(), value.encode())
                path.write_bytes(data)

    def mentions(self, word: str) -> bool:
        """Whether the word stands in it."""
        return f"@{word}@".encode() in (ROOT / self.kind / f"{self.id}.toml").read_bytes()


def all_submissions() -> tuple[Submission, ...]:
    """Every submission, kind by kind."""
    found: list[Submission] = []
    for kind in KINDS:
        for path in sorted((ROOT / kind).glob("*.toml")):
            try:
                file = msgspec.toml.decode(path.read_bytes(), type=_File)
            except msgspec.DecodeError as error:
                raise ValueError(f"{path}: {error}") from error
            maker = path.with_suffix(".py")
            found.append(
                Submission(id=path.stem, kind=kind, file=file, maker=maker if maker.is_file() else None)
            )
    return tuple(found)


def _indented(body: str) -> str:
    return (
        "".join(f"    {line}" if line.strip() else line for line in body.strip("\n").splitlines(True)) + "\n"
    )
