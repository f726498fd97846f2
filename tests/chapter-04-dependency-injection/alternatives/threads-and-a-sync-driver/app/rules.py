"""The rules, each a callable object or a function, in the order of the house."""

from typing import Annotated

from fastapi import Depends, HTTPException
from sqlalchemy import func, select

from app.auth import CurrentMember
from app.dependencies import Config
from app.loans import OwnLoan
from app.models import Loan, Member, Tool
from app.schemas import RowId
from app.session import Session


class Refusal(HTTPException):
    """A rule that was broken."""


class GoodStanding:
    """First of all: no block, no debt."""

    def __call__(self, member: CurrentMember, settings: Config) -> Member:
        if member.blocked:
            raise Refusal(403, "Blocked.")
        if member.balance_cents + settings.debt_limit_cents <= 0:
            raise Refusal(403, "In debt.")
        return member


Borrower = Annotated[Member, Depends(GoodStanding())]


def find_wanted(borrower: Borrower, tool_id: RowId, session: Session) -> Tool:
    """The tool of a checkout, training checked."""
    tool = session.get(Tool, tool_id)
    if tool is None:
        raise Refusal(404, "No such tool.")
    require_training(borrower, tool)
    return tool


def find_kept(borrower: Borrower, loan: OwnLoan) -> Tool:
    """The tool of a renewal, training checked."""
    if loan.returned_at is not None:
        raise Refusal(409, "Returned long ago.")
    require_training(borrower, loan.tool)
    return loan.tool


def require_training(member: Member, tool: Tool) -> None:
    """The training that is called like the tool's category."""
    if tool.category.needs_training and tool.category_slug not in member.trainings:
        raise Refusal(403, f"First do the training: {tool.category_slug}.")


def lendable(
    tool: Annotated[Tool, Depends(find_wanted)], borrower: Borrower, session: Session, settings: Config
) -> Tool:
    """The last rules of a checkout."""
    held = select(func.count(Loan.id)).filter_by(member_id=borrower.id, returned_at=None)
    if session.scalars(held).one() >= settings.max_open_loans:
        raise Refusal(409, "Three are enough.")
    if tool.available == 0:
        raise Refusal(409, "All copies are out.")
    if tool.condition == "broken":
        raise Refusal(409, "Broken.")
    return tool


def renewable(tool: Annotated[Tool, Depends(find_kept)]) -> Tool:
    """The last rule of a renewal."""
    if tool.condition == "broken":
        raise Refusal(409, "Broken.")
    return tool
