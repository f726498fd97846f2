import asyncio

from fastapi import Depends, FastAPI

from app import re_export, store
from app.re_export import read_all as fetch

app = FastAPI()


@app.get("/a")
async def direct() -> dict:
    return fetch("x")  # expect: blocking-call-behind-helper


@app.get("/b")
async def through_module(disk: store.Disk = Depends()) -> None:
    re_export.load("x")  # expect: blocking-call-behind-helper
    disk.save("x")  # expect: blocking-call-behind-helper
    await disk.flush()  # silent: reported where it happens
    store.Quick().save("x")  # silent: another method


@app.get("/c")
async def thread() -> dict:
    store.recursive(3)  # silent: does not block
    return await asyncio.to_thread(fetch, "x")  # silent


@app.get("/d")
async def too_late() -> None:
    await asyncio.to_thread(fetch("x"))  # expect: blocking-call-behind-helper


@app.get("/e")
def plain() -> dict:
    return fetch("x")  # silent: a thread


def storage() -> store.Storage:
    return store.Files()


@app.get("/f")
async def abstract(files: store.Storage = Depends(storage)) -> str:
    files.load("x")  # expect: blocking-call-behind-helper
    store.Memory().load("x")  # silent: keeps nothing on disk
    store.settings()  # silent: read once in the life of the process
    return store.either("load")  # expect: blocking-call-behind-helper


@app.get("/g")
async def comprehension(folders: list[store.Disk]) -> None:
    [folder.save("x") for folder in folders]  # expect: blocking-call-behind-helper

    def inner() -> None:
        fetch("x")  # silent: in a thread

    await asyncio.get_running_loop().run_in_executor(None, inner)
    inner()  # expect: blocking-call-behind-helper


def with_file(function):
    def wrapper(*args):
        with open("x") as file:
            return function(file, *args)

    return wrapper


@with_file
def count(file, start: int) -> int:
    return start


@app.get("/h")
async def decorated() -> int:
    return count(1)  # expect: blocking-call-behind-helper


@app.get("/generators")
async def generators() -> None:
    row = next(store.unit())  # silent: what follows its `yield` is not run
    kept = store.unit()  # silent: the same in two lines
    row = next(kept)
    for row in store.unit():  # expect: blocking-call-behind-helper
        del row
    next(store.rows())  # expect: blocking-call-behind-helper


from app import attributes, choices, handed, overridden, re_export, registered, store, waits  # what a router is in is included somewhere
