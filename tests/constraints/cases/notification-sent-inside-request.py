import httpx2
import requests
from fastapi import BackgroundTasks, FastAPI
from slack_sdk import WebClient
from twilio.rest import Client

app = FastAPI()
slack = WebClient("x")


def text_member(number: str) -> None:
    Client("a", "b").messages.create(to=number, body="x")  # silent: the helper's work


@app.post("/a")
def by_text() -> None:
    text_member("1")  # expect: notification-sent-inside-request


@app.post("/b")
def to_slack() -> None:
    slack.chat_postMessage(channel="c", text="x")  # expect: notification-sent-inside-request


@app.post("/c")
async def to_webhook() -> None:
    async with httpx2.AsyncClient() as client:
        await client.post("https://hooks.example/x", json={})  # expect: notification-sent-inside-request


@app.post("/d")
def to_webhook_at_once() -> None:
    requests.post("https://hooks.example/x", json={})  # expect: notification-sent-inside-request


@app.post("/e")
async def asks() -> int:
    async with httpx2.AsyncClient() as client:
        answer = await client.post("https://api.example/x", json={})  # silent: the reply needs it
        (await client.post("https://api.example/y")).raise_for_status()  # silent: it has to succeed
    return answer.status_code


@app.post("/f")
def later(tasks: BackgroundTasks) -> None:
    tasks.add_task(text_member, "1")  # silent
    tasks.add_task(requests.post, "https://hooks.example/x")  # silent


@app.post("/g")
def commands(address: str) -> list[str]:
    requests.post(address + "/refresh")  # silent: a command, the list rests on it
    requests.post("https://hooks.example/x", json={})  # silent: what follows may need it
    return requests.get(address).json()


@app.post("/h")
def to_chat() -> None:
    requests.post("https://hooks.slack.com/services/x", json={})  # expect: notification-sent-inside-request


async def send_webhook(address: str) -> None:
    async with httpx2.AsyncClient() as client:
        response = await client.post(address, json={"event": "taken"})
        print(response.status_code)


async def ask_price(address: str) -> float:
    async with httpx2.AsyncClient() as client:
        response = await client.post(address, json={"tool": 1})
        return float(response.text)


@app.post("/taken")
async def tell_of_taking(address: str) -> float:
    await send_webhook(address)  # expect: notification-sent-inside-request
    return await ask_price(address)  # silent: the answer is asked for


@app.post("/taken/later")
async def tell_later(address: str, tasks: BackgroundTasks) -> None:
    tasks.add_task(send_webhook, address)  # silent


@app.post("/mirrors")
async def register(address: str) -> None:
    async with httpx2.AsyncClient() as client:
        answer = await client.post(address, json={"mirror": 1})  # expect: notification-sent-inside-request
        if answer.status_code != 201:
            log.warning("not registered: %s", answer.text)


@app.post("/mirrors/checked")
async def register_for_sure(address: str) -> None:
    async with httpx2.AsyncClient() as client:
        answer = await client.post(address, json={"mirror": 1})  # silent: it decides the reply
        if answer.status_code != 201:
            log.warning("not registered: %s", answer.text)
            raise ValueError(address)
