import asyncio
import subprocess
from subprocess import check_output as out

from fastapi import FastAPI

app = FastAPI()


@app.get("/a")
async def direct() -> str:
    subprocess.run(["ls"], check=True)  # expect: sync-subprocess-in-async
    return out(["ls"]).decode()  # expect: sync-subprocess-in-async


@app.get("/b")
async def asynchronous() -> None:
    process = await asyncio.create_subprocess_exec("ls")  # silent
    await process.wait()


@app.get("/c")
async def pool() -> None:
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, subprocess.run, ["ls"])  # silent
