"""What staff do: members, tools, keys."""

import hashlib
import hmac
import secrets

from fastapi import APIRouter, HTTPException, Security, status
from sqlalchemy import select

from app.auth import current_member
from app.dependencies import Config, ShedClock
from app.models import ApiKey, Member, Tool
from app.schemas import (
    KeyOrder,
    KeyOut,
    MemberOut,
    NewKey,
    RowId,
    ScopesOrder,
    ToolOrder,
    ToolOut,
)
from app.session import Session
from app.settings import Settings

router = APIRouter()
stewards = APIRouter(dependencies=[Security(current_member, scopes=["members:read"])])
keepers = APIRouter(dependencies=[Security(current_member, scopes=["tools:write"])])
admins = APIRouter(dependencies=[Security(current_member, scopes=["admin"])])


def not_found() -> HTTPException:
    return HTTPException(status.HTTP_404_NOT_FOUND, "Not found")


def fingerprint(key: str, settings: Settings) -> str:
    """Needs the key of the environment, so that whoever has the database alone can try nothing."""
    secret = settings.jwt_key.get_secret_value().encode()
    return hmac.new(secret, b"api-key:" + key.encode(), hashlib.sha256).hexdigest()


@router.get("/tools")
async def list_tools(session: Session) -> list[ToolOut]:
    """The catalogue."""
    return [
        ToolOut.model_validate(tool)
        for tool in await session.scalars(select(Tool).order_by(Tool.id).limit(100))
    ]


@stewards.get("/members")
async def list_members(session: Session) -> list[MemberOut]:
    """The members."""
    return [
        MemberOut.model_validate(one)
        for one in await session.scalars(select(Member).order_by(Member.id).limit(100))
    ]


@keepers.post("/tools", status_code=201)
async def add_tool(order: ToolOrder, session: Session) -> ToolOut:
    """Add a tool."""
    tool = Tool(name=order.name, available=order.available)
    session.add(tool)
    await session.flush()
    return ToolOut.model_validate(tool)


@keepers.delete("/tools/{tool_id}", status_code=204)
async def remove_tool(tool_id: RowId, session: Session) -> None:
    """Remove a tool."""
    if (tool := await session.get(Tool, tool_id)) is None:
        raise not_found()
    await session.delete(tool)


@admins.put("/members/{member_id}/scopes")
async def set_scopes(member_id: RowId, order: ScopesOrder, session: Session) -> MemberOut:
    """Decide what a member may."""
    if (member := await session.get(Member, member_id)) is None:
        raise not_found()
    member.scopes = list(order.scopes)
    return MemberOut.model_validate(member)


@admins.post("/keys", status_code=201)
async def add_key(order: KeyOrder, session: Session, settings: Config) -> NewKey:
    """Make a key."""
    key = secrets.token_hex(32)
    row = ApiKey(
        name=order.name,
        prefix=secrets.token_hex(4),
        digest=fingerprint(key, settings),
        scopes=list(order.scopes),
    )
    session.add(row)
    await session.flush()
    return NewKey(**KeyOut.model_validate(row).model_dump(), key=key)


@admins.get("/keys")
async def list_keys(session: Session) -> list[KeyOut]:
    """The keys."""
    return [
        KeyOut.model_validate(row)
        for row in await session.scalars(select(ApiKey).order_by(ApiKey.id).limit(100))
    ]


@admins.delete("/keys/{key_id}", status_code=204)
async def revoke_key(key_id: RowId, session: Session, clock: ShedClock) -> None:
    """Revoke a key."""
    if (row := await session.get(ApiKey, key_id)) is None:
        raise not_found()
    row.revoked_at = await clock.now()


for part in (stewards, keepers, admins):
    router.include_router(part)
