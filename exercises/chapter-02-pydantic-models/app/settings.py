"""What may differ between two sheds: read from the environment when the app starts."""

# region 2.6
import os
from dataclasses import dataclass

from pydantic import SecretStr


@dataclass
class Desk:
    """Full hours between which the desk is open."""

    opens: int
    closes: int


# TODO(2.6): every request reads the environment anew, and whatever is wrong there comes out in some request, or never:
# try it without TOOLSHED_KIOSK_SECRET, and sign on with "". Read all of it once, when the app starts, and check it.
class Settings:
    """Each value comes from `TOOLSHED_` and its name in capitals."""

    @property
    def kiosk_secret(self) -> SecretStr:
        return SecretStr(os.environ.get("TOOLSHED_KIOSK_SECRET", ""))

    @property
    def timezone(self) -> str:
        return os.environ.get("TOOLSHED_TIMEZONE", "Europe/Madrid")

    @property
    def max_open_loans(self) -> int:
        return int(os.environ.get("TOOLSHED_MAX_OPEN_LOANS", "3"))

    @property
    def debt_limit_cents(self) -> int:
        return int(os.environ.get("TOOLSHED_DEBT_LIMIT_CENTS", "2000"))

    @property
    def desk(self) -> Desk:
        return Desk(opens=9, closes=17)


# endregion
