"""What `hub.core.main` mounts: kept as an attribute, and made by a method."""

from fastapi import FastAPI


class Part:
    path = "/tools"

    def __init__(self) -> None:
        app = FastAPI()  # silent: mounted as `part.app`
        self.app = app
        self.other = FastAPI()  # expect: app-without-health-route

        @app.get("/a")
        async def read_a() -> int:
            return 1

        @self.other.get("/a")
        async def read_other() -> int:
            return 1

    def make_app(self) -> FastAPI:
        made = FastAPI()  # silent: mounted as what `make_app` makes

        @made.get("/b")
        async def read_b() -> int:
            return 1

        return made
