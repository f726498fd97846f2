import elasticsearch
import httpx
import mlflow
import requests as http
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from httpx import AsyncClient
from mlflow.tracking import MlflowClient

app = FastAPI()
client = httpx.Client()


def fetch(url: str) -> bytes:
    return http.get(url).content  # expect: sync-http-client-in-async


def offline(url: str) -> bytes:
    return http.get(url).content  # silent: only in a thread


@app.get("/a")
async def direct(url: str) -> int:
    return client.post(url).status_code + len(fetch(url))  # expect: sync-http-client-in-async


@app.get("/b")
async def asynchronous(url: str) -> int:
    async with AsyncClient() as session:
        return (await session.get(url)).status_code + len(await run_in_threadpool(offline, url))  # silent


@app.get("/c")
def plain(url: str) -> int:
    return http.get(url).status_code  # silent: a thread


@app.get("/d")
async def services(query: str) -> object:
    run = mlflow.tracking.MlflowClient().get_run(query)  # expect: sync-http-client-in-async
    tracking: MlflowClient = MlflowClient()
    name = run.data.tags.get("name")  # silent: what has come is in memory
    tracking.search_runs([query])  # expect: sync-http-client-in-async
    index = elasticsearch.Elasticsearch()
    mlflow.set_tracking_uri(query)  # silent: keeps a setting
    found = index.search(index="tools", q=query)  # expect: sync-http-client-in-async
    return found.get("hits"), name  # silent: what has come is in memory
