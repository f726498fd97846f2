import asyncio
import io
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pdfkit
from elasticsearch.helpers import async_bulk
from fastapi import BackgroundTasks, FastAPI, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from langchain_community.document_loaders import PyPDFLoader
from langchain_community.vectorstores import Chroma
from langchain_core.runnables import RunnableSerializable
from langchain_core.vectorstores import VectorStore
from llama_index.core.indices.base import BaseIndex
from pypdf import PdfReader

app = FastAPI()


async def load(name: str) -> tuple:
    loader = loader_for(name)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, lambda: list(loader.lazy_load())), name


def text_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@app.post("/a")
async def ingest(file: UploadFile) -> dict[str, str]:
    data, kind = await load(file.filename)  # expect: slow-work-inside-request
    await store.add(data)
    return {"kind": kind}


@app.post("/b")
async def ingest_text(file: UploadFile) -> dict[str, bool]:
    text = text_of(await file.read())  # expect: slow-work-inside-request
    stored = await store.add(text)
    return {"stored": stored}


@app.post("/c")
async def reindex() -> None:
    await async_bulk(search, [])  # expect: slow-work-inside-request


@app.post("/d")
def print_receipt() -> dict[str, str]:
    pdfkit.from_string("<p>x</p>", "receipt.pdf")  # expect: slow-work-inside-request
    return {"status": "ok"}


@app.post("/e")
async def read_text(file: UploadFile) -> dict[str, str]:
    text = text_of(await file.read())  # silent: the text is the reply
    shown = text.strip()
    return {"text": shown}


@app.post("/f")
def receipt() -> FileResponse:
    pdfkit.from_string("<p>x</p>", "receipt.pdf")  # silent: the file is the reply
    return FileResponse("receipt.pdf")


@app.post("/g")
async def ingest_later(file: UploadFile, tasks: BackgroundTasks) -> None:
    tasks.add_task(text_of, await file.read())  # silent


async def store_one(entry: dict) -> None:
    await async_bulk(search, [entry])


@app.post("/h")
async def add_entry(entry: dict) -> None:
    await store_one(entry)  # silent: the entry belongs to the change


async def rebuild_index() -> None:
    await async_bulk(search, [])


@app.post("/i")
async def refresh(sync: bool = False) -> None:
    if sync:
        await rebuild_index()  # silent: the client asks to wait
    await rebuild_index()  # expect: slow-work-inside-request


@app.post("/j")
async def read_pages(file: UploadFile) -> dict[str, str]:
    reader = PdfReader(file.file)  # silent: the text of its pages is the reply
    text = ""
    parts = []
    for page in reader.pages:
        text += page.extract_text()
        parts.append(page.extract_text())
    return {"text": text or "".join(parts)}


@app.post("/k")
async def read_into_store(file: UploadFile) -> dict[str, int]:
    reader = PdfReader(file.file)  # expect: slow-work-inside-request
    for page in reader.pages:
        await store.add(page.extract_text())
    return {"id": 1}


@app.post("/l")
async def take_in(file: UploadFile) -> dict[str, str]:
    pages = PyPDFLoader(file.filename).load()  # expect: slow-work-inside-request
    vector_store.add_documents(pages)  # expect: slow-work-inside-request
    return {"status": "ok"}


@app.post("/m")
async def take_in_by_helper(files: list[UploadFile]) -> dict[str, str]:
    for file in files:
        await embed(await file.read())  # expect: slow-work-inside-request
    return {"status": "ok"}


async def embed(content: bytes) -> None:
    Chroma.from_texts([content.decode()], None)  # silent: a list that is written down opens a store
    Chroma.from_texts(content.decode().splitlines(), None)


@app.post("/later")
async def take_in_later(file: UploadFile, tasks: BackgroundTasks) -> None:
    tasks.add_task(embed, await file.read())  # silent


@app.post("/n")
async def open_store(file: UploadFile) -> None:
    Chroma.from_texts(["first"], None)  # silent


@app.post("/o")
async def remember(text: str) -> None:
    vector_store.add_texts([text])  # silent: one short text


@app.post("/p")
async def put_into_search(file: UploadFile, index) -> None:
    index.add_documents(await file.read())  # silent: a search engine only takes it in


class Ingest(RunnableSerializable[bytes, list[str]]):
    store: VectorStore

    def invoke(self, content: bytes, config=None) -> list[str]:
        return self.store.add_documents(content.split())


ingest_runnable = Ingest(store=Chroma()).with_config(tags=["ingest"])


@app.post("/q")
async def run_by_library(files: list[UploadFile]) -> list[str]:
    return ingest_runnable.batch([file.file.read() for file in files])  # expect: slow-work-inside-request


def share_with_all(name: str, users: list[str]) -> None:
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda user: share(name, user), users))
    print(answers)


def share(name: str, user: str) -> httpx.Response:
    return httpx.put(f"https://hub.example/{name}/{user}")


def look_at_all(users: list[str]) -> list[httpx.Response]:
    return [httpx.get(f"https://hub.example/{user}") for user in users]


def take_from_all(users: list[str]) -> list[int]:
    codes = []
    for user in users:
        codes.append(httpx.delete(f"https://hub.example/{user}").status_code)
    return codes


@app.post("/shares")
def share_one(name: str, users: list[str]) -> str:
    share_with_all(name, users)  # expect: slow-work-inside-request
    take_from_all(users)  # expect: slow-work-inside-request
    look_at_all(users)  # silent: nothing is changed
    share(name, "all")  # silent: one request
    return name


@app.delete("/shares")
def unshare(users: list[str]) -> list[int]:
    return take_from_all(users)  # silent: the reply says what came of it


@app.post("/shares/later")
def share_later(name: str, users: list[str], tasks: BackgroundTasks) -> None:
    tasks.add_task(share_with_all, name, users)  # silent


def share_with_groups(name: str, groups: list[list[str]]) -> None:
    for group in groups:
        take_from_all(group)  # silent: the call that leads here is told


@app.post("/shares/groups")
def share_groups(name: str, groups: list[list[str]]) -> None:
    share_with_groups(name, groups)  # expect: slow-work-inside-request


class Ingestion:
    def __init__(self, index: BaseIndex) -> None:
        self.index = index

    def take(self, data: bytes) -> list[str]:
        self.index.insert(data)
        return ["a"]

    def names(self) -> list[str]:
        return [str(self.index)]


@app.post("/injected")
def ingest_by_injector(request: Request, file: UploadFile) -> list[str]:
    service = request.state.injector.get(Ingestion)
    service.names()  # silent: embeds nothing
    return service.take(file.file.read())  # expect: slow-work-inside-request


async def embed_pieces(pieces: list[str]) -> int:
    embedder = get_embedder()
    return len(await run_in_threadpool(embedder.encode, pieces))


async def with_book(number: int, operation: Callable[[int], Awaitable[int]]) -> dict[str, int]:
    return {"pieces": await operation(number)}


@app.post("/books/{number}/upload")
async def upload_book(number: int, file: UploadFile) -> dict[str, int]:
    async def store(book: int) -> int:
        return await embed_pieces([str(await file.read())])

    return await with_book(number, store)  # expect: slow-work-inside-request


@app.get("/books/similar")
async def similar_books(question: str) -> int:
    return await embed_pieces([question])  # silent: one question
