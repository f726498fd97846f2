import httpx
import jwt
import requests
import psycopg2
import typer
from cryptography.fernet import Fernet
from fastapi import FastAPI
from fastapi.security import OAuth2PasswordBearer
from itsdangerous import URLSafeTimedSerializer
from starlette.middleware.sessions import SessionMiddleware

app = FastAPI()
oauth2 = OAuth2PasswordBearer(tokenUrl="token")  # silent


def connect(settings) -> None:
    psycopg2.connect(host="db", password="postgres")  # expect: secret-in-argument
    psycopg2.connect(host="db", password=settings.password)  # silent
    jwt.encode({"sub": "1"}, "my-signing-key", algorithm="HS256")  # expect: secret-in-argument
    jwt.decode("x", settings.key, algorithms=["HS256"])  # silent


def login(name: str, password: str = "letmein") -> None: ...  # expect: secret-in-argument


def asked(password: str = "", token_type: str = "bearer") -> None: ...  # silent


def sign(settings) -> None:
    Fernet("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")  # expect: secret-in-argument
    URLSafeTimedSerializer(settings.key)  # silent
    requests.get("https://api.example", auth=("shed", "hunter2"))  # expect: secret-in-argument
    requests.get("https://api.example", auth=("shed", settings.password))  # silent


app.add_middleware(SessionMiddleware, secret_key="not-so-secret")  # expect: secret-in-argument


def seed(settings, form) -> None:
    save("stanley", hash_password("hunter2"))  # expect: secret-in-argument
    save("stanley", hash_password(form.password))  # silent
    httpx.get("https://api.example", auth=httpx.BasicAuth("shed", "hunter2"))  # expect: secret-in-argument
    httpx.get("https://api.example", auth=httpx.BasicAuth("shed", settings.password))  # silent
    openai.OpenAI(base_url="http://localhost:1234", api_key="ollama")  # silent: a server of one's own asks for none
    openai.OpenAI(api_key="k3y-of-the-shed")  # expect: secret-in-argument


SHED = "my-signing-words"  # expect: secret-in-argument


def sign_by_name(settings) -> None:
    jwt.encode({"sub": "1"}, SHED, algorithm="HS256")
    jwt.encode({"sub": "1"}, settings.shed, algorithm="HS256")  # silent


def routes_alone() -> None:
    OAuth2(client_id="mock", client_secret="mock")  # silent: says itself that it opens nothing
    OAuth2(client_id="shed", client_secret="fake-secret")  # silent: the same
    OAuth2(client_id="shed", client_secret="mockingbird")  # expect: secret-in-argument


def options(parser) -> None:
    parser.add_argument("--api-key", default="k3y-of-the-shed")  # expect: secret-in-argument
    parser.add_argument("--password", "-p", default=None)  # silent
    parser.add_argument("--password-file", default="/run/secrets/shed")  # silent


def command(password: str = typer.Option("letmein"), name: str = typer.Option("stanley")) -> None: ...  # expect: secret-in-argument


def stores(url, boto3):
    boto3.resource("dynamodb", endpoint_url=url, aws_access_key_id="key", aws_secret_access_key="key")  # silent: takes any
    boto3.client("s3", endpoint_url=url, aws_secret_access_key="minioadmin")  # expect: secret-in-argument
    boto3.client("s3", aws_secret_access_key="letmein")  # expect: secret-in-argument
