"""A class that makes its app in a method; and one that does the same with a health check."""

from fastapi import FastAPI


class Plain:
    def __init__(self) -> None:
        self.app = FastAPI()  # expect: app-without-health-route
        self.add_routes()

    def add_routes(self) -> None:
        @self.app.get("/users")
        async def list_users() -> list[str]:
            return []


class Checked:
    def __init__(self) -> None:
        self.app = FastAPI()  # silent: the route is added by a method
        self.add_routes()

    def add_routes(self) -> None:
        @self.app.get("/-/healthy")
        async def answer() -> str:
            return "ok"
