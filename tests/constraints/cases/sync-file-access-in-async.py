import asyncio
import io
import shutil
from pathlib import Path

import aiofiles
import fsspec
import pandas
import torch
from fastapi import FastAPI, UploadFile
from llama_index.core import StorageContext
from PIL import Image

app = FastAPI()
FOLDER = Path("data")
DEFAULTS = (FOLDER / "defaults.json").read_text()  # silent: import


@app.get("/a")
async def direct() -> str:
    with open("a.txt") as file:  # expect: sync-file-access-in-async
        return file.read()


@app.get("/b")
async def path(name: str) -> str:
    target = FOLDER / "x"
    return target.read_text()  # expect: sync-file-access-in-async


@app.get("/c")
async def asynchronous() -> str:
    async with aiofiles.open("a.txt") as file:  # silent
        return await file.read()


@app.get("/d")
async def thread() -> str:
    return await asyncio.to_thread(lambda: FOLDER.read_text())  # silent


@app.get("/e")
async def nested() -> str:
    def load() -> str:
        return open("a.txt").read()  # silent: runs in a thread

    return await asyncio.to_thread(load)


@app.get("/f")
async def pure(name: str) -> str:
    return FOLDER.joinpath("a").with_suffix(".txt").as_posix()  # silent: no I/O


@app.get("/g")
async def buffers(table: pandas.DataFrame) -> None:
    buffer = io.BytesIO()
    torch.save({}, buffer)  # silent: into memory
    torch.save({}, f=io.BytesIO())  # silent
    torch.load(buffer)  # silent
    table.to_parquet(buffer)  # silent
    with pandas.ExcelWriter(buffer) as writer:  # silent
        table.to_excel(writer)  # silent
    table.to_parquet("a")  # expect: sync-file-access-in-async
    torch.save({}, "a.pt")  # expect: sync-file-access-in-async
    async with aiofiles.open("a.pt", "wb") as file:
        await file.write(buffer.getvalue())  # silent


@app.post("/h")
async def copied(upload: UploadFile) -> None:
    shutil.copyfileobj(upload.file, io.BytesIO())  # expect: sync-file-access-in-async


@app.get("/picture")
async def picture(name: str, upload: UploadFile) -> int:
    stored_path = FOLDER / name
    Image.open(io.BytesIO(await upload.read()))  # silent: work in memory
    return Image.open(stored_path).width  # expect: sync-file-access-in-async


@app.get("/index")
async def index(folder: str) -> object:
    StorageContext.from_defaults(vector_store=None)  # silent: nothing is read
    return StorageContext.from_defaults(persist_dir=folder)  # expect: sync-file-access-in-async


class Shelves:
    def __init__(self) -> None:
        self.files: fsspec.AbstractFileSystem = fsspec.filesystem("file")

    async def add(self, name: str) -> None:
        self.files.makedirs(name, exist_ok=True)  # expect: sync-file-access-in-async


@app.get("/shelves")
async def add_shelf(name: str) -> None:
    await Shelves().add(name)


def read_label(name: str, text: str | None = None) -> str:
    if text is None:
        with open(name) as file:  # silent: whoever calls it on the loop hands the text over
            text = file.read()
    return text


def read_tag(name: str, text: str | None = None) -> str:
    if text is None:
        with open(name) as file:  # expect: sync-file-access-in-async
            text = file.read()
    return text


@app.post("/labels")
async def label(name: str, page: dict[str, str], text: str | None = None) -> str:
    return read_label(name, text=page["text"]) + read_label(name, f"{name}!") + read_tag(name, text)
