import asyncio
import socket as sockets

import paramiko
from fastapi import FastAPI, WebSocket

app = FastAPI()
ssh: paramiko.SSHClient | None = None


def open_line() -> None:
    global ssh
    ssh = paramiko.SSHClient()


@app.websocket("/a")
async def direct(websocket: WebSocket) -> None:
    if ssh is not None:
        ssh.exec_command("ls")  # expect: sync-network-client-in-async
    sockets.create_connection(("host", 1))  # expect: sync-network-client-in-async
    await asyncio.open_connection("host", 1)  # silent


@app.get("/b")
def plain() -> None:
    sockets.create_connection(("host", 1))  # silent
