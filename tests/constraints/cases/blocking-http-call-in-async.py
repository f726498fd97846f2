import urllib.request
from typing import Annotated

import boto3
import httpx
import requests
from fastapi import Depends, FastAPI

app = FastAPI()
s3 = boto3.client("s3")


class Catalogue:
    client: requests.Session

    def __init__(self) -> None:
        self.client = requests.Session()
        self.other = httpx.AsyncClient()

    async def manual(self) -> bytes:
        await self.other.get("/")  # silent
        return self.client.get("/").content  # expect: blocking-http-call-in-async


@app.get("/a")
async def direct(catalogue: Annotated[Catalogue, Depends()]) -> None:
    await catalogue.manual()
    urllib.request.urlopen("http://x")  # expect: blocking-http-call-in-async
    s3.put_object(Bucket="x", Key="y")  # expect: blocking-http-call-in-async
    s3.generate_presigned_url("get_object")  # silent: no request


@app.get("/b")
def plain() -> None:
    requests.get("http://x")  # silent
