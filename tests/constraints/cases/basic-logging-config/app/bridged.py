import logging

import structlog


class Bridge(logging.Handler): ...


logging.basicConfig(format="%(message)s")  # silent: structlog renders the records
structlog.configure(processors=[structlog.processors.JSONRenderer()])
