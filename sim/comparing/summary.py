"""What a run found, in words and one table: for the terminal, and the same text for ``summary.txt``.

A sentence says no more than its interval does. Which verdicts there are is written once, in ``verdict``.
"""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.outcomes import HEADLINES, written
from sim.uncertainty import parameters_line

WIDTH = 110  # columns of summary.txt
ENOUGH = 16  # replicates from which on the part of parameters is known well enough to be quoted
NAMES = {
    "share_burnt_out": "Burnout, share above the cut-off",
    "exhaustion": "Exhaustion",
    "recorded_overtime": "Recorded overtime",
    "latent_overtime": "Latent overtime, on no record",
    "hidden_overtime": "Hidden overtime, by messages",
    "output_per_hour": "Output per hour worked",
    "output_per_paid_hour": "Output per paid hour",
    "waiting": "Waiting for an answer",
}
CHANNEL_WORDS = {
    "im": "instant messages",
    "group": "group chats",
    "mail": "mail",
    "tool": "project tool",
    "call": "calls",
    "shadow": "private messengers",
}


def verdict(row: Mapping[str, Any]) -> str:
    """Say what an effect's interval allows to be said.

    Parameters
    ----------
    row : Mapping[str, Any]
        A row of the table of effects.

    Returns
    -------
    str
        A clause.
    """
    low, high, difference = row["low"], row["high"], row["difference"]
    if difference is None:
        return "it cannot be computed, for there was nothing to divide by"
    if low is None or high is None:
        return "one firm alone gives no interval, so this may be chance"
    if difference == low == high == 0:
        return "exactly the same in both worlds"
    if low <= 0 <= high:
        return "the interval contains zero: this run cannot tell the effect from none"
    direction = "lower" if difference < 0 else "higher"
    meaning = {"": ""}.get(row["better"], ", a gain" if direction == row["better"] else ", a cost")
    return f"{direction}{meaning}; the interval excludes zero"


def sentence(row: Mapping[str, Any]) -> str:
    """State an effect in a sentence.

    Parameters
    ----------
    row : Mapping[str, Any]
        A row of the table of effects.

    Returns
    -------
    str
        Both values, the difference with its interval where there is one, and the verdict.
    """
    name, unit = NAMES.get(row["outcome"], row["outcome"].replace("_", " ")), row["unit"]
    after = "" if unit == "share" else f" {unit}"
    start = f"{name}: {written(row['baseline'], unit)} → {written(row['scenario_value'], unit)}{after}"
    if row["difference"] is None or row["difference"] == row["low"] == row["high"] == 0:
        return f"{start}: {verdict(row)}."
    change = written(row["difference"], unit, signed=True)
    return f"{start}, {change}{_interval(row, ' (95 % interval {} to {}')}{_halves(row)}: {verdict(row)}."


def _halves(row: Mapping[str, Any]) -> str:
    """Say how much of an interval is chance and how much parameters, and close its bracket."""
    if row["low"] is None or row["high"] is None:
        return ""
    if row.get("half_parameters") is None:
        return ")"
    chance, parameters = (
        written(row[key], row["unit"], signed=True).removeprefix("+") for key in ("half_chance", "half_parameters")
    )
    return f"; ± {chance} by chance, ± {parameters} by parameters)"


def parameters_drawn(manifest: Mapping[str, Any]) -> str:
    """Say where the parameters of a study came from.

    Parameters
    ----------
    manifest : Mapping[str, Any]
        Of its results.

    Returns
    -------
    str
        A sentence; none for results that do not say.
    """
    if "uncertainty" not in manifest:
        return ""
    about, count = _part(manifest, "uncertainty"), int(manifest.get("replicates") or 1)
    said = parameters_line(about, count)
    if not about.get("draws"):
        return (
            f"{said} What is not known of them is in no interval; without --parameters point they are drawn from what "
            "fits the report."
        )
    if count == 1:
        return f"{said} A single replicate says nothing of parameters: intervals are chance alone."
    said += " Intervals hold chance and parameters."
    if count >= ENOUGH:
        return said
    return (
        f"{said} Of parameters, {count} replicates tell little: use --replicates {ENOUGH} or more before you quote it."
    )


