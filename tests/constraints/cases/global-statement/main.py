from fastapi import FastAPI

app = FastAPI()
backend = None
LIMIT = 3
cache = {}


@app.post("/a")
async def swap(name: str) -> None:
    global backend  # expect: global-statement
    backend = name


@app.post("/key")
async def key(name: str) -> None:
    global cache  # expect: global-statement
    cache[name] = 1


@app.get("/b")
async def read() -> int:
    global LIMIT  # silent: only read
    return LIMIT


@app.get("/c")
async def local() -> int:
    backend = 1  # silent: a local name
    return backend


def nested() -> None:
    count = 0

    def inner() -> None:
        nonlocal count  # silent
        count += 1

    inner()


recent: dict[str, int] = {}
order: list[str] = []


def note(name: str) -> None:
    global recent, order  # expect: global-statement
    recent[name] = 1


def push(name: str) -> None:
    global order  # expect: global-statement
    order.append(name)


def peek(name: str) -> int:
    global recent  # silent: it is only read
    return recent[name]
