"""What must hold before a tool changes hands: small dependencies, each asking for the one before it."""

# region 4.4
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, HTTPException, status
from sqlalchemy import func, select

from app.auth import CurrentMember
from app.dependencies import Config
from app.loans import OwnLoan
from app.models import Loan, Member, Tool
from app.schemas import RowId
from app.session import Session


async def good_standing(member: CurrentMember, settings: Config) -> Member:
    """A member who may borrow at all."""
    if member.blocked:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "Your membership is blocked.")
    if -member.balance_cents >= settings.debt_limit_cents:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "Pay your debt first.")
    return member


GoodMember = Annotated[Member, Depends(good_standing)]


async def wanted_tool(tool_id: RowId, _: GoodMember, session: Session) -> Tool:
    """The tool in the path; only a member in good standing learns whether it exists."""
    tool = await session.get(Tool, tool_id)
    if tool is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such tool.")
    return tool


async def open_loan(_: GoodMember, loan: OwnLoan) -> Loan:
    """The member's own loan, not yet returned."""
    if loan.returned_at is not None:
        raise HTTPException(status.HTTP_409_CONFLICT, "This tool is back already.")
    return loan


async def lent_tool(loan: Annotated[Loan, Depends(open_loan)]) -> Tool:
    """The tool of an open loan."""
    return loan.tool


def trained_for(find_tool: Callable[..., Awaitable[Tool]]) -> Callable[..., Awaitable[Tool]]:
    """The training rule, for any way of finding the tool."""

    async def rule(tool: Annotated[Tool, Depends(find_tool)], member: GoodMember) -> Tool:
        if tool.category.needs_training and tool.category_slug not in member.trainings:
            raise HTTPException(
                status.HTTP_403_FORBIDDEN, f"This tool needs the training `{tool.category_slug}`."
            )
        return tool

    return rule


async def free_hands(
    tool: Annotated[Tool, Depends(trained_for(wanted_tool))],
    member: GoodMember,
    session: Session,
    settings: Config,
) -> Tool:
    """A tool for somebody who has not borrowed too many yet."""
    open_loans = select(func.count()).where(Loan.member_id == member.id, Loan.returned_at.is_(None))
    if (await session.scalars(open_loans)).one() >= settings.max_open_loans:
        raise HTTPException(
            status.HTTP_409_CONFLICT, f"You have {settings.max_open_loans} open loans; bring one back first."
        )
    return tool


async def tool_to_lend(tool: Annotated[Tool, Depends(free_hands)]) -> Tool:
    """A tool that may leave; whether a copy is left, the shelf itself says when it is taken."""
    return _whole(tool)


async def tool_to_keep(tool: Annotated[Tool, Depends(trained_for(lent_tool))]) -> Tool:
    """A tool that may stay with its borrower."""
    return _whole(tool)


def _whole(tool: Tool) -> Tool:
    if tool.condition == "broken":
        raise HTTPException(status.HTTP_409_CONFLICT, "This tool is broken.")
    return tool


ToolToLend = Annotated[Tool, Depends(tool_to_lend)]
ToolToKeep = Annotated[Tool, Depends(tool_to_keep)]
# endregion
