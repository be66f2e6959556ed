"""Reading of a message log from a file, in parts that fit into memory; contents of messages are never read.

The file is streamed once into rows of numbers in a temporary folder, divided by sender. These shares are cleaned and
divided again by pairs of people. Names and threads become keyed hashes at once. The key is random, used once and never
stored, so that people cannot be identified by trying names, and two reads of a log cannot be joined.
"""

import functools
import math
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from zoneinfo import available_timezones

import polars as pl

from sim.core.errors import InputError, nearest
from sim.evidence.logcolumns import LEADERS, NEEDED, OPTIONAL, STAMPS, OpenLog, Reading, open_log, unreadable
from sim.evidence.lognumbers import FORMS, OUTSIDE, PROBLEMS, UNREADABLE, are_times, as_numbers, format_of, rows_within
from sim.evidence.quantities import DAY, ROWS, WRITTEN, Scope, with_addressed
from sim.evidence.replies import HORIZON, with_groups
from sim.evidence.traffic import Tally
from sim.files.validation import hint
from sim.logs.formats import as_table
from sim.logs.outlook import OUTLOOK

SHARE_BYTES = 8_000_000  # of text: roughly what is in memory at a time
TEXT_OF_PARQUET = 4  # bytes that a byte of Parquet takes as text
SHARES_MOST = 256
OF_STAMPS, OF_PLACES = f"the {STAMPS}", "the places of senders"  # in place of a zone, in words
SHOWN_CHARACTERS = 40  # characters of a cell in an error
FAR = "time far from all others"
GAP, STRAY = 180, 0.01  # dates are wrong if beyond a gap of this many days, and at most this share of messages
CELLS = 200  # from which the format of times is guessed
_zones = functools.cache(available_timezones)  # the system's database is hundreds of files


@dataclass
class LogReport:
    """What a log contained, and what was left out of it."""

    rows: int = 0
    entries: int = 0  # one per recipient of a row
    used: int = 0  # entries
    absolute: int = 0  # entries with absolute times
    utc: int = 0  # of these, with hours of UTC
    duplicates: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    first: int = 0
    last: int = 0
    people: int = 0  # who write
    received: int = 0  # entries that go to them
    leading: int = 0  # of these people
    zone: str = ""
    columns: dict[str, str] = field(default_factory=dict)  # what a column means, to its name in the file
    unread: tuple[str, ...] = ()  # other columns
    between: str = ""  # separator of several recipients
    mail: tuple[str, ...] = ()  # what says that it is a log of mail
    channels: tuple[str, ...] = ()  # that it is taken to hold, if nothing says which
    kind: str = ""  # of the export that it was
    skipped: int = 0  # entries of the export that are no messages of people
    unfinished: int = 0  # lists of it that go on in pages that are not there
    within: int = 0  # lines that read as rows but lie in cells of others
    unreadable: tuple[int, str] = (0, "")  # row, from 1, and text, if it is no name, of the first time not to be read

    @property
    def days(self) -> int:
        """Days from the first message to the last."""
        return (self.last - self.first) // DAY + 1


class Observer(Protocol):
    """Interface of an additional summary that is computed while a log is read."""

    def add(self, rows: pl.DataFrame, scope: Scope) -> None:
        """Add all rows of some senders."""

    def add_pairs(self, rows: pl.DataFrame, people: pl.DataFrame, scope: Scope) -> None:
        """Add all rows between some pairs of people, from ``with_groups``."""


def observe_log(
    path: Path, how: Reading, say: Callable[[str], None] = lambda _: None, watch: Observer | None = None
) -> tuple[Tally, LogReport]:
    """Read a log or an export of one and sum it up; ``say`` is called with the name of each step.

    ``watch`` is given all rows (``ROWS``), each once by its sender and once by its pair of people.

    ``InputError`` if the file cannot be read, lacks a column, has no usable row, spans less than eight days, or has
    absolute times but no time zone is given; also if ``how`` names what does not exist, or hours not within one day.
    """
    _check_reading(how)
    with tempfile.TemporaryDirectory(prefix="offhours-") as name:
        try:
            return _sum_up_in(path, how, Path(name), say, watch)
        except InputError as error:  # of a copy in the temporary folder: the user knows the file that it was made of
            raise InputError(re.sub(rf"{re.escape(name)}[\w./-]*", lambda _: str(path), str(error))) from error
        except pl.exceptions.PolarsError as error:
            raise unreadable(path, error) from error


