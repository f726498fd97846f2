"""One shape by hand at three places, beside `{detail}`."""

from fastapi import FastAPI
from fastapi.responses import JSONResponse

app = FastAPI()  # expect: errors-in-several-shapes


@app.get("/a")
async def a(number: int) -> int:
    if number == 1:
        return JSONResponse({"error": "gone"}, status_code=404)
    if number == 2:
        return JSONResponse({"error": "late"}, status_code=400)
    return JSONResponse({"error": "lent"}, status_code=409)
