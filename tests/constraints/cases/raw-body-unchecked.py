import hmac
import json
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi_limiter.depends import RateLimiter
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import DeclarativeBase

app = FastAPI()


class Tool(BaseModel):
    name: str


class Base(DeclarativeBase): ...


class Row(Base):
    __tablename__ = "rows"


async def payload(request: Request) -> dict:
    return await request.json()  # expect: raw-body-unchecked


@app.post("/a")
async def through(data: dict = Depends(payload)) -> None: ...


@app.post("/b")
async def form(request: Request) -> None:
    data = await request.form()  # expect: raw-body-unchecked
    await store.add(data["x"])


@app.post("/c")
async def checked(request: Request) -> Tool:
    data = await request.json()  # silent
    return Tool(**data)


@app.post("/d")
async def webhook(request: Request) -> None:
    event = stripe.Webhook.construct_event(await request.body(), "x", "y")  # silent
    await store.add(event)


async def update_data(request: Request) -> dict:
    return await request.json()  # silent: who takes it validates it


def get_update(tool_model: type[Tool], data: dict = Depends(update_data)) -> Tool:
    return tool_model(**data)


class Channel:
    def __init__(self, websocket: WebSocket) -> None:
        self._socket = websocket

    async def next(self) -> dict:
        return await self._socket.receive_json()  # expect: raw-body-unchecked


@app.post("/e")
async def one_field(request: Request) -> None:
    data = await request.form()  # expect: raw-body-unchecked
    await store.sign_in(verify_token(data.get("credential")), data["next"])


@app.post("/f")
async def signed(request: Request) -> None:
    data = await request.form()  # silent: all of it is checked
    verify_call(request.headers, data)
    await store.add(data["x"])


@app.post("/g")
async def hooked(request: Request) -> None:
    body = await request.body()  # silent: its signature is checked
    expected = hmac.new(KEY, body, "sha256").hexdigest()
    if not hmac.compare_digest(expected, request.headers["x-signature"]):
        raise HTTPException(401)
    await store.add(json.loads(body))


@app.post("/presence")
async def presence(request: Request) -> bool:
    form = await request.form()  # silent: only whether it is there
    return "remember" in form and "forget" not in form


def _parse_reason(form) -> str:
    return {"a": "worn", "b": "broken"}[form["reason"]]


@app.post("/parsed")
async def parsed(request: Request) -> str:
    form = await request.form()  # silent: a helper makes a value of it
    return _parse_reason(form)


def made(data: dict) -> Tool:
    return Tool(**{key: value for key, value in data.items() if key in Tool.model_fields})


@app.post("/made")
async def made_in_helper(request: Request) -> Tool:
    data = await request.json()  # silent: the helper makes a model of it
    return made(data)


@app.post("/made-at-once")
async def made_at_once(request: Request) -> Tool:
    return made(await request.json())  # silent


def stored(data: dict) -> None:
    Row(**data)
    check(data["name"])


@app.post("/stored")
async def stored_in_helper(request: Request) -> None:
    data = await request.json()  # expect: raw-body-unchecked
    stored(data)


@app.post("/caught")
async def tried(request: Request) -> None:
    data = await request.json()  # silent: what is called refuses it
    try:
        await settings.save(data)
    except ValidationError as error:
        raise HTTPException(422) from error


@app.post("/hand")
async def by_hand(request: Request) -> None:
    data = await request.json()  # silent: the code looks at both fields
    name = data.get("name")
    if not isinstance(name, str) or len(name) > 50:
        raise HTTPException(422)
    if data["kind"] not in KINDS:
        raise HTTPException(422)
    await store.add(name, data["kind"])


@app.post("/hand-in-helper")
async def by_hand_in_helper(request: Request) -> None:
    data = await request.json()  # silent
    refuse_unknown(data)
    await store.add(**data)


def refuse_unknown(data: dict) -> None:
    if set(data) - {"name"}:
        raise HTTPException(422)


@app.post("/one-of-many")
async def one_of_many(request: Request) -> None:
    data = await request.json()  # expect: raw-body-unchecked
    if data["kind"] not in KINDS:
        raise HTTPException(422)
    await store.add(data["kind"], data["name"], data.get("size"))


@app.post("/told-apart")
async def told_apart(request: Request) -> None:
    data = await request.json()  # expect: raw-body-unchecked
    if data["kind"] == "a":
        await store.add(data["name"])


class LoginForm:
    def __init__(self, request: Request) -> None:
        self.request = request

    async def load(self) -> None:
        self.form = await self.request.form()  # silent: the class has its own check

    def is_valid(self) -> bool:
        return len(self.form.get("name", "")) < 50


