import uuid
from typing import Annotated
from uuid import UUID

from beanie import Document
from bson import ObjectId
from bson.errors import InvalidId
from bson.objectid import ObjectId as Oid
from django.core.exceptions import ValidationError
from django.db import models
from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import Column, select
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, Session, mapped_column

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


class Loan(Base):
    __tablename__ = "loans"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id = Column(PG_UUID(as_uuid=True))
    code_id = Column(PG_UUID(as_uuid=False))
    note: Mapped[str]


class Photo(models.Model):
    id = models.UUIDField(primary_key=True)


async def loan_of(session: Session, loan_id: str | None = None) -> Loan:
    return await session.scalar(select(Loan).where(Loan.id == loan_id))


@router.get("/column/{loan_id}")
async def read_by_column(loan_id: str, session: Session) -> Loan:  # expect: unparsed-object-id
    return await loan_of(session, loan_id=loan_id)


@router.get("/owned")
async def read_owned(owner_id: str, session: Session) -> Loan:  # expect: unparsed-object-id
    return await session.query(Loan).filter_by(owner_id=owner_id).all()


@router.get("/coded")
async def read_coded(code_id: str, note: str, session: Session) -> Loan:  # silent: the columns take text
    rows = session.query(Loan).filter_by(code_id=code_id)
    return await rows.filter(Loan.note == note).all()


@router.get("/got/{loan_id}")
async def read_got(loan_id: str, session: Session) -> Loan:  # expect: unparsed-object-id
    return await session.get(Loan, loan_id)


@router.get("/photos/{photo_id}")
async def read_photo(photo_id: str) -> Photo:  # expect: unparsed-object-id
    found = Photo.objects.filter(hidden=False)
    return await found.filter(id=photo_id).afirst()


@router.get("/photos-safely/{photo_id}")
async def read_photo_safely(photo_id: str) -> Photo:  # silent: caught
    try:
        return await Photo.objects.aget(id=photo_id)
    except ValidationError:
        raise HTTPException(404) from None


async def by_id(loan_id: UUID | None) -> Loan:
    return await loans.one(loan_id)


@router.get("/promised/{loan_id}")
async def read_promised(loan_id: str) -> Loan:  # expect: unparsed-object-id
    return await by_id(loan_id)


async def by_any(loan_id: UUID | str) -> Loan:
    return await loans.one(loan_id)


@router.get("/either/{loan_id}")
async def read_either(loan_id: str) -> Loan:  # silent
    return await by_any(loan_id)


@router.get("/parsed-where/{loan_id}")
async def read_parsed_where(loan_id: str, session: Session) -> Loan:  # expect: unparsed-object-id
    return await session.scalar(select(Loan).where(Loan.id == UUID(loan_id)))


@router.get("/own/{member_id}")
async def read_own(member_id: str, user: User, session: Session) -> Loan:  # silent: it is the user's own
    if member_id != str(user.id):
        raise HTTPException(403)
    return await session.get(Loan, member_id)


class Note(Document):
    text: str


class Named(Document):
    id: str


@router.get("/notes/{note_id}")
async def read_note(note_id: str) -> Note:  # expect: unparsed-object-id
    return await Note.get(note_id)


@router.get("/named/{note_id}")
async def read_named(note_id: str) -> Named:  # silent: its ids are texts
    return await Named.get(note_id)


class Move(BaseModel):
    loan_id: str  # expect: unparsed-object-id
    tool_ids: list[str]  # expect: unparsed-object-id
    note: str  # silent: any text is right
    owner_id: str  # silent: caught
    shelf_id: Annotated[str, Field(pattern="^[0-9a-f]{24}$")]  # silent: has a pattern


@router.post("/move")
async def move(body: Move) -> None:
    await store.move(UUID(body.loan_id), [UUID(one) for one in body.tool_ids], body.note)
    try:
        owner = UUID(body.owner_id)
    except ValueError:
        raise HTTPException(422) from None
    await store.give(owner, ObjectId(body.shelf_id))


class Thread(Base):
    __tablename__ = "threads"
    key: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


async def thread_by(key: str | uuid.UUID, session: Session) -> Thread | None:
    return session.execute(select(Thread).where(Thread.key == str(key))).scalar_one_or_none()


@router.get("/threads/{key}")
async def read_thread(key, session: Session):  # expect: unparsed-object-id
    return await thread_by(key, session)


@router.get("/named-threads/{name}")
async def read_named_thread(name, session: Session):  # silent: a name is any text
    return session.execute(select(Thread).where(Thread.name == str(name))).scalar_one_or_none()


@router.get("/checked-threads/{key}")
async def read_checked_thread(key: str, session: Session):  # silent: what is no UUID is refused
    try:
        uuid.UUID(key)
    except (ValueError, TypeError):
        raise HTTPException(404) from None
    return session.execute(select(Thread).where(Thread.key == key)).scalar_one_or_none()


class Shelves:
    async def find(self, shelf_id: str) -> dict | None:
        if not ObjectId.is_valid(shelf_id):
            return None
        return await shelves.find_one({"_id": ObjectId(shelf_id)})

    async def delete(self, shelf_id: str) -> None:
        await shelves.delete_one({"_id": ObjectId(shelf_id)})


kept = Shelves()


async def remove_shelf(shelf_id: str) -> None:
    shelf = await kept.find(shelf_id)
    if not shelf:
        raise HTTPException(404)
    await kept.delete(shelf_id)


async def drop_shelf(shelf_id: str) -> None:
    shelf = await kept.find(shelf_id)
    await kept.delete(shelf_id)
    if not shelf:
        raise HTTPException(404)


@router.delete("/shelves/{shelf_id}")
async def delete_shelf(shelf_id: str) -> None:  # silent: it was found before
    await remove_shelf(shelf_id)


@router.delete("/shelves/{shelf_id}/now")
async def delete_shelf_now(shelf_id: str) -> None:  # expect: unparsed-object-id
    await drop_shelf(shelf_id)
