"""A module that is a client by another name."""

from collections.abc import Iterator

import boto3
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

s3 = boto3.client("s3")
engine = create_engine("sqlite://")
sessions = sessionmaker(engine)
BUCKET = "tools"


def upload(name: str, data: bytes) -> None:
    s3.put_object(Bucket=BUCKET, Key=name, Body=data)


def download(name: str) -> bytes:
    return s3.get_object(Bucket=BUCKET, Key=name)["Body"].read()


def upload_with(client: object, name: str) -> None:
    client.put_object(Bucket=BUCKET, Key=name)


def count() -> int:
    with sessions() as session:
        return session.execute("select 1").scalar_one()


def name_of(path: str) -> str:
    return f"{BUCKET}/{path}"


def get_session() -> Iterator[Session]:
    with sessions() as session:
        yield session


def get_client() -> object:
    return s3
