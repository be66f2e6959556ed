"""Report of a run: each headline outcome in a sentence, which claims no more than its interval supports."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.outcomes import HEADLINES, written
from sim.report.console import grid, say
from sim.report.intervals import parameters_drawn, widths
from sim.report.numbers import (
    CHANNEL_NAMES,
    LAPSE,
    NAMES,
    bare,
    bare_interval,
    interval,
    minus,
    named,
    percent,
    size,
    spoken,
    unit_in_head,
    with_unit,
)
from sim.stats.variance import exactly_zero

MOVING = 0.1  # of an effect: a drift of today beyond it is said first

type Tables = Mapping[str, pl.DataFrame]


def print_run(console: Console, tables: Tables, manifest: Mapping[str, Any], folder: Path) -> None:
    """Print the effects of a run, or the levels of a single world; facts missing from the manifest are skipped."""
    compared = "effects" in tables
    frame = tables["effects" if compared else "levels"]
    rows = headlines(frame)
    first = rows[0]
    resolved = manifest.get("resolved") or {}
    warning, today = drifted(tables)
    say(console, f"[bold]{escape(str(resolved.get('title') or first['scenario']))}[/]", warning)
    if compared:
        firms = f"all {first['firms']:,} firms" if first["spill"] is None else f"{first['firms']:,} firms in scope"
        say(console, f"{first['scenario']} compared with {first['counterfactual']}, with common random numbers.")
        say(console, f"Compared: {first['people']:,} people in {firms}, {first['window']}.")
    else:
        where = f"{first['people']:,} people in {first['firms']:,} firms"
        say(console, f"{first['scenario']}, compared with nothing: {where}.")
    say(console, _simulated(resolved.get("run") or {}), parameters_drawn(manifest))
    console.print(headline_table(rows))
    if compared:
        say(console, *(f"• {sentence(row)}" for row in rows))
        console.print()
    say(console, today, widths(rows), LAPSE)
    place = f"Results: {escape(str(folder))}"
    place += f" ({len(manifest['tables'])} tables, manifest.json)." if manifest.get("tables") else "."
    if not compared:
        say(console, place)
        return
    say(console, *moved(tables["displacement"]), untouched(frame))
    console.print()
    say(
        console,
        "Relative is the change over today's value; its interval is in the table of effects. Lower is the share of the "
        "posterior below zero. Intervals go from its 2.5 to its 97.5 % quantile: how other firms of the same kind, and "
        "other parameters where they are drawn, would differ, not whether the model is right; of twenty such intervals "
        "one misses by chance. The mean is that over all draws, ± what so few of them and so few firms leave open.",
        f"Groups, roles and industries: effects.parquet. {place}",
    )


def _simulated(run: Mapping[str, Any]) -> str:
    """Write how much was simulated."""
    if not {"replicates", "people", "years", "seed"} <= run.keys():
        return ""
    return "Simulated: {replicates} replicates of {people} people, {years} years, seed {seed}.".format_map(run)


def headlines(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Select the headline rows for everybody, in the order of ``HEADLINES``; all outcomes if none is among them."""
    everybody = frame.filter(pl.col("group") == "all").to_dicts()
    found = {row["outcome"]: row for row in everybody}
    return [found[name] for name in HEADLINES if name in found] or everybody


def headline_table(rows: list[dict[str, Any]]) -> Table:
    """Lay out the headline outcomes of a table of effects or levels."""
    compared = "difference" in rows[0]
    worlds = [rows[0][world].replace("_", "\n") for world in ("counterfactual", "scenario") if world in rows[0]]
    heads = ("relative", "change", "95 %\ninterval", "lower\n%") if compared else ("95 %\ninterval",)
    table = grid("outcome", *map(escape, worlds), *heads, numbers=True, collapse_padding=True)
    table.columns[0].min_width = 12
    for row in rows:
        unit = row["unit"]
        name = f"{NAMES.get(row['outcome'], row['outcome'])} [dim]{unit_in_head(unit, False)}[/]"
        if not compared:
            table.add_row(name, bare(row["value"], unit), bare_interval(row, signed=False))
            continue
        table.add_row(
            name,
            bare(row["baseline"], unit),
            bare(row["scenario_value"], unit),
            relative(row),
            bare(row["difference"], unit, signed=True),
            bare_interval(row),
            percent(row["share_lower"]).removesuffix(" %"),
        )
    return table


def sentence(row: Mapping[str, Any]) -> str:
    """State an effect: both values, the difference with its interval if there is one, and the verdict."""
    unit = row["unit"]
    start = f"{named(row['outcome'])}: {written(row['baseline'], unit)} → {with_unit(row['scenario_value'], unit)}"
    if row["difference"] is None or exactly_zero(row):
        return f"{start}: {verdict(row)}."
    change, ends = written(row["difference"], unit, signed=True), interval(row, " (95 % interval {} to {}")
    middle = interval(row, ", half of it {} to {}", "{}_50") if ends else ""
    by = f"{relative(row)}, " if row["relative"] is not None else ""
    return f"{start}, {by}{change}{ends}{middle}{_halves(row) if ends else ''}{_mean(row)}: {verdict(row)}."


def relative(row: Mapping[str, Any]) -> str:
    """Write the relative change in per cent; a dash where there is nothing to compare with."""
    return "–" if row["relative"] is None else minus(f"{100 * row['relative']:+.1f} %")


