"""M3: the learner's tests under coverage, with the checker's configuration, in a child that may do anything."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from checker.metrics import MetricContext
from checker.metrics.learner_tests import METRIC
from checker.metrics.programs import learner_tests as learner_tests_program
from checker.models.report import MetricOutcome, MetricResult

Files = dict[str, str | bytes]

APP: Files = {
    "app/__init__.py": "",
    "app/rules.py": """
        def fee(days: int) -> int:
            if days > 0:
                return days * 50
            return 0


        def deposit(cents: int) -> int:
            if cents < 10000:
                return 0
            whole = cents // 10
            if whole % 100:
                whole += 100 - whole % 100
            return whole
    """,
}
ALL_TESTS = """
    from app.rules import deposit, fee


    def test_fee():
        assert (fee(2), fee(-1)) == (100, 0)


    def test_deposit():
        assert (deposit(9999), deposit(10000), deposit(10010)) == (0, 1000, 1100)
"""
FEW_TESTS = """
    from app.rules import fee


    def test_fee():
        assert (fee(2), fee(-1)) == (100, 0)
"""


@pytest.fixture
def measure(make_context: Callable[..., MetricContext]) -> Callable[..., MetricResult]:
    """Measure `APP` with the given tests."""

    def run(files: Files, **limits: float) -> MetricResult:
        (result,) = METRIC.measure(make_context({**APP, **files}, limits=limits))
        return result

    return run


def test_a_suite_that_runs_everything_passes(measure: Callable[..., MetricResult]) -> None:
    result = measure({"tests/test_rules.py": ALL_TESTS})
    assert (result.outcome, result.value, result.id) == (MetricOutcome.PASSED, 100, "M3"), result
    assert result.detail["tests"] == {"passed": 2, "failed": 0, "errors": 0, "skipped": 0}
    assert result.message == "2 of your tests pass and run 100.0 % of `app`."


def test_too_little_names_the_file_and_lines_that_lack_most(measure: Callable[..., MetricResult]) -> None:
    result = measure({"tests/test_rules.py": FEW_TESTS, "app/more.py": "X = 1\n"})
    assert result.outcome is MetricOutcome.FAILED
    assert result.value == 41.6  # 5 of 12: cut, not rounded
    assert "Most is missing in `app/rules.py`, lines 8-13" in result.message
    assert (result.detail["covered"], result.detail["statements"]) == (5, 12)


def test_exactly_the_target_is_not_above_it(measure: Callable[..., MetricResult]) -> None:
    lines = "def f(x):\n    if x:\n        return 2\n    return 1\n\n\nA = 1\n"
    test = "from app.only import f\n\n\ndef test_f():\n    assert f(0) == 1\n"
    files: Files = {"app/rules.py": "", "app/only.py": lines, "tests/test_only.py": test}
    result = measure(files)
    assert (result.detail["covered"], result.detail["statements"]) == (4, 5)
    assert (result.outcome, result.value) == (MetricOutcome.FAILED, 80)
    files["app/only.py"] = lines + "B = 2\n"
    assert measure(files).outcome is MetricOutcome.PASSED


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(
            {
                ".coveragerc": "[run]\nomit = app/rules.py\nplugins = no_such_plugin\n",
                "pytest.ini": "[pytest]\naddopts = --no-such-option\n",
                "tests/pytest.ini": "[pytest]\npython_files = none.py\n",
            },
            id="files of their own",
        ),
        pytest.param(
            {
                "setup.cfg": "[coverage:run]\nomit = *\n[tool:pytest]\naddopts = -k nothing\n",
                "tox.ini": "[pytest]\nfilterwarnings = error::NoSuchWarning\n",
            },
            id="setup.cfg and tox.ini",
        ),
        pytest.param(
            {
                "pyproject.toml": "[tool.coverage.report]\nexclude_lines = ['.*']\n"
                "[tool.pytest.ini_options]\naddopts = '-k nothing'\ntestpaths = ['app']\n"
            },
            id="pyproject.toml",
        ),
        pytest.param({"pyproject.toml": "this is not TOML"}, id="broken pyproject.toml"),
        pytest.param({"pyproject.toml": "tool = 3\n"}, id="odd pyproject.toml"),
    ],
)
def test_the_learners_configuration_changes_nothing(
    measure: Callable[..., MetricResult], files: Files
) -> None:
    result = measure({"tests/test_rules.py": FEW_TESTS, **files})
    assert (result.outcome, result.detail["covered"], result.detail["statements"]) == (
        MetricOutcome.FAILED,
        5,
        11,
    )


def test_pragmas_change_nothing(measure: Callable[..., MetricResult]) -> None:
    source = str(APP["app/rules.py"]).replace("-> int:", "-> int:  # pragma: no cover")
    result = measure({"tests/test_rules.py": FEW_TESTS, "app/rules.py": source})
    assert result.detail["statements"] == 11


def test_lines_that_never_run_do_not_count(measure: Callable[..., MetricResult]) -> None:
    source = """
        from abc import ABC, abstractmethod
        from typing import TYPE_CHECKING, Protocol

        if TYPE_CHECKING:
            from collections.abc import Sequence

        class Store(Protocol):
            def read(self, key: str) -> str: ...

        class Base(ABC):
            @abstractmethod
            def write(self, key: str) -> None:
                raise NotImplementedError
    """
    result = measure(
        {"tests/test_rules.py": f"import app.types_only\n{_dedent(ALL_TESTS)}", "app/types_only.py": source}
    )
    assert result.detail["files"] == []


def test_files_that_no_test_imports_count_as_not_run(measure: Callable[..., MetricResult]) -> None:
    result = measure({"tests/test_rules.py": ALL_TESTS, "app/lonely.py": "A = 1\n" * 40})
    assert result.outcome is MetricOutcome.FAILED
    assert "`app/lonely.py`, lines 1-40" in result.message


def test_fixtures_helpers_and_async_tests_of_every_usual_kind_work(
    measure: Callable[..., MetricResult],
) -> None:
    files: Files = {
        "tests/conftest.py": """
            import pytest
            import pytest_asyncio


            @pytest.fixture
            def days():
                return 2


            @pytest.fixture
            async def later():
                yield 3


            @pytest_asyncio.fixture
            async def latest():
                yield 4
        """,
        "tests/helpers.py": "NOTHING = 0\n",
        "tests/deep/test_deep.py": "from app.rules import fee\n\n\ndef test_deep(days):\n    assert fee(days) == 100\n",
        "tests/test_rules.py": """
            import pytest
            from helpers import NOTHING

            from app.rules import deposit, fee


            async def test_bare(later):
                assert fee(later) == 150


            @pytest.mark.asyncio
            async def test_asyncio(latest):
                assert fee(latest) == 200


            @pytest.mark.anyio
            async def test_anyio():
                assert fee(-1) == NOTHING


            @pytest.mark.slow
            class TestDeposit:
                @pytest.mark.parametrize("cents, expected", [(1, 0), (10000, 1000), (10001, 1000)])
                def test_deposit(self, cents, expected):
                    assert deposit(cents) == expected
        """,
    }
    result = measure(files)
    assert result.outcome is MetricOutcome.PASSED, result.message


def test_tests_in_a_package_work(measure: Callable[..., MetricResult]) -> None:
    files: Files = {
        "tests/__init__.py": "",
        "tests/helpers.py": "TWO = 2\n",
        "tests/test_rules.py": f"from .helpers import TWO\nfrom tests.helpers import TWO as SAME\n{_dedent(ALL_TESTS)}",
    }
    assert measure(files).outcome is MetricOutcome.PASSED


def test_tests_beside_the_app_are_found_where_there_is_no_folder_for_them(
    measure: Callable[..., MetricResult],
) -> None:
    assert measure({"test_rules.py": ALL_TESTS}).outcome is MetricOutcome.PASSED


def test_the_loop_scope_that_a_learner_chose_is_kept(measure: Callable[..., MetricResult]) -> None:
    files: Files = {
        "tests/conftest.py": """
            import asyncio
            import pytest


            @pytest.fixture(scope="session")
            async def loop_of_session():
                return asyncio.get_running_loop()
        """,
        "tests/test_loop.py": """
            import asyncio


            async def test_same(loop_of_session):
                assert asyncio.get_running_loop() is loop_of_session
        """,
        "tests/test_rules.py": ALL_TESTS,
    }
    assert measure(files).outcome is MetricOutcome.FAILED
    options = "asyncio_default_fixture_loop_scope = 'session'\nasyncio_default_test_loop_scope = 'session'\n"
    files["pyproject.toml"] = f"[tool.pytest.ini_options]\n{options}"
    assert measure(files).outcome is MetricOutcome.PASSED


def test_lines_run_in_greenlets_and_threads_count(measure: Callable[..., MetricResult]) -> None:
    test = """
        import threading

        from sqlalchemy.util import greenlet_spawn

        from app.rules import deposit, fee


        async def test_in_a_greenlet():
            assert [await greenlet_spawn(fee, days) for days in (1, -1)] == [50, 0]


        def test_in_a_thread():
            threads = [threading.Thread(target=deposit, args=(cents,)) for cents in (1, 10010)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    """
    assert measure({"tests/test_rules.py": test}).value == 100


@pytest.mark.parametrize(
    ("source", "says"),
    [
        pytest.param(
            "def test_a():\n    assert 1 == 2\n", r"`tests/test_a.py:2` (test_a): assert 1 == 2", id="assert"
        ),
        pytest.param(
            "def test_a():\n    {}['k']\n", r"`tests/test_a.py:2` (test_a): KeyError: 'k'", id="error"
        ),
        pytest.param("def test_a(missing):\n    pass\n", "fixture 'missing' not found", id="fixture"),
        pytest.param("import no_such_module\n", "No module named 'no_such_module'", id="import"),
        pytest.param("def test_a(:\n", "SyntaxError", id="syntax"),
        pytest.param("def test_a():\n    raise SystemExit(0)\n", "SystemExit: 0", id="exit"),
    ],
)
def test_a_failing_test_fails_whatever_the_number(
    measure: Callable[..., MetricResult], source: str, says: str
) -> None:
    result = measure({"tests/test_rules.py": ALL_TESTS, "tests/test_a.py": source})
    assert result.outcome is MetricOutcome.FAILED
    assert says in result.message
    assert "One test fails" in result.message
    assert result.detail["first_failure"]["path"] == "tests/test_a.py"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        pytest.param({}, "There are no tests", id="none"),
        pytest.param({"tests/__init__.py": ""}, "There are no tests", id="an empty folder"),
        pytest.param({"tests/test_a.py": "X = 1\n"}, "pytest found no test function", id="no function"),
        pytest.param(
            {"tests/test_a.py": "import pytest\n\n\n@pytest.mark.skip\ndef test_a():\n    pass\n"},
            "All 1 tests are skipped",
            id="all skipped",
        ),
        pytest.param(
            {"app/rules.py": "", "tests/test_a.py": "def test_a():\n    pass\n"},
            "no code in `app`",
            id="no code",
        ),
    ],
)
def test_nothing_proven_is_a_failure_with_a_reason(
    measure: Callable[..., MetricResult], files: Files, says: str
) -> None:
    result = measure(files)
    assert result.outcome is MetricOutcome.FAILED
    assert says in result.message


def test_a_test_that_hangs_is_named(measure: Callable[..., MetricResult]) -> None:
    source = "import time\n\n\ndef test_a():\n    pass\n\n\ndef test_hangs():\n    time.sleep(60)\n"
    started = time.monotonic()
    result = measure({"tests/test_a.py": source}, tests_s=15)
    assert result.outcome is MetricOutcome.FAILED
    assert (
        "did not finish within 15 s: the time ended while `tests/test_a.py::test_hangs` ran" in result.message
    )
    assert time.monotonic() - started < 45


@pytest.mark.parametrize(
    ("source", "says"),
    [
        pytest.param(
            "import os\n\n\ndef test_a():\n    os._exit(0)\n", "ended their own process while", id="os._exit"
        ),
        pytest.param("import os\n\nos._exit(3)\n", "while pytest imported them (code 3)", id="at import"),
        pytest.param(
            "import sys\n\n\ndef test_a(capfd):\n    with capfd.disabled():\n        for _ in range(3000):\n"
            "            sys.stdout.write('x' * 10000)\n        import time; time.sleep(9)\n",
            "too much output while `tests/test_a.py::test_a` ran",
            id="flood",
        ),
    ],
)
def test_tests_that_end_badly_have_a_sentence(
    measure: Callable[..., MetricResult], source: str, says: str
) -> None:
    result = measure({"tests/test_a.py": source}, output_mb=1)
    assert result.outcome is MetricOutcome.FAILED
    assert says in result.message


if sys.platform != "win32":

    def test_tests_killed_by_a_signal_have_a_sentence(measure: Callable[..., MetricResult]) -> None:
        source = "import os, signal\n\n\ndef test_a():\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        assert (
            "ended by signal 9 while `tests/test_a.py::test_a` ran"
            in measure({"tests/test_a.py": source}).message
        )


def test_what_the_tests_write_stays_in_a_copy_of_their_own(
    make_context: Callable[..., MetricContext],
) -> None:
    source = f"from pathlib import Path\nPath('left.txt').touch()\nPath('app/rules.py').write_text('')\n{_dedent(ALL_TESTS)}"
    context = make_context({**APP, "tests/test_a.py": source})
    METRIC.measure(context)
    assert not (context.snapshot.folder / "left.txt").exists()
    assert (context.snapshot.folder / "app/rules.py").read_text() != ""
    assert not (context.snapshot.source / "left.txt").exists()


def test_a_thread_left_running_holds_nothing_up(measure: Callable[..., MetricResult]) -> None:
    source = f"import threading, time\nthreading.Thread(target=time.sleep, args=(50,)).start()\n{_dedent(ALL_TESTS)}"
    started = time.monotonic()
    assert measure({"tests/test_rules.py": source}).outcome is MetricOutcome.PASSED
    assert time.monotonic() - started < 45


def test_a_forged_result_is_no_result(measure: Callable[..., MetricResult]) -> None:
    source = """
        import os
        from pathlib import Path


        def test_a():
            (Path.cwd().parent / "result.json").write_text('{"passed": "many"}')
            os._exit(0)
    """
    result = measure({"tests/test_a.py": source})
    assert result.outcome is MetricOutcome.FAILED
    assert "ended their own process" in result.message


def test_the_clean_app_passes(make_context: Callable[..., MetricContext], clean_app: Files) -> None:
    (result,) = METRIC.measure(make_context(clean_app))
    assert result.outcome is MetricOutcome.PASSED, result.message


def _dedent(text: str) -> str:
    return textwrap.dedent(text)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="from there on coverage need not ask for greenlets")
def test_greenlets_are_followed_only_where_something_switches_them() -> None:
    watched = learner_tests_program._watch_lines
    configuration = str(Path(os.devnull))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learner_tests_program, "_SWITCHING", frozenset({"no_such_module"}))
        assert watched(configuration).get_option("run:concurrency") == []
        patch.setattr(learner_tests_program, "_SWITCHING", frozenset({"sys"}))
        assert watched(configuration).get_option("run:concurrency") == ["greenlet", "thread"]


def test_hypothesis_is_there_for_tests_that_use_it(measure: Callable[..., MetricResult]) -> None:
    test = """
        import hypothesis.strategies

        from app.rules import deposit, fee


        @hypothesis.given(hypothesis.strategies.integers(-3, 3))
        def test_fee(days):
            assert fee(days) >= 0
            assert [deposit(cents) for cents in (1, 10010)] == [0, 1100]
    """
    result = measure({"tests/test_rules.py": test})
    assert (result.outcome, result.value) == (MetricOutcome.PASSED, 100), result


def test_a_library_in_the_folder_of_tests_is_theirs(measure: Callable[..., MetricResult]) -> None:
    test = "from helpers import fee\n\n\ndef test_helper():\n    assert fee(0) == 0\n"
    files: Files = {
        "tests/helpers.py": "from app.rules import fee\n",
        "tests/test_rules.py": ALL_TESTS,
        "tests/test_helper.py": test,
    }
    result = measure(files)
    assert result.outcome is MetricOutcome.PASSED, result
