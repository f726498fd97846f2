"""Types of a package beside the app, which holds a command as well."""

import argparse
from typing import Annotated

from pydantic import AfterValidator, BaseModel, computed_field


def is_named(text: str) -> str:
    print("checking", text)  # expect: print-in-service
    return text


def _trim(text: str) -> str:
    print("trimming", text)  # expect: print-in-service
    return text


Name = Annotated[str, AfterValidator(lambda text: _trim(text))]


class Tool(BaseModel):
    name: Name
    other: Annotated[str, AfterValidator(is_named)]

    @computed_field
    def long(self) -> str:
        print("long")  # expect: print-in-service
        return self.name

    def show(self) -> None:
        print(self.name)  # silent: the command shows it


def main() -> None:
    print(argparse.ArgumentParser().parse_args())  # silent
