"""The sheet that a figure stands on: its title, its caption, and what the manifest says about the run.

Lengths are inches throughout, so that letters and rows keep their size however many rows there are.
"""

import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import polars as pl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.errors import ResultsError
from sim.figures.style import INK, QUIET, SMALL, TINY, counted, label, readable

Tables = Mapping[str, pl.DataFrame]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WIDTH = 7.2  # two columns of a journal
MARGIN = 0.12
TITLE_LINE, NOTE_LINE = 0.19, 0.125
TITLE_WIDTH, NOTE_WIDTH = 76, 150  # letters


class Phase(NamedTuple):
    """A stretch of time under rules."""

    label: str
    start: date
    end: date  # the first day after it
    ramp_days: int


class Setting(NamedTuple):
    """What is known of a run."""

    title: str
    scenario: str  # names of the worlds
    counterfactual: str
    start: date
    replicates: int
    seed: int
    phases: tuple[Phase, ...]

    @property
    def paired(self) -> bool:
        """Whether there are two worlds to compare."""
        return self.scenario != self.counterfactual

    @property
    def worlds(self) -> tuple[str, ...]:
        """Worlds that were simulated, the counterfactual first."""
        return (self.counterfactual, self.scenario) if self.paired else (self.scenario,)


def setting(manifest: Mapping[str, Any]) -> Setting:
    """Read what the figures need from a manifest.

    Parameters
    ----------
    manifest : Mapping[str, Any]
        With the names ``scenario`` and ``counterfactual``, the ``resolved`` scenario (title, calendar, run) and the
        ``phases``, each with label, start, end (the first day after it) and ramp_days. Dates may be text.

    Returns
    -------
    Setting
        The same, checked.

    Raises
    ------
    ResultsError
        If something is missing or makes no sense.
    """
    try:
        resolved, name = manifest["resolved"], str(manifest["scenario"])
        phases = tuple(
            Phase(
                readable(label(str(phase["label"])), f"phase {number}"),
                _day(phase["start"]),
                _day(phase["end"]),
                int(phase["ramp_days"]),
            )
            for number, phase in enumerate(manifest["phases"], start=1)
        )
        return Setting(
            title=readable(str(resolved["title"]), label(name)),
            scenario=name,
            counterfactual=str(manifest["counterfactual"] or name),
            start=_day(resolved["calendar"]["start"]),
            replicates=int(resolved["run"]["replicates"]),
            seed=int(resolved["run"]["seed"]),
            phases=phases,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ResultsError(f"the manifest does not say what figures need: {error}") from error


def _day(value: Any) -> date:
    """Read a date, written or not."""
    return date.fromisoformat(str(value)[:10])


def written(day: date) -> str:
    """Write a date.

    Parameters
    ----------
    day : date
        A day.

    Returns
    -------
    str
        As in "6 Jul 2026", whatever the locale.
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def table(tables: Tables, name: str, columns: Sequence[str]) -> pl.DataFrame:
    """Take a table that a figure needs.

    Parameters
    ----------
    tables : Tables
        Tables of a run.
    name : str
        Which one.
    columns : Sequence[str]
        Columns that it must have.

    Returns
    -------
    pl.DataFrame
        The table, with names of worlds as text.

    Raises
    ------
    ResultsError
        If the table or a column is missing.
    """
    if name not in tables:
        raise ResultsError(f"the figures need the table '{name}', which the results lack")
    frame = tables[name]
    if lacking := [column for column in columns if column not in frame.columns]:
        raise ResultsError(f"the table '{name}' lacks the column '{lacking[0]}', which the figures need")
    return frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))


def reached(tables: Tables) -> pl.DataFrame:
    """Choose the firms that a figure is about: those that the rule reaches, or all where it reaches none.

    Parameters
    ----------
    tables : Tables
        Tables of a run.

    Returns
    -------
    pl.DataFrame
        Their rows of the table ``firms``.
    """
    firms = table(tables, "firms", ("replicate", "firm", "size", "in_scope"))
    return firms.filter("in_scope") if firms["in_scope"].any() else firms


def circumstances(run: Setting, tables: Tables) -> str:
    """Say what a figure rests on.

    Parameters
    ----------
    run : Setting
        The run.
    tables : Tables
        Its tables.

    Returns
    -------
    str
        Firms, people, replicates and seed, in a sentence.
    """
    firms, chosen = table(tables, "firms", ("in_scope",)), reached(tables)
    within = " that the rule reaches" if firms["in_scope"].any() else " (the rule reaches none)"
    others = firms.height - chosen.height
    rest = f", beside {counted(others, 'firm')} out of its reach" if others else ""
    people = counted(int(chosen["size"].sum()), "person", "people")
    return (
        f"{counted(chosen.height, 'firm')}{within if run.paired else ''} with {people}{rest}; "
        f"{counted(run.replicates, 'replicate')}; seed {run.seed}."
    )


def window(run: Setting, tables: Tables) -> str:
    """Say which weeks the effects are taken from.

    Parameters
    ----------
    run : Setting
        The run.
    tables : Tables
        Its tables.

    Returns
    -------
    str
        A sentence.
    """
    labels = table(tables, "effects", ("window",))["window"]
    return f"Window: {labels[0]} (week 0 starts on {written(run.start)})." if labels.len() else ""


class Sheet(NamedTuple):
    """A figure with a title above and a caption below; the body lies between."""

    figure: Figure
    floor: float  # where the body starts, from the bottom of the figure
    height: float  # of the body

    def axes(self, left: float, low: float, width: float, height: float) -> Axes:
        """Add axes to the body.

        Parameters
        ----------
        left : float
            Distance from the left edge.
        low : float
            Distance from the bottom of the body.
        width : float
            Width.
        height : float
            Height.

        Returns
        -------
        Axes
            The axes.
        """
        wide, high = self.figure.get_size_inches()
        return self.figure.add_axes((left / wide, (self.floor + low) / high, width / wide, height / high))

    def legend(self, handles: Sequence[Artist], columns: int, left: float = MARGIN) -> None:
        """Put a legend at the top of the body, where 0.15 inches should be left for it.

        Parameters
        ----------
        handles : Sequence[Artist]
            What it explains.
        columns : int
            Entries in a row.
        left : float
            Distance from the left edge.
        """
        wide, high = self.figure.get_size_inches()
        self.figure.legend(
            handles=list(handles),
            loc="upper left",
            bbox_to_anchor=(left / wide, (self.floor + self.height + 0.06) / high),
            ncols=columns,
            borderpad=0,
            borderaxespad=0,
            handletextpad=0.5,
            columnspacing=1.6,
        )


def sheet(title: str, shows: str, notes: Sequence[str], height: float) -> Sheet:
    """Start a figure.

    Parameters
    ----------
    title : str
        Title of the scenario.
    shows : str
        What the figure shows, under the title.
    notes : Sequence[str]
        Sentences of the caption.
    height : float
        Height of the body.

    Returns
    -------
    Sheet
        The figure, with room for the body.
    """
    heads = textwrap.wrap(title, TITLE_WIDTH)
    lines = textwrap.wrap(" ".join(notes), NOTE_WIDTH)
    above = MARGIN + TITLE_LINE * len(heads) + 0.30
    below = MARGIN + NOTE_LINE * len(lines) + 0.08
    high = above + height + below
    figure = Figure(figsize=(WIDTH, high))
    FigureCanvasAgg(figure)
    left = MARGIN / WIDTH
    top = 1 - MARGIN / high
    figure.text(left, top, "\n".join(heads), va="top", fontsize=10, fontweight="bold", color=INK, linespacing=1.2)
    under = top - (TITLE_LINE * len(heads) + 0.02) / high
    figure.text(left, under, shows, va="top", fontsize=8, color=QUIET)
    caption = "\n".join(lines)
    figure.text(left, MARGIN / high, caption, va="bottom", fontsize=TINY, color=QUIET, linespacing=1.3)
    return Sheet(figure, below, height)


def beside(
    axes: Axes,
    y: float,
    inches: float,
    text: str,
    ha: str = "left",
    size: float = SMALL,
    color: str = INK,
    weight: str = "normal",
) -> None:
    """Write beside a row of a plot.

    Parameters
    ----------
    axes : Axes
        The plot.
    y : float
        Where the row is, in data.
    inches : float
        Distance from the left end of the axes; negative at the left of them.
    text : str
        What to write.
    ha : str
        Which side of the text stands there.
    size : float
        Points.
    color : str
        Colour of the letters.
    weight : str
        Weight of the letters.
    """
    axes.annotate(
        text,
        (0, y),
        xycoords=axes.get_yaxis_transform(),
        xytext=(72 * inches, 0),
        textcoords="offset points",
        ha=ha,
        va="center_baseline",
        fontsize=size,
        color=color,
        fontweight=weight,
    )
