"""Single keys as they are pressed, on a terminal of any system."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

_LOOK_EVERY_S = 0.1


@contextlib.contextmanager
def listening_to_keys(tell: Callable[[str], None]) -> Iterator[bool]:
    """Call `tell` with each key while the block runs; yields whether there is a keyboard to listen to.

    Ctrl-C stays a signal, and the terminal is given back as it was.
    """
    if not _is_keyboard():
        yield False
        return
    stopped = threading.Event()
    listen = _listen_on_windows if sys.platform == "win32" else _listen
    with _keys_at_once() if sys.platform != "win32" else contextlib.nullcontext():
        listener = threading.Thread(target=listen, args=(tell, stopped), daemon=True, name="keys")
        listener.start()
        try:
            yield True
        finally:
            stopped.set()
            listener.join(1.0)


def _is_keyboard() -> bool:
    try:
        return sys.stdin is not None and sys.stdin.isatty()
    except ValueError:
        return False  # closed


def _listen(tell: Callable[[str], None], stopped: threading.Event) -> None:
    import select

    number = sys.stdin.fileno()
    while not stopped.is_set():
        ready, _, _ = select.select([number], [], [], _LOOK_EVERY_S)
        if not ready:
            continue
        try:
            typed = os.read(number, 64)
        except OSError:
            return
        if not typed:
            return  # the terminal is gone
        # An arrow or another key that sends several bytes means nothing here.
        if not typed.startswith(b"\x1b"):
            for key in typed.decode("utf-8", "ignore"):
                tell(key)


def _listen_on_windows(tell: Callable[[str], None], stopped: threading.Event) -> None:
    import msvcrt as _msvcrt

    msvcrt: Any = _msvcrt  # typed for Windows alone
    while not stopped.wait(_LOOK_EVERY_S):
        while msvcrt.kbhit():
            key = msvcrt.getwch()
            if key in ("\x00", "\xe0"):
                msvcrt.getwch()  # the second half of an arrow or a function key
            else:
                tell(key)


@contextlib.contextmanager
def _keys_at_once() -> Iterator[None]:
    """Without waiting for Enter, and without showing what is typed; also after Ctrl-Z and `fg`."""
    import termios
    import tty

    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)

    def take(*_: object) -> None:
        with contextlib.suppress(termios.error):
            tty.setcbreak(number, termios.TCSANOW)

    def resume(number: int, frame: FrameType | None) -> None:
        take()

    resumed = signal.signal(signal.SIGCONT, resume)
    take()
    try:
        yield
    finally:
        signal.signal(signal.SIGCONT, resumed)
        with contextlib.suppress(termios.error):
            termios.tcsetattr(number, termios.TCSADRAIN, before)
