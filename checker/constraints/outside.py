"""Slow work outside the process: which library calls send mail, notify, render, parse, or ask a model; and what leads to them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import StrEnum

from checker.constraints.flow import last_name, mentions, own_expressions, statements
from checker.source import Call, Function, Project


class Work(StrEnum):
    """What the slow work is."""

    MAIL = "mail"
    MESSAGE = "message"
    RENDER = "render"
    PARSE = "parse"
    INDEX = "index"
    MODEL = "model"
    LONG = "long"


_EXACT: dict[str, Work] = {
    "aiosmtplib.send": Work.MAIL,
    "resend.Emails.send": Work.MAIL,
    "pywebpush.webpush": Work.MESSAGE,
    "pdfkit.from_string": Work.RENDER,
    "pdfkit.from_file": Work.RENDER,
    "pdfkit.from_url": Work.RENDER,
    "xhtml2pdf.pisa.CreatePDF": Work.RENDER,
    "ffmpeg.run": Work.RENDER,
    "pytesseract.image_to_string": Work.PARSE,
    "pytesseract.image_to_data": Work.PARSE,
    "textract.process": Work.PARSE,
    "pypdf.PdfReader": Work.PARSE,
    "PyPDF2.PdfReader": Work.PARSE,
    "pdfplumber.open": Work.PARSE,
    "pymupdf.open": Work.PARSE,
    "fitz.open": Work.PARSE,
    "docx.Document": Work.PARSE,
    "elasticsearch.helpers.bulk": Work.INDEX,
    "elasticsearch.helpers.async_bulk": Work.INDEX,
    "elasticsearch.helpers.parallel_bulk": Work.INDEX,
    "elasticsearch.helpers.reindex": Work.INDEX,
    "opensearchpy.helpers.bulk": Work.INDEX,
    "git.Repo.clone_from": Work.LONG,
    "git.clone": Work.LONG,
    "huggingface_hub.snapshot_download": Work.LONG,
    "sklearn.model_selection.cross_val_score": Work.LONG,
}
_METHODS: dict[str, tuple[Work, frozenset[str]]] = {
    "smtplib.SMTP": (Work.MAIL, frozenset({"send_message", "sendmail"})),
    "aiosmtplib.SMTP": (Work.MAIL, frozenset({"send_message", "sendmail"})),
    "fastapi_mail.FastMail": (Work.MAIL, frozenset({"send_message"})),
    "sendgrid.SendGridAPIClient": (Work.MAIL, frozenset({"send"})),
    "emails.Message": (Work.MAIL, frozenset({"send"})),
    "emails.message.Message": (Work.MAIL, frozenset({"send"})),
    "yagmail.SMTP": (Work.MAIL, frozenset({"send"})),
    "postmarker.core.PostmarkClient.emails": (Work.MAIL, frozenset({"send"})),
    "twilio.rest.Client.messages": (Work.MESSAGE, frozenset({"create"})),
    "slack_sdk.WebClient": (Work.MESSAGE, frozenset({"chat_postMessage"})),
    "slack_sdk.web.async_client.AsyncWebClient": (Work.MESSAGE, frozenset({"chat_postMessage"})),
    "slack_sdk.webhook.WebhookClient": (Work.MESSAGE, frozenset({"send"})),
    "slack_sdk.webhook.async_client.AsyncWebhookClient": (Work.MESSAGE, frozenset({"send"})),
    "firebase_admin.messaging": (
        Work.MESSAGE,
        frozenset({"send", "send_all", "send_each", "send_multicast", "send_each_for_multicast"}),
    ),
    "telegram.Bot": (Work.MESSAGE, frozenset({"send_message"})),
    "aiogram.Bot": (Work.MESSAGE, frozenset({"send_message"})),
    "apprise.Apprise": (Work.MESSAGE, frozenset({"notify", "async_notify"})),
    "weasyprint.HTML": (Work.RENDER, frozenset({"write_pdf"})),
    "reportlab.platypus.SimpleDocTemplate": (Work.RENDER, frozenset({"build"})),
    "easyocr.Reader": (Work.PARSE, frozenset({"readtext"})),
    "docling.document_converter.DocumentConverter": (Work.PARSE, frozenset({"convert"})),
    "transformers.Trainer": (Work.LONG, frozenset({"train", "evaluate"})),
    "celery.result.AsyncResult": (Work.LONG, frozenset({"get", "wait", "join"})),
}  # fmt: skip
_LOADING = frozenset({"lazy_load", "alazy_load", "load_and_split"})
"""Methods that only document loaders have, whatever their class."""
_MODELS = (
    "openai.OpenAI.", "openai.AsyncOpenAI.", "openai.AzureOpenAI.", "openai.AsyncAzureOpenAI.", "anthropic.Anthropic.",
    "anthropic.AsyncAnthropic.", "groq.Groq.", "groq.AsyncGroq.", "google.genai.Client.", "mistralai.Mistral.",
)  # fmt: skip
_ASKED = frozenset(
    {"create", "parse", "stream", "generate", "generate_content", "generate_content_stream", "complete"}
)
_THREADS = frozenset({"run_in_threadpool", "to_thread", "run_sync", "run_in_executor"})
STARTS = frozenset(
    {"create_task", "ensure_future", "start_soon", "add_task", "Thread", "Process", "submit", "gather"}
)
_DEEPEST = 60


def work_of(call: Call) -> Work | None:
    """What slow work a library call does."""
    target = call.target.removesuffix(".__init__")
    if target in _EXACT:
        return _EXACT[target]
    owner, _, last = target.rpartition(".")
    if owner in _METHODS and last in _METHODS[owner][1]:
        return _METHODS[owner][0]
    if target.startswith(_MODELS) and last in _ASKED or f"{target}." in _MODELS:
        return Work.MODEL  # Who opens a client of a model in a request asks it something.
    return Work.PARSE if not target and last_name(call.node) in _LOADING else None


def runs(call: Call, project: Project) -> Iterator[Function]:
    """The project's functions that run before a call gives its result: the one called, and those that a thread runs for it."""
    yield from _one_method(call)
    if last_name(call.node) not in _THREADS or not call.awaited:
        return
    for argument in call.node.args:
        if isinstance(argument, ast.Lambda):
            inner = call.scope.module.lambdas.get(argument)
            if inner is not None:
                yield inner
        elif isinstance(argument, (ast.Name, ast.Attribute)):
            value = project.names.evaluate(argument, call.scope)
            if value is not None and isinstance(value.item, Function) and not value.instance:
                yield value.item


