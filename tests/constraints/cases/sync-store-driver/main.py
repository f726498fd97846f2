import asyncio

import boto3
import mongoengine
import pymongo
import redis
import redis.asyncio as aredis
from elasticsearch import AsyncElasticsearch, Elasticsearch
from fastapi import FastAPI

import database
import health
import worker

app = FastAPI()
cache = redis.Redis()  # expect: sync-store-driver
again = redis.from_url("redis://x")  # expect: sync-store-driver
mongo = pymongo.MongoClient()  # expect: sync-store-driver
search = Elasticsearch("http://x")  # expect: sync-store-driver
mongoengine.connect("x")  # expect: sync-store-driver
rows = boto3.resource("dynamodb", region_name="x")  # expect: sync-store-driver
files = boto3.client("s3")  # silent: no database
fine = aredis.from_url("redis://x")  # silent
motor = pymongo.AsyncMongoClient()  # silent
found = AsyncElasticsearch("http://x")  # silent


class Settings:
    @property
    def locks(self) -> redis.Redis:
        return redis.Redis()  # silent: only the worker's jobs read it

    @property
    def entries(self) -> redis.Redis:
        return redis.Redis()  # expect: sync-store-driver

    def check(self) -> None:
        client = redis.Redis()  # silent: asked once whether it is there, and thrown away
        client.ping()

    def fill(self) -> None:
        client = redis.Redis()  # expect: sync-store-driver
        client.ping()
        client.set("a", "b")


settings = Settings()
settings.check()
settings.fill()
settings.entries.get("a")


@app.get("/health")
def alive() -> bool:
    client = redis.Redis()  # expect: sync-store-driver
    return bool(client.ping())
