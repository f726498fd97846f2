import uuid
from typing import Annotated
from uuid import UUID

from bson import ObjectId
from bson.errors import InvalidId
from bson.objectid import ObjectId as Oid
from fastapi import APIRouter, HTTPException, Path, Query

router = APIRouter()


@router.get("/tools/{tool_id}")
async def read_tool(tool_id: str) -> Tool:  # expect: unparsed-object-id
    return await tools.find_one({"_id": ObjectId(tool_id)})


@router.get("/loans/{loan_id}")
async def read_loan(loan_id: str) -> Loan:  # expect: unparsed-object-id
    key = loan_id.strip()
    return await loans.find_one({"_id": Oid(key)})


async def find_member(database: Database, member: str) -> Member:
    return await database.members.get(uuid.UUID(member))


@router.get("/members/{member_id}")
async def read_member(
    member_id: str,  # expect: unparsed-object-id
    database: Database,
) -> Member:
    return await find_member(database, member=member_id)


@router.get("/typed/{tool_id}")
async def read_typed(tool_id: UUID) -> Tool:  # silent
    return await tools.find_one({"_id": uuid.UUID(str(tool_id))})


@router.get("/caught/{tool_id}")
async def read_caught(tool_id: str) -> Tool:  # silent
    try:
        key = ObjectId(tool_id)
    except InvalidId:
        raise HTTPException(404) from None
    return await tools.find_one({"_id": key})


@router.get("/asked/{tool_id}")
async def read_asked(tool_id: str) -> Tool:  # silent
    if not ObjectId.is_valid(tool_id):
        raise HTTPException(404)
    return await tools.find_one({"_id": ObjectId(tool_id)})


@router.get("/patterned/{tool_id}")
async def read_patterned(tool_id: Annotated[str, Path(pattern="^[0-9a-f]{24}$")]) -> Tool:  # silent
    return await tools.find_one({"_id": ObjectId(tool_id)})


@router.get("/named/{slug}")
async def read_named(slug: str) -> Tool:  # silent
    return await tools.find_one({"slug": slug, "batch": ObjectId()})


@router.get("/numbered/{tool_id}")
async def read_numbered(tool_id: str) -> Tool:  # expect: unparsed-object-id
    return await tools.get(int(tool_id))


@router.get("/several")
async def read_several(
    ids: list[str] | None = None,  # silent: nothing parses it
    owner_ids: Annotated[list[str], Query()] = [],  # expect: unparsed-object-id
) -> list[Tool]:
    return await tools.find([UUID(one) for one in owner_ids], ids)


@router.get("/digits/{tool_id}")
async def read_digits(tool_id: str, year: str) -> Tool:  # silent: asked before; a year is no id
    if not tool_id.isdigit():
        raise HTTPException(404)
    return await tools.get(int(tool_id), int(year))


@router.get("/maybe")
async def read_maybe(owner: str | None = None) -> Tool:  # expect: unparsed-object-id
    return await tools.get(UUID(owner) if owner else None)
