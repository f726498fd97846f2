"""A catalogue to try the desk against: `fastapi dev stand_in.py --port 9000`, in a second terminal.

It is slow, and sometimes it fails, as the real one does. The checker brings one of its own.
"""

import asyncio
import random
from datetime import date

from fastapi import FastAPI, HTTPException, status
from pydantic import BaseModel

app = FastAPI(title="A stand-in for the upstream catalogue")


class Manual(BaseModel):
    url: str
    pages: int


class Part(BaseModel):
    number: str
    name: str
    in_stock: bool


class Parts(BaseModel):
    parts: list[Part]


class Recall(BaseModel):
    url: str
    severity: str
    since: date


class Recalls(BaseModel):
    recalls: list[Recall]


class Receipt(BaseModel):
    loan_id: int
    tool_id: int
    member_id: int


class Health(BaseModel):
    status: str = "ok"


@app.get("/health/live")
async def read_health() -> Health:
    """Answers as long as the process does."""
    return Health()


@app.get("/manuals/{model}")
async def read_manual(model: str) -> Manual:
    """Knows no model called `unknown`, and sleeps over that of `HT-500`."""
    if model == "unknown":
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    await asyncio.sleep(30 if model == "HT-500" else 0.1)
    return Manual(url=f"https://manuals.example/{model}.pdf", pages=len(model) * 4)


@app.get("/parts/{model}")
async def read_parts(model: str) -> Parts:
    """Fails every other time."""
    if random.random() < 0.5:
        raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE)
    return Parts(parts=[Part(number=f"{model}-1", name="Screw", in_stock=True)])


@app.get("/recalls/{source}/{model}")
async def read_recalls(source: str, model: str) -> Recalls:
    """The press never answers."""
    await asyncio.sleep(30 if source == "press" else 0.3)
    url = f"https://{source}.example/{model}"
    return Recalls(recalls=[Recall(url=url, severity="minor", since=date(2026, 3, 9))])


@app.post("/receipts", status_code=status.HTTP_202_ACCEPTED)
async def take_receipt(receipt: Receipt) -> Receipt:
    """Takes a second."""
    await asyncio.sleep(1)
    return receipt
