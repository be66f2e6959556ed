"""Progress: bars with the time left on a terminal, otherwise a line from time to time."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

SECONDS_BETWEEN_LINES = 5.0  # at first; later a tenth of the elapsed time, so that long runs print few lines
COMPILING, SETTLING, DRAWING = "compiling", "settling", "drawing"  # steps with a name of their own; others are worlds
UNITS = {COMPILING: "rules", SETTLING: "economies", DRAWING: "figures"}
TRANSLATED = 0.57  # of the time to compile is gone when the last rule is translated: machine code comes after that
SEEN: list[bool] = []  # whether this process has seen the engine compiled: code of just these sources stays sound

type Report = Callable[[str, int, int], None]


class _Left(ProgressColumn):
    """The time left, which goes on falling between two reports."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.form = form

    def render(self, task: Task) -> Text:
        """Write the time from now to the expected end."""
        if (ends := task.fields.get("ends")) is None:
            return Text("")
        return Text(self.form.format(time=duration(max(0.0, ends - time.monotonic()))), style="progress.remaining")


@contextmanager
def shown(console: Console, rows: Mapping[str, str], left: str = "{time} left") -> Iterator[Report]:
    """Yield a callback that shows the progress of each step: its name, number done, number in all.

    ``rows`` says how each step is written, and ``left`` how the time left is; a row is shown from its first report on,
    that of compilation until something else reports.
    """
    if not console.is_terminal:
        yield steps(console, "weeks")
        return
    columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), _Left(left))
    with Progress(*columns, console=console, transient=True) as bars:
        tasks = {name: bars.add_task(words, total=None, visible=False) for name, words in rows.items()}
        pace = _Pace()

        def report(name: str, done: int, of_all: int) -> None:
            seconds = pace.left(name, done, of_all)
            update: dict[str, Any] = {"ends": None if seconds is None else time.monotonic() + seconds}
            bars.update(tasks[name], completed=done, total=of_all, visible=True, **update)
            if name != COMPILING and COMPILING in tasks:
                bars.update(tasks[COMPILING], visible=False)

        yield report


class _Pace:
    """How fast steps go, from when the first of those that take turns began."""

    def __init__(self) -> None:
        self.began: dict[str, tuple[float, int]] = {}
        self.first: float | None = None

    def left(self, name: str, done: int, of_all: int) -> float | None:
        """Return the seconds left, as far as they are known; what was done at the first report does not count."""
        now = time.monotonic()
        if name != COMPILING and self.first is None:
            self.first = now
        since, before = self.began.setdefault(name, (now if self.first is None else self.first, done))
        part, whole = done - before, of_all - before
        if part <= 0 or (done >= of_all and name != COMPILING):
            return None
        share = part / whole * (TRANSLATED if name == COMPILING else 1.0)
        return (now - since) * (1.0 - share) / share


def is_compiled() -> bool:
    """Check whether the engine is compiled for this machine, in this process until it is."""
    from sim.core.compiled import is_cached  # noqa: PLC0415  (numba is loaded only where something is simulated)

    if not SEEN and is_cached():
        SEEN.append(True)
    return bool(SEEN)


@contextmanager
def compiling(report: Report) -> Iterator[None]:
    """Report the rules that are translated if the engine has yet to be compiled for this machine."""
    from numba.core import event  # noqa: PLC0415  (numba is loaded only where something is simulated)

    from sim.core import sources  # noqa: PLC0415
    from sim.core.compiled import ENGINE  # noqa: PLC0415

    if is_compiled():
        yield
        return
    files = sources.imported_by(*ENGINE)
    of_all = sum(len(sources.marked(files, kind)) for kind in ("rule", "kernel"))
    seen: set[object] = set()

    class Translated(event.Listener):
        """Counts each rule once, whatever its signatures."""

        def on_start(self, event: Any) -> None:
            """Skip."""

        def on_end(self, event: Any) -> None:
            """Count a rule."""
            seen.add(event.data["dispatcher"].py_func)
            report(COMPILING, min(len(seen), of_all), of_all)

    report(COMPILING, 0, of_all)
    with event.install_listener("numba:compile", Translated()):
        yield


def steps(console: Console, unit: str = "simulations") -> Report:
    """Return a callback that prints a line now and then, with rate and time left: label, number done, number in all.

    What is done at its first call for a label does not count towards the rate. A step that ends twice is said once.
    """
    began: dict[str, tuple[float, int]] = {}
    ended: set[str] = set()
    last = time.monotonic()

    def report(what: str, done: int, of_all: int) -> None:
        nonlocal last
        now = time.monotonic()
        first, before = began.setdefault(what, (now, done))
        if done < of_all:
            ended.discard(what)
        elif what in ended:
            return
        else:
            ended.add(what)
        if done < of_all and now - last < max(SECONDS_BETWEEN_LINES, (now - first) / 10):
            return
        last = now
        pace = f", {paced((done - before) / (now - first), of_all - done)}" if now > first and done > before else ""
        if what == COMPILING:
            pace = ""  # the last part of it shows no steps
        write(f"  {what}: {done} of {of_all} {UNITS.get(what, unit)}{pace if done < of_all else ''}")

    write = _in_place() if console.is_jupyter else partial(console.print, markup=False, highlight=False, soft_wrap=True)
    return report


def _in_place() -> Callable[[str], object]:
    """Return a function that writes lines into one place of a notebook, each over the one before."""
    from IPython.display import display  # noqa: PLC0415  (there where a notebook runs)

    shown_at = display({"text/plain": ""}, raw=True, display_id=True)  # type: ignore[no-untyped-call]
    return lambda text: shown_at.update({"text/plain": text}, raw=True)


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
