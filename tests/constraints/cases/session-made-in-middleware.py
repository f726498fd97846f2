import uuid
from contextlib import contextmanager
from contextvars import ContextVar

from fastapi import FastAPI, Request
from fastapi_sqlalchemy import DBSessionMiddleware
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from playhouse.sqliteq import SqliteQueueDatabase
from starlette.types import ASGIApp, Receive, Scope, Send

app = FastAPI()
Local = sessionmaker()
current: ContextVar[Session] = ContextVar("current")
request_id: ContextVar[str] = ContextVar("request_id")
Maker = async_sessionmaker[AsyncSession]


@app.middleware("http")
async def with_session(request, call_next):
    request.state.db = Local()  # expect: session-made-in-middleware
    request.state.request_id = uuid.uuid4().hex  # silent
    return await call_next(request)


class Sessions(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        with Local() as session:  # expect: session-made-in-middleware
            request.state.session = session
            return await call_next(request)


class InScope:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        maker: Maker = scope["state"]["maker"]
        async with maker() as session:  # expect: session-made-in-middleware
            scope["state"]["session"] = session
            await self.app(scope, receive, send)


class UnderKey:
    async def __call__(self, scope, receive, send):
        session = Local()  # expect: session-made-in-middleware
        try:
            scope.setdefault("state", {})["db"] = session
            await self.app(scope, receive, send)
        finally:
            session.close()


class ByFunction(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next):
        setattr(request.state, "db", Local())  # expect: session-made-in-middleware
        return await call_next(request)


class InContext(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next):
        with Local() as session:  # expect: session-made-in-middleware
            current.set(session)
            return await call_next(request)


class Updated:
    async def __call__(self, scope, receive, send):
        scope["state"].update(db=Local())  # expect: session-made-in-middleware
        await self.app(scope, receive, send)


class Own(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next):
        with Local() as session:  # silent: it asks the database itself and keeps the session
            request.state.user = session.scalar("user")
        request_id.set(uuid.uuid4().hex)  # silent: text
        request.state.limits = {"rate": 3}  # silent
        return await call_next(request)


async def helper(request) -> None:
    request.state.db = Local()  # silent: no middleware


app.add_middleware(DBSessionMiddleware, db_url="sqlite://")  # expect: session-made-in-middleware
middleware = [Middleware(DBSessionMiddleware, db_url="sqlite://")]  # expect: session-made-in-middleware
app.add_middleware(Own)  # silent


def get_session():
    session = Local()
    try:
        yield session
    finally:
        session.close()


class Known(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next):
        session = next(get_session())  # expect: session-made-in-middleware
        request.state.user = session.scalar("user")
        return await call_next(request)


class Closed(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next):
        with contextmanager(get_session)() as session:  # silent: opened, asked and closed
            request.state.user = session.scalar("user")
        return await call_next(request)


app.add_middleware(Known)
app.add_middleware(Closed)


class Channel:
    def connect(self) -> None: ...


def make_app(database: SqliteQueueDatabase, channel: Channel) -> FastAPI:
    made = FastAPI()

    @made.middleware("http")
    async def connected(request, call_next):
        if database.is_closed():
            database.connect()  # expect: session-made-in-middleware
        channel.connect()  # silent: no database
        return await call_next(request)

    return made


for middleware in (Sessions, InScope, UnderKey, ByFunction, InContext, Updated, Channel):
    app.add_middleware(middleware)
