import jwt
import psycopg2
from fastapi import FastAPI
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
oauth2 = OAuth2PasswordBearer(tokenUrl="token")  # silent


def connect(settings) -> None:
    psycopg2.connect(host="db", password="postgres")  # expect: secret-in-argument
    psycopg2.connect(host="db", password=settings.password)  # silent
    jwt.encode({"sub": "1"}, "my-signing-key", algorithm="HS256")  # expect: secret-in-argument
    jwt.decode("x", settings.key, algorithms=["HS256"])  # silent


def login(name: str, password: str = "letmein") -> None: ...  # expect: secret-in-argument


def asked(password: str = "", token_type: str = "bearer") -> None: ...  # silent
