import os
import shutil
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

import aiofiles.os
from fastapi import Depends, FastAPI, HTTPException, UploadFile
from fastapi import Path as PathParam
from fastapi.responses import FileResponse
from pandas import read_csv
from pydantic import AfterValidator, BaseModel, Field, model_validator

from catalogue import find_asset, new_folder

app = FastAPI()
FOLDER = Path("photos")


@app.get("/a/{name}")
def direct(name: str) -> FileResponse:  # expect: file-path-from-client
    return FileResponse(FOLDER / name)  # expect: file-path-from-client


@app.get("/b")
def joined(folder: str) -> list[str]:  # expect: file-path-from-client
    place = os.path.join("data", folder)  # expect: file-path-from-client
    return os.listdir(place)


@app.post("/c")
def upload(file: UploadFile) -> None:
    with open(f"photos/{file.filename}", "wb") as target:  # expect: file-path-from-client
        target.write(file.file.read())


@app.get("/there/{name}")
def only_there(name: str) -> FileResponse:  # expect: file-path-from-client
    if not name or not (FOLDER / name).exists():  # expect: file-path-from-client
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


# In helpers and services


class Files:
    def __init__(self, root: str) -> None:
        self.root = Path(root)

    def load(self, name: str) -> bytes:
        return (self.root / name).read_bytes()  # expect: file-path-from-client

    def save(self, file: UploadFile) -> None:
        with open(os.path.join("photos", file.filename), "wb") as target:  # expect: file-path-from-client
            target.write(file.file.read())

    def place_of(self, name: str) -> Path:
        return self.root / name  # silent: who asks for it looks where it leads

    def load_known(self, name: str) -> bytes:
        if name not in os.listdir("photos"):
            raise KeyError(name)
        return (self.root / name).read_bytes()  # silent


def files() -> Files:
    return Files("photos")


Store = Annotated[Files, Depends(files)]


@app.get("/i/{name}")
def handed_on(name: str, store: Store) -> bytes:  # expect: file-path-from-client
    return store.load(name)


@app.get("/j/{name}")
def checked_after(name: str, store: Store) -> bytes:  # silent
    place = store.place_of(name)
    if not place.is_relative_to(FOLDER):
        raise HTTPException(404)
    return place.read_bytes() + store.load_known(name)


@app.post("/k")
def several(photos: list[UploadFile], store: Store) -> None:
    for photo in photos:
        store.save(photo)
        (FOLDER / photo.filename).touch()  # expect: file-path-from-client


def _folder_of(key: str) -> str:
    key = urlsafe_b64decode(key).decode()
    return os.path.join("photos", key)  # expect: file-path-from-client


@app.get("/l/{key}")
def decoded(key: str) -> list[str]:  # expect: file-path-from-client
    return os.listdir(_folder_of(key))


class Wanted(BaseModel):
    name: str
    kind: Literal["small", "large"]
    code: str = Field(pattern="^[a-z]+$")


@app.post("/m")
def by_body(wanted: Wanted) -> FileResponse:
    FileResponse(FOLDER / wanted.kind / wanted.code)  # silent: known words, a pattern
    return FileResponse(FOLDER / wanted.name)  # expect: file-path-from-client


@app.get("/n/{name}")
def in_store(name: str) -> str:
    return os.path.join(BUCKET_PREFIX, name)  # silent: the key of an object


def no_dots(name: str) -> str:
    return Path(name).name


@app.get("/o")
def validated(name: Annotated[str, AfterValidator(no_dots)]) -> FileResponse:
    return FileResponse(FOLDER / name)  # silent


class Job(BaseModel):
    data_path: str


@app.post("/train")
def train(job: Job) -> int:
    return len(read_csv(job.data_path))  # expect: file-path-from-client


@app.get("/assets/{path:path}")
def read_asset(path: str) -> list[str]:  # silent: only the catalogue sees it
    asset = find_asset(path)
    path = asset.place
    return os.listdir(path)


