"""M2: mypy --strict over the app, with the checker's configuration and without what silences it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from checker.metrics import MetricContext
from checker.metrics.mypy import METRIC
from checker.models.report import MetricOutcome, MetricResult

Files = dict[str, str | bytes]

UNTYPED = "def double(x):\n    return x\n"
IGNORE = "# type: ignore"


@pytest.fixture
def measure(make_context: Callable[..., MetricContext]) -> Callable[[Files], MetricResult]:
    """Measure a submission."""

    def run(files: Files) -> MetricResult:
        (result,) = METRIC.measure(make_context(files))
        return result

    return run


def rules(result: MetricResult) -> list[str]:
    return [error["rule"] for error in result.detail["errors"]]


def test_a_clean_app_passes_with_settings_from_the_environment(
    measure: Callable[[Files], MetricResult], clean_app: Files
) -> None:
    result = measure(clean_app)
    assert (result.outcome, result.value, result.id) == (MetricOutcome.PASSED, 0, "M2"), result


def test_a_computed_field_is_no_error(measure: Callable[[Files], MetricResult]) -> None:
    code = (
        "from pydantic import BaseModel, computed_field\n\n\nclass Tool(BaseModel):\n    value: int\n\n"
        "    @computed_field  # type: ignore[prop-decorator]\n    @property\n"
        "    def deposit(self) -> int:\n        return self.value // 10\n\n\n"
        "total: str = Tool(value=1).deposit\n"
    )
    assert rules(measure({"app/a.py": code})) == ["assignment"]


def test_names_the_first_place_and_how_many_more(measure: Callable[[Files], MetricResult]) -> None:
    result = measure({"app/b.py": UNTYPED, "app/a.py": '"""A."""\n\nx: int = "1"\ny: int = "2"\n'})
    assert (result.outcome, result.value) == (MetricOutcome.FAILED, 3)
    assert result.message.startswith("mypy --strict reports `app/a.py:3` assignment: Incompatible types")
    assert result.message.endswith("and 2 more.")
    first = result.detail["errors"][0]
    assert (first["path"], first["line"], first["column"]) == ("app/a.py", 3, 10)
    assert first["url"] == "https://mypy.readthedocs.io/en/stable/_refs.html#code-assignment"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"mypy.ini": "[mypy]\nignore_errors = true\n"}, id="mypy.ini"),
        pytest.param({".mypy.ini": "[mypy]\nignore_errors = true\n"}, id=".mypy.ini"),
        pytest.param({"setup.cfg": "[mypy]\nignore_errors = true\n"}, id="setup.cfg"),
        pytest.param(
            {"pyproject.toml": "[tool.mypy]\nexclude = ['app']\nignore_errors = true\n"}, id="pyproject"
        ),
        pytest.param({"pyproject.toml": "this is not TOML"}, id="broken pyproject"),
        pytest.param({"app/main.py": f"# mypy: ignore-errors\n{UNTYPED}"}, id="mypy: ignore-errors"),
        pytest.param({"app/main.py": f"#mypy:disable-error-code=no-untyped-def\n{UNTYPED}"}, id="mypy: code"),
        pytest.param({"app/main.py": f"{IGNORE}\n{UNTYPED}"}, id="ignore the file"),
        pytest.param({"app/main.py": UNTYPED.replace("(x):", f"(x):  {IGNORE}")}, id="ignore the line"),
        pytest.param(
            {"app/main.py": UNTYPED.replace("(x):", f"(x):  {IGNORE}[no-untyped-def]")}, id="with code"
        ),
        pytest.param(
            {"app/main.py": UNTYPED.replace("(x):", f"(x):  # why {IGNORE}")}, id="behind a comment"
        ),
        pytest.param({"app/main.pyi": "def double(x: int) -> int: ...\n"}, id="a stub that hides the module"),
    ],
)
def test_what_silences_mypy_changes_nothing(measure: Callable[[Files], MetricResult], files: Files) -> None:
    result = measure({"app/main.py": UNTYPED, **files})
    assert result.outcome is MetricOutcome.FAILED
    assert rules(result) == ["no-untyped-def"]


def test_lifted_comments_are_said(measure: Callable[[Files], MetricResult]) -> None:
    result = measure({"app/main.py": UNTYPED.replace("(x):", f"(x):  {IGNORE}")})
    assert result.message.endswith("One comment that silences mypy was lifted: write the type instead.")
    assert result.detail["silenced"] == 1


def test_a_plugin_of_the_learners_is_not_run(
    measure: Callable[[Files], MetricResult], tmp_path: Path
) -> None:
    marker = tmp_path / "ran"
    plugin = f"from pathlib import Path\nPath({str(marker)!r}).touch()\n"
    config = "[tool.mypy]\nplugins = ['./evil.py']\n"
    measure({"app/main.py": UNTYPED, "evil.py": plugin, "pyproject.toml": config})
    assert not marker.exists()


@pytest.mark.parametrize(
    "name", ["fastapi.pyi", "fastapi/__init__.py", "fastapi-stubs/__init__.pyi", "typing.py"]
)
def test_a_module_named_like_an_installed_one_hides_nothing(
    measure: Callable[[Files], MetricResult], name: str
) -> None:
    source = "from typing import Any\n\nfrom fastapi import FastAPI\n\napp: int = FastAPI()\n"
    hidden = "from typing import Any\nFastAPI: Any\n"
    assert rules(measure({"app/main.py": source, name: hidden})) == ["assignment"]


def test_the_learners_own_modules_beside_the_app_are_found(measure: Callable[[Files], MetricResult]) -> None:
    files: Files = {
        "app/main.py": "from shared.names import NAME\n\nWHO: str = NAME\n",
        "shared/names.py": 'NAME = "x"\n',
    }
    assert measure(files).outcome is MetricOutcome.PASSED


def test_a_package_without_types_counts_as_mypy_counts_it(measure: Callable[[Files], MetricResult]) -> None:
    assert rules(measure({"app/main.py": "import hdrh\n"})) == ["import-untyped"]


def test_tests_are_not_judged(measure: Callable[[Files], MetricResult]) -> None:
    files: Files = {"app/main.py": "X = 1\n", "tests/test_main.py": UNTYPED, "tests/broken.py": "def (:"}
    assert measure(files).outcome is MetricOutcome.PASSED


def test_a_syntax_error_counts_and_has_its_line(measure: Callable[[Files], MetricResult]) -> None:
    result = measure({"app/main.py": '"""Doc."""\n\nx = (\n'})
    assert result.outcome is MetricOutcome.FAILED
    assert result.detail["errors"][0]["path"] == "app/main.py"


def test_no_app_is_a_failure_with_a_reason(measure: Callable[[Files], MetricResult]) -> None:
    result = measure({"README.md": "x"})
    assert (result.outcome, result.value) == (MetricOutcome.FAILED, None)
    assert "no Python file in `app`" in result.message


def test_a_cache_that_cannot_be_written_costs_time_only(
    make_context: Callable[..., MetricContext], tmp_path: Path
) -> None:
    closed = tmp_path / "cache"
    closed.write_text("a file, where a folder should be")
    (result,) = METRIC.measure(make_context({"app/main.py": UNTYPED}, cache_folder=closed))
    assert rules(result) == ["no-untyped-def"]


def test_several_at_once_do_not_disturb_each_other(
    make_context: Callable[..., MetricContext], clean_app: Files
) -> None:
    broken = {**clean_app, "app/other.py": UNTYPED}
    contexts = [make_context(files) for files in (clean_app, broken, clean_app, broken)]
    results: dict[int, MetricResult] = {}

    def run(number: int) -> None:
        (results[number],) = METRIC.measure(contexts[number])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(contexts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [results[number].value for number in range(4)] == [0, 1, 0, 1]
