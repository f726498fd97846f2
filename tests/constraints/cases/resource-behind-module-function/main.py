from typing import Annotated

from fastapi import Depends, FastAPI

import storage
import storage as files

app = FastAPI()


@app.post("/photos/{name}")
def upload(name: str, client: Annotated[object, Depends(storage.get_client)]) -> int:
    storage.upload(name, b"")  # expect: resource-behind-module-function
    storage.download(name)  # silent: the same client, told once
    storage.upload_with(client, name)  # silent: it gets its client
    return storage.count()  # silent: what makes sessions is no client


@app.get("/photos/{name}")
def download(name: str) -> str:
    files.download(name)  # expect: resource-behind-module-function
    return storage.name_of(name)  # silent: no client in it


def helper(name: str) -> None:
    storage.upload(name, b"")  # silent: not the path operation itself
