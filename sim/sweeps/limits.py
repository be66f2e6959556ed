"""Limits of time and memory for a run, enforced by the system.

The timer is that of ``faulthandler``. It does not need the interpreter's lock, so that it ends even a run that never
returns from compiled code, and writes its traceback. The process ends with it; whoever started it starts another.
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
    """Limit the duration (seconds) and memory (bytes of the process; None for no limit) of the code in the block.

    When time is up, the traceback is written to ``traces`` and the process ends. Beyond the memory, which is limited on
    Linux only, Python raises ``MemoryError``.
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
