"""Apps whose routes cannot all be seen: nobody can tell."""

from importlib import import_module

import bootstrap_kit
from fastapi import FastAPI

chosen = FastAPI()  # silent: the router is chosen at run time
chosen.include_router(import_module("plugins.tools").router)


@chosen.get("/a")
async def read_a() -> int:
    return 1


handed_over = FastAPI()  # silent: a library that nobody knows is given it
bootstrap_kit.prepare(handed_over)


@handed_over.get("/b")
async def read_b() -> int:
    return 1


foreign = FastAPI()  # silent: a router of a library that nobody knows
foreign.include_router(bootstrap_kit.router)


@foreign.get("/c")
async def read_c() -> int:
    return 1
