"""Text summary of a run for the terminal and ``summary.txt``; verdicts follow from intervals alone, in ``verdict``."""

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
from sim.scenario.parameter_draws import parameters_line

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
    """Return a clause on what an effect's interval supports."""
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
    """State an effect: both values, the difference with its interval if there is one, and the verdict."""
    name, unit = NAMES.get(row["outcome"], row["outcome"].replace("_", " ")), row["unit"]
    after = "" if unit == "share" else f" {unit}"
    start = f"{name}: {written(row['baseline'], unit)} → {written(row['scenario_value'], unit)}{after}"
    if row["difference"] is None or row["difference"] == row["low"] == row["high"] == 0:
        return f"{start}: {verdict(row)}."
    change = written(row["difference"], unit, signed=True)
    return f"{start}, {change}{_interval(row, ' (95 % interval {} to {}')}{_halves(row)}: {verdict(row)}."


def _halves(row: Mapping[str, Any]) -> str:
    """Write the parts of an interval due to chance and to parameters, and close its bracket."""
    if row["low"] is None or row["high"] is None:
        return ""
    if row.get("half_parameters") is None:
        return ")"
    chance, parameters = (
        written(row[key], row["unit"], signed=True).removeprefix("+") for key in ("half_chance", "half_parameters")
    )
    return f"; ± {chance} by chance, ± {parameters} by parameters)"


def parameters_drawn(manifest: Mapping[str, Any]) -> str:
    """State where a study's parameters came from, and whether intervals cover them; empty for manifests without it."""
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
    """State the median share of chance and parameters in the widths of intervals, and what would narrow them.

    Empty if parameters are fixed or their share is unknown.
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
    """Write an interval into ``form``, if there is one."""
    if row["low"] is None or row["high"] is None:
        return ""
    return form.format(*(written(row[end], row["unit"], signed=True) for end in ("low", "high")))


def headline_table(effects: pl.DataFrame) -> Table:
    """Lay out the headline outcomes of a table of effects."""
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
    """Start a table of outcomes whose numbers do not wrap on a narrow terminal."""
    table = Table("outcome", *heads, box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.columns[0].min_width = 12
    for column in table.columns[1:]:
        column.justify = "right"
        column.no_wrap = True
    return table


def _stacked(name: str) -> str:
    """Write a world's name one word per line, to save width."""
    return escape(name.replace("_", "\n"))


def _name(row: Mapping[str, Any]) -> str:
    """Write an outcome's name and unit."""
    unit = "%" if row["unit"] == "share" else row["unit"]
    return f"{NAMES.get(row['outcome'], row['outcome'])} [dim]{unit}[/]"


def _bare(value: float | None, unit: str, signed: bool = False) -> str:
    """Write a number whose unit is in the first column."""
    return written(value, unit, signed).removesuffix(" %").removesuffix(" pp")


def _headlines(effects: pl.DataFrame) -> list[dict[str, Any]]:
    """Select the headline rows for everybody, in the order of ``HEADLINES``; all outcomes if none is among them."""
    everybody = effects.filter(pl.col("group") == "all").to_dicts()
    found = {row["outcome"]: row for row in everybody}
    return [found[name] for name in HEADLINES if name in found] or everybody


def moved(displacement: pl.DataFrame) -> list[str]:
    """Describe the changes in after-hours minutes by channel, and the displacement ratio."""
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
    """State whether firms out of scope are identical in both worlds; anything else is a fault."""
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
    """Print the summary of a comparison; facts missing from the manifest are skipped."""
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
    """Print the summary of a single world; facts missing from the manifest are skipped."""
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
    """Print a paragraph without highlighting numbers; skip empty text."""
    if text:
        console.print(text, highlight=False)


def _title(manifest: Mapping[str, Any], name: str) -> str:
    """Return the title of the scenario, or its name."""
    return escape(str(_part(manifest, "resolved").get("title") or name))


def _size(manifest: Mapping[str, Any]) -> str:
    """Write how much was simulated."""
    run = _part(_part(manifest, "resolved"), "run")
    words = {"replicates": "replicates of", "people": "people,", "years": "years, seed", "seed": ""}
    if not words.keys() <= run.keys():
        return ""
    return f"Simulated: {' '.join(f'{run[key]} {word}' for key, word in words.items()).strip()}."


def _part(mapping: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return a nested table of the manifest, empty if it is missing."""
    inner = mapping.get(key)
    return inner if isinstance(inner, Mapping) else {}


def _files(manifest: Mapping[str, Any], folder: Path) -> str:
    """Write where the results are."""
    tables = _part(manifest, "tables")
    return f"Results: {escape(str(folder))}" + (f" ({len(tables)} tables, manifest.json)." if tables else ".")


def summary_text(effects: pl.DataFrame, displacement: pl.DataFrame, manifest: Mapping[str, Any], folder: Path) -> str:
    """Write what ``print_summary`` prints as plain text for ``summary.txt``."""
    page = io.StringIO()
    print_summary(_plain(page), effects, displacement, manifest, folder)
    return page.getvalue()


def levels_text(levels: pl.DataFrame, manifest: Mapping[str, Any], folder: Path) -> str:
    """Write what ``print_levels`` prints as plain text for ``summary.txt``."""
    page = io.StringIO()
    print_levels(_plain(page), levels, manifest, folder)
    return page.getvalue()


def _plain(page: io.StringIO) -> Console:
    """Make a console without colour and with a fixed width."""
    return Console(file=page, width=WIDTH, no_color=True, force_terminal=False, legacy_windows=False)
