import httpx2

client: httpx2.AsyncClient = None  # expect: resource-kept-in-module
store = None  # expect: resource-kept-in-module
host: str = ""  # silent: a text
own = None  # silent: nobody else writes it


def open_own() -> None:
    global own
    own = httpx2.AsyncClient()
