"""Mutants are one mistake each; what cannot tell a suite's worth is left out."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from checker.dev.mutations import Mutants, make_mutants


@pytest.fixture
def solution(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    return tmp_path


def mutants_of(solution: Path, source: str) -> Mutants:
    (solution / "app" / "main.py").write_text(source, encoding="utf-8")
    return make_mutants(solution)


def test_each_mutant_is_one_change_that_is_python(solution: Path) -> None:
    source = "def fee(days, rate):\n    if days <= 0:\n        return 0\n    return days * rate\n"
    mutants = mutants_of(solution, source)
    assert len(mutants.tried) > 5
    assert len({mutant.key for mutant in mutants.tried}) == len(mutants.tried)
    for mutant in mutants.tried:
        ast.parse(mutant.text)
        changed = [
            line for line in mutant.diff.splitlines() if line[0] in "+-" and line[1:2] not in ("+", "-")
        ]
        assert len(changed) == 2
        assert mutant.path == "app/main.py"
        assert source.splitlines()[mutant.line - 1] == changed[0][1:]


def test_the_same_source_gives_the_same_mutants(solution: Path) -> None:
    source = "def fee(days: int) -> int:\n    return max(0, days - 1) if days else 0\n"
    first = mutants_of(solution, source)
    assert first == mutants_of(solution, source)
    assert [m.line for m in first.tried] == sorted(m.line for m in first.tried)


def test_types_are_not_mutated(solution: Path) -> None:
    source = (
        "from __future__ import annotations\n\n\n"
        "def find(number: int | None) -> str | None:\n"
        "    found: dict[str, int | None] = {}\n"
        "    return str(found)\n\n\n"
        "Maybe = int | None\n"
    )
    mutants = mutants_of(solution, source)
    assert mutants.tried == ()
    assert mutants.equal > 0


def test_what_a_type_s_marker_is_given_is_mutated(solution: Path) -> None:
    source = "def read(number: Annotated[int | None, Path(ge=1)]) -> None:\n    return None\n"
    assert {mutant.operator for mutant in mutants_of(solution, source).tried} == {"NumberReplacer"}


def test_what_only_a_type_checker_reads_is_not_mutated(solution: Path) -> None:
    source = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    LIMIT = 5\n"
    assert {mutant.line for mutant in mutants_of(solution, source).tried} <= {3}


def test_an_exception_with_a_dot_does_not_stop_the_others(solution: Path) -> None:
    source = "import json\n\n\ndef read(text):\n    try:\n        return json.loads(text) + 1\n    except json.JSONDecodeError:\n        return 0\n"
    operators = {mutant.operator for mutant in mutants_of(solution, source).tried}
    assert "NumberReplacer" in operators


def test_two_operators_that_make_the_same_mistake_count_once(solution: Path) -> None:
    source = "def ready(done):\n    if not done:\n        return 1\n    return 2\n"
    tried = mutants_of(solution, source).tried
    assert len([mutant for mutant in tried if mutant.line == 2]) == 1


def test_tests_and_caches_are_not_mutated(solution: Path) -> None:
    for name in ("tests/test_a.py", "app/__pycache__/b.py"):
        (solution / name).parent.mkdir(exist_ok=True)
        (solution / name).write_text("x = 1\n")
    assert mutants_of(solution, "").tried == ()
