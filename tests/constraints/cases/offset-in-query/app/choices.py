from fastapi import APIRouter
from sqlalchemy import select

router = APIRouter()


class Row: ...


def page(offset: int, paged: bool = False):
    rows = select(Row)
    if paged:
        rows = rows.offset(offset)  # silent: nobody asks for pages
    return rows


def page_too(offset: int, paged: bool = False):
    rows = select(Row)
    return rows.offset(offset) if paged else rows  # expect: offset-in-query


@router.get("/first")
async def first(session, offset: int = 0):
    await session.scalars(page(offset))
    await session.scalars(page_too(offset))


@router.get("/second")
async def second(session, offset: int = 0):
    await session.scalars(page_too(offset, paged=True))
