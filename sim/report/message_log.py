"""Reports on a message log: its quantities beside the model's, what a rule would touch, and the firm fitted to it."""

import math
import shlex
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from sim.core.columns import CHANNELS
from sim.evidence.clocks import POWER, SummerTimeTest
from sim.evidence.logcolumns import OPTIONAL, SEPARATORS
from sim.evidence.logfile import OF_STAMPS, LogReport
from sim.evidence.lognumbers import CHANNEL_SYNONYMS, UNKNOWN_CHANNEL
from sim.evidence.quantities import FEW, QUANTITIES
from sim.evidence.touched import ANY_RULE, EVERYTHING
from sim.figures.words import cited, has_name, label, phrase, rule_name, translate
from sim.observation import LOST_FIELDS, Doubts
from sim.report.console import Facts, Tables, commas, grid, line, semicolons, show
from sim.report.intervals import interval, parameters_line
from sim.report.numbers import NAMELESS, in_brackets, measured, parameter_set, share_of, size, span, title_of, written
from sim.report.plain import missed_targets
from sim.report.run import print_run

KIND = "log"  # of a folder
TARGETS = "targets.toml"  # in it
LONG = 56  # days of a log: twice as many as a fit simulates


def print_observed(console: Console, tables: Tables, about: Facts, folder: Path) -> None:
    """Print what was read of a log, and what it shows beside the model."""
    read, said = about["log"], about["doubts"]
    report = LogReport(**{each.name: read[each.name] for each in fields(LogReport) if each.name in read})
    doubts = Doubts(**{**said, "summer": SummerTimeTest(**said["summer"]) if said["summer"] else None})
    print_report(console, report, doubts)
    print_sides(console, tables["observed"])
    if about["model"]:
        line(console, parameters_line(about["uncertainty"], 1))
    line(console, phrase("log", "targets", file=folder / TARGETS, quoted=shlex.quote(str(folder / TARGETS))))
    line(console, phrase("run", "results", folder=folder))


def print_report(console: Console, report: LogReport, doubts: Doubts) -> None:
    """Print what was read and what was left out."""
    line(console, *_read(report), *_left_out({name: getattr(report, name) for name in LOST_FIELDS}))
    row, text = report.unreadable
    if row:
        more = phrase("log", "unreadable_text", text=text) if text else ""
        line(console, phrase("log", "unreadable", row=f"{row:,}", more=more))
    if doubts.step > 1:
        line(console, phrase("log", f"step_{doubts.step}"))
    if doubts.other_week:
        line(console, phrase("log", "other_week"))
    if doubts.clock:
        line(console, phrase("log", "clock", why=translate(doubts.clock)))
    elif summer := doubts.summer:
        moved = phrase("log", "summer", moved=f"{summer.moved:.2f}", half=f"{summer.half:.2f}")
        power = phrase("log", "summer_power", power=share_of(summer.power))
        line(console, moved + (phrase("log", "summer_few") if summer.power < POWER else power))
    if doubts.partial:
        line(console, phrase("log", "partial"))
    line(console, phrase("log", "private", few=FEW))


def _left_out(log: Facts) -> Iterator[str]:
    for reason, count in log.get("left_out", {}).items():
        if count:
            yield phrase("log", "left_out", count=f"{count:,}", reason=translate(reason))
        if count and reason == UNKNOWN_CHANNEL:
            known_ones = (_channel_names(name) for name in CHANNELS if name in CHANNEL_SYNONYMS.values())
            yield phrase("log", "called", channels=semicolons(known_ones))
    for name in LOST_FIELDS[1:]:
        if count := log.get(name):
            yield phrase("log", name, count=f"{count:,}")


def _channel_names(channel: str) -> str:
    """Write a channel with the other names that it may have in a log."""
    others = (name for name, meant in CHANNEL_SYNONYMS.items() if meant == channel)
    return channel + phrase("log", "also", names=commas(others))


