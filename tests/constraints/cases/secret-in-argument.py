import jwt
import requests
import psycopg2
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
