MAIN = '''"""Makes the app on demand."""

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    if name == "app":
        return importlib.import_module("app.door").app
    raise AttributeError(name)
'''


def make(folder):
    (folder / "app/main.py").rename(folder / "app/door.py")
    (folder / "app/main.py").write_text(MAIN)
