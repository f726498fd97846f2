from errors import add_handlers
from fastapi import FastAPI

app = FastAPI()  # expect: own-exception-in-another-shape
add_handlers(app)
