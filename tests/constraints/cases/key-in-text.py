from fastapi import FastAPI

app = FastAPI()
CLIENT = {"aws": "AKIA" "IOSFODNN7ABCDEFG"}  # expect: key-in-text
PLACES = [
    "postgresql://shed:hunter2@db/shed",  # expect: key-in-text
    "postgresql://db/shed",  # silent
    "redis://localhost:6379/0",  # silent
    "postgresql://shed:{password}@db/shed",  # silent: filled in later
    "https://fastapi.tiangolo.com/tutorial/",  # silent
]
PREFIX = "sk-proj-"  # silent


def url(user: str, password: str) -> str:
    return f"postgresql://{user}:{password}@db/shed"  # silent