def _one_method(call: Call) -> Iterator[Function]:
    """What a call runs; of several only what implements one method, as every mail sender has its own `send`."""
    if call.callee is not None and not call.callee.is_abstract:
        yield call.callee
        return
    names = {callee.name.rpartition(".")[2] for callee in call.callees}
    if len(names) == 1 and names == {last_name(call.node)} and all(c.owner for c in call.callees):
        yield from call.callees
    elif call.callee is not None:
        yield call.callee


def is_started(call: Call) -> bool:
    """Whether a call is handed to a task or a thread, so that nobody waits for it here."""
    return call.argument_of is not None and last_name(call.argument_of) in STARTS


def is_otherwise_handed(call: Call, function: Function) -> bool:
    """`tasks.add_task(send)` in one branch and `send()` in the other: in requests the first one runs."""
    name = ast.unparse(call.node.func) if call.callee is not None else ""
    return bool(name) and any(
        last_name(other.node) in STARTS and other.node.args and ast.unparse(other.node.args[0]) == name
        for other in function.calls
    )


class Reached:
    """Which slow work a function does, itself or through what it calls; every answer is remembered."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[Function, frozenset[Work]] = {}

    def by_call(self, call: Call) -> frozenset[Work]:
        """The slow work of one call, with what it leads to."""
        work = work_of(call)
        found = {work} if work is not None else set()
        for function in runs(call, self._project):
            found |= self.by_function(function)
        return frozenset(found)

    def by_function(self, function: Function, depth: int = 0) -> frozenset[Work]:
        """The slow work of a function, with what it leads to."""
        if function in self._known:
            return self._known[function]
        if depth > _DEEPEST:
            return frozenset()
        self._known[function] = frozenset()  # Recursion ends here.
        found: set[Work] = set()
        for call in function.calls:
            if is_started(call) or is_otherwise_handed(call, function):
                continue
            work = work_of(call)
            if work is not None:
                found.add(work)
            for further in runs(call, self._project):
                found |= self.by_function(further, depth + 1)
        self._known[function] = frozenset(found)
        return self._known[function]


def is_unused(call: Call) -> bool:
    """Whether nothing looks at what a call gives: it is a statement of its own, awaited or not."""
    statement = call.statement
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
    return value is call.node


def is_used_for_reply(call: Call, function: Function, *, decides: bool = True) -> bool:
    """Whether what a call gives is returned, or decides something; of several values the first one counts."""
    if is_unused(call):
        return False
    statement = call.statement
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return True
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    first = targets[0].elts[0] if isinstance(targets[0], ast.Tuple) and targets[0].elts else targets[0]
    return not isinstance(first, ast.Name) or _is_looked_at(function, first.id, decides=decides)


def _is_looked_at(function: Function, source: str, *, decides: bool) -> bool:
    names = {source}
    for statement in statements(function):
        value = getattr(statement, "value", None)
        if isinstance(statement, ast.Assign) and isinstance(value, ast.expr) and _computes(value, names):
            names |= {t.id for t in statement.targets if isinstance(t, ast.Name)}
        looks = isinstance(statement, ast.Return)
        looks |= decides and isinstance(statement, (ast.If, ast.While, ast.Match))
        if looks and any(mentions(e, names) for e in own_expressions(statement)):
            return True
    return False


def _computes(value: ast.expr, names: set[str]) -> bool:
    """Whether a value is computed from one of the names; what is awaited was stored or sent somewhere."""
    return mentions(value, names) and not any(isinstance(node, ast.Await) for node in ast.walk(value))


def loops_over(function: Function, work: Work, reached: Reached) -> ast.stmt | None:
    """The first loop over data in which every round does some work; `range(...)` and fixed lists do not count."""
    for statement in statements(function):
        if isinstance(statement, (ast.For, ast.AsyncFor)) and not _is_fixed(statement.iter):
            inside = {id(node) for node in ast.walk(statement) if isinstance(node, ast.Call)}
            if any(id(c.node) in inside and work in reached.by_call(c) for c in function.calls):
                return statement
    return None


def _is_fixed(iterable: ast.expr) -> bool:
    if isinstance(iterable, (ast.Tuple, ast.List, ast.Constant)):
        return True
    return isinstance(iterable, ast.Name) and iterable.id.isupper()
