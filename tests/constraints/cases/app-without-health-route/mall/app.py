"""Routers that stand in lists, tuples and mappings: of modules, of routers, put together on the way."""

from fastapi import APIRouter, FastAPI
from pywebio.platform.fastapi import asgi_app

from mall.stalls import bread, fish, ops

STALLS = [bread, fish]
EVERYTHING = [*STALLS, ops]
BY_NAME = {"bread": bread, "fish": fish}
GROWN: list[APIRouter] = []
GROWN.append(fish.router)
GROWN.extend([ops.router])

plain = FastAPI()  # expect: app-without-health-route
for stall in STALLS:
    plain.include_router(stall.router)

whole = FastAPI()  # silent: one of the modules has it
for part in EVERYTHING:
    whole.include_router(part.router)

named = FastAPI()  # expect: app-without-health-route
for name, module in BY_NAME.items():
    named.include_router(module.router, prefix=f"/{name}")

grown = FastAPI()  # silent: the list has it in the end
for grown_router in GROWN:
    grown.include_router(grown_router)

chosen = FastAPI()  # expect: app-without-health-route
chosen.include_router(BY_NAME["bread"].router)
for entry in [{"router": bread.router, "prefix": "/x"}, {"router": fish.router, "prefix": "/y"}]:
    chosen.include_router(entry["router"], prefix=entry["prefix"])

checked = FastAPI()  # silent: the mapping has it
for checked_entry in [{"router": bread.router}, {"router": ops.router}]:
    checked.include_router(checked_entry["router"])

mapped = FastAPI()  # silent: nobody follows `map`
mapped.include_router(bread.router)
list(map(mapped.include_router, GROWN))

with_pages = FastAPI()  # expect: app-without-health-route
with_pages.include_router(bread.router)
with_pages.mount("/", asgi_app(lambda: None))


def make_app(index: bool = False) -> FastAPI:
    app = FastAPI()  # expect: app-without-health-route
    stalls = STALLS if index else [bread]
    stalls += [fish]
    for one in stalls:
        app.include_router(one.router)
    return app


def include_all(app: FastAPI, *routers: APIRouter) -> None:
    for router in routers:
        app.include_router(router)


def routers_of(everything: bool):
    yield bread.router
    if everything:
        yield ops.router


def make_other() -> FastAPI:
    app = FastAPI()  # silent: the generator gives it
    for number, router in enumerate(routers_of(True)):
        app.include_router(router, prefix=f"/{number}")
    return app


made, other = make_app(), make_other()
handed = FastAPI()  # silent: it is among what is handed over
include_all(handed, bread.router, ops.router)

SET_LATER = {"bread": bread}
SET_LATER["ops"] = ops
set_later = FastAPI()  # silent: a key is set beside those that are written out
for later in SET_LATER.values():
    set_later.include_router(later.router)

PUT_FIRST = [bread]
PUT_FIRST.insert(0, ops)
put_first = FastAPI()  # silent: it is put in front
for first in PUT_FIRST:
    put_first.include_router(first.router)
