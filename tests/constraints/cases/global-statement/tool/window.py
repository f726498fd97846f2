"""A program with a window, which lies beside the service and imports nothing of it."""

title = ""


def configure(given: str) -> None:
    global title  # silent: no request comes here
    title = given


if __name__ == "__main__":
    configure("x")
