"""Limits that Linux sets for this process, such as in a container or a job: of its control group and those above."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")  # one line per hierarchy; that of version 2, whose limits are read, begins with 0::


def allotted(setting: str) -> Iterator[list[int]]:
    """Yield the numbers of a setting in each group that limits it: ``cpu.max`` in µs, ``memory.max`` in bytes.

    There are none on other systems.
    """
    with suppress(OSError, UnicodeDecodeError):
        for line in OWN.read_text(encoding="utf-8").splitlines():
            if line.startswith("0::/"):
                group = Path(line.removeprefix("0::/"))
                for place in (group, *group.parents):
                    with suppress(OSError, ValueError):  # missing, or "max" for no limit
                        yield [int(word) for word in (GROUPS / place / setting).read_text(encoding="ascii").split()]
