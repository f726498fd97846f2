"""Names are resolved once: imports, aliases, re-exports, types of parameters, attributes and results."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checker.source import Project

Make = Callable[..., Project]


def targets(project: Project, path: str) -> list[str]:
    """What the calls of a file call, in the order of the file."""
    module = project.module_at(path)
    assert module is not None
    return [
        call.target for call in sorted(module.calls, key=lambda c: (c.node.end_lineno, c.node.end_col_offset))
    ]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("import time\ntime.sleep(1)", "time.sleep"),
        ("import time as t\nt.sleep(1)", "time.sleep"),
        ("from time import sleep as nap\nnap(1)", "time.sleep"),
        ("import os.path\nos.path.join('a')", "os.path.join"),
        ("from time import sleep\nnap = sleep\nnap(1)", "time.sleep"),
        ("from starlette.requests import Request\nRequest()", "fastapi.Request"),
        ("try:\n    from time import sleep\nexcept ImportError:\n    sleep = None\nsleep(1)", "time.sleep"),
        ("def sleep(n): ...\nsleep(1)", "main.sleep"),
        ("len('a')", "builtins.len"),
        ("class Box:\n    kinds = set()\n    def set(self): ...", "builtins.set"),
        ("class Box:\n    def set(): ...\n    kinds = set()", "main.Box.set"),
        ("unknown(1)", ""),
        ("from functools import partial\nfrom time import sleep\npartial(sleep, 1)()", "time.sleep"),
    ],
)
def test_a_call_has_the_canonical_name_of_what_it_calls(project: Make, source: str, target: str) -> None:
    assert targets(project(main=source), "main.py")[-1] == target


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("import boto3\nclient = boto3.client('s3')\nclient.put_object()", "boto3.client().put_object"),
        ("from redis import Redis\nr = Redis()\nr.get('x')", "redis.Redis.get"),
        ("import redis.asyncio as redis\nr = redis.from_url('x')\nr.get('x')", "redis.asyncio.Redis.get"),
        (
            "from pathlib import Path\np = Path('a') / 'b'\np.with_suffix('.c').read_text()",
            "pathlib.Path.read_text",
        ),
        (
            "from sqlalchemy.orm import sessionmaker\nS = sessionmaker()\nwith S() as s:\n    s.execute('x')",
            "sqlalchemy.orm.Session.execute",
        ),
        (
            "from sqlalchemy.orm import Session\ndef f(s: Session | None):\n    s.query(1).filter(2).all()",
            "sqlalchemy.orm.Query.all",
        ),
        (
            "import httpx\nclass A:\n    def __init__(self):\n        self.c = httpx.Client()\n    def f(self):\n        self.c.get('x')",
            "httpx.Client.get",
        ),
        ("import httpx\ndef f(c: 'httpx.Client'):\n    c.get('x')", "httpx.Client.get"),
        (
            "import httpx\nfrom typing import Optional\ndef f(c: Optional[httpx.Client]):\n    c.get('x')",
            "httpx.Client.get",
        ),
        ("import httpx\ndef make():\n    return httpx.Client()\nmake().get('x')", "httpx.Client.get"),
        ("import pymongo\npymongo.MongoClient()['a']['b'].find_one()", "pymongo.Collection.find_one"),
    ],
)
def test_methods_are_found_through_the_type_of_their_object(project: Make, source: str, target: str) -> None:
    assert targets(project(main=source), "main.py")[-1] == target


@pytest.mark.parametrize(
    "source",
    [
        "import httpx\nc = httpx.Client()\nif x:\n    c = httpx.AsyncClient()\nc.get('x')",
        "import httpx\ndef f(c: httpx.Client | httpx.AsyncClient):\n    c.get('x')",
        "def f(c):\n    c.get('x')",
        "from typing import Any\ndef f(c: Any):\n    c.get('x')",
    ],
    ids=["two types in branches", "a union", "no annotation", "any"],
)
def test_an_object_of_uncertain_type_is_not_guessed(project: Make, source: str) -> None:
    assert targets(project(main=source), "main.py")[-1] == ""


def test_the_last_certain_value_of_a_name_counts(project: Make) -> None:
    source = "import httpx\ndef f(c: str):\n    c = httpx.Client()\n    c.get('x')\n"
    assert targets(project(main=source), "main.py")[-1] == "httpx.Client.get"


def test_in_a_module_the_value_above_a_line_counts(project: Make) -> None:
    made = project(
        app__main="from fastapi import FastAPI\nfrom other import Wrapper\napp = FastAPI()\napp.get('/')\napp = Wrapper(app)\napp.run()\n"
    )
    assert targets(made, "app/main.py") == [
        "fastapi.FastAPI",
        "fastapi.FastAPI.get",
        "other.Wrapper",
        "other.Wrapper.run",
    ]


def test_of_two_imports_in_branches_the_first_is_meant(project: Make) -> None:
    made = project(
        app__main="try:\n    from zoneinfo import ZoneInfo\nexcept ImportError:\n    from backports.zoneinfo import ZoneInfo\nZoneInfo('x')\n"
    )
    assert targets(made, "app/main.py") == ["zoneinfo.ZoneInfo"]


def test_names_are_followed_through_re_exports_stars_and_relative_imports(project: Make) -> None:
    made = project(
        app__PACKAGE="from .inner import *\n",
        app__inner__PACKAGE="from .deep import helper as exported\nfrom .deep import *\n",
        app__inner__deep="def helper(): ...\ndef other(): ...\n",
        app__main="from . import exported\nfrom app import other\nfrom .inner import deep\nexported()\nother()\ndeep.helper()\n",
    )
    assert targets(made, "app/main.py") == [
        "app.inner.deep.helper",
        "app.inner.deep.other",
        "app.inner.deep.helper",
    ]


def test_a_dependency_alias_gives_its_parameter_a_type(project: Make) -> None:
    made = project(
        app__deps="""\
            from typing import Annotated
            from fastapi import Depends
            from sqlalchemy.orm import Session

            def get_db():
                yield Session()

            DbSession = Annotated[Session, Depends(get_db)]
            """,
        app__main="from app.deps import DbSession\n\ndef f(db: DbSession):\n    db.commit()\n",
    )
    assert targets(made, "app/main.py") == ["sqlalchemy.orm.Session.commit"]


def test_an_unannotated_dependency_has_the_type_that_it_yields(project: Make) -> None:
    made = project(
        main="""\
            from collections.abc import Iterator
            from fastapi import Depends
            from sqlalchemy.orm import Session

            def get_db() -> Iterator[Session]:
                yield make()

            def f(db=Depends(get_db)):
                db.commit()
            """
    )
    assert targets(made, "main.py")[-1] == "sqlalchemy.orm.Session.commit"


def test_a_method_of_the_project_is_found_in_a_base_class(project: Make) -> None:
    made = project(
        main="""\
            import redis

            class Base:
                def load(self): ...

            class Store(Base): ...

            class Cache(redis.Redis): ...

            def f(store: Store):
                store.load()
                Cache().get("x")
                super_of(store)
            """
    )
    assert targets(made, "main.py")[0] == "main.Base.load"
    assert "redis.Redis.get" in targets(made, "main.py")


def test_what_the_lifespan_puts_on_the_state_has_its_type(project: Make) -> None:
    made = project(
        main="""\
            import redis
            from fastapi import FastAPI, Request

            async def lifespan(app: FastAPI):
                app.state.cache = redis.Redis()
                yield

            async def f(request: Request):
                request.app.state.cache.get("x")
            """
    )
    assert targets(made, "main.py")[-1] == "redis.Redis.get"


def test_an_own_module_does_not_hide_a_library_of_the_same_name(project: Make) -> None:
    made = project(app__redis="def Redis(): ...\n", app__main="import redis\nredis.Redis()\n")
    assert targets(made, "app/main.py") == ["redis.Redis"]


def test_absolute_imports_count_from_the_folder_that_holds_the_package(project: Make) -> None:
    made = project(
        backend__shop__main="from shop.store import load\nload()\n", backend__shop__store="def load(): ...\n"
    )
    assert targets(made, "backend/shop/main.py") == ["backend.shop.store.load"]


def test_a_package_that_lacks_a_module_is_no_part_of_a_namespace(project: Make) -> None:
    made = project(
        one__shop__PACKAGE="",
        one__shop__main="from shop.logic.store import load\nload()\n",
        two__shop__logic__PACKAGE="",
        two__shop__logic__store="def load(): ...\n",
    )
    assert targets(made, "one/shop/main.py") != ["two.shop.logic.store.load"]


def test_a_package_is_found_in_a_folder_beside_the_service(project: Make) -> None:
    made = project(
        backend__app__main="from shop_shared.store import load\nload()\n",
        shared__shop_shared__PACKAGE="",
        shared__shop_shared__store="def load(): ...\n",
    )
    assert targets(made, "backend/app/main.py") == ["shared.shop_shared.store.load"]


def test_a_package_that_lies_in_two_folders_is_not_guessed(project: Make) -> None:
    text = "def load(): ...\n"
    made = project(
        backend__app__main="from shop_shared.store import load\nload()\n",
        one__shop_shared__PACKAGE="",
        one__shop_shared__store=text,
        two__shop_shared__PACKAGE="",
        two__shop_shared__store=text,
    )
    assert targets(made, "backend/app/main.py") == ["shop_shared.store.load"]


def test_a_part_of_a_namespace_is_found_in_the_folder_of_another_part(project: Make) -> None:
    made = project(
        shop_api__src__shop__api__PACKAGE="",
        shop_api__src__shop__api__main="from shop.db import load\nload()\n",
        shop_db__src__shop__db__PACKAGE="def load(): ...\n",
    )
    assert targets(made, "shop_api/src/shop/api/main.py") == ["shop_db.src.shop.db.load"]


def test_a_part_of_a_namespace_that_lies_in_two_folders_is_not_guessed(project: Make) -> None:
    text = "def load(): ...\n"
    made = project(
        api__shop__api__main="from shop.db import load\nload()\n",
        one__shop__db__PACKAGE=text,
        two__shop__db__PACKAGE=text,
    )
    assert all("one" not in name and "two" not in name for name in targets(made, "api/shop/api/main.py"))


def test_a_package_inside_a_package_of_the_same_name_is_found(project: Make) -> None:
    made = project(
        shop__PACKAGE="",
        shop__main="from shop.store import load\nload()\n",
        shop__shop__PACKAGE="",
        shop__shop__store="def load(): ...\n",
    )
    assert targets(made, "shop/main.py") == ["shop.shop.store.load"]


def test_a_folder_of_modules_does_not_hide_the_library_that_has_the_class(project: Make) -> None:
    made = project(
        shop__PACKAGE="",
        shop__main="",
        shop__git__github__client="from github import Github\nfrom github.views import show\nGithub()\nshow()\n",
        shop__git__github__views="def show(): ...\n",
    )
    assert targets(made, "shop/git/github/client.py") == ["github.Github", "shop.git.github.views.show"]


def test_a_file_in_a_package_does_not_hide_the_library_that_has_the_name(project: Make) -> None:
    made = project(
        shop__PACKAGE="",
        shop__main="from ollama import AsyncClient\nfrom .ollama import stream\nAsyncClient()\nstream()\n",
        shop__ollama="def stream(): ...\n",
    )
    assert targets(made, "shop/main.py") == ["ollama.AsyncClient", "shop.ollama.stream"]


def test_a_file_in_a_package_that_makes_its_names_when_asked_is_the_import(project: Make) -> None:
    made = project(
        shop__PACKAGE="",
        shop__main="from lazy import load\nload()\n",
        shop__lazy="def __getattr__(name): ...\n",
    )
    call = next(c for m in made.modules if m.path == "shop/main.py" for c in m.calls)
    assert made.names.module_named("lazy.load", call.scope.module) is None
    assert made.names.module_named("lazy", call.scope.module) is not None


@pytest.mark.parametrize(
    "getter", ["def __getattr__(name): ...\n", "import lazy\n__getattr__, _, _ = lazy.attach()\n"]
)
def test_what_a_package_fetches_when_asked_is_the_one_definition_below_it(project: Make, getter: str) -> None:
    made = project(
        shop__PACKAGE=getter,
        shop__io__files="class Reader:\n    def run(self): ...\n\ndef twice(): ...\n",
        shop__io__tables="def twice(): ...\n",
        main="from shop import Reader, twice\nReader().run()\ntwice()\n",
    )
    assert targets(made, "main.py") == ["shop.io.files.Reader", "shop.io.files.Reader.run", ""]


def test_a_package_that_fetches_nothing_has_no_names_of_the_files_below_it(project: Make) -> None:
    made = project(
        shop__PACKAGE="", shop__files="class Reader: ...\n", main="from shop import Reader\nReader()\n"
    )
    assert targets(made, "main.py") == [""]


def test_a_folder_without_init_file_is_a_package_too(project: Make) -> None:
    made = project(
        main="import shop.tools.store\nshop.tools.store.load()\n", shop__tools__store="def load(): ...\n"
    )
    assert targets(made, "main.py") == ["shop.tools.store.load"]
    assert made.modules[0].calls[0].callee is not None


def test_a_module_named_like_a_library_does_not_import_itself(project: Make) -> None:
    made = project(app__litellm="import litellm\nlitellm.modify_params = True\n")
    store = made.modules[0].stores[0]
    value = made.names.evaluate(store.target, store.scope)
    assert value is not None
    assert value.item is None


def test_circles_of_imports_and_of_names_end(project: Make) -> None:
    made = project(
        a="from b import x\nx()\n",
        b="from a import x\ny = z\nz = y\ny()\nclass A(B): ...\nclass B(A):\n    def f(self):\n        return self.f().g()\n",
    )
    assert targets(made, "a.py") == [""]
    assert targets(made, "b.py")[0] == ""


@pytest.mark.parametrize(("branch", "target"), [("if", "time.sleep"), ("else", "trio.sleep")])
def test_of_two_imports_of_a_name_in_a_function_the_nearest_one_counts(
    project: Make, branch: str, target: str
) -> None:
    first, second = ("sleep(1)", "pass") if branch == "if" else ("pass", "sleep(1)")
    source = (
        "def rest(kind):\n"
        f"    if kind:\n        from time import sleep\n        {first}\n"
        f"    else:\n        from trio import sleep\n        {second}\n"
    )
    assert targets(project(main=source), "main.py") == [target]


@pytest.mark.parametrize("taken", ["from web.board import board", "from .board import board"])
def test_what_a_package_takes_out_of_a_module_of_the_same_name_hides_the_module(
    project: Make, taken: str
) -> None:
    made = project(
        web__PACKAGE=taken,
        web__board="import httpx\nboard = httpx.Client()\n",
        main="from web import board\nboard.get('x')",
    )
    assert targets(made, "main.py") == ["httpx.Client.get"]


def test_a_module_that_its_package_does_not_take_apart_stays_a_module(project: Make) -> None:
    made = project(
        web__PACKAGE="from . import board\nfrom .board import other",
        web__board="import time\nother = 1\n\ndef wait():\n    time.sleep(1)\n",
        main="from web import board\nboard.wait()",
    )
    assert targets(made, "main.py") == ["web.board.wait"]


def test_super_never_leads_to_a_class_beside_or_below(project: Make) -> None:
    source = """
        class Stored: ...
        class Tool(Stored):
            def save(self):
                return super().save()
        class Loan(Stored):
            def save(self): ...
    """
    assert targets(project(main=source), "main.py")[-1] == ""


def test_a_base_of_models_has_the_methods_of_the_class_that_it_was_made_with(project: Make) -> None:
    source = """
        from sqlalchemy.ext.declarative import declarative_base
        class Stored:
            def save(self): ...
        Base = declarative_base(cls=Stored)
        class Tool(Base):
            def keep(self):
                return super().save()
        Tool().save()
    """
    assert [found for found in targets(project(main=source), "main.py") if found == "main.Stored.save"] == [
        "main.Stored.save"
    ] * 2


def test_the_decorator_of_a_method_of_its_own_name_is_what_it_was_before(project: Make) -> None:
    source = """
        from routes import put
        class Tools:
            @put("/{id}")
            def put(self): ...
    """
    assert targets(project(main=source, routes="def put(path): ..."), "main.py") == ["routes.put"]
