"""Progress: bars with the time left on a terminal, otherwise a line from time to time, in the language in force."""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from sim.figures.words import language_in_force, phrase, speaking
from sim.report.console import line
from sim.runs.progress import COMPILING, SETTLING, Report

SECONDS_BETWEEN_LINES = 5.0  # at first; later a tenth of the elapsed time, so that long runs print few lines
LEAST, SHARE, LONG = 5.0, 0.03, 60.0  # an estimate needs these seconds, and this share done or so many seconds
STORED = 5  # steps at once: weeks that were simulated come one by one, stored ones all together


class _Left(ProgressColumn):
    """Column of the time left, which counts down between reports; it keeps the language for the drawing thread."""

    def __init__(self) -> None:
        super().__init__()
        self.language = language_in_force()

    def render(self, task: Task) -> Text:
        """Write the time from now to the expected end."""
        seconds = (task.fields.get("ends") or 0.0) - time.monotonic()
        if seconds <= 0.0:  # not known, or over
            return Text("")
        with speaking(self.language):
            return Text(phrase("progress", "left", time=duration(max(1.0, seconds))), style="progress.remaining")


@contextmanager
def show_progress(console: Console, rows: Mapping[str, str]) -> Iterator[Report]:
    """Yield a callback that shows the progress of each step: its name, number done, number in all.

    ``rows`` says how each step is written; a row is shown from its first report on, that of compilation until something
    else reports.
    """
    if not console.is_terminal:
        yield steps(console, rows)
        return
    columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), _Left())
    with Progress(*columns, console=console, transient=True) as bars:
        tasks = {name: bars.add_task(words, total=None, visible=False) for name, words in rows.items()}
        pace = _Pace([name for name in rows if name not in (COMPILING, SETTLING)])
        lock = threading.Lock()  # worlds are simulated in threads

        def report(name: str, done: int, of_all: int) -> None:
            with lock:
                seconds = pace.left(name, done, of_all)
                ends: dict[str, Any] = {"ends": None if seconds is None else time.monotonic() + seconds}
                bars.update(tasks[name], completed=done, total=of_all, visible=True, **ends)
                for other in pace.waiting() if seconds is not None and name in pace.done else ():
                    bars.update(tasks[other], **ends)
                if name != COMPILING and COMPILING in tasks:
                    bars.update(tasks[COMPILING], visible=False)

        yield report


class _Pace:
    """Speed of steps since the first of those that take turns began; these share the time that is left."""

    def __init__(self, turns: Collection[str] = ()) -> None:
        self.turns = turns
        self.began: dict[str, tuple[float, int]] = {}
        self.done: dict[str, tuple[int, int]] = {}  # of those that take turns: number done, and number in all
        self.worked = 0  # of what they did, that which was not stored before
        self.first: float | None = None
        self.compiling = False  # until the first step that is done

    def left(self, name: str, done: int, of_all: int) -> float | None:
        """Return the seconds left, if known; work done before the first report does not count."""
        now = time.monotonic()
        if name == COMPILING:  # most of which comes after the last rule, and has no steps
            self.compiling = True
            return None
        if self.first is None:
            self.first = now
        since, before = self.began.setdefault(name, (self.first if name in self.turns else now, done))
        if self.compiling and done > before:
            self.compiling, self.first = False, now
            self.began = {each: (now, there) for each, (_, there) in self.began.items()} | {name: (now, done)}
            self.done |= {name: (done, of_all)} if name in self.turns else {}
            return None
        if name in self.turns:
            last = self.done.get(name, (done, of_all))[0]
            self.worked += max(done - last, 0) if done - last < STORED else 0
            self.done[name] = done, of_all
            part: float = self.worked
            rest: float = sum(all_ - there for there, all_ in self.done.values())
            rest += of_all * (len(self.turns) - len(self.done))
        else:
            part, rest = done - before, of_all - done
        seconds = now - since
        reliable = part > 0 and seconds >= LEAST and (part >= SHARE * (part + rest) or seconds >= LONG)
        return seconds * rest / part if reliable and done < of_all else None

    def waiting(self) -> list[str]:
        """List the steps that take turns and have begun, but not ended."""
        return [name for name, (done, of_all) in self.done.items() if done < of_all]


def steps(console: Console, rows: Mapping[str, str]) -> Report:
    """Return a callback that prints a line now and then, with rate and time left: step, number done, number in all.

    ``rows`` says how each step is written. Work done before the first call for a step does not count towards the rate.
    The end of a step is printed once.
    """
    pace = _Pace()
    ended: set[str] = set()
    last, language = time.monotonic(), language_in_force()  # threads that report know no language

    def report(what: str, done: int, of_all: int) -> None:
        nonlocal last
        now = time.monotonic()
        seconds = pace.left(what, done, of_all)
        first, _ = pace.began.get(what, (now, 0))
        if done < of_all:
            ended.discard(what)
        elif what in ended:
            return
        else:
            ended.add(what)
        if done < of_all and now - last < max(SECONDS_BETWEEN_LINES, (now - first) / 10):
            return
        last = now
        with speaking(language):
            text = phrase("progress", "line", what=rows[what], done=f"{done:,}", all=f"{of_all:,}")
            if seconds:
                text += phrase("progress", "comma") + pace_text((of_all - done) / seconds, of_all - done)
        write(text)

    write = _in_place() if console.is_jupyter else partial(line, console, wrap=False)
    return report


def _in_place() -> Callable[[str], object]:
    """Return a function that writes lines into a notebook, each in place of the one before."""
    from IPython.display import display  # noqa: PLC0415  (there where a notebook runs)

    shown_at = display({"text/plain": ""}, raw=True, display_id=True)  # type: ignore[no-untyped-call]
    return lambda text: shown_at.update({"text/plain": text}, raw=True)


def pace_text(rate: float, left: int) -> str:
    """Format a positive rate, in runs a second, and the time that the runs left will take."""
    size, unit = (1, "by_second") if rate >= 1 else (60, "by_minute") if rate >= 1 / 60 else (3600, "by_hour")
    number = rate * size
    count = f"{number:.3g}" if number < 999.5 else f"{number:,.0f}"
    ends = phrase("progress", "left", time=duration(max(1.0, left / rate)))
    return phrase("progress", unit, count=count) + phrase("progress", "comma") + ends


def duration(seconds: float) -> str:
    """Format seconds in at most two units."""
    if seconds < 90:
        return phrase("progress", "seconds", seconds=f"{seconds:.0f}")
    minutes = round(seconds / 60)
    if minutes < 90:
        return phrase("progress", "minutes", minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return phrase("progress", "hours", hours=hours, minutes=f"{minutes:02}")
    return phrase("progress", "days", days=hours // 24, hours=hours % 24)
