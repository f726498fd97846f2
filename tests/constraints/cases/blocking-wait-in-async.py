import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

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
