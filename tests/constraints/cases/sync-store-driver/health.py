import asyncio

from pymongo import MongoClient  # expect: sync-store-driver


async def is_there() -> bool:
    client = await asyncio.to_thread(MongoClient, "mongodb://x")
    return client is not None
