import asyncio
import smtplib
from abc import ABC, abstractmethod
from typing import Annotated

import aiosmtplib
import boto3
import httpx2
from fastapi import BackgroundTasks, Depends, FastAPI
from fastapi.concurrency import run_in_threadpool
from keycloak import KeycloakAdmin
from fastapi_mail import ConnectionConfig, FastMail

app = FastAPI()


def deliver(text: str) -> None:
    with smtplib.SMTP("mail") as server:  # silent: the helper's work
        server.sendmail("a", "b", text)


def twice(text: str) -> None:
    deliver(text)


@app.post("/a")
def direct() -> None:
    server = smtplib.SMTP("mail")
    server.send_message("x")  # expect: mail-sent-inside-request


@app.post("/b")
def helper() -> None:
    twice("a")  # expect: mail-sent-inside-request


@app.post("/c")
def later(tasks: BackgroundTasks) -> None:
    tasks.add_task(twice, "a")  # silent
    print("a")  # silent


@app.post("/d")
async def in_thread() -> None:
    await run_in_threadpool(deliver, "a")  # expect: mail-sent-inside-request


class Mailer:
    def __init__(self) -> None:
        self.client = aiosmtplib.SMTP()

    async def send(self, text: str) -> bool:
        errors = await self.client.send_message(text)  # silent: the mailer's work
        return not errors


class Members:
    def __init__(self) -> None:
        self.mailer = Mailer()

    async def add(self, name: str) -> str:
        await self.mailer.send(name)  # expect: mail-sent-inside-request
        return name


@app.post("/e")
async def through_service() -> str:
    members = Members()
    return await members.add("a")


@app.post("/f")
async def trial() -> bool:
    mailer = Mailer()
    sent = await mailer.send("a")  # silent: the client asks whether it works
    return sent


@app.post("/g")
async def with_library(config: ConnectionConfig) -> None:
    await FastMail(config).send_message("x")  # expect: mail-sent-inside-request


@app.post("/h")
async def kept() -> None:
    running.add(asyncio.create_task(through_service()))  # silent: a task does it


class Sender(ABC):
    @abstractmethod
    async def send(self, text: str) -> None: ...


class SmtpSender(Sender):
    async def send(self, text: str) -> None:
        await aiosmtplib.send(text)


class NoSender(Sender):
    async def send(self, text: str) -> None:
        print(text)


class Bus:
    def __init__(self, tasks: BackgroundTasks | None = None) -> None:
        self.tasks = tasks

    def dispatch(self, text: str) -> None:
        if self.tasks:
            self.tasks.add_task(self.publish, text)
        else:
            self.publish(text)  # silent: in requests it is handed to `BackgroundTasks`

    def publish(self, text: str) -> None:
        deliver(text)


@app.post("/i")
async def through_any(sender: Annotated[Sender, Depends(SmtpSender)]) -> None:
    await sender.send("x")  # expect: mail-sent-inside-request


@app.post("/j")
def dispatched(tasks: BackgroundTasks) -> None:
    Bus(tasks).dispatch("x")  # silent


async def send_test(to: str) -> dict[str, str]:
    try:
        await aiosmtplib.send(to)  # silent: the helper's own
        return {"status": "sent"}
    except OSError:
        return {"status": "failed"}


async def deliver_test(to: str) -> dict[str, str]:
    try:
        await send_test(to)  # silent: whether it worked is the reply
        return {"status": "sent"}
    except OSError:
        return {"status": "failed"}


@app.get("/test-mail")
async def try_mail(to: str) -> dict[str, str]:
    return await deliver_test(to)


@app.post("/by-service")
def through_a_service(to: str) -> None:
    httpx2.post(f"https://api.mailgun.net/v3/{to}/messages", json={})  # expect: mail-sent-inside-request
    boto3.client("ses").send_email(Source=to)  # expect: mail-sent-inside-request
    boto3.client("s3").put_object(Key=to)  # silent


@app.post("/test-mail")
async def send_test_mail(to: str) -> None:
    await aiosmtplib.send(to)  # silent: it is there to see whether mail works


class Accounts:
    async def change(self, password: str) -> None:
        await self.store(password)
        deliver("changed")  # expect: mail-sent-inside-request

    async def store(self, password: str) -> None: ...


@app.post("/passwords")
async def change_password(accounts: Annotated[Accounts, Depends()], password: str) -> None:
    await accounts.change(password)  # silent: only the mail in it can wait


def make_admin(server: str) -> KeycloakAdmin:
    return KeycloakAdmin(server_url=server)


@app.put("/verify")
async def verify(user_id: str) -> None:
    await make_admin("https://id").a_send_verify_email(user_id=user_id)  # expect: mail-sent-inside-request
    await make_admin("https://id").a_get_user(user_id)  # silent


class PostOffice:
    base = "https://mail.example"

    def send_welcome_email(self, to: str) -> dict[str, bool]:
        answer = httpx2.post(f"{self.base}/emails", json={"to": to})  # silent: the helper's own
        return {"success": answer.is_success}

    async def send_reset(self, to: str) -> bool:
        try:
            return await self._deliver(to)  # silent: the helper's own
        except OSError:
            return False

    async def _deliver(self, to: str) -> bool:
        await aiosmtplib.send(to)
        return True


class Resets:
    office = PostOffice()

    async def begin(self, to: str) -> dict[str, str]:
        sent = await self.office.send_reset(to)  # expect: mail-sent-inside-request
        if not sent:
            raise ValueError("not sent")
        return {"message": "look into your mailbox"}

    async def register(self, to: str) -> dict[str, str]:
        await aiosmtplib.send(to)  # expect: mail-sent-inside-request
        return {"member": to}


@app.post("/resets")
async def reset(resets: Annotated[Resets, Depends()], to: str) -> dict[str, str]:
    return await resets.begin(to)


@app.post("/members")
async def register(resets: Annotated[Resets, Depends()], to: str) -> dict[str, str]:
    return await resets.register(to)


@app.post("/welcome")
def welcome(office: Annotated[PostOffice, Depends()], to: str) -> None:
    answer = office.send_welcome_email(to)  # expect: mail-sent-inside-request
    print(answer["success"])


@app.post("/reports/mail")
async def mail_report(office: Annotated[PostOffice, Depends()], to: str) -> dict[str, str]:
    if not await office.send_reset(to):  # expect: mail-sent-inside-request
        return {"message": "failed"}
    return {"message": "sent"}


@app.post("/mails")
async def gateway(office: Annotated[PostOffice, Depends()], to: str) -> dict[str, bool]:
    sent = await office.send_reset(to)  # silent: what the mail server said is the reply
    return {"sent": sent}


@app.post("/settings/smtp/test")
async def smtp_settings(office: Annotated[PostOffice, Depends()], to: str) -> None:
    await office.send_reset(to)  # silent: it is there to see whether mail works
