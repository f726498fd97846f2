import asyncpg
from fastapi import FastAPI

app = FastAPI()


class Database:
    pool = None

    @classmethod
    async def get_pool(cls):
        if cls.pool is None:
            cls.pool = await asyncpg.create_pool("x")
        return cls.pool

    @classmethod
    def name(cls) -> str:
        return cls.__name__


async def get_pool():
    return await Database.get_pool()  # silent: a dependency


@app.get("/a")
async def direct() -> int:
    pool = await Database.get_pool()  # expect: resource-from-class-singleton
    return await pool.fetchval("select 1")


@app.get("/b")
async def pure() -> str:
    return Database.name()  # silent
