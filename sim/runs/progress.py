"""Progress of simulations: bars on a terminal, otherwise a line from time to time."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

SECONDS_BETWEEN_LINES = 5.0  # at first; later a tenth of the elapsed time, so that long runs print few lines

type Report = Callable[[str, int, int], None]


@contextmanager
def shown(console: Console, worlds: Sequence[str]) -> Iterator[Report]:
    """Yield a callback that shows the progress of each world: name, weeks done, weeks in all."""
    if not console.is_terminal:
        yield _lines(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("weeks"))
    with Progress(*columns, TimeRemainingColumn(compact=True), console=console, transient=True) as bars:
        tasks = {world: bars.add_task(world, total=None, start=False) for world in worlds}

        def report(world: str, done: int, of_all: int) -> None:
            if not bars.tasks[tasks[world]].started:
                bars.start_task(tasks[world])
            bars.update(tasks[world], completed=done, total=of_all)

        yield report


def steps(console: Console) -> Report:
    """Return a callback that prints the progress of simulations: label, number done, number in all."""
    return _lines(console, "simulations")


def steps_timed(console: Console) -> Report:
    """Return a callback like that of ``steps``, which adds rate and time left.

    Call it first before anything is done, so that earlier results do not count towards the rate.
    """
    began: dict[str, tuple[float, int]] = {}
    last = 0.0

    def report(what: str, done: int, of_all: int) -> None:
        nonlocal last
        now = time.monotonic()
        first, before = began.setdefault(what, (now, done))
        if 0 < done < of_all and now - last < max(SECONDS_BETWEEN_LINES, (now - first) / 10):
            return
        last = now
        text = f"  {what}: {done} of {of_all} runs"
        if done > before and done < of_all:
            pace = (done - before) / max(now - first, 1e-9)
            text += f", {60 * pace:.1f} a minute, about {_written((of_all - done) / pace)} left"
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    return report


def _written(seconds: float) -> str:
    """Format a duration."""
    return (
        f"{seconds:.0f} s"
        if seconds < 90
        else f"{seconds / 60:.0f} min"
        if seconds < 5400
        else f"{seconds / 3600:.1f} h"
    )


def _lines(console: Console, what: str = "weeks") -> Report:
    """Return a callback that prints a line from time to time, and one at the end of each world."""
    first = last = time.monotonic()

    def report(world: str, done: int, of_all: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done == of_all or now - last >= max(SECONDS_BETWEEN_LINES, (now - first) / 10):
            last = now
            console.print(f"  {world}: {done} of {of_all} {what}", markup=False, highlight=False, soft_wrap=True)

    return report
