import asyncio
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from typing import Annotated, Any

import httpx2
import keras
import whisper
from huggingface_hub import snapshot_download
from fastapi import BackgroundTasks, Depends, FastAPI
from fastapi.responses import FileResponse
from alembic.command import upgrade
from alembic.config import Config
from git import Repo
from openai import AsyncOpenAI
from pydantic import BaseModel

app = FastAPI()


class Trial(BaseModel):
    models: list[str]
    questions: list[str]


async def ask(model: str, question: str) -> str:
    client = AsyncOpenAI()
    answer = await client.responses.create(model=model, input=question)
    return answer.output_text


async def ask_all(model: str, questions: list[str]) -> list[str]:
    answers = []
    for question in questions:
        answers.append(await ask(model, question))
    return answers


@app.post("/trials")
async def run_trial(trial: Trial) -> list[str]:  # expect: long-job-inside-request
    answers: list[str] = []
    for model in trial.models:
        answers += await ask_all(model, trial.questions)
    return answers


@app.post("/repositories")
def add_repository(url: str) -> None:
    Repo.clone_from(url, "/tmp/x")  # expect: long-job-inside-request


@app.post("/questions")
async def ask_once(question: str) -> str:  # silent
    return await ask("m", question)


@app.post("/retries")
async def ask_again(question: str) -> str:  # silent: a few rounds
    for model in ("a", "b"):
        answer = await ask(model, question)
        if answer:
            return answer
    return ""


def loan_create_flow(loan: int) -> None: ...


def loan_update_flow(loan: int) -> None: ...


def loan_delete_flow(loan: int) -> None: ...


def loan_log(loan: int) -> None: ...


@app.post("/loans")
def create_loan(tasks: BackgroundTasks) -> None:
    tasks.add_task(loan_create_flow, 1)
    tasks.add_task(loan_update_flow, 1)


@app.delete("/loans")
def delete_loan() -> None:
    loan_log(1)  # silent
    loan_delete_flow(1)  # expect: long-job-inside-request


@app.post("/mirrors")
def mirror(url: str, tasks: BackgroundTasks) -> None:  # silent
    tasks.add_task(Repo.clone_from, url, "/tmp/x")


class Source(BaseModel):
    url: str
    pages: list[str]


async def fetch_entries(page: str) -> None:
    async with httpx2.AsyncClient() as client:
        entries = (await client.get(page)).json()
        for entry in entries:
            await store.save((await client.get(entry)).json())


async def import_all(source: Source) -> None:
    for page in source.pages:
        await fetch_entries(page)


async def read_all(source: Source) -> None:
    for page in range(3):
        await store.get(page)


@app.post("/imports")
async def import_source(source: Source, wait: bool = False) -> dict[str, str]:
    await import_all(source)  # expect: long-job-inside-request
    if wait:
        await import_all(source)  # silent: the client asks for it
    await read_all(source)  # silent
    return {"status": "ok"}


@app.post("/imports/later")
async def import_later(source: Source) -> dict[str, str]:
    asyncio.create_task(import_all(source))  # silent here: nobody waits
    Thread(target=asyncio.run, args=(import_all(source),)).start()  # silent
    return {"status": "ok"}


class Statistics:
    def update(self, period: str) -> None:
        self.session.execute(period)

    def update_all_periods(self) -> None:
        self.update_many(["day", "week"])

    def update_many(self, periods: list[str]) -> None:
        for period in periods:
            self.update(period)


@app.post("/statistics", status_code=204)
def update_statistics(periods: list[str]) -> None:
    Statistics().update_all_periods()  # expect: long-job-inside-request
    Statistics().update_many(periods)  # silent: what the client names


class Ranks:
    def __init__(self, session: object, periods: list[str]) -> None:
        self.session = session
        self.periods = periods

    def update_all(self) -> None:
        for period in self.periods:
            self.update(period)

    def update(self, period: str) -> None:
        self._update(period)

    def _update(self, period: str) -> None:
        self._count(period)

    def _count(self, period: str) -> None:
        self.session.execute(period)


class Table:
    def __init__(self, cells: list[str]) -> None:
        self.cells = cells

    def update_all(self) -> None:
        for cell in self.cells:
            self.update(cell)

    def update(self, cell: str) -> None:
        self.cells.append(cell)


@app.post("/ranks", status_code=204)
def update_ranks(periods: list[str], session: object) -> None:
    Ranks(session, periods).update_all()  # expect: long-job-inside-request
    Table(periods).update_all()  # silent: what is only in memory does not grow by the month


@app.post("/plugins")
async def install(name: str) -> dict[str, str]:
    subprocess.run(["uv", "pip", "install", name], check=True)  # expect: long-job-inside-request
    return {"status": "ok"}


