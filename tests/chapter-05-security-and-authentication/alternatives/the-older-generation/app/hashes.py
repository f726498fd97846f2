"""Hashes of passwords: Argon2 by passlib, and bcrypt for those of long ago."""

import asyncio

import bcrypt
from passlib.context import CryptContext


async def make_hash(passwords: CryptContext, password: str) -> str:
    """A new hash."""
    return await asyncio.to_thread(passwords.hash, password)


async def check_hash(passwords: CryptContext, password: str, kept: str) -> bool:
    """Whether this is the password of the hash."""
    return await asyncio.to_thread(_check, passwords, password, kept)


def is_old(kept: str) -> bool:
    """passlib's own bcrypt does not work with bcrypt 5, so these are not its business."""
    return kept.startswith(("$2a$", "$2b$", "$2y$"))


def _check(passwords: CryptContext, password: str, kept: str) -> bool:
    if is_old(kept):
        return bcrypt.checkpw(password.encode()[:72], kept.encode())
    return passwords.verify(password, kept)
