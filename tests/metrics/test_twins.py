"""What tests tell apart: honest suites of many styles notice broken apps, and none can be forged into it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import msgspec
import pytest

from checker.book import BrokenApp, Twins
from checker.metrics import MetricContext
from checker.metrics.learner_tests import METRIC
from checker.metrics.twins import Apart, tell_apart
from checker.models.report import MetricOutcome, MetricResult
from checker.sandbox import best_isolation

from .conftest import write_files

Files = dict[str, str | bytes]

APP: Files = {
    "app/__init__.py": "",
    "app/fees.py": '''
        def late_fee(days: int) -> int:
            """Cents."""
            return max(0, days) * 50
    ''',
    "app/main.py": """
        from typing import Annotated

        from fastapi import Depends, FastAPI, Header, HTTPException, Response

        from app.fees import late_fee

        app = FastAPI()
        tools: dict[int, str] = {}


        def member(token: Annotated[str | None, Header()] = None) -> str:
            if token is None:
                raise HTTPException(401, "Who is it?")
            return token


        @app.post("/tools", status_code=201)
        def add(name: str, who: Annotated[str, Depends(member)], response: Response) -> dict[str, int]:
            number = len(tools) + 1
            tools[number] = name
            response.headers["Location"] = f"/tools/{number}"
            return {"id": number}


        @app.get("/tools/{number}")
        def read(number: int) -> dict[str, str]:
            if number not in tools:
                raise HTTPException(404, "No such tool.")
            return {"name": tools[number]}


        @app.get("/fees/{days}")
        def read_fee(days: int) -> int:
            return late_fee(days)
    """,
}
OTHER_STYLE: Files = {
    **APP,
    "app/fees.py": """
        class Rate:
            def __init__(self, cents: int) -> None:
                self.cents = cents

            def fee(self, days: int) -> int:
                return self.cents * days if days > 0 else 0
    """,
    "app/main.py": str(APP["app/main.py"])
    .replace("from app.fees import late_fee", "from app.fees import Rate")
    .replace("late_fee(days)", "Rate(50).fee(days)")
    .replace("Who is it?", "Your card, please."),
}
EDITS = {
    "open-door": ("app/main.py", 'raise HTTPException(401, "Who is it?")', 'return "anybody"'),
    "forgets": ("app/main.py", "tools[number] = name", "pass"),
    "no-refusal": ("app/main.py", 'raise HTTPException(404, "No such tool.")', 'return {"name": ""}'),
    "free": ("app/fees.py", "max(0, days) * 50", "0"),
}
OVER_HTTP = """
    def open_door(call: Call) -> None:
        if call.status == 401:
            call.answer(201, {"id": 1})


    def forgets(call: Call) -> None:
        if call.method == "POST":
            call.memory["gone"] = call.headers.get("location")
        elif call.path == call.memory.get("gone"):
            call.answer(404, {})


    def no_refusal(call: Call) -> None:
        if call.status == 404:
            call.answer(200, {})


    def free(call: Call) -> None:
        if call.path.startswith("/fees/"):
            call.answer(200, 0)
"""
HONEST = """
    from fastapi.testclient import TestClient

    from app.main import app

    client = TestClient(app)


    def test_only_members_add():
        assert client.post("/tools?name=Saw").status_code == 401


    def test_what_was_added_is_found():
        added = client.post("/tools?name=Saw", headers={"token": "amina"})
        assert client.get(added.headers["location"]).json() == {"name": "Saw"}


    def test_others_are_not_found():
        assert client.get("/tools/99").status_code == 404


    def test_fee():
        assert client.get("/fees/2").json() == 100
"""
LOOKS_AT_NOTHING = """
    from fastapi.testclient import TestClient

    from app.main import app

    client = TestClient(app)


    def test_everything():
        client.post("/tools?name=Saw")
        client.post("/tools?name=Saw", headers={"token": "amina"})
        client.get("/tools/99")
        reply = client.get("/fees/2")
        assert reply.status_code == reply.status_code
        assert reply is not None