def _read(report: LogReport) -> Iterator[str]:
    """Write what was read, the meaning of each column, and unread columns that may have been meant."""
    if report.kind:
        more = phrase("log", "skipped", count=f"{report.skipped:,}") if report.skipped else ""
        yield phrase("log", "kind", kind=translate(report.kind), more=more)
    first, last = (datetime.fromtimestamp(moment, UTC).date().isoformat() for moment in (report.first, report.last))
    size = {key: f"{getattr(report, key):,}" for key in ("rows", "entries", "used", "people")}
    yield phrase("log", "read", first=first, last=last, **size)
    if report.absolute:
        yield phrase("log", "absolute", count=f"{report.absolute:,}", zone=translate(report.zone))
        if report.zone == OF_STAMPS and 2 * report.utc > report.absolute:
            yield phrase("log", "utc", share=share_of(report.utc / report.absolute))
    renamed = {meaning: name for meaning, name in report.columns.items() if name != meaning}
    used = (phrase("log", "column", meaning=translate(meaning), name=name) for meaning, name in renamed.items())
    if renamed:
        yield phrase("log", "columns", used=commas(used))
    if report.channels:
        mail = commas(map(translate, report.mail))
        signs = phrase("log", "mail", signs=mail) if mail else phrase("log", "no_channel")
        yield phrase("log", "channels", signs=signs, channels=commas(report.channels))
    yield from _leaders(report)
    if 0 < 2 * report.received < report.used:
        yield phrase("log", "silent", share=share_of(1 - report.received / report.used))
    if report.days > LONG:
        yield phrase("log", "long", days=f"{report.days:,}")
    for meaning in OPTIONAL:
        close = [] if meaning in report.columns else get_close_matches(meaning, report.unread, 1)
        if close:
            yield phrase("log", "meant", meaning=meaning, close=close[0])
    if report.between not in ("", SEPARATORS[0]):
        yield phrase("log", "between", sign=report.between)


def _leaders(report: LogReport) -> Iterator[str]:
    """Write how many people lead, or that too few do to show a number."""
    if FEW <= report.leading <= report.people - FEW:
        yield phrase("log", "leading", count=f"{report.leading:,}")
    elif "rank" in report.columns and report.leading < FEW:
        yield phrase("log", "hardly_leading", few=FEW)


def print_sides(console: Console, observed: pl.DataFrame) -> None:
    """Print what a log shows, beside the model if it was simulated."""
    sides = observed["side"].unique(maintain_order=True)
    rows = {(row["quantity"], row["side"]): row for row in observed.iter_rows(named=True)}
    names = (phrase("log", f"side_{side}") for side in sides)
    table = grid(phrase("log", "head_quantity"), *names, phrase("log", "head_role"), numbers=True)
    table.columns[-1].justify, table.columns[-1].no_wrap = "left", False
    hidden: dict[str, list[str]] = {}
    for name, quantity in QUANTITIES.items():
        text = label("observable", name)
        mine = [rows[name, side] for side in sides]
        if missing := mine[0]["missing"]:
            hidden.setdefault(missing, []).append(text)
            continue
        table.add_row(in_brackets(text, quantity.unit), *map(cell, mine), phrase("log", f"role_{mine[0]['role']}"))
    show(console, table)
    for reason, listed in hidden.items():
        line(console, phrase("log", "hidden", reason=translate(reason), names=commas(listed)))
    line(console, phrase("log", "half"))


def cell(row: Facts) -> str:
    """Format a value and half its interval."""
    value = measured(row["quantity"], row["value"], row["unit"])
    if row["missing"] or not math.isfinite(row["low"]):
        return value
    half = row.get("half_width", row["high"] - row["value"])  # folders of 0.8.0 have ends beyond the possible instead
    return f"{value} ± {size(half, row['unit'])}"


TOUCHED = "touched"  # of a folder that has nothing else
HOURS = ("hour", "working", "touched", "free", "touched")
SIDES = ("log", "model", "low", "high")
PEOPLE = ("send", "receive", "receive_weekly")


