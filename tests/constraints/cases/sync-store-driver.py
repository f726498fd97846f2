import pymongo
import redis
import redis.asyncio as aredis
from fastapi import FastAPI

app = FastAPI()
cache = redis.Redis()  # expect: sync-store-driver
again = redis.from_url("redis://x")  # expect: sync-store-driver
mongo = pymongo.MongoClient()  # expect: sync-store-driver
fine = aredis.from_url("redis://x")  # silent
motor = pymongo.AsyncMongoClient()  # silent
