import io
import sys
import traceback
from logging import getLogger
from traceback import print_exc as show

from fastapi import FastAPI

app = FastAPI()
log = getLogger(__name__)


@app.get("/a")
async def printed() -> None:
    try:
        raise ValueError
    except ValueError as error:
        traceback.print_exc()  # expect: traceback-printed-in-service
        show()  # expect: traceback-printed-in-service
        traceback.print_exception(error, file=sys.stderr)  # expect: traceback-printed-in-service

        def helper() -> None:
            traceback.print_stack()  # expect: traceback-printed-in-service

        helper()


@app.get("/b")
async def logged() -> None:
    text = io.StringIO()
    try:
        raise ValueError
    except ValueError:
        log.exception("failed")  # silent
        log.error(traceback.format_exc())  # silent
        traceback.print_exc(file=text)  # silent: into a text


if __name__ == "__main__":
    traceback.print_stack()  # silent
