import sqlite3 as sql

from alembic.migration import MigrationContext
from celery import shared_task

import pg8000
import pymysql
import start
from dbutils.pooled_db import PooledDB
from fastapi import FastAPI
from langchain_community.vectorstores.pgvector import PGVector
from peewee import MySQLDatabase
from playhouse.sqliteq import SqliteQueueDatabase
from playhouse.shortcuts import ReconnectMixin
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import create_engine as make

app = FastAPI(lifespan=start.lifespan)
app.include_router(start.router)
engine = create_engine("sqlite://")  # expect: sync-sql-driver
other = make("sqlite://")  # expect: sync-sql-driver
wrapped = AsyncEngine(make("postgresql+asyncpg://"))  # silent: the wrapper is what works
fine = create_async_engine("sqlite+aiosqlite://")  # silent


def read() -> None:
    sql.connect("x.db")  # expect: sync-sql-driver
    text("select 1")  # silent


if __name__ == "__main__":
    create_engine("sqlite://")  # silent: a script's


def heads() -> set[str]:
    with create_engine("sqlite://").connect() as connection:  # silent: Alembic's own
        return set(MigrationContext.configure(connection).get_current_heads())


def remade(settings: Settings) -> None:
    settings.engine = make(settings.url)  # expect: sync-sql-driver


@shared_task
def nightly() -> None:
    create_engine("sqlite://")  # silent: a worker runs it


@app.get("/rows")
def rows() -> list[str]:
    return list(pg8000.connect(user="x").run("select 1"))  # expect: sync-sql-driver


class Reconnecting(ReconnectMixin, MySQLDatabase): ...


class Catalogue:
    def __init__(self, name: str) -> None:
        self.name = name


loans = Reconnecting("loans")  # expect: sync-sql-driver
catalogue = Catalogue("tools")  # silent: no database
pool = PooledDB(pymysql, host="x")  # expect: sync-sql-driver
vectors = PGVector.connection_string_from_db_params(driver="psycopg2", host="x")  # expect: sync-sql-driver
vectors_later = PGVector.connection_string_from_db_params(driver="asyncpg", host="x")  # silent


class Queued(SqliteQueueDatabase):
    def __init__(self, path: str) -> None:
        super().__init__(path)


queued = Queued("tools.db")  # expect: sync-sql-driver
