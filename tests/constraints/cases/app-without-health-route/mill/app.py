"""The app that is served: it takes the router out of the file beside it."""

from fastapi import FastAPI

from mill.grain import router
from mill.flour import app as flour_app

app = FastAPI()  # silent: it has a health check
app.include_router(router)
app.include_router(flour_app.router)


@app.get("/healthz")
async def healthz() -> str:
    return "ok"
