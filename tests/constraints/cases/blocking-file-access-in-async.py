import asyncio
import functools
import io
import json
import tempfile
import zipfile

import dramatiq
import smart_open
from kedro.io import AbstractDataset
import pandas as pd
from asgiref.sync import sync_to_async
import os
import shutil
from pathlib import Path
from typing import cast

from fastapi import FastAPI, Request, UploadFile
from fastapi.responses import StreamingResponse

app = FastAPI()


@app.post("/a")
async def upload(file: UploadFile) -> None:
    with open("x", "wb") as target:  # expect: blocking-file-access-in-async
        shutil.copyfileobj(file.file, target)  # expect: blocking-file-access-in-async
    await file.read()  # silent


@app.get("/b")
async def listing() -> list[str]:
    os.path.join("a", "b")  # silent
    return os.listdir("x")  # expect: blocking-file-access-in-async


def chunks():
    with open("x", "rb") as file:  # silent: a plain generator runs in a thread
        yield file.read()


@app.get("/c")
async def stream() -> StreamingResponse:
    return StreamingResponse(chunks())


@app.get("/d")
async def path() -> None:
    p = Path("x")
    p = p / "y"
    p.write_text("a")  # expect: blocking-file-access-in-async


class Archive:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = open("log")  # silent: at import

    async def pages(self) -> None:
        for page in self.folder.iterdir():  # expect: blocking-file-access-in-async
            page.exists()  # silent: asks the system, moves no data
            page.unlink()  # expect: blocking-file-access-in-async
        self.log.write("done")  # expect: blocking-file-access-in-async


archive = Archive(Path("x"))


@app.post("/e")
async def handles(file: UploadFile) -> None:
    await archive.pages()
    file.file.read()  # expect: blocking-file-access-in-async
    with tempfile.TemporaryDirectory() as folder:  # silent: one entry of a folder
        os.makedirs(folder)  # silent
        os.rename(folder, "y")  # silent
        Path(folder).mkdir(exist_ok=True)  # silent
        Path(folder).replace("z")  # silent
        os.remove("x")  # expect: blocking-file-access-in-async
        shutil.move(folder, "z")  # expect: blocking-file-access-in-async
        handle, name = tempfile.mkstemp()  # silent
        with os.fdopen(handle, "w") as made:  # expect: blocking-file-access-in-async
            made.write(name)  # silent: the line before says it
    with open("x") as source:  # expect: blocking-file-access-in-async
        json.load(source)  # silent: the line before says it
        source.read()  # silent
    with source as again:
        again.read()  # silent
    file.file.seek(0)  # silent: moves no data
    zipfile.ZipFile("x.zip")  # expect: blocking-file-access-in-async
    zipfile.ZipFile(io.BytesIO(b""))  # silent: in memory
    pd.read_csv("x.csv")  # expect: blocking-file-access-in-async


def write(path: Path) -> None:
    path.write_text("a")  # expect: blocking-file-access-in-async


def actor():
    """The project's own way to make a task of a queue."""

    def decorate(function):
        @functools.wraps(function)
        async def wrapped(*arguments):
            return await function(*arguments)

        dramatiq.actor(wrapped, queue_name="slow")
        return wrapped

    return decorate


@app.post("/f")
async def through_helper() -> None:
    write(Path("x"))


@app.post("/g")
async def handed_to_a_thread() -> None:
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, lambda: Path("x").write_text("a"))  # silent
    await loop.run_in_executor(None, functools.partial(shutil.rmtree, "x"))  # silent
    await sync_to_async(os.listdir)("x")  # silent


@functools.lru_cache(maxsize=8)
def version_of(path: Path) -> str:
    return str(len(path.read_bytes()))  # silent: once for each file


@actor()
async def run_by_a_worker(path: str) -> None:
    open(path)  # silent: the queue's process runs it


@app.post("/h")
async def remembered(path: str) -> str:
    run_by_a_worker.send(path)
    os.chmod(path, 0o600)  # silent: one entry of a folder
    return version_of(Path(path))


@app.post("/pieces")
async def pieces(request: Request, upload: UploadFile) -> None:
    body = tempfile.TemporaryFile()  # expect: blocking-file-access-in-async
    async for chunk in request.stream():
        body.write(chunk)  # expect: blocking-file-access-in-async
    with open("x", "wb") as file:  # expect: blocking-file-access-in-async
        while chunk := await upload.read(1024):
            file.write(chunk)  # expect: blocking-file-access-in-async
    with open("x", "wb") as file:  # expect: blocking-file-access-in-async
        for line in [b"a", b"b"]:
            file.write(line)  # silent: the line that opened it says so
    kept = io.BytesIO()
    async for chunk in request.stream():
        kept.write(chunk)  # silent: in memory


@app.get("/anywhere")
async def anywhere(address: str) -> str:
    with smart_open.open(address) as file:  # expect: blocking-file-access-in-async
        file.read()  # silent: the line that opened it says so
    kept = cast(AbstractDataset, await catalogue.find(address))
    kept.release()  # silent
    return str(kept.load())  # expect: blocking-file-access-in-async
