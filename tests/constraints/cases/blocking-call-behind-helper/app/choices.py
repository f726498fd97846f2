import time
from functools import wraps

from fastapi import APIRouter

from app.waits import SLOWLY, Cache, ask, by_mode, cached, pick, pull, take, tell, walk

router = APIRouter()


@router.get("/default")
async def default() -> None:
    ask("x")  # silent: `wait` stays False
    ask("x", False)  # silent
    ask("x", wait=True)  # expect: blocking-call-behind-helper
    ask("x", SLOWLY)  # expect: blocking-call-behind-helper


@router.get("/open")
async def given_by_client(wait: bool = False) -> None:
    ask("x", wait)  # expect: blocking-call-behind-helper
    options = {"wait": True}
    ask("x", **options)  # expect: blocking-call-behind-helper


@router.get("/leave")
async def leaves_early() -> None:
    tell(None)  # silent: returns before it waits
    tell("x")  # expect: blocking-call-behind-helper
    pick("memory")  # silent
    pick("disk")  # expect: blocking-call-behind-helper
    by_mode()  # silent: the default mode raises
    by_mode(mode="slow")  # expect: blocking-call-behind-helper


@router.get("/through")
async def through_another() -> None:
    walk("x")  # silent: hands its own default on
    walk("x", wait=True)  # expect: blocking-call-behind-helper
    take("x")  # expect: blocking-call-behind-helper
    pull("x", retries=0)  # silent
    pull("x")  # expect: blocking-call-behind-helper


@router.get("/objects")
async def objects(cache: Cache) -> None:
    cache.read("x")  # silent
    Cache.read(cache, "x")  # silent: the first argument is the object
    cache.read("x", True)  # expect: blocking-call-behind-helper
    Cache()  # silent
    Cache("x", warm=True)  # expect: blocking-call-behind-helper


@router.get("/decorated")
async def decorated() -> None:
    light()  # silent: its decorator does not wait
    heavy()  # expect: blocking-call-behind-helper
    outer()  # silent: the function inside reads what the outer one was given
    outer(wait=True)  # expect: blocking-call-behind-helper


@cached(wait=False)
def light() -> None: ...


@cached(wait=True)
def heavy() -> None: ...


def outer(wait: bool = False) -> None:
    def inner() -> None:
        if wait:
            time.sleep(1)

    inner()


def injected(function):
    @wraps(function)
    def inner(*args, **kwargs):
        return function(*args, wait=True, **kwargs)

    return inner


@injected
def by_decorator(wait: bool = False) -> None:
    if wait:
        time.sleep(1)


@router.get("/injected")
async def given_by_decorator() -> None:
    by_decorator()  # expect: blocking-call-behind-helper


async def coroutine(wait: bool = False) -> None:
    if wait:
        ask("x", True)  # silent: nobody asks for it


@router.get("/awaited")
async def awaited() -> None:
    await coroutine()


async def other_coroutine(wait: bool = False) -> None:
    if wait:
        ask("x", True)  # expect: blocking-call-behind-helper


@router.get("/awaited-too")
async def awaited_too() -> None:
    await other_coroutine()
    await other_coroutine(True)
