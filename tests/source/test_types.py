"""What an object is, is found through unions, containers, tests, globals, properties and the project's own classes."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from checker.source import Call, Project

Make = Callable[..., Project]
HEAD = "import httpx\nfrom pathlib import Path\nfrom typing import Annotated, Any, Protocol, TypeVar\n"


def last_call(project: Project, path: str = "main.py") -> Call:
    module = project.module_at(path)
    assert module is not None
    return max(module.calls, key=lambda c: (c.node.end_lineno, c.node.end_col_offset))


@pytest.mark.parametrize(
    "source",
    [
        "def f(c: httpx.Client | None):\n    c.get('x')",
        "def f(cs: list[httpx.Client]):\n    for c in cs:\n        c.get('x')",
        "def f(cs: dict[str, httpx.Client]):\n    for name, c in cs.items():\n        c.get('x')",
        "def f(cs: dict[str, httpx.Client]):\n    cs['a'].get('x')",
        "def f(cs: dict[str, httpx.Client]):\n    cs.get('a').get('x')",
        "def f(cs: 'tuple[int, httpx.Client]'):\n    number, c = cs\n    c.get('x')",
        "def f(cs: tuple[httpx.Client, ...]):\n    [c.get('x') for c in cs]",
        "def f():\n    cs = [httpx.Client() for _ in range(3)]\n    for n, c in enumerate(cs):\n        c.get('x')",
        "def f():\n    c, n = httpx.Client(), 1\n    c.get('x')",
        "def make():\n    return 1, httpx.Client()\ndef f():\n    n, c = make()\n    c.get('x')",
        "def f(cs: set[httpx.Client]):\n    next(iter(cs)).get('x')",
        "def f(cs: list[httpx.Client]):\n    for c in sorted(cs):\n        c.get('x')",
        "class Many:\n    def __iter__(self):\n        return self\n    def __next__(self):\n        return httpx.Client()\ndef f():\n    for c in Many():\n        c.get('x')",
        "class Many:\n    def __iter__(self):\n        yield httpx.Client()\ndef f():\n    for c in Many():\n        c.get('x')",
        "from collections.abc import Callable\ndef f(make: Callable[..., httpx.Client]):\n    make().get('x')",
        "T = TypeVar('T', bound=httpx.Client)\ndef f(c: T):\n    c.get('x')",
        "def f(kind: type[httpx.Client]):\n    kind().get('x')",
        "c = None\ndef init():\n    global c\n    made = httpx.Client()\n    c = made\ndef f():\n    c.get('x')",
        "class Box:\n    c = None\nbox = Box()\ndef init():\n    box.c = httpx.Client()\ndef f():\n    box.c.get('x')",
        "class Box:\n    @property\n    def c(self):\n        return httpx.Client()\n    @c.setter\n    def c(self, v): ...\ndef f(b: Box):\n    b.c.get('x')",
        "class Sub(Base):\n    def __init__(self):\n        self.c = httpx.Client()\nclass Base:\n    def f(self):\n        self.c.get('x')",
        "class A:\n    def __init__(self, c):\n        self.c = c\ndef make(): return A(httpx.Client())\ndef f(a: A):\n    a.c.get('x')",
        "def f():\n    g(httpx.Client())\ndef g(c):\n    c.get('x')",
        "def f(c: Any):\n    if isinstance(c, httpx.Client):\n        c.get('x')",
        "def f(c: httpx.Client | httpx.AsyncClient):\n    if isinstance(c, httpx.AsyncClient):\n        return\n    c.get('x')",
        "def f(c: httpx.Client | httpx.AsyncClient):\n    if isinstance(c, httpx.AsyncClient):\n        pass\n    else:\n        c.get('x')",
        "def f(c):\n    assert isinstance(c, httpx.Client)\n    c.get('x')",
        "def f(a, b):\n    if a:\n        c = httpx.AsyncClient()\n    else:\n        c = httpx.Client()\n        c.get('x')",
        "def f(c: httpx.AsyncClient):\n    with httpx.Client() as c:\n        c.get('x')",
        "from contextlib import contextmanager\n@contextmanager\ndef make():\n    yield httpx.Client()\ndef f():\n    with make() as c:\n        c.get('x')",
        "class Box:\n    def __enter__(self):\n        return httpx.Client()\ndef f():\n    with Box() as c:\n        c.get('x')",
        "def f(box):\n    getattr(httpx, 'Client')().get('x')",
        "import functools\n@functools.lru_cache\ndef make():\n    return httpx.Client()\ndef f():\n    make().get('x')",
        "def f(a):\n    (a and httpx.Client() or None).get('x')",
        "def inject(g):\n    def wrapper(*args):\n        with httpx.Client() as c:\n            return g(c, *args)\n    return wrapper\ndef f():\n    use('y')\n@inject\ndef use(c, path):\n    c.get('x')",
        "MAKERS = {'a': httpx.Client, 'b': httpx.Client}\ndef f(k):\n    MAKERS[k]().get('x')",
        "def f(c: httpx.Client):\n    g(client=c)\n    g(other=1)\ndef g(**rest):\n    c = rest.get('client')\n    c.get('x')",
        "def f(c: httpx.Client):\n    g(client=c)\ndef g(**rest):\n    rest['client'].get('x')",
        "def f(c: httpx.Client): Box.find(1, client=c)\nclass Box:\n    @classmethod\n    def find(cls, key, **rest):\n        c = rest.pop('client')\n        c.get('x')",
        "class Own(Base):\n    def open(self): return httpx.Client()\nclass Base:\n    def open(self):\n        raise NotImplementedError\n    def f(self):\n        self.open().get('x')",
        "from weakref import WeakValueDictionary\nPOOL = WeakValueDictionary()\ndef g(k):\n    c = POOL.get(k)\n    if c is None:\n        c = httpx.Client()\n    return c\ndef f(k):\n    g(k).get('x')",
    ],
)  # fmt: skip
def test_the_type_of_an_object_is_found(project: Make, source: str) -> None:
    assert last_call(project(main=HEAD + source)).target == "httpx.Client.get"


@pytest.mark.parametrize(
    "source",
    [
        "def f(c: httpx.Client):\n    c = other()\n    c.get('x')",
        "def f(c):\n    if isinstance(c, httpx.Client):\n        c = other()\n        c.get('x')",
        "def f(c):\n    if not isinstance(c, httpx.Client):\n        c.get('x')",
        "def f(c: httpx.Client):\n    [c for c in range(3)]\n    for c in other():\n        c.get('x')",
        "def f(cs: list):\n    for c in cs:\n        c.get('x')",
    ],
)
def test_an_object_that_is_something_else_by_now_is_not_taken_for_it(project: Make, source: str) -> None:
    assert last_call(project(main=HEAD + source)).targets in {(), ("builtins.int.get",)}


PROXIES = """
class Lazy:
    def __init__(self):
        object.__setattr__(self, "_inner", None)

    def _fill(self):
        made = httpx.Client()
        object.__setattr__(self, "_inner", made)

    def _get(self):
        inner = object.__getattribute__(self, "_inner")
        if inner is None:
            object.__getattribute__(self, "_fill")()
            inner = object.__getattribute__(self, "_inner")
        return inner

    def __getattr__(self, name: str):
        return getattr(self._get(), name)

    def __setattr__(self, name, value):
        setattr(self._get(), name, value)


