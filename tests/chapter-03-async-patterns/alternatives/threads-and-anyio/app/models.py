"""The tables."""

from datetime import date

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Holds the metadata of all tables."""


class Tool(Base):
    """A tool of the workshop; there is one of each."""

    __tablename__ = "tools"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    model: Mapped[str]


class Loan(Base):
    """A tool in a member's hands. The database itself sees to it that nobody else has it."""

    __tablename__ = "loans"

    id: Mapped[int] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id"), unique=True)
    member_id: Mapped[int]
    receipt: Mapped[str] = mapped_column(default="pending")


class Recall(Base):
    """What a source last said about a tool."""

    __tablename__ = "recalls"
    __table_args__ = (UniqueConstraint("tool_id", "source", "url"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id"))
    source: Mapped[str]
    url: Mapped[str]
    severity: Mapped[str]
    since: Mapped[date]
