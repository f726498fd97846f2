"""The shed: rows, versions, one lock."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel

from app.schemas import ToolRow


class SeedFile(BaseModel):
    tools: list[ToolRow]


class Shed:
    def __init__(self, rows: list[ToolRow]) -> None:
        self.rows = {row.id: row for row in sorted(rows, key=lambda row: row.id)}
        self.versions = dict.fromkeys(self.rows, 1)
        self.lock = asyncio.Lock()

    def put(self, row: ToolRow) -> None:
        self.rows[row.id] = row
        self.versions[row.id] = self.versions.get(row.id, 0) + 1

    def twin(self, name: str, category: str) -> int | None:
        return next(
            (row.id for row in self.rows.values() if row.name == name and row.category == category), None
        )


def open_shed() -> Shed:
    source = Path(os.environ.get("TOOLSHED_SEED_FILE") or Path(__file__).parent / "sample_tools.json")
    return Shed(SeedFile.model_validate_json(source.read_text(encoding="utf-8")).tools)


def the_shed(request: Request) -> Shed:
    shed: Shed = request.app.state.shed
    return shed


ShedNow = Annotated[Shed, Depends(the_shed)]
