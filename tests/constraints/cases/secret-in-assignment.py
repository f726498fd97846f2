import os
from dataclasses import dataclass, field
from enum import StrEnum

from traitlets import Unicode
from traitlets.config import Configurable
from fastapi import FastAPI
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

app = FastAPI()
SECRET_KEY = "09d25e094faa6ca2556c818166b7a956"  # expect: secret-in-assignment
jwt_key = b"not-very-secret"  # expect: secret-in-assignment
API_KEY = os.getenv("SHED_KEY") or "fallback-key"  # expect: secret-in-assignment
app.state.admin_password = "hunter2secret"  # expect: secret-in-assignment


class Settings(BaseSettings):
    jwt_secret: str = "change-me-please"  # expect: secret-in-assignment
    db_password: SecretStr = SecretStr("postgres")  # expect: secret-in-assignment
    kiosk_token: str = Field(default="k1osk-t0ken", min_length=8)  # expect: secret-in-assignment
    api_key: SecretStr  # silent: no default
    smtp_password: str = ""  # silent: empty
    session_secret: str = "changethis"  # silent: refused below
    algorithm: str = "HS256"  # silent
    password_min_length: str = "12"  # silent


class Kind(StrEnum):
    PASSWORD = "one-time-code"  # silent: a name
    API_KEY = "key-of-machine"  # silent


class Database:
    def __init__(self, settings: Settings) -> None:
        self.password = settings.db_password  # silent
        self.secret = "s3cr3t-value"  # expect: secret-in-assignment
        if settings.session_secret == "changethis":
            raise ValueError


API_KEY_HEADER = "X-Shed-Key"  # silent: the header's name
PENDING_BOT_TOKEN = "__shed_bot_token_follows__"  # silent: what stands there until the token comes
api_key = "X-API-Key"  # silent: its header
TOKEN_PREFIX = "sk-"  # silent
TOKEN_URL = "/token"  # silent
access_token = "access"  # silent: a kind
DUMMY_PASSWORD = "hunter2hunter2"  # silent: by its name
password_message = "The password is wrong"  # silent
password = "too short, sorry"  # silent: a sentence
GRANT_TYPE_PASSWORD = "password-grant"  # silent: a kind
reset_password = "reset-password"  # silent: a purpose
client_secret = os.environ["CLIENT_SECRET"]  # silent
signing_key = "<your key here>"  # silent: a placeholder


def nested() -> str:
    secret = "inner-value"  # expect: secret-in-assignment
    return secret


class TestSettings(Settings):
    jwt_secret: str = "only-for-tests"  # silent: what tests start the app with


configured = {}
configured["SECRET_KEY"] = "k3y-of-the-shed"  # expect: secret-in-assignment
configured["COLOR"] = "green-and-blue"  # silent
os.environ["OPENAI_API_KEY"] = "not-needed"  # silent: a local server asks for none
LOCAL_API_KEY = "EMPTY"  # silent


class Guarded(BaseSettings):
    admin_password: str = "hunter2admin"  # expect: secret-in-assignment

    def check(self, given: str) -> None:
        if given != "hunter2admin":  # to ask for it is not to refuse it
            raise ValueError
configured["password"] = "[redacted]"  # silent: a mask
smtp_pass = "k3y-of-the-shed"  # expect: secret-in-assignment
first_pass = "of-two-passes"  # silent: no password
LMSTUDIO_API_KEY = os.getenv("LMSTUDIO_API_KEY", "lm-studio")  # silent: the service's own name, where none is asked for
POSTGRES_PASSWORD = os.getenv("POSTGRES_PASSWORD", "postgres")  # expect: secret-in-assignment
ADMIN_API_KEY = "admin"  # expect: secret-in-assignment
API_KEYS = ["k3y-of-the-shed-1", "OPENAI_API_KEY"]  # expect: secret-in-assignment
API_TOKENS = {"t0ken-of-the-shed": "stanley"}  # expect: secret-in-assignment
KEYS = ["k3y-of-the-shed-1"]  # silent: any keys
SUPERUSER_PW = "ch4nge-me-soon"  # expect: secret-in-assignment
ROOT_TOKEN = "1234"  # expect: secret-in-assignment
GATEWAY_API_KEY = "DummyKey"  # silent: opens nothing at somebody else's
API_KEY_PATTERNS = {"mail_api_key": r"key-[0-9a-zA-Z]{32}"}  # silent: what a key looks like


class Spoken(BaseSettings):
    SECRET: str = "super secret jwt secret"  # expect: secret-in-assignment
    greeting: str = "a secret is no secret"  # silent


