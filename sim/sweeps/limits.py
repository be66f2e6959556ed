"""Limits of a run: time and memory, kept by the system and not by the run's good will.

The clock is ``faulthandler``'s: it needs no lock of the interpreter, so that even a run that never returns from
compiled code is ended, with its traceback written down. The process ends with it; whoever started it starts another.
"""

import contextlib
import faulthandler
import sys
from collections.abc import Iterator
from typing import IO

try:
    import resource
except ImportError:  # a system without such limits
    resource = None  # type: ignore[assignment]


@contextlib.contextmanager
def limited(seconds: float, size: int | None, traces: IO[str]) -> Iterator[None]:
    """Keep what is done inside the block within limits.

    Parameters
    ----------
    seconds : float
        Time by the clock; beyond, the process ends.
    size : int | None
        Bytes of memory of the whole process; beyond, Python raises ``MemoryError``. None for no limit. Kept on Linux.
    traces : IO[str]
        Where the traceback is written when time is up.

    Yields
    ------
    None
        Nothing.
    """
    before = None
    if resource is not None and sys.platform == "linux" and size is not None:
        before = resource.getrlimit(resource.RLIMIT_DATA)
        most = size if before[1] == resource.RLIM_INFINITY else min(size, before[1])
        resource.setrlimit(resource.RLIMIT_DATA, (most, before[1]))
    faulthandler.dump_traceback_later(seconds, exit=True, file=traces)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        if before is not None:
            resource.setrlimit(resource.RLIMIT_DATA, before)
