"""Argon2id by argon2-cffi, old hashes by bcrypt; never more at a time than the machine has room for."""

import secrets

import bcrypt
from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

AT_ONCE = 4


class PasswordService:
    """Makes and checks hashes in a few threads of its own."""

    def __init__(self, memory_kib: int) -> None:
        self._argon2 = PasswordHasher(memory_cost=memory_kib)
        self._room = CapacityLimiter(AT_ONCE)
        self._nobodys = self._argon2.hash(secrets.token_hex())

    async def hash(self, password: str) -> str:
        return await to_thread.run_sync(self._argon2.hash, password, limiter=self._room)

    async def check(self, password: str, kept: str | None) -> bool:
        """Whether this is the password; where there is no hash, the same work and no."""
        right = await to_thread.run_sync(self._check, password, kept or self._nobodys, limiter=self._room)
        return right and kept is not None

    def is_due(self, kept: str) -> bool:
        """Whether a better hash should take its place."""
        return not kept.startswith("$argon2id$") or self._argon2.check_needs_rehash(kept)

    def _check(self, password: str, kept: str) -> bool:
        if kept.startswith("$2"):
            return bcrypt.checkpw(password.encode()[:72], kept.encode())
        try:
            return self._argon2.verify(kept, password)
        except (Argon2Error, InvalidHashError):
            return False
