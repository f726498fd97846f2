import time
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

app = FastAPI()


class Feed(BaseModel):
    fps: int = 3  # expect: divisor-without-bound
    height: int = 360  # silent: nothing is divided by it
    scale: int = Field(1, ge=1)  # silent


def frames(fps: int, scale: int):
    while True:
        time.sleep(1 / fps)
        yield b"" * (10 // scale)


@app.get("/a")
def feed(feed: Annotated[Feed, Query()]) -> bytes:
    return next(frames(feed.fps, feed.scale))


@app.get("/b")
def direct(
    size: int,  # expect: divisor-without-bound
    parts: Annotated[int, Query(ge=1)] = 1,  # silent
    steps: int = 3,  # silent: asked for
) -> float:
    if steps < 1:
        raise HTTPException(422)
    return 100 / size + 100 % parts + 100 / steps


@app.get("/c")
def nearly(size: int = 3, count: int = 1, name: str = "") -> str:  # silent
    whole = 100 / (size + 1)
    return "%s" % count + f"{whole}{name}"


class Body(Feed):
    total: int


@app.post("/d")
def in_body(body: Body, feed: Annotated[Feed, Depends()]) -> float:
    return body.total / body.fps + feed.height


@app.post("/e")
def path_of(number: int, folder: str = Depends(get_folder)) -> str:  # silent: folders are joined
    name = f"{number}.png"
    return str(Path(folder) / name) + str(get_root() / name)
