from fastapi import Depends, FastAPI, HTTPException, Request

app = FastAPI()


@app.get("/a")
async def direct(request: Request) -> str:
    first = request.query_params["q"]  # expect: raw-query-parameter
    params = request.query_params
    return first + params.get("r")  # expect: raw-query-parameter


async def known_only(request: Request) -> None:
    unknown = set(request.query_params) - {"q"}  # silent: only the names
    if unknown or "x" in request.query_params.keys():
        raise HTTPException(422)


@app.get("/b", dependencies=[Depends(known_only)])
async def declared(q: str, request: Request) -> str:
    request.headers.get("x-note")  # silent
    return q


@app.get("/c")
async def copied(request: Request) -> str:
    params = dict(request.query_params)  # expect: raw-query-parameter
    return params["q"]


async def helper(request: Request) -> str:
    return request.query_params["q"]  # silent: no path operation
