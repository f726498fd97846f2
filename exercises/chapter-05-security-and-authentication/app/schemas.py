"""What goes over the wire."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, SecretStr

LARGEST_ID = 9_223_372_036_854_775_807
RowId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Scope = Literal["me", "loans:own", "loans:write", "tools:write", "members:read", "admin"]
KeyScope = Literal["loans:write", "import:write"]


class Problem(BaseModel):
    """The body of every refusal."""

    detail: str


class Health(BaseModel):
    status: str = "ok"


class Row(BaseModel):
    """Reads its fields from a row of the database."""

    model_config = ConfigDict(from_attributes=True)


class MemberOut(Row):
    id: int
    name: str
    email: str
    scopes: list[str]


class Tokens(BaseModel):
    """What a login, or a refresh, gives."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int
    """Seconds until the access token is over."""
    scope: str
    """What the access token may be used for; not what was asked for."""


class RefreshOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    refresh_token: SecretStr


class ScopesOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    scopes: list[Scope]


class KeyOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    scopes: list[KeyScope]


class KeyOut(Row):
    id: int
    name: str
    prefix: str
    scopes: list[str]
    revoked_at: datetime | None


class NewKey(KeyOut):
    """The one reply that shows the key."""

    key: str


class ToolOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=2, max_length=80)
    available: int = Field(ge=0, le=50)


class ToolOut(Row):
    id: int
    name: str
    available: int


class LoanOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tool_id: int = Field(ge=1, le=LARGEST_ID)
    member_id: int = Field(ge=1, le=LARGEST_ID)


class LoanOut(Row):
    id: int
    tool_id: int
    member_id: int
    taken_at: datetime
