import redis

queue = redis.Redis()  # silent: the worker is a process of its own


def work(settings) -> None:
    settings.locks.lock("a")
