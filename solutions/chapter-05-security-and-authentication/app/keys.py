"""Keys for machines: made, listed and revoked by an admin."""

from fastapi import APIRouter, HTTPException, status
from sqlalchemy import select

from app.dependencies import ShedClock
from app.guards import needs
from app.keyring import make_key
from app.models import ApiKey
from app.schemas import KeyOrder, KeyOut, NewKey, Problem, RowId
from app.session import Session

router = APIRouter(
    prefix="/keys",
    tags=["keys"],
    dependencies=[needs("admin")],
    responses={
        status.HTTP_401_UNAUTHORIZED: {"model": Problem},
        status.HTTP_403_FORBIDDEN: {"model": Problem},
    },
)


@router.post("", status_code=status.HTTP_201_CREATED)
async def add_key(order: KeyOrder, session: Session) -> NewKey:
    """Make a key. This reply is the only one that shows it."""
    row, key = await make_key(session, order)
    return NewKey(**KeyOut.model_validate(row).model_dump(), key=key)


@router.get("")
async def list_keys(session: Session) -> list[KeyOut]:
    """The first hundred keys, without what is secret about them."""
    rows = await session.scalars(select(ApiKey).order_by(ApiKey.id).limit(100))
    return [KeyOut.model_validate(row) for row in rows]


@router.delete(
    "/{key_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses={status.HTTP_404_NOT_FOUND: {"model": Problem}},
)
async def revoke_key(key_id: RowId, session: Session, clock: ShedClock) -> None:
    """From the next request on, this key opens nothing."""
    row = await session.get(ApiKey, key_id)
    if row is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such key.")
    row.revoked_at = row.revoked_at or await clock.now()
