"""Which files of a repository belong to its app, and which are another program's."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from checker.source import Project

Make = Callable[..., Project]


def written(project: Make, texts: dict[str, str]) -> Project:
    """A project of these files by their paths."""
    names = {
        p.removesuffix(".py").replace("__init__", "PACKAGE").replace("/", "__"): t for p, t in texts.items()
    }
    return project(**names)


def files(project: Project) -> set[str]:
    return {module.path for module in project.service_modules}


def test_what_the_app_imports_belongs_to_it_and_what_lies_beside_does_not(
    project: Make,
) -> None:
    found = written(
        project,
        {
            "shed/__init__.py": "",
            "shed/main.py": "from fastapi import FastAPI\nfrom shed import store\n\napp = FastAPI()\n",
            "shed/store.py": "from shed.rows import Row\n",
            "shed/rows.py": "class Row: ...\n",
            "shed/client.py": "from shed.rows import Row\n\n\ndef fetch(): ...\n",
            "tests/test_main.py": "from shed.client import fetch\n",
        },
    )
    assert files(found) == {"shed/__init__.py", "shed/main.py", "shed/store.py", "shed/rows.py"}


@pytest.mark.parametrize(
    ("use", "belongs"),
    [
        ("print(fetch)", True),
        ("self.tools.fetch()", False),  # a method of something else
        ("pass", False),
        ("from shed.helpers import fetch as get\n        get()", True),
    ],
)
def test_an_import_inside_a_function_counts_where_something_that_runs_names_the_function(
    project: Make, use: str, belongs: bool
) -> None:
    found = written(
        project,
        {
            "shed/__init__.py": "",
            "shed/main.py": dedent(f"""
            from fastapi import FastAPI
            from shed.helpers import fetch

            app = FastAPI()

            class Shed:
                def open(self):
                    {use.replace(chr(10) + "        ", chr(10) + " " * 20)}

            @app.get("/")
            def read():
                return Shed().open()
        """),
            "shed/helpers.py": "def fetch():\n    from shed import client\n    return client\n",
            "shed/client.py": "",
        },
    )
    assert ("shed/client.py" in files(found)) is belongs


@pytest.mark.parametrize(
    "imported",
    [
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import client\n",
        "if __name__ == '__main__':\n    import client\n",
        "import typing\nif typing.TYPE_CHECKING:\n    import client\nelse:\n    client = None\n",
    ],
)
def test_an_import_that_the_server_never_comes_to_does_not_count(project: Make, imported: str) -> None:
    found = written(
        project,
        {
            "main.py": f"from fastapi import FastAPI\n{imported}\napp = FastAPI()\n",
            "client.py": "",
        },
    )
    assert files(found) == {"main.py"}


@pytest.mark.parametrize(
    "loader",
    [
        'import_module(f"plugins.{name}")',
        "import_module(name)",
        '__import__("plugins." + name)',
        'import_module("plugins.mail")',
        '[one.load() for one in entry_points(group="shed")]',
        'load("plugins.mail")',
        'load("plugins.mail:send")',
    ],
)
def test_what_is_loaded_by_a_name_in_a_text_or_lies_with_the_plugins_belongs_to_it(
    project: Make, loader: str
) -> None:
    found = written(
        project,
        {
            "main.py": dedent(f"""
            from importlib import import_module
            from fastapi import FastAPI
            from tools import load

            app = FastAPI()

            @app.get("/{{name}}")
            def read(name: str):
                return {loader}
        """),
            "tools.py": "def load(name): ...\n",
            "plugins/mail.py": "def send():\n    import outbox\n    return outbox\n",
            "outbox.py": "",
            "client.py": "",
        },
    )
    assert "plugins/mail.py" in files(found)
    assert "client.py" not in files(found)


def test_every_file_below_one_that_loads_its_neighbours_belongs_to_it(
    project: Make,
) -> None:
    found = written(
        project,
        {
            "main.py": "from fastapi import FastAPI\nimport routers\n\napp = FastAPI()\n",
            "routers/__init__.py": "import pkgutil\nfor one in pkgutil.iter_modules(__path__):\n    __import__(one.name)\n",
            "routers/tools.py": "def declare():\n    import prices\n",
            "prices.py": "",
            "client.py": "",
        },
    )
    assert files(found) == {"main.py", "routers/__init__.py", "routers/tools.py", "prices.py"}


def test_a_module_that_loads_what_is_asked_for_does_not_load_all_of_it(
    project: Make,
) -> None:
    found = written(
        project,
        {
            "shed/__init__.py": dedent("""
            from importlib import import_module

            def __getattr__(name):
                return import_module(f"shed.{name}")
        """),
            "shed/main.py": "from fastapi import FastAPI\nimport shed\n\napp = FastAPI()\n",
            "shed/client.py": "",
        },
    )
    assert files(found) == {"shed/__init__.py", "shed/main.py"}


def test_what_a_factory_loads_belongs_to_its_app(project: Make) -> None:
    found = written(
        project,
        {
            "main.py": dedent("""
            from fastapi import FastAPI

            def make_app():
                from setup_logs import start
                start()
                return FastAPI()
        """),
            "setup_logs.py": "def start(): ...\n",
        },
    )
    assert files(found) == {"main.py", "setup_logs.py"}


@pytest.mark.parametrize(
    ("folder", "belongs"), [("mocks", False), ("benchmarks", False), ("cli", False), ("examples", True)]
)
def test_an_app_of_a_mock_or_a_command_is_another_program_and_an_example_is_there_to_be_read(
    project: Make, folder: str, belongs: bool
) -> None:
    app = "from fastapi import FastAPI\nimport {name}\n\napp = FastAPI()\n"
    both = {
        "main.py": app.format(name="store"),
        "store.py": "",
        f"{folder}/tiny.py": app.format(name="toys"),
        "toys.py": "",
    }
    others = {f"{folder}/tiny.py", "toys.py"} if belongs else set()
    assert files(written(project, both)) == {"main.py", "store.py"} | others


def test_what_lies_below_the_apps_folder_is_of_the_service_and_what_lies_beside_it_is_not(
    project: Make,
) -> None:
    found = written(
        project,
        {
            "shed/server/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
            "shed/server/backends/cloud.py": "",
            "shed/client/cache.py": "",
            "tools/release.py": "",
        },
    )
    assert {m.path for m in found.modules if found.is_of_service(m)} == {
        "shed/server/main.py",
        "shed/server/backends/cloud.py",
    }


def test_a_folder_of_examples_alone_is_what_there_is_to_judge(
    project: Make,
) -> None:
    found = written(
        project, {"examples/tiny.py": "from fastapi import FastAPI\n\napp = FastAPI()\n", "other.py": ""}
    )
    assert files(found) == {"examples/tiny.py"}


def test_without_an_app_everything_but_the_tests_is_the_service(
    project: Make,
) -> None:
    found = written(project, {"store.py": "", "client.py": "", "tests/test_store.py": ""})
    assert files(found) == {"store.py", "client.py"}


def test_what_lies_beside_a_file_that_could_not_be_read_may_be_imported_by_it(
    project: Make,
) -> None:
    found = written(
        project,
        {
            "shed/__init__.py": "",
            "shed/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
            "shed/broken.py": "def (:\n",
            "shed/store.py": "def keep():\n    import rows\n",
            "shed/seed.py": "import seeds\n\nif __name__ == '__main__':\n    seeds.sow()\n",
            "rows.py": "",
            "seeds.py": "",
            "client.py": "",
        },
    )
    assert files(found) == {"shed/__init__.py", "shed/main.py", "shed/store.py", "rows.py"}


def test_a_hook_that_a_library_calls_counts_without_being_named(
    project: Make,
) -> None:
    found = written(
        project,
        {
            "main.py": dedent("""
            import logging
            from fastapi import FastAPI

            class Shipper(logging.Handler):
                def emit(self, record):
                    import wire

            class Plain:
                def emit(self, record):
                    import client

            app = FastAPI()
            app.state.shipper = Shipper()
            app.state.plain = Plain()
        """),
            "wire.py": "",
            "client.py": "",
        },
    )
    assert files(found) == {"main.py", "wire.py"}


_ROUTER = "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n@router.get('/{name}')\nasync def read(name: str) -> str: ...\n"


@pytest.mark.parametrize(
    ("beside", "belongs"),
    [
        ("", False),
        ("from shed.routes import old\n", True),  # who includes it may not be seen
        (
            "import importlib\n\nfor name in NAMES:\n    importlib.import_module(f'shed.routes.{name}')\n",
            True,
        ),
        ("import importlib\n\nimportlib.import_module('shed.plans')\n", False),
    ],
    ids=["nobody", "imported", "by a name put together", "another"],
)
def test_a_router_belongs_to_the_app_unless_nothing_imports_it(
    project: Make, beside: str, belongs: bool
) -> None:
    found = written(
        project,
        {
            "shed/__init__.py": "",
            "shed/main.py": "from fastapi import FastAPI\nfrom shed.routes import tools\n\napp = FastAPI()\napp.include_router(tools.router)\n",
            "shed/routes/__init__.py": "",
            "shed/routes/tools.py": _ROUTER,
            "shed/routes/old.py": _ROUTER,
            "shed/start.py": beside,
        },
    )
    assert ("shed/routes/old.py" in files(found)) is belongs
    assert "shed/routes/tools.py" in files(found)


def test_routers_without_an_app_are_the_service(project: Make) -> None:
    assert files(written(project, {"users.py": _ROUTER, "loans.py": _ROUTER})) == {"users.py", "loans.py"}