@app.get("/shelves")
def read_shelf(path: str = "") -> list[str]:  # expect: file-path-from-client
    if not path:
        path = "tools"
    return os.listdir(path)  # expect: file-path-from-client


@app.get("/folders")
def read_folder(id: str | None = None) -> list[str]:  # expect: file-path-from-client
    if id is not None:
        path = os.path.join("folders", id)  # expect: file-path-from-client
        if os.path.isdir(path):
            return os.listdir(path)
    id = new_folder()
    return os.listdir(os.path.join("folders", id))  # silent: the name is the service's own


@app.delete("/manuals/{name}")
def only_stored(name: str, db) -> None:
    manual = manual_named(db, name)
    if not manual:
        raise HTTPException(404)
    (FOLDER / name).unlink()  # silent: it is the name of a row


def manual_named(db, name: str):
    return db.query(Manual).filter(Manual.name == name).one_or_none()


@app.delete("/drafts/{name}")
def perhaps_stored(name: str, db) -> None:  # expect: file-path-from-client
    draft = manual_named(db, name)
    (FOLDER / name).unlink()  # expect: file-path-from-client
    if draft is None:
        raise HTTPException(404)


@app.get("/pages/{path:path}")
def page(path) -> bytes:  # expect: file-path-from-client
    if path == "" or path.endswith("/"):
        path += "index.html"
    return (FOLDER / path).read_bytes()  # expect: file-path-from-client


@app.get("/archives/{name}")
def archive(name: str) -> FileResponse:
    if not name.startswith("tools-"):
        raise HTTPException(404)
    return FileResponse(FOLDER / name)  # silent: its beginning is asked for


@app.get("/blobs/{name}")
def blob(name: str, store, container: str) -> bytes:
    return store.open(os.path.join(container, name))  # silent: a container of blobs is no folder


def keep(file) -> str:
    place = os.path.join("kept", file.filename)  # expect: file-path-from-client
    shutil.copyfileobj(file.file, open(place, "wb"))
    return place


def keep_named(file) -> str:
    place = os.path.join("kept", f"{uuid4()}.bin")  # silent: a name of the service's own
    shutil.copyfileobj(file.file, open(place, "wb"))
    return file.filename


@app.post("/many")
def keep_many(files: list[UploadFile]) -> list[str]:
    return [keep(file) for file in files] + [keep_named(file) for file in files]


@app.post("/counted")
async def keep_counted(files: list[UploadFile]) -> None:
    for number, file in enumerate(files):
        (FOLDER / f"{number}_{file.filename}").write_bytes(await file.read())  # expect: file-path-from-client


def place_of(name: str) -> Path:
    return FOLDER / name  # expect: file-path-from-client


def own_place_of(name: str) -> Path:
    return FOLDER / name  # silent: gets no text of the client's


@app.post("/handed")
async def keep_handed(file: UploadFile) -> None:
    place_of(file.filename).write_bytes(await file.read())  # expect: file-path-from-client
    own_place_of(str(uuid4())).write_bytes(await file.read())  # silent


class Stripped(BaseModel):
    @model_validator(mode="before")
    @classmethod
    def strip(cls, values: dict) -> dict:
        return {key: value.strip() for key, value in values.items()}


class Removed(Stripped):
    folder: str


@app.post("/removed")
def removed(data: Removed) -> None:
    shutil.rmtree(FOLDER / data.folder)  # expect: file-path-from-client


def _shelf_of(name: str) -> str:
    return f"shelves/{name}.json"


@app.get("/shelves/{name}")
def shelf(name: str, place: str) -> dict:  # expect: file-path-from-client
    path = f"shelves/{name}/list"  # expect: file-path-from-client
    with open(path) as file:
        return {"name": file.read()}


@app.get("/shelf")
def shelf_by_helper(name: str) -> dict:  # expect: file-path-from-client
    with open(_shelf_of(name)) as file:  # expect: file-path-from-client
        return {"name": file.read()}


