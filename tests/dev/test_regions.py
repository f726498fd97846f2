"""Task regions are read, compared and grafted."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.dev.regions import RegionError, differences, graft, new_files, split_regions

if TYPE_CHECKING:
    from tests.dev.conftest import MiniBook


def test_a_region_holds_its_fences_and_names_its_tasks() -> None:
    text = "a\n# region 4.1 4.2\nb\n# endregion\nc\n"
    shared, region, rest = split_regions(text, "main.py")
    assert (shared.tasks, shared.lines) == ((), ("a\n",))
    assert (region.tasks, region.first_line) == (("4.1", "4.2"), 2)
    assert region.lines == ("# region 4.1 4.2\n", "b\n", "# endregion\n")
    assert (rest.tasks, rest.first_line, rest.lines) == ((), 5, ("c\n",))


def test_an_indented_region_and_a_named_end_are_read() -> None:
    text = "class A:\n    # region 4.1\n    x = 1\n    # endregion 4.1\n"
    assert [stretch.tasks for stretch in split_regions(text, "main.py")] == [(), ("4.1",)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# region 4.1\n", "line 1: the region is never closed"),
        ("x\n# endregion\n", "line 2: `# endregion` closes nothing"),
        ("# region 4.1\n# region 4.2\n# endregion\n# endregion\n", "line 2: a region begins inside the one"),
        ("# region\n# endregion\n", "line 1: the region names no task"),
        ("# region 4.1, 4.2\n# endregion\n", "line 1: `4.1,` is not a task's id"),
    ],
    ids=["never closed", "never opened", "nested", "no task", "commas"],
)
def test_a_broken_fence_is_a_sentence_with_file_line_and_remedy(text: str, said: str) -> None:
    with pytest.raises(RegionError) as caught:
        split_regions(text, "app/main.py")
    assert str(caught.value).startswith(f"`app/main.py`, {said}")
    assert str(caught.value).endswith(".")


@given(
    st.lists(st.sampled_from(["a = 1\n", "", "# region 4.1\n", "# endregion\n", "    b()\n"]), max_size=12)
)
def test_no_line_is_lost_or_moved(lines: list[str]) -> None:
    text = "".join(lines)
    try:
        stretches = split_regions(text, "main.py")
    except RegionError:
        return
    assert "".join(line for stretch in stretches for line in stretch.lines) == text
    number = 1
    for stretch in stretches:
        assert stretch.first_line == number
        number += len(stretch.lines)


def trees(tmp_path: Path, starter: dict[str, str], reference: dict[str, str]) -> tuple[Path, Path]:
    for name, files in (("starter", starter), ("reference", reference)):
        for path, text in files.items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    return tmp_path / "starter", tmp_path / "reference"


STARTER = "import os\n# region 4.1\n# TODO(4.1): app/rules.py\n# endregion\nx = 1\n# region 4.2\n# TODO(4.2)\n# endregion\n"
REFERENCE = "import os\n# region 4.1\nfirst()\n# endregion\nx = 1\n# region 4.2\nsecond()\n# endregion\n"


def test_trees_that_differ_in_regions_only_have_no_difference(tmp_path: Path) -> None:
    starter, reference = trees(
        tmp_path,
        {"app/main.py": STARTER, "tests/test_a.py": "a", "README.md": "sheet"},
        {"app/main.py": REFERENCE, "tests/test_a.py": "b", "tests/test_b.py": "c"},
    )
    assert [*differences(starter, reference)] == []


def test_the_first_differing_line_is_named_in_both_trees(tmp_path: Path) -> None:
    starter, reference = trees(
        tmp_path,
        {"app/main.py": STARTER},
        {"app/main.py": REFERENCE.replace("x = 1", "x = 2").replace("first()", "first()\nmore()")},
    )
    (problem,) = differences(starter, reference)
    assert problem.path == "app/main.py"
    assert "starter line 5, reference line 6" in problem.what


def test_a_picture_that_differs_is_named(tmp_path: Path) -> None:
    starter, reference = trees(tmp_path, {"app/main.py": ""}, {"app/main.py": ""})
    (starter / "app/logo.png").write_bytes(b"\x89PNG\xff")
    (reference / "app/logo.png").write_bytes(b"\x89PNG\xfe")
    (problem,) = differences(starter, reference)
    assert problem.path == "app/logo.png"


def test_a_new_file_belongs_to_the_task_whose_todo_names_it(tmp_path: Path) -> None:
    starter, reference = trees(
        tmp_path,
        {"app/main.py": STARTER},
        {"app/main.py": REFERENCE, "app/rules.py": "RULES = 1\n"},
    )
    assert new_files(starter, reference) == {Path("app/rules.py"): frozenset({"4.1"})}
    assert [*differences(starter, reference)] == []
    assert not (graft(starter, reference, {"4.2"}, tmp_path / "two") / "app/rules.py").exists()
    assert (graft(starter, reference, {"4.1"}, tmp_path / "one") / "app/rules.py").exists()


def test_a_graft_takes_one_task_and_leaves_the_others(tmp_path: Path) -> None:
    starter, reference = trees(
        tmp_path,
        {"app/main.py": STARTER, "tests/test_a.py": "starter's"},
        {"app/main.py": REFERENCE, "tests/test_a.py": "reference's"},
    )
    done = graft(starter, reference, {"4.2"}, tmp_path / "done")
    assert (done / "app/main.py").read_text() == STARTER.replace("# TODO(4.2)", "second()")
    assert (done / "tests/test_a.py").read_text() == "starter's"


def test_a_shared_region_comes_with_either_task(tmp_path: Path) -> None:
    shared = "# region 4.1 4.2\n{}\n# endregion\n"
    starter, reference = trees(
        tmp_path, {"app/main.py": shared.format("none")}, {"app/main.py": shared.format("both")}
    )
    for task in ("4.1", "4.2"):
        assert "both" in (graft(starter, reference, {task}, tmp_path / task) / "app/main.py").read_text()
    assert "none" in (graft(starter, reference, set(), tmp_path / "undone") / "app/main.py").read_text()


def test_trees_with_other_regions_cannot_be_grafted(tmp_path: Path) -> None:
    starter, reference = trees(
        tmp_path, {"app/main.py": STARTER}, {"app/main.py": REFERENCE.replace("4.2", "4.3")}
    )
    with pytest.raises(RegionError, match="have other regions"):
        graft(starter, reference, {"4.1"}, tmp_path / "done")


def test_all_tasks_grafted_make_the_reference(mini: MiniBook, tmp_path: Path) -> None:
    chapter = mini.chapter
    done = graft(chapter.starter, chapter.solution, [task.id for task in chapter.tasks], tmp_path / "done")
    undone = graft(chapter.starter, chapter.solution, [], tmp_path / "undone")
    assert (done / "app/main.py").read_text() == mini.reference.read_text()
    assert (undone / "app/main.py").read_text() == mini.starter.read_text()
    ast.parse((done / "app/main.py").read_text())
