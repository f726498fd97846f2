"""Health checks that are reached in other ways."""


from fastapi import APIRouter, FastAPI
from starlette.routing import Route


async def answer() -> str:
    return "ok"


mounted = FastAPI()  # silent: part of another app
mounted.add_api_route("/readyz", answer)
outer = FastAPI()  # silent: in the mounted app
outer.mount("/api", mounted)

prefixed = APIRouter()


@prefixed.get("")
async def read() -> str:
    return "ok"


by_prefix = FastAPI()  # silent: the prefix says it
by_prefix.include_router(prefixed, prefix="/api/v1/health-check")

by_name = FastAPI()  # silent: the function says it


@by_name.get("/")
async def health_check() -> str:
    return "ok"


by_route = FastAPI(routes=[Route("/livez", answer)])  # silent: a route of Starlette's

by_call = FastAPI()  # silent: a decorator that is called
by_call.get("/ping")(answer)

by_loop = FastAPI()  # silent: the loop includes it
for each in [prefixed, mounted.router]:
    by_loop.include_router(each)

by_answer = FastAPI()  # silent: what it answers says it


@by_answer.get("/")
async def root() -> dict[str, str]:
    return {"status": "ok"}
