"""The rules of lending in one object."""

from typing import Annotated

from fastapi import Depends, HTTPException
from sqlalchemy import func, select

from app.auth import CurrentMember
from app.dependencies import Config
from app.models import Loan, Tool
from app.session import Session


class Policy:
    """Says no, in the order of the house rules; knows the member and nothing of HTTP paths."""

    def __init__(self, member: CurrentMember, session: Session, settings: Config) -> None:
        self._member = member
        self._session = session
        self._settings = settings

    async def may_check_out(self, tool_id: int) -> Tool:
        """The tool, if this member may have it now."""
        self._in_good_standing()
        tool = await self._session.get(Tool, tool_id)
        if tool is None:
            raise HTTPException(404, "Unknown tool.")
        self._trained(tool)
        count = select(func.count(Loan.id)).where(
            Loan.member_id == self._member.id, Loan.returned_at.is_(None)
        )
        if (await self._session.execute(count)).scalar_one() >= self._settings.max_open_loans:
            raise HTTPException(409, "Your hands are full.")
        if tool.condition == "broken" or tool.available <= 0:
            raise HTTPException(409, "This tool cannot be lent now.")
        return tool

    async def may_renew(self, loan_id: int) -> Loan:
        """The loan, if this member may keep its tool."""
        self._in_good_standing()
        found = await self._session.scalars(
            select(Loan).where(Loan.id == loan_id, Loan.member_id == self._member.id)
        )
        loan = found.one_or_none()
        if loan is None:
            raise HTTPException(404, "Unknown loan.")
        self._trained(loan.tool)
        if loan.returned_at or loan.tool.condition == "broken":
            raise HTTPException(409, "This loan cannot be renewed.")
        return loan

    def _in_good_standing(self) -> None:
        if self._member.blocked or self._member.balance_cents <= -self._settings.debt_limit_cents:
            raise HTTPException(403, "Please speak to a steward.")

    def _trained(self, tool: Tool) -> None:
        if tool.category.needs_training and tool.category.slug not in self._member.trainings:
            raise HTTPException(403, f"Training needed: {tool.category.slug}")


LendingPolicy = Annotated[Policy, Depends()]
