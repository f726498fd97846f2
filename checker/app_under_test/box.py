"""The folder of a run: everything that comes into being lies in it, and it goes when the run ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import Any


def remove_box(box: Path) -> None:
    """Delete a run's folder with whatever the app left in it, read-only folders included."""

    def allow(function: Any, path: str, _error: object) -> None:
        with contextlib.suppress(OSError):
            os.chmod(Path(path).parent, 0o700)
            os.chmod(path, 0o700)
            function(path)

    if sys.version_info >= (3, 12):
        shutil.rmtree(box, onexc=allow)
    else:
        shutil.rmtree(box, onerror=allow)
