"""Which functions and methods of libraries hold the thread that makes them, as data: what each of them waits for.

Names are those that people import (`checker.source.libraries` makes them so).
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a blocking call waits for."""

    SLEEP = "sleep"
    HTTP = "http"
    NETWORK = "network"
    FILE = "file"
    FOLDER = "folder"
    DATABASE = "database"
    PROCESS = "process"
    DNS = "dns"
    MAIL = "mail"
    BROKER = "broker"
    CPU = "cpu"
    WAIT = "wait"


def words(*texts: str) -> frozenset[str]:
    """Names written one after the other."""
    return frozenset(word for text in texts for word in text.split())


EXACT: dict[str, Kind] = {
    name: kind
    for kind, names in {
        Kind.SLEEP: "time.sleep",
        Kind.HTTP: """
            urllib.request.urlopen urllib.request.urlretrieve google.oauth2.id_token.verify_oauth2_token
            google.oauth2.id_token.verify_firebase_token google.oauth2.id_token.fetch_id_token
            google.oauth2.id_token.verify_token replicate.run ollama.chat ollama.generate ollama.embeddings ollama.embed
            ollama.pull ollama.list litellm.completion litellm.embedding litellm.image_generation litellm.speech
            litellm.transcription litellm.text_completion feedparser.parse trafilatura.fetch_url
            wikipedia.page wikipedia.summary wikipedia.search yfinance.download nltk.download gdown.download
            firebase_admin.messaging.send firebase_admin.messaging.send_multicast firebase_admin.messaging.send_each
            firebase_admin.auth.get_user firebase_admin.auth.create_user firebase_admin.auth.delete_user
            firebase_admin.auth.get_user_by_email firebase_admin.auth.update_user firebase_admin.auth.list_users
            firebase_admin.auth.verify_id_token firebase_admin.auth.set_custom_user_claims resend.Emails.send
            slack_bolt.App.dispatch webbrowser.open duckduckgo_search.ddg elasticsearch.helpers.bulk
            elasticsearch.helpers.scan elasticsearch.helpers.streaming_bulk elasticsearch.helpers.parallel_bulk
            opensearchpy.helpers.bulk opensearchpy.helpers.scan""",
        Kind.NETWORK: """
            socket.create_connection ftplib.FTP ftplib.FTP_TLS telnetlib.Telnet websocket.create_connection
            paho.mqtt.publish.single paho.mqtt.publish.multiple paho.mqtt.subscribe.simple ssl.get_server_certificate
            imaplib.IMAP4 imaplib.IMAP4_SSL poplib.POP3 poplib.POP3_SSL websockets.sync.client.connect""",
        Kind.DNS: """
            socket.getaddrinfo socket.gethostbyname socket.gethostbyname_ex socket.gethostbyaddr socket.getfqdn
            socket.getnameinfo dns.resolver.resolve dns.resolver.query dns.resolver.resolve_address
            dns.reversename.to_address""",
        Kind.PROCESS: """
            os.system os.popen os.waitpid os.wait os.spawnl os.spawnv git.Repo.clone_from git.Repo.init
            pygit2.clone_repository dulwich.porcelain.clone dulwich.porcelain.pull dulwich.porcelain.push
            pdfkit.from_string pdfkit.from_url pdfkit.from_file ffmpeg.run ffmpeg.probe pexpect.run pypandoc.convert_text
            pypandoc.convert_file GPUtil.getGPUs GPUtil.getAvailable GPUtil.getFirstAvailable GPUtil.showUtilization
            gpustat.new_query""",
        Kind.FILE: """
            builtins.open io.open zipfile.ZipFile tarfile.open tarfile.TarFile gzip.open gzip.GzipFile bz2.open
            lzma.open magic.from_file torch.load torch.save torch.hub.load torch.jit.load joblib.load joblib.dump
            toml.load pytoml.load numpy.fromfile numpy.savez_compressed numpy.load numpy.save numpy.savez numpy.loadtxt numpy.savetxt numpy.genfromtxt filecmp.cmp
            filecmp.cmpfiles linecache.getlines runpy.run_path shelve.open dbm.open h5py.File
            safetensors.torch.load_file safetensors.torch.save_file codecs.open pyarrow.parquet.read_table
            pyarrow.parquet.write_table dotenv.load_dotenv dotenv.dotenv_values dotenv.set_key mimetypes.read_mime_types
            fcntl.flock fcntl.lockf alembic.command.upgrade alembic.command.downgrade
            llama_index.core.StorageContext.from_defaults llama_index.StorageContext.from_defaults""",
        Kind.FOLDER: "os.mkdir os.makedirs",
        Kind.DATABASE: """
            sqlite3.connect psycopg2.connect psycopg.connect pymysql.connect MySQLdb.connect mysql.connector.connect
            pyodbc.connect cx_Oracle.connect oracledb.connect pymssql.connect snowflake.connector.connect
            duckdb.connect duckdb.sql duckdb.query duckdb.execute sqlalchemy.MetaData.create_all
            sqlalchemy.MetaData.drop_all sqlalchemy.MetaData.reflect sqlalchemy_utils.database_exists
            sqlalchemy_utils.create_database sqlalchemy_utils.drop_database redshift_connector.connect
            pyhive.hive.connect trino.dbapi.connect databricks.sql.connect pandas.read_sql pandas.read_sql_query
            pandas.read_sql_table pony.orm.commit pony.orm.flush lancedb.connect""",
        Kind.MAIL: "smtplib.SMTP",
        Kind.CPU: """
            bcrypt.hashpw bcrypt.checkpw bcrypt.kdf hashlib.pbkdf2_hmac hashlib.scrypt crypt.crypt
            argon2.hash_password argon2.verify_password argon2.low_level.hash_secret argon2.low_level.verify_secret
            scrypt.hash scrypt.encrypt scrypt.decrypt
            werkzeug.security.generate_password_hash werkzeug.security.check_password_hash
            django.contrib.auth.hashers.make_password django.contrib.auth.hashers.check_password
            cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key Crypto.PublicKey.RSA.generate
            jwcrypto.jwk.JWK.generate Crypto.Protocol.KDF.scrypt Crypto.Protocol.KDF.PBKDF2
            PIL.Image.open PIL.ImageOps.fit PIL.ImageOps.exif_transpose PIL.ImageOps.contain
            cv2.imread cv2.imwrite cv2.imdecode cv2.imencode cv2.resize cv2.cvtColor cv2.GaussianBlur cv2.warpPerspective
            cv2.VideoCapture cv2.dnn.readNet cv2.matchTemplate skimage.io.imread skimage.transform.resize imageio.imread
            imageio.imwrite rembg.remove qrcode.make cairosvg.svg2png cairosvg.svg2pdf pdf2image.convert_from_path
            pdf2image.convert_from_bytes pytesseract.image_to_string pytesseract.image_to_data
            transformers.pipeline sentence_transformers.SentenceTransformer sentence_transformers.CrossEncoder
            whisper.load_model whisper.transcribe faster_whisper.WhisperModel spacy.load onnxruntime.InferenceSession
            tensorflow.keras.models.load_model keras.models.load_model tensorflow.saved_model.load llama_cpp.Llama
            kokoro.KPipeline kokoro.KModel TTS.api.TTS vosk.Model
            easyocr.Reader ultralytics.YOLO face_recognition.face_encodings face_recognition.face_locations
            face_recognition.load_image_file face_recognition.compare_faces librosa.load soundfile.read soundfile.write
            faiss.read_index faiss.write_index torchaudio.load
            pypdf.PdfReader PyPDF2.PdfReader PyPDF2.PdfFileReader pdfplumber.open fitz.open pymupdf.open pymupdf4llm.to_markdown
            pdfminer.high_level.extract_text docx.Document openpyxl.load_workbook xlrd.open_workbook
            pptx.Presentation docx2txt.process camelot.read_pdf tabula.read_pdf mammoth.convert_to_html
            mammoth.extract_raw_text trafilatura.extract unstructured.partition.auto.partition
            gzip.compress gzip.decompress bz2.compress bz2.decompress lzma.compress lzma.decompress
            brotli.compress brotli.decompress
            matplotlib.pyplot.savefig matplotlib.pyplot.imread xhtml2pdf.pisa.CreatePDF umap.UMAP
            """,
        Kind.WAIT: """
            pamela.authenticate pamela.check_account pamela.open_session builtins.input getpass.getpass concurrent.futures.wait concurrent.futures.as_completed asyncio.run
            asyncio.AbstractEventLoop.run_until_complete select.select signal.pause signal.sigwait anyio.run
            psutil.cpu_percent psutil.cpu_times_percent psutil.wait_procs""",
    }.items()
    for name in names.split()
}  # fmt: skip

