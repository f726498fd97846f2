import asyncio

from fastapi import FastAPI

app = FastAPI()
running: set = set()


async def work() -> None: ...


@app.post("/a")
async def dropped() -> None:
    asyncio.create_task(work())  # expect: dropped-task


@app.post("/b")
async def kept() -> None:
    task = asyncio.create_task(work())  # silent
    running.add(task)
    await asyncio.gather(asyncio.create_task(work()))  # silent
    async with asyncio.TaskGroup() as group:
        group.create_task(work())  # silent


async def script() -> None:
    asyncio.create_task(work())  # silent: serves no request
