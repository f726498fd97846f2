import os
import subprocess

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
