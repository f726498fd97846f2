from fastapi import FastAPI

import state as shared

app = FastAPI()
mine: list[str] = []


@app.post("/a")
def add(name: str) -> None:
    shared.tools[name] = []  # expect: other-modules-state-changed
    shared.tools[name].append(1)
    remember(name)
    mine.append(name)  # silent: reported where it stands


def remember(name: str) -> None:
    shared.recent.append(name)  # expect: other-modules-state-changed
    local = {"a": []}
    local["a"].append(name)  # silent


def at_start() -> None:
    shared.recent.append("first")  # silent: no request


@app.get("/b")
def read() -> int:
    return len(shared.recent)  # silent
