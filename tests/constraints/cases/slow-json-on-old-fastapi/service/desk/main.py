from fastapi import FastAPI
from pydantic import BaseModel


class Loan(BaseModel):
    days: int


app = FastAPI()  # expect: slow-json-on-old-fastapi


@app.get("/loans")
async def loans() -> list[Loan]:
    return [Loan(days=1), Loan(days=2)]
