from collections.abc import Iterator
from functools import cached_property
from typing import Annotated

import httpx2
from fastapi import Depends
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine("sqlite://")  # silent: it makes sessions
sessions = sessionmaker(engine)  # silent
catalogue = httpx2.AsyncClient()  # expect: resource-kept-in-module
helped = httpx2.Client()  # expect: resource-kept-in-module
handed_out = httpx2.AsyncClient()  # silent: only a dependency uses it
unused = httpx2.AsyncClient()  # silent: nobody uses it while requests are served


class Mailer:
    def __init__(self) -> None:
        self.client = httpx2.Client()

    def send(self) -> int:
        return 1


class Database:
    def __init__(self) -> None:
        self.session = Session(engine)


class Plain:
    def lower(self, text: str) -> str:
        return text.lower()


class Facts:
    @cached_property
    def _client(self):
        return httpx2.Client()

    def of(self, name: str) -> str:
        return self._client.get(name).text


class Words:
    @cached_property
    def known(self):
        return frozenset({"a", "b"})

    @property
    def client(self):
        return httpx2.Client()


facts = Facts()  # expect: resource-kept-in-module
words = Words()  # silent: keeps words, and opens a client each time that it is asked
mailer = Mailer()  # expect: resource-kept-in-module
database = Database()  # expect: resource-kept-in-module
plain = Plain()  # silent: it keeps nothing


def get_client() -> httpx2.AsyncClient:
    return handed_out


def get_session() -> Iterator[Session]:
    yield database.session


Given = Annotated[Session, Depends(get_session)]
Client = Annotated[httpx2.AsyncClient, Depends(get_client)]
