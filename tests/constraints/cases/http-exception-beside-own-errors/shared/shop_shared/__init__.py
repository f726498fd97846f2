"""Installed by the service, from its own folder in the same repository."""

from pydantic import BaseModel


class ShopError(Exception):
    def __init__(self, text: str, code: int = 400) -> None:
        self.text, self.code = text, code


class ToolMissing(ShopError): ...


class Problem(BaseModel):
    text: str
    code: int
