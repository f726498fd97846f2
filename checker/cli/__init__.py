"""The command `check`: arguments in, exit code out."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv` (by default the process's own arguments) and return its exit code."""
    try:
        # Inside, so that Ctrl-C during the imports is answered like any other.
        from checker.cli.run import run

        return run(argv)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; nothing is left running.\n")
        return 130
