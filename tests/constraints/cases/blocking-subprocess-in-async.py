import asyncio
import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager

import git
import GPUtil
from fastapi import FastAPI

app = FastAPI()


@app.get("/a")
async def direct() -> None:
    process = subprocess.Popen(["ls"])  # expect: blocking-subprocess-in-async
    process.wait()  # expect: blocking-subprocess-in-async
    os.system("ls")  # expect: blocking-subprocess-in-async
    os.getpid()  # silent


@app.get("/b")
def plain() -> None:
    subprocess.run(["ls"], check=True)  # silent


@contextmanager
def command(url: str) -> Generator[tuple[git.Git, str]]:
    yield git.Git(), url


@app.get("/c")
async def repository(url: str) -> None:
    with command(url) as (runner, where):
        runner.ls_remote(where)  # expect: blocking-subprocess-in-async
        runner.update_environment(A="b")  # silent
    repo = git.Repo("x")
    repo.git.sparse_checkout("set", "y")  # expect: blocking-subprocess-in-async
    repo.remotes.origin.pull()  # expect: blocking-subprocess-in-async
    GPUtil.getGPUs()  # expect: blocking-subprocess-in-async
    await asyncio.to_thread(repo.git.checkout, "main")  # silent