def print_touched(console: Console, tables: Tables, about: Facts, folder: Path, saved: bool = True) -> None:
    """Print the shares of messages and people that a rule would touch, and the folder if it is ``saved``."""
    table, log = tables["touched"], about["log"]
    line(console, *touched_words(table, about), *log_notes(table, log), *clock_note(log))
    show(console, _groups(table))
    show(console, _hours(table))
    opens, closes = (f"{hour:g}" for hour in log["hours"])
    line(console, phrase("touched", "legend", opens=opens, closes=closes, few=FEW))
    if about["kind"] == TOUCHED and saved:
        line(console, phrase("run", "results", folder=folder))


def log_notes(table: pl.DataFrame, log: Facts) -> Iterator[str]:
    """Write what was left out of a log, and what it does not show of the messages that a rule would touch."""
    yield from _left_out(log)
    if log["entries"] != _total_row(table)["messages"]:
        yield phrase("touched", "several", entries=f"{log['entries']:,}")
    yield from (phrase("touched", f"lacks_{each}") for each in log["unknown"])
    if not table.filter(by="rank").height:
        yield phrase("touched", "no_rank")
    elif log.get("leading") is not None and log["leading"] < FEW:
        yield phrase("log", "hardly_leading", few=FEW)
    if not table.filter(by="channel").height:
        alone = label("by_channel", log["channels"][0]) if len(log["channels"]) == 1 else ""
        yield phrase("touched", "one_channel", channel=alone) if alone else phrase("touched", "no_channel")
    if log["unseen"]:
        yield phrase("touched", "unseen", names=commas(map(rule_name, log["unseen"])))


def clock_note(log: Facts) -> list[str]:
    """Say that the times of a log are not reliable, and why, if so."""
    return [phrase("touched", "clock", why=translate(log["clock"]))] if log["clock"] else []


def touched_words(table: pl.DataFrame, about: Facts) -> Iterator[str]:
    """State which share of messages and people a rule would touch, as far as the log shows it."""
    row = _total_row(table)
    size = {"messages": f"{row['messages']:,}", "people": f"{row['people']:,}", "days": f"{about['log']['days']:,}"}
    rule = cited([title_of(about, about["scenario"])])
    yield phrase("touched", "answer", scenario=rule, share=share_touched(row), **size)
    if about["log"].get("apart"):
        yield phrase("touched", "apart")
    people = dict(table.filter(by="people").select("group", "share").iter_rows())
    shares = {name: written(people[name], "share") for name in PEOPLE if people.get(name) is not None}
    parts = commas(phrase("touched", name, share=share) for name, share in shares.items())
    if parts:
        yield phrase("touched", "people", parts=parts)
    if people.get("by_top_tenth") is not None:
        yield phrase("touched", "tenth", share=written(people["by_top_tenth"], "share"))


def _total_row(table: pl.DataFrame) -> Facts:
    """Return the row of all messages and rules."""
    return table.row(by_predicate=(pl.col("rule") == ANY_RULE) & (pl.col("by") == EVERYTHING), named=True)


def share_touched(row: Facts) -> str:
    """Write a share with its interval."""
    certain = row["low"] == row["high"]
    return written(row["share"], "share") + ("" if certain else interval({**row, "unit": "share"}, signed=False))


def _groups(table: pl.DataFrame) -> Any:
    heads = (phrase("touched", f"head_{key}") for key in ("of", "messages", "people", "touched", "interval"))
    shown = grid(*heads, numbers=True)
    for row, *cells in part_rows(table):
        ends = "" if row["low"] is None else span(*(written(row[end], "share") for end in ("low", "high")))
        shown.add_row(*cells, written(row["share"], "share"), ends)
    return shown


