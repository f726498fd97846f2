import uvicorn
from fastapi import FastAPI

app = FastAPI()
worker = None
unused = None
limit = 3


class Worker:
    def __init__(self, size: int) -> None:
        self.size = size
        self.asked = 0

    def ask(self) -> int:
        self.asked += 1
        return self.asked


@app.get("/a")
def read() -> int:
    return worker.ask() + store.ask() + limit + fixed.ask()


def main() -> None:
    global worker, unused, limit
    worker = Worker(3)  # expect: resource-made-in-main-guard
    unused = Worker(3)  # silent: no request asks it
    limit = int("4")  # silent: a number
    local = Worker(5)  # silent
    uvicorn.run(app, workers=local.ask())


fixed = Worker(1)  # silent: made at import

if __name__ == "__main__":
    store = Worker(4)  # expect: resource-made-in-main-guard
    main()
