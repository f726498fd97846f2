import hashlib
import hmac

import bcrypt
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from passlib.context import CryptContext
from pwdlib import PasswordHash

app = FastAPI()
hasher = PasswordHash.recommended()
legacy = CryptContext(schemes=["bcrypt"])


@app.post("/a")
async def direct(password: str) -> None:
    hasher.hash(password)  # expect: heavy-computation-in-async
    legacy.verify(password, "x")  # expect: heavy-computation-in-async
    bcrypt.checkpw(b"a", b"b")  # expect: heavy-computation-in-async
    hashlib.pbkdf2_hmac("sha256", b"a", b"b", 600_000)  # expect: heavy-computation-in-async
    hashlib.sha256(b"a").hexdigest()  # silent: microseconds
    hmac.new(b"a", b"b", "sha256").digest()  # silent


@app.post("/b")
async def thread(password: str) -> None:
    await run_in_threadpool(hasher.verify, password, "x")  # silent


@app.post("/c")
def plain(password: str) -> None:
    hasher.hash(password)  # silent
