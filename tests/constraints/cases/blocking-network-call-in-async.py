import ftplib
import socket
from socket import create_connection as connect

import asyncssh
import paramiko
import websocket
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

app = FastAPI()


class Shell:
    def __init__(self) -> None:
        self._ssh = paramiko.SSHClient()

    async def run(self, command: str) -> None:
        self._ssh.connect("host")  # expect: blocking-network-call-in-async
        _, output, _ = self._ssh.exec_command(command)  # expect: blocking-network-call-in-async
        output.read()  # expect: blocking-network-call-in-async
        output.channel.recv_exit_status()  # expect: blocking-network-call-in-async


@app.post("/a")
async def direct() -> None:
    connect(("host", 1))  # expect: blocking-network-call-in-async
    line = socket.socket()  # silent: no connection yet
    line.connect(("host", 1))  # expect: blocking-network-call-in-async
    with ftplib.FTP("host") as ftp:  # expect: blocking-network-call-in-async
        ftp.login()  # expect: blocking-network-call-in-async
    await Shell().run("ls")
    wire = websocket.create_connection("ws://host")  # expect: blocking-network-call-in-async
    wire.send("x")  # expect: blocking-network-call-in-async
    wire.recv()  # expect: blocking-network-call-in-async
    wire.getstatus()  # silent: knows it already


@app.post("/b")
async def asynchronous() -> None:
    async with asyncssh.connect("host") as connection:
        await connection.run("ls")  # silent

    def inner() -> None:
        socket.create_connection(("host", 1))  # silent: in a thread

    await run_in_threadpool(inner)
