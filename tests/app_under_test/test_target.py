"""The app that a project serves is found in its source, or the reason says why it is not."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from checker.app_under_test.import_roots import find_import_roots
from checker.app_under_test.service import Target, find_target
from checker.source import read_project

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
FACTORY = "from fastapi import FastAPI\ndef create_app({}):\n    app = FastAPI()\n    return app\n"

FOUND: dict[str, tuple[dict[str, str], str, str]] = {
    "in main.py": ({"main.py": APP}, "main:app", "."),
    "in a package": ({"app/__init__.py": "", "app/main.py": APP}, "app.main:app", "."),
    "in a folder that is no package": ({"app/main.py": APP}, "main:app", "app"),
    "in a folder that its own imports count from": (
        {"app/main.py": f"from app.deps import X\n{APP}", "app/deps.py": "X = 1"},
        "app.main:app",
        ".",
    ),
    "in a src layout": (
        {"src/shop/__init__.py": "", "src/shop/main.py": f"from shop.deps import X\n{APP}", "src/shop/deps.py": "X = 1"},
        "shop.main:app",
        "src",
    ),
    "in a backend, by what a router imports": (
        {
            "backend/app/main.py": f"from .tools import X\n{APP}",
            "backend/app/tools.py": "from app.deps import X",
            "backend/app/deps.py": "X = 1",
        },
        "app.main:app",
        "backend",
    ),
    "under another name": ({"main.py": APP.replace("app =", "service =")}, "main:service", "."),
    "in an annotated name": ({"main.py": APP.replace("app =", "app: FastAPI =")}, "main:app", "."),
    "made by a factory": ({"main.py": FACTORY.format("debug=False") + "app = create_app()\n"}, "main:app", "."),
    "made by a factory elsewhere": (
        {"main.py": "from setup_app import create_app\napp = create_app()\n", "setup_app.py": FACTORY.format("")},
        "main:app",
        ".",
    ),
    "only a factory": ({"main.py": FACTORY.format("settings=None")}, "main:create_app()", "."),
    "wrapped in middleware": (
        {"main.py": "from fastapi import FastAPI\nfrom m import Cors\napp = Cors(FastAPI())\n"},
        "main:app",
        ".",
    ),
    "an attribute of what makes it": (
        {
            "main.py": "from server import Server\napp = Server().app\n",
            "server.py": "from fastapi import FastAPI\nclass Server:\n    def __init__(self):\n        self.app = FastAPI()\n",
        },
        "main:app",
        ".",
    ),
    "beside an example": ({"service.py": APP, "examples/one.py": APP, "docs/two.py": APP}, "service:app", "."),
    "beside a test's": ({"service.py": APP, "tests/conftest.py": APP, "test_it.py": APP}, "service:app", "."),
    "beside one that it mounts": (
        {"main.py": f"from admin import app as admin\n{APP}app.mount('/admin', admin)\n", "admin.py": APP},
        "main:app",
        ".",
    ),
    "where routers are added to it": (
        {
            "core.py": APP,
            "serve.py": "from core import app\nfrom tools import router\napp.include_router(router)\n",
            "tools.py": "from fastapi import APIRouter\nrouter = APIRouter()\n",
        },
        "serve:app",
        ".",
    ),
    "named in uvicorn.run": (
        {"one.py": APP, "two.py": f"import uvicorn\n{APP}if __name__ == '__main__':\n    uvicorn.run('two:app')\n"},
        "two:app",
        ".",
    ),
    "handed to uvicorn.run": (
        {"one.py": APP, "two.py": f"import uvicorn\n{APP}def main():\n    uvicorn.run(app)\n"},
        "two:app",
        ".",
    ),
    "named in a Dockerfile": (
        {"one.py": APP, "two.py": APP, "Dockerfile": 'CMD ["uvicorn", "--host", "0.0.0.0", "one:app"]\n'},
        "one:app",
        ".",
    ),
    "a file in a Dockerfile": (
        {"one.py": APP, "two.py": APP, "Dockerfile": 'CMD ["fastapi", "run", "two.py", "--port", "80"]\n'},
        "two:app",
        ".",
    ),
    "where the fastapi command looks": ({"zoo/one.py": APP, "main.py": APP}, "main:app", "."),
    "named in pyproject.toml": (
        {"main.py": APP, "other.py": APP, "pyproject.toml": '[tool.fastapi]\nentrypoint = "other:app"\n'},
        "other:app",
        ".",
    ),
}  # fmt: skip


def find(folder: Path, files: dict[str, str]) -> Target:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return find_target(read_project(folder), folder)


@pytest.mark.parametrize("case", FOUND)
def test_the_served_app_is_found(case: str, tmp_path: Path) -> None:
    files, target, root = FOUND[case]
    found = find(tmp_path, files)
    assert found.target == target, found
    assert found.python_path[0].resolve() == (tmp_path / root).resolve()
    assert found.is_factory == target.endswith("()")


def test_several_equal_apps_are_named_and_none_is_taken(tmp_path: Path) -> None:
    found = find(tmp_path, {"orders/service.py": APP, "stock/service.py": APP})
    assert found.target is None
    assert len(found.candidates) == 2
    assert "`--app`" in found.reason


def test_a_factory_with_arguments_is_none_that_a_server_could_call(tmp_path: Path) -> None:
    found = find(tmp_path, {"main.py": FACTORY.format("settings")})
    assert (found.target, found.candidates) == (None, ())
    assert "--app" in found.reason


def test_a_folder_that_is_the_package_itself_is_imported_from_above(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    found = find(
        folder, {"__init__.py": "", "main.py": f"from shop.deps import X\n{APP}", "deps.py": "X = 1"}
    )
    assert (found.target, found.python_path) == ("shop.main:app", (tmp_path.resolve(),))
    assert find_import_roots(folder, "shop.main:app") == (tmp_path.resolve(),)


def test_no_app_is_a_sentence(tmp_path: Path) -> None:
    assert find(tmp_path, {"main.py": "import fastapi\n"}).reason == "There is no `FastAPI()` in this folder."


def test_a_broken_pyproject_decides_nothing(tmp_path: Path) -> None:
    assert find(tmp_path, {"main.py": APP, "pyproject.toml": "[tool.fastapi\n"}).target == "main:app"


@pytest.mark.parametrize("root", [".", "src", "services/shop"])
def test_a_target_that_somebody_named_is_looked_for(root: str, tmp_path: Path) -> None:
    package = tmp_path / root / "shop"
    package.mkdir(parents=True)
    (package / "main.py").touch()
    assert find_import_roots(tmp_path, "shop.main:app")[0].resolve() == (tmp_path / root).resolve()
