"""Is this the password? Hashes from years ago are understood, and replaced."""

# region 5.7
from fastapi.concurrency import run_in_threadpool
from pwdlib import PasswordHash
from pwdlib.hashers.bcrypt import BcryptHasher

OLD = BcryptHasher()
OLD_READS = 72
"""Bytes of a password that bcrypt looks at. Old libraries cut the rest off; bcrypt 5 raises an error instead."""


async def verify_password(hasher: PasswordHash, password: str, kept: str) -> tuple[bool, str | None]:
    """Whether the password is right, and the hash to keep from now on, where it is another one."""
    return await run_in_threadpool(_verify, hasher, password, kept)


def _verify(hasher: PasswordHash, password: str, kept: str) -> tuple[bool, str | None]:
    if not OLD.identify(kept):
        return hasher.verify_and_update(password, kept)
    if not OLD.verify(password.encode()[:OLD_READS], kept):
        return False, None
    # Of the whole password, not of the part that bcrypt looked at.
    return True, hasher.hash(password)


# endregion
