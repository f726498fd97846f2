from arq.connections import RedisSettings


def work() -> None:
    print("working")  # silent: the app does not import it, and no queue is given it


async def sharpen(ctx, tool: str) -> None:
    print("sharpening", tool)  # expect: print-in-service


async def started(ctx) -> None:
    print("started")  # expect: print-in-service


class WorkerSettings:
    functions = [sharpen]
    on_startup = started
    redis_settings = RedisSettings()
