"""Report on the messages of a log that a rule would touch."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from sim.evidence.quantities import FEW
from sim.evidence.touched import ANY, EVERYTHING
from sim.figures.translated import translated
from sim.figures.words import known, label, phrase, rule_name
from sim.figures.words import say as words
from sim.report.console import grid, line, show
from sim.report.numbers import interval, span, world, written

KIND = "touched"  # of a folder that has nothing else
HOURS = ("hour", "working", "touched", "free", "touched")
PEOPLE = ("send", "receive", "receive_weekly")


def print_touched(
    console: Console, tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any], folder: Path, saved: bool = True
) -> None:
    """Print the shares of messages and people that a rule would touch, and where it is ``saved``, if it is."""
    table, log = tables["touched"], about["log"]
    line(console, *_sentences(table, about))
    line(console, *(phrase("touched", f"lacks_{each}") for each in log["unknown"]))
    for kind in ("rank", "channel"):
        if table.filter(pl.col("by") == kind).height:
            continue
        if kind == "channel" and len(log["channels"]) == 1:
            line(console, phrase("touched", "one_channel", channel=label("by_channel", log["channels"][0])))
        else:
            line(console, phrase("touched", f"no_{kind}"))
    if log["unseen"]:
        line(console, phrase("touched", "unseen", names=words("list").join(map(rule_name, log["unseen"]))))
    if log["clock"]:
        line(console, phrase("touched", "clock", why=translated(log["clock"])))
    show(console, _groups(table))
    show(console, _hours(table))
    opens, closes = (f"{hour:g}" for hour in log["hours"])
    line(console, phrase("touched", "legend", opens=opens, closes=closes, few=FEW))
    if about["kind"] == KIND and saved:
        line(console, phrase("run", "results", folder=folder))


def _sentences(table: pl.DataFrame, about: Mapping[str, Any]) -> Iterator[str]:
    """Write the answer in sentences."""
    row = table.row(by_predicate=(pl.col("rule") == ANY) & (pl.col("by") == EVERYTHING), named=True)
    size = {"messages": f"{row['messages']:,}", "people": f"{row['people']:,}", "days": f"{about['log']['days']:,}"}
    entries = about["log"]["entries"]
    several = "" if entries == row["messages"] else phrase("touched", "several", entries=f"{entries:,}")
    yield phrase("touched", "answer", scenario=world(about["scenario"]), share=_part(row), several=several, **size)
    people = dict(table.filter(pl.col("by") == "people").select("group", "share").iter_rows())
    parts = [
        phrase("touched", name, share=written(people[name], "share")) for name in PEOPLE if people.get(name) is not None
    ]
    yield phrase("touched", "people", parts=words("list").join(parts)) if parts else ""
    if people.get("by_top_tenth") is not None:
        yield phrase("touched", "tenth", share=written(people["by_top_tenth"], "share"))


def _part(row: Mapping[str, Any]) -> str:
    """Write a share with its interval."""
    certain = row["low"] == row["high"]
    return written(row["share"], "share") + ("" if certain else interval({**row, "unit": "share"}, signed=False))


def _groups(table: pl.DataFrame) -> Any:
    """Make the table by rule, rank and channel."""
    heads = (phrase("touched", f"head_{key}") for key in ("of", "messages", "people", "touched", "interval"))
    shown = grid(*heads, numbers=True)
    for row in table.filter(~pl.col("by").is_in(["hour", "people"]), pl.col("share").is_not_null()).iter_rows(
        named=True
    ):
        name = phrase("touched", "all") if row["by"] == EVERYTHING else _group(row["group"])
        rule = "" if row["rule"] == ANY else phrase("touched", "by_rule", rule=rule_name(row["rule"]))
        ends = "" if row["low"] is None else span(*(written(row[end], "share") for end in ("low", "high")))
        shown.add_row(name + rule, f"{row['messages']:,}", f"{row['people']:,}", written(row["share"], "share"), ends)
    return shown


def _group(name: str) -> str:
    """Write a rank or a channel."""
    return label("by_channel", name) if known("by_channel", name) else label("touched_rank", name)


def _hours(table: pl.DataFrame) -> Any:
    """Make the table by hour, on working days and at weekends."""
    frame = table.filter(pl.col("by") == "hour", pl.col("share").is_not_null())
    rows = {row["group"]: row for row in frame.iter_rows(named=True)}
    shown = grid(*(phrase("touched", f"head_{key}") for key in HOURS), numbers=True)
    for hour in sorted({group[-2:] for group in rows}):
        cells: list[str] = []
        for day in ("working", "free"):
            row = rows.get(f"{day} {hour}")
            cells += [f"{row['messages']:,}", written(row["share"], "share")] if row else ["–", "–"]
        shown.add_row(hour, *cells)
    return shown
