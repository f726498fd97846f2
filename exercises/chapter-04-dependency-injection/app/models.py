"""The tables."""

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no offset, so it is put back when read."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


class Base(DeclarativeBase):
    """Holds the metadata of all tables."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment, list[str]: JSON}


class Category(Base):
    """A kind of tool with its rules; the training that it may ask for is called like the slug."""

    __tablename__ = "categories"

    slug: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    needs_training: Mapped[bool]
    loan_days: Mapped[int]
    late_fee_cents: Mapped[int]


class Tool(Base):
    """A tool; `available` of its `copies` stand on the shelf."""

    __tablename__ = "tools"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    category_slug: Mapped[str] = mapped_column(ForeignKey("categories.slug"))
    condition: Mapped[str]
    value_cents: Mapped[int]
    copies: Mapped[int]
    available: Mapped[int]

    category: Mapped[Category] = relationship(lazy="joined", innerjoin=True)


class Member(Base):
    """Somebody who may borrow; a negative balance is a debt."""

    __tablename__ = "members"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    balance_cents: Mapped[int]
    blocked: Mapped[bool]
    trainings: Mapped[list[str]]


class Token(Base):
    """What a member shows at the counter."""

    __tablename__ = "tokens"

    token: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))


class Loan(Base):
    """A tool in a member's hands; open until `returned_at` is set."""

    __tablename__ = "loans"

    id: Mapped[int] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    taken_at: Mapped[datetime]
    due_on: Mapped[date]
    returned_at: Mapped[datetime | None]
    fee_cents: Mapped[int] = mapped_column(default=0)

    tool: Mapped[Tool] = relationship(lazy="joined", innerjoin=True)


class Reservation(Base):
    """A member who waits for a tool."""

    __tablename__ = "reservations"

    id: Mapped[int] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    status: Mapped[str] = mapped_column(default="waiting")


class Event(Base):
    """A line in the journal of the counter."""

    __tablename__ = "events"

    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    tool_id: Mapped[int]
    at: Mapped[datetime]


class Number(Base):
    """The last number given out, by what it is for."""

    __tablename__ = "numbers"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)
