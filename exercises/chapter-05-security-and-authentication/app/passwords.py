"""Passwords are kept as hashes that take long to make."""

# region 5.1
# TODO(5.1): keep an Argon2id hash, and let the event loop turn while it is made. The form of joining.py has two gaps
# of its own, and refusals.py repeats what it was sent.
import hashlib

from pwdlib import PasswordHash


async def hash_password(_hasher: PasswordHash, password: str) -> str:
    """The hash that is kept in place of the password."""
    return hashlib.sha256(password.encode()).hexdigest()


# endregion
