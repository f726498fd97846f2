"""Passwords are kept as hashes that take long to make."""

# region 5.1
from fastapi.concurrency import run_in_threadpool
from pwdlib import PasswordHash


async def hash_password(hasher: PasswordHash, password: str) -> str:
    """An Argon2id hash, made in a thread: it takes a tenth of a second, and the loop has other things to do."""
    return await run_in_threadpool(hasher.hash, password)


# endregion
