"""Python's look for garbage, put off while trees are made and asked."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_LOCK: Final = threading.Lock()
_inside = 0
_was_on = False


@contextmanager
def without_collector() -> Iterator[None]:
    """Trees hold no garbage, and looking for some in them takes longer than making them.

    Python looks whenever many objects were made, which reading a code base and asking questions of it do all the time.
    Threads may be inside at the same time: the last one to leave puts the collector back as the first one found it.
    """
    global _inside, _was_on
    with _LOCK:
        if not _inside:
            _was_on = gc.isenabled()
            gc.disable()
        _inside += 1
    try:
        yield
    finally:
        with _LOCK:
            _inside -= 1
            if not _inside and _was_on:
                # What was made counts as old from here on: the next look goes over young objects alone.
                gc.freeze()
                gc.unfreeze()
                gc.enable()
