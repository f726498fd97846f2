"""Starts the child: `python -I -B guest.py CHANNEL`, also under the Python of a service's own environment.

Nothing of the checker's environment comes along: of its own code the packages that the child is made of, by their place
beside this file, and none of the libraries installed beside them, which would stand in for a service's own.
"""

import sys
import types
from pathlib import Path


def main() -> None:
    """Become `checker.app_under_test.child`."""
    home = Path(__file__).resolve().parents[1]
    for name, folder in (
        ("checker", home),
        ("checker.app_under_test", home / "app_under_test"),
        ("checker.sandbox", home / "sandbox"),
    ):
        # Without running their `__init__`, which needs more than this environment may have.
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    from checker.app_under_test import child

    child.main()


if __name__ == "__main__":
    main()