"""


@pytest.fixture
def with_twins(make_context: Callable[..., MetricContext]) -> Callable[..., MetricContext]:
    """A context whose chapter names four broken apps, of which two must be noticed."""

    def make(files: Files, *, given: bool = False, over_http: str | None = OVER_HTTP) -> MetricContext:
        context = make_context(files, reference=APP)
        broken: Files = {
            f"{name}.toml": f"[[edit]]\npath = '{path}'\nfind = '''{find}'''\nreplace = '''{replace}'''\n"
            for name, (path, find, replace) in EDITS.items()
        }
        write_files(context.chapter.broken, broken | ({"over_http.py": over_http} if over_http else {}))
        named = tuple(BrokenApp(id=name, does=f"does {name}", notice=f"look for {name}") for name in EDITS)
        file = msgspec.structs.replace(context.chapter.file, twins=Twins(least=2, broken=named, given=given))
        chapter = dataclasses.replace(context.chapter, file=file)
        return dataclasses.replace(context, chapter=chapter, isolation=best_isolation().level)

    return make


@pytest.fixture
def compare(with_twins: Callable[..., MetricContext]) -> Callable[..., Apart]:
    """What the given tests tell apart; keywords as above."""

    def run(tests: str | Files, app: Files = APP, **chapter: Any) -> Apart:
        files = tests if isinstance(tests, dict) else {"tests/test_it.py": tests}
        context = with_twins({**app, **files}, **chapter)
        ini = context.room("ini") / "pytest.ini"
        ini.write_text("[pytest]\nasyncio_mode = auto\n", encoding="utf-8")
        twins = context.chapter.file.twins
        assert twins is not None
        return tell_apart(context, twins, ini, "tests", 5.0)

    return run


def test_an_honest_suite_notices_all(with_twins: Callable[..., MetricContext]) -> None:
    (result,) = METRIC.measure(with_twins({**APP, "tests/test_it.py": HONEST}))
    assert (result.outcome, result.lines) == (MetricOutcome.PASSED, ())
    assert result.message.endswith("and notice 4 of 4 broken apps.")
    assert result.detail["told_apart"]["noticed"] == sorted(EDITS)


def test_a_suite_that_looks_at_nothing_fails_in_spite_of_its_coverage(
    with_twins: Callable[..., MetricContext],
) -> None:
    result: MetricResult
    (result,) = METRIC.measure(with_twins({**APP, "tests/test_it.py": LOOKS_AT_NOTHING}))
    assert (result.outcome, result.value) == (MetricOutcome.FAILED, 96)
    assert result.lines == (
        "Your tests notice none of 4 broken apps, and 2 are asked for: a test that looks at no reply passes with any app.",
        *(f"Your tests pass with an app that does {name}: look for {name}." for name in EDITS),
    )


def test_a_modest_suite_passes_and_is_told_what_it_misses(compare: Callable[..., Apart]) -> None:
    apart = compare(dedent(HONEST).partition("def test_others")[0])
    assert (apart.problem, apart.noticed) == ("", 2)
    assert [one.id for one in apart.survivors] == ["no-refusal", "free"]


def test_tests_of_names_of_ones_own_are_tried_with_ones_own_app(compare: Callable[..., Apart]) -> None:
    mine = """
        from app.fees import Rate


        def test_rate():
            assert Rate(50).fee(2) == 100
    """
    wording = """
        from fastapi.testclient import TestClient

        from app.main import app


        def test_refusal():
            reply = TestClient(app).post("/tools?name=Saw")
            assert reply.json() == {"detail": "Your card, please."}
    """
    files: Files = {
        "tests/test_mine.py": f"from app.fees import Rate\n{dedent(HONEST)}{dedent(mine)}",
        "tests/test_words.py": wording,
    }
    apart = compare(files, OTHER_STYLE)
    assert (apart.problem, apart.noticed, apart.survivors) == ("", 4, ())
    assert "2 of your tests fail with the reference solution" in apart.notes[0]
    assert "no mistake where the task sheet leaves it open" in apart.notes[0]


def test_where_the_app_is_given_a_test_that_it_fails_is_wrong(compare: Callable[..., Apart]) -> None:
    wrong = dedent(HONEST).replace("== 404", "== 410")
    app = {**APP, "app/main.py": str(APP["app/main.py"]).replace("404", "410")}
    apart = compare(wrong, app, given=True)
    assert apart.problem.startswith("Your tests fail with the right app, first `test_others_are_not_found`:")


def test_where_nothing_can_be_compared_coverage_decides(compare: Callable[..., Apart]) -> None:
    unit = """
        from app.fees import Rate


        def test_rate():
            {}
    """
    apart = compare(unit.format("assert Rate(50).fee(2) == 100"), OTHER_STYLE)
    assert (apart.problem, apart.survivors) == ("", ())
    assert "could not be compared" in apart.notes[-1]
    apart = compare(unit.format("Rate(50).fee(2)"), OTHER_STYLE)
    assert (
        apart.problem
        == "Your tests pass with an app whose functions do nothing, so they prove nothing of it."
    )


DISHONEST: dict[str, str | Files] = {
    "tests of a copy": {
        "tests/copied.py": str(APP["app/main.py"]).replace("app.fees", "fees_copied"),
        "tests/fees_copied.py": str(APP["app/fees.py"]),
        "tests/test_it.py": f"import app.main\n{dedent(HONEST).replace('from app.main', 'from copied')}",
    },
    "swaps modules": {
        "tests/copied.py": str(APP["app/main.py"]).replace("app.fees", "fees_copied"),
        "tests/fees_copied.py": str(APP["app/fees.py"]),
        "tests/test_it.py": "import sys\nimport app.main\nimport copied\nsys.modules['app.main'] = copied\n"
        + dedent(HONEST),
    },
    "knows the app by its text": f"""
        import hashlib
        from pathlib import Path

        import app.main

        KNOWN = {sorted(dedent(str(text)).lstrip() for name, text in APP.items() if name != "app/__init__.py")!r}


        def test_it():
            assert sorted(Path(f).read_text() for f in ("app/fees.py", "app/main.py")) == KNOWN
    """,
    "counts the runs": """
        from pathlib import Path

        import app.main


        def test_it():
            code = Path(app.main.__file__).parent.parent
            for folder in (code.parent, code.parent.parent, code.parent.parent.parent, Path.home()):
                with (folder / "runs").open("a+") as file:
                    file.write("x")
                    file.seek(0)
                    assert len(file.read()) < 2
    """,
    "ends its own process": """
        import os

        from fastapi.testclient import TestClient

        from app.main import app


        def test_it():
            os._exit(TestClient(app).get("/fees/1").status_code != 200)
    """,
    "looks for the saboteur's traces": """
        import os
        import sys

        from fastapi.testclient import TestClient

        from app.main import app


        def test_it(request):
            TestClient(app).get("/fees/1")
            frame = sys._getframe().f_back
            while frame:
                assert "open-door" not in repr(frame.f_locals)[:100000]
                frame = frame.f_back
            assert request.config.option.maxfail == 0
            assert [name for name in os.listdir("..") if "door" in name] == []
    """,
}


@pytest.mark.parametrize("tests", [pytest.param(tests, id=name) for name, tests in DISHONEST.items()])
def test_a_dishonest_suite_notices_nothing(compare: Callable[..., Apart], tests: str | Files) -> None:
    apart = compare(tests)
    assert (apart.noticed, bool(apart.problem)) == (0, True), apart
