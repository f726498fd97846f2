import os
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, HTTPException, UploadFile
from fastapi import Path as PathParam
from fastapi.responses import FileResponse

app = FastAPI()
FOLDER = Path("photos")


@app.get("/a/{name}")
def direct(name: str) -> FileResponse:  # expect: file-path-from-client
    return FileResponse(FOLDER / name)


@app.get("/b")
def joined(folder: str) -> list[str]:  # expect: file-path-from-client
    place = os.path.join("data", folder)
    return os.listdir(place)


@app.post("/c")
def upload(file: UploadFile) -> None:
    with open(f"photos/{file.filename}", "wb") as target:  # expect: file-path-from-client
        target.write(file.file.read())


@app.get("/there/{name}")
def only_there(name: str) -> FileResponse:  # expect: file-path-from-client
    if not name or not (FOLDER / name).exists():
        raise HTTPException(404)
    return FileResponse(FOLDER / name)


@app.get("/d/{name}")
def pattern(name: Annotated[str, PathParam(pattern="^[a-z]+$")]) -> FileResponse:
    return FileResponse(FOLDER / name)  # silent


@app.get("/e/{name}")
def checked(name: str) -> FileResponse:
    target = (FOLDER / name).resolve()  # silent
    if not target.is_relative_to(FOLDER):
        raise HTTPException(404)
    return FileResponse(target)


@app.get("/f/{number}")
def number(number: int) -> FileResponse:
    return FileResponse(FOLDER / f"{number}.png")  # silent


@app.post("/g")
def last_part(file: UploadFile) -> None:
    target = FOLDER / Path(file.filename).name  # silent
    target.write_bytes(b"")


@app.get("/stored/{name}")
def stored(name: str) -> FileResponse:
    found = photos.find(name)
    return FileResponse(FOLDER / found.file)  # silent: what was found is no longer what was sent


@app.get("/h/{name}")
def division(name: str, n: float) -> float:
    return n / len(name)  # silent
