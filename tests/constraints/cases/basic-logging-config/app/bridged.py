import logging

import structlog


class Bridge(logging.Handler): ...


class Json(logging.Formatter): ...


logging.basicConfig(format="%(message)s")  # silent: structlog renders the records
structlog.configure(processors=[structlog.processors.JSONRenderer()])
