import queue
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import filelock
import pamela
import psutil
import redis
from fastapi import FastAPI

app = FastAPI()
pool = ThreadPoolExecutor()


def work() -> int:
    return 1


@app.get("/a")
async def direct() -> int:
    thread = threading.Thread(target=work)
    thread.start()  # silent
    thread.join()  # expect: blocking-wait-in-async
    return pool.submit(work).result()  # expect: blocking-wait-in-async


@app.get("/b")
async def asynchronous() -> int:
    ",".join(["a"])  # silent
    return await asyncio.wrap_future(pool.submit(work))  # silent


lock = threading.Lock()
jobs: queue.Queue[int] = queue.Queue()


@app.get("/c")
async def waiting() -> None:
    lock.acquire()  # expect: blocking-wait-in-async
    lock.acquire(blocking=False)  # silent
    jobs.get()  # expect: blocking-wait-in-async
    jobs.get(block=False)  # silent
    asyncio.run(asyncio.sleep(1))  # silent: where a loop runs it raises
    psutil.cpu_percent(interval=0.1)  # expect: blocking-wait-in-async
    psutil.cpu_percent()  # silent: since the last call
    psutil.cpu_percent(interval=None)  # silent
    await asyncio.Lock().acquire()  # silent


@app.post("/settings")
async def keeps_others_away(held: redis.Redis) -> None:
    guard = filelock.FileLock("settings.lock", timeout=5)
    with guard:  # expect: blocking-wait-in-async
        pass
    with filelock.FileLock("other.lock"):  # expect: blocking-wait-in-async
        pass
    with held.lock("settings"):  # silent: told as a database call
        pass
    with lock:  # silent: between threads, and given back at once
        pass
    async with filelock.AsyncFileLock("third.lock"):  # silent
        pass


@app.get("/d")
async def asks_first() -> None:
    future = pool.submit(work)
    if future.done():
        future.result()  # silent: it is there


@app.post("/login")
async def log_in(name: str, password: str) -> None:
    pamela.authenticate(name, password)  # expect: blocking-wait-in-async
