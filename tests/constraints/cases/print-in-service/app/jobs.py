"""Workers of the service: the app does not import them, a queue or a platform runs them."""

from app.store import Shelf, take
from celery import Celery, shared_task
from faststream.kafka import KafkaBroker
from langchain_core.callbacks import BaseCallbackHandler

celery = Celery("jobs")
broker = KafkaBroker()
print("loading the jobs")  # silent: only the start of the worker


@celery.task
def purge(day: int) -> None:
    print("purging", day)  # expect: print-in-service
    _sweep()
    take()


@shared_task(bind=True)
def count(self, day: int, shelves) -> None:
    for shelf in shelves:
        shelf.count_again()
    print("counting", day)  # expect: print-in-service


def _sweep() -> None:
    print("behind a job")  # expect: print-in-service


@broker.subscriber("loans")
async def on_loan(text: str) -> None:
    print(text)  # expect: print-in-service


def handler(event, context) -> dict[str, int]:
    print(event)  # expect: print-in-service
    Teller()
    return {"statusCode": Shelf().count}


def on_event(event, context, more) -> None:
    print(event)  # silent: nobody is known to call it


class Teller(BaseCallbackHandler):
    def on_tool_end(self, output: str) -> None:
        print(output)  # expect: print-in-service

    def _helper(self) -> None:
        print("of nobody")  # silent
