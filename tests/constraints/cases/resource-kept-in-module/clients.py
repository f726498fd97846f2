from collections.abc import Iterator
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


mailer = Mailer()  # expect: resource-kept-in-module
database = Database()  # expect: resource-kept-in-module
plain = Plain()  # silent: it keeps nothing


def get_client() -> httpx2.AsyncClient:
    return handed_out


def get_session() -> Iterator[Session]:
    yield database.session


Given = Annotated[Session, Depends(get_session)]
Client = Annotated[httpx2.AsyncClient, Depends(get_client)]
