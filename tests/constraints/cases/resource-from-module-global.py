import asyncio
import logging
import subprocess
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from contextvars import ContextVar
from datetime import datetime
from typing import Annotated

import httpx2
import docker
import joblib
import meilisearch
import peewee
import redis
import rq
from langgraph.prebuilt import create_react_agent
from langgraph.pregel import Pregel
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.security import OAuth2PasswordBearer
from fastapi_sqlalchemy import db
from fastapi_sso.sso.github import GithubSSO
from authlib.integrations.starlette_client import OAuth
from celery import Celery
from forecasts_sdk import ForecastApi, ForecastClient
from requests.auth import HTTPBasicAuth
from sign_in_sdk import init_auth
from langchain_chroma import Chroma
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableSerializable
from langchain_core.vectorstores import VectorStore
from langchain_openai import ChatOpenAI
from langchain_text_splitters import RecursiveCharacterTextSplitter
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient
from pydantic_settings import BaseSettings
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import declarative_base

app = FastAPI()
router = APIRouter()
engine = create_async_engine("sqlite+aiosqlite://")
Sessions = async_sessionmaker(engine)
catalogue = httpx2.AsyncClient()
log = logging.getLogger(__name__)
oauth2 = OAuth2PasswordBearer(tokenUrl="token")


class Settings(BaseSettings):
    page: int = 20


class Store:
    def __init__(self) -> None:
        self.tools: dict[int, str] = {}

    def add(self, name: str) -> None:
        self.tools[len(self.tools)] = name


class Rates:
    def __init__(self) -> None:
        self.daily = 3

    def fee(self, days: int) -> int:
        return days * self.daily


settings = Settings()
store = Store()
rates = Rates()


async def get_session():
    async with Sessions() as session:  # silent: this is the dependency's work
        yield session


def get_store() -> Store:
    return store  # silent


@app.get("/a")
async def direct() -> int:
    async with Sessions() as session:  # expect: resource-from-module-global
        await session.execute("x")
    await catalogue.get("/")  # expect: resource-from-module-global
    store.add("saw")  # expect: resource-from-module-global
    return settings.page  # silent: settings are no resource


@app.get("/b")
async def injected(session: Annotated[AsyncSession, Depends(get_session)], token: str = Depends(oauth2)) -> int:
    await session.execute("x")  # silent
    log.info("x")  # silent
    return rates.fee(3)  # silent: nothing in it changes


@app.get("/c")
async def shadowed(catalogue: Annotated[httpx2.AsyncClient, Depends(get_session)]) -> None:
    await catalogue.get("/")  # silent: the parameter


@app.get("/d")
async def state(request: Request) -> None:
    await request.app.state.catalogue.get("/")  # silent


class AppConfig:
    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def read(self, name: str) -> str:
        self._values[name] = "x"
        return self._values[name]


class Local:
    def __setattr__(self, name: str, value: object) -> None:
        values.get()[name] = value

    def remember(self, name: str) -> None:
        self.last = name


if settings.page > 10:
    vector_store = make_store("a")
else:
    vector_store = make_store("b")
search = meilisearch.Client("http://search")
app_config = AppConfig()
local = Local()
client_names = load_names()
current_client: ContextVar[str] = ContextVar("current_client")
db_path = make_path("x")


@app.get("/e")
async def made_by_a_factory() -> list[str]:
    if isinstance(vector_store, list):
        return []
    return await vector_store.ids()  # expect: resource-from-module-global


@app.get("/f")
async def library_client() -> None:
    search.index("tools")  # expect: resource-from-module-global


@app.get("/g")
async def in_a_stream() -> None:
    async def chunks():
        yield await catalogue.get("/")  # expect: resource-from-module-global

    return chunks()


@app.get("/h")
async def configured() -> str:
    local.remember("x")  # silent: each task has its own
    db_path.exists()  # silent
    print(client_names)  # silent: names of clients
    current_client.set("x")  # silent: each task has its own
    return app_config.read("x")  # silent: configuration


class ConfigManager:
    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def write(self, name: str) -> None:
        self._values[name] = "x"


class Fetcher:
    def __init__(self) -> None:
        self.client = httpx2.AsyncClient()


class Parts:
    def __init__(self) -> None:
        self.fetcher = Fetcher()

    def count(self) -> int:
        return 1


class Counter:
    count = 0

    def next(self) -> int:
        self.count += 1
        return self.count


class Containers:
    def __init__(self) -> None:
        self.docker = docker.from_env()

    def names(self) -> list[str]:
        return []


config_manager = ConfigManager()
parts = Parts()
counter = Counter()
containers = Containers()
model = joblib.load("model.bin")
process: subprocess.Popen | None = None
generator = None
started = None