def verdict(row: Mapping[str, Any]) -> str:
    """Return a clause on what an effect's interval supports."""
    low, high, difference = row["low"], row["high"], row["difference"]
    if difference is None:
        return "it cannot be computed, for there was nothing to divide by"
    if low is None or high is None:
        return "one firm alone gives no interval, so this may be chance"
    if exactly_zero(row):
        return "exactly the same in both worlds"
    if low <= 0 <= high:
        return "no clear effect: the interval includes zero"
    direction = "lower" if difference < 0 else "higher"
    meaning = "" if not row["better"] else ", a gain" if direction == row["better"] else ", a cost"
    return f"{direction}{meaning}; the interval excludes zero"


def _mean(row: Mapping[str, Any]) -> str:
    """Write the mean over all draws, and how well few draws and firms tell it."""
    if row.get("half_parameters") is None or row.get("mean_low") is None:
        return ""
    half = size((row["mean_high"] - row["mean_low"]) / 2, row["unit"])
    return f", mean {written(row['mean'], row['unit'], signed=True)} ± {half}"


def _halves(row: Mapping[str, Any]) -> str:
    """Write the parts of an interval due to chance and to parameters, and close its bracket."""
    if row.get("half_parameters") is None:
        return ")"
    chance, parameters = (size(row[key], row["unit"]) for key in ("half_chance", "half_parameters"))
    return f"; ± {chance} by chance, ± {parameters} by parameters)"


def drifted(tables: Tables) -> tuple[str, str]:
    """Warn if today moves by more than a tenth of an effect, and describe its drift; empty where nothing is to say."""
    if "drift" not in tables:
        return "", ""
    rows = tables["drift"].to_dicts()
    texts = [f"{spoken(row['outcome'])} {_course(row)}" for row in rows if row["scenario"] == rows[0]["scenario"]]
    today = f"Drift of {rows[0]['world']} by itself, {rows[0]['window']}: {'; '.join(texts)}."
    effects = tables["effects"].filter(pl.col("group") == "all").to_dicts() if "effects" in tables else []
    least = {(row["scenario"], row["outcome"]): MOVING * abs(row["difference"] or 0.0) for row in effects}
    beyond = [
        f"{row['scenario']}, {spoken(row['outcome'])} ({with_unit(row['change'], row['unit'], signed=True)})"
        for row in rows
        if 0.0 < least.get((row["scenario"], row["outcome"]), 0.0) < abs(row["change"] or 0.0)
    ]
    if not beyond:
        return "", today
    return f"[bold]Today moves by itself[/], by more than a tenth of the effect: {'; '.join(beyond)}.", today


def _course(row: Mapping[str, Any]) -> str:
    """Write where an outcome came from and went to by itself; shares change by points, others in per cent too."""
    unit = row["unit"]
    by = "" if unit == "share" else f"{relative(row)}, "
    levels = f"{written(row['first'], unit)} → {with_unit(row['last'], unit)}"
    return f"{levels}, {by}{written(row['change'], unit, signed=True)}{interval(row)}"


def moved(displacement: pl.DataFrame) -> list[str]:
    """Describe the changes in after-hours minutes by channel, and the displacement ratio."""
    rows = [{**row, "unit": "min"} for row in displacement.to_dicts()]
    before = {row["channel"]: row["minutes_per_person_week"] for row in rows if row["difference"] is None}
    after = {row["channel"]: row for row in rows if row["difference"] is not None}
    if "all" not in after or "all" not in before:
        return ["After-hours messages cannot be compared: the table of channels has no total."]
    total = after.pop("all")
    levels = (written(value, "min") for value in (before["all"], total["minutes_per_person_week"]))
    lines = [f"After-hours work on messages: {' → '.join(levels)} minutes per person and week."]
    for word, sign in (("Fewer", -1), ("More", 1)):
        changed = [
            f"{CHANNEL_NAMES[channel]} {written(row['difference'], 'min', signed=True)}{interval(row)}"
            for channel, row in after.items()
            if sign * row["difference"] > 0
        ]
        if changed:
            lines.append(f"{word} minutes by {'; '.join(changed)}.")
    if total["displaced"] is None:
        return [*lines, "No channel lost minutes, so there is nothing that could have been displaced."]
    ends = interval(total, " (95 % interval {} to {})", "displaced_{}", signed=False)
    ratio = f"Displacement ratio {written(total['displaced'], '')}{ends}"
    return [*lines, f"{ratio}: minutes that came up in other channels for each minute that went."]


def untouched(effects: pl.DataFrame) -> str:
    """State whether firms out of scope are identical in both worlds; anything else is a fault."""
    everybody = effects.filter(pl.col("group") == "all")
    spill = everybody["spill"].drop_nulls()
    if spill.is_empty():
        return "Out of scope: no firm, so there is nothing to check."
    largest = float(spill.max() or 0.0)  # type: ignore[arg-type]  # a column of numbers
    if largest == 0:
        return (
            f"Out of scope: exactly the same in both worlds, in all {spill.len()} outcomes. Of the firms that no rule "
            "reaches at least every tenth was simulated under both; others are taken over, as firms do not meet."
        )
    worst = spoken(everybody.filter(pl.col("spill") == largest)["outcome"][0])
    return (
        f"[bold red]Out of scope: firms that no rule reaches differ[/], most in {worst}, by {written(largest, '')}. "
        "Either the worlds differ in more than their rules, or the pairing is broken."
    )
