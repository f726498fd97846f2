"""Which library calls do slow work outside the process: send mail, notify, render, parse, ask a model, wait for minutes."""

from __future__ import annotations

import ast
import re
from enum import StrEnum

from checker.constraints.flow import last_name, statements
from checker.constraints.slow_programs import runs_for_minutes, runs_program
from checker.source import Call, Function


class Work(StrEnum):
    """What the slow work is."""

    MAIL = "mail"
    MESSAGE = "message"
    RENDER = "render"
    PARSE = "parse"
    INDEX = "index"
    EMBED = "embed"
    MODEL = "model"
    HTTP = "http"
    CRAWL = "crawl"
    LONG = "long"
    AGENT = "agent"
    PROGRAM = "program"
    STORE = "store"
    SPEECH = "speech"
    """A recording that a model of the service's own writes down: minutes, in a background task that takes any recording."""


_EXACT: dict[str, Work] = {
    "aiosmtplib.send": Work.MAIL,
    "resend.Emails.send": Work.MAIL,
    "mailtrap.MailtrapClient.send": Work.MAIL,
    "django.core.mail.send_mail": Work.MAIL,
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
    "docx2txt.process": Work.PARSE,
    "pdfminer.high_level.extract_text": Work.PARSE,
    "pdf2image.convert_from_bytes": Work.PARSE,
    "pdf2image.convert_from_path": Work.PARSE,
    "pymupdf4llm.to_markdown": Work.PARSE,
    "pandas.read_excel": Work.PARSE,
    "openpyxl.load_workbook": Work.PARSE,
    "xgboost.train": Work.LONG,
    "lightgbm.train": Work.LONG,
    "elasticsearch.helpers.bulk": Work.INDEX,
    "elasticsearch.helpers.async_bulk": Work.INDEX,
    "elasticsearch.helpers.parallel_bulk": Work.INDEX,
    "elasticsearch.helpers.reindex": Work.INDEX,
    "opensearchpy.helpers.bulk": Work.INDEX,
    "alembic.command.upgrade": Work.LONG,
    "alembic.command.downgrade": Work.LONG,
    "git.Repo.clone_from": Work.LONG,
    "git.clone": Work.LONG,
    "huggingface_hub.snapshot_download": Work.LONG,
    "sklearn.model_selection.cross_val_score": Work.LONG,
    "mailtrap.client.MailtrapClient.send": Work.MAIL,
    "resend.Batch.send": Work.MAIL,
}
_METHODS: dict[str, tuple[Work, frozenset[str]]] = {
    "smtplib.SMTP": (Work.MAIL, frozenset({"send_message", "sendmail"})),
    "aiosmtplib.SMTP": (Work.MAIL, frozenset({"send_message", "sendmail"})),
    "fastapi_mail.FastMail": (Work.MAIL, frozenset({"send_message"})),
    "sendgrid.SendGridAPIClient": (Work.MAIL, frozenset({"send"})),
    "emails.Message": (Work.MAIL, frozenset({"send"})),
    "emails.message.Message": (Work.MAIL, frozenset({"send"})),
    "redmail.EmailSender": (Work.MAIL, frozenset({"send"})),
    "azure.communication.email.EmailClient": (Work.MAIL, frozenset({"begin_send"})),
    "sib_api_v3_sdk.TransactionalEmailsApi": (Work.MAIL, frozenset({"send_transac_email"})),
    "yagmail.SMTP": (Work.MAIL, frozenset({"send"})),
    "postmarker.core.PostmarkClient.emails": (Work.MAIL, frozenset({"send"})),
    "azure.communication.email.aio.EmailClient": (Work.MAIL, frozenset({"begin_send"})),
    "brevo_python.TransactionalEmailsApi": (Work.MAIL, frozenset({"send_transac_email"})),
    "mailchimp_transactional.Client.messages": (Work.MAIL, frozenset({"send", "send_template"})),
    "mailjet_rest.Client.send": (Work.MAIL, frozenset({"create"})),
    "sparkpost.SparkPost.transmissions": (Work.MAIL, frozenset({"send"})),
    "twilio.rest.Client.calls": (Work.MESSAGE, frozenset({"create"})),
    "pymsteams.connectorcard": (Work.MESSAGE, frozenset({"send"})),
    "linebot.LineBotApi": (Work.MESSAGE, frozenset({"push_message", "multicast", "broadcast"})),
    "yt_dlp.YoutubeDL": (Work.LONG, frozenset({"download"})),
    "git.Git": (Work.LONG, frozenset({"clone"})),
    "docker.DockerClient.images": (Work.LONG, frozenset({"build", "pull"})),
    "docker.from_env().images": (Work.LONG, frozenset({"build", "pull"})),
    "keras.Model": (Work.LONG, frozenset({"fit"})),
    "keras.Sequential": (Work.LONG, frozenset({"fit"})),
    "keras.models.Sequential": (Work.LONG, frozenset({"fit"})),
    "tensorflow.keras.Model": (Work.LONG, frozenset({"fit"})),
    "tensorflow.keras.Sequential": (Work.LONG, frozenset({"fit"})),
    "tensorflow.keras.models.Sequential": (Work.LONG, frozenset({"fit"})),
    "lightning.Trainer": (Work.LONG, frozenset({"fit"})),
    "pytorch_lightning.Trainer": (Work.LONG, frozenset({"fit"})),
    "trl.SFTTrainer": (Work.LONG, frozenset({"train"})),
    "stable_baselines3.PPO": (Work.LONG, frozenset({"learn"})),
    "optuna.create_study()": (Work.LONG, frozenset({"optimize"})),
    "optuna.study.create_study()": (Work.LONG, frozenset({"optimize"})),
    "twilio.rest.Client.messages": (Work.MESSAGE, frozenset({"create"})),
    "slack_sdk.WebClient": (Work.MESSAGE, frozenset({"chat_postMessage"})),
    "slack_sdk.web.async_client.AsyncWebClient": (Work.MESSAGE, frozenset({"chat_postMessage"})),
    "slack_sdk.webhook.WebhookClient": (Work.MESSAGE, frozenset({"send"})),
    "slack_sdk.webhook.async_client.AsyncWebhookClient": (Work.MESSAGE, frozenset({"send"})),
    "firebase_admin.messaging": (
        Work.MESSAGE,
        frozenset({"send", "send_all", "send_each", "send_multicast", "send_each_for_multicast"}),
    ),
    "discord_webhook.DiscordWebhook": (Work.MESSAGE, frozenset({"execute"})),
    "discord_webhook.AsyncDiscordWebhook": (Work.MESSAGE, frozenset({"execute"})),
    "exponent_server_sdk.PushClient": (Work.MESSAGE, frozenset({"publish", "publish_multiple"})),
    "telegram.Bot": (Work.MESSAGE, frozenset({"send_message"})),
    "aiogram.Bot": (Work.MESSAGE, frozenset({"send_message"})),
    "apprise.Apprise": (Work.MESSAGE, frozenset({"notify", "async_notify"})),
    "weasyprint.HTML": (Work.RENDER, frozenset({"write_pdf"})),
    "reportlab.platypus.SimpleDocTemplate": (Work.RENDER, frozenset({"build"})),
    "easyocr.Reader": (Work.PARSE, frozenset({"readtext"})),
    "docling.document_converter.DocumentConverter": (Work.PARSE, frozenset({"convert"})),
    "markitdown.MarkItDown": (Work.PARSE, frozenset({"convert"})),
    "llama_index.core.SimpleDirectoryReader": (Work.PARSE, frozenset({"load_data"})),
    **dict.fromkeys(
        (
            "llama_index.core.VectorStoreIndex",
            "llama_index.core.indices.VectorStoreIndex",
            "llama_index.core.indices.base.BaseIndex",
        ),
        (Work.EMBED, frozenset({"from_documents", "insert", "insert_nodes"})),
    ),
    "sklearn.model_selection.GridSearchCV": (Work.LONG, frozenset({"fit"})),
    "sklearn.model_selection.RandomizedSearchCV": (Work.LONG, frozenset({"fit"})),
    "ultralytics.YOLO": (Work.LONG, frozenset({"train"})),
    "transformers.Trainer": (Work.LONG, frozenset({"train", "evaluate"})),
    **dict.fromkeys(
        ("keycloak.KeycloakAdmin", "keycloak.keycloak_admin.KeycloakAdmin"),
        (
            Work.MAIL,
            frozenset({"send_verify_email", "send_update_account", "a_send_verify_email", "a_send_update_account"}),
        ),
    ),
    **dict.fromkeys(
        ("whisper.load_model()", "whisperx.load_model()", "faster_whisper.WhisperModel", "faster_whisper.BatchedInferencePipeline"),
        (Work.SPEECH, frozenset({"transcribe"})),
    ),
    "celery.result.AsyncResult": (Work.LONG, frozenset({"get", "wait", "join"})),
}  # fmt: skip
_AMAZON: dict[str, Work] = {
    "send_email": Work.MAIL,
    "send_raw_email": Work.MAIL,
    "send_templated_email": Work.MAIL,
}
"""Methods of `boto3.client(...)` that only one of its services has."""
_AMAZON_CLIENTS = frozenset({
    "boto3.client()", "boto3.Session.client()", "boto3.session.Session.client()", "aioboto3.Session.client()",
    "aiobotocore.session.get_session().create_client()", "aiobotocore.session.AioSession.create_client()",
})  # fmt: skip
_LOADING = frozenset({"lazy_load", "alazy_load", "load_and_split"})
"""Methods that only document loaders have, whatever their class."""
_LOADERS = re.compile(
    r"^langchain\w*\.document_loaders\b.*\.a?load$|^unstructured\.partition\.\w+\.partition\w*$"
)
_EMBEDS = frozenset({
    "add_documents", "aadd_documents", "add_texts", "aadd_texts", "from_documents", "afrom_documents", "from_texts", "afrom_texts",
})  # fmt: skip
_VECTORS = re.compile(
    r"(^|_)(vs|faiss|chroma|pinecone|qdrant|milvus|weaviate|pgvector|vector\w*)(_|$)|vector_?(store|db)"
)
"""What a store of vectors is called; a search engine has methods of the same names, which return at once."""
_FOR_HOOKS = re.compile(r"webhook|notif(y|ication)", re.IGNORECASE)
_FOR_MAIL = re.compile(r"send_?(\w+_)?e?mails?(_|$)|e?mail\w*\._?(re)?send", re.IGNORECASE)
_EMBEDDINGS = frozenset({"embed_documents", "aembed_documents"})
_ENCODES = frozenset({"encode", "embed", "embed_batch", "embed_texts", "get_text_embedding_batch"})
_EMBEDDERS = re.compile(r"embed|sentence_?transformer")
_SPEECH_MODELS = re.compile(r"whisper|(^|_)(asr|stt)(_|$)|^model$")
_STORED = frozenset({
    "delete_object", "delete_objects", "remove_object", "remove_objects", "put_object", "fput_object", "fget_object", "copy_object",
    "upload_file", "upload_fileobj", "upload_from_filename", "upload_blob", "delete_blob", "download_fileobj", "download_to_filename",
})  # fmt: skip
"""Methods that only the clients of object stores have."""
_COPIES = frozenset({"put", "get", "upload", "download", "copy"})
_FILMS = frozenset({"write_videofile", "write_audiofile"})
"""Only the clips of MoviePy have such methods, whatever was cut and joined before."""
_MODELS = (
    "openai.OpenAI.", "openai.AsyncOpenAI.", "openai.AzureOpenAI.", "openai.AsyncAzureOpenAI.", "anthropic.Anthropic.",
    "anthropic.AsyncAnthropic.", "groq.Groq.", "groq.AsyncGroq.", "google.genai.Client.", "mistralai.Mistral.",
)  # fmt: skip
_ASKED = frozenset(
    {"create", "parse", "stream", "generate", "generate_content", "generate_content_stream", "complete"}
)
_KICKS_OFF = frozenset({"kickoff", "kickoff_async", "akickoff"})
_INVOKES = frozenset({"invoke", "ainvoke", "arun"})
_AGENTS = re.compile(r"(^|_)(agents?|crew|swarm|agent_executor|agentexecutor|agent_graph)(_|$)")
_CLIENTS = frozenset({
    "requests", "requests.Session", "httpx", "httpx.Client", "httpx.AsyncClient", "httpx2", "httpx2.Client", "httpx2.AsyncClient",
    "aiohttp.ClientSession",
})  # fmt: skip
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "request", "send"})
_MAILERS = re.compile(
    r"^https://(api\.(eu\.)?mailgun\.net|api\.sendgrid\.com|api\.postmarkapp\.com|api\.resend\.com|api\.brevo\.com|api\.sendinblue\.com"
    r"|api\.mailjet\.com|api\.sparkpost\.com|mandrillapp\.com)"
)
_MESSENGERS = re.compile(
    r"^https://(hooks\.slack\.com|(\w+\.)?discord(app)?\.com/api/webhooks|api\.telegram\.org|fcm\.googleapis\.com|exp\.host|api\.pushover\.net"
    r"|onesignal\.com|api\.onesignal\.com|api\.twilio\.com|ntfy\.sh|outlook\.office\.com/webhook)"
)


