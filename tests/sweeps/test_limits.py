"""Limits of runs are the process's and as before when a run is over; what tests wait for has limits, too."""

import faulthandler
import mmap
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sim.sweeps.work import limits
from tests.sweeps.helpers import finished, started, written

resource = pytest.importorskip("resource", reason="a system without limits")

PATIENCE = 30.0  # seconds that a thread may take to do nothing
HARD = resource.getrlimit(resource.RLIMIT_DATA)[1]
BEFORE, ONE, OTHER = ((size, HARD) for size in (1 << 42, 1 << 41, 1 << 40))  # bytes, more than runs need


@pytest.fixture
def known() -> Iterator[None]:
    """Begin with a limit that no run sets, and leave the process as it was."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, BEFORE)
    yield
    resource.setrlimit(resource.RLIMIT_DATA, before)


def limit() -> tuple[int, int]:
    return resource.getrlimit(resource.RLIMIT_DATA)


def test_a_second_thread_waits_and_the_limit_is_as_before(known: None) -> None:
    """Side by side, the one that ends last would leave behind what the other one had set."""
    seen, began, go = [], threading.Event(), threading.Event()

    def second() -> None:
        with open(os.devnull, "w", encoding="ascii") as traces, limits(60.0, OTHER[0], traces):
            began.set()
            go.wait(PATIENCE)
            seen.append(limit()[0] // OTHER[0])

    other = threading.Thread(target=second)
    with open(os.devnull, "w", encoding="ascii") as traces, limits(60.0, ONE[0], traces):
        other.start()
        assert not began.wait(0.1)
        seen.append(limit()[0] // ONE[0])
    assert began.wait(PATIENCE)
    go.set()
    other.join(PATIENCE)
    assert seen == [1, 1]
    assert limit() == BEFORE


def test_what_is_reserved_and_not_used_is_no_memory_of_a_run() -> None:
    """Libraries hold address space: with a limit below it, whatever they ask for next would end the process."""
    with mmap.mmap(-1, 1 << 33, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000):  # of which no page is touched
        for size, fits in ((1 << 33, True), (1 << 26, False)):
            with open(os.devnull, "w", encoding="ascii") as traces, limits(60.0, size, traces):
                assert limit()[0] >= size + (1 << 33)
                try:
                    used = np.empty(1 << 28)  # 2 GB: what earlier tests left free may hold less
                except MemoryError:
                    used = np.zeros(0)
            assert (used.size > 0) is fits


def test_the_limit_is_as_before_where_the_timer_cannot_start(known: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the memory does not suffice for its thread."""

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("unable to start watchdog thread")

    monkeypatch.setattr(faulthandler, "dump_traceback_later", refuse)
    with open(os.devnull, "w", encoding="ascii") as traces:
        for _ in range(2):  # nor does it keep the next run waiting
            with pytest.raises(RuntimeError, match="watchdog"), limits(60.0, ONE[0], traces):
                pytest.fail("the run began without its timer")
    assert limit() == BEFORE


def test_a_process_that_hangs_is_killed_with_those_that_hold_its_output(tmp_path: Path) -> None:
    design = written(tmp_path, {"x": [1.0]})
    code, _ = finished(started(design, tmp_path, before="sleep 300 & sleep 300"), seconds=0.5)
    assert code == -9
