"""How hits become findings: evidence joined, flex comments, outcomes, rules that crash."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from checker.constraints import Context, Hit, Rule, find_constraint, judge_constraints
from checker.models.facts import AppFacts, BlockedLoop, RouteFact, Site
from checker.models.report import ConstraintOutcome, ConstraintResult, Evidence
from checker.source import read_project
from checker.source.garbage import without_collector

Judge = Callable[..., ConstraintResult]

DEFAULT_DEPENDS = """\
from fastapi import Depends, FastAPI

app = FastAPI()


def f() -> int:
    return 1


@app.get("/")
async def read(
    n: int = Depends(f),{trailing}
) -> int:
    return n
"""
LOADING = """\
from fastapi import FastAPI

app = FastAPI()


def load() -> str:
    return open("x").read()


@app.get("/a")
async def read() -> str:
    return load()
"""


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Judges one constraint on one file, `main.py`."""

    def run(constraint: str, source: str, facts: AppFacts | None = None) -> ConstraintResult:
        (tmp_path / "main.py").write_text(source, encoding="utf-8")
        (result,) = judge_constraints(read_project(tmp_path), facts, graded={constraint}, only={constraint})
        return result

    return run


def test_a_reason_beside_the_finding_flexes_a_soft_constraint(judge: Judge) -> None:
    comment = "  # check: flex S5 -- runs on FastAPI 0.94 at the library"
    result = judge("S5", DEFAULT_DEPENDS.format(trailing=comment))
    assert result.outcome is ConstraintOutcome.FLEXED
    assert [f.flexed for f in result.findings] == ["runs on FastAPI 0.94 at the library"]


@pytest.mark.parametrize(
    "above",
    [
        "    # check: flex S5 -- old FastAPI",
        "    # check: flex S5 -- old FastAPI\n    # see the README",
        "    # check: flex S5: old FastAPI",
    ],
    ids=["right above", "with another comment between", "with a colon"],
)
def test_a_comment_line_above_flexes_too(judge: Judge, above: str) -> None:
    source = DEFAULT_DEPENDS.format(trailing="").replace("    n: int", f"{above}\n    n: int")
    assert judge("S5", source).outcome is ConstraintOutcome.FLEXED


def test_the_first_line_of_the_statement_flexes_too(judge: Judge) -> None:
    source = "import fastapi\nfrom sqlalchemy import create_engine\napp = fastapi.FastAPI()\n"
    source += "made = dict(  # check: flex S1 -- no async driver for this store\n    engine=create_engine('x'),\n)\n"
    assert judge("S1", source).outcome is ConstraintOutcome.FLEXED


def test_a_comment_above_a_function_does_not_flex_what_is_inside_it(judge: Judge) -> None:
    source = "from fastapi import FastAPI\napp = FastAPI()\n\n\n# check: flex S3 -- keys are data\n"
    source += "@app.get('/')\nasync def read():\n    return {'a': 1}\n"
    (finding,) = judge("S3", source).findings
    assert finding.flexed is None


def test_a_flex_without_a_reason_does_not_count_and_says_so(judge: Judge) -> None:
    result = judge("S5", DEFAULT_DEPENDS.format(trailing="  # check: flex S5 --"))
    assert result.outcome is ConstraintOutcome.FAILED
    assert "gives no reason, so it does not count" in result.findings[0].message


def test_a_flex_in_a_string_does_not_count(judge: Judge) -> None:
    source = DEFAULT_DEPENDS.format(trailing="  x: str = '# check: flex S5 -- in a text',")
    assert judge("S5", source).outcome is ConstraintOutcome.FAILED


def test_a_flex_of_another_constraint_does_not_count(judge: Judge) -> None:
    result = judge("S5", DEFAULT_DEPENDS.format(trailing="  # check: flex S3 -- a reason"))
    assert result.outcome is ConstraintOutcome.FAILED
    assert "flex" not in result.findings[0].message


def test_a_trailing_comment_of_the_line_before_belongs_to_that_line(judge: Judge) -> None:
    source = DEFAULT_DEPENDS.format(trailing="  # check: flex S5 -- old FastAPI\n    m: int = Depends(f),")
    assert [f.flexed for f in judge("S5", source).findings] == ["old FastAPI", None]


