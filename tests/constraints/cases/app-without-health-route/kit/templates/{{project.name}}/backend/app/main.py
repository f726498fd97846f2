"""A template for projects: what lies below the folder that gets its name later is the service."""

from app.api.routes import router
from fastapi import FastAPI

app = FastAPI()  # expect: app-without-health-route
app.include_router(router, prefix="/api")