def _sum_up_in(
    path: Path, how: Reading, folder: Path, say: Callable[[str], None], watch: Observer | None
) -> tuple[Tally, LogReport]:
    """Do what ``observe_log`` does, with a folder for temporary files."""
    say("reading the log")
    given = as_table(path, how.encoding, how.separator, how.names, folder)
    if given.kind:
        _check_export(path, given.kind, how)
    elif path.suffix.lower() == ".parquet" and (named := _given_options(_options_of_text(how))):
        raise InputError(
            f"{path}: is Parquet, which has neither signs between columns nor an encoding: leave out {named}"
        )
    how = how._replace(
        channels=how.channels or given.channels,
        zone=STAMPS if given.stamped and not how.zone else how.zone,
        separator=how.separator or given.separator,
    )
    log = open_log(given.path, how)
    if how.leaders != LEADERS and "rank" not in log.columns:
        raise InputError(
            f"{path}: --leaders: the log has no column of ranks; name it by --rank, or leave out --leaders"
        )
    zone = "" if how.zone == STAMPS else how.zone
    _check_zones(zone, how, log)
    known = (meaning in log.columns for meaning in ("thread", "channel", "rank"))
    scope = Scope(how.channels or WRITTEN, how.opening, how.closing, *known)
    size = given.path.stat().st_size * (TEXT_OF_PARQUET if given.path.suffix.lower() == ".parquet" else 1)
    shares = min(max(math.ceil(size / SHARE_BYTES), 1), SHARES_MOST)
    _write_shares(as_numbers(log, how), folder / "raw", pl.col("sender"), shares)
    report = _count_rows(folder / "raw", path, how, log)
    report.kind, report.skipped, report.unfinished = given.kind, given.skipped, given.unfinished
    report.channels = () if how.channels or scope.by_channel else scope.channels
    report.within = rows_within(given.path, log, how, report.rows)
    say("summing up people")
    tally = Tally(scope, "" if log.places else zone)
    _add_people(tally, report, folder, watch, _days_of_log(folder / "raw"))
    say("looking for answers")
    parts = folder / "clean"
    if shares > 1:
        pair = pl.min_horizontal("sender", "recipient") ^ pl.max_horizontal("sender", "recipient")
        _write_shares(pl.scan_parquet(parts / "*" / "*.parquet"), folder / "pairs", pair, shares)
        parts = folder / "pairs"
    for share in sorted(parts.iterdir()):
        rows = pl.read_parquet(share / "*.parquet")
        tally.add_pairs(rows)
        if watch:
            watch.add_pairs(with_groups(rows, tally.people), tally.people, scope)
    return tally, report


def _check_reading(how: Reading) -> None:
    """Raise ``InputError`` for unknown meanings of columns, unknown channels, and hours not within one day."""
    for option, given, known in (("columns", how.columns, (*NEEDED, *OPTIONAL)), ("--channels", how.channels, WRITTEN)):
        for name in given:
            if name not in known:
                raise InputError(f"{option} {name}: unknown name{nearest(name, known)}")
    if not 0 <= how.opening < how.closing <= 24:
        hours = f"--hours {how.opening:g}-{how.closing:g}"
        raise InputError(f"{hours}: two hours of one day are needed, the earlier first, as in 9-18")


def _check_export(path: Path, kind: str, how: Reading) -> None:
    """Raise ``InputError`` for options about the columns of a table: those of an export are known."""
    of_text = {} if kind == OUTLOOK else {"time-format": how.time_format, **_options_of_text(how)}
    if named := _given_options({"between": how.between, **of_text, **how.columns}):
        raise InputError(f"{path}: is {kind}, which has no columns to be named: leave out {named}")


