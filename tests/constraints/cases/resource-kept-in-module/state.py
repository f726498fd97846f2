from types import SimpleNamespace

import httpx2

client: httpx2.AsyncClient = None  # expect: resource-kept-in-module
store = None  # expect: resource-kept-in-module
host: str = ""  # silent: a text
own = None  # silent: nobody else writes it


def open_own() -> None:
    global own
    own = httpx2.AsyncClient()


class Database:
    client: httpx2.AsyncClient = None
    name: str = ""


database = Database()  # expect: resource-kept-in-module
named = Database()  # silent: it is given a text


def connect() -> None:
    database.client = httpx2.AsyncClient()
    named.name = "tools"
    bag.client = httpx2.AsyncClient()
    empty.size = 3


bag = SimpleNamespace()  # expect: resource-kept-in-module
empty = SimpleNamespace()  # silent: a number
