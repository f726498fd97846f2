"""Who gives a tool: three models of one person."""

from typing import Annotated

from pydantic import BaseModel, Field, SecretStr


class DonorBase(BaseModel):
    """What everybody may know."""

    name: Annotated[str, Field(min_length=2, max_length=80)]


class DonorIn(DonorBase, extra="forbid"):
    """As sent; with the access code the donor can change a donation later."""

    phone: Annotated[str, Field(min_length=5, max_length=30)]
    access_code: Annotated[SecretStr, Field(min_length=8, max_length=64)]


class Donor(DonorBase):
    """As stored."""

    phone: str
    access_code: SecretStr


# region 2.2
class DonorOut(DonorBase):
    """As replies show it: nothing beside what everybody may know."""


# endregion
