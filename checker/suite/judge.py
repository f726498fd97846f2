"""The trusted process that runs a hidden suite: `python -P -m checker.suite.judge`, JSON lines in and out.

Learner code never runs here. Standard input brings a `JudgeRequest` and, once the submission is in its folder, a `JudgeStart`;
in between the suite is read, and the process that will import the app gets ready. Every line of standard output is one
`JudgeEvent`. Anything else that something prints goes to standard error.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import msgspec
import psutil

from checker.app_under_test.launcher import Launcher
from checker.sandbox import adopt_orphans, end_descendants, end_with_parent, hide_this_process
from checker.suite.messages import JudgeRequest, JudgeStart


def main() -> int:
    """Run one suite; the exit code is 0 whenever `done` was said."""
    # A descriptor of its own for the results: a stray print must not end up between them.
    results = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    adopt_orphans()
    request = msgspec.json.decode(_next_line(), type=JudgeRequest)
    end_with_parent(request.parent)
    hide_this_process()
    try:
        with Launcher(
            Path(request.folder),
            request.target,
            # The judge's own files lie beside it: the app writes to its own box alone.
            box=Path(request.box) / "app",
            limits=request.limits,
            env=request.env,
            fork=request.fork,
            isolation=request.isolation,
        ) as launcher:
            launcher.prepare(request.libraries)
            # pytest and what it needs take as long as the app's libraries, so they come after them.
            gc.disable()
            from checker.suite.session import run_suite

            gc.freeze()
            gc.enable()

            run_suite(request, launcher, _wait_for_start, results)
    finally:
        end_descendants(psutil.Process())
    return 0


def _wait_for_start() -> JudgeStart:
    return msgspec.json.decode(_next_line(), type=JudgeStart)


def _next_line() -> bytes:
    """What comes next on standard input; where nothing will come any more, nobody wants a verdict and this process ends."""
    line = sys.stdin.buffer.readline()
    if not line:
        end_descendants(psutil.Process())
        os._exit(0)
    return line


if __name__ == "__main__":
    sys.exit(main())
