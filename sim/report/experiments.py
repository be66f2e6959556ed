"""Report of replayed experiments: published beside simulated effects, as text and as a figure."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from sim.experiments import SIGNS, Experiment, Found, Measure
from sim.figures.replication import Row, draw_replication
from sim.figures.style import styled
from sim.figures.words import percent, phrase, speaking
from sim.files.storage import writing
from sim.report.console import commas, english, grid, line, show
from sim.report.numbers import bare, unit_name
from sim.report.plots import save

VERDICTS = ("agrees", "direction", "unclear", "misses", "given")
WIDE, BREADTH = 110, 17  # columns: of a console where names need not be broken, and of a name that is
HEADS = ("experiment", "found", "published", "simulated", "verdict")


def print_found(console: Console, experiments: Sequence[Experiment], found: Sequence[Found]) -> None:
    """Print published beside simulated effects, a count of verdicts, and the reasons for missing replays."""
    if found:
        table = grid(*(phrase("replay", f"head_{head}") for head in HEADS))
        for head in (table.columns[0], table.columns[4]):
            head.overflow = "fold"
        for each in found:
            effects = published(each.measure), simulated(each)
            name = _title(each.experiment)
            if console.width < WIDE:  # broken between its words
                name = "\n".join(textwrap.wrap(name.replace("_", "_ "), BREADTH)).replace("_ ", "_")
            table.add_row(name, _says(each.measure), *effects, phrase("replay", each.verdict))
        show(console, table)
        verdicts = [each.verdict for each in found]
        counts = (phrase("replay", f"count_{key}", count=verdicts.count(key)) for key in VERDICTS)
        line(console, phrase("replay", "counts", counts=commas(counts)))
    for experiment in experiments:
        cannot = experiment.cannot if english() else experiment.cannot_zh
        difference = experiment.difference if english() else experiment.difference_zh
        why = phrase("replay", "cannot", why=cannot) if cannot else difference
        if why:
            line(console, phrase("replay", "note", name=_title(experiment), why=why))


def _title(experiment: Experiment) -> str:
    """Return the name of an experiment, as commands take it; in another language its title."""
    return experiment.name if english() else experiment.title_zh


def _says(measure: Measure) -> str:
    """Return what a study found."""
    return measure.says if english() else measure.says_zh or measure.says


def published(measure: Measure) -> str:
    """Format a published effect: its value, with the interval if reported, or only its sign."""
    if measure.value is None:
        return phrase("replay", f"sign_{measure.sign}")
    return _shown(measure, measure.value, measure.low, measure.high)


def simulated(found: Found) -> str:
    """Format a simulated effect with its interval."""
    return _shown(found.measure, found.value, found.low, found.high)


def _shown(measure: Measure, value: float, *ends: float | None) -> str:
    """Format an effect with sign and unit, and its interval if both ends are known."""
    share = measure.scale == "relative"
    unit, _, each = measure.unit.partition(" per ")
    per = phrase("replay", "per", unit=unit_name(unit), each=unit_name(each)) if each else unit_name(unit)
    after = percent("") if share else f" {per}"
    first, *rest = (bare(each, "share" if share else "", signed=True) for each in (value, *ends))
    return f"{first}{after}" if None in ends else f"{first}{after} [{', '.join(rest)}]"


def draw_found(path: Path, found: Sequence[Found], size: Mapping[str, int], chosen: str) -> None:
    """Draw published and simulated effects into a .png or .svg file; raises ``ResultsError`` if it cannot be written.

    ``size`` holds ``people``, ``replicates`` and ``seed`` for the caption.
    """
    with writing(path), styled(), speaking(chosen):
        save(draw_replication([_row(each) for each in found], dict(size)), path)


def _row(found: Found) -> Row:
    """Return a row of the figure."""
    experiment, measure = found.experiment, found.measure
    low, high = measure.low, measure.high
    ends = (np.nan, np.nan) if low is None or high is None else (low, high)
    return Row(
        experiment.title if english() else experiment.title_zh,
        _says(measure),
        SIGNS[measure.sign],
        np.nan if measure.value is None else measure.value,
        ends,
        measure.tolerance,
        (found.value, found.low, found.high),
        found.verdict,
        simulated(found),
    )