@app.post("/plugins/again")
async def install_in_a_child(name: str) -> dict[str, str]:
    child = await asyncio.create_subprocess_exec("git", "clone", name)  # expect: long-job-inside-request
    await child.wait()
    return {"status": "ok"}


@app.post("/plugins/started")
async def install_and_go_on(name: str) -> dict[str, str]:  # silent: nobody waits for it here
    await asyncio.create_subprocess_exec("git", "clone", name)
    subprocess.run(["git", "status"])
    return {"status": "ok"}


@app.get("/models/{name}")
def configuration(name: str) -> dict[str, str]:  # silent: it only looks where the files are
    return {"folder": snapshot_download(name, local_files_only=True)}


@app.get("/models/{name}/first")
def configuration_at_first(name: str) -> dict[str, str]:  # silent: fetched once
    folder = Path(name)
    if not folder.exists():
        snapshot_download(name)
    return {"folder": str(folder)}


@app.post("/models/{name}")
def download(name: str) -> None:
    snapshot_download(name)  # expect: long-job-inside-request


class Workers:
    """What is only in memory: a handful."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def register(self, name: str) -> None:
        self.known[name] = name

    def refresh_all(self) -> None:
        for name in list(self.known):
            self.register(name)


workers = Workers()


@app.post("/workers/refresh")
async def refresh_workers() -> None:
    workers.refresh_all()  # silent: a list in memory


@app.post("/documents/refresh")
async def refresh_documents(names: list[str], vector_store) -> None:
    for name in names:  # expect: long-job-inside-request
        await add_document(name, vector_store)


async def add_document(name: str, vector_store) -> None:
    await vector_store.aadd_documents(load_parts(name))


@app.post("/documents/search-index")
async def index_documents(names: list[str], search) -> None:
    for name in names:
        search.add_documents(load_parts(name))  # silent: a search engine only takes them in


def load_parts(name: str) -> list[str]:
    return [name]


@app.post("/models")
def train(loss, optimizer) -> None:
    loss.backward()  # expect: long-job-inside-request
    optimizer.step()


@app.post("/migrate")
async def migrate() -> None:
    upgrade(Config("alembic.ini"), "head")  # expect: long-job-inside-request


@app.post("/waits")
def wait_for_queue(name: str) -> str:
    result = sharpen.delay(name)
    return result.get(timeout=300)  # expect: long-job-inside-request


@app.post("/waits/at-once")
def wait_at_once(name: str) -> str:
    return sharpen.delay(name).get()  # expect: long-job-inside-request


@app.post("/queued")
def queue(name: str) -> str:
    result = sharpen.delay(name)
    return result.id  # silent: the client asks later


@app.post("/polls")
async def poll(name: str) -> str:
    while True:
        if await is_sharp(name):
            break
        await asyncio.sleep(5)  # expect: long-job-inside-request
    return name


@app.post("/polls/by-helper")
async def poll_by_helper(name: str) -> str:
    await until_sharp(name)
    return name


async def until_sharp(name: str) -> None:
    while not await is_sharp(name):
        await asyncio.sleep(2)  # expect: long-job-inside-request


@app.post("/retries")
async def retry(name: str) -> str:
    tries = 0
    while tries < 3:
        await asyncio.sleep(1)  # silent: it counts
        tries += 1
    await asyncio.sleep(0.5)  # silent
    return name


async def is_sharp(name: str) -> bool:
    return bool(name)


@app.post("/sleeps")
async def sleep_long() -> None:
    await asyncio.sleep(60)  # expect: long-job-inside-request


async def run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    await process.wait()


@app.post("/film")
async def film(name: str) -> None:
    command = ["ffmpeg", "-i", name]
    await run(*command, "film.mp4")  # expect: long-job-inside-request
    await run("ls", name)  # silent


@app.post("/network")
def fit(data) -> None:
    network = keras.Sequential()
    network.fit(data, epochs=10)  # expect: long-job-inside-request


ready = False


@app.get("/ready")
async def when_ready() -> str:
    while not ready:
        await asyncio.sleep(1)  # silent: only until the service has started
    return "ready"


class Queue:
    def is_finished(self, job_id: str) -> bool:
        return bool(job_id)


queue = Queue()


def until_finished(job_id: str) -> str:
    delay = 0.05
    while not queue.is_finished(job_id):
        time.sleep(delay)
    return job_id


def make_picture(name: str) -> str:
    return until_finished(name)  # expect: long-job-inside-request


@app.post("/pictures")
def wait_for_picture(name: str) -> str:
    return make_picture(name)


def until_drained(name: str) -> None:
    while not queue.is_finished(name):
        time.sleep(0.05)  # silent: nothing says that it is a job


@app.post("/answers")
async def answer_or_leave(name: str) -> str:
    task = asyncio.create_task(is_sharp(name))
    while not task.done():
        await asyncio.sleep(0.1)  # silent: the work of the request itself
    return name


def ask_twice(name: str) -> str:
    if not queue.is_finished(name):
        time.sleep(20)
    return name


def ask_patiently(name: str) -> str:
    return ask_twice(name)  # silent: between two tries


@app.post("/drained")
def drain(name: str) -> None:
    until_drained(name)


@app.post("/patient")
def patient(name: str) -> str:
    return ask_patiently(name)


class Museums:
    async def all(self) -> list[str]:
        return ["a"]

    async def fetch(self, museum: str) -> str:
        async with httpx2.AsyncClient() as client:
            return (await client.get(museum)).text


class Bucket:
    def __init__(self, client: Any) -> None:
        self.client = client

    def delete_everything(self) -> bool:
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket="b"):
            self.client.delete_objects(Bucket="b", Delete={"Objects": page["Contents"]})
        return True

    def save_all(self, files: list[str]) -> None:
        for file in files:
            self.client.upload_file(file, "b", file)


async def run_museum_sync_pipeline(museums: Museums) -> None:
    for museum in await museums.all():
        await museums.fetch(museum)


async def sync_museums() -> dict[str, str]:
    museums = Museums()
    for museum in await museums.all():
        await museums.fetch(museum)
    return {"status": "ok"}


async def sync_museum(name: str) -> str:
    return await Museums().fetch(name)


@app.post("/cron/museums")
async def cron_museums() -> dict[str, str]:
    await sync_museums()  # expect: long-job-inside-request
    await sync_museum("a")  # silent: one of them
    return {"status": "ok"}


@app.get("/museums")
async def list_museums() -> dict[str, str]:
    return await sync_museums()  # silent: what the client asks for


@app.post("/cron/later")
async def cron_later(tasks: BackgroundTasks) -> None:
    asyncio.create_task(sync_museums())  # silent here: a task does it


@app.delete("/buckets")
def delete_bucket(bucket: Annotated[Bucket, Depends()], files: list[str]) -> None:
    if not bucket.delete_everything():  # expect: long-job-inside-request
        raise ValueError("not deleted")
    bucket.save_all(files)  # silent: the files that the client brings


@app.post("/judgements")
def judge(judge: Any, rows: list[str]) -> dict[str, str]:
    results = judge.evaluate(data=rows, checks=["a"])  # expect: long-job-inside-request
    rule = judge.evaluate("a")  # silent: one rule
    print(rule)
    return {"message": "queued"}


@app.post("/judgements/now")
def judge_now(judge: Any, rows: list[str]) -> dict[str, str]:
    results = judge.evaluate(data=rows)  # silent: what the client asks for
    return {"results": results}


@app.post("/models/{name}")
def fetch_model(registry: Any, name: str) -> dict[str, str]:
    fetched = registry.download_model(name)  # expect: long-job-inside-request
    if fetched:
        return {"message": "downloaded"}
    return {"message": "there already"}


@app.get("/models/{name}/file")
def model_file(registry: Any, name: str) -> FileResponse:
    path = registry.download_model(name)  # silent: the client gets it
    return FileResponse(path)


class Speech:
    def __init__(self) -> None:
        self.model = whisper.load_model("base")

    def transcribe(self, path: str) -> str:
        return self.model.transcribe(path)["text"]


@app.post("/recordings")
def write_down(speech: Annotated[Speech, Depends()], path: str) -> str:
    return speech.transcribe(path)  # expect: long-job-inside-request


@app.post("/recordings/elsewhere")
async def write_down_elsewhere(client: Annotated[AsyncOpenAI, Depends()], path: Path) -> str:
    text = await client.audio.transcriptions.create(model="m", file=path)  # silent: another service does it
    return text.text


def take_picture(number: int) -> bytes:
    return subprocess.run(["takepicture", str(number)], capture_output=True).stdout


def collect_examples(count: int) -> None:
    numbers = list(range(count))
    with ThreadPoolExecutor() as pool:
        taken = {pool.submit(take_picture, number): number for number in numbers}
    print(taken)


@app.post("/examples")
def make_examples() -> dict[str, bool]:
    collect_examples(100)  # expect: long-job-inside-request
    take_picture(1)  # silent: one picture
    return {"success": True}


@app.post("/site")
def publish_site(fs: Any) -> None:
    fs.put("site/*", "bucket/", recursive=True)  # expect: long-job-inside-request
    fs.put("page.html", "bucket/")  # silent: one file
