from socket import getaddrinfo

from fastapi import FastAPI

app = FastAPI()


@app.get("/a")
async def direct(host: str) -> None:
    getaddrinfo(host, 80)  # expect: blocking-dns-lookup-in-async


@app.get("/b")
def plain(host: str) -> None:
    getaddrinfo(host, 80)  # silent
