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
