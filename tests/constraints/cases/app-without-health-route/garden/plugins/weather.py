from fastapi import FastAPI

app = FastAPI()  # silent: another app takes plugins in


@app.get("/weather")
async def read_weather() -> int:
    return 1
