import secrets

from fastapi import FastAPI, Header, HTTPException

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
