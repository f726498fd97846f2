"""One oversight, which is told where it stands."""

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse

app = FastAPI()  # silent: one place is no second way


@app.get("/a")
async def a(number: int) -> object:
    if number == 1:
        return JSONResponse({"error": "gone"}, status_code=404)
    raise HTTPException(400, "bad")
