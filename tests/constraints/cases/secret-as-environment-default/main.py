import os
from os import environ as env

from fastapi import FastAPI

app = FastAPI()
connection = {
    "password": os.getenv("DB_PASSWORD", "postgres"),  # expect: secret-as-environment-default
    "key": env.get("SHED_API_KEY", "abc-123"),  # expect: secret-as-environment-default
    "own": get_env_variable("ADMIN_PASSWORD", "letmein"),  # expect: secret-as-environment-default
    "column": get_column("PASSWORD", "text"),  # silent
    "user": os.getenv("DB_USER", "postgres"),  # silent
    "other": os.getenv("DB_PASSWORD"),  # silent
    "empty": os.getenv("DB_PASSWORD", ""),  # silent
    "expiry": os.getenv("ACCESS_TOKEN_EXPIRE_MINUTES", "30"),  # silent
}


def env_legacy(new: str, old: str, default: str) -> str:
    return os.getenv(new) or os.getenv(old) or default


index = {
    "word": env_legacy("INDEX_PASSWORD", "OLD_INDEX_PASSWORD", ""),  # silent: another variable's name
    "other": env_legacy("INDEX_PASSWORD", "OLD_INDEX_PASSWORD", "letmein"),  # expect: secret-as-environment-default
    "third": get_env("INDEX_PASSWORD", "OLD_INDEX_PASSWORD"),  # silent
}


def sign(config: dict, form: dict) -> list[str]:
    if config["api"].get("jwt_secret", "super-secret") == "super-secret":  # silent: it is looked for
        warn()
    given = form.get("password", "letmein")  # silent: not the service's own
    return [given, config["api"].get("jwt_secret", "super-secret")]  # expect: secret-as-environment-default
