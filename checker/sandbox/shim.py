"""Limits itself, then becomes the command: `python -I -S shim.py LIMITS COMMAND ...`.

A program of its own rather than a `preexec_fn`, which may deadlock where the parent has threads. Runs without
site-packages; `checker.sandbox.limits` is loaded by path.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path


def main() -> None:
    """Apply the limits in `argv[1]` (JSON) and replace this process by `argv[2:]`."""
    path = Path(__file__).with_name("limits.py")
    spec = importlib.util.spec_from_file_location("limits", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} cannot be loaded")
    limits = importlib.util.module_from_spec(spec)
    sys.modules["limits"] = limits
    spec.loader.exec_module(limits)
    limits.limit_this_process(limits.ProcessLimits(**json.loads(sys.argv[1])))
    os.execvp(sys.argv[2], sys.argv[2:])


main()
