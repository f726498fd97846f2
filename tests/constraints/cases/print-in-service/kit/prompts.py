"""A package beside the app's: some of it serves, some is for those who use it at a terminal."""

import functools


def retried(function):
    @functools.wraps(function)
    def inner(*given):
        return function(*given)

    return inner


@retried
def deploy(name: str) -> None:
    print("deploying", name)  # silent: nothing that serves is seen to call it


@retried
def draw(name: str) -> str:
    print("drawing", name)  # expect: print-in-service
    return name
