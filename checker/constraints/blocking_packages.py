"""Packages whose objects all wait for the same thing, as data: the beginning of a name, and the verbs that wait.

A result without a known class goes on under the name of its call, so
`storage.Client().bucket("b").blob("x").upload_from_string("")` is
`google.cloud.storage.Client.bucket().blob().upload_from_string`: its beginning and its last part say enough. What is async by
its name is left out by the rule that reads this.
"""

from __future__ import annotations

from checker.constraints.blocking_libraries import Kind, words
from checker.constraints.blocking_services import SERVICES
from checker.constraints.blocking_vendors import VENDORS

_LLM = "create parse generate edit stream"
_STORE = (
    "query search upsert add update delete get peek count insert fetch scroll retrieve query_points upload_points "
    "upload_collection create_collection get_collection delete_collection get_or_create_collection list_collections "
    "recreate_collection collection_exists count_documents describe_index_stats create_index delete_index list_indexes "
    "has_collection load flush hybrid_search batch_update_points set_payload fetch_objects near_text near_vector hybrid bm25 "
    "insert_many replace delete_many delete_by_id heartbeat"
)
_ELASTIC = (
    "search index get create update delete bulk count msearch exists refresh put_mapping ping scan info mget delete_by_query "
    "update_by_query scroll get_source exists_alias put_alias"
)
_GOOGLE = (
    "upload_from_string upload_from_filename upload_from_file download_as_bytes download_as_text download_as_string "
    "download_to_filename download_to_file exists delete list_blobs get_bucket get_blob reload patch copy_blob rename_blob "
    "compose make_public create_bucket lookup_bucket list_buckets query query_and_wait result to_dataframe insert_rows_json "
    "insert_rows load_table_from_json load_table_from_dataframe load_table_from_uri load_table_from_file get_table "
    "create_table delete_table get_dataset create_dataset list_rows list_tables get set update add stream commit pull acknowledge "
    "access_secret_version create_secret add_secret_version create_task list_tasks recognize synthesize_speech "
    "analyze_sentiment detect_intent process_document translate translate_text text_detection document_text_detection "
    "label_detection batch_annotate_images predict lookup put put_multi get_multi"
)
_AZURE = (
    "upload_blob download_blob readall readinto delete_blob exists get_blob_properties list_blobs create_container "
    "delete_container get_container_properties start_copy_from_url upload_data download_file create_item read_item upsert_item "
    "query_items delete_item replace_item create_database_if_not_exists create_container_if_not_exists get_secret set_secret "
    "get_token send_messages send_message receive_messages search upload_documents delete_documents begin_analyze_document "
    "result create_entity upsert_entity query_entities get_entity complete embed peek_messages complete_message abandon_message "
    "schedule_messages create_queue delete_queue create_topic delete_topic get_queue_runtime_properties list_queues list_topics "
    "list_containers delete_blobs get_user_delegation_key append_block stage_block commit_block_list create_append_blob send_batch "
    "begin_create_or_update begin_delete begin_start begin_send receive_message delete_message"
)
_LANGCHAIN = (
    "invoke batch stream similarity_search similarity_search_with_score similarity_search_by_vector "
    "similarity_search_with_score_by_vector similarity_search_with_relevance_scores max_marginal_relevance_search "
    "add_documents add_texts add_embeddings from_documents from_texts from_existing_index embed_query embed_documents "
    "get_relevant_documents predict apply run generate generate_prompt _similarity_search_with_score get_by_ids "
    "delete create_collection delete_collection drop_tables create_tables_if_not_exists load_and_split save_local load_local"
)
_RESOURCE = (
    "upload_file upload_fileobj download_file download_fileobj put_object put_item get_item query scan update_item "
    "delete_item batch_get_item batch_write_item delete load put get copy copy_from send_message send_messages "
    "receive_messages create_bucket create_table wait_until_exists publish get_queue_by_name delete_objects "
    "initiate_multipart_upload all filter pages"
)
_PEEWEE = (
    "where orwhere order_by order_by_extend limit offset join join_from left_outer_join switch group_by having paginate dicts "
    "tuples namedtuples objects iterator distinct alias with_cte from_ union union_all"
)
"""What a query is put together with, which is asked when it is read through."""
PACKAGES: dict[str, tuple[Kind, frozenset[str]]] = {
    "boto3.resource()": (Kind.HTTP, words(_RESOURCE)),
    "openai.OpenAI": (Kind.HTTP, words(_LLM, "retrieve list delete poll create_and_poll content upload_and_poll cancel")),
    "openai.AzureOpenAI": (Kind.HTTP, words(_LLM, "retrieve list delete poll create_and_poll content")),
    "openai.ChatCompletion": (Kind.HTTP, words("create")),
    "openai.Completion": (Kind.HTTP, words("create")),
    "openai.Embedding": (Kind.HTTP, words("create")),
    "openai.chat": (Kind.HTTP, words("create parse")),
    "openai.embeddings": (Kind.HTTP, words("create")),
    "openai.images": (Kind.HTTP, words("generate edit")),
    "anthropic.Anthropic": (Kind.HTTP, words(_LLM, "count_tokens")),
    "anthropic.AnthropicBedrock": (Kind.HTTP, words(_LLM)),
    "anthropic.AnthropicVertex": (Kind.HTTP, words(_LLM)),
    "groq.Groq": (Kind.HTTP, words(_LLM)),
    "together.Together": (Kind.HTTP, words(_LLM)),
    "cerebras.cloud.sdk.Cerebras": (Kind.HTTP, words(_LLM)),
    "mistralai": (Kind.HTTP, words("complete create process embeddings chat")),
    "cohere": (Kind.HTTP, words("chat embed rerank generate classify summarize chat_stream")),
    "voyageai": (Kind.HTTP, words("embed rerank")),
    "replicate.Client": (Kind.HTTP, words("run create stream")),
    "ollama.Client": (Kind.HTTP, words("chat generate embeddings embed pull list")),
    "google.generativeai": (
        Kind.HTTP, words("generate_content send_message embed_content upload_file count_tokens list_models"),
    ),
    "google.genai": (
        Kind.HTTP,
        words("generate_content generate_content_stream embed_content generate_images upload count_tokens send_message"),
    ),
    "vertexai": (Kind.HTTP, words("generate_content send_message predict get_embeddings generate_images")),
    "huggingface_hub.InferenceClient": (
        Kind.HTTP,
        words("text_generation chat_completion feature_extraction text_to_image summarization text_classification create"),
    ),
    "langchain": (Kind.HTTP, words(_LANGCHAIN)),
    "langgraph": (Kind.HTTP, words("invoke stream batch get_state update_state")),
    "llama_index": (
        Kind.HTTP,
        words(
            "query chat complete stream_chat stream_complete from_documents load_data get_query_embedding retrieve insert",
            "get_text_embedding get_text_embedding_batch predict insert_nodes delete_ref_doc persist load_index_from_storage load_indices_from_storage",
        ),
    ),
    "crewai": (Kind.HTTP, words("kickoff")),
    "chromadb": (Kind.HTTP, words(_STORE, "modify")),
    "pinecone": (Kind.HTTP, words(_STORE)),
    "qdrant_client": (Kind.HTTP, words(_STORE)),
    "weaviate": (Kind.HTTP, words(_STORE, "do create exists")),
    "pymilvus": (Kind.HTTP, words(_STORE)),
    "lancedb": (Kind.FILE, words("create_table open_table add search to_list to_pandas table_names")),
    "faiss": (Kind.CPU, words("search add train reconstruct")),
    "elasticsearch.Elasticsearch": (Kind.HTTP, words(_ELASTIC)),
    "opensearchpy.OpenSearch": (Kind.HTTP, words(_ELASTIC)),
    "elasticsearch_dsl": (Kind.HTTP, words("execute save count scan")),
    "meilisearch": (
        Kind.HTTP,
        words("search add_documents update_documents delete_document delete_documents create_index get_index get_document"
               " get_documents wait_for_task update_settings health"),
    ),
    "typesense": (Kind.HTTP, words("search create retrieve upsert delete import_ update")),
    "algoliasearch": (Kind.HTTP, words("search save_object save_objects delete_object partial_update_object")),
    "neo4j": (
        Kind.DATABASE,
        words("run execute_query execute_read execute_write read_transaction write_transaction verify_connectivity commit"),
    ),
    "py2neo": (Kind.DATABASE, words("run evaluate match create merge commit")),
    "cassandra": (Kind.DATABASE, words("connect execute prepare")),
    "clickhouse_driver": (Kind.DATABASE, words("execute insert_dataframe query_dataframe execute_iter")),
    "clickhouse_connect": (Kind.DATABASE, words("get_client query insert command query_df")),
    "influxdb_client": (Kind.DATABASE, words("query write query_data_frame query_stream delete ping")),
    "pymemcache": (Kind.DATABASE, words("get set delete incr get_many set_many add")),
    "peewee": (
        Kind.DATABASE,
        words("execute get first count exists create scalar connect create_tables execute_sql select", _PEEWEE),
    ),
    "pony.orm.Database": (Kind.DATABASE, words("execute select get commit flush")),
    "mongoengine": (
        Kind.DATABASE,
        words("save first get delete update count update_one insert reload get_or_create modify upsert_one"),
    ),
    "supabase": (
        Kind.HTTP,
        words("execute upload download remove sign_up sign_in_with_password get_user sign_out create_signed_url invoke"),
    ),
    "google.cloud": (Kind.HTTP, words(_GOOGLE)),
    "firebase_admin.firestore": (Kind.HTTP, words("get set update delete add stream commit")),
    "firebase_admin.storage": (Kind.HTTP, words(_GOOGLE)),
    "firebase_admin.db": (Kind.HTTP, words("get set update delete push")),
    "googleapiclient.discovery": (Kind.HTTP, words("build execute")),
    "gspread": (
        Kind.HTTP,
        words("open open_by_key open_by_url worksheet worksheets add_worksheet append_row append_rows get get_all_records "
              "get_all_values update update_cell batch_update batch_get row_values col_values find clear create share"),
    ),
    "azure": (Kind.HTTP, words(_AZURE)),
    "minio.Minio": (
        Kind.HTTP,
        words(
            "put_object get_object fput_object fget_object stat_object remove_object list_objects bucket_exists make_bucket",
            "remove_bucket list_buckets copy_object remove_objects set_bucket_policy",
        ),
    ),
    "stripe": (
        Kind.HTTP, words("create retrieve modify list delete cancel confirm capture update search attach detach pay"),
    ),
    "twilio": (Kind.HTTP, words("create fetch update delete list")),
    "sendgrid": (Kind.HTTP, words("send post")),
    "mailchimp_transactional": (Kind.HTTP, words("send send_template")),
    "postmarker": (Kind.HTTP, words("send")),
    "slack_sdk": (
        Kind.HTTP,
        words(
            "chat_postMessage chat_update chat_postEphemeral chat_delete files_upload files_upload_v2 users_info users_list",
            "conversations_list conversations_history conversations_open conversations_info conversations_members",
            "users_lookupByEmail views_open views_update views_publish reactions_add auth_test api_call send send_dict",
            "conversations_replies oauth_v2_access",
        ),
    ),
    "github.Github": (
        Kind.HTTP,
        words("get_user get_repo get_repos get_issues create_issue get_contents create_file update_file get_pulls get_pull "
               "create_pull get_organization get_commits search_repositories"),
    ),
    "gitlab.Gitlab": (Kind.HTTP, words("get list create auth save delete")),
    "jira.JIRA": (Kind.HTTP, words("issue search_issues create_issue add_comment projects transition_issue user")),
    "notion_client.Client": (Kind.HTTP, words("query create retrieve update list append")),
    "tavily.TavilyClient": (Kind.HTTP, words("search extract qna_search get_search_context")),
    "kubernetes.client": (
        Kind.HTTP,
        words("list_* read_* create_* delete_* patch_* replace_* connect_* get_namespaced_* get_cluster_* get_api_*"),
    ),
    "docker": (
        Kind.HTTP, words("run get list pull build create start stop remove exec_run logs wait ping info kill inspect"),
    ),
    "hvac.Client": (Kind.HTTP, words("read_secret_version create_or_update_secret read write login is_authenticated")),
    "consul.Consul": (Kind.HTTP, words("get put register deregister")),
    "zeep": (Kind.HTTP, words("Client")),
    "msal": (
        Kind.HTTP,
        words("acquire_token_for_client acquire_token_by_authorization_code acquire_token_silent acquire_token_on_behalf_of "
               "acquire_token_by_refresh_token"),
    ),
    "keycloak": (
        Kind.HTTP,
        words("token userinfo introspect refresh_token logout certs public_key well_known get_user create_user get_users "
               "update_user delete_user get_user_id exchange_token"),
    ),
    "yt_dlp.YoutubeDL": (Kind.HTTP, words("download extract_info")),
    "selenium.webdriver": (
        Kind.HTTP, words("Chrome Firefox Remote get find_element find_elements execute_script quit save_screenshot"),
    ),
    "playwright.sync_api": (
        Kind.HTTP, words("start launch new_page new_context goto screenshot content click fill wait_for_selector close pdf"),
    ),
    "tweepy": (Kind.HTTP, words("create_tweet get_tweet search_recent_tweets get_user update_status")),
    "yfinance.Ticker": (Kind.HTTP, words("history")),
    "youtube_transcript_api": (Kind.HTTP, words("get_transcript fetch list list_transcripts")),
    "pika.BlockingConnection": (
        Kind.BROKER,
        words("channel basic_publish queue_declare exchange_declare basic_get start_consuming queue_bind close"),
    ),
    "kombu": (Kind.BROKER, words("publish connect drain_events")),
    "celery": (
        Kind.BROKER, words("apply_async delay send_task active ping stats scheduled reserved registered revoke purge"),
    ),
    "zmq.Context": (Kind.NETWORK, words("recv recv_json recv_string send_json recv_multipart")),
    "passlib.hash": (Kind.CPU, words("hash verify encrypt")),
    "nacl.pwhash": (Kind.CPU, words("str verify kdf")),
    # HKDF and its like take microseconds; these are slow on purpose.
    "cryptography.hazmat.primitives.kdf.pbkdf2": (Kind.CPU, words("derive verify")),
    "cryptography.hazmat.primitives.kdf.scrypt": (Kind.CPU, words("derive verify")),
    "cryptography.hazmat.primitives.kdf.argon2": (Kind.CPU, words("derive verify")),
    "sklearn": (Kind.CPU, words("fit predict predict_proba transform fit_transform fit_predict")),
    "xgboost": (Kind.CPU, words("fit predict predict_proba train load_model")),
    "lightgbm": (Kind.CPU, words("fit predict predict_proba train")),
    "catboost": (Kind.CPU, words("fit predict predict_proba load_model")),
    "transformers": (Kind.CPU, words("from_pretrained generate")),
    "diffusers": (Kind.CPU, words("from_pretrained __call__")),
    "deepface.DeepFace": (Kind.CPU, words("verify analyze find represent extract_faces")),
    "reportlab": (Kind.CPU, words("build save")),
    "moviepy": (Kind.CPU, words("VideoFileClip AudioFileClip write_videofile write_audiofile")),
    "pydub.AudioSegment": (Kind.CPU, words("from_file from_mp3 from_wav export")),
    "av": (Kind.CPU, words("encode decode mux demux")),
    "kokoro.KPipeline": (Kind.CPU, words("__call__ generate_from_tokens load_voice load_single_voice")),
    "kokoro.KModel": (Kind.CPU, words("__call__ forward forward_with_tokens")),
    "TTS.api.TTS": (Kind.CPU, words("tts tts_to_file tts_with_vc tts_with_vc_to_file voice_conversion")),
    "piper": (Kind.CPU, words("load synthesize synthesize_wav synthesize_stream_raw")),
    "pyttsx3.init()": (Kind.CPU, words("runAndWait")),
    "phonemizer": (Kind.CPU, words("phonemize")),
    "vosk": (Kind.CPU, words("AcceptWaveform")),
    "whisperx": (Kind.CPU, words("load_model load_align_model transcribe align")),
    "gtts.gTTS": (Kind.HTTP, words("save write_to_fp")),
    "fpdf": (Kind.CPU, words("output")),
    "wordcloud.WordCloud": (Kind.CPU, words("generate to_file generate_from_frequencies")),
    "git.Repo": (Kind.PROCESS, words("pull push fetch checkout clone_from execute iter_commits submodule_update")),
    **SERVICES,
    **VENDORS,
}  # fmt: skip

