"""The same words about one of the things that the service keeps."""

from fastapi import FastAPI

app = FastAPI()  # expect: app-without-health-route


@app.get("/lamps/{lamp_id}/test_connection")
async def test_lamp(lamp_id: int) -> int:
    return lamp_id


@app.get("/lamps/status")
async def read_status_of_lamps() -> int:
    return 1