def test_a_hard_constraint_cannot_be_flexed(judge: Judge) -> None:
    source = LOADING.replace("return load()", "return load()  # check: flex H3 -- it is quick")
    result = judge("H3", source)
    assert result.outcome is ConstraintOutcome.FAILED
    sink, call = result.findings
    assert (sink.flexed, call.flexed) == (None, None)
    assert "no effect" in call.message


def facts_with(*blocked: BlockedLoop) -> AppFacts:
    return AppFacts(target="main:app", blocked=blocked)


def call_at(line: int, name: str = "load") -> BlockedLoop:
    return BlockedLoop(
        how="call", what="io.open", site=Site(path="main.py", line=line, name=name), request="GET /a"
    )


def held_at(line: int, name: str = "read") -> BlockedLoop:
    site = Site(path="main.py", line=line, name=name)
    return BlockedLoop(how="held", what="", site=site, request="GET /a", held_ms=312.4)


def test_static_intercepted_and_held_are_joined_at_their_lines(judge: Judge) -> None:
    result = judge("H3", LOADING, facts_with(call_at(7), held_at(12)))
    sink, call = result.findings
    assert (sink.rule, sink.line) == ("blocking-file-access-in-async", 7)
    assert (call.rule, call.line) == ("blocking-call-behind-helper", 12)
    assert (sink.evidence, call.evidence) == (Evidence.BOTH, Evidence.BOTH)
    seen = "Seen in the running app: `io.open` ran on the event loop while `GET /a` was answered."
    assert seen in sink.message
    assert "Seen in the running app: the event loop stood still for 312 ms" in call.message
    way = ("main.py:12 `load` is called on the event loop", "main.py:7 `open` blocks")
    assert (sink.trace, call.trace) == (way, way)


def test_what_only_the_running_app_showed_is_one_runtime_finding(judge: Judge) -> None:
    source = LOADING.replace("load()\n", "sum(range(10))\n").replace('open("x").read()', '"x"')
    result = judge("H3", source, facts_with(held_at(12), held_at(11)))
    (finding,) = result.findings
    assert finding.evidence is Evidence.RUNTIME
    assert finding.rule == "event-loop-held"
    assert finding.message == "The event loop stood still for 312 ms while `GET /a` was answered, in `read`."


def test_a_thread_that_the_watch_saw_is_no_finding(judge: Judge) -> None:
    source = LOADING.replace("async def read", "def read")
    result = judge("H3", source, facts_with(held_at(12), held_at(7, "load")))
    assert result.findings == ()
    assert result.outcome is ConstraintOutcome.NOT_APPLICABLE


def test_running_evidence_sharpens_async_io(judge: Judge) -> None:
    result = judge("H2", LOADING, facts_with(call_at(7)))
    (finding,) = result.findings
    assert (finding.line, finding.evidence) == (7, Evidence.BOTH)


def route(line: int, **more: object) -> RouteFact:
    values: dict[str, object] = {"path": "/a", "methods": ("GET",), "name": "read", "is_async": True} | more
    return RouteFact(site=Site(path="main.py", line=line, name="read"), **values)  # type: ignore[arg-type] # by name


UNTYPED = "from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.get('/a')\nasync def read():\n    return {'a': 1}\n"


def test_a_route_without_a_model_confirms_the_static_finding(judge: Judge) -> None:
    facts = AppFacts(target="main:app", routes=(route(5),))
    (finding,) = judge("H1", UNTYPED, facts).findings
    assert (finding.rule, finding.line, finding.evidence) == ("answer-without-model", 6, Evidence.BOTH)


def test_a_typed_route_clears_the_static_finding(judge: Judge) -> None:
    typed = route(5, response_model="main.Tool", response_model_is_typed=True)
    facts = AppFacts(target="main:app", routes=(typed,))
    assert judge("H1", UNTYPED, facts).outcome is ConstraintOutcome.PASSED