class Handed:
    def __init__(self, make):
        self._make = make

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(self._make(), name)
        return found


class Kept:
    _client = httpx.Client()

    def __getattr__(self, name):
        return self._client.__getattribute__(name)

    def post(self, url): ...


class Wrapping:
    _client = httpx.Client()

    def __getattr__(self, name):
        found = getattr(self._client, name)

        def wrapper(*args):
            return run_in_thread(found, *args)

        return wrapper


class Changing:
    _client = httpx.Client()

    def __getattr__(self, name):
        name = name.upper()
        return getattr(self._client, name)


class Circle:
    def __getattr__(self, name):
        return getattr(self._inner, name)


def make():
    return httpx.Client()


"""


@pytest.mark.parametrize(
    "source",
    [
        "lazy = Lazy()\ndef f():\n    lazy.get('x')",
        "handed = Handed(make)\ndef f():\n    handed.get('x')",
        "handed = Handed(lambda: httpx.Client())\ndef f():\n    handed.get('x')",
        "def f():\n    Kept().get('x')",
        "class Sub(Kept):\n    pass\ndef f():\n    Sub().get('x')",
    ],
)
def test_an_object_that_stands_for_another_gives_what_that_one_has(project: Make, source: str) -> None:
    assert last_call(project(main=HEAD + PROXIES + source)).target == "httpx.Client.get"


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    Wrapping().get('x')",
        "def f():\n    Changing().get('x')",
        "def f():\n    Circle().get('x')",
        "def f():\n    Kept.get('x')",
        "a = Handed(make)\nb = Handed(other)\ndef f():\n    a.get('x')",
    ],
)
def test_an_object_that_may_stand_for_something_else_is_not_followed(project: Make, source: str) -> None:
    assert last_call(project(main=HEAD + PROXIES + source)).targets == ()


def test_what_a_proxy_has_itself_is_its_own(project: Make) -> None:
    source = HEAD + PROXIES + "def f():\n    Kept().post('x')"
    assert last_call(project(main=source)).target == "main.Kept.post"


def test_a_module_that_hands_names_on_gives_what_the_object_behind_it_has(project: Make) -> None:
    clients = "import httpx\ndef _get():\n    return httpx.Client()\ndef __getattr__(name):\n    return getattr(_get(), name)\n"
    for source in ("import clients\ndef f():\n    clients.get('x')", "from clients import get\nget('x')"):
        assert last_call(project(main=source, clients=clients)).target == "httpx.Client.get"


def test_what_may_be_one_of_two_has_both_names_and_no_single_one(project: Make) -> None:
    call = last_call(project(main=HEAD + "def f(c: httpx.Client | httpx.AsyncClient):\n    c.get('x')"))
    assert call.target == ""
    assert call.targets == ("httpx.Client.get", "httpx.AsyncClient.get")


CLASSES = """\
from abc import ABC, abstractmethod
from typing import Protocol