def _options_of_text(how: Reading) -> dict[str, str]:
    """Return the options that only a table of text has."""
    return {"separator": how.separator, "encoding": how.encoding}


def _given_options(given: Mapping[str, str]) -> str:
    """List the options that were given."""
    return ", ".join(f"--{name}" for name, value in given.items() if value)


def _check_zones(zone: str, how: Reading, log: OpenLog) -> None:
    """Raise ``InputError`` for a zone that does not exist."""
    for flag, zones in (("zone", [zone]), ("clock", [how.clock]), ("place", log.places)):
        for name in filter(None, zones):
            if name not in _zones():
                near = hint(name, _zones()) or "; one is named as in Asia/Shanghai"
                raise InputError(f"--{flag} {name}: unknown time zone{near}")


def _write_shares(frame: pl.LazyFrame, folder: Path, key: pl.Expr, shares: int) -> None:
    """Stream rows into folders by ``key`` modulo ``shares``."""
    place = pl.PartitionBy(folder, key={"share": key.fill_null(0) % shares}, include_key=False)
    frame.sink_parquet(place, mkdir=True, maintain_order=False, compression="lz4", engine="streaming")


def _count_rows(folder: Path, path: Path, how: Reading, log: OpenLog) -> LogReport:
    """Count the rows that cannot be used; ``InputError`` if none can, or if the time zone is missing."""
    if not list(folder.glob("*/*.parquet")):
        raise InputError(f"{path}: has no rows")
    good = pl.col("problem") == ""
    rows = pl.scan_parquet(folder / "*" / "*.parquet")
    found = rows.select(
        pl.len().alias("entries"),
        pl.col("leading").sum().alias("rows"),
        good.sum().alias("used"),
        (good & pl.col("absolute")).sum().alias("absolute"),
        (good & pl.col("absolute") & (pl.col("at") == pl.col("wall"))).sum().alias("utc"),
        (good & pl.col("absolute") & ~pl.col("placed")).sum().alias("nowhere"),
        pl.col("row").filter(pl.col("problem") == UNREADABLE).min().alias("first"),
        *((pl.col("problem") == name).sum().alias(name) for name in PROBLEMS),
    ).collect(engine="streaming").row(0, named=True)  # fmt: skip
    if not found["used"]:
        problems = ", ".join(f"{found[name]:,} with {name}" for name in PROBLEMS if found[name])
        hint = (
            f"; {_times_needed(log, found['rows'])}" if found[UNREADABLE] or _misread(found[OUTSIDE], log, how) else ""
        )
        raise InputError(f"{path}: none of {found['entries']:,} entries can be used: {problems}{hint}")
    if found[UNREADABLE]:
        _check_format(path, log, how, found["rows"])
    if found["nowhere"] and how.zone in ("", STAMPS):
        raise InputError(
            f"{path}: {found['nowhere']:,} times are absolute (with an offset, or seconds since 1970), so the hour of "
            "the day depends on the place; say where people work, as in --zone Asia/Shanghai"
        )
    unreadable = (0, "")
    if found[UNREADABLE]:
        (cell,) = _written_times(log.frame.slice(found["first"], 1), log)
        unreadable = found["first"] + 1, cell if cell[:1].isdigit() else ""
    return LogReport(
        **{name: found[name] for name in ("rows", "entries", "used", "absolute", "utc")},
        left_out={name: found[name] for name in PROBLEMS} | {FAR: 0},
        zone=OF_STAMPS if how.zone == STAMPS else OF_PLACES if log.places else how.zone,
        unreadable=unreadable,
        **{name: getattr(log, name) for name in ("columns", "unread", "between", "mail")},
    )


def _written_times(frame: pl.LazyFrame, log: OpenLog) -> list[str]:
    """Return the times of a log as they are written, each cut to its beginning and in one line."""
    cells = frame.select(pl.col(log.columns["time"]).cast(pl.String).fill_null("")).collect(engine="streaming")
    return [" ".join(cell[:SHOWN_CHARACTERS].split()) for cell in cells.to_series()]


