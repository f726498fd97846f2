"""What the running app says confirms, sharpens or clears what the source seems to say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from checker.constraints import judge_constraints
from checker.models.facts import AppFacts, DependencyFact, RouteFact, Site
from checker.models.report import ConstraintResult, Evidence
from checker.source import read_project

Judge = Callable[..., ConstraintResult]
HEAD = "from typing import Any\nfrom fastapi import FastAPI\napp = FastAPI()\n"


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Judges one constraint on one file, `main.py`; each fact finds its function by name."""

    def run(constraint: str, source: str, *routes: dict[str, Any], **more: Any) -> ConstraintResult:
        source = HEAD + dedent(source)
        (tmp_path / "main.py").write_text(source, encoding="utf-8")
        facts = AppFacts(target="main:app", routes=tuple(route(source, **one) for one in routes), **more)
        (result,) = judge_constraints(read_project(tmp_path), facts, graded={constraint}, only={constraint})
        return result

    return run


def site(source: str, name: str) -> Site:
    lines = source.splitlines()
    line = next(n for n, text in enumerate(lines, start=1) if f"def {name}(" in text)
    return Site(path="main.py", line=line, name=name)


def route(source: str, name: str = "read", **more: Any) -> RouteFact:
    needs = more.pop("needs", ())
    values: dict[str, Any] = {
        "path": "/a",
        "methods": ("GET",),
        "is_async": True,
        "response_class": "JSONResponse",
    }
    dependencies = tuple(DependencyFact(name=one, site=site(source, one), is_async=True) for one in needs)
    return RouteFact(name=name, site=site(source, name), dependencies=dependencies, **values | more)


# H1

DICTIONARY = "@app.get('/a')\nasync def read():\n    return {'a': 1}\n"
UNDECLARED = "async def read():\n    {}\nadd(app, read)\n"


@pytest.mark.parametrize(
    "fact",
    [
        {"response_model": "main.Tool", "response_model_is_typed": True},
        {"response_class": "HTMLResponse"},
        {"stream_item": "main.Tool"},
        {"status_code": 204},
        {"status_code": 307},
    ],
    ids=str,
)
def test_a_route_that_needs_no_model_or_has_one_clears_its_answer(judge: Judge, fact: dict[str, Any]) -> None:
    assert judge("H1", DICTIONARY, fact).findings == ()


def test_a_route_without_a_model_confirms_its_answer(judge: Judge) -> None:
    (finding,) = judge("H1", DICTIONARY, {}).findings
    assert finding.evidence is Evidence.BOTH
    assert finding.message.endswith("The running app's route has no model either.")


def test_a_route_with_a_mapping_for_a_model_confirms_its_answer(judge: Judge) -> None:
    source = DICTIONARY.replace("read():", "read() -> dict[str, str]:")
    fact = {"response_model": "dict[str, str]", "response_model_is_typed": True}
    (finding,) = judge("H1", source, fact).findings
    assert (finding.rule, finding.evidence) == ("free-mapping-answer", Evidence.BOTH)
    assert finding.message.endswith("lets everything through as `dict[str, str]`.")


def test_a_dictionary_of_a_route_that_the_source_hides_is_reported(judge: Judge) -> None:
    (finding,) = judge("H1", UNDECLARED.format("return {'a': 1}"), {}).findings
    assert (finding.rule, finding.evidence) == ("route-without-model", Evidence.RUNTIME)


@pytest.mark.parametrize("body", ["return FileResponse('x')", "return page()", "return None", "yield 1"])
def test_a_hidden_route_that_may_answer_with_anything_is_left_alone(judge: Judge, body: str) -> None:
    assert judge("H1", UNDECLARED.format(body), {}).findings == ()


def test_a_function_that_the_app_does_not_serve_is_not_cleared(judge: Judge) -> None:
    source = DICTIONARY + "async def other(): ...\n"
    typed = {"name": "other", "response_model": "main.Tool", "response_model_is_typed": True}
    (finding,) = judge("H1", source, typed).findings
    assert finding.evidence is Evidence.STATIC


BODY = "@app.post('/a')\nasync def read(body: dict) -> None:\n    use(body)\n"


def test_an_untyped_body_is_confirmed(judge: Judge) -> None:
    fact = {"body": ("dict",), "body_is_typed": False, "response_model": "NoneType"}
    (finding,) = judge("H1", BODY, fact).findings
    assert (finding.rule, finding.evidence) == ("free-mapping-body", Evidence.BOTH)


