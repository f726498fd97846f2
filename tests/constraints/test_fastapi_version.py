"""Which FastAPI a project runs on, read from the files beside it, and what S6 makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.constraints import judge_constraints
from checker.constraints.fastapi_version import Pin, pinned_fastapi
from checker.models.facts import AppFacts, RouteFact, Site
from checker.models.report import ConstraintResult, Evidence
from checker.source import read_project

APP = """\
from fastapi import FastAPI
from fastapi.responses import JSONResponse, ORJSONResponse
from pydantic import BaseModel

app = FastAPI({default})


class Tool(BaseModel):
    name: str


@app.get("/a"{named})
async def read() -> Tool:
    return Tool(name="saw")
"""
ORJSON = "default_response_class=ORJSONResponse"


def project_with(folder: Path, files: dict[str, str], *, default: str = "", named: str = "") -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "backend" / "app").mkdir(parents=True, exist_ok=True)
    (folder / "backend" / "app" / "main.py").write_text(
        APP.format(default=default, named=named), encoding="utf-8"
    )
    return folder


def pin(folder: Path, files: dict[str, str]) -> Pin | None:
    return pinned_fastapi(read_project(project_with(folder, files)))


def s6(folder: Path, facts: AppFacts | None = None) -> ConstraintResult:
    (result,) = judge_constraints(read_project(folder), facts, graded={"S6"}, only={"S6"})
    return result


def pep621(requirement: str) -> dict[str, str]:
    return {"pyproject.toml": f'[project]\nname = "x"\ndependencies = ["uvicorn", "{requirement}"]\n'}


def poetry(version: str) -> dict[str, str]:
    return {"pyproject.toml": f"[tool.poetry.dependencies]\nfastapi = {version}\n"}


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({"requirements.txt": "fastapi==0.115.12\n"}, "0.115.12"),
        ({"requirements.txt": "fastapi [all] == 0.68.0  # old\n"}, "0.68.0"),
        ({"requirements/base.txt": "FastAPI<0.116\n"}, "<0.116"),
        (pep621("fastapi[standard]>=0.100,<0.116"), ">=0.100,<0.116"),
        (pep621("fastapi ~= 0.115.4"), "~= 0.115.4"),
        (pep621("fastapi==0.115.*"), "==0.115.*"),
        (poetry('"^0.115.6"'), "^0.115.6"),
        (poetry('{version = "~0.109", extras = ["all"]}'), "~0.109"),
        (poetry('"0.79.1"'), "0.79.1"),
        ({"setup.cfg": "[options]\ninstall_requires =\n    uvicorn\n    fastapi<0.100\n"}, "<0.100"),
        ({"uv.lock": '[[package]]\nname = "fastapi"\nversion = "0.129.3"\n'}, "0.129.3"),
        (pep621('fastapi>=0.119.0", "pydantic[email]<2'), "<0.126, for pydantic<2"),
        ({"requirements.txt": "fastapi\npydantic>=1.8,<2.0\n"}, "<0.126, for pydantic>=1.8,<2.0"),
        ({"requirements.txt": "fastapi\npydantic==1.10.22\n"}, "<0.126, for pydantic==1.10.22"),
    ],
)
def test_older_than_the_fast_path(tmp_path: Path, files: dict[str, str], text: str) -> None:
    found = pin(tmp_path, files)
    assert found == Pin(text=text, path=next(iter(files)), has_fast_path=False)


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": "fastapi==0.130.0\n"},
        pep621("fastapi>=0.141.1,<1.0.0"),
        poetry('"^0.165.0"'),
        {"poetry.lock": '[[package]]\nname = "fastapi"\nversion = "0.136.1"\n'},
    ],
)
def test_new_enough_for_the_fast_path(tmp_path: Path, files: dict[str, str]) -> None:
    found = pin(tmp_path, files)
    assert found is not None
    assert found.has_fast_path


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"requirements.txt": "fastapi\n"},
        {"requirements.txt": "fastapi>=0.100\n"},
        {"requirements.txt": "fastapi-users==13.0.0\nfastapi_pagination==0.12\n"},
        {"requirements.txt": "fastapi!=0.120\n"},
        {"requirements.txt": "fastapi\npydantic>=1.10,<3\npydantic-settings<2\n"},
        pep621('fastapi", "pydantic<=2.5'),
        pep621("fastapi>=0.100,<1.0"),
        poetry('"*"'),
        poetry('">=0.100"'),
        {"pyproject.toml": "not toml ["},
        {"setup.cfg": "no section\n"},
        {"uv.lock": '[[package]]\nname = "fastapi-cli"\nversion = "0.0.8"\n'},
    ],
)
def test_what_tells_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    assert pin(tmp_path, files) is None


def test_the_file_nearest_to_the_app_counts_and_a_lock_before_a_range(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "fastapi==0.165.0\n",
        "backend/pyproject.toml": pep621("fastapi>=0.100,<1.0")["pyproject.toml"],
        "backend/uv.lock": '[[package]]\nname = "fastapi"\nversion = "0.115.2"\n',
    }
    found = pin(tmp_path, files)
    assert found == Pin(text="0.115.2", path="backend/uv.lock", has_fast_path=False)


def test_orjson_is_right_on_an_older_fastapi(tmp_path: Path) -> None:
    folder = project_with(tmp_path, {"requirements.txt": "fastapi==0.115.12\n"}, default=ORJSON)
    assert s6(folder).findings == ()


def test_orjson_is_reported_on_a_newer_fastapi(tmp_path: Path) -> None:
    folder = project_with(tmp_path, {"requirements.txt": "fastapi==0.141.0\n"}, default=ORJSON)
    (finding,) = s6(folder).findings
    assert finding.rule == "deprecated-json-response-class"
    assert "pins" not in finding.message


def test_orjson_without_a_known_version_says_so(tmp_path: Path) -> None:
    (finding,) = s6(project_with(tmp_path, {}, default=ORJSON)).findings
    assert finding.message.endswith("No file here pins FastAPI; before 0.130 it was the fast one.")


def test_the_wording_of_an_older_fastapi(tmp_path: Path) -> None:
    (finding,) = s6(project_with(tmp_path, {"requirements.txt": "fastapi==0.115.12\n"})).findings
    assert finding.message == (
        "The app runs on FastAPI 0.115.12 (`requirements.txt`), which turns every model into dictionaries and writes them with "
        "`json.dumps`."
    )


def route(**more: object) -> AppFacts:
    values: dict[str, object] = {"path": "/a", "methods": ("GET",), "name": "read", "is_async": True} | more
    site = Site(path="backend/app/main.py", line=12, name="read")
    return AppFacts(target="app.main:app", routes=(RouteFact(site=site, **values),))  # type: ignore[arg-type] # by name


def test_the_running_route_confirms_a_named_class(tmp_path: Path) -> None:
    folder = project_with(tmp_path, {}, named=", response_class=JSONResponse")
    (finding,) = s6(folder, route(response_model="Tool", response_class="JSONResponse")).findings
    assert (finding.rule, finding.evidence) == ("json-response-class-named", Evidence.BOTH)
    assert finding.message.endswith("The running app's route answers with `JSONResponse` too.")


def test_a_running_route_without_a_model_clears_the_finding(tmp_path: Path) -> None:
    folder = project_with(tmp_path, {}, named=", response_class=JSONResponse")
    assert s6(folder, route(response_model=None, response_class="JSONResponse")).findings == ()


def test_a_running_route_without_a_named_class_is_no_finding(tmp_path: Path) -> None:
    folder = project_with(tmp_path, {})
    assert s6(folder, route(response_model="Tool", response_class="JSONResponse")).findings == ()


def test_the_app_with_most_path_operations_says_which_fastapi_it_is(tmp_path: Path) -> None:
    other = {"aside/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"}
    old = {"aside/requirements.txt": "fastapi==0.90.0\n", "backend/requirements.txt": "fastapi==0.140.0\n"}
    found = pin(tmp_path, other | old)
    assert found is not None
    assert (found.text, found.path) == ("0.140.0", "backend/requirements.txt")