def _check_format(path: Path, log: OpenLog, how: Reading, rows: int) -> None:
    """Raise ``InputError`` if another format reads most of the unreadable times: days and months may be swapped."""
    sample = _sampled_times(log, rows)
    read = are_times(sample, how.time_format)
    lost = [cell for cell, known in zip(sample, read, strict=True) if not known and cell[:1].isdigit()]
    if not lost:
        return
    form, _ = format_of(lost[0], sample)
    better = are_times(sample, form)
    if 2 * better.count(False) < read.count(False):
        raise InputError(
            f"{path}: {sum(read)} of {len(sample)} times sampled can be read; with --time-format '{form}' it is "
            f"{sum(better)}"
        )


def _misread(outside: int, log: OpenLog, how: Reading) -> bool:
    """Return whether implausible times may be misread: digits such as 20260302, or by a wrong format."""
    filled = log.frame.filter(pl.col(log.columns["time"]).is_not_null())
    return outside > 0 and (how.time_format != "" or "".join(_written_times(filled.head(1), log)).isdigit())


def _times_needed(log: OpenLog, rows: int) -> str:
    """Say how times can be written, with a format guessed from the first time of a log and a sample of the others."""
    first, *more = _sampled_times(log, rows) or [""]
    form, example = format_of(first, more)
    return f"the first is '{first}', and times are needed as in {FORMS}, or with --time-format '{form}' as in {example}"


def _sampled_times(log: OpenLog, rows: int) -> list[str]:
    """Return some of the times of a log as they are written, at equal distances."""
    filled = log.frame.filter(pl.col(log.columns["time"]).is_not_null())
    return _written_times(filled.gather_every(max(rows // CELLS, 1)), log)


def _days_of_log(folder: Path) -> tuple[int, int]:
    """Return the first and last day of a log; a few messages far before or after count as wrong dates."""
    good = pl.scan_parquet(folder / "*" / "*.parquet").filter(pl.col("problem") == "")
    days = good.group_by((pl.col("at") // DAY).alias("day")).len().collect(engine="streaming").sort("day")
    parts = days.group_by((pl.col("day").diff() > GAP).fill_null(False).cum_sum()).agg(
        pl.col("day").min().alias("first"), pl.col("day").max().alias("last"), pl.col("len").sum()
    )
    most = parts.sort("len").tail(1)
    whole = most if most["len"].item() >= (1 - STRAY) * int(days["len"].sum()) else parts
    return whole.select(pl.col("first").min(), pl.col("last").max()).row(0)


def _add_people(tally: Tally, report: LogReport, folder: Path, watch: Observer | None, span: tuple[int, int]) -> None:
    """Clean the shares of senders (no duplicates, no days outside the span), sum them up, and save them."""
    for share in sorted((folder / "raw").iterdir()):
        good = pl.read_parquet(share / "*.parquet", columns=[*ROWS, "problem"]).filter(pl.col("problem") == "")
        near = good.filter((pl.col("at") // DAY).is_between(*span))
        rows = near.group_by("sender", "recipient", "at", "thread", "channel").agg(
            pl.col("wall").min(), pl.col("lead").max()
        )
        report.left_out[FAR] += good.height - near.height
        report.duplicates += near.height - rows.height
        kept = with_addressed(rows.select(list(ROWS)))
        kept.write_parquet(folder / "clean" / share.name / "rows.parquet", compression="lz4", mkdir=True)
        if kept.height:
            tally.add_senders(kept)
            if watch:
                watch.add(kept, tally.scope)
    tally.close_senders()
    report.people, report.received = tally.people.height, int(tally.people["received"].sum())
    report.leading = int(tally.people["lead"].fill_null(False).sum())
    report.used -= report.left_out[FAR] + report.duplicates
    clean = pl.scan_parquet(folder / "clean" / "*" / "*.parquet")
    wall = clean.select(first=pl.col("wall").min(), last=pl.col("wall").max())
    report.first, report.last = wall.collect(engine="streaming").row(0)
    if report.last - report.first < HORIZON:
        raise InputError(f"the log spans {report.days} days; at least 8 are needed, better several weeks")
