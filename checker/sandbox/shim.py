"""Stands above a command: limits it, waits for it, and ends what it leaves: `shim.py PARENT WITHIN COMMAND ...`.

A program of its own rather than a `preexec_fn`, which may deadlock where the parent has threads. It runs under
`python -I -S`, so it imports the standard library and, by path, its neighbours. The command's exit becomes its own; a
signal becomes the same signal.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import sys
from pathlib import Path
from types import ModuleType


def load(name: str) -> ModuleType:
    """A module of `checker.sandbox`, without the package around it."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise SystemExit(f"{name}.py is missing beside shim.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Run `argv[3:]` within `argv[2]`, JSON of limits and of what Landlock leaves, no longer than process `argv[1]` lives."""
    parent, text, *command = sys.argv[1:]
    within = json.loads(text)
    limits = load("limits")
    limits.end_with_parent(int(parent))
    limits.adopt_orphans()
    own_pid = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            limits.end_with_parent(own_pid)
            limits.limit_this_process(limits.ProcessLimits(**within["limits"]))
            if within["reach"] is not None:
                # Both before either holds: afterwards this folder cannot be read.
                landlock, seccomp = load("landlock"), load("seccomp")
                seccomp.refuse_datagrams()
                landlock.restrict_this_process(landlock.Reach(**within["reach"]))
            os.execvp(command[0], command)
        except OSError as error:
            sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        finally:
            os._exit(127)
    status = _wait_for(pid)
    _end_children()
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        if -code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(own_pid, -code)
    os._exit(code if code >= 0 else 128 - code)


def _wait_for(pid: int) -> int:
    """Reap everything that ends, adopted processes too, until the command itself has."""
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == pid:
            return status


def _end_children() -> None:
    """Kill what is left below, generation by generation: each kill passes its children up to us (Linux)."""
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    for _ in range(1000):
        try:
            children = [int(one) for one in path.read_text().split()]
        except OSError:
            return
        if not children:
            return
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)


main()