def is_long(target: str) -> bool:
    """Whether a function of a library takes minutes, wherever it is handed."""
    return _EXACT.get(target) is Work.LONG


def is_request(call: Call) -> bool:
    """Whether a call sends an HTTP request."""
    owner, _, last = call.target.rpartition(".")
    return owner in _CLIENTS and last in _VERBS


def work_of(call: Call) -> Work | None:
    """What slow work a library call does."""
    target = call.target.removesuffix(".__init__")
    if target in _EXACT:
        return None if _stays_here(call) else _EXACT[target]
    owner, _, last = target.rpartition(".")
    if owner in _METHODS and last in _METHODS[owner][1]:
        return _METHODS[owner][0]
    if owner in _AMAZON_CLIENTS and last in _AMAZON:
        return _AMAZON[last]
    if owner in _AMAZON_CLIENTS and last == "publish" and call.keyword("PhoneNumber") is not None:
        return Work.MESSAGE
    if _LOADERS.match(target):
        return Work.PARSE
    if last_name(call.node) in _EMBEDS and _is_vector_store(call, target):
        return Work.EMBED
    if target.startswith(_MODELS) and last in _ASKED or f"{target}." in _MODELS:
        return Work.MODEL  # Who opens a client of a model in a request asks it something.
    if is_request(call):
        return _by_address(call)
    if runs_for_minutes(call):
        return Work.LONG
    if last_name(call.node) in _FILMS or _copies_folder(call):
        return Work.LONG
    if runs_program(call):
        return Work.PROGRAM
    if last_name(call.node) in _STORED and call.callee is None:
        return Work.STORE
    if embeds(call.node.func) and call.callee is None:
        return Work.EMBED
    if (
        last_name(call.node) == "transcribe"
        and not target
        and _SPEECH_MODELS.search(_receiver(call.node.func))
    ):
        return Work.SPEECH
    if runs_agent(call.node.func):
        return Work.AGENT
    if last_name(call.node) == "backward" and target.partition(".")[0] in {"", "torch"} and _trains(call):
        return Work.LONG
    return Work.PARSE if not target and last_name(call.node) in _LOADING else None


