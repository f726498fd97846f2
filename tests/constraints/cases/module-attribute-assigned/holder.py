import httpx2
from pydantic_settings import BaseSettings

pool = None


class Database:
    client: httpx2.AsyncClient = None
    spare: httpx2.AsyncClient = None
    name: str = ""


class Settings(BaseSettings):
    client: object = None


database = Database()
settings = Settings()