_VERBS = "get post put patch delete head options request"
_PANDAS = (
    "read_csv read_excel read_json read_parquet read_pickle read_feather read_hdf read_table read_html read_xml "
    "read_orc read_stata read_sas read_fwf"
)

FUNCTIONS: dict[str, tuple[Kind, frozenset[str]]] = {
    "requests": (Kind.HTTP, words(_VERBS)),
    "httpx": (Kind.HTTP, words(_VERBS, "stream")),
    "httpx2": (Kind.HTTP, words(_VERBS, "stream query")),
    "cloudscraper": (Kind.HTTP, words(_VERBS)),
    "curl_cffi.requests": (Kind.HTTP, words(_VERBS)),
    "urllib3": (Kind.HTTP, words("request")),
    "subprocess": (
        Kind.PROCESS,
        words("run call check_call check_output getoutput getstatusoutput Popen"),
    ),
    "os": (
        Kind.FILE,
        words(
            "listdir scandir walk fwalk remove unlink truncate fsync fdopen sendfile",
        ),
    ),
    "shutil": (
        Kind.FILE,
        words(
            "copy copy2 copyfile copyfileobj copytree move rmtree make_archive unpack_archive",
        ),
    ),
    "glob": (Kind.FILE, words("glob iglob")),
    "tempfile": (Kind.FILE, words("NamedTemporaryFile TemporaryFile")),
    "pandas": (Kind.FILE, words(_PANDAS, "ExcelFile ExcelWriter")),
    "polars": (Kind.FILE, words(_PANDAS, "read_ndjson read_ipc read_database")),
    "dask.dataframe": (Kind.FILE, words(_PANDAS)),
    "geopandas": (Kind.FILE, words("read_file read_parquet")),
}

