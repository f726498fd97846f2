import asyncio
import os
from contextlib import asynccontextmanager
from os import makedirs as make_folders
from pathlib import Path

from aiofiles import os as aio
from anyio import Path as AsyncPath
from fastapi import FastAPI

FOLDER = Path("data")
FOLDER.mkdir(exist_ok=True)  # silent: import


@asynccontextmanager
async def lifespan(app: FastAPI):
    FOLDER.mkdir(exist_ok=True)  # silent: before any request
    yield


app = FastAPI(lifespan=lifespan)


def folder_of(name: str) -> Path:
    target = FOLDER / name
    target.mkdir(parents=True, exist_ok=True)  # expect: sync-folder-made-in-async
    return target


@app.get("/a")
async def direct(name: str) -> bool:
    os.makedirs(name, exist_ok=True)  # expect: sync-folder-made-in-async
    make_folders(name)  # expect: sync-folder-made-in-async
    os.mkdir(name)  # expect: sync-folder-made-in-async
    return folder_of(name).exists()  # silent: path work


@app.get("/b")
async def asynchronous(name: str) -> None:
    await aio.makedirs(name)  # silent
    await AsyncPath(name).mkdir()  # silent


@app.get("/c")
async def in_a_thread(name: str) -> None:
    await asyncio.to_thread(os.makedirs, name)  # silent

    def make() -> None:
        os.makedirs(name)  # silent: runs in a thread

    await asyncio.to_thread(make)


@app.get("/d")
def plain(name: str) -> None:
    os.makedirs(name)  # silent: runs in a thread
