from threading import Thread

import uvicorn

worker = Thread(target=print)


def serve(port: int) -> None:
    uvicorn.run(app="app:app", port=port)


if __name__ == "__main__":
    worker.start()  # expect: resource-opened-at-import
    serve(8000)
