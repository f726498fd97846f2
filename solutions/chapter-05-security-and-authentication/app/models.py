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
    """Everything that grew from one login: ended by logout, or when a refresh token comes a second time."""

    __tablename__ = "families"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    ended_at: Mapped[datetime | None]


class RefreshToken(Base):
    """A refresh token that was given out, known by its digest alone."""

    __tablename__ = "refresh_tokens"

    digest: Mapped[str] = mapped_column(primary_key=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("families.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiKey(Base):
    """A machine's key. `prefix` tells keys apart; the rest of the key is known by its digest alone."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    prefix: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str]
    scopes: Mapped[list[str]]
    revoked_at: Mapped[datetime | None]


class Guess(Base):
    """A wrong password for an email, whether or not somebody has it."""

    __tablename__ = "guesses"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