def start() -> None:
    global process, generator, started
    process = subprocess.Popen(["true"])
    generator = load("large")
    started = datetime.now()


def start_model() -> None:
    global large_model
    large_model = load("large")


large_model = None


@app.get("/i")
async def with_parts() -> int:
    config_manager.write("x")  # silent: configuration
    parts.count()  # expect: resource-from-module-global
    counter.next()  # expect: resource-from-module-global
    return containers.names()  # expect: resource-from-module-global


@app.get("/j")
async def with_model(row: list[float]) -> float:
    process.poll()  # expect: resource-from-module-global
    generator.send(row)  # silent: nothing says what it is
    large_model.warm()  # expect: resource-from-module-global
    print(started)  # silent: a time
    return model.predict(row)  # expect: resource-from-module-global


@app.get("/k")
async def with_library_session() -> int:
    return db.session.scalar("x")  # expect: resource-from-module-global


class Files:
    def __init__(self) -> None:
        self.locks: dict[str, asyncio.Lock] = {}

    def lock_of(self, name: str) -> asyncio.Lock:
        self.locks[name] = asyncio.Lock()
        return self.locks[name]


files = Files()


@app.get("/l")
async def with_locks() -> bool:
    return files.lock_of("x").locked()  # silent: locks for names


jobs = rq.Queue(connection=redis.Redis())


@app.post("/m")
def with_queue() -> str:
    return jobs.enqueue(print).id  # expect: resource-from-module-global


mongo = AsyncIOMotorClient("mongodb://")
loans = mongo["shop"].get_collection("loans")
people = AsyncMongoClient("mongodb://").shop.people
chat = ChatOpenAI()
prompt = ChatPromptTemplate.from_messages([])
nightly = AsyncIOScheduler()


@app.get("/n")
async def with_libraries() -> None:
    await loans.find_one({})  # expect: resource-from-module-global
    await people.find_one({})  # expect: resource-from-module-global
    chat.invoke("x")  # expect: resource-from-module-global
    prompt.format()  # silent: text
    nightly.add_job(print)  # expect: resource-from-module-global


class _LazyLoans:
    def __init__(self) -> None:
        object.__setattr__(self, "_kept", None)

    def _open(self) -> httpx2.AsyncClient:
        client = httpx2.AsyncClient()
        object.__setattr__(self, "_kept", client)
        return client

    def __getattr__(self, name: str) -> object:
        return getattr(self._kept or self._open(), name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._open(), name, value)


class _LazyRates:
    def __init__(self) -> None:
        self._rates = Rates()

    def __getattr__(self, name: str) -> object:
        return getattr(self._rates, name)


class Rates:
    daily = 3


lazy_loans = _LazyLoans()
lazy_rates = _LazyRates()


@app.get("/proxied")
async def proxied() -> None:
    await lazy_loans.get("/")  # expect: resource-from-module-global
    lazy_rates.daily  # silent: what it stands for never changes


class Visit(peewee.Model):
    name = peewee.CharField()


class VisitStore:
    def get(self, name: str) -> Visit:
        return Visit.get_or_none(Visit.name == name)


class VisitQueries:
    def get(self, session: AsyncSession, name: str) -> object:
        return session.get(Visit, name)


visit_store = VisitStore()
visit_queries_store = VisitQueries()
github = GithubSSO("id", "secret", "https://tools.example/callback")


@app.get("/visits")
async def visits(session: Annotated[AsyncSession, Depends(get_session)]) -> None:
    visit_store.get("a")  # expect: resource-from-module-global
    visit_queries_store.get(session, "a")  # silent: works on what it is given


@app.get("/login")
async def login() -> object:
    with github:  # silent: told where it is asked
        return await github.get_login_redirect()  # expect: resource-from-module-global


class LocalStore:
    def __init__(self) -> None:
        self.client = httpx2.AsyncClient()


class Formatter:
    def __call__(self, text: str) -> str:
        return text.upper()


STORES = {"local": LocalStore(), "other": LocalStore()}
FORMATS = {"upper": Formatter(), "same": Formatter()}
graph: Pregel = Formatter().with_config(name="shed")


@app.get("/stores/{name}")
async def from_table(name: str) -> str:
    store = STORES[name]  # expect: resource-from-module-global
    return FORMATS[name](str(store))  # silent: works on texts


@app.post("/asked")
async def asked(question: str) -> str:
    return await graph.ainvoke(question)  # expect: resource-from-module-global


class Gateway:
    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client


class Service:
    def __init__(self) -> None:
        self.gateway = Gateway(httpx2.AsyncClient())


class Ask(RunnableSerializable):
    store: VectorStore

    def __init__(self, store: VectorStore) -> None:
        self.store = store


