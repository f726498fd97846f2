"""How the app says that it did not understand a request."""

# region 5.1
from fastapi import FastAPI


def add_to(_app: FastAPI) -> None:
    """Nothing yet: invalid input is answered with FastAPI's own 422."""


# endregion
