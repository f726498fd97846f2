import chromadb
from azure.cosmos import CosmosClient
from azure.cosmos.aio import CosmosClient as AsyncCosmosClient
from google.cloud import firestore
from pymemcache.client.base import Client as Memcache
from supabase import create_client
from pymongo import MongoClient  # silent: a type, and a question


def names(client: MongoClient) -> list[str]:
    return client.list_database_names() if isinstance(client, MongoClient) else []


documents = firestore.Client()  # expect: sync-store-driver
documents_later = firestore.AsyncClient()  # silent
tables = create_client("https://x", "key")  # expect: sync-store-driver
items = CosmosClient("https://x", "key")  # expect: sync-store-driver
items_later = AsyncCosmosClient("https://x", "key")  # silent
vectors = chromadb.HttpClient()  # expect: sync-store-driver
own_vectors = chromadb.PersistentClient()  # silent: files beside the app, of which there is no asynchronous client
kept = Memcache("x")  # expect: sync-store-driver
