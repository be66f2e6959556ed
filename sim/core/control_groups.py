"""What Linux allots to this process: the limits of its control group and of those above, as of a container or a job."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")  # a line for each hierarchy; that of version 2, whose limits are read, begins with 0::


def allotted(setting: str) -> Iterator[list[int]]:
    """Yield the numbers of a setting in each group that limits it: ``cpu.max`` in µs, ``memory.max`` in bytes.

    There are none on other systems.
    """
    with suppress(OSError, UnicodeDecodeError):
        for line in OWN.read_text(encoding="utf-8").splitlines():
            if line.startswith("0::/"):
                group = Path(line.removeprefix("0::/"))
                for place in (group, *group.parents):
                    with suppress(OSError, ValueError):  # not there, or "max": no limit
                        yield [int(word) for word in (GROUPS / place / setting).read_text(encoding="ascii").split()]