LAZY: dict[str, frozenset[str]] = {
    "boto3.resource()": words("all filter pages"),
    "langsmith.Client": words(
        "list_runs list_examples list_datasets list_projects list_feedback list_prompts"
    ),
    "peewee": words("select", _PEEWEE),
    "boto3.client().get_paginator()": words("paginate"),
    "github.Github": words("get_repos get_issues get_commits get_pulls search_repositories"),
}
"""What asks nothing before it is read through."""
READS_FROM: dict[str, str] = {
    "llama_index.core.StorageContext.from_defaults": "persist_dir",
    "llama_index.StorageContext.from_defaults": "persist_dir",
}
"""What reads something only where it is told from where."""
LAZY_ALONE = frozenset({"github.Github.get_user"})
"""What asks nothing where it is given no argument."""

ASYNC_TWINS: dict[str, str] = {
    "openai.OpenAI": "openai.AsyncOpenAI",
    "openai.AzureOpenAI": "openai.AsyncAzureOpenAI",
    "anthropic.Anthropic": "anthropic.AsyncAnthropic",
    "groq.Groq": "groq.AsyncGroq",
    "together.Together": "together.AsyncTogether",
    "cohere": "cohere.AsyncClientV2",
    "ollama": "ollama.AsyncClient",
    "litellm": "litellm.acompletion",
    "qdrant_client": "qdrant_client.AsyncQdrantClient",
    "elasticsearch": "elasticsearch.AsyncElasticsearch",
    "opensearchpy": "opensearchpy.AsyncOpenSearch",
    "neo4j": "neo4j.AsyncGraphDatabase",
    "redis": "redis.asyncio.Redis",
    "pymongo": "pymongo.AsyncMongoClient",
    "sqlite3": "aiosqlite",
    "psycopg2": "psycopg.AsyncConnection",
    "psycopg": "psycopg.AsyncConnection",
    "pymysql": "asyncmy",
    "MySQLdb": "asyncmy",
    "sqlalchemy": "sqlalchemy.ext.asyncio.AsyncSession",
    "boto3": "aioboto3",
    "slack_sdk": "slack_sdk.web.async_client.AsyncWebClient",
    "huggingface_hub": "huggingface_hub.AsyncInferenceClient",
    "langchain": "the method of the same name with an `a` before it (`ainvoke`, `asimilarity_search`)",
    "llama_index": "the method of the same name with an `a` before it (`aquery`, `achat`)",
    "azure": "the client of the same name in the package's `aio` module",
    "smtplib": "aiosmtplib",
    "kafka": "aiokafka",
    "pika": "aio_pika",
}
"""What to await instead, by the beginning of the canonical name."""
