"""More packages whose objects all wait for the same thing: tracking servers, object stores, devices, the services of others.

The same data as in `blocking_packages`, for packages that fewer services use.
"""

from __future__ import annotations

from checker.constraints.blocking_libraries import Kind, words

_TRACKING = (
    "search_experiments search_runs search_registered_models search_model_versions search_traces get_experiment "
    "get_experiment_by_name get_run get_metric_history get_registered_model get_model_version get_model_version_by_alias "
    "get_latest_versions list_experiments list_artifacts list_scorers download_artifacts delete_artifacts log_metric log_metrics "
    "log_param log_params log_artifact log_artifacts log_model log_dict log_text log_figure log_batch set_experiment "
    "create_experiment create_run create_registered_model create_model_version delete_experiment delete_run "
    "delete_registered_model delete_model_version restore_experiment restore_run start_run end_run load_model register_model "
    "transition_model_version_stage set_terminated set_registered_model_alias get_workspace create_workspace list_workspaces"
)
_REST = "get post put patch delete head options request"
_OBJECTS = "upload_file upload_fileobj download_file download_fileobj put_object get_object head_object list_objects list_objects_v2 delete_object"

_ANY_FILES = "open ls exists put get rm cat pipe du find glob info copy mv mkdir makedirs mkdirs"
_HUB = (
    "list_* model_info dataset_info space_info repo_info repo_exists file_exists revision_exists get_paths_info get_collection "
    "get_full_repo_name get_safetensors_metadata get_hf_file_metadata hf_hub_download snapshot_download upload_file upload_folder "
    "upload_large_folder create_repo create_commit create_branch create_tag delete_file delete_folder delete_repo move_repo "
    "super_squash_history whoami auth_check login"
)
SERVICES: dict[str, tuple[Kind, frozenset[str]]] = {
    "langfuse.Langfuse": (
        Kind.HTTP,
        words("auth_check flush get_prompt get_trace get_traces get_dataset fetch_traces fetch_trace fetch_observations create_prompt "
               "create_dataset create_dataset_item shutdown"),
    ),
    "propelauth_fastapi.init_auth()": (
        Kind.HTTP, words("fetch_* create_* update_* delete_* add_user_to_org remove_user_from_org change_user_role_in_org invite_user_to_org")
    ),
    "argilla": (
        Kind.HTTP,
        words("init list log load push_to_argilla from_argilla pull add_records update_records delete_records create delete"),
    ),
    "pyodk": (Kind.HTTP, words("list get create create_many update delete merge get_table get_metadata request")),
    "github.GithubIntegration": (
        Kind.HTTP, words("get_access_token get_installations get_repo_installation get_org_installation get_app")
    ),
    # Asks the hub, whatever is in the cache.
    "huggingface_hub": (Kind.HTTP, words(_HUB)),
    "huggingface_hub.HfFileSystem": (Kind.HTTP, words(_ANY_FILES)),
    "smart_open": (Kind.FILE, words("open smart_open")),
    "cloudpathlib": (
        Kind.HTTP,
        words("read_text read_bytes write_text write_bytes open iterdir glob rglob unlink exists is_file is_dir copy copytree "
               "rmtree download_to upload_from touch stat replace rename"),
    ),
    "upath.UPath": (Kind.FILE, words("read_text read_bytes write_text write_bytes open iterdir glob rglob unlink exists rmdir stat")),
    # A data set of a pipeline lies in files, a bucket or a database.
    "kedro.io": (Kind.FILE, words("load save exists preview")),
    "kedro_datasets": (Kind.FILE, words("load save exists preview")),
    "mlflow": (Kind.HTTP, words(_TRACKING)),
    "wandb.Api": (Kind.HTTP, words("run runs artifact sweep project projects history scan_history download")),
    "feast.FeatureStore": (
        Kind.DATABASE, words("get_online_features get_historical_features materialize push write_to_online_store apply"),
    ),
    "requests_oauthlib": (Kind.HTTP, words(_REST, "fetch_token fetch_request_token fetch_access_token refresh_token")),
    "authlib.integrations.requests_client": (Kind.HTTP, words(_REST, "fetch_token refresh_token")),
    "google.auth.transport.requests.AuthorizedSession": (Kind.HTTP, words(_REST)),
    "httplib2.Http": (Kind.HTTP, words("request")),
    "pycurl.Curl": (Kind.HTTP, words("perform")),
    "xmlrpc.client.ServerProxy": (Kind.HTTP, words("execute execute_kw authenticate login version")),
    "requests_html.HTMLSession": (Kind.HTTP, words(_REST, "render")),
    "cloudscraper.create_scraper()": (Kind.HTTP, words(_REST)),
    "oss2.Bucket": (
        Kind.HTTP,
        words("put_object put_object_from_file get_object get_object_to_file delete_object object_exists head_object "
               "list_objects copy_object batch_delete_objects"),
    ),
    "qcloud_cos.CosS3Client": (
        Kind.HTTP, words("put_object get_object upload_file delete_object head_object list_objects object_exists download_file"),
    ),
    "obs.ObsClient": (Kind.HTTP, words("putContent putFile getObject deleteObject listObjects headObject createBucket")),
    "qiniu": (Kind.HTTP, words("put_data put_file put_file_v2 stat delete list fetch")),
    "ibm_boto3": (Kind.HTTP, words(_OBJECTS)),
    "cloudinary.uploader": (Kind.HTTP, words("upload destroy rename upload_large explicit unsigned_upload")),
    "dropbox.Dropbox": (
        Kind.HTTP, words("files_upload files_download files_list_folder files_delete_v2 sharing_create_shared_link_with_settings"),
    ),
    "imagekitio": (Kind.HTTP, words("upload upload_file delete_file list_files get_file_details")),
    "fsspec.filesystem()": (Kind.FILE, words(_ANY_FILES)),
    "fsspec.AbstractFileSystem": (Kind.FILE, words(_ANY_FILES)),
    "fsspec": (Kind.FILE, words("open open_files")),
    "s3fs.S3FileSystem": (Kind.HTTP, words("open ls exists put get rm cat pipe du find info")),
    "gcsfs.GCSFileSystem": (Kind.HTTP, words("open ls exists put get rm cat pipe du find info")),
    "smbclient": (Kind.NETWORK, words("open_file listdir remove mkdir register_session")),
    "pysftp.Connection": (Kind.NETWORK, words("get put listdir remove execute putfo getfo")),
    "fabric.Connection": (Kind.NETWORK, words("run sudo put get open")),
    "netmiko": (Kind.NETWORK, words("ConnectHandler send_command send_config_set disconnect")),
    "pymodbus.client": (
        Kind.NETWORK, words("connect read_holding_registers read_input_registers read_coils write_register write_coil"),
    ),
    "serial.Serial": (Kind.NETWORK, words("read readline write flush read_until")),
    "imap_tools": (Kind.NETWORK, words("login fetch delete move flag")),
    "kazoo.client.KazooClient": (Kind.NETWORK, words("start get set create delete exists get_children ensure_path")),
    "etcd3": (Kind.NETWORK, words("get put delete get_all get_prefix lock transaction")),
    "tinydb": (Kind.FILE, words("insert insert_multiple search get update upsert remove all count truncate")),
    "diskcache.Cache": (Kind.FILE, words("get set delete add incr pop clear")),
    "sqlitedict.SqliteDict": (Kind.FILE, words("commit clear")),
    "dataset": (Kind.DATABASE, words("connect insert find find_one update upsert delete query all count")),
    "bunnet": (
        Kind.DATABASE, words("run to_list first_or_none count insert save replace delete insert_many delete_all init_bunnet"),
    ),
    "odmantic.SyncEngine": (Kind.DATABASE, words("save save_all find find_one delete count remove")),
    "neomodel": (Kind.DATABASE, words("save delete connect disconnect get get_or_none get_or_create cypher_query refresh")),
    "arango": (
        Kind.DATABASE,
        words("insert get update delete replace has count execute create_collection has_collection create_database"),
    ),
    "couchdb": (Kind.DATABASE, words("save get delete find view create")),
    "couchbase": (Kind.DATABASE, words("get upsert insert replace remove query wait_until_ready exists")),
    "redis_om": (Kind.DATABASE, words("save get find first all delete expire all_pks update")),
    "SPARQLWrapper": (Kind.HTTP, words("query queryAndConvert")),
    "pysolr.Solr": (Kind.HTTP, words("search add delete commit ping")),
    "vertica_python": (Kind.DATABASE, words("connect execute fetchall fetchone fetchmany commit")),
    "ibm_db": (Kind.DATABASE, words("connect exec_immediate prepare execute fetch_assoc fetch_tuple fetch_both commit")),
    "ibm_db_dbi": (Kind.DATABASE, words("connect execute fetchall fetchone fetchmany commit")),
    "hdbcli.dbapi": (Kind.DATABASE, words("connect execute fetchall fetchone fetchmany commit")),
    "pyathena": (Kind.DATABASE, words("connect execute fetchall fetchone")),
    "awswrangler": (
        Kind.HTTP,
        words("read_parquet read_csv read_json read_sql_query read_sql_table to_parquet to_csv to_json upload download "
               "list_objects does_object_exist delete_objects"),
    ),
    "pyspark.sql": (Kind.DATABASE, words("collect toPandas count show first take getOrCreate")),
    "snowflake.snowpark": (Kind.DATABASE, words("collect to_pandas count show first create")),
    "ldap.initialize()": (
        Kind.NETWORK, words("simple_bind_s bind_s search_s search_ext_s add_s modify_s delete_s unbind_s start_tls_s"),
    ),
    "exchangelib": (Kind.HTTP, words("send send_and_save save delete all get")),
    "auth0": (Kind.HTTP, words("client_credentials login get create update delete list all userinfo users")),
    "pycognito.Cognito": (
        Kind.HTTP, words("authenticate register confirm_sign_up check_token renew_access_token get_user admin_create_user"),
    ),
    "oauth2client": (Kind.HTTP, words("refresh authorize step2_exchange")),
    "google_auth_oauthlib.flow": (Kind.HTTP, words("fetch_token run_local_server")),
    "razorpay.Client": (Kind.HTTP, words("create fetch all capture refund cancel edit")),
    "paypalrestsdk": (Kind.HTTP, words("create find execute capture refund")),
    "braintree": (Kind.HTTP, words("sale create find update delete submit_for_settlement refund generate")),
    "plaid": (
        Kind.HTTP, words("link_token_create item_public_token_exchange accounts_get transactions_get transactions_sync"),
    ),
    "mailjet_rest.Client": (Kind.HTTP, words("create get update delete")),
    "sib_api_v3_sdk": (Kind.HTTP, words("send_transac_email create_contact update_contact get_account")),
    "pusher.Pusher": (Kind.HTTP, words("trigger trigger_batch channels_info channel_info")),
    "pyairtable": (Kind.HTTP, words("all get first create batch_create update batch_update delete upsert")),
    "praw.Reddit": (Kind.HTTP, words("submit reply hot new top search")),
    "spotipy.Spotify": (
        Kind.HTTP, words("search track tracks album artist playlist playlist_items current_user me recommendations"),
    ),
    "googlemaps.Client": (Kind.HTTP, words("geocode reverse_geocode directions distance_matrix places place")),
    "geopy.geocoders": (Kind.HTTP, words("geocode reverse")),
    "gradio_client.Client": (Kind.HTTP, words("predict")),
    "web3.Web3": (
        Kind.HTTP,
        words("get_balance get_block get_transaction get_transaction_receipt get_transaction_count send_transaction "
               "send_raw_transaction wait_for_transaction_receipt estimate_gas call is_connected transact"),
    ),
    "datasets": (Kind.HTTP, words("load_dataset push_to_hub")),
    "deepl": (Kind.HTTP, words("translate_text translate_document get_usage")),
    "elevenlabs.ElevenLabs": (Kind.HTTP, words("convert stream get_all search create")),
    "elevenlabs.client.ElevenLabs": (Kind.HTTP, words("convert stream get_all search create")),
    "assemblyai": (Kind.HTTP, words("transcribe")),
    "deepgram.DeepgramClient": (Kind.HTTP, words("transcribe_url transcribe_file")),
    "duckduckgo_search.DDGS": (Kind.HTTP, words("text news images videos chat")),
    "ddgs.DDGS": (Kind.HTTP, words("text news images videos books")),
    "exa_py.Exa": (Kind.HTTP, words("search search_and_contents get_contents find_similar answer")),
    "firecrawl": (Kind.HTTP, words("scrape_url crawl_url map_url search scrape crawl extract")),
    "serpapi": (Kind.HTTP, words("search get_dict get_json")),
    "simple_salesforce": (Kind.HTTP, words("query query_all query_more create update upsert get delete search apexecute")),
    "mailchimp_transactional": (Kind.HTTP, words("send send_template")),
    "ffmpeg": (Kind.PROCESS, words("run probe")),
    "rasterio": (Kind.FILE, words("open read")),
    "xarray": (Kind.FILE, words("open_dataset open_mfdataset open_zarr load_dataset to_netcdf to_zarr")),
    "nmap.PortScanner": (Kind.PROCESS, words("scan")),
    "requests_cache": (Kind.HTTP, words(_REST)),
    "requests_toolbelt.sessions.BaseUrlSession": (Kind.HTTP, words(_REST)),
    "langsmith.Client": (
        Kind.HTTP,
        words("list_* read_* create_* update_* delete_* share_run has_project has_dataset pull_prompt push_prompt upload_csv"),
    ),
    "mixpanel.Mixpanel": (Kind.HTTP, words("track people_set people_increment alias import_data")),
    "prometheus_client": (Kind.HTTP, words("push_to_gateway pushadd_to_gateway delete_from_gateway")),
    "pyfcm.FCMNotification": (Kind.HTTP, words("notify notify_single_device notify_multiple_devices notify_topic_subscribers")),
    "vonage": (Kind.HTTP, words("send send_message start_verification check_code")),
    "upstash_redis.Redis": (Kind.HTTP, words("get set delete incr expire hget hset hgetall lpush rpush lrange exists sadd zadd")),
    "upstash_vector.Index": (Kind.HTTP, words("query upsert delete fetch info")),
    "fal_client": (Kind.HTTP, words("run submit subscribe upload upload_file result status")),
    "runpod": (Kind.HTTP, words("run run_sync get_pods create_pod")),
    "mem0.Memory": (Kind.HTTP, words("add search get get_all update delete delete_all")),
    "mem0.MemoryClient": (Kind.HTTP, words("add search get get_all update delete delete_all")),
    "llama_parse.LlamaParse": (Kind.HTTP, words("load_data parse get_json_result")),
    "smolagents": (Kind.HTTP, words("run")),
    "haystack.Pipeline": (Kind.HTTP, words("run")),
    "pyrebase.initialize_app()": (
        Kind.HTTP, words("get set push update remove put sign_in_with_email_and_password create_user_with_email_and_password"),
    ),
    "O365": (Kind.HTTP, words("authenticate send get_messages get_events save")),
    "ccxt": (Kind.HTTP, words("fetch_* load_markets create_order cancel_order")),
    "binance.Client": (Kind.HTTP, words("get_* create_order cancel_order order_market_buy order_market_sell futures_*")),
    "finnhub.Client": (Kind.HTTP, words("quote stock_candles company_profile2 company_news")),
    "akshare": (Kind.HTTP, words("stock_* fund_* futures_* macro_* index_*")),
    "newspaper.Article": (Kind.HTTP, words("download")),
    "googlesearch": (Kind.HTTP, words("search")),
    "pytube.YouTube": (Kind.HTTP, words("download check_availability")),
    "youtube_transcript_api.YouTubeTranscriptApi": (Kind.HTTP, words("get_transcript list_transcripts fetch list")),
    "tika.parser": (Kind.HTTP, words("from_file from_buffer")),
    "rethinkdb": (Kind.DATABASE, words("connect run")),
    "edgedb.create_client()": (Kind.DATABASE, words("query query_single query_required_single execute query_json")),
    "gel.create_client()": (Kind.DATABASE, words("query query_single query_required_single execute query_json")),
    "pynetbox": (Kind.HTTP, words("get all filter create update delete save")),
    "ncclient.manager": (Kind.NETWORK, words("connect get get_config edit_config commit close_session")),
    "scapy.all": (Kind.NETWORK, words("sr sr1 srp srp1 send sendp sniff")),
    "whois": (Kind.NETWORK, words("whois query")),
    "ping3": (Kind.NETWORK, words("ping verbose_ping")),
    "speedtest.Speedtest": (Kind.NETWORK, words("get_servers get_best_server download upload")),
    "speech_recognition.Recognizer": (Kind.HTTP, words("listen record recognize_*")),
    "ray": (Kind.WAIT, words("get wait init")),
    "imgkit": (Kind.PROCESS, words("from_string from_url from_file")),
    "ocrmypdf": (Kind.PROCESS, words("ocr")),
    "pikepdf": (Kind.CPU, words("open save")),
    "docxtpl.DocxTemplate": (Kind.CPU, words("render save")),
    "xlsxwriter.Workbook": (Kind.CPU, words("close")),
    "img2pdf": (Kind.CPU, words("convert")),
    "py7zr.SevenZipFile": (Kind.CPU, words("extractall extract writeall readall")),
    "plotly": (Kind.CPU, words("write_image to_image")),
    "kaleido": (Kind.CPU, words("write_fig_sync calc_fig_sync")),
    "segno": (Kind.CPU, words("make make_qr save")),
    "barcode": (Kind.CPU, words("save write render")),
    "prophet.Prophet": (Kind.CPU, words("fit predict make_future_dataframe")),
    "statsmodels": (Kind.CPU, words("fit fit_regularized forecast")),
    "pulp.LpProblem": (Kind.CPU, words("solve")),
    "cvxpy.Problem": (Kind.CPU, words("solve")),
    "ortools": (Kind.CPU, words("Solve SolveWithParameters solve")),
    "insightface": (Kind.CPU, words("get prepare")),
    "mediapipe": (Kind.CPU, words("process detect")),
    "paddleocr.PaddleOCR": (Kind.CPU, words("ocr predict")),
    "basicsr": (Kind.CPU, words("enhance")),
    "gfpgan.GFPGANer": (Kind.CPU, words("enhance")),
    "realesrgan.RealESRGANer": (Kind.CPU, words("enhance")),
    "demucs": (Kind.CPU, words("apply_model separate_audio_file")),
    "ansible_runner": (Kind.PROCESS, words("run run_command")),
    "pulsar.Client": (Kind.BROKER, words("create_producer subscribe send receive acknowledge")),
}  # fmt: skip
