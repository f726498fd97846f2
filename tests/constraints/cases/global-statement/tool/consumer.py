"""A consumer of a broker, which runs in a process of its own."""

from faststream import FastStream

app = FastStream()
handler = None  # silent


@app.on_startup
async def begin() -> None:
    global handler  # silent
    handler = object()
