from threading import Thread

import uvicorn
from app import make_app


class Supervisor:
    def __init__(self) -> None:
        self.worker = Thread(target=print)

    def start(self) -> None:
        self.worker.start()  # silent: the app is made for what is started here
        uvicorn.run(make_app())


if __name__ == "__main__":
    Supervisor().start()  # silent
