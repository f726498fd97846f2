import asyncio
import socket

from fastapi import FastAPI

app = FastAPI()


@app.get("/a")
async def direct(host: str) -> str:
    return socket.gethostbyname(host)  # expect: sync-dns-lookup-in-async


@app.get("/b")
async def thread(host: str) -> None:
    await asyncio.to_thread(socket.getaddrinfo, host, 80)  # silent
    await asyncio.get_running_loop().getaddrinfo(host, 80)  # silent
