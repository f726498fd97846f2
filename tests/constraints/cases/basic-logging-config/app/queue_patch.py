import logging

from arq.worker import Worker

logging.basicConfig(level=logging.DEBUG)  # silent: only the queue's worker imports it
worker = Worker