def test_a_typed_body_is_cleared(judge: Judge) -> None:
    assert judge("H1", BODY, {"body": ("Tool",), "body_is_typed": True}).findings == ()


def test_a_hidden_untyped_body_counts_only_where_nothing_checks_it(judge: Judge) -> None:
    fact = {
        "body": ("dict",),
        "body_is_typed": False,
        "response_model": "main.Tool",
        "response_model_is_typed": True,
    }
    unchecked = UNDECLARED.replace("read()", "read(body: dict)").format("await use(body)")
    assert [f.rule for f in judge("H1", unchecked, fact).findings] == ["route-with-untyped-body"]
    checked = UNDECLARED.replace("read()", "read(body: dict)").format("Tool.model_validate(body)")
    assert judge("H1", "from tools import Tool\n" + checked, fact).findings == ()


# S3


def test_a_model_that_the_source_does_not_show_clears_a_dictionary(judge: Judge) -> None:
    source = "options = load()\n" + DICTIONARY
    assert [f.rule for f in judge("S3", source, {}).findings] == ["dictionary-by-hand"]
    typed = {"response_model": "main.Tool", "response_model_is_typed": True}
    assert judge("S3", source, typed).findings == ()
    assert judge("S3", source, typed | {"response_model": "dict[str, int]"}).findings != ()


# H5

PAGED = """
async def window(limit: int = 10, offset: int = 0):
    return query.limit(limit).offset(offset)

@app.get("/a")
async def read(rows: list[int] = Depends(window)) -> list[int]:
    return rows

from fastapi import Depends
"""


def document(**schemas: dict[str, Any]) -> dict[str, Any]:
    parameters = [{"in": "query", "name": name, "schema": schema} for name, schema in schemas.items()]
    return {"paths": {"/a": {"get": {"parameters": parameters}}}}


BOUNDED = {"type": "integer", "minimum": 1, "maximum": 100}


def test_the_document_confirms_one_size_and_clears_another(judge: Judge) -> None:
    openapi = document(limit={"type": "integer"}, offset=BOUNDED)
    (finding,) = judge("H5", PAGED, {"needs": ("window",)}, openapi=openapi).findings
    assert "`limit`" in finding.message
    assert finding.message.endswith("The document of the running app gives it no bounds either.")
    assert finding.evidence is Evidence.BOTH


def test_an_optional_size_with_bounds_is_bounded(judge: Judge) -> None:
    optional = {"anyOf": [BOUNDED, {"type": "null"}]}
    openapi = document(limit=optional, offset=BOUNDED)
    assert judge("H5", PAGED, {"needs": ("window",)}, openapi=openapi).findings == ()


@pytest.mark.parametrize(
    "openapi", [None, {}, {"paths": []}, {"paths": {"/a": {"get": None}}}, document(other=BOUNDED)], ids=str
)
def test_a_document_that_does_not_tell_changes_nothing(judge: Judge, openapi: dict[str, Any] | None) -> None:
    findings = judge("H5", PAGED, {"needs": ("window",)}, openapi=openapi).findings
    assert [f.evidence for f in findings] == [Evidence.STATIC, Evidence.STATIC]


# H6

REGISTERED = "def open_all(): ...\n\n\ndef elsewhere(): ...\n\n\napp.add_event_handler('startup', open_all)\n"


def test_a_registered_handler_is_one_finding_where_it_is_registered(judge: Judge) -> None:
    source = HEAD + REGISTERED
    result = judge("H6", REGISTERED, on_event_handlers=(site(source, "open_all"),), has_lifespan=True)
    (finding,) = result.findings
    assert (finding.rule, finding.evidence) == ("startup-in-on-event", Evidence.BOTH)
    assert finding.line == source.splitlines().index("app.add_event_handler('startup', open_all)") + 1
    assert finding.message.endswith("With the lifespan that this app has, it is never called.")


def test_a_handler_that_the_source_hides_is_reported_at_the_function(judge: Judge) -> None:
    source = "def open_all(): ...\n\n\nadd(app, open_all)\n"
    (finding,) = judge("H6", source, on_event_handlers=(site(HEAD + source, "open_all"),)).findings
    assert (finding.rule, finding.evidence) == ("event-handler-registered", Evidence.RUNTIME)
