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

    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment, list[str]: JSON, list[float]: JSON}


class Member(Base):
    __tablename__ = "members"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    scopes: Mapped[list[str]]


class Tool(Base):
    __tablename__ = "tools"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    available: Mapped[int]


class Loan(Base):
    __tablename__ = "loans"

    id: Mapped[int] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    taken_at: Mapped[datetime]


class Login(Base):
    """A login and its one current refresh token."""

    __tablename__ = "logins"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    current: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]


class Spent(Base):
    """Tokens that were current once: whoever shows one of them ends the login."""

    __tablename__ = "spent"

    digest: Mapped[str] = mapped_column(primary_key=True)
    login_id: Mapped[int] = mapped_column(ForeignKey("logins.id", ondelete="CASCADE"))


class Key(Base):
    __tablename__ = "keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    digest: Mapped[str]
    scopes: Mapped[list[str]]
    revoked_at: Mapped[datetime | None]


class Guesses(Base):
    """When wrong passwords came for an email, in seconds of the shed's clock."""

    __tablename__ = "guesses"

    email: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[list[float]]
