from fastapi import Body, FastAPI
from pydantic import BaseModel

import requests

app = FastAPI()
DATABASE = {
    "host": "db",
    "user": "shed",
    "password": "shed",  # expect: secret-in-dictionary
    "options": {"api_key": "abcd"},  # expect: secret-in-dictionary
}
LABELS = {"password": "Kennwort", "api_key": "Schluessel"}  # silent: translations
FIELDS = {"password": "password", "token": "text"}  # silent: kinds of fields
tool_example = {"password": "hunter2hunter2"}  # silent: an example
broker_settings = {"password": "<password>", "secret_key": ""}  # silent: placeholders


class Login(BaseModel):
    model_config = {"json_schema_extra": {"example": {"password": "hunter2hunter2"}}}  # silent


def sign_in() -> None:
    requests.post(
        "https://api.example/token",
        data={"client_id": "shed", "client_secret": "k3y-of-the-shed"},  # expect: secret-in-dictionary
    )
    requests.post("https://api.example/token", data={"client_secret": read("CLIENT_SECRET")})  # silent


@app.post("/login", responses={200: {"example": {"access_token": "abc12345"}}})  # silent
async def login(body: dict = Body(examples=[{"password": "hunter2hunter2"}])) -> None: ...  # silent


def call(key: str) -> None:
    requests.get("https://api.example", headers={"Authorization": "Bearer t0ken-of-the-shed"})  # expect: secret-in-dictionary
    requests.get("https://api.example", headers={"Authorization": f"Bearer {key}"})  # silent
    requests.get("https://api.example", headers={"Authorization": "Bearer <token>"})  # silent: a placeholder


class TestSettings(BaseSettings):
    REGISTER_PAYLOAD: dict[str, str] = {"email": "ada@shed.example", "password": "hunter2hunter2"}  # silent: for tests


USER = {"name": "ada", "password": "$2b$12$C6UzMDM.H6dfI/f/IKcEeO7u0Z7g9m0f0n8k1bq3y5y6Zp0vXo2uW"}  # silent: nobody signs in with it


def test_log_in() -> None:
    requests.post("https://shed.example/login", json={"name": "ada", "password": "hunter2hunter2"})  # silent: tries it out


ROWS = {"accessToken": "shedAuth/accessToken"}  # silent: where it is kept
