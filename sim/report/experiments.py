"""Report of replayed experiments: published beside simulated effects, as text and as a figure."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from sim.experiments import SIGNS, Experiment, Found, Measure
from sim.figures.replication import Row, draw_replication
from sim.figures.style import styled
from sim.figures.words import speaking
from sim.files.storage import writing
from sim.outcomes import written
from sim.report.console import grid, line
from sim.report.plots import save

VERDICTS = {
    "agrees": "agree",
    "direction": "have the right sign and the wrong size",
    "unclear": "are unclear",
    "misses": "miss",
    "given": "are built in and test nothing",
}


def print_found(console: Console, experiments: Sequence[Experiment], found: Sequence[Found]) -> None:
    """Print published beside simulated effects, a count of verdicts, and the reasons for missing replays."""
    if found:
        table = grid("experiment", "found", "published", "simulated", "verdict")
        for head in (table.columns[0], table.columns[4]):
            head.overflow = "fold"
        for each in found:
            row = each.experiment.name, each.measure.says, published(each.measure), simulated(each), each.verdict
            table.add_row(*row)
        console.print(table)
        verdicts = [each.verdict for each in found]
        line(console, ", ".join(f"{verdicts.count(key)} {words}" for key, words in VERDICTS.items()) + ".")
    for experiment in experiments:
        why = f"no replay: {experiment.cannot}" if experiment.cannot else experiment.difference
        if why:
            line(console, f"{experiment.name}: {why}.")


def published(measure: Measure) -> str:
    """Format a published effect: its value, with the interval if reported, or only its sign."""
    return measure.sign if measure.value is None else _shown(measure, measure.value, measure.low, measure.high)


def simulated(found: Found) -> str:
    """Format a simulated effect with its interval."""
    return _shown(found.measure, found.value, found.low, found.high)


def _shown(measure: Measure, value: float, *ends: float | None) -> str:
    """Format an effect with sign and unit, and its interval if both ends are known."""
    share = measure.scale == "relative"
    after = " %" if share else f" {measure.unit}"
    first, *rest = (
        None if each is None else written(each, "share" if share else "", signed=True).removesuffix(" pp")
        for each in (value, *ends)
    )
    return f"{first}{after}" if None in rest else f"{first}{after} [{', '.join(map(str, rest))}]"


def draw_found(path: Path, found: Sequence[Found], size: Mapping[str, int], language: str) -> None:
    """Draw published and simulated effects into a .png or .svg file; raises ``ResultsError`` if it cannot be written.

    ``size`` holds ``people``, ``replicates`` and ``seed`` for the caption.
    """
    with writing(path), styled(), speaking(language):
        save(draw_replication([_row(each, language == "zh") for each in found], dict(size)), path)


def _row(found: Found, chinese: bool) -> Row:
    """Return a row of the figure."""
    experiment, measure = found.experiment, found.measure
    low, high = measure.low, measure.high
    ends = (np.nan, np.nan) if low is None or high is None else (low, high)
    return Row(
        experiment.title_zh if chinese else experiment.title,
        (measure.says_zh if chinese else "") or measure.says,
        SIGNS[measure.sign],
        np.nan if measure.value is None else measure.value,
        ends,
        measure.tolerance,
        (found.value, found.low, found.high),
        found.verdict,
        simulated(found),
    )
