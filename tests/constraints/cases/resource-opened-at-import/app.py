import asyncio
import os
import pickle
import sqlite3
import subprocess
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache

import boto3
import cloudpickle
import gspread
import httpx2
import labelling
import openai
import peewee
import redis
import requests
import sentry_sdk
from alembic.command import upgrade
from apscheduler.schedulers.background import BackgroundScheduler
from elasticsearch_dsl.connections import connections
from fastapi import FastAPI
from sentence_transformers import SentenceTransformer
from injector import Injector, inject
from huggingface_hub import snapshot_download
from langchain_postgres import PGVector
from sqlalchemy import MetaData, Table, create_engine
from sqlalchemy.orm import DeclarativeBase, sessionmaker
from transformers import AutoModel
from weather_sdk import ForecastClient, ForecastOptions


class Base(DeclarativeBase): ...


async def prepare() -> None: ...


engine = create_engine("sqlite://")  # silent: does not connect
Local = sessionmaker(engine)  # silent
Base.metadata.create_all(engine)  # expect: resource-opened-at-import
connection = sqlite3.connect("x.db")  # expect: resource-opened-at-import
client = httpx2.AsyncClient()  # expect: resource-opened-at-import
worker = threading.Thread(target=prepare)
worker.start()  # expect: resource-opened-at-import
asyncio.run(prepare())  # expect: resource-opened-at-import


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with httpx2.AsyncClient() as opened:  # silent
        app.state.client = opened
        yield


app = FastAPI(lifespan=lifespan)

if __name__ == "__main__":
    app.state.db = sqlite3.connect("x.db")  # expect: resource-opened-at-import


def create_app() -> FastAPI:
    made = FastAPI()
    Base.metadata.create_all(engine)  # expect: resource-opened-at-import
    made.state.limit = read_limit()
    return made


def read_limit() -> int:
    with sqlite3.connect("limits.db") as connection:  # silent: it is closed again
        return connection.execute("select 1").fetchone()[0]


def later() -> None:
    Base.metadata.create_all(engine)  # silent: nobody calls it at import


service = create_app()
scheduler = BackgroundScheduler()
scheduler.start()  # expect: resource-opened-at-import
sentences = SentenceTransformer("small")  # expect: resource-opened-at-import
timer = threading.Timer(60, prepare)
timer.start()  # expect: resource-opened-at-import
upgrade(Config("alembic.ini"), "head")  # expect: resource-opened-at-import


def start_jobs() -> None:
    scheduler.start()


def configure() -> None:
    logging.basicConfig()


start_jobs()  # expect: resource-opened-at-import
configure()  # silent


def open_store(kind: str) -> object:
    if kind == "file":
        return sqlite3.connect("x.db")
    return {}


store = open_store("memory")  # silent: what is given decides
encoder = AutoModel.from_pretrained("small")  # expect: resource-opened-at-import
folder = snapshot_download("small")  # expect: resource-opened-at-import
there = snapshot_download("small", local_files_only=True)  # silent: nothing is fetched
asyncio.get_event_loop().run_until_complete(prepare())  # expect: resource-opened-at-import


class Shape:
    @classmethod
    def from_pretrained(cls, name: str) -> "Shape":
        return cls()


shape = Shape.from_pretrained("small")  # silent: a class of the project's own


class Visit(peewee.Model):
    name = peewee.CharField()


class VisitStore:
    def __init__(self, name: str = "") -> None:
        self.name = name
        self.clean()

    def clean(self) -> None:
        Visit.delete().where(Visit.name == "").execute()

    def count(self) -> int:
        return Visit.select().count()


class Names:
    def __init__(self) -> None:
        self.first = Visit.name


visits = VisitStore()  # expect: resource-opened-at-import
names = Names()  # silent: asks for nothing


def read_size() -> int:
    with sessionmaker(engine)() as session:
        return session.execute("select 1").scalar_one()  # silent: opened and closed again


size = read_size()  # silent


@app.get("/visits")
def count_visits() -> int:
    return visits.count()  # silent: while a request is answered


# What is fetched from a service as the module is imported.


def load_rates() -> dict:
    return requests.get("http://rates").json()


RATES = load_rates()  # expect: resource-opened-at-import
ZONES = requests.get("http://zones").json()  # expect: resource-opened-at-import


def rates() -> dict:
    return load_rates()  # silent: at each request


def make_store() -> PGVector:
    if os.environ.get("OTHER"):
        return PGVector(connection_string="x")
    return PGVector(connection_string="y")


vectors = make_store()  # expect: resource-opened-at-import


# What constructors do, and whether the arguments lead there.


class Bot:
    def __init__(self, token: str | None = None, quiet: bool = True) -> None:
        if isinstance(token, str):
            requests.get(f"http://bot/{token}")
        if not quiet:
            requests.get("http://bot/loud")


