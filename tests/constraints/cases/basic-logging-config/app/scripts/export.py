import logging

logging.basicConfig(level=logging.INFO)  # silent: a script
