"""What the bench aims at, and what becomes of what it measures.

Every line of the bench has at least one figure with an aim. With ``--strict`` an aim that is not met, or that could not
be judged, is an exit code of 1.
"""

import math
import time
from collections.abc import Callable
from typing import NamedTuple

from rich.console import Console
from rich.table import Table


class Aim(NamedTuple):
    """Where a figure should lie."""

    limit: float
    unit: str
    least: bool = False  # at least the limit, instead of below it

    def met(self, figure: float) -> bool:
        """Tell whether a figure does; one that is not a number does not."""
        return figure >= self.limit if self.least else figure < self.limit

    def __str__(self) -> str:
        return f"{'at least' if self.least else 'below'} {self.limit:,g} {self.unit}"


# For two cores of a virtual machine in 2026. Starts, the twin, the engine before, sizes, threads and commands are what
# is aimed at, met or not; the others were met with a quarter to a half to spare.
AIMS = {
    "cold": Aim(30.0, "s"),  # start to the first simulated day, with all that is compiled
    "cached": Aim(1.5, "s"),
    "help": Aim(0.3, "s"),
    "twin": Aim(120.0, "times", least=True),  # as quick as the twin in plain Python
    "before": Aim(0.6, "of the time"),  # of a person's day, by the engine with numbered columns and the same messages
    "message": Aim(800.0, "ns"),  # of a processor, for a message delivered
    "growth": Aim(1.05, "times"),  # of the time of a person's day, from the smallest size to larger ones
    "arrays": Aim(20_000.0, "bytes"),  # a person
    "grown": Aim(25_000.0, "bytes"),  # a person, agents and tables included
    "peak": Aim(3_000.0, "MB"),  # of the largest size
    "flat": Aim(1.25, "times"),  # memory of a million people in slices, against a tenth of them
    "threads": Aim(1.9, "times", least=True),  # two against one
    "overhead": Aim(5.0, "ms"),  # of a worker for each run of a sweep
    "again": Aim(5.0, "s"),  # a complete sweep that is gone on with
    "read": Aim(2.0, "s"),  # its rows by polars
    "driver_growth": Aim(1.1, "times"),  # memory of the driver, a hundred times as many runs
    "driver_memory": Aim(250.0, "MB"),  # the same, with many runs
    "held": Aim(0.93, "of the intervals", least=True),  # hold the effect at other parameters, on made-up truths
    "held_mean": Aim(0.92, "of the intervals", least=True),  # hold its mean over all draws
    "workers": Aim(1.85, "times", least=True),  # two against one
    "scenario": Aim(110.0, "s"),  # the first in a fresh clone
    "scenario_again": Aim(6.0, "s"),
    "suite": Aim(300.0, "s"),  # all tests
    "compiled": Aim(1.0, "files"),  # by a run from a wheel
}


class Lines:
    """Prints what was measured and whether it meets its aims, and keeps count.

    Parameters
    ----------
    console : Console
        Where to.
    clock : Callable[[], float]
        Seconds.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.perf_counter) -> None:
        self.console, self.clock, self.began = console, clock, clock()
        self.table = Table("", "measured", "aims", title="Speed of the engine", title_justify="left")
        self.missed: list[str] = []
        self.judged: set[str] = set()

    def row(self, what: str, measured: str, **figures: float) -> None:
        """Print a line.

        Parameters
        ----------
        what : str
            What was measured.
        measured : str
            How it was.
        **figures : float
            By the names of their aims; not a number where it cannot be told, for which ``measured`` says why.
        """
        if not figures:
            raise TypeError(f"{what}: a line without an aim cannot fail")
        words = []
        for name, figure in figures.items():
            aim = AIMS[name]
            self.judged.add(name)
            if aim.met(figure):
                words.append(f"[green]met[/] ({figure:,.4g}; {aim})")
                continue
            self.missed.append(f"{what.strip()}: {name} {figure:,.4g}, aim {aim}")
            unclear = "[yellow]cannot say[/]" if math.isnan(figure) else ""
            words.append(f"{unclear or '[red]not met[/]'} ({figure:,.4g}; {aim})")
        self.table.add_row(what, measured, "\n".join(words))
        self.console.print(f"[dim]{self.clock() - self.began:4.0f} s[/]  {what}: {measured}  {'; '.join(words)}")

    def fail(self, part: str, why: str) -> None:
        """Print that a part could not be measured, which counts as missed.

        Parameters
        ----------
        part : str
            What it was.
        why : str
            What went wrong.
        """
        self.missed.append(f"{part}: could not be measured")
        self.console.print(f"{part}: could not be measured: {why}", markup=False)

    def end(self, strict: bool) -> int:
        """Print the table and what was missed.

        Parameters
        ----------
        strict : bool
            Whether that is a failure.

        Returns
        -------
        int
            Exit code.
        """
        self.console.print()
        self.console.print(self.table)
        for line in self.missed:
            self.console.print(f"not met: {line}", markup=False)
        self.console.print(f"{self.clock() - self.began:.0f} seconds in all")
        return 1 if strict and self.missed else 0
