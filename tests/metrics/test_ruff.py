"""M1: ruff's default rules over app and tests, whatever the learner's configuration says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checker.metrics import MetricContext
from checker.metrics.ruff import METRIC
from checker.models.report import MetricOutcome, MetricResult

Files = dict[str, str | bytes]

UNUSED = '"""Unused imports."""\n\nimport os\nimport sys\n'


@pytest.fixture
def measure(make_context: Callable[..., MetricContext]) -> Callable[[Files], MetricResult]:
    """Measure a submission."""

    def run(files: Files) -> MetricResult:
        (result,) = METRIC.measure(make_context(files))
        return result

    return run


def test_a_clean_app_passes(measure: Callable[[Files], MetricResult], clean_app: Files) -> None:
    result = measure(clean_app)
    assert (result.outcome, result.value, result.id) == (MetricOutcome.PASSED, 0, "M1")
    assert result.detail == {"count": 0, "errors": [], "files": 3}


def test_names_the_first_place_and_how_many_more(measure: Callable[[Files], MetricResult]) -> None:
    result = measure({"app/b.py": UNUSED, "app/a.py": UNUSED})
    assert (result.outcome, result.value) == (MetricOutcome.FAILED, 4)
    assert result.message.startswith("ruff reports `app/a.py:3` F401: `os` imported but unused and 3 more.")
    assert result.detail["errors"][0] == {
        "path": "app/a.py",
        "line": 3,
        "column": 8,
        "rule": "F401",
        "message": "`os` imported but unused",
        "url": "https://docs.astral.sh/ruff/rules/unused-import",
    }


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"pyproject.toml": '[tool.ruff]\nexclude = ["app"]\n'}, id="exclude in pyproject.toml"),
        pytest.param({"pyproject.toml": '[tool.ruff.lint]\nignore = ["ALL"]\n'}, id="ignore all"),
        pytest.param({"ruff.toml": 'lint.select = []\nextend-exclude = ["*"]\n'}, id="ruff.toml"),
        pytest.param({".ruff.toml": "this is not TOML"}, id="broken .ruff.toml"),
        pytest.param({"app/ruff.toml": 'lint.ignore = ["F401"]\n'}, id="ruff.toml beside the file"),
        pytest.param({".gitignore": "app/\n"}, id=".gitignore"),
        pytest.param({"app/main.py": f"# ruff: noqa\n{UNUSED}"}, id="ruff: noqa"),
        pytest.param({"app/main.py": f"# flake8: noqa\n{UNUSED}"}, id="flake8: noqa"),
        pytest.param({"app/main.py": UNUSED.replace("os\n", "os  # noqa\n")}, id="noqa on the line"),
        pytest.param({"app/main.py": f"# ruff: file-ignore[F401]\n{UNUSED}"}, id="file-ignore"),
        pytest.param({"app/main.py": f"# ruff: disable[F401]\n{UNUSED}# ruff: enable[F401]\n"}, id="disable"),
    ],
)
def test_the_learners_configuration_changes_nothing(
    measure: Callable[[Files], MetricResult], files: Files
) -> None:
    result = measure({"app/main.py": UNUSED, **files})
    assert result.outcome is MetricOutcome.FAILED
    assert [error["rule"] for error in result.detail["errors"]] == ["F401", "F401"]


def test_code_in_a_folder_that_ruff_leaves_out_by_default_counts(
    measure: Callable[[Files], MetricResult],
) -> None:
    assert measure({"app/__init__.py": "", "app/dist/x.py": UNUSED}).value == 2


def test_tests_count_and_may_assert(measure: Callable[[Files], MetricResult], clean_app: Files) -> None:
    assert measure({**clean_app, "tests/test_more.py": UNUSED}).value == 2
    assert measure({**clean_app, "notes.py": UNUSED}).value == 0


def test_dependencies_as_defaults_are_no_violation(measure: Callable[[Files], MetricResult]) -> None:
    source = '''
        """The older style of FastAPI, still right."""

        from fastapi import Depends, FastAPI, Query

        app = FastAPI()


        def page(size: int = Query(10, ge=1)) -> int:
            """A size."""
            return size


        @app.get("/")
        def read(size: int = Depends(page)) -> int:
            """It."""
            return size
    '''
    assert measure({"app/main.py": source}).outcome is MetricOutcome.PASSED


def test_a_syntax_error_counts_and_has_its_line(measure: Callable[[Files], MetricResult]) -> None:
    result = measure({"app/main.py": '"""Doc."""\n\nx = (\n'})
    assert result.outcome is MetricOutcome.FAILED
    assert result.detail["errors"][0]["path"] == "app/main.py"


def test_names_that_need_care_are_measured(measure: Callable[[Files], MetricResult]) -> None:
    names = ["app/with space.py", "app/größe.py", "app/-x.py", "app/@y.py", "app/--fix.py"]
    result = measure(dict.fromkeys(names, UNUSED))
    assert {error["path"] for error in result.detail["errors"]} == set(names)
    assert result.value == 10


def test_a_report_stays_short(measure: Callable[[Files], MetricResult]) -> None:
    result = measure({"app/main.py": '"""Doc."""\n\n' + "".join(f"import a{n}\n" for n in range(100, 400))})
    assert result.detail["count"] == result.value == 300
    assert len(result.detail["errors"]) == 20


def test_nothing_to_look_at_is_a_failure_with_a_reason(measure: Callable[[Files], MetricResult]) -> None:
    result = measure({"README.md": "x"})
    assert (result.outcome, result.value) == (MetricOutcome.FAILED, None)
    assert "no Python file" in result.message


def test_two_thousand_files_are_measured(measure: Callable[[Files], MetricResult]) -> None:
    assert measure({f"app/module_with_a_long_name_{n}.py": UNUSED for n in range(1999)}).value == 3998


def test_a_validator_may_raise_what_pydantic_understands(measure: Callable[[Files], MetricResult]) -> None:
    code = (
        '"""A."""\n\n\ndef refuse_number(value: object) -> object:\n    """Refuse a number."""\n'
        '    if isinstance(value, int):\n        raise ValueError("text, please")\n    return value\n'
    )
    assert measure({"app/__init__.py": "", "app/a.py": code}).value == 0


def test_an_ungraded_metric_says_so(make_context: Callable[..., MetricContext], clean_app: Files) -> None:
    (result,) = METRIC.measure(make_context(clean_app, graded=("M2",)))
    assert not result.graded


LONG_IMPORT = (
    "from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Iterator\n"
)
USES = "__all__ = ['AsyncGenerator', 'AsyncIterator', 'Awaitable', 'Callable', 'Coroutine', 'Iterator']\n"


def test_imports_may_be_as_long_as_the_learner_formats_them(
    measure: Callable[[Files], MetricResult],
) -> None:
    assert measure({"app/main.py": LONG_IMPORT + "\n" + USES}).outcome is MetricOutcome.PASSED


def test_imports_out_of_order_count_at_any_length(measure: Callable[[Files], MetricResult]) -> None:
    result = measure({"app/main.py": "import sys\nimport os\n\nprint(os.sep, sys.path)\n"})
    assert [one["rule"] for one in result.detail["errors"]] == ["I001"]
