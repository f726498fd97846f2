import asyncio
import subprocess
import time
from pathlib import Path
from typing import Annotated

import httpx2
import requests
from celery import Celery
from faster_whisper import WhisperModel
from fastapi import BackgroundTasks, Depends, FastAPI
from git import Repo
from huggingface_hub import snapshot_download
from openai import AsyncOpenAI, OpenAI

from somewhere import agent, crew, llm, remote

app = FastAPI()
celery = Celery("x")
model = AsyncOpenAI()


def poll() -> None:
    while True:
        time.sleep(1)


def slow() -> None:
    time.sleep(600)


def short() -> None:
    while True:
        if time.time():
            break
    time.sleep(1)


@app.post("/a")
def later(tasks: BackgroundTasks) -> None:
    tasks.add_task(poll)  # expect: long-job-in-background-tasks
    tasks.add_task(slow)  # expect: long-job-in-background-tasks
    tasks.add_task(short)  # silent


def clone(url: str) -> None:
    Repo.clone_from(url, "/tmp/x")


def wait_for(job) -> None:
    print(job.get(propagate=False))


def wait_for_all(job, name: str) -> None:
    job.wait()


def look(job: dict[str, str]) -> None:
    print(job.get("name"))


def watch() -> None:
    poll()


@app.post("/b")
def more(tasks: BackgroundTasks) -> None:
    tasks.add_task(clone, "https://git.example/x")  # expect: long-job-in-background-tasks
    sent = celery.send_task("x")
    tasks.add_task(wait_for, sent)  # expect: long-job-in-background-tasks
    tasks.add_task(wait_for_all, sent, "x")  # expect: long-job-in-background-tasks
    tasks.add_task(look, {"name": "x"})  # silent
    tasks.add_task(watch)  # expect: long-job-in-background-tasks


def run_backtest(name: str) -> None:
    compute(name)


def train_later(name: str) -> None:
    train.delay(name)


def notify_training(name: str) -> None:
    compute(name)


async def in_a_thread(work, *given) -> None:
    await asyncio.to_thread(work, *given)


def mirror(sites: list[str]) -> None:
    for site in sites:
        for page in requests.get(site).json():
            store(requests.get(page).text)


@app.post("/c")
def by_name(tasks: BackgroundTasks) -> None:
    tasks.add_task(run_backtest, "x")  # expect: long-job-in-background-tasks
    tasks.add_task(train_later, "x")  # silent: a queue does it
    tasks.add_task(notify_training, "x")  # silent
    tasks.add_task(in_a_thread, clone, "https://git.example/x")  # expect: long-job-in-background-tasks
    tasks.add_task(in_a_thread, short)  # silent
    tasks.add_task(mirror, ["https://site.example"])  # expect: long-job-in-background-tasks


async def wait_for_export(name: str) -> None:
    while True:
        if time.time() > len(name):
            break
        await asyncio.sleep(10)


async def retry(name: str) -> None:
    for _ in range(3):
        await asyncio.sleep(1)


@app.post("/exports")
def export(name: str, tasks: BackgroundTasks) -> None:
    tasks.add_task(wait_for_export, name)  # expect: long-job-in-background-tasks
    tasks.add_task(retry, name)  # silent


async def research(question: str) -> None:
    await crew.kickoff_async({"question": question})


async def name_it(question: str) -> None:
    await llm.ainvoke(question)


@app.post("/research")
async def ask(question: str, tasks: BackgroundTasks) -> None:
    tasks.add_task(agent.ainvoke, question)  # expect: long-job-in-background-tasks
    tasks.add_task(research, question)  # expect: long-job-in-background-tasks
    tasks.add_task(name_it, question)  # silent: one question


async def judge(texts: list[list[str]]) -> None:
    for text in texts:
        for part in text:
            await model.responses.create(model="x", input=part)


async def judge_first(texts: list[str]) -> None:
    for text in texts:
        await model.responses.create(model="x", input=text)


@app.post("/judge")
async def judge_later(texts: list[list[str]], tasks: BackgroundTasks) -> None:
    tasks.add_task(judge, texts)  # expect: long-job-in-background-tasks
    tasks.add_task(judge_first, texts[0])  # silent: one round


def until_sent(job) -> None:
    while not job.done():
        time.sleep(5)


def until_sent_or_tired(job) -> None:
    began = time.time()
    while not job.done() and time.time() - began < 20:
        time.sleep(5)


def cut(clip) -> None:
    clip.subclip(0, 5).write_videofile("cut.mp4")


@app.post("/films")
async def film(clip: str, tasks: BackgroundTasks) -> None:
    tasks.add_task(until_sent, clip)  # expect: long-job-in-background-tasks
    tasks.add_task(until_sent_or_tired, clip)  # silent: it ends by itself
    tasks.add_task(cut, clip)  # expect: long-job-in-background-tasks
    tasks.add_task(snapshot_download, clip)  # expect: long-job-in-background-tasks


class Scribe:
    def __init__(self) -> None:
        self.model = WhisperModel("small")

    def write_down(self, path: str) -> str:
        return " ".join(s.text for s in self.model.transcribe(path)[0])


def keep_text(path: str) -> None:
    Path(path).with_suffix(".txt").write_text(Scribe().write_down(path))


def diarize_talk(path: str) -> None:
    Path(path).touch()


def ask_for_text(path: str) -> None:
    remote.audio.transcriptions.create(file=path)


@app.post("/talks")
def take_talk(path: str, tasks: BackgroundTasks) -> None:
    tasks.add_task(keep_text, path)  # expect: long-job-in-background-tasks
    tasks.add_task(diarize_talk, path)  # expect: long-job-in-background-tasks
    tasks.add_task(ask_for_text, path)  # silent: a service does it


class Batches:
    async def all(self) -> list[str]:
        return ["a"]

    async def process_batch(self, batch: str) -> str:
        async with httpx2.AsyncClient() as client:
            return (await client.get(batch)).text

    async def process_job(self, number: int) -> None:
        for batch in await self.all():
            await self.process_batch(batch)

    async def notify_all(self, number: int) -> None:
        for batch in await self.all():
            await self.process_batch(batch)

    async def process_one(self, number: int) -> None:
        await self.process_batch("a")


def generate_map(number: int) -> None:
    command = ["tiler", "--area", str(number)]
    subprocess.run(command, check=True)


def generate_title(number: int) -> None:
    subprocess.run(["git", "describe"], check=True)
    subprocess.run(["git describe"], shell=True)


def summarise_all(texts: list[str]) -> None:
    client = OpenAI()
    for text in texts:
        client.responses.create(model="m", input=text)


def summarise_one(text: str) -> None:
    OpenAI().responses.create(model="m", input=text)


async def run_backtests(project: str) -> None: ...


@app.post("/in-rounds")
async def in_rounds(tasks: BackgroundTasks, batches: Annotated[Batches, Depends()]) -> None:
    tasks.add_task(batches.process_job, 1)  # expect: long-job-in-background-tasks
    tasks.add_task(batches.notify_all, 1)  # silent: short messages
    tasks.add_task(batches.process_one, 1)  # silent: one request
    tasks.add_task(generate_map, 1)  # expect: long-job-in-background-tasks
    tasks.add_task(generate_title, 1)  # silent: a program that only tells something
    tasks.add_task(summarise_all, ["a"])  # expect: long-job-in-background-tasks
    tasks.add_task(summarise_one, "a")  # silent: one question
    tasks.add_task(run_backtests, "a")  # expect: long-job-in-background-tasks