def runs_agent(method: ast.expr) -> bool:
    """`agent.ainvoke`, `self.crew.kickoff`: a model that is asked again after each of its tools, until it is content."""
    if not isinstance(method, ast.Attribute):
        return False
    if method.attr in _KICKS_OFF:
        return True
    return method.attr in _INVOKES and bool(_AGENTS.search(_receiver(method)))


def embeds(method: ast.expr) -> bool:
    """`embedder.encode`, `self.embedding_model.embed_documents`: texts become vectors in a model."""
    if not isinstance(method, ast.Attribute):
        return False
    return method.attr in _EMBEDDINGS or (
        method.attr in _ENCODES and bool(_EMBEDDERS.search(_receiver(method)))
    )


def _receiver(method: ast.expr) -> str:
    """What a method is called on, in lower case: `agent` of `self.agent.invoke`."""
    on = method.value if isinstance(method, ast.Attribute) else None
    name = on.attr if isinstance(on, ast.Attribute) else on.id if isinstance(on, ast.Name) else ""
    return name.lower()


def _copies_folder(call: Call) -> bool:
    """`fs.put(folder, target, recursive=True)`: every file of a folder goes to a store or comes from it."""
    recursive = call.keyword("recursive")
    return (
        last_name(call.node) in _COPIES
        and isinstance(recursive, ast.Constant)
        and recursive.value is True
        and call.callee is None
    )


