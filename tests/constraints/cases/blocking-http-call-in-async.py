import langsmith
from azure.servicebus import ServiceBusClient
import huggingface_hub
import stripe
from google.cloud import storage
import deepl
import gspread
from atlassian import Jira
from elevenlabs import ElevenLabs
from langchain_chroma import Chroma
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_openai import ChatOpenAI
from openai import AsyncOpenAI, OpenAI

import asyncio
import urllib.request
from typing import Annotated

import boto3
from botocore.client import BaseClient
import httpx
import kubernetes.client
import requests
from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from github import Github
from simple_salesforce import Salesforce

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


llm = OpenAI()
bucket = storage.Client().bucket("photos")
vectors: Chroma | None = None


@app.on_event("startup")
def connect() -> None:
    global vectors
    vectors = Chroma(collection_name="tools")


@app.post("/c")
async def services(model: ChatOpenAI) -> None:
    llm.chat.completions.create(model="x", messages=[])  # expect: blocking-http-call-in-async
    await AsyncOpenAI().chat.completions.create(model="x", messages=[])  # silent
    bucket.blob("x").upload_from_string("y")  # expect: blocking-http-call-in-async
    stripe.Customer.create(email="x")  # expect: blocking-http-call-in-async
    stripe.Webhook.construct_event(b"", "", "")  # silent: checks a signature
    vectors.similarity_search("x")  # expect: blocking-http-call-in-async
    await vectors.asimilarity_search("x")  # silent
    model.invoke("x")  # expect: blocking-http-call-in-async
    cluster = kubernetes.client.AuthenticationV1Api()
    cluster.create_token_review(kubernetes.client.V1TokenReview())  # expect: blocking-http-call-in-async
    cluster.api_client.sanitize_for_serialization({})  # silent: asks nobody
    boto3.resource("s3").Bucket("x").upload_file("a", "b")  # expect: blocking-http-call-in-async


@app.post("/d")
async def either(client: httpx.Client | httpx.AsyncClient) -> None:
    client.get("/")  # silent: may be either
    if isinstance(client, httpx.AsyncClient):
        await client.get("/")  # silent
    else:
        client.get("/")  # expect: blocking-http-call-in-async


def bucket_client() -> BaseClient:
    return boto3.client("s3")


@app.post("/e")
async def annotated() -> None:
    bucket_client().head_object(Bucket="a", Key="b")  # expect: blocking-http-call-in-async
    bucket_client().generate_presigned_url("get_object")  # silent: signs, asks nobody


@app.post("/issues")
async def issues(hub: Github) -> None:
    hub.get_user()  # silent: asks nothing before it is used
    hub.get_user("me")  # expect: blocking-http-call-in-async
    repository = hub.get_repo("x")  # expect: blocking-http-call-in-async
    repository.get_issues()  # silent: asks nothing before it is read through
    for issue in repository.get_issues():  # expect: blocking-http-call-in-async
        str(issue)
    [pull for pull in repository.get_pulls()]  # expect: blocking-http-call-in-async
    commits = repository.get_commits()  # silent
    for commit in commits:  # expect: blocking-http-call-in-async
        str(commit)


@app.post("/chain")
async def chain(question: str) -> str:
    prompt = ChatPromptTemplate.from_template("{question}")
    asked = prompt | ChatOpenAI() | StrOutputParser()
    asked.invoke({"question": question})  # expect: blocking-http-call-in-async
    flags = Flag.A | Flag.B
    flags.invoke(question)  # silent: no chain
    return await ({"question": str} | prompt | ChatOpenAI()).ainvoke(question)  # silent: awaited


@app.post("/speech")
async def speech(text: str) -> bytes:
    deepl.Translator("x").translate_text(text, target_lang="de")  # expect: blocking-http-call-in-async
    return ElevenLabs().text_to_speech.convert(text)  # expect: blocking-http-call-in-async


class Model:
    """A base that nobody makes; what is made derives from it."""

    def ask(self, text: str) -> str:
        return ""


class RemoteModel(Model):
    def ask(self, text: str) -> str:
        return requests.post("https://models.test", json=text).text  # expect: blocking-http-call-in-async


class Models:
    def current(self, kind: str) -> Model:
        return {"remote": RemoteModel()}[kind]


app.models = Models()


@app.get("/model")
async def asked_of_the_app(request: Request) -> str:
    return request.app.models.current("remote").ask("hello")


@app.get("/opened-in-thread")
async def opened_in_thread() -> None:
    session = await asyncio.to_thread(requests.Session)
    session.get("https://a.test")  # expect: blocking-http-call-in-async
    other = await asyncio.wait_for(asyncio.to_thread(OpenAI), 5)
    other.models.list()  # expect: blocking-http-call-in-async
    awaited = await run_in_threadpool(httpx.AsyncClient)
    await awaited.get("https://a.test")  # silent


@app.get("/pages")
async def pages() -> list[str]:
    found = s3.get_paginator("list_objects_v2").paginate(Bucket="tools")  # silent: nothing is asked yet
    return [page["Name"] for page in found]  # expect: blocking-http-call-in-async


sales = Salesforce(username="a", password="b", security_token="c")
sheets = gspread.authorize(None)


@app.get("/vendors")
async def vendors(user_id: str) -> list[str]:
    sales.query("SELECT Id FROM Account")  # expect: blocking-http-call-in-async
    jira = Jira(url="https://a.test")  # silent: no request yet
    jira.issue("A-1")  # expect: blocking-http-call-in-async
    return sheets.open_by_key("a").sheet1.get("A:A")  # expect: blocking-http-call-in-async


@app.get("/vendors-in-thread")
def vendors_in_thread() -> None:
    sales.query("SELECT Id FROM Account")  # silent


@app.get("/hub")
async def hub(name: str) -> list[str]:
    huggingface_hub.list_repo_refs(name)  # expect: blocking-http-call-in-async
    huggingface_hub.HfApi().model_info(name)  # expect: blocking-http-call-in-async
    huggingface_hub.hf_hub_url(name, "x")  # silent: puts an address together
    bucket = boto3.Session().resource("s3").Bucket(name)
    found = bucket.objects.filter(Prefix="x")  # silent: asks nothing before it is read through
    kept = [one.key for one in bucket.objects.all()]  # expect: blocking-http-call-in-async
    for one in bucket.objects.filter(Prefix="y"):  # expect: blocking-http-call-in-async
        kept.append(one.key)
    return [*kept, str(found)]


@app.get("/runs")
async def runs(address: str) -> list[str]:
    found = langsmith.Client().list_runs()  # silent: asks nothing before it is read through
    with ServiceBusClient(address) as bus:
        bus.get_queue_receiver("tools").peek_messages()  # expect: blocking-http-call-in-async
    return [str(found), *(str(run) for run in langsmith.Client().list_runs())]  # expect: blocking-http-call-in-async
