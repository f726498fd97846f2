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
