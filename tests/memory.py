"""The memory of this process, and the most that it had since a moment.

The peak that ``getrusage`` tells is at least that of the process which has started this one, so that a child of a large
process looks large whatever it does. Linux keeps one of the program's own, which can be set back.
"""

import resource
import sys
from contextlib import suppress
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak() -> int:
    """Bytes that were resident at most, since the start of the program or since ``reset``."""
    return _status("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _unit()


def resident() -> int:
    """Bytes that are resident now, or were at most where the system does not tell."""
    return _status("VmRSS") or peak()


def reset() -> None:
    """Set the peak back to what is resident now, where the system can."""
    with suppress(OSError):
        CLEAR.write_text("5", encoding="ascii")


def _status(key: str) -> int:
    """Read a line of what Linux tells about this process; 0 elsewhere."""
    with suppress(OSError):
        for line in STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) * 1024
    return 0


def _unit() -> int:
    """Bytes in the unit of ``getrusage``."""
    return 1 if sys.platform == "darwin" else 1024
