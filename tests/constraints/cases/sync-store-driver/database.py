from pymongo import MongoClient  # silent: a type, and a question


def names(client: MongoClient) -> list[str]:
    return client.list_database_names() if isinstance(client, MongoClient) else []
