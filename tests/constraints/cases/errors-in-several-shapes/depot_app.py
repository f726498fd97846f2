"""The app that is served."""

import depot
from fastapi import FastAPI

app = FastAPI()  # expect: errors-in-several-shapes
app.include_router(depot.router)
