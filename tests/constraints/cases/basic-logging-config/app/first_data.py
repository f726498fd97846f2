import logging

logging.basicConfig(level=logging.INFO)  # expect: basic-logging-config
