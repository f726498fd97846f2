"""Objects of a module whose `__call__` or method is the dependency."""

from typing import Annotated

from fastapi import Depends, FastAPI, Header

app = FastAPI()


class Guard:
    def __init__(self, strict: bool) -> None:
        self.strict = strict

    async def __call__(self, token: Annotated[str, Header()]) -> "Guard":
        self.token = token
        return self


class Counter:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def count(self, token: Annotated[str, Header()]) -> None:
        self.seen.append(token)


class Limit:
    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, token: Annotated[str, Header()]) -> bool:
        found = len(token)
        return found < self.most


strict = Guard(strict=True)  # expect: module-level-mutable-state
lax = Guard(strict=False)  # expect: module-level-mutable-state
counter = Counter()  # expect: module-level-mutable-state
limit = Limit(3)  # silent: it only reads what it was made with


@app.get("/a", dependencies=[Depends(counter.count), Depends(limit)])
async def read(guard: Annotated[Guard, Depends(strict)], other: Annotated[Guard, Depends(lax)]) -> int:
    return 1
