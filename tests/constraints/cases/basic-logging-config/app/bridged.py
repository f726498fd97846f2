import logging

import structlog


class Bridge(logging.Handler): ...


class Json(logging.Formatter): ...


logging.basicConfig(format="%(message)s")  # silent: structlog renders the records
structlog.configure(processors=[structlog.processors.JSONRenderer()])
logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")  # expect: basic-logging-config