# What reads, writes, copies or frees content, or reads through a folder, takes as long as there is of it. One entry of a folder
# that is asked for or renamed (`exists`, `rename`, `symlink_to`) is path work, and is left out here and above. That one is made is
# told as I/O, and not as something that holds the loop: it takes no time that anybody notices.
_SQL = words("execute executemany executescript fetchall fetchone fetchmany commit callproc")
_PATH = "read_text read_bytes write_text write_bytes open iterdir glob rglob unlink walk copy copy_into move move_into"

METHODS: dict[str, tuple[Kind, frozenset[str] | None]] = {
    "sqlalchemy.orm.Session": (
        Kind.DATABASE,
        words(
            "execute exec scalar scalars commit flush refresh get get_one merge bulk_save_objects bulk_insert_mappings",
            "bulk_update_mappings",
        ),
    ),
    "sqlalchemy.orm.scoped_session": (
        Kind.DATABASE,
        words("execute scalar scalars commit flush refresh get merge"),
    ),
    "sqlalchemy.orm.Query": (
        Kind.DATABASE,
        words("all first one one_or_none scalar count get delete update"),
    ),
    "sqlalchemy.engine.Engine": (Kind.DATABASE, words("connect begin execute raw_connection")),
    "sqlalchemy.engine.Connection": (
        Kind.DATABASE,
        words("execute scalar scalars commit exec_driver_sql"),
    ),
    "sqlalchemy.inspect()": (
        Kind.DATABASE,
        words("get_schema_names get_table_names get_view_names get_columns has_table get_indexes get_foreign_keys"),
    ),
    **{
        f"{module}.{name}": (Kind.DATABASE, _SQL)
        for module in ["sqlite3", "psycopg", "psycopg2", "pymysql", "MySQLdb", "mysql.connector", "pyodbc", "cx_Oracle", "oracledb", "pymssql", "snowflake.connector", "redshift_connector", "trino.dbapi", "databricks.sql", "duckdb", "pyhive.hive"]
        for name in ("Connection", "connection", "Cursor", "cursor")
    },
    "psycopg_pool.ConnectionPool": (Kind.DATABASE, words("connection getconn wait open close")),
    "psycopg2.pool.ThreadedConnectionPool": (Kind.DATABASE, words("getconn")),
    "psycopg2.pool.SimpleConnectionPool": (Kind.DATABASE, words("getconn")),
    "redis.Redis": (Kind.DATABASE, None),
    "redis.RedisCluster": (Kind.DATABASE, None),
    "redis.Pipeline": (Kind.DATABASE, words("execute")),
    "redis.Redis.pubsub()": (Kind.DATABASE, words("listen get_message subscribe psubscribe")),
    "redis.Redis.lock()": (Kind.DATABASE, words("acquire release extend")),
    "redis.Redis.json()": (Kind.DATABASE, words("get set delete arrappend mget merge")),
    "redis.Redis.ft()": (Kind.DATABASE, words("search aggregate create_index info dropindex")),
    "valkey.Valkey": (Kind.DATABASE, None),
    "pymongo.MongoClient": (
        Kind.DATABASE, words("server_info list_database_names list_databases drop_database"),
    ),
    "pymongo.Database": (
        Kind.DATABASE,
        words("command list_collection_names list_collections drop_collection create_collection aggregate"),
    ),
    "pymongo.Collection": (Kind.DATABASE, None),
    "gridfs.GridFS": (Kind.DATABASE, words("put get exists delete list find_one get_last_version")),
    "peewee.Model": (
        Kind.DATABASE,
        words("get get_or_none get_by_id get_or_create create save delete_instance bulk_create delete_by_id select"),
    ),
    "requests.Session": (Kind.HTTP, words(_VERBS, "send")),
    "httpx.Client": (Kind.HTTP, words(_VERBS, "send stream")),
    "httpx2.Client": (Kind.HTTP, words(_VERBS, "send stream query sse websocket")),
    "urllib3.PoolManager": (Kind.HTTP, words("request urlopen")),
    "http.client.HTTPConnection": (Kind.HTTP, words("request getresponse connect")),
    "http.client.HTTPSConnection": (Kind.HTTP, words("request getresponse connect")),
    "boto3.client()": (Kind.HTTP, None),
    "boto3.client().get_paginator()": (Kind.HTTP, words("paginate")),
    "boto3.client().get_waiter()": (Kind.HTTP, words("wait")),
    "jwt.PyJWKClient": (
        Kind.HTTP,
        words("get_signing_key_from_jwt get_signing_key get_signing_keys get_jwk_set fetch_data"),
    ),
    "socket.socket": (Kind.NETWORK, words("connect recv recvfrom accept sendall connect_ex")),
    "websocket.create_connection()": (Kind.NETWORK, words("recv send close recv_data ping")),
    "websocket.WebSocket": (Kind.NETWORK, words("connect recv send close recv_data ping")),
    "paramiko.SSHClient": (Kind.NETWORK, words("connect exec_command open_sftp")),
    "paramiko.ChannelFile": (Kind.NETWORK, words("read readline readlines")),
    "paramiko.ChannelStderrFile": (Kind.NETWORK, words("read readline readlines")),
    "paramiko.Channel": (Kind.NETWORK, words("recv recv_stderr recv_exit_status send sendall exec_command invoke_shell")),
    "paramiko.Transport": (Kind.NETWORK, words("connect start_client auth_password open_session")),
    "paramiko.SFTPClient": (Kind.NETWORK, words("get put open listdir remove stat mkdir getfo putfo rename")),
    "ftplib.FTP": (
        Kind.NETWORK, words("login connect cwd retrbinary storbinary retrlines nlst quit delete mkd"),
    ),
    "ldap3.Connection": (Kind.NETWORK, words("bind search modify add delete unbind")),
    "smtplib.SMTP": (Kind.MAIL, words("send_message sendmail login starttls connect quit")),
    "yagmail.SMTP": (Kind.MAIL, words("send")),
    "redmail.EmailSender": (Kind.MAIL, words("send")),
    "emails.Message": (Kind.MAIL, words("send")),
    "emails.html()": (Kind.MAIL, words("send")),
    "pathlib.Path": (Kind.FILE, words(_PATH)),
    "io.FileIO": (
        Kind.FILE, words("read readline readlines write writelines flush truncate readinto"),
    ),
    "configparser.ConfigParser": (Kind.FILE, words("read")),
    "shelve.Shelf": (Kind.FILE, words("sync close")),
    "zipfile.ZipFile": (Kind.CPU, words("write writestr extractall extract read testzip")),
    "tarfile.TarFile": (Kind.CPU, words("add addfile extractall extract extractfile")),
    "subprocess.Popen": (Kind.PROCESS, words("communicate wait")),
    "git.Repo": (Kind.PROCESS, words("clone is_dirty")),
    "git.Git": (Kind.PROCESS, None),
    "passlib.context.CryptContext": (Kind.CPU, words("hash verify encrypt verify_and_update dummy_verify")),
    "pwdlib.PasswordHash": (Kind.CPU, words("hash verify verify_and_update")),
    "argon2.PasswordHasher": (Kind.CPU, words("hash verify")),
    "fastapi_users.password.PasswordHelper": (Kind.CPU, words("hash verify_and_update")),
    "PIL.Image.Image": (
        Kind.CPU,
        words("save resize thumbnail convert rotate filter transform quantize"),
    ),
    "pandas.DataFrame": (
        Kind.FILE,
        words("to_csv to_excel to_parquet to_pickle to_feather to_hdf to_sql to_stata to_orc"),
    ),
    "openpyxl.Workbook": (Kind.CPU, words("save")),
    "docx.Document": (Kind.CPU, words("save")),
    "pptx.Presentation": (Kind.CPU, words("save")),
    "pypdf.PdfWriter": (Kind.CPU, words("write")),
    "pypdf.PageObject": (Kind.CPU, words("extract_text")),
    "pdfplumber.Page": (Kind.CPU, words("extract_text extract_table extract_tables extract_words to_image")),
    "fitz.Page": (Kind.CPU, words("get_text get_pixmap find_tables get_textpage")),
    "qrcode.QRCode": (Kind.CPU, words("make make_image")),
    "captcha.image.ImageCaptcha": (Kind.CPU, words("generate write")),
    "weasyprint.HTML": (Kind.CPU, words("write_pdf write_png render")),
    "matplotlib.figure.Figure": (Kind.CPU, words("savefig")),
    "sentence_transformers.SentenceTransformer": (Kind.CPU, words("encode encode_query encode_document")),
    "sentence_transformers.CrossEncoder": (Kind.CPU, words("predict rank")),
    "transformers.pipeline()": (Kind.CPU, words("__call__")),
    "spacy.Language": (Kind.CPU, words("__call__ pipe evaluate update")),
    "whisper.load_model()": (Kind.CPU, words("transcribe")),
    "faster_whisper.WhisperModel": (Kind.CPU, words("transcribe")),
    "onnxruntime.InferenceSession": (Kind.CPU, words("run")),
    "ultralytics.YOLO": (Kind.CPU, words("__call__ predict track")),
    "llama_cpp.Llama": (Kind.CPU, words("__call__ create_completion create_chat_completion embed")),
    "vllm.LLM": (Kind.CPU, words("generate chat encode")),
    "easyocr.Reader": (Kind.CPU, words("readtext")),
    "keybert.KeyBERT": (Kind.CPU, words("extract_keywords")),
    "markitdown.MarkItDown": (Kind.CPU, words("convert convert_stream convert_local")),
    "docling.document_converter.DocumentConverter": (Kind.CPU, words("convert convert_all")),
    "torch.nn.Module": (Kind.CPU, words("__call__ forward generate")),
    "torch.jit.load()": (Kind.CPU, words("__call__")),
    "torch.hub.load()": (Kind.CPU, words("__call__")),
    "keras.models.load_model()": (Kind.CPU, words("predict __call__ fit")),
    "tensorflow.keras.models.load_model()": (Kind.CPU, words("predict __call__ fit")),
    "concurrent.futures.Future": (Kind.WAIT, words("result exception")),
    "concurrent.futures.ThreadPoolExecutor": (Kind.WAIT, words("map shutdown")),
    "concurrent.futures.ProcessPoolExecutor": (Kind.WAIT, words("map shutdown")),
    "threading.Thread": (Kind.WAIT, words("join")),
    "threading.Lock": (Kind.WAIT, words("acquire")),
    "threading.RLock": (Kind.WAIT, words("acquire")),
    "threading.Semaphore": (Kind.WAIT, words("acquire")),
    "threading.Event": (Kind.WAIT, words("wait")),
    "threading.Condition": (Kind.WAIT, words("wait wait_for acquire")),
    "threading.Barrier": (Kind.WAIT, words("wait")),
    "queue.Queue": (Kind.WAIT, words("get join")),
    "queue.SimpleQueue": (Kind.WAIT, words("get")),
    "queue.PriorityQueue": (Kind.WAIT, words("get join")),
    "multiprocessing.Process": (Kind.WAIT, words("join")),
    "multiprocessing.Queue": (Kind.WAIT, words("get")),
    "multiprocessing.Pool": (Kind.WAIT, words("map apply starmap join imap")),
    "filelock.FileLock": (Kind.WAIT, words("acquire")),
    "celery.Celery": (Kind.BROKER, words("send_task")),
    "celery.result.AsyncResult": (
        # `successful` and `failed` follow `ready`, which keeps what they would ask for.
        Kind.BROKER, words("get wait join ready forget revoke"),
    ),
    "celery.result.GroupResult": (Kind.BROKER, words("get wait join ready")),
    "rq.Queue": (Kind.BROKER, words("enqueue enqueue_call enqueue_in enqueue_at enqueue_many fetch_job")),
    "rq.job.Job": (Kind.BROKER, words("fetch refresh cancel delete save get_status")),
    "kafka.KafkaProducer": (Kind.BROKER, words("flush")),
    "kafka.KafkaProducer.send()": (Kind.BROKER, words("get")),
    "kafka.KafkaConsumer": (Kind.BROKER, words("poll commit")),
    "confluent_kafka.Producer": (Kind.BROKER, words("flush")),
    "confluent_kafka.Consumer": (Kind.BROKER, words("poll consume commit")),
    "dramatiq.Actor": (Kind.BROKER, words("send send_with_options")),
    "stomp.Connection": (Kind.BROKER, words("connect send")),
    "nsq.Writer": (Kind.BROKER, words("pub")),
}  # fmt: skip

QUIET: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("redis.Redis", "redis.RedisCluster", "valkey.Valkey"),
        words(
            "pipeline pubsub lock register_script from_url close client get_connection_kwargs get_encoder connection_pool",
            "set_response_callback json ft ts bf get_retry set_retry auto_close_connection_pool",
        ),
    ),
    "pymongo.Collection": words(
        "with_options list_search_indexes watch name database full_name codec_options"
    ),
    "git.Git": words(
        "custom_environment environment update_environment set_persistent_git_options transform_kwarg transform_kwargs refresh",
    ),
    "boto3.client()": words(
        "get_paginator get_waiter can_paginate generate_presigned_url generate_presigned_post close meta exceptions"
    ),
}  # fmt: skip