def widths(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say how wide intervals would be by chance alone and by parameters alone, and what makes them narrower.

    Parameters
    ----------
    rows : Sequence[Mapping[str, Any]]
        Of the table of effects or levels.

    Returns
    -------
    str
        Two sentences; none where parameters are a point, or nothing is known of them.
    """
    shares = [
        (row["half_chance"] / half, row["half_parameters"] / half)
        for row in rows
        if row.get("half_parameters") is not None and (half := (row["high"] - row["low"]) / 2) > 0
    ]
    if not shares:
        return ""
    chance, parameters = (min(median(part), 1.0) for part in zip(*shares, strict=True))
    return (
        f"Width: the middle one of these intervals would be {chance:.0%} as wide by chance alone and {parameters:.0%} "
        "by parameters alone. More replicates or people make the first part narrower; the second only becomes better "
        "known, and --parameters point leaves it out."
    )


def _interval(row: Mapping[str, Any], form: str) -> str:
    """Write an interval, if there is one."""
    if row["low"] is None or row["high"] is None:
        return ""
    return form.format(*(written(row[end], row["unit"], signed=True) for end in ("low", "high")))


def headline_table(effects: pl.DataFrame) -> Table:
    """Lay out the headline outcomes.

    Parameters
    ----------
    effects : pl.DataFrame
        From ``sim.comparing.effects.effects``.

    Returns
    -------
    Table
        One row per headline: both values, difference, interval, correlation of the worlds, variance ratio.
    """
    rows = _headlines(effects)
    heads = [_stacked(rows[0][world]) for world in ("counterfactual", "scenario")]
    table = _table(*heads, "change", "95 %\ninterval", "r", "variance\nratio")
    for row in rows:
        unit = row["unit"]
        bounds = [_bare(row[end], unit, signed=True) for end in ("low", "high")]
        table.add_row(
            _name(row),
            _bare(row["baseline"], unit),
            _bare(row["scenario_value"], unit),
            _bare(row["difference"], unit, signed=True),
            "–" if row["low"] is None else " to ".join(bounds),
            "–" if row["correlation"] is None else f"{row['correlation']:.3f}".replace("-", "−"),
            written(row["variance_ratio"], "ratio"),
        )
    return table


def _table(*heads: str) -> Table:
    """Start a table of outcomes that keeps its numbers whole on a narrow terminal."""
    table = Table("outcome", *heads, box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.columns[0].min_width = 12
    for column in table.columns[1:]:
        column.justify = "right"
        column.no_wrap = True
    return table


def _stacked(name: str) -> str:
    """Write a world's name one word below the other, to save width."""
    return escape(name.replace("_", "\n"))


def _name(row: Mapping[str, Any]) -> str:
    """Write an outcome's name and the unit of its numbers."""
    unit = "%" if row["unit"] == "share" else row["unit"]
    return f"{NAMES.get(row['outcome'], row['outcome'])} [dim]{unit}[/]"


def _bare(value: float | None, unit: str, signed: bool = False) -> str:
    """Write a number whose unit stands in the first column."""
    return written(value, unit, signed).removesuffix(" %").removesuffix(" pp")


def _headlines(effects: pl.DataFrame) -> list[dict[str, Any]]:
    """Take the headline rows for everybody, in the order of ``HEADLINES``; all outcomes if none is among them."""
    everybody = effects.filter(pl.col("group") == "all").to_dicts()
    found = {row["outcome"]: row for row in everybody}
    return [found[name] for name in HEADLINES if name in found] or everybody


def moved(displacement: pl.DataFrame) -> list[str]:
    """Say where the after-hours minutes went.

    Parameters
    ----------
    displacement : pl.DataFrame
        From ``sim.comparing.effects.displacement``.

    Returns
    -------
    list[str]
        Sentences.
    """
    rows = displacement.to_dicts()
    before = {row["channel"]: row["minutes_per_person_week"] for row in rows if row["difference"] is None}
    after = {row["channel"]: row for row in rows if row["difference"] is not None}
    if "all" not in after or "all" not in before:
        return ["After-hours messages cannot be compared: the table of channels has no total."]
    everything = after["all"]
    lines = [
        f"After-hours work on messages: {written(before['all'], 'min')} → "
        f"{written(everything['minutes_per_person_week'], 'min')} minutes per person and week."
    ]
    for word, sign in (("Fewer", -1), ("More", 1)):
        changed = [row for row in after.values() if row["channel"] != "all" and sign * row["difference"] > 0]
        if changed:
            parts = (f"{CHANNEL_WORDS[row['channel']]} {_minutes(row)}" for row in changed)
            lines.append(f"{word} minutes by {'; '.join(parts)}.")
    if everything["displaced"] is None:
        lines.append("No channel lost minutes, so there is nothing that could have been displaced.")
    else:
        bounds = [everything[name] for name in ("displaced_low", "displaced_high")]
        interval = "" if None in bounds else f" (95 % interval {written(bounds[0], '')} to {written(bounds[1], '')})"
        lines.append(
            f"Displacement ratio {written(everything['displaced'], '')}{interval}: minutes that came up in other "
            "channels for each minute that went."
        )
    return lines


def _minutes(row: Mapping[str, Any]) -> str:
    """Write a channel's change with its interval."""
    change = written(row["difference"], "min", signed=True)
    if row["low"] is None or row["high"] is None:
        return change
    return f"{change} ({written(row['low'], 'min', signed=True)} to {written(row['high'], 'min', signed=True)})"


def untouched(effects: pl.DataFrame) -> str:
    """Say whether the firms out of scope stayed as they were.

    Parameters
    ----------
    effects : pl.DataFrame
        From ``sim.comparing.effects.effects``.

    Returns
    -------
    str
        A sentence.
    """
    spill = effects.filter(pl.col("group") == "all")["spill"].drop_nulls()
    if spill.is_empty():
        return "Out of scope: no firm, so there is nothing to check."
    largest = float(spill.max() or 0.0)  # type: ignore[arg-type]  # a column of numbers
    if largest == 0:
        return (
            f"Out of scope: exactly the same in both worlds, in all {spill.len()} outcomes. Of the firms that no rule "
            "reaches at least every tenth was simulated under both; others are taken over, as firms do not meet."
        )
    worst = effects.filter((pl.col("group") == "all") & (pl.col("spill") == largest))["outcome"][0]
    return (
        f"[bold red]Out of scope: firms that no rule reaches differ[/], most in {worst.replace('_', ' ')}, by "
        f"{written(largest, '')}. Either the worlds differ in more than their rules, or the pairing is broken."
    )


def print_summary(
    console: Console, effects: pl.DataFrame, displacement: pl.DataFrame, manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print what a comparison found.

    Parameters
    ----------
    console : Console
        Where to print.
    effects : pl.DataFrame
        From ``sim.comparing.effects.effects``.
    displacement : pl.DataFrame
        From ``sim.comparing.effects.displacement``.
    manifest : Mapping[str, Any]
        The manifest of the results; what it does not say is left out.
    folder : Path
        Where the results lie.
    """
    rows = _headlines(effects)
    first = rows[0]
    _say(console, f"[bold]{_title(manifest, first['scenario'])}[/]")
    _say(console, f"{first['scenario']} compared with {first['counterfactual']}, on the same draws.")
    firms = f"all {first['firms']:,} firms" if first["spill"] is None else f"{first['firms']:,} firms in scope"
    _say(console, f"Compared: {first['people']:,} people in {firms}, {first['window']}.")
    _say(console, _size(manifest))
    _say(console, parameters_drawn(manifest))
    console.print(headline_table(effects))
    for row in rows:
        _say(console, f"• {sentence(row)}")
    console.print()
    _say(console, widths(rows))
    for line in [*moved(displacement), untouched(effects)]:
        _say(console, line)
    console.print()
    _say(
        console,
        "r is the correlation of the two worlds over firms; the variance ratio is how many times more the difference "
        "of two unpaired runs would vary. Intervals say how other firms of the same kind, and other parameters where "
        "they are drawn, would differ, not whether the model is right; of twenty such intervals one misses by chance.",
    )
    _say(console, f"Groups, roles and industries: effects.parquet. {_files(manifest, folder)}")


def print_levels(console: Console, levels: pl.DataFrame, manifest: Mapping[str, Any], folder: Path) -> None:
    """Print what a single world looks like.

    Parameters
    ----------
    console : Console
        Where to print.
    levels : pl.DataFrame
        From ``sim.comparing.effects.levels``.
    manifest : Mapping[str, Any]
        The manifest of the results; what it does not say is left out.
    folder : Path
        Where the results lie.
    """
    rows = _headlines(levels)
    first = rows[0]
    _say(console, f"[bold]{_title(manifest, first['scenario'])}[/]")
    _say(
        console, f"{first['scenario']}, compared with nothing: {first['people']:,} people in {first['firms']:,} firms."
    )
    _say(console, _size(manifest))
    _say(console, parameters_drawn(manifest))
    table = _table(_stacked(first["scenario"]), "95 %\ninterval")
    for row in rows:
        bounds = " to ".join(_bare(row[end], row["unit"]) for end in ("low", "high"))
        table.add_row(_name(row), _bare(row["value"], row["unit"]), "–" if row["low"] is None else bounds)
    console.print(table)
    _say(console, widths(rows))
    _say(console, _files(manifest, folder))


def _say(console: Console, text: str) -> None:
    """Print a paragraph without colouring numbers; nothing for no text."""
    if text:
        console.print(text, highlight=False)


def _title(manifest: Mapping[str, Any], name: str) -> str:
    """Take the title of the scenario, or its name."""
    return escape(str(_part(manifest, "resolved").get("title") or name))


def _size(manifest: Mapping[str, Any]) -> str:
    """Say how much was simulated."""
    run = _part(_part(manifest, "resolved"), "run")
    words = {"replicates": "replicates of", "people": "people,", "years": "years, seed", "seed": ""}
    if not words.keys() <= run.keys():
        return ""
    return f"Simulated: {' '.join(f'{run[key]} {word}' for key, word in words.items()).strip()}."


def _part(mapping: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Take a table of the manifest, empty if it is not there."""
    inner = mapping.get(key)
    return inner if isinstance(inner, Mapping) else {}


def _files(manifest: Mapping[str, Any], folder: Path) -> str:
    """Say where the results lie."""
    tables = _part(manifest, "tables")
    return f"Results: {escape(str(folder))}" + (f" ({len(tables)} tables, manifest.json)." if tables else ".")


def summary_text(effects: pl.DataFrame, displacement: pl.DataFrame, manifest: Mapping[str, Any], folder: Path) -> str:
    """Write the summary as plain text.

    Parameters
    ----------
    effects : pl.DataFrame
        From ``sim.comparing.effects.effects``.
    displacement : pl.DataFrame
        From ``sim.comparing.effects.displacement``.
    manifest : Mapping[str, Any]
        The manifest of the results.
    folder : Path
        Where the results lie.

    Returns
    -------
    str
        The text of ``summary.txt``.
    """
    page = io.StringIO()
    print_summary(_plain(page), effects, displacement, manifest, folder)
    return page.getvalue()


def levels_text(levels: pl.DataFrame, manifest: Mapping[str, Any], folder: Path) -> str:
    """Write the summary of a single world as plain text.

    Parameters
    ----------
    levels : pl.DataFrame
        From ``sim.comparing.effects.levels``.
    manifest : Mapping[str, Any]
        The manifest of the results.
    folder : Path
        Where the results lie.

    Returns
    -------
    str
        The text of ``summary.txt``.
    """
    page = io.StringIO()
    print_levels(_plain(page), levels, manifest, folder)
    return page.getvalue()


def _plain(page: io.StringIO) -> Console:
    """Make a console that writes letters only, the same everywhere."""
    return Console(file=page, width=WIDTH, no_color=True, force_terminal=False, legacy_windows=False)