def part_rows(table: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of all messages and of their parts, each with its name, messages and people."""
    for row in table.filter(~pl.col("by").is_in(["hour", "people"]), pl.col("share").is_not_null()).to_dicts():
        yield row, _part(row), f"{row['messages']:,}", f"{row['people']:,}"


def _part(row: Facts) -> str:
    """Name a part of the messages of a log, and the rule if it is a single one."""
    group = label("by_channel" if has_name("by_channel", row["group"]) else "touched_rank", row["group"])
    name = phrase("touched", "all") if row["by"] == EVERYTHING else group
    return name + ("" if row["rule"] == ANY_RULE else phrase("touched", "by_rule", rule=rule_name(row["rule"])))


def _hours(table: pl.DataFrame) -> Any:
    frame = table.filter(pl.col("share").is_not_null(), by="hour")
    rows = {row["group"]: row for row in frame.iter_rows(named=True)}
    shown = grid(*(phrase("touched", f"head_{key}") for key in HOURS), numbers=True)
    for hour in sorted({group[-2:] for group in rows}):
        cells: list[str] = []
        for day in ("working", "free"):
            row = rows.get(f"{day} {hour}")
            cells += [f"{row['messages']:,}", written(row["share"], "share")] if row else ["–", "–"]
        shown.add_row(hour, *cells)
    return shown


def print_asked(console: Console, tables: Tables, about: Facts, folder: Path) -> None:
    """Print what a rule touches, where the parameters of the simulated firm come from, and the effect."""
    print_touched(console, tables, about, folder)
    print_simulated(console, tables, about, folder)


def print_simulated(console: Console, tables: Tables, about: Facts, folder: Path) -> None:
    """Print where the parameters of the simulated firm come from, and the effect."""
    line(console, *sources(tables, about))
    ends, role = phrase("fit", "head_nine"), phrase("log", "head_role")
    heads = (phrase("log", key) for key in ("head_quantity", "side_log", "side_model"))
    shown = grid(*heads, ends, role, numbers=True)
    for row in tables["agreement"].to_dicts():
        name = in_brackets(label("observable", row["quantity"]), row["unit"])
        log, model, low, high = (measured(row["quantity"], row[key], row["unit"]) for key in SIDES)
        shown.add_row(name, log, model, span(low, high), phrase("log", f"role_{row['role']}"))
    show(console, shown)
    print_run(console, tables, about, folder)


def sources(tables: Tables, about: Facts) -> list[str]:
    """State which firm was simulated, which parameters the log informs, which are borrowed, and what the fit misses."""
    taken, fitted = tables["taken"], tables["agreement"].filter(role="calibrated")
    informed, prior, lent = (taken.filter(source=source) for source in ("log", "prior", "posterior"))
    values = semicolons(map(_value, informed.to_dicts()))
    said = [
        phrase("organisation", "firm", people=f"{about['people']:,}", fitted=_quantities(fitted)),
        phrase("organisation", "informed", listed=values) if values else phrase("organisation", "uninformed"),
    ]
    if prior.height:
        said.append(phrase("organisation", "open", names=commas(map(_named, prior["parameter"]))))
    said.append(phrase("organisation", "borrowed", lent=parameter_set(about["lent"]), count=lent.height))
    if (off := missed_targets(fitted)).height:
        said.append(phrase("organisation", "missed", names=_quantities(off)))
    return said


def _value(row: Facts) -> str:
    median, low, high = (written(row[key], "") for key in ("median", "low", "high"))
    unit = "" if row["unit"] in NAMELESS else f" {label('unit', row['unit'])}"
    ends, name = phrase("run", "interval", low=low, high=high), _named(row["parameter"])
    return phrase("organisation", "value", named=name, median=median, unit=unit, interval=ends)


def _named(parameter: str) -> str:
    """Write a parameter in words, with its name in the table."""
    return phrase("organisation", "named", words=label("parameter", parameter), parameter=parameter)


def _quantities(frame: pl.DataFrame) -> str:
    return commas(label("observable", name) for name in frame["quantity"])