def test_a_route_that_static_rules_cannot_see_is_reported(judge: Judge) -> None:
    source = "import plugin\n\n\nasync def read():\n    return {'a': 1}\n\n\nplugin.mount(read)\n"
    facts = AppFacts(target="main:app", routes=(route(4),))
    (finding,) = judge("H1", source, facts).findings
    assert (finding.rule, finding.evidence) == ("route-without-model", Evidence.RUNTIME)


@pytest.mark.parametrize(
    "harmless",
    [
        route(4, status_code=204),
        route(4, response_class="starlette.responses.HTMLResponse"),
        route(4, include_in_schema=False),
        route(4, stream_item="Tool"),
        route(4, websocket=True),
    ],
    ids=["204", "html", "plumbing", "stream", "websocket"],
)
def test_routes_that_need_no_model_are_left_alone(judge: Judge, harmless: RouteFact) -> None:
    source = "import plugin\n\n\nasync def read():\n    return {'a': 1}\n\n\nplugin.mount(read)\n"
    assert judge("H1", source, AppFacts(target="main:app", routes=(harmless,))).findings == ()


def test_event_handlers_of_the_running_app_join_the_decorators(judge: Judge) -> None:
    source = "from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.on_event('startup')\ndef start(): ...\n"
    facts = AppFacts(
        target="main:app", has_lifespan=True, on_event_handlers=(Site(path="main.py", line=6, name="start"),)
    )
    (finding,) = judge("H6", source, facts).findings
    assert finding.evidence is Evidence.BOTH
    assert finding.message.endswith("With the lifespan that this app has, it is never called.")


def test_a_rule_that_crashes_costs_only_its_own_constraint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(context: Context) -> Iterable[Hit]:
        raise ZeroDivisionError

    constraint = find_constraint("S5")
    assert constraint is not None
    monkeypatch.setattr(constraint, "rules", [Rule(name="broken-rule", check=crash, help=".", docs="")])
    (tmp_path / "main.py").write_text(LOADING, encoding="utf-8")

    results = {r.id: r for r in judge_constraints(read_project(tmp_path), None, graded={"S5"})}

    assert results["S5"].outcome is ConstraintOutcome.ERROR
    assert "`broken-rule`" in results["S5"].detail
    assert results["H3"].outcome is ConstraintOutcome.FAILED


