"""Report on the messages of a log that a rule would touch."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from sim.evidence.quantities import FEW
from sim.evidence.touched import ANY, EVERYTHING
from sim.outcomes import written
from sim.report.console import grid, line
from sim.report.numbers import CHANNEL_NAMES, interval, spoken

LACKING = {
    "channels": "The log does not say which channel a message took: shares are those if all went by the channels of "
    "the rule, the largest possible. A column --channel, or --channels, tells.",
    "ranks": "The log does not say who leads: shares are those if all did, the largest possible. --rank tells.",
    "roles": "The rule is limited to some roles, which no log tells: shares are those if everybody had one of them.",
}
RANKS = {"leading": "those who lead", "others": "the others"}


def print_touched(console: Console, tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any], folder: Path) -> None:
    """Print the shares of messages and people that a rule would touch."""
    table, log = tables["touched"], about["log"]
    line(console, *_sentences(table, about))
    line(console, *(LACKING[each] for each in log["unknown"]))
    one = f"all is taken as {CHANNEL_NAMES[log['channels'][0]]}" if len(log["channels"]) == 1 else ""
    for kind, words in (("rank", "who leads"), ("channel", "the channel of a message")):
        if not table.filter(pl.col("by") == kind).height and kind == "channel" and one:
            line(console, f"By channel: {one}.")
        elif not table.filter(pl.col("by") == kind).height:
            line(console, f"By {kind}: not known, the log does not say {words}.")
    if log["unseen"]:
        line(console, f"What no log shows: {', '.join(map(spoken, log['unseen']))}.")
    if log["clock"]:
        line(console, f"The times are not reliable, nor is what depends on the hour: {log['clock']}.")
    console.print(_groups(table))
    console.print(_hours(table))
    opens, closes = (f"{hour:g}" for hour in log["hours"])
    line(
        console,
        f"Hours are those of senders, contract hours {opens} to {closes} from Monday to Friday; holidays are not "
        f"known. Intervals (95 %) are over people; what fewer than {FEW} people wrote is not shown.",
    )
    line(console, f"Results: {folder}", wrap=False)


def _sentences(table: pl.DataFrame, about: Mapping[str, Any]) -> Iterator[str]:
    """Write the answer in sentences."""
    row = table.row(by_predicate=(pl.col("rule") == ANY) & (pl.col("by") == EVERYTHING), named=True)
    yield (
        f"At full strength, {about['scenario']} would touch {_part(row)} of {row['messages']:,} messages, which "
        f"{row['people']:,} people wrote in {about['log']['days']:,} days."
    )
    people = dict(table.filter(pl.col("by") == "people").select("group", "share").iter_rows())
    said = {
        "send": "write such messages", "receive": "receive any", "receive_weekly": "receive one a week or more",
    }  # fmt: skip
    parts = [
        f"{written(people[name], 'share')} {words}" for name, words in said.items() if people.get(name) is not None
    ]
    yield f"Of the people, {', '.join(parts)}." if parts else ""
    if people.get("by_top_tenth") is not None:
        yield f"The tenth of people who write most of them write {written(people['by_top_tenth'], 'share')} of them."


def _part(row: Mapping[str, Any]) -> str:
    """Write a share with its interval."""
    certain = row["low"] == row["high"]
    return written(row["share"], "share") + ("" if certain else interval({**row, "unit": "share"}, signed=False))


def _groups(table: pl.DataFrame) -> Any:
    """Make the table by rule, rank and channel."""
    shown = grid("of the messages", "messages", "people", "touched", "95 %", numbers=True)
    for row in table.filter(~pl.col("by").is_in(["hour", "people"]), pl.col("share").is_not_null()).iter_rows(
        named=True
    ):
        name = (
            "all" if row["by"] == EVERYTHING else RANKS.get(row["group"], CHANNEL_NAMES.get(row["group"], row["group"]))
        )
        rule = "" if row["rule"] == ANY else f", by {spoken(row['rule'])}"
        ends = interval({**row, "unit": "share"}, "{} to {}", signed=False)
        shown.add_row(name + rule, f"{row['messages']:,}", f"{row['people']:,}", written(row["share"], "share"), ends)
    return shown


def _hours(table: pl.DataFrame) -> Any:
    """Make the table by hour, on working days and at weekends."""
    frame = table.filter(pl.col("by") == "hour", pl.col("share").is_not_null())
    rows = {row["group"]: row for row in frame.iter_rows(named=True)}
    shown = grid("hour", "Mon to Fri", "touched", "Sat and Sun", "touched", numbers=True)
    for hour in sorted({group[-2:] for group in rows}):
        cells: list[str] = []
        for day in ("working", "free"):
            row = rows.get(f"{day} {hour}")
            cells += [f"{row['messages']:,}", written(row["share"], "share")] if row else ["–", "–"]
        shown.add_row(hour, *cells)
    return shown
