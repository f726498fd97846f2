"""The kiosk at the door: a browser app, which speaks camelCase."""

# region 2.3
from datetime import date
from secrets import compare_digest
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, status
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    computed_field,
    field_validator,
)
from pydantic.alias_generators import to_camel

from app.money import deposit_for
from app.routers.desk import SettingsDep

# endregion

router = APIRouter(prefix="/kiosk")

LOAN_DAYS = {"hand": 28, "power": 7, "ladder": 3}
"""For how many days a tool of each kind may be lent."""


class SignOn(BaseModel):
    secret: SecretStr


@router.post("/sign-on", status_code=status.HTTP_204_NO_CONTENT)
async def sign_on(body: SignOn, settings: SettingsDep) -> None:
    """Let the kiosk in that knows the secret; chapter 5 does it with keys."""
    known = settings.kiosk_secret.get_secret_value()
    if not compare_digest(body.secret.get_secret_value().encode(), known.encode()):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "This is not the kiosk's secret.")


# region 2.3
class LoanCheck(BaseModel):
    """A loan as the kiosk proposes it. Each field may look at those above it, if they are right themselves."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    kind: Literal["hand", "power", "ladder"]
    value_cents: Annotated[int, Field(ge=0, le=1_000_000)]
    starts_on: date
    ends_on: date
    # The default is no deposit, and whether that is enough depends on the value. The `loc` of a default's fault carries
    # the field's own name, not the alias: so the messages say what the kiosk calls it.
    deposit_cents: Annotated[int, Field(ge=0, validate_default=True)] = 0

    @field_validator("ends_on")
    @classmethod
    def check_length(cls, ends_on: date, info: ValidationInfo) -> date:
        """Not before the second day, and not after the last one for this kind."""
        # A field that was refused is not in `info.data`.
        starts_on, kind = info.data.get("starts_on"), info.data.get("kind")
        if starts_on is None:
            return ends_on
        if ends_on <= starts_on:
            raise ValueError("`endsOn` has to come after `startsOn`.")
        if kind is not None and (ends_on - starts_on).days > LOAN_DAYS[kind]:
            raise ValueError(f"`endsOn` is more than {LOAN_DAYS[kind]} days after `startsOn`.")
        return ends_on

    @field_validator("deposit_cents")
    @classmethod
    def check_deposit(cls, deposit_cents: int, info: ValidationInfo) -> int:
        """At least what the value asks for."""
        value_cents = info.data.get("value_cents")
        if value_cents is not None and deposit_cents < deposit_for(value_cents):
            raise ValueError(f"`depositCents` has to be at least {deposit_for(value_cents)}.")
        return deposit_cents

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorator above `property`; Pydantic's page says so
    @property
    def days(self) -> int:
        """How long the loan lasts."""
        return (self.ends_on - self.starts_on).days


@router.post("/loan-checks")
async def check_loan(body: LoanCheck) -> LoanCheck:
    """Say whether such a loan would be in order."""
    return body


# endregion