@app.get("/covers")
def cover(url: str) -> bytes:  # expect: file-path-from-client
    if url.startswith("/covers/"):
        place = url.lstrip("/")
        return open(place, "rb").read()  # expect: file-path-from-client
    raise HTTPException(404)


@app.get("/inside")
def inside(url: str) -> bytes:  # silent: the place is made plain before its beginning is asked for
    place = os.path.normpath(url)
    if not place.startswith("/covers/"):
        raise HTTPException(404)
    return open(place, "rb").read()


class Archive(BaseModel):
    file_name: str
    kind: Literal["short", "long"] = "short"


def archive_place(data: dict) -> str:
    name = data.get("file_name")
    if not name:
        raise HTTPException(400)
    place = FOLDER / name  # expect: file-path-from-client
    return str(place)


def archive_of_kind(data: dict) -> str:
    kind = data["kind"]
    return (FOLDER / kind).read_text()  # silent: one of two words


def archive_known(data: dict) -> str:
    name = data.get("file_name")
    if name not in KNOWN:
        raise HTTPException(404)
    return (FOLDER / name).read_text()  # silent: one that is known


def picture_place(data: dict) -> str:
    name = data["file_name"]
    place = Path(name)  # expect: file-path-from-client
    if not place.exists():
        raise HTTPException(404)
    return str(place)


def picture_title(data: dict) -> str:
    return Path(data["file_name"]).name


@app.post("/archives")
def archives(body: Archive) -> FileResponse:
    archive_of_kind(body.model_dump())
    archive_known(body.model_dump())
    return FileResponse(archive_place(body.model_dump()))


@app.post("/archives/picture")
def picture(body: Archive) -> bytes:
    values = body.model_dump()
    place = picture_place(values)
    picture_title(values)
    return open(place, "rb").read()


@app.post("/archives/free")
def free_archive(body: dict) -> bytes:
    name = body["name"]
    return (FOLDER / name).read_bytes()  # expect: file-path-from-client


class Shelves:
    @staticmethod
    async def names_in(folder: str) -> list[str]:
        if folder in ("/", ""):
            return Shelves.roots()
        return [entry.name for entry in await aiofiles.os.scandir(folder)]  # expect: file-path-from-client

    @staticmethod
    async def names_below(folder: str) -> list[str]:
        if folder in ("/", ".."):
            return Shelves.roots()
        return [entry.name for entry in await aiofiles.os.scandir(folder)]  # silent: it is asked for what leads out

    @staticmethod
    async def names_known(folder: str) -> list[str]:
        if folder == "secret":
            return Shelves.not_found()
        return [entry.name for entry in await aiofiles.os.scandir(folder)]  # silent: something is refused

    @staticmethod
    def roots() -> list[str]: ...


@app.get("/shelf-names")
async def shelf_names(folder: str) -> list[str]:  # expect: file-path-from-client
    return await Shelves.names_in(folder)


@app.get("/shelf-names/below")
async def shelf_names_below(folder: str) -> list[str]:
    return await Shelves.names_below(folder) + await Shelves.names_known(folder)


@app.post("/covers")
async def store_cover(file: UploadFile) -> None:  # silent: an ending holds no folder
    ending = Path(file.filename).suffix if file.filename else ""
    with open(Path("covers") / f"{uuid4()}{ending}", "wb") as cover:
        cover.write(await file.read())


@app.get("/pages/{page}")
async def show_page(page: str) -> FileResponse:  # silent: no slash comes in, and `...html` is a name
    return FileResponse(f"pages/{page}.html")


@app.get("/sheets/{sheet}")
async def show_sheet(sheet: str) -> FileResponse:  # expect: file-path-from-client
    return FileResponse(f"sheets/{sheet}/index.html")  # expect: file-path-from-client


@app.get("/leaves/{leaf:path}")
async def show_leaf(leaf: str) -> FileResponse:  # expect: file-path-from-client
    return FileResponse(f"leaves/{leaf}.html")  # expect: file-path-from-client
