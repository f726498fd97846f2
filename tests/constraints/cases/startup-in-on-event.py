from fastapi import APIRouter, FastAPI
from fastapi_versioning import VersionedFastAPI
from uagents import Agent

app = FastAPI()
router = APIRouter()


@app.on_event("startup")  # expect: startup-in-on-event
async def start() -> None: ...


def stop() -> None: ...


router.add_event_handler("shutdown", stop)  # expect: startup-in-on-event


class Bus:
    on_startup: list[object] = []

    def on_event(self, name: str):
        return lambda f: f

    def add_event_handler(self, name: str, f: object) -> None: ...


bus = Bus()


@bus.on_event("startup")  # silent: another bus
def heard() -> None:
    """@app.on_event("startup") in a text."""  # silent


bus.add_event_handler("x", heard)  # silent


old = FastAPI(on_startup=[print])  # expect: startup-in-on-event


def install(service) -> None:
    service.add_event_handler("startup", print)  # expect: startup-in-on-event
    service.add_event_handler("click", print)  # silent: events of something else


app.router.on_startup.append(start)  # expect: startup-in-on-event
bus.on_startup.append(start)  # silent: another bus

versioned = VersionedFastAPI(FastAPI())
agent = Agent()


@versioned.on_event("startup")  # expect: startup-in-on-event
async def start_versioned() -> None: ...


@agent.on_event("startup")  # silent: an agent of another library
async def start_agent() -> None: ...


class Service(FastAPI):
    """An app of the project's own."""


class Batch:
    def __init__(self, on_startup: list[object]) -> None:
        self.on_startup = on_startup  # silent: no app


service = Service(on_startup=[print])  # expect: startup-in-on-event
service.router.on_shutdown = [stop]  # expect: startup-in-on-event
service.router.on_startup += [start]  # expect: startup-in-on-event
batch = Batch(on_startup=[print])  # silent: no app
batch.on_startup = []  # silent