service = Service()
ask = Ask(store=make_store()).with_retry()


@app.get("/deep")
async def deep() -> str:
    first = await service.answer()  # expect: resource-from-module-global
    return first + ask.invoke("tools")  # expect: resource-from-module-global


class Desk:
    name = "desk"

    def __init__(self) -> None:
        self.client = httpx2.AsyncClient()

    async def answer(self) -> str:
        return (await self.client.get("x")).text


POOLS = {}
COUNTS = {}
BY_NAME = {kind.name: kind() for kind in [Desk]}


def open_pool(name: str) -> None:
    POOLS[name] = redis.Redis(host=name)
    COUNTS[name] = len(POOLS)


@app.get("/pools/{name}")
async def from_filled_table(name: str) -> str:
    if name not in POOLS.keys():
        return ""
    return str(POOLS[name].ping()) + str(COUNTS[name])  # expect: resource-from-module-global


@app.get("/made/{name}")
async def from_made_table(name: str) -> str:
    return await BY_NAME[name].answer()  # expect: resource-from-module-global


class Declared(RunnableSerializable):
    store: VectorStore
    label: str = ""


declared = Declared(store=make_store())
agent = create_react_agent(ChatOpenAI(), [])


@app.get("/declared")
async def from_declared() -> str:
    return declared.invoke("tools")  # expect: resource-from-module-global


@app.get("/agent")
async def from_agent() -> str:
    return await agent.ainvoke("tools")  # expect: resource-from-module-global


vectors = Chroma(collection_name="tools")
splitter = RecursiveCharacterTextSplitter()


@app.get("/vectors")
def from_vectors() -> list[str]:
    vectors.similarity_search("saw")  # expect: resource-from-module-global
    return splitter.split_text("x")  # silent: works on texts


class Notifier:
    def __init__(self) -> None:
        self.session = httpx2.AsyncClient()
        self.is_enabled = True


notifier = Notifier()


@app.get("/asked-first")
async def asked_first() -> None:
    if not notifier.is_enabled:  # silent: a mere question
        return
    await notifier.session.post("/")  # expect: resource-from-module-global


class Messages:
    async def send(self, text: str) -> None:
        async with httpx2.AsyncClient() as client:
            await client.post("/", json=text)


class People:
    def all(self, session: AsyncSession) -> list[str]:
        found = session.query(str)
        return found.all()


message_service = Messages()
people_service = People()


@app.post("/messages")
async def send(text: str, session: Annotated[AsyncSession, Depends(get_session)]) -> list[str]:
    await message_service.send(text)  # expect: resource-from-module-global
    return people_service.all(session)  # silent: works on what it is given


class OwnLog:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, line: str) -> None:
        self.lines.append(line)


logger = OwnLog()


@app.get("/logged")
async def read_logged() -> None:
    logger.info("read")  # silent: a logger is every module's own, whoever wrote it


# What a library gives as the way to another service, whoever wrote it.

forecast_api = ForecastApi(ForecastClient())
oauth = OAuth()
sign_in_auth = init_auth("http://people", "key")
basic_auth = HTTPBasicAuth("a", "b")
celery_app = Celery("tools")


def load_predictor() -> object:
    return load_all()["predict"]


price_predictor = load_predictor()
model_names = load_names()


@celery_app.task
def count_tools() -> None: ...


@app.get("/forecast")
def forecast() -> object:
    return forecast_api.tomorrow()  # expect: resource-from-module-global


@app.get("/sign-in")
async def sign_in(request: Request) -> object:
    sign_in_auth.fetch_org("x")  # expect: resource-from-module-global
    print(basic_auth.username)  # silent: a name and a password
    return await oauth.github.authorize_redirect(request)  # expect: resource-from-module-global


@app.delete("/jobs/{job_id}")
def revoke(job_id: str) -> None:
    count_tools.delay()  # silent: a task is handed to its queue
    celery_app.control.revoke(job_id)  # expect: resource-from-module-global


@app.post("/price")
def price(row: list[float]) -> float:
    print(model_names)  # silent: names
    return price_predictor(row)  # expect: resource-from-module-global


@app.get("/me")
async def me(user: Annotated[object, Depends(sign_in_auth.require_user)]) -> object:
    return user  # silent: through Depends alone


class Touched:
    def touch(self) -> None:
        self.seen = 3


Models = declarative_base(cls=Touched)


class Guest(Models):
    def rename(self, name: str) -> None:
        self.name = name


class Row(peewee.Model):
    def rename(self, name: str) -> None:
        self.name = name


NOBODY = Guest()
EMPTY = Row()


@app.get("/nobody")
def nobody() -> list[str]:
    return [NOBODY.name, EMPTY.name]  # silent: rows, which hold no resource
