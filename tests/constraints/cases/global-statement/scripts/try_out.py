"""An app beside the service, to try something out with."""

from fastapi import FastAPI

app = FastAPI()
name = ""


@app.get("/name")
async def read_name() -> str:
    return name


def main(given: str) -> None:
    global name  # silent: set once, from the command line
    name = given
