from fastapi import FastAPI, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

app = FastAPI()


class Tool(BaseModel):
    name: str


@app.get("/a", response_model=None)
async def off() -> Tool:  # expect: response-model-switched-off
    return Tool(name="saw")


@app.post("/b", response_model=None)
async def off_too():  # expect: response-model-switched-off
    return {"a": 1}


@app.get("/c", response_model=None)
async def response() -> Response | PlainTextResponse:  # silent
    return PlainTextResponse("a")


@app.delete("/d", response_model=None, status_code=204)
async def gone():  # silent
    return None


@app.get("/e", response_model=None)
async def text():  # silent
    return PlainTextResponse("a")
