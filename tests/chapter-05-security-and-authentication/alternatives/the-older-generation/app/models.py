"""The tables."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


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


class Member(Base):
    """Somebody with an account; the email stands in small letters."""

    __tablename__ = "members"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    scopes: Mapped[list[str]]


class Tool(Base):
    """A tool; `available` copies stand on the shelf."""

    __tablename__ = "tools"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    available: Mapped[int]


class Loan(Base):
    """A tool in a member's hands."""

    __tablename__ = "loans"

    id: Mapped[int] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    taken_at: Mapped[datetime]


class Family(Base):
    """A login. `serial` is the number of the one refresh token that works now; none does after `ended_at`."""

    __tablename__ = "families"

    id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    serial: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]


class ApiKey(Base):
    """A machine's key, known by its HMAC alone; `prefix` is for people to tell keys apart."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    prefix: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    revoked_at: Mapped[datetime | None]
