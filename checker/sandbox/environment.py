"""The environment that a child gets: nothing of the person's own but what a program needs to run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Windows programs do not start without these.
_WINDOWS = (
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "COMSPEC",
    "PATHEXT",
    "NUMBER_OF_PROCESSORS",
    "PROCESSOR_ARCHITECTURE",
)


def clean_environment(home: Path) -> dict[str, str]:
    """A fresh environment whose home and temporary folder are `home`: no tokens, no proxies, no PYTHON*."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }
    if sys.platform == "win32":
        environment |= {"TEMP": str(home), "TMP": str(home), "USERPROFILE": str(home)}
        environment |= {name: os.environ[name] for name in _WINDOWS if name in os.environ}
    return environment
