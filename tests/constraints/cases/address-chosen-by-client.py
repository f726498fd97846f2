import urllib.request as opener
from typing import Annotated
from urllib.parse import urlparse

import aiohttp
import httpx
import requests as rq
from fastapi import FastAPI, Form, HTTPException, Query
from pydantic import BaseModel, HttpUrl

app = FastAPI()
CATALOGUE = "https://catalogue.example.org"


class Hook(BaseModel):
    name: str
    address: str


class TypedHook(BaseModel):
    address: HttpUrl


@app.get("/a")
def direct(url: str) -> bytes:  # expect: address-chosen-by-client
    with rq.get(url) as response:
        return response.content


@app.get("/b")
async def by_client(
    url: Annotated[str, Query(description="Where the picture is")],  # expect: address-chosen-by-client
    size: int = 3,
) -> bytes:
    async with httpx.AsyncClient() as client:
        response = await client.get(url.strip(), timeout=size)
    return response.content


async def fetched(address: str) -> bytes:
    async with aiohttp.ClientSession() as session, session.request("GET", f"{address}/status") as answer:
        return await answer.read()


@app.post("/c")
async def through_helper(host: Annotated[str, Form()]) -> bytes:  # expect: address-chosen-by-client
    return await fetched(host)


@app.post("/d")
def told(hook: Hook) -> None:
    def send() -> None:
        rq.post(CATALOGUE, json={"name": hook.name})  # silent: an address of the service's own

    send()
    rq.post(hook.address, json={})  # expect: address-chosen-by-client


@app.post("/e")
def typed(hook: TypedHook) -> None:
    rq.post(str(hook.address), json={})  # silent: an address, by its type


@app.get("/f/{name}")
async def own_host(name: str) -> bytes:  # silent: the host is the service's own
    address = f"{CATALOGUE}/tools/{name}"
    async with httpx.AsyncClient() as client:
        return (await client.get(address)).content


@app.get("/g")
def checked(url: str) -> bytes:  # silent: its host is looked at
    host = urlparse(url).hostname
    if host not in {"pictures.example.org"}:
        raise HTTPException(422)
    return opener.urlopen(url).read()


@app.get("/h")
def unchecked(url: str) -> bytes:  # expect: address-chosen-by-client
    return opener.urlopen(url).read()


@app.get("/i")
def as_query(url: str) -> bytes:  # silent: it goes along, and is not fetched here
    return rq.get(CATALOGUE, params={"url": url}).content
