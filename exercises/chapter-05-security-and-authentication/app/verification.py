"""Is this the password? Hashes from years ago are understood, and replaced."""

# region 5.7
# TODO(5.7): members of the early days have a bcrypt hash. Let them in, and give them an Argon2id hash on the way.
import hashlib
import secrets

from fastapi.concurrency import run_in_threadpool
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher


async def verify_password(hasher: PasswordHash, password: str, kept: str) -> tuple[bool, str | None]:
    """Whether the password is right, and the hash to keep from now on, where it is another one."""
    return await run_in_threadpool(_verify, hasher, password, kept)


def _verify(hasher: PasswordHash, password: str, kept: str) -> tuple[bool, str | None]:
    if Argon2Hasher.identify(kept):
        return hasher.verify(password, kept), None
    return secrets.compare_digest(hashlib.sha256(password.encode()).hexdigest(), kept), None


# endregion
