import asyncio
import builtins
import sys
from builtins import print as say
from contextlib import asynccontextmanager
from pprint import pprint

import rich
import uvicorn
from fastapi import FastAPI
from rich.console import Console

from app import _version, logs, reports, sinks, store
from app.cli import count
from app.routers import tools
from free.lenders import Lender
from kit.prompts import draw
from lone.rules import Tool

console = Console()
options = logs.options()
tools.sharpen()
version = _version.read_version(verbose=False)
print("importing")  # expect: print-in-service


@asynccontextmanager
async def lifespan(app: FastAPI):
    print("starting")  # expect: print-in-service
    reports.print_logo()
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/reports")
async def reports_made() -> int:
    reports.follow(None)
    return reports.Report().count()


@app.get("/a")
async def direct() -> int:
    print("direct")  # expect: print-in-service
    say("alias")  # expect: print-in-service
    builtins.print("by its module")  # expect: print-in-service
    pprint({"a": 1})  # expect: print-in-service
    rich.print("coloured")  # expect: print-in-service
    console.print("coloured")  # expect: print-in-service
    print("lost", file=sys.stderr)  # expect: print-in-service
    sys.stdout.write("raw")  # expect: print-in-service
    print(  # expect: print-in-service
        "over",
        "lines",
    )
    return store.take() + count()


@app.get("/b")
async def quiet() -> str:
    # print("off")  silent: a comment
    with open("report.txt", "w") as report:
        print("a line of the report", file=report)  # silent: a file

    def print_label(text: str) -> str:
        return text

    return print_label("x")  # silent: another function


@app.get("/c")
async def inner() -> int:
    def helper() -> int:
        print("nested")  # expect: print-in-service
        return 1

    return helper()


def ask_before() -> bool:
    print("This removes every tool.")  # silent: somebody is asked at a terminal
    return input("Sure? ") == "y"


async def ask_in_thread() -> bool:
    print("This removes every tool.")  # silent: the same, asked in a thread
    return (await asyncio.to_thread(input, "Sure? ")) == "y"


@app.get("/ask")
async def ask() -> bool:
    return await ask_in_thread()


@app.post("/clear")
async def clear() -> bool:
    return ask_before()


def show() -> None:
    print("by hand")  # silent: only the main guard runs it


def main() -> None:
    print("serving")  # silent: the command that starts the server
    uvicorn.run(app)


if __name__ == "__main__":
    print("main guard")  # silent
    show()


@app.get("/tool")
async def tool() -> str:
    return Tool(name="saw", other="saw").name


lenders = {name: Lender for name in ("a", "b")}


@app.get("/lend")
async def lend(name: str) -> list[None]:
    list(map(print, name))  # expect: print-in-service
    asyncio.create_task(tool()).add_done_callback(print)  # expect: print-in-service
    return [one().lend() for one in lenders.values()]


@app.get("/drawing")
async def drawing() -> str:
    return draw("saw")
