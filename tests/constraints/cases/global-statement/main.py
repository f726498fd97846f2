import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import redis
from fastapi import FastAPI

app = FastAPI()
backend = None  # expect: global-statement
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


tokenizer = None  # expect: global-statement


def set_up(name: str) -> None:
    global tokenizer  # silent: runs in a child process of the pool
    tokenizer = name


def set_up_thread(name: str) -> None:
    global tokenizer  # expect: global-statement
    tokenizer = name


pool = ProcessPoolExecutor(initializer=set_up, initargs=("a",))
threads = ThreadPoolExecutor(initializer=set_up_thread, initargs=("a",))


words = None


def read_words(name: str) -> list[str]:
    global words  # silent: set in the processes of the pool
    if words is None:
        words = open(name).read().split()
    return words


def read_all(names: list[str]) -> list[list[str]]:
    with multiprocessing.Pool(3) as processes:
        return list(processes.imap(read_words, names))


opened = None  # expect: global-statement


def open_again() -> None:
    global opened  # expect: global-statement
    opened = open("opened")


open_again()
reopen = {"again": open_again}


stored = None  # expect: global-statement


def open_store() -> None:
    global stored  # expect: global-statement
    stored = redis.Redis()


open_store()
mode = "quick"  # expect: global-statement


def begin(name: str) -> None:
    global mode  # expect: global-statement
    mode = name


def end() -> None:
    global mode  # expect: global-statement
    mode = "none"


begin("slow")