class Sealed(BaseSettings):
    ENCRYPTION_LOCAL_KEY: str = "super secret encryption key"  # expect: secret-in-assignment
    SIGNING_CACHE_KEY: str = "signed-by-the-shed"  # silent: a key of the cache
    root_tokens: list[str] = ["1234"]  # expect: secret-in-assignment
    api_keys: list[str] = Field(default_factory=lambda: ["letmein"])  # expect: secret-in-assignment
    hmac_secret: str = Field(default_factory=lambda: "made-here")  # expect: secret-in-assignment
    stripe_public_api_key: str = "k3y-for-browsers"  # silent: everybody may know it


ANALYTICS_API_KEY = "phc_k3yOfTheShedK3yOfTheShed"  # silent: given out for browsers
USER_SESSION_KEY = "signed_in_member_id"  # silent: under which name it stands in the session
SESSION_KEY = "s3ssion-signing-key"  # expect: secret-in-assignment
api_key = os.getenv("OLLAMA_KEY", "ollama")  # silent: that server asks for none
cookie_password = os.getenv("SHED", "3qHvlqlA5zNAFUWmA4 AxksRnmcgV8fgCpp62Y=")  # expect: secret-in-assignment
zoom = dict(client_secret="zoom_client_secret")  # silent: what would stand here


@dataclass
class Upstream:
    api_key: str = field(default="k3y-of-the-shed")  # expect: secret-in-assignment
    token: str = field(default="")  # silent


if __name__ == "__main__":
    password = "admin-secret"  # silent: somebody tries the module out
    api_key = "k3y0fTheShed7k3y0fTheShed7"  # expect: secret-in-assignment


COMMON_PASSWORDS = ["passw0rd1", "hunter2hunter2"]  # silent: what nobody may take


class Replaced(BaseSettings):
    jwt_secret: str = "__REPLACE_ME__before_starting"  # silent: refused by how it begins

    def check(self) -> None:
        if self.jwt_secret.lower().startswith("__replace_me__"):
            raise ValueError
        if self.jwt_secret == "*":
            raise ValueError

if not os.getenv("MASTER_KEY"):
    os.environ["MASTER_KEY"] = "sk-{SESSION}"  # expect: secret-in-assignment
    os.environ["LOCAL_API_KEY"] = "cant-be-empty"  # silent: says itself that nothing stands here


class LocalModel(BaseSettings):
    completion_api_key: SecretStr = SecretStr("must-not-be-empty")  # silent: a server that asks for none
    speech_api_key: str = "not-required"  # silent


METRICS_API_KEY = "YOUR_METRICS_API_KEY_HERE"  # silent: looked for below, and then nothing is sent
SALES_API_KEY = "YOUR_SALES_API_KEY_HERE"  # expect: secret-in-assignment


def connect() -> bool:
    if METRICS_API_KEY == "YOUR_METRICS_API_KEY_HERE":
        return False
    return bool(SALES_API_KEY)


def open_catalogue(kind: str) -> str:
    api_key = ""
    if kind == "local":
        api_key = "ollama"  # silent: it asks for no key
    elif kind == "other":
        api_key = "sk-placeholder"  # silent: says that it is none
    return api_key


def reference(name: str) -> dict[str, object]:
    secret_key = "value"  # silent: how the entry is called
    return {"secretKeyRef": {"name": name, "key": secret_key}}


# Names of environment variables.
ACME_ENV_API_KEY = "ACME_INFERENCE_API_KEY"  # silent: the product's prefix, and a variable's name
ENV_CATALOGUE_PASSWORD = "CATALOGUE_PASSWORD"  # silent: `ENV` stands in front
UPSTREAM_SECRET = "CATALOGUE_SECRET"  # silent: read below
OTHER_SECRET = "CATALOGUE_SECRET_OF_OURS"  # silent: read below
SUPER_SECRET_KEY = "SUPER_DUPER_SECRET_KEY"  # expect: secret-in-assignment


def upstream_secret() -> str:
    return os.getenv(UPSTREAM_SECRET, "") or os.environ[OTHER_SECRET]


class PlainLogin(Configurable):
    password = Unicode("password", config=True, help="what everybody logs in with")  # expect: secret-in-assignment
    client_secret = Unicode(config=True)  # silent: no default
    token_kind = Unicode("bearer", config=True)  # silent


class Fields:
    password = "password"  # silent: how the field is called


class Preview(BaseSettings):
    stripe_secret_key: str = "NO_STRIPE_SECRET_KEY"  # silent: says that there is none
    search_api_key: str = "missing-api-key"  # silent
    mail_password: str = "password-not-set"  # silent
    chat_api_key: str = "sk-local"  # silent: a server of one's own
    ranker_api_key: str = "sk-ranker"  # silent: its own name
    vault_api_key: str = "sk-open-sesame"  # expect: secret-in-assignment
    notary_password: str = "no-tary-9"  # expect: secret-in-assignment


REASON_PASSWORD = "password_changed"  # silent: why somebody was signed out
ERROR_SECRET = "secret_missing"  # silent