class Store(ABC):
    @abstractmethod
    def load(self, key: str) -> str: ...

    async def open(self) -> None:
        raise NotImplementedError

    def size(self) -> int:
        return len(self.load("x"))


class Disk(Store):
    def load(self, key: str) -> str:
        return open(key).read()

    async def open(self) -> None:
        await self.wait()


class Memory(Store):
    def load(self, key: str) -> str:
        return key + key


class Shape(Protocol):
    def draw(self, width: int) -> str: ...


class Square:
    def draw(self, width: int) -> str:
        return "#" * width


class Circle:
    def draw(self, height: int) -> str:
        return "o" * height


"""


@pytest.mark.parametrize(
    ("source", "callees"),
    [
        ("def f(s: Store):\n    s.load('x')", {"Disk.load", "Memory.load"}),
        ("def f(s: Disk):\n    s.load('x')", {"Disk.load"}),
        ("def f(s: Store):\n    s.size()", {"Store.size"}),
        ("async def f(s: Store):\n    await s.open()", {"Disk.open"}),
        ("async def f(s):\n    await s.open()", {"Disk.open"}),
        ("def f(s: Disk | Memory):\n    s.load('x')", {"Disk.load", "Memory.load"}),
        ("def f(s: Shape):\n    s.draw(1)", {"Square.draw"}),
        ("BY = {'a': Disk(), 'b': Memory()}\ndef f(k):\n    BY[k].load('x')", {"Disk.load", "Memory.load"}),
        ("def a(): ...\ndef b(): ...\nBY = {'a': a, 'b': b}\ndef f(k):\n    BY[k]()", {"a", "b"}),
    ],
)
def test_a_call_runs_what_its_object_can_be(project: Make, source: str, callees: set[str]) -> None:
    assert {f.name for f in last_call(project(main=CLASSES + source)).callees} == callees


def test_await_tells_the_coroutine_from_the_plain_method(project: Make) -> None:
    source = """\
        class Plain:
            def load(self): ...

        class Waiting(Plain):
            async def load(self): ...

        async def f(s: Plain | Waiting):
            await s.load()

        def g(s: Plain | Waiting):
            s.load()
        """
    first, second = (c for c in project(main=source).modules[0].calls)
    assert [f.name for f in first.callees] == ["Waiting.load"]
    assert [f.name for f in second.callees] == ["Plain.load"]


def test_an_absolute_import_counts_from_the_folder_where_the_app_is_started(project: Make) -> None:
    made = project(
        backend__main="from routes import jobs\n",
        backend__routes__jobs="from jobs.store import load\nload()\n",
        backend__jobs__store="def load(): ...\n",
    )
    assert last_call(made, "backend/routes/jobs.py").target == "backend.jobs.store.load"


def test_an_init_file_beside_the_sources_does_not_hide_the_package_in_them(project: Make) -> None:
    made = project(
        shop__PACKAGE="",
        shop__shop__PACKAGE="",
        shop__shop__web="from shop.store import save\nsave()\n",
        shop__shop__store="def save(): ...\n",
    )
    assert last_call(made, "shop/shop/web.py").target == "shop.shop.store.save"


@pytest.mark.parametrize("kind", ["def save(): ...", "class save: ..."])
def test_an_import_that_is_there_wins_over_what_stands_in_for_it(project: Make, kind: str) -> None:
    made = project(
        shop__PACKAGE="",
        shop__web="from .names import save\nsave()\n",
        shop__names=f"try:\n    from .store import save\nexcept ImportError:\n    {kind}\n",
        shop__store="def save(): ...\n",
    )
    assert last_call(made, "shop/web.py").target == "shop.store.save"


def test_a_function_that_is_written_after_an_import_replaces_it(project: Make) -> None:
    made = project(
        shop__PACKAGE="",
        shop__web="from .store import save\ndef save(): ...\nsave()\n",
        shop__store="def save(): ...\n",
    )
    assert last_call(made, "shop/web.py").target == "shop.web.save"


CONTAINER = """
    import httpx
    from dependency_injector import containers, providers
    from dependency_injector.wiring import Closing, Provide
    from fastapi import Depends
    class Client:
        def session(self):
            return httpx.Client()
    class Store:
        def __init__(self, make, client=None):
            self.make = make
            self.client = client
    class Shop:
        def __init__(self, store):
            self.store = store
    class Parts(containers.DeclarativeContainer):
        client = providers.Singleton(Client)
        store = providers.Factory(Store, client.provided.session, client=client)
    class Container(containers.DeclarativeContainer):
        parts = providers.Container(Parts)
        shop = providers.Factory(Shop, store=parts.store)
