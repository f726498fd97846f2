import os
import shutil
from pathlib import Path

from fastapi import FastAPI, UploadFile
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
