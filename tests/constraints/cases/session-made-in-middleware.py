import uuid

from fastapi import FastAPI
from sqlalchemy.orm import sessionmaker
from starlette.middleware.base import BaseHTTPMiddleware

app = FastAPI()
Local = sessionmaker()


@app.middleware("http")
async def with_session(request, call_next):
    request.state.db = Local()  # expect: session-made-in-middleware
    request.state.request_id = uuid.uuid4().hex  # silent
    return await call_next(request)


class Sessions(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        with Local() as session:
            request.state.session = session  # expect: session-made-in-middleware
            return await call_next(request)


async def helper(request) -> None:
    request.state.db = Local()  # silent: no middleware
