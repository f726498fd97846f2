"""An app that mounts others, which it knows only as objects."""

from importlib import import_module
from typing import Any

from fastapi import FastAPI

main = FastAPI()  # silent: one of the mounted apps may have the check


def load() -> list[Any]:
    return [import_module(name).Part() for name in ("hub.parts.tools", "hub.parts.members")]


for part in load():
    main.mount(part.path, part.app)

for found in load():
    main.mount(found.path, found.make_app())


@main.get("/a")
async def read_a() -> int:
    return 1