@app.post("/login")
async def login(request: Request) -> bool:
    form = LoginForm(request)
    await form.load()
    return form.is_valid()


async def member_of(request: Request) -> str:
    data = await request.json()  # expect: raw-body-unchecked
    return data["member"]["id"]


async def note_error(request: Request, error: Exception) -> None:
    print(await request.json())  # silent: an exception handler


limiter = RateLimiter(times=5, identifier=member_of)
app.add_exception_handler(ValueError, note_error)


@app.post("/activities")
async def deserialized(request: Request) -> None:
    body = await request.json()  # silent: the library's class makes an object of it
    handle(Activity().deserialize(body))


async def may_change(request: Request) -> None:
    data = await request.json()  # expect: raw-body-unchecked
    name = data.get("name")
    if not can_manage(name, request.user):
        raise HTTPException(403)


@app.patch("/may-change", dependencies=[Depends(may_change)])
async def changed() -> None: ...


@app.middleware("http")
async def with_member(request: Request, call_next):
    data = await request.json()  # expect: raw-body-unchecked
    request.state.member = data["member"]
    return await call_next(request)


@app.middleware("http")
async def with_log(request: Request, call_next):
    data = await request.json()  # silent: only written into the log
    logger.info("body %s", data)
    return await call_next(request)


class Logins:
    def __init__(self) -> None:
        self.router = APIRouter()
        self.router.add_api_route("/logins", self.log_in, methods=["POST"])

    async def log_in(self, request: Request) -> str:
        return await self.user_of(request)

    async def user_of(self, request):
        raise NotImplementedError


class FormLogins(Logins):
    async def user_of(self, request):
        data = await request.form()  # expect: raw-body-unchecked
        return data["name"]


class Answers:
    async def read(self, request):
        return (await request.json())["name"]  # silent: nobody hands a client's request in


async def signed(request: Request) -> bool:
    parsed = json.loads(await request.body() or b"{}")  # silent: a digest is made over it
    text = json.dumps(parsed)
    signed_text = f"{request.headers['x-time']}.{text}"
    return hmac.new(SECRET, signed_text.encode(), "sha256").hexdigest() == request.headers["x-signature"]


async def beside_a_digest(request: Request) -> str:
    data = json.loads(await request.body())  # expect: raw-body-unchecked
    hmac.new(SECRET, request.url.path.encode(), "sha256")
    return data["name"]


@app.post("/signed", dependencies=[Depends(signed), Depends(beside_a_digest)])
async def after_signature() -> None: ...


@app.post("/old-form")
async def old_form(request: Request) -> str:
    sent = await request.body()  # expect: raw-body-unchecked
    return parse_qs(sent.decode())["code"][0]


@app.post("/kept")
async def kept(request: Request) -> None:
    store.keep(await request.body())  # silent: kept as it is


@app.post("/signed/or-not")
async def signed_or_not(request: Request) -> None:
    payload = await request.body()
    try:
        if not settings.SECRET:
            event = json.loads(payload)  # expect: raw-body-unchecked
        else:
            event = stripe.Webhook.construct_event(payload, request.headers["stripe-signature"], settings.SECRET)
    except ValueError:
        raise HTTPException(400) from None
    await store.keep(event["id"], event["type"])


@app.post("/signed/always")
async def signed_always(request: Request) -> None:
    payload = await request.body()
    if settings.OLD:
        stripe.Webhook.construct_event(payload, request.headers["stripe-signature"], settings.OLD)
    else:
        stripe.Webhook.construct_event(payload, request.headers["stripe-signature"], settings.SECRET)
    event = json.loads(payload)  # silent: both ways have checked it
    await store.keep(event["id"], event["type"])


@app.post("/signed/or-model")
async def signed_or_model(request: Request) -> None:
    payload = await request.body()
    if settings.SECRET:
        event = stripe.Webhook.construct_event(payload, request.headers["stripe-signature"], settings.SECRET)
    else:
        event = Tool.model_validate(json.loads(payload))  # silent: a model checks it
    await store.keep(event)


@app.post("/named")
async def named(request: Request) -> None:
    data = await request.json()  # expect: raw-body-unchecked
    if "name" not in data or "host" not in data:
        raise HTTPException(422, "Missing name")
    await store.keep(data["name"], data["host"])


class Renewal(BaseModel):
    token: str | None = None


async def get_holder(renewal: Renewal) -> str:
    return await holder_of(renewal.token)


@app.post("/renew")
async def renew(request: Request, holder: Annotated[str, Depends(get_holder)]) -> None:
    body = await request.json()  # silent: the dependency has it as a model
    await store.renew(holder, body.get("token"))