def _is_vector_store(call: Call, target: str) -> bool:
    if call.node.args and isinstance(call.node.args[0], ast.List):
        return False  # One document that is written down opens a store.
    if target:
        return target.startswith(("langchain", "llama_index.", "haystack."))
    return call.callee is None and bool(_VECTORS.search(_receiver(call.node.func)))


def _trains(call: Call) -> bool:
    """`loss.backward()` beside `optimizer.step()`."""
    return any(last_name(other.node) in {"step", "zero_grad"} for other in call.scope.calls)


def _stays_here(call: Call) -> bool:
    """`snapshot_download(..., local_files_only=True)` only looks where the files are."""
    given = call.keyword("local_files_only")
    if given is not None:
        return not (isinstance(given, ast.Constant) and given.value is False)
    return call.target.endswith("snapshot_download") and _is_first_time(call)


def _is_first_time(call: Call) -> bool:
    """`if not path.exists(): path = snapshot_download(...)`: fetched once, and there from then on."""
    for statement in statements(call.scope) if isinstance(call.scope, Function) else ():
        if isinstance(statement, ast.If) and any(
            inner is call.node for part in statement.body for inner in ast.walk(part)
        ):
            test = ast.unparse(statement.test)
            if "exist" in test or "is_dir" in test or "isdir" in test or "is None" in test:
                return True
    return False


def _by_address(call: Call) -> Work:
    """Who is asked, where the address is written down."""
    for argument in [*call.node.args, *(k.value for k in call.node.keywords if k.arg == "url")]:
        first = argument.values[0] if isinstance(argument, ast.JoinedStr) and argument.values else argument
        text = first.value if isinstance(first, ast.Constant) else None
        if isinstance(text, str) and last_name(call.node) != "get":
            if _MAILERS.match(text):
                return Work.MAIL
            if _MESSENGERS.match(text):
                return Work.MESSAGE
    if last_name(call.node) == "post" and isinstance(call.scope, Function):
        # Named after what it does: `send_mail`, `MailClient.send`, `send_webhook`, `Notifier.notify_all`.
        if _FOR_MAIL.search(call.scope.short):
            return Work.MAIL
        if _FOR_HOOKS.search(call.scope.short):
            return Work.MESSAGE
    return Work.HTTP