def test_graded_and_only_choose_what_counts_and_what_is_judged(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(LOADING, encoding="utf-8")
    results = judge_constraints(read_project(tmp_path), None, graded={"H3"}, only={"H2", "H3"})
    assert [(r.id, r.graded) for r in results] == [("H2", False), ("H3", True)]


def test_a_pass_names_the_files_that_could_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("from fastapi import FastAPI\napp = FastAPI()\n", encoding="utf-8")
    (tmp_path / "broken.py").write_text("def f(:\n", encoding="utf-8")
    (result,) = judge_constraints(read_project(tmp_path), None, graded={"H6"}, only={"H6"})
    assert result.outcome is ConstraintOutcome.PASSED
    assert result.detail == "Judged without `broken.py`, which could not be read."


def test_the_wording_of_a_direct_finding(judge: Judge) -> None:
    source = LOADING.replace("return load()", "import time\n\n    time.sleep(1)\n    return ''")
    (finding,) = judge("H3", source).findings
    assert finding.message == (
        "`time.sleep` holds the event loop in `read` (async path operation `GET /a`); no other request is served meanwhile."
    )
    assert finding.help == "Await `asyncio.sleep(...)` instead."
    assert finding.docs == "https://fastapi.tiangolo.com/async/"


def test_a_mapping_of_plain_values_is_not_cleared_by_the_route(judge: Judge) -> None:
    source = UNTYPED.replace("read():", "read() -> dict[str, str]:")
    typed = route(5, response_model="dict[str, str]", response_model_is_typed=True)
    (finding,) = judge("H1", source, AppFacts(target="main:app", routes=(typed,))).findings
    assert finding.rule == "free-mapping-answer"


BODY = "from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.post('/a')\nasync def read(tool: dict) -> None: ...\n"


def test_an_untyped_body_of_the_running_app_confirms_the_static_finding(judge: Judge) -> None:
    facts = AppFacts(
        target="main:app", routes=(route(5, body=("dict",), body_is_typed=False, response_model="X"),)
    )
    (finding,) = judge("H1", BODY, facts).findings
    assert (finding.rule, finding.evidence) == ("free-mapping-body", Evidence.BOTH)


def test_a_body_that_is_validated_afterwards_stays_silent(judge: Judge) -> None:
    source = BODY.replace("...", "Model.model_validate(tool)")
    facts = AppFacts(
        target="main:app", routes=(route(5, body=("dict",), body_is_typed=False, response_model="X"),)
    )
    assert judge("H1", source, facts).findings == ()


@pytest.mark.parametrize(
    "patch", ["", "import nest_asyncio\n\nnest_asyncio.apply()\n"], ids=["plain", "nested"]
)
def test_a_second_loop_blocks_only_where_loops_may_be_nested(judge: Judge, patch: str) -> None:
    source = f"import asyncio\n\nfrom fastapi import FastAPI\n\n{patch}app = FastAPI()\n\n\n@app.get('/')\nasync def read() -> None:\n    asyncio.run(work())\n"
    assert [f.rule for f in judge("H3", source).findings] == (["blocking-wait-in-async"] if patch else [])


def test_rules_run_without_looking_for_garbage(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    constraint = find_constraint("S5")
    assert constraint is not None
    seen: list[bool] = []

    def look(context: Context) -> Iterable[Hit]:
        seen.append(gc.isenabled())
        return []

    rule = Rule(name="looks", check=look, help=".", docs="")
    monkeypatch.setattr(constraint, "rules", [rule])
    judge("S5", "x = 1\n")
    assert seen == [False]
    assert gc.isenabled()


def test_the_look_for_garbage_comes_back_whichever_thread_is_done_last() -> None:
    both_inside, first_is_out = threading.Barrier(2), threading.Event()

    def leave_first() -> None:
        with without_collector():
            both_inside.wait(10)
        first_is_out.set()

    other = threading.Thread(target=leave_first)
    other.start()
    with without_collector():
        both_inside.wait(10)
        assert first_is_out.wait(10)
        assert not gc.isenabled()
    other.join()
    assert gc.isenabled()


@pytest.mark.parametrize(("imported", "outcome"), [("worker", "failed"), ("store", "passed")])
def test_what_the_app_never_loads_is_another_programs(
    judge: Judge, tmp_path: Path, imported: str, outcome: str
) -> None:
    (tmp_path / "worker.py").write_text('api_key = "' + "q8Zr3vT1xW7" * 3 + '"\n', encoding="utf-8")
    (tmp_path / "store.py").write_text("", encoding="utf-8")
    result = judge("H7", f"import {imported}\nfrom fastapi import FastAPI\n\napp = FastAPI()\n")
    assert result.outcome.value == outcome


def test_an_old_fastapi_is_named_where_the_remedy_needs_a_newer_one(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("fastapi==0.90.0\n", encoding="utf-8")
    (finding,) = judge("S5", DEFAULT_DEPENDS.format(trailing="")).findings
    assert "from 0.95 on; `requirements.txt` names 0.90.0" in finding.help

    (tmp_path / "requirements.txt").write_text("fastapi==0.165.0\n", encoding="utf-8")
    (finding,) = judge("S5", DEFAULT_DEPENDS.format(trailing="")).findings
    assert "requirements.txt" not in finding.help


SET_AT_IMPORT = """
from fastapi import FastAPI

app = FastAPI()
patched = False

def patch() -> None:
    global patched
    patched = True

patch()

@app.get("/a")
async def read() -> str:
    {later}
    return "a"
"""


@pytest.mark.parametrize(
    ("later", "told"), [("pass", "as the module is imported"), ("patch()", "every request")]
)
def test_a_global_that_only_the_import_sets_is_told_as_such(judge: Judge, later: str, told: str) -> None:
    messages = [f.message for f in judge("S2", SET_AT_IMPORT.format(later=later)).findings]
    assert any("`patch`" in message and told in message for message in messages)
