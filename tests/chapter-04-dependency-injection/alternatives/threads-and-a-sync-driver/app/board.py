"""What anybody at the counter may look at: the shelf and the journal."""

from fastapi import APIRouter
from sqlalchemy import select

from app.models import Event, Tool
from app.schemas import EventOut, ToolOut
from app.session import Session

router = APIRouter()


@router.get("/shelf", tags=["shelf"])
def read_shelf(session: Session) -> list[ToolOut]:
    """The first hundred tools and how many copies stand on the shelf."""
    tools = session.scalars(select(Tool).order_by(Tool.id).limit(100))
    return [ToolOut.model_validate(tool) for tool in tools]


@router.get("/events", tags=["journal"])
def read_events(session: Session) -> list[EventOut]:
    """The last fifty lines of the journal, newest first."""
    events = session.scalars(select(Event).order_by(Event.seq.desc()).limit(50))
    return [EventOut.model_validate(event) for event in events]
