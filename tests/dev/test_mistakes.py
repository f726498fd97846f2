"""Each kind of author's mistake is found by the claim that speaks of it, with file, what and remedy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from checker.book import Book, Chapter
from checker.dev import structure, teaching, tools
from checker.dev.claims import Problem
from checker.dev.verify import quick_propositions, try_proposition

if TYPE_CHECKING:
    from tests.dev.conftest import MiniBook

Prove = Callable[[Book, Chapter], Iterator[Problem]]
Break = Callable[["MiniBook"], object]

SECOND_REGION = "\n\n# region 1.2\nx = 1\n# endregion\n"

MISTAKES: dict[str, tuple[Prove, Break, str, str]] = {
    "lesson missing": (
        structure.parts_exist,
        lambda mini: mini.lesson.unlink(),
        "chapters/chapter-01-greeting/lesson.md",
        "is missing: the lesson",
    ),
    "suite missing": (
        structure.parts_exist,
        lambda mini: mini.suite.unlink(),
        "suites/chapter_01/test_1_1_greet_by_name.py",
        "is missing: a hidden suite",
    ),
    "reference without tests": (
        structure.parts_exist,
        lambda mini: shutil.rmtree(mini.reference.parent.parent / "tests"),
        "solutions/chapter-01-greeting/tests",
        "the reference's tests",
    ),
    "no alternatives": (
        structure.parts_exist,
        lambda mini: shutil.rmtree(mini.proofs / "alternatives"),
        "alternatives",
        "the folder of alternative solutions",
    ),
    "cache left in the starter": (
        structure.nothing_stray,
        lambda mini: mini.add(mini.starter.parent / "__pycache__" / "main.cpython-311.pyc"),
        "exercises/chapter-01-greeting/app/__pycache__",
        "left over from a tool",
    ),
    "editor file in the suite": (
        structure.nothing_stray,
        lambda mini: mini.suite.with_name("test_1_1.py~").touch(),
        "suites/chapter_01/test_1_1.py~",
        "left over from a tool",
    ),
    "one check for a task": (
        structure.suites_declare_checks,
        lambda mini: mini.swap(mini.suite, r"(?s)\A(.*?\n@check.*?)\n\n\n@check.*\Z", r"\1\n"),
        "test_1_1_greet_by_name.py",
        "holds 1 check for task 1.1",
    ),
    "test without a check": (
        structure.suites_declare_checks,
        lambda mini: mini.suite.write_text("def test_x(app): ...\n"),
        "test_1_1_greet_by_name.py",
        "`test_x` has no `@check",
    ),
    "suite that does not parse": (
        structure.suites_declare_checks,
        lambda mini: mini.suite.write_text("def test_x(:\n"),
        "test_1_1_greet_by_name.py",
        "cannot be parsed",
    ),
    "check of another task": (
        structure.suites_declare_checks,
        lambda mini: mini.edit(mini.suite, '"1.1-by-name"', '"1.2-by-name"'),
        "test_1_1_greet_by_name.py",
        "`1.2-by-name` does not begin with `1.1-`",
    ),
    "check declared twice": (
        structure.suites_declare_checks,
        lambda mini: mini.edit(mini.suite, '"1.1-long-name"', '"1.1-by-name"'),
        "suites/chapter_01",
        "`1.1-by-name` is declared 2 times",
    ),
    "suite that no task names": (
        structure.suites_declare_checks,
        lambda mini: shutil.copy(mini.suite, mini.suite.with_name("test_1_9_forgotten.py")),
        "test_1_9_forgotten.py",
        "is a suite that no task names",
    ),
    "skipped check": (
        structure.suites_declare_checks,
        lambda mini: mini.swap(mini.suite, r"\n@check", "\nimport pytest\n\n\n@pytest.mark.skip\n@check"),
        "test_1_1_greet_by_name.py:",
        "changes which checks run",
    ),
    "suite that imports the app": (
        structure.suites_declare_checks,
        lambda mini: mini.swap(
            mini.suite, r"\nfrom checker", "\nfrom app.main import app as mine\nfrom checker"
        ),
        "test_1_1_greet_by_name.py:",
        "imports the learner's app",
    ),
    "empty message": (
        structure.messages_teach,
        lambda mini: mini.swap(mini.suite, r'say="[^"]*"', 'say=" "'),
        "test_1_1_greet_by_name.py:",
        "has no message",
    ),
    "message quotes the test": (
        structure.messages_teach,
        lambda mini: mini.swap(mini.suite, r'say="[^"]*"', 'say="expect(reply).status(200) failed"'),
        "test_1_1_greet_by_name.py:",
        "quotes the test: `expect(`",
    ),
    "blank hint": (
        structure.hints_lead,
        lambda mini: mini.swap(mini.toml, r'hints = \[\n    "[^"]*"', 'hints = [\n    "             "'),
        "chapter.toml",
        "hint 1 of task 1.1 is empty",
    ),
    "two equal hints": (
        structure.hints_lead,
        lambda mini: mini.swap(
            mini.toml, r'hints = \[\n    ("[^"]*"),\n    "[^"]*"', r"hints = [\n    \1,\n    \1"
        ),
        "chapter.toml",
        "two hints of task 1.1 are equal",
    ),
    "two tasks with one suite": (
        structure.hints_lead,
        lambda mini: mini.edit(mini.toml, "test_1_2_remember_visitors.py", "test_1_1_greet_by_name.py"),
        "chapter.toml",
        "2 tasks name the suite",
    ),
    "no TODO": (
        structure.todos_stand_once,
        lambda mini: mini.edit(mini.starter, "TODO(1.1)", "Do"),
        "exercises/chapter-01-greeting",
        "`TODO(1.1)` does not stand in the starter",
    ),
    "TODO twice": (
        structure.todos_stand_once,
        lambda mini: mini.edit(mini.starter, "# TODO(1.1)", "# TODO(1.1): first\n# TODO(1.1)"),
        "exercises/chapter-01-greeting",
        "`TODO(1.1)` stands 2 times",
    ),
    "TODO in another task's region": (
        structure.todos_stand_once,
        lambda mini: mini.edit(mini.starter, "TODO(1.1)", "TODO(1.2)"),
        "exercises/chapter-01-greeting/app/main.py:",
        "`TODO(1.2)` stands outside the regions of its task",
    ),
    "TODO of no task": (
        structure.todos_stand_once,
        lambda mini: mini.edit(mini.starter, "TODO(1.1)", "TODO(1.7)"),
        "exercises/chapter-01-greeting/app/main.py:",
        "`TODO(1.7)` names no task",
    ),
    "TODO left in the reference": (
        structure.todos_stand_once,
        lambda mini: mini.edit(mini.reference, "app = FastAPI", "# TODO(1.1): done?\napp = FastAPI"),
        "solutions/chapter-01-greeting/app/main.py:",
        "the reference still holds a TODO",
    ),
    "difference outside regions": (
        structure.trees_differ_in_regions,
        lambda mini: mini.edit(mini.reference, "Hang the door.", "Hang the door up."),
        "exercises/chapter-01-greeting/app/main.py",
        "differs outside task regions",
    ),
    "region that never ends": (
        structure.trees_differ_in_regions,
        lambda mini: mini.starter.write_text(mini.starter.read_text() + "\n# region 1.2\n"),
        "",
        "the region is never closed",
    ),
    "region in a region": (
        structure.trees_differ_in_regions,
        lambda mini: mini.edit(mini.starter, "# TODO(1.1)", "# region 1.2\n# TODO(1.1)"),
        "",
        "begins inside the one of line",
    ),
    "end without a beginning": (
        structure.trees_differ_in_regions,
        lambda mini: mini.starter.write_text(mini.starter.read_text() + "\n# endregion\n"),
        "",
        "closes nothing",
    ),
    "region without a task": (
        structure.trees_differ_in_regions,
        lambda mini: mini.swap(mini.starter, r"# region 1\.1\n", "# region helpers\n"),
        "",
        "`helpers` is not a task's id",
    ),
    "region of no task": (
        structure.trees_differ_in_regions,
        lambda mini: [
            path.write_text(path.read_text() + SECOND_REGION.replace("1.2", "1.9"))
            for path in (mini.starter, mini.reference)
        ],
        "solutions/chapter-01-greeting/app/main.py:",
        "the region names `1.9`",
    ),
    "region in one tree only": (
        structure.trees_differ_in_regions,
        lambda mini: mini.reference.write_text(mini.reference.read_text() + SECOND_REGION),
        "exercises/chapter-01-greeting/app/main.py",
        "differs outside task regions",
    ),
    "new file that no TODO names": (
        structure.trees_differ_in_regions,
        lambda mini: mini.reference.with_name("rules.py").touch(),
        "exercises/chapter-01-greeting/app/rules.py",
        "is new in the reference",
    ),
    "file in the starter alone": (
        structure.trees_differ_in_regions,
        lambda mini: mini.starter.with_name("rules.py").touch(),
        "exercises/chapter-01-greeting/app/rules.py",
        "stands in the starter and not in the reference",
    ),
    "two wrong solutions": (
        structure.proofs_are_there,
        lambda mini: next((mini.proofs / "wrong").glob("1.1-*")).unlink(),
        "tests/chapter-01-greeting/wrong",
        "task 1.1 has 2 wrong solutions",
    ),
    "one alternative": (
        structure.proofs_are_there,
        lambda mini: shutil.rmtree(mini.proofs / "alternatives" / "router"),
        "tests/chapter-01-greeting/alternatives",
        "holds 1 alternative",
    ),
    "alternative without its file": (
        structure.proofs_are_there,
        lambda mini: (mini.proofs / "alternatives" / "router" / "alternative.toml").unlink(),
        "alternatives/router",
        "cannot be read",
    ),
    "wrong solution caught by no check": (
        structure.proofs_are_there,
        lambda mini: mini.swap(
            mini.proofs / "wrong" / "1.1-no-bound.toml", r'"1\.1-long-name"', '"1.1-gone"'
        ),
        "wrong/1.1-no-bound.toml",
        "`caught_by` names `1.1-gone`",
    ),
    "wrong solution of another task": (
        structure.proofs_are_there,
        lambda mini: mini.swap(
            mini.proofs / "wrong" / "1.1-no-bound.toml", r'"1\.1-long-name"', '"1.2-first"'
        ),
        "wrong/1.1-no-bound.toml",
        "`caught_by` names no check of task 1.1",
    ),
    "wrong solution with an unknown key": (
        structure.proofs_are_there,
        lambda mini: mini.swap(mini.proofs / "wrong" / "1.1-no-bound.toml", r"\Awhy", "reason"),
        "wrong/1.1-no-bound.toml",
        "Mend that key",
    ),
    "constraint that is not graded": (
        structure.proofs_are_there,
        lambda mini: mini.swap(
            mini.proofs / "wrong" / "1.1-no-bound.toml", r"constraints = \[\]", 'constraints = ["H8"]'
        ),
        "wrong/1.1-no-bound.toml",
        "names H8, which this chapter does not grade",
    ),
    "heading missing": (
        teaching.headings_match,
        lambda mini: mini.edit(mini.lesson, "## Remember visitors", "### Remember visitors"),
        "lesson.md",
        "has no heading `## Remember visitors`",
    ),
    "heading too many": (
        teaching.headings_match,
        lambda mini: mini.lesson.write_text(mini.lesson.read_text() + "\n## Afterthought\n"),
        "lesson.md:",
        "`## Afterthought` is no section",
    ),
    "headings in another order": (
        teaching.headings_match,
        lambda mini: mini.lesson.write_text("# Door\n\n## Remember visitors\n\n## Greet by name\n"),
        "lesson.md",
        "stand in another order",
    ),
    "anchor of a task": (
        teaching.anchors_lead_somewhere,
        lambda mini: mini.edit(mini.toml, 'lesson = "greet-by-name"', 'lesson = "greetings"'),
        "chapter.toml",
        "task 1.1 points to `#greetings`",
    ),
    "anchor of a check": (
        teaching.anchors_lead_somewhere,
        lambda mini: mini.swap(mini.suite, r'say="', 'lesson="nowhere", say="'),
        "test_1_1_greet_by_name.py:",
        "points to `#nowhere`",
    ),
    "link to a blog": (
        teaching.links_are_official,
        lambda mini: mini.edit(
            mini.toml, "https://fastapi.tiangolo.com/tutorial/path-params/", "https://blog.example/fastapi"
        ),
        "chapter.toml",
        "links to `https://blog.example/fastapi`",
    ),
    "link without https": (
        teaching.links_are_official,
        lambda mini: mini.swap(mini.suite, r'say="', 'docs="http://fastapi.tiangolo.com/", say="'),
        "test_1_1_greet_by_name.py:",
        "links to `http://fastapi.tiangolo.com/`",
    ),
    "id without a section": (
        teaching.ids_are_taught,
        lambda mini: mini.edit(
            mini.toml,
            '"Remember visitors"\nminutes = 4\nteaches = ["2.1.5"]',
            '"Remember visitors"\nminutes = 4',
        ),
        "chapter.toml",
        "no section teaches 2.1.5",
    ),
    "id without a task": (
        teaching.ids_are_taught,
        lambda mini: mini.edit(mini.toml, 'covers = ["2.1.5"]', 'covers = ["2.1.1"]'),
        "chapter.toml",
        "no task covers 2.1.5",
    ),
    "task on what nobody taught": (
        teaching.ids_are_taught,
        lambda mini: mini.edit(mini.toml, 'covers = ["2.1.5"]', 'covers = ["2.1.5", "2.4.1"]'),
        "chapter.toml",
        "a task covers 2.4.1",
    ),
    "need that no chapter teaches": (
        teaching.ids_are_taught,
        lambda mini: mini.edit(mini.toml, "\n[grades]", 'needs = ["2.4.4"]\n\n[grades]'),
        "chapter.toml",
        "`needs` names 2.4.4",
    ),
    "notebook out of date": (
        tools.generated_files_are_fresh,
        lambda mini: mini.edit(mini.lesson, "A parameter whose name", "A parameter of which the name"),
        "chapters/chapter-01-greeting/lesson.ipynb",
        "is not what its source says",
    ),
    "task sheet out of date": (
        tools.generated_files_are_fresh,
        lambda mini: mini.edit(
            mini.toml, "a name of more than 20 characters is refused", "longer names are refused"
        ),
        "exercises/chapter-01-greeting/README.md",
        "is not what its source says",
    ),
    "unused import in the reference": (
        lambda book, chapter: tools.ruff_is_silent(book, chapter.solution),
        lambda mini: mini.edit(mini.reference, "import os\n", "import os\nimport sys\n"),
        "solutions/chapter-01-greeting",
        "F401",
    ),
    "starter that is not formatted": (
        lambda book, chapter: tools.ruff_would_not_reformat(book, chapter.starter),
        lambda mini: mini.edit(mini.starter, "class Greeting(BaseModel):", "class  Greeting( BaseModel ):"),
        "exercises/chapter-01-greeting",
        "not formatted: app/main.py",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found_and_says_file_what_and_remedy(mini: MiniBook, mistake: str) -> None:
    prove, break_it, path, what = MISTAKES[mistake]
    before = [*_problems(prove, mini)]
    break_it(mini)
    found = [*_problems(prove, mini)]
    assert before == []
    matching = [problem for problem in found if what in problem.what and path in problem.path]
    assert matching, found
    assert all("Traceback" not in str(problem) for problem in found)
    assert all(problem.remedy or problem.what.endswith((".", ")")) for problem in found)


def _problems(prove: Prove, mini: MiniBook) -> tuple[Problem, ...]:
    from checker.dev.claims import Part, Proposition

    book = mini.book
    proposition = Proposition(
        chapter="chapter-01", part=Part.FILES, says="", prove=lambda: prove(book, book.chapters[0])
    )
    return try_proposition(proposition).problems


def test_the_miniature_book_keeps_every_claim_that_needs_no_grade(mini: MiniBook) -> None:
    claims = [try_proposition(one) for one in quick_propositions(mini.book, mini.chapter)]
    assert {claim.says: claim.problems for claim in claims if not claim.held} == {}
    assert len(claims) == 19


def test_a_planned_id_that_the_chapter_leaves_out_is_named(mini: MiniBook) -> None:
    spec = mini.root / "chapters" / "spec.toml"
    spec.write_text(
        '[[chapter]]\nnumber = 1\nslug = "greeting"\ntitle = "Greeting"\ndesk = "door"\nadds = "visitors"\n\n'
        '[[area]]\nid = "2.1"\ntitle = "API development"\nchapter = 1\n\n[area.capabilities]\n'
        '"2.1.1" = "path operations"\n"2.1.2" = "parameters"\n"2.1.5" = "status codes"\n"2.1.6" = "OpenAPI"\n',
        encoding="utf-8",
    )
    problems = [*teaching.ids_are_taught(mini.book, mini.chapter)]
    assert [problem.what for problem in problems] == [
        "`teaches` lacks 2.1.6, OpenAPI, which the plan gives to this chapter."
    ]
    graded = [problem.what for problem in teaching.grades_what_is_taught(mini.book, mini.chapter)]
    assert graded == [
        "`grades.constraints` is H1, S5; the plan says nothing.",
        "`grades.metrics` is M1, M2; the plan says nothing.",
    ]


def test_an_id_of_a_planned_chapter_that_nobody_has_written_yet_may_be_needed(mini: MiniBook) -> None:
    spec = mini.root / "chapters" / "spec.toml"
    chapters = "".join(
        f'[[chapter]]\nnumber = {number}\nslug = "{slug}"\ntitle = "Title"\ndesk = "door"\nadds = "visitors"\n\n'
        for number, slug in ((1, "basics"), (2, "greeting"))
    )
    areas = (
        '[[area]]\nid = "2.3"\ntitle = "Basics"\nchapter = 1\n\n[area.capabilities]\n"2.3.1" = "basics"\n\n'
        '[[area]]\nid = "2.1"\ntitle = "Doors"\nchapter = 2\n\n[area.capabilities]\n"2.1.1" = "doors"\n'
    )
    spec.write_text(chapters + areas, encoding="utf-8")
    for tree in ("chapters", "exercises", "solutions", "tests"):
        (mini.root / tree / mini.name).rename(mini.root / tree / "chapter-02-greeting")
    toml = mini.root / "chapters" / "chapter-02-greeting" / "chapter.toml"
    mini.edit(toml, '"1.', '"2.')
    mini.edit(toml, "\n[grades]", 'needs = ["2.3.1"]\n\n[grades]')
    (mini.root / "suites" / "chapter_01").rename(mini.root / "suites" / "chapter_02")
    needs = [p.what for p in teaching.ids_are_taught(mini.book, mini.chapter) if "`needs`" in p.what]
    assert needs == []
