import os

JWT_SECRET = "for-the-page-only"  # silent: documentation shows something
os.environ["DB_PASSWORD"] = os.getenv("DB_PASSWORD", "postgres")  # silent
