import uvicorn
from fastapi import FastAPI

token = ""


def login() -> None:
    app = FastAPI()

    @app.get("/callback")
    def callback(code: str) -> str:
        global token  # silent: a command line that waits for one answer
        token = code
        return "done"

    uvicorn.run(app)