bot = Bot(token=os.environ.get("TOKEN"))  # expect: resource-opened-at-import
no_bot = Bot()  # silent: without a token it asks nobody


@dataclass
class Ledger:
    path: str

    def __post_init__(self) -> None:
        self.connection = sqlite3.connect(self.path)


class Register:
    def __new__(cls) -> "Register":
        made = super().__new__(cls)
        made.connection = sqlite3.connect("register.db")
        return made


ledger = Ledger("ledger.db")  # expect: resource-opened-at-import
register = Register()  # expect: resource-opened-at-import


class Shelf:
    connection = sqlite3.connect("shelf.db")  # expect: resource-opened-at-import
    limit = int(os.environ.get("LIMIT", "20"))  # silent


class Model:
    @inject
    def __init__(self, settings: dict) -> None:
        if settings["model"]:
            self.encoder = AutoModel.from_pretrained("small")


class Desk:
    @inject
    def __init__(self, model: Model, names: Names) -> None:
        self.model = model


def with_injector(injector: Injector) -> FastAPI:
    made = FastAPI()
    made.state.names = injector.get(Names)  # silent: opens nothing
    made.state.desk = injector.get(Desk)  # expect: resource-opened-at-import
    return made


injected = with_injector(Injector())

books = peewee.SqliteDatabase("books.db")
books.connect()  # expect: resource-opened-at-import
books.create_tables([Visit])  # expect: resource-opened-at-import
database.open_connection()  # expect: resource-opened-at-import
signal.connect(prepare)  # silent: no database
tables = MetaData()
tables.reflect(bind=engine)  # expect: resource-opened-at-import
tools = Table("tools", tables, autoload_with=engine)  # expect: resource-opened-at-import
loans = Table("loans", tables)  # silent: asks nobody
helper = subprocess.Popen(["helper"])  # expect: resource-opened-at-import
version = subprocess.run(["git", "describe"])  # silent: it ends
with open("model.pkl", "rb") as file:
    predictor = pickle.load(file)  # expect: resource-opened-at-import
with open("colours.pkl", "rb") as file:
    colours = pickle.load(file)  # silent: data


# What is remembered is opened by the first that asks.


@lru_cache
def shared_client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient()


class Agent:
    def __init__(self) -> None:
        self.client = shared_client()


first = Agent()  # expect: resource-opened-at-import
second = Agent()  # silent: it gets the same client


# A client of the app's factory comes with every app.


def make_app() -> FastAPI:
    made = FastAPI(lifespan=lifespan)
    made.state.client = httpx2.AsyncClient()
    return made


def main() -> None:
    serve(make_app())


def serve(made: FastAPI) -> None: ...


# Clients of stores and of other services keep connections for all, whenever the first one is made.

cache = redis.StrictRedis.from_url("redis://")  # expect: resource-opened-at-import
clusters = boto3.session.Session()  # silent: keeps no connection
bucket = clusters.client("s3")  # expect: resource-opened-at-import
forecasts = ForecastClient()  # expect: resource-opened-at-import
options = ForecastOptions()  # silent
chat = openai.AsyncOpenAI()  # silent: a language model's, which asks nobody before it is used
labelling.init(api_url="http://labels", api_key="x")  # expect: resource-opened-at-import
labelling.init(colour="red")  # silent: nobody is named
sentry_sdk.init(dsn="https://x")  # silent: reports errors, before there is an app


def open_search(**options: object) -> object:
    return connections.create_connection(hosts=["http://search"], **options)


open_search()  # expect: resource-opened-at-import


class Sheets:
    def __init__(self) -> None:
        self.client = gspread.authorize(None)


class Allowed:
    def __init__(self) -> None:
        self.sheets = None
        self._open()

    def _open(self) -> None:
        if not os.environ.get("SHEET"):
            return
        self.sheets = Sheets()


allowed = Allowed()  # expect: resource-opened-at-import


def get_cache() -> redis.Redis:
    return redis.Redis()  # silent: nobody calls it at import


# One of several engines, as the settings say, and what is loaded by a helper.


class Engine:
    def load(self) -> None:
        raise NotImplementedError

    def name(self) -> str:
        raise NotImplementedError


class Small(Engine):
    def load(self) -> None:
        self.model = AutoModel.from_pretrained("small")

    def name(self) -> str:
        return "small"


class Large(Engine):
    def load(self) -> None:
        self.model = AutoModel.from_pretrained("large")

    def name(self) -> str:
        return "large"


def make_engine() -> Engine:
    return Small() if os.environ.get("SMALL") else Large()


engine_of_words = make_engine()
engine_of_words.load()  # expect: resource-opened-at-import
engine_of_words.name()  # silent


def load_bundle() -> object:
    with open("bundle", "rb") as file:
        bundle = cloudpickle.load(file)
    return bundle


predict_price = load_bundle()  # expect: resource-opened-at-import
price_list = load_bundle()  # silent: data

if __name__ == "__main__":
    main()  # silent
