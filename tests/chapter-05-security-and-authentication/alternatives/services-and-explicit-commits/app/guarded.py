"""What only some may; `main` says who."""

import hashlib
import secrets
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, HTTPException
from fastapi.security import APIKeyHeader
from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access import Admitted, find_member, scheme
from app.models import Key, Loan, Member, Tool
from app.resources import Session, Shed
from app.schemas import (
    LARGEST_ID,
    KeyOrder,
    LoanOrder,
    LoanOut,
    MemberOut,
    NewKey,
    RowId,
    ScopesOrder,
    ToolOrder,
    ToolOut,
)
from app.schemas import KeyOut as ListedKey
from app.tokens import who_are_you

own = APIRouter()
readers = APIRouter()
keepers = APIRouter()
admins = APIRouter()
lending = APIRouter()
Row = TypeVar("Row", Member, Tool, Key)
key_scheme = APIKeyHeader(name="X-API-Key", auto_error=False)


@own.get("/me")
async def read_me(me: Admitted) -> MemberOut:
    """Your account."""
    return MemberOut.model_validate(me)


@own.delete("/me", status_code=204)
async def leave(me: Admitted, session: Session) -> None:
    """Close your account."""
    if await session.scalar(select(exists().where(Loan.member_id == me.id))):
        raise HTTPException(409, "First bring back what you have.")
    await session.delete(me)
    await session.commit()


@readers.get("/members")
async def list_members(session: Session) -> list[MemberOut]:
    """The members."""
    return [
        MemberOut.model_validate(one)
        for one in await session.scalars(select(Member).order_by(Member.id).limit(100))
    ]


@keepers.post("/tools", status_code=201)
async def add_tool(order: ToolOrder, session: Session) -> ToolOut:
    """Add a tool."""
    tool = Tool(**order.model_dump())
    session.add(tool)
    await session.commit()
    return ToolOut.model_validate(tool)


@keepers.delete("/tools/{tool_id}", status_code=204)
async def remove_tool(tool_id: RowId, session: Session) -> None:
    """Remove a tool."""
    await session.delete(await found(session, Tool, tool_id))
    await session.commit()


@admins.put("/members/{member_id}/scopes")
async def set_scopes(member_id: RowId, order: ScopesOrder, session: Session) -> MemberOut:
    """Decide what a member may."""
    member = await found(session, Member, member_id)
    member.scopes = list(order.scopes)
    await session.commit()
    return MemberOut.model_validate(member)


@admins.post("/keys", status_code=201)
async def add_key(order: KeyOrder, session: Session) -> NewKey:
    """Make a key: its number, and a secret."""
    secret = secrets.token_hex(24)
    key = Key(
        name=order.name, scopes=list(order.scopes), digest=hashlib.sha3_256(secret.encode()).hexdigest()
    )
    session.add(key)
    await session.commit()
    return NewKey(**listed(key).model_dump(), key=f"{key.id}-{secret}")


@admins.get("/keys")
async def list_keys(session: Session) -> list[ListedKey]:
    """The keys."""
    return [listed(key) for key in await session.scalars(select(Key).order_by(Key.id).limit(100))]


@admins.delete("/keys/{key_id}", status_code=204)
async def revoke_key(key_id: RowId, session: Session, shed: Shed) -> None:
    """Revoke a key."""
    (await found(session, Key, key_id)).revoked_at = await shed.clock.now()
    await session.commit()


@lending.post("/loans", status_code=201)
async def lend(
    order: LoanOrder,
    text: Annotated[str | None, Depends(key_scheme)],
    token: Annotated[str | None, Depends(scheme)],
    session: Session,
    shed: Shed,
) -> LoanOut:
    """Lend a tool."""
    if text is None:
        member = await find_member(token, session, shed)
        may = "loans:write" in member.scopes or (
            "loans:own" in member.scopes and member.id == order.member_id
        )
    else:
        may = "loans:write" in (await find_key(text, session)).scopes
    if not may:
        raise HTTPException(
            403, "You would need loans:write.", {"WWW-Authenticate": 'Bearer scope="loans:write"'}
        )
    await found(session, Member, order.member_id)
    await found(session, Tool, order.tool_id)
    left = update(Tool).where(Tool.id == order.tool_id, Tool.available > 0)
    if (await session.scalar(left.values(available=Tool.available - 1).returning(Tool.id))) is None:
        raise HTTPException(409, "None is left.")
    loan = Loan(**order.model_dump(), taken_at=await shed.clock.now())
    session.add(loan)
    await session.commit()
    return LoanOut.model_validate(loan)


async def find_key(text: str, session: Session) -> Key:
    """The key with this text, or 401."""
    number, _, secret = text.partition("-")
    valid = number.isascii() and number.isdigit() and len(number) < 19 and int(number) <= LARGEST_ID
    key = await session.get(Key, int(number)) if valid else None
    shown = hashlib.sha3_256(secret.encode()).hexdigest()
    if key is None or key.revoked_at is not None or not secrets.compare_digest(key.digest, shown):
        raise who_are_you()
    return key


async def found(session: AsyncSession, table: type[Row], number: int) -> Row:
    """The row with this number, or 404."""
    if (row := await session.get(table, number)) is None:
        raise HTTPException(404, "There is no such thing.")
    return row


def listed(key: Key) -> ListedKey:
    return ListedKey(
        id=key.id, name=key.name, prefix=f"{key.id}-", scopes=key.scopes, revoked_at=key.revoked_at
    )
