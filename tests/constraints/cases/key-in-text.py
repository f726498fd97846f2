from fastapi import FastAPI
from pydantic import Field
from pydantic_settings import BaseSettings

app = FastAPI()
CLIENT = {"aws": "AKIA" "IOSFODNN7ABCDEFG"}  # expect: key-in-text
PLACES = [
    "postgresql://shed:hunter2@db/shed",  # expect: key-in-text
    "postgresql://db/shed",  # silent
    "postgresql://benutzer:schlüssel@größe/name",  # silent: words for what would stand here
    "redis://localhost:6379/0",  # silent
    "postgresql://shed:{password}@db/shed",  # silent: filled in later
    "https://fastapi.tiangolo.com/tutorial/",  # silent
]
PREFIX = "sk-proj-"  # silent


def url(user: str, password: str) -> str:
    return f"postgresql://{user}:{password}@db/shed"  # silent


class Settings(BaseSettings):
    database_url: str = "postgresql://postgres:postgres@localhost/shed"  # expect: key-in-text
    """For example `postgresql://shed:hunter2@db/shed`."""
    mirror_url: str = Field("", description="postgresql://shed:hunter2@db/shed")  # silent: a description
    openai_key: str = Field("", examples=["sk-proj-0123456789abcdefghijk"])  # silent: an example



class TestSettings(Settings):
    database_url: str = "postgresql://postgres:postgres@localhost/shed_tests"  # silent: for tests


OPENAI = "sk-your-key-goes-in-this-place"  # silent: a placeholder
TOKEN = "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH"  # expect: key-in-text


def connect(host: str, word: str) -> None:
    engine(f"postgresql://shed:hunter2@{host}/shed")  # expect: key-in-text
    engine(f"postgresql://shed:{word}@{host}/shed")  # silent
    psycopg2.connect("host=db dbname=shed user=shed password=hunter2")  # expect: key-in-text
    psycopg2.connect("host=db dbname=shed user=shed password=%s" % word)  # silent
    log.info("wrong password=hunter2")  # silent: no connection


ADMIN_PASSWORD_HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2F3c2F3c2F3c2F3$c2F3c2F3c2F3c2F3c2F3c2F3c2F3c2F3"  # expect: key-in-text
DUMMY_PASSWORD_HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2F3c2F3c2F3c2F3$c2F3c2F3c2F3c2F3c2F3c2F3c2F3c2F3"  # silent: nobody's, for equal time
HASH_PREFIX = "$argon2id$"  # silent
ETAG_HASH = "$2b$12$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234"  # silent: no password's by its name
MEMBERS = {
    "ann": {
        "hashed_password": "$2b$12$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234",  # expect: key-in-text
    }
}


def first_member() -> Member:
    return Member(password_hash="pbkdf2:sha256:260000$c2F3$0123456789abcdef")  # expect: key-in-text


GUEST = "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiAiZ3Vlc3QifQ.c2lnbmF0dXJlLW9mLXRoZS1zaGVk"  # expect: key-in-text
OVER = "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiAiZ3Vlc3QiLCAiZXhwIjogMTY2MjE5Nzg2MX0.c2lnbmF0dXJlLW9mLXRoZS1zaGVk"  # silent: its time is over
LATER = "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiAiZ3Vlc3QiLCAiZXhwIjogOTk5OTk5OTk5OTl9.c2lnbmF0dXJlLW9mLXRoZS1zaGVk"  # expect: key-in-text
BAD = "eyJhbGciOiJIUzI1NiJ9.eyJub3QganNvbiBhdCBhbGwgaGVyZQ.c2lnbmF0dXJlLW9mLXRoZS1zaGVk"  # expect: key-in-text
success_example = Tokens(access="eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiAiYWRhIn0.c2lnbmF0dXJlLW9mLXRoZS1zaGVk")  # silent: an example
