"""A trusted process keeps its environment to itself and goes on working."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent

import pytest

SOURCE = """
import os, subprocess, sys
from pathlib import Path
from checker.sandbox import hide_this_process

environ = Path("/proc/self/environ")
assert b"hunter2" in environ.read_bytes()
hide_this_process()
assert os.environ["TOKEN"] == "hunter2"
inherited = subprocess.run([sys.executable, "-c", "import os; print(os.environ['TOKEN'])"], capture_output=True)
assert inherited.stdout.strip() == b"hunter2", inherited
if os.getuid() == 0:
    # Nobody else may look where it is not root who does.
    assert environ.read_bytes().strip(b"\\0") == b""
os._exit(7)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows a process's environment to others")
def test_the_environment_is_wiped_where_others_could_read_it_and_kept_where_we_do() -> None:
    done = subprocess.run(
        [sys.executable, "-c", dedent(SOURCE)],
        env={**os.environ, "TOKEN": "hunter2"},
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 7, done.stderr
