"""The axes that a sweep varied: names of axes and levels, and their places along a panel."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.figures.axis import STEPS, Tick, labels_fit
from sim.figures.context import Tables, table
from sim.figures.fonts import shortened
from sim.figures.numerals import number, scale
from sim.figures.style import GAIN, MARKS, SMALL, VALUE, readable
from sim.figures.words import has_name, label, language_in_force, say
from sim.outcomes import outcome_of

AIR = 0.06  # inches, between the names of levels
EXACT = 17  # significant digits that tell any two numbers apart
CLOCK = "hour of the day"  # the unit of levels that are written as 18:36


class Varied(NamedTuple):
    """An axis of a sweep, ready to be written."""

    column: str
    words: str
    unit: str
    log: bool
    clock: bool
    named: Mapping[str, str] = {}  # words for levels that are no numbers, where the design has some

    @property
    def title(self) -> str:
        """Name and unit."""
        return say("sweep_axis", name=self.words, unit=self.unit) if self.unit else self.words


def varied(tables: Tables, column: str) -> Varied:
    """Describe a column of a sweep from the table ``axes``: by the label of the design, else by its plain name."""
    rows = table(tables, "axes", ("column", "name", "unit", "label", "label_zh", "scale"))
    about = rows.filter(column=column).row(0, named=True)
    last = str(about["name"]).split(".")[-1]
    unit = str(about["unit"] or "")
    kind = next((kind for kind in ("mechanism", "parameter", "field", "group") if has_name(kind, last)), "")
    end = f"_{unit.replace(' ', '_')}"
    plain = label(kind, last) if kind else last.removesuffix(end).replace("_", " ")
    words = readable(str((about["label_zh"] if language_in_force() == "zh" else about["label"]) or ""), plain)
    bare = unit in ("share", "1", "ratio", CLOCK) or (kind == "field" and words == plain and f"_{last}".endswith(end))
    named = json.loads(about.get("values_zh") or "{}") if language_in_force() == "zh" else {}
    return Varied(column, words, "" if bare else label("unit", unit), about["scale"] == "log", unit == CLOCK, named)


def level_words(levels: Iterable[tuple[float | None, str]], axis: Varied) -> list[str]:
    """Write levels of an axis, each a number, which may be an hour of the clock, and its name where there is none."""
    listed = list(levels)
    numbers = iter(level_texts([level for level, _ in listed if level is not None], axis.clock))
    words = {"true": say("sweep_true"), "false": say("sweep_false")} | dict(axis.named)
    return [next(numbers) if level is not None else words.get(name) or readable(name, name) for level, name in listed]


def unit_words(outcome: str, change: bool) -> str:
    """Write the unit of an outcome, and which direction is better: "pp · lower is better"."""
    about = outcome_of(outcome)
    shown = scale(about.unit)
    unit = shown.change if change else shown.level
    return " · ".join(part for part in (unit, say(f"better_{about.better}") if about.better else "") if part)


def colors_of(outcome: str) -> Colormap:
    """Return the colours of an outcome: blue is better and red worse; brown to green if neither direction is better."""
    way = outcome_of(outcome).direction
    return GAIN if not way else VALUE if way > 0 else VALUE.reversed()


def color_legend(outcomes: Sequence[str]) -> list[Patch]:
    """Make the entries of the colours of outcomes in a legend."""
    found = []
    if any(outcome_of(outcome).direction for outcome in outcomes):
        found += [Patch(facecolor=MARKS[name].color, label=label("verdict", name)) for name in ("better", "worse")]
    if not all(outcome_of(outcome).direction for outcome in outcomes):
        found += [Patch(facecolor=GAIN(at), label=say(key)) for at, key in ((0.2, "sweep_low"), (0.8, "sweep_high"))]
    return found


def x_axis(axes: Axes, axis: Varied, places: Sequence[float], names: Sequence[str], inches: float) -> None:
    """Prepare the horizontal axis of a panel: numbers to scale, or words (``names``) at equal distances."""
    if names:
        axes.set_xlim(-0.5, len(names) - 0.5)
        space = inches / len(names) - AIR
        axes.set_xticks(range(len(names)), [shortened(name, space, SMALL) for name in names])
        return
    low, high = min(places), max(places)
    if axis.log and 0 < low < high:
        axes.set_xscale("log")
        pad = (high / low) ** 0.04
        axes.set_xlim(low / pad, high * pad)
        axes.minorticks_off()
        ticks = [low, (low * high) ** 0.5, high]
    else:
        pad = 0.04 * (high - low) or 1.0
        low, high = low - pad, high + pad
        axes.set_xlim(low, high)
        own = sorted(set(places))
        texts = zip(own, level_texts(own, axis.clock), strict=True)
        labels = [Tick(place, text, inches * (place - low) / (high - low)) for place, text in texts]
        found = own
        if len(own) > 8 or not labels_fit(labels, AIR):
            found = list(map(float, MaxNLocator(4, steps=STEPS).tick_values(low + pad, high - pad)))
        ticks = [tick for tick in found if low <= tick <= high]
    axes.set_xticks(ticks, level_texts(ticks, axis.clock))


def level_texts(values: Sequence[float], clock: bool = False) -> list[str]:
    """Write levels with thousands separators: whole numbers as they are, others with three significant digits.

    There are more digits where levels that differ would be written alike. Hours of the ``clock`` are written as 18:36.
    """
    texts = ["{}:{:02}".format(*divmod(round(60 * hour), 60)) for hour in values] if clock else []
    if len(set(texts)) == len(set(values)):
        return texts
    for significant in range(3, EXACT + 1):
        texts = [_rounded(value, significant) for value in values]
        if len(set(texts)) == len(set(values)):
            break
    return texts


def _rounded(value: float, significant: int) -> str:
    rounded = value if float(value).is_integer() else float(f"{value:.{significant}g}")
    decimals = next((n for n in range(EXACT) if abs(round(rounded, n) - rounded) <= 1e-12 * abs(rounded)), EXACT)
    return number(rounded, decimals)
