import secrets
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()


@app.get("/a")
async def guarded(x_token: str = Header(), api_key: str = Header(), kind: str = "") -> None:
    if x_token != "fake-super-secret-token":  # expect: secret-compared-with-literal
        raise HTTPException(401)
    if not secrets.compare_digest(api_key, "abcd-efgh"):  # expect: secret-compared-with-literal
        raise HTTPException(401)
    if kind == "a-long-literal":  # silent
        raise HTTPException(400)
    if api_key == "abcd-efgh":  # expect: secret-compared-with-literal
        return None
    token_type = "bearer"
    if token_type == "refresh-token":  # silent: a kind
        raise HTTPException(400)


def start(settings) -> None:
    if settings.secret_key == "please-change":  # silent: the placeholder is refused
        raise ValueError
    if secrets.compare_digest(settings.a, settings.b):  # silent
        return


def basic(credentials) -> bool:
    return secrets.compare_digest(credentials.username.encode(), b"stanley")  # silent: a name is no secret


def kinds(token: str) -> bool:
    return token == "undefined" or token == "access_token"  # silent: kinds of tokens


def signed_in(password: str, token: str) -> bool:
    return password == "sesame" or token == "sesame"  # expect: secret-compared-with-literal


def sent(headers, body, authorization: str) -> bool:
    return (
        headers["X-API-Key"] == "abcd-efgh"  # expect: secret-compared-with-literal
        or body.get("password") == "1234"  # expect: secret-compared-with-literal
        or authorization == "Bearer sesame"  # expect: secret-compared-with-literal
        or authorization == "Bearer "  # silent: the kind alone
        or body.get("password") == "***"  # silent: a mask
        or headers["X-Token-Kind"] == "abcd-efgh"  # silent
    )


def one_of(api_key: str, kind: str) -> bool:
    if kind in {"access-token-1", "refresh-token-1"}:  # silent
        return False
    return api_key in {"k3y-0ne-of-two", "k3y-two-of-two"}  # expect: secret-compared-with-literal


EXPECTED = "swordfish"  # expect: secret-compared-with-literal


def basic_in_bytes(credentials, user) -> bool:
    correct = b"swordfish"  # expect: secret-compared-with-literal
    name = b"stanley"  # silent
    right = secrets.compare_digest(credentials.password.encode(), correct)
    right = right and secrets.compare_digest(credentials.username.encode(), name)
    right = right and secrets.compare_digest(credentials.password, EXPECTED)
    if secrets.compare_digest(user.password_hash, "!oauth"):  # silent: marks an account that has no password
        return False
    return right and secrets.compare_digest(user.password, "letmein")  # expect: secret-compared-with-literal


def wanted(api_key: str | None, token: str, settings) -> bool:
    if api_key is None or api_key == "" or api_key == "no-key-of-ours-1":  # silent: none was given
        return False
    if api_key == "your-api-key":  # silent: a placeholder
        return False
    if settings.secret_key in ("shed-key-1", "shed-key-2"):  # silent: looked for, to warn
        warn("Make a key of your own")
    return token == "--compressed"  # silent: an option of a command


scheme = OAuth2PasswordBearer(tokenUrl="sign-in")


def member(token: Annotated[str, Depends(scheme)]) -> str:
    if token == "dev":  # expect: secret-compared-with-literal
        return "steward"
    return token


def visitor(token: str = Header(), kind_token: str = "") -> str:
    if token == "anonymous":  # silent: opens what is open anyway
        return "guest"
    if token == "undefined" or kind_token == "dev":  # silent: no token at all, and a kind of one
        return "nobody"
    return token


def prefixed(token: str = Header()) -> bool:
    token = token.partition(" ")[0]
    return token == "shed"  # silent: a part of what was sent


def check_settings(settings: Settings, database: Session) -> list[Member]:
    assert settings.secret_key != "development_secret", "set one"  # silent: refused
    return database.query(Member).filter(Member.password == "facebook").all()  # silent: asks for rows


def signed_in(form: Form) -> bool:
    return form.password == "opensesame1"  # expect: secret-compared-with-literal
