import functools
import gzip
import io
import json
import zipfile
from typing import Annotated

import av
import fitz
import pandas
import spacy
import torch
import whisper
from kokoro import KPipeline
from onnxruntime import InferenceSession
from PIL import Image
from pypdf import PdfReader
from sentence_transformers import CrossEncoder, SentenceTransformer
from transformers import AutoTokenizer
from spacy.language import Language
import hashlib
import hmac

import bcrypt
from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, IntegerIDMixin
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


model = SentenceTransformer("x")
reader: InferenceSession


@app.post("/d")
async def inference(text: str) -> None:
    model.encode(text)  # expect: heavy-computation-in-async
    reader.run(None, {})  # expect: heavy-computation-in-async
    await run_in_threadpool(model.encode, text)  # silent
    json.loads(text)  # silent
    gzip.compress(text.encode())  # expect: heavy-computation-in-async


@app.post("/e")
async def pictures(data: bytes) -> None:
    picture = Image.open(io.BytesIO(data))  # expect: heavy-computation-in-async
    small = picture.resize((10, 10))  # expect: heavy-computation-in-async
    small.save("x")  # expect: heavy-computation-in-async
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall("x")  # expect: heavy-computation-in-async
    PdfReader(io.BytesIO(data))  # expect: heavy-computation-in-async
    pandas.read_csv(io.BytesIO(data))  # expect: heavy-computation-in-async


class Encoder:
    def __init__(self) -> None:
        self.container = av.open(io.BytesIO(), mode="w", format="mp3")  # silent
        self.stream = self.container.add_stream("mp3", rate=24000)

    def write(self, frame: av.AudioFrame) -> None:
        for packet in self.stream.encode(frame):  # expect: heavy-computation-in-async
            self.container.mux(packet)  # expect: heavy-computation-in-async


class Voices:
    def __init__(self) -> None:
        self._pipelines: dict[str, KPipeline] = {}

    def pipeline(self, language: str) -> KPipeline:
        return self._pipelines[language]


@app.post("/f")
async def speak(text: str, encoder: Annotated[Encoder, Depends()]) -> None:
    pipeline = Voices().pipeline("a")
    for result in pipeline(text):  # expect: heavy-computation-in-async
        encoder.write(result)
    torch.save({}, io.BytesIO())  # silent: bytes are copied
    await run_in_threadpool(encoder.write, result)  # silent


@app.post("/g")
async def pages(path: str) -> None:
    reader = PdfReader(path)  # expect: heavy-computation-in-async
    for page in reader.pages:
        page.extract_text()  # expect: heavy-computation-in-async
    " ".join([page.extract_text() for page in reader.pages])  # expect: heavy-computation-in-async
    document = fitz.open(path)  # expect: heavy-computation-in-async
    for leaf in document:
        leaf.get_text()  # expect: heavy-computation-in-async
        leaf.set_rotation(90)  # silent: a number is kept
    document[0].get_pixmap()  # expect: heavy-computation-in-async


@app.get("/encoded")
async def encoded(name: str) -> bytes:
    image = await cameras.picture(name)
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG")  # expect: heavy-computation-in-async
    tool = await cameras.tool(name)
    tool.save(buffer)  # silent: nobody knows what it is
    return buffer.getvalue()


class Members(IntegerIDMixin, BaseUserManager[object, int]):
    async def sign_in(self, word: str, stored: str) -> bool:
        return self.password_helper.verify_and_update(word, stored)[0]  # expect: heavy-computation-in-async


@app.get("/sign-in")
async def sign_in(word: str, members: Annotated[Members, Depends()]) -> bool:
    return await members.sign_in(word, "stored")


class Listener:
    model = None

    def load(self) -> None:
        self.model = whisper.load_model("base").cuda()

    async def listen(self, audio: bytes) -> str:
        return self.model.transcribe(audio)["text"]  # expect: heavy-computation-in-async


@app.post("/listen")
async def listen(audio: bytes, listener: Annotated[Listener, Depends()]) -> str:
    return await listener.listen(audio)


def words_of(reader: "Language" | None, text: str) -> list[str]:
    return [str(word) for word in reader(text)]  # expect: heavy-computation-in-async


@app.get("/words")
async def words(text: str) -> list[str]:
    reader = spacy.blank("en")
    reader.add_pipe("sentencizer")  # silent
    return words_of(reader, text)  # silent: another rule tells of it


_ranker = None
_warm = None


def ranker() -> CrossEncoder:
    global _ranker
    if _ranker is None:
        _ranker = CrossEncoder("small")  # expect: heavy-computation-in-async
    return _ranker


def warm() -> CrossEncoder:
    global _warm
    if _warm is None:
        _warm = CrossEncoder("small")  # silent: the start of the app has done it
    return _warm


@functools.cache
def tokenizer() -> AutoTokenizer:
    return AutoTokenizer.from_pretrained("small")  # expect: heavy-computation-in-async


@functools.cache
def early() -> AutoTokenizer:
    return AutoTokenizer.from_pretrained("small")  # silent: the start of the app has done it


@app.on_event("startup")
async def warm_up() -> None:
    await run_in_threadpool(early)
    warm()


@app.get("/ranked")
async def ranked(text: str) -> None:
    ranker()
    warm()
    tokenizer()
    early()


@app.get("/ranked/plain")
def ranked_in_thread(text: str) -> None:
    ranker()
