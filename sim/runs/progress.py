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
        yield steps(console, "weeks")
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("weeks"))
    with Progress(*columns, TimeRemainingColumn(compact=True), console=console, transient=True) as bars:
        tasks = {world: bars.add_task(world, total=None, start=False) for world in worlds}

        def report(world: str, done: int, of_all: int) -> None:
            if not bars.tasks[tasks[world]].started:
                bars.start_task(tasks[world])
            bars.update(tasks[world], completed=done, total=of_all)

        yield report


def steps(console: Console, unit: str = "simulations") -> Report:
    """Return a callback that prints a line now and then, with rate and time left: label, number done, number in all.

    What is done at its first call for a label does not count towards the rate.
    """
    began: dict[str, tuple[float, int]] = {}
    last = time.monotonic()

    def report(what: str, done: int, of_all: int) -> None:
        nonlocal last
        now = time.monotonic()
        first, before = began.setdefault(what, (now, done))
        if done < of_all and now - last < max(SECONDS_BETWEEN_LINES, (now - first) / 10):
            return
        last = now
        pace = f", {paced((done - before) / (now - first), of_all - done)}" if now > first and done > before else ""
        text = f"  {what}: {done} of {of_all} {unit}{pace if done < of_all else ''}"
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    return report


def paced(rate: float, left: int) -> str:
    """Format a positive rate, in runs a second, and the time that the runs left will take."""
    size, unit = (1, "a second") if rate >= 1 else (60, "a minute") if rate >= 1 / 60 else (3600, "an hour")
    number = rate * size
    count = f"{number:.3g}" if number < 1000 else f"{number:,.0f}"
    return f"{count} {unit}, {duration(left / rate)} left"


def duration(seconds: float) -> str:
    """Format seconds in at most two units."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