"""


@pytest.mark.parametrize(
    "source",
    [
        "def f(store=Depends(Provide[Parts.store])):\n    store.make().get('x')",
        "def f(store=Provide[Parts.store]):\n    store.make().get('x')",
        "def f(store=Closing[Provide[Parts.store]]):\n    store.make().get('x')",
        "def f(store=Provide[Parts.store.provider]):\n    store().make().get('x')",
        "def f(store: Store):\n    store.client.session().get('x')",
        "def f(shop=Depends(Provide[Container.shop])):\n    shop.store.make().get('x')",
        "def f():\n    Container().shop().store.make().get('x')",
    ],
)
def test_what_a_container_makes_is_handed_on(project: Make, source: str) -> None:
    made = project(main=f"{dedent(CONTAINER)}\n{source}\n")
    assert last_call(made).target == "httpx.Client.get"


def test_packages_that_import_everything_from_each_other_end(project: Make) -> None:
    stars = {f"p__m{n}": "".join(f"from .m{k} import *\n" for k in range(12)) for n in range(12)}
    made = project(p__PACKAGE="from .m0 import *\n", **stars, main="from p import nothing\nnothing()\n")
    assert last_call(made).target == ""


@pytest.mark.parametrize(
    "written",
    [
        "from mypy_boto3_s3.client import S3Client\ndef f(c: 'S3Client'):\n    c.head_object(Key='x')",
        "from types_boto3_s3 import S3Client\ndef f(c: S3Client):\n    c.head_object(Key='x')",
        "import boto3\ndef f():\n    boto3.client('s3').head_object(Key='x')",
    ],
)
def test_a_class_for_annotations_alone_is_what_stands_behind_it(project: Make, written: str) -> None:
    assert last_call(project(main=written)).target == "boto3.client().head_object"


def test_a_package_imports_what_is_in_it_by_its_whole_name(project: Make) -> None:
    found = project(src__store__PACKAGE="from store.factory import make\n", src__store__factory="import httpx\ndef make():\n    return httpx.Client()\n", src__main="from fastapi import FastAPI\nfrom store import make\napp = FastAPI()\ndef f():\n    make().get('x')\n")  # fmt: skip
    assert last_call(found, "src/main.py").target == "httpx.Client.get"
    assert {module.path for module in found.service_modules} >= {"src/store/factory.py"}


def test_a_name_that_only_one_librarys_star_can_have_brought_is_that_librarys(project: Make) -> None:
    main = "from compat import BaseModel\nBaseModel()\n"
    assert last_call(project(main=main, compat="from pydantic import *\n")).target == "pydantic.BaseModel"
    both = "from pydantic import *\nfrom sqlalchemy import *\n"
    assert last_call(project(main=main, compat=both)).target == ""


def test_a_route_that_is_declared_by_a_call_is_an_operation(project: Make) -> None:
    main = "from fastapi import APIRouter, FastAPI\nfrom tools import make\nrouter = APIRouter()\nrouter.post('/tools', status_code=201)(make)\napp = FastAPI()\napp.include_router(router, prefix='/v1')\nother.post('/x')(make)\n"
    found = project(main=main, tools="def make(): ...\n")
    assert [(one.label, one.function.name) for one in found.operations] == [("POST /tools", "make")]
    (served,) = found.composition.apps
    assert [route.path for route in served.routes] == ["/v1/tools"]


@pytest.mark.parametrize(
    "wrapper", ["from dishka import FromDishka as Given", "from wireup import Injected as Given"]
)
def test_what_a_container_gives_is_what_stands_in_brackets(project: Make, wrapper: str) -> None:
    main = f"import httpx\n{wrapper}\ndef f(client: Given[httpx.Client]):\n    client.get('x')\n"
    assert last_call(project(main=main)).target == "httpx.Client.get"


def test_a_librarys_own_kind_of_router_declares_path_operations(project: Make) -> None:
    main = "from fastapi import FastAPI\nfrom fastapi_error_map import ErrorAwareRouter\ndef make():\n    return ErrorAwareRouter()\nrouter = make()\n@router.get('/tools', error_map={})\ndef tools(): ...\napp = FastAPI()\napp.include_router(router, prefix='/v1')\n"  # fmt: skip
    found = project(main=main)
    assert [one.label for one in found.operations] == ["GET /tools"]
    (served,) = found.composition.apps
    assert [route.path for route in served.routes] == ["/v1/tools"]


@pytest.mark.parametrize(
    "container", ["injector", "request.state.injector", "app.state.container", "root_injector"]
)
def test_an_injector_gives_an_object_of_the_class_that_it_is_asked_for(project: Make, container: str) -> None:
    source = f"class Store:\n    def load(self): ...\ndef f(request, app, injector, root_injector):\n    {container}.get(Store).load()"
    assert last_call(project(main=source)).target == "main.Store.load"


def test_what_is_looked_up_by_class_elsewhere_is_not_known(project: Make) -> None:
    source = "class Store:\n    def load(self): ...\ndef f(table):\n    table.get(Store).load()"
    assert last_call(project(main=source)).target == ""
