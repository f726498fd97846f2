"""No health check anywhere: the router that has one is never included."""

import routers
from fastapi import FastAPI
from routers import tools as tool_routes

app = FastAPI(title="Toolshed")  # expect: app-without-health-route
app.include_router(tool_routes.router, prefix="/api")
app.include_router(routers.orders)


@app.get("/")
async def hello() -> str:
    return "hello"


@app.post("/health")
async def report_health(value: int) -> int:
    return value
