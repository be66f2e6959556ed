"""A message log of one's own, read part by part: people replaced by numbers at once, contents never looked at.

Reading goes over the file once, as a stream, and leaves rows of numbers in a temporary folder, divided by sender; these
are cleaned share by share and divided anew by pairs of people. Memory holds one share at a time, however long the log.

A name becomes a keyed hash, as does a thread. The key is random, made for one reading and kept nowhere, so that nobody
can find a person again by trying out names, and two readings cannot be joined.
"""

import math
import re
import secrets
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple
from zoneinfo import available_timezones

import polars as pl

from sim.columns import CHANNELS
from sim.errors import InputError, nearest
from sim.evidence.quantities import Scope
from sim.evidence.replies import HORIZON
from sim.evidence.rows import DAY, ROWS, WRITTEN, addressed
from sim.evidence.traffic import Tally

SUFFIXES = (".csv", ".tsv", ".parquet")
NEEDED = ("sender", "recipient", "time")
OPTIONAL = ("thread", "channel", "rank")
SHARE_BYTES = 8_000_000  # of text, or a quarter of that in Parquet: about so much of a log is in memory at a time
SHARES_MOST = 256
LEADERS = ("manager", "lead", "leader", "head", "director", "vp", "chief", "executive", "senior", "true", "1", "yes")
CALLED = {
    "email": "mail", "e-mail": "mail", "chat": "im", "direct": "im", "dm": "im", "channel": "group", "room": "group",
    "groupchat": "group", "ticket": "tool", "comment": "tool", "phone": "call",
}  # fmt: skip
"""Names of channels that are understood beside those of the model."""
_CHANNELS = {name: name for name in CHANNELS} | CALLED

PROBLEMS = (
    "no sender",
    "no recipient",
    "unreadable time",
    "time outside 1980 to 2100",
    "unknown channel",
    "to oneself",
)
_PROBLEM = pl.Enum(("", *PROBLEMS))
FIRST, LAST = 315_532_800, 4_102_444_800  # 1980 and 2100, in seconds
FORMS = "as in 2026-03-02 09:15:00, 2026-03-02T09:15:00+08:00, Mon, 02 Mar 2026 09:15:00 +0800 or 1772414100"
_DATE = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?)?\s*"
_ISO = _DATE + r"(Z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?$"
_UNIX = r"^(\d{8,16})(?:\.\d*)?$"
_MAIL = r"^(?:\w{3},\s*)?(\d{1,2} \w{3} \d{4} \d{2}:\d{2}:\d{2}) ([+-]\d{4})"


class Reading(NamedTuple):
    """How a log is to be read."""

    columns: Mapping[str, str] = {}  # what a column means, to its name in the file
    zone: str = ""  # where people work, if times are absolute
    time_format: str = ""
    between: str = ";"  # separates several recipients in one cell
    separator: str = ""  # separates columns; found out if empty
    leaders: Collection[str] = LEADERS
    opening: float = 9.0
    closing: float = 18.0
    channels: tuple[str, ...] = ()  # of the model that the log stands for; all written ones if it does not tell


@dataclass
class Report:
    """What was found in a log, and what was left out of it."""

    rows: int = 0
    entries: int = 0
    used: int = 0
    absolute: int = 0
    duplicates: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    first: int = 0
    last: int = 0
    people: int = 0
    zone: str = ""

    @property
    def days(self) -> int:
        """Days from the first message to the last."""
        return (self.last - self.first) // DAY + 1


def observe_log(path: Path, how: Reading, told: Callable[[str], None] | None = None) -> tuple[Tally, Report]:
    """Read a log and sum it up.

    Parameters
    ----------
    path : Path
        A file of CSV, TSV or Parquet.
    how : Reading
        How to read it.
    told : Callable[[str], None] | None
        Called with what is being done.

    Returns
    -------
    tuple[Tally, Report]
        The sums, and what was found.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, has no usable row, or has absolute times and no zone is given.
    """
    say = told or (lambda text: None)
    frame, columns = scan(path, how)
    if how.zone and how.zone not in available_timezones():
        raise InputError(f"--zone {how.zone}: unknown time zone{nearest(how.zone, available_timezones())}")
    scope = Scope(
        how.channels or WRITTEN, how.opening, how.closing, "thread" in columns, "channel" in columns, "rank" in columns
    )
    shares = _shares(path)
    with tempfile.TemporaryDirectory(prefix="offhours-") as folder:
        try:
            say("reading the log")
            _write(compact(frame, columns, how), Path(folder) / "raw", pl.col("sender"), shares)
            report = _counted(Path(folder) / "raw", path, how)
            say("summing up people")
            tally = Tally(scope)
            _add_people(tally, report, Path(folder), scope)
            say("looking for answers")
            pair = pl.min_horizontal("sender", "recipient") ^ pl.max_horizontal("sender", "recipient")
            _write(pl.scan_parquet(Path(folder) / "clean" / "*.parquet"), Path(folder) / "pairs", pair, shares)
            for share in sorted((Path(folder) / "pairs").iterdir()):
                tally.add_pairs(pl.read_parquet(share / "*.parquet"))
        except pl.exceptions.PolarsError as error:
            raise InputError(f"{path}: cannot be read as {path.suffix[1:]}: {str(error).splitlines()[0]}") from error
    report.people = tally.people.height
    return tally, report


def _shares(path: Path) -> int:
    """Say into how many shares a log is divided."""
    size = path.stat().st_size * (4 if path.suffix.lower() == ".parquet" else 1)
    return min(max(math.ceil(size / SHARE_BYTES), 1), SHARES_MOST)


def _write(frame: pl.LazyFrame, folder: Path, key: pl.Expr, shares: int) -> None:
    """Write rows divided by a key, one folder for each share, as a stream."""
    place = pl.PartitionBy(folder, key={"share": key.fill_null(0) % shares}, include_key=False)
    frame.sink_parquet(place, mkdir=True, maintain_order=False, compression="lz4", engine="streaming")


def _counted(folder: Path, path: Path, how: Reading) -> Report:
    """Count the rows that cannot be used; refuse a log of which nothing is left."""
    if not list(folder.glob("*/*.parquet")):
        raise InputError(f"{path}: has no rows")
    good = pl.col("problem") == ""
    rows = pl.scan_parquet(folder / "*" / "*.parquet")
    found = rows.select(
        pl.len().alias("entries"),
        pl.col("leading").sum().alias("rows"),
        good.sum().alias("good"),
        (good & pl.col("absolute")).sum().alias("absolute"),
        *((pl.col("problem") == name).sum().alias(name) for name in PROBLEMS),
    ).collect(engine="streaming").row(0, named=True)  # fmt: skip
    left_out = {name: int(found[name]) for name in PROBLEMS}
    if not found["entries"]:
        raise InputError(f"{path}: has no rows")
    if not found["good"]:
        told = ", ".join(f"{count:,} with {name}" for name, count in left_out.items() if count)
        hint = f"; times are needed {FORMS}, or --time-format" if left_out["unreadable time"] else ""
        raise InputError(f"{path}: none of {found['entries']:,} entries can be used: {told}{hint}")
    if found["absolute"] and not how.zone:
        raise InputError(
            f"{path}: {found['absolute']:,} times are absolute (with an offset, or seconds since 1970), so the hour of "
            "the day depends on the place; say where people work, as in --zone Asia/Shanghai"
        )
    return Report(found["rows"], found["entries"], found["good"], found["absolute"], 0, left_out, zone=how.zone)


def _add_people(tally: Tally, report: Report, folder: Path, scope: Scope) -> None:
    """Clean the shares of senders, sum them up, and keep them clean."""
    (folder / "clean").mkdir()
    bounds: list[int] = []
    for number, share in enumerate(sorted((folder / "raw").iterdir())):
        rows = pl.read_parquet(share / "*.parquet", columns=[*ROWS, "problem"]).filter(pl.col("problem") == "")
        kept = rows.group_by("sender", "recipient", "at", "thread", "channel").agg(
            pl.col("wall").min(), pl.col("lead").max()
        )
        report.duplicates += rows.height - kept.height
        if scope.by_channel:
            kept = kept.filter(pl.col("channel").cast(pl.String).is_in(scope.channels))
        kept = addressed(kept.select(list(ROWS)))
        report.used += kept.height - rows.height
        if kept.height:
            tally.add_senders(kept)
            bounds += [*kept.select(pl.col("wall").min().alias("first"), pl.col("wall").max().alias("last")).row(0)]
        kept.write_parquet(folder / "clean" / f"{number}.parquet", compression="lz4")
    tally.close_senders()
    report.first, report.last = min(bounds), max(bounds)
    if report.last - report.first <= HORIZON:
        raise InputError(f"the log spans {report.days} days; at least 8 are needed, better several weeks")


def scan(path: Path, how: Reading) -> tuple[pl.LazyFrame, dict[str, str]]:
    """Open a log without reading it, and find its columns.

    Parameters
    ----------
    path : Path
        The file.
    how : Reading
        Names of columns.

    Returns
    -------
    tuple[pl.LazyFrame, dict[str, str]]
        The columns that are needed and no others, and what they are called.

    Raises
    ------
    InputError
        If the file cannot be opened or lacks a column.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"{path}: '{suffix or path.name}' is no kind of log{nearest(suffix, SUFFIXES)}")
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    try:
        if suffix == ".parquet":
            frame = pl.scan_parquet(path)
        else:
            frame = pl.scan_csv(
                path,
                separator=_separator(path, how),
                infer_schema=False,
                encoding="utf8-lossy",
                truncate_ragged_lines=True,
            )
        there = frame.collect_schema().names()
    except pl.exceptions.NoDataError:
        raise InputError(f"{path}: is empty") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{path}: cannot be read as {suffix[1:]}: {str(error).splitlines()[0]}") from error
    columns = _columns(path, there, how)
    return frame.select(columns.values()), columns


def _separator(path: Path, how: Reading) -> str:
    """Find out what separates the columns from the first line."""
    if how.separator:
        return {"tab": "\t", "\\t": "\t"}.get(how.separator, how.separator)
    with path.open("rb") as file:
        head = file.readline(65_536).decode("utf-8", "replace")
    return max(("\t", ",", ";", "|"), key=lambda mark: (head.count(mark), mark == ","))


def _columns(path: Path, there: Collection[str], how: Reading) -> dict[str, str]:
    """Find the columns of a log; a name that was given must be there."""
    found, mistakes = {}, []
    for meaning in (*NEEDED, *OPTIONAL):
        name = how.columns.get(meaning) or meaning
        if name in there:
            found[meaning] = name
        elif meaning in how.columns or meaning in NEEDED:
            close = nearest(name, there) if there else ""
            mistakes.append(f"{path}: there is no column '{name}' for the {meaning} (--{meaning} NAME){close}")
    if mistakes:
        raise InputError("\n".join(mistakes))
    if len(set(found.values())) < len(found):
        twice = next(name for name in found.values() if list(found.values()).count(name) > 1)
        raise InputError(f"{path}: the column '{twice}' cannot mean two things")
    return found


def compact(frame: pl.LazyFrame, columns: Mapping[str, str], how: Reading) -> pl.LazyFrame:
    """Turn a log into rows of numbers, one for each recipient, as a stream.

    Parameters
    ----------
    frame : pl.LazyFrame
        From ``scan``.
    columns : Mapping[str, str]
        From ``scan``.
    how : Reading
        Zone and formats.

    Returns
    -------
    pl.LazyFrame
        The columns of ``ROWS``, with ``problem`` (empty where there is none), ``absolute`` and ``leading`` (the first
        recipient of each row of the file).
    """
    key = secrets.token_bytes(32)
    schema = frame.collect_schema()
    text = {meaning: _text(pl.col(name), schema[name]) for meaning, name in columns.items() if meaning != "recipient"}
    listed = _listed(pl.col(columns["recipient"]), schema[columns["recipient"]], how.between)
    leaders = [word.strip().lower() for word in how.leaders]
    rows = frame.select(
        _hashed(text["sender"].str.to_lowercase(), key).alias("sender"),
        listed.alias("recipient"),
        text["time"].alias("text"),
        (_hashed(text["thread"], key) if "thread" in text else pl.lit(None, pl.UInt64)).fill_null(0).alias("thread"),
        text.get("channel", pl.lit(None, pl.String)).str.to_lowercase().alias("called"),
        text.get("rank", pl.lit(None, pl.String)).str.to_lowercase().is_in(leaders).alias("lead"),
    )
    rows = _with_times(rows, how).with_columns(
        pl.when(pl.col("recipient").list.len() > 0).then("recipient").otherwise(pl.lit([None], pl.List(pl.String))),
        pl.int_ranges(pl.col("recipient").list.len().clip(1)).alias("leading"),
        pl.col("called").replace_strict(_CHANNELS, default=None, return_dtype=pl.Enum(CHANNELS)).alias("channel"),
    )
    rows = rows.explode("recipient", "leading").with_columns(
        _hashed(pl.col("recipient"), key).alias("recipient"), pl.col("leading") == 0
    )
    wrong = {
        "no sender": pl.col("sender").is_null(),
        "no recipient": pl.col("recipient").is_null(),
        "unreadable time": pl.col("at").is_null(),
        "time outside 1980 to 2100": ~pl.col("at").is_between(FIRST, LAST),
        "unknown channel": pl.col("called").is_not_null() & pl.col("channel").is_null(),
        "to oneself": pl.col("sender") == pl.col("recipient"),
    }
    problem: pl.Expr = pl.lit("", _PROBLEM)
    for name in reversed(PROBLEMS):
        problem = pl.when(wrong[name]).then(pl.lit(name, _PROBLEM)).otherwise(problem)
    return rows.with_columns(problem.alias("problem")).drop("called")


def _text(column: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """Take a column as trimmed text; what is blank is missing."""
    if isinstance(kind, pl.Datetime):
        column = column.dt.to_string("%Y-%m-%dT%H:%M:%S" + ("%z" if kind.time_zone else ""))
    text = column.cast(pl.String).str.strip_chars()
    return pl.when(text == "").then(None).otherwise(text)


def _listed(column: pl.Expr, kind: pl.DataType, between: str) -> pl.Expr:
    """Split the recipients of a message; blank ones are none."""
    if not isinstance(kind, pl.List):
        column = column.cast(pl.String).fill_null("").str.extract_all(f"[^{re.escape(between)}]+")
    element = pl.element().cast(pl.String).str.strip_chars().str.to_lowercase()
    return column.list.eval(element.filter(element != "")).fill_null([])


def _hashed(text: pl.Expr, key: bytes) -> pl.Expr:
    """Replace texts by a keyed hash of 64 bits; 0 stays free."""

    def hashed(series: pl.Series) -> pl.Series:
        """Replace each different text once."""
        known = series.drop_nulls().unique()
        codes = [
            int.from_bytes(blake2b(str(word).encode(), digest_size=8, key=key).digest()) | 1 for word in known.to_list()
        ]
        table = pl.Series(codes, dtype=pl.UInt64)
        return series.replace_strict(known, table, default=None, return_dtype=pl.UInt64)

    return text.map_batches(hashed, return_dtype=pl.UInt64, is_elementwise=True)


def _with_times(rows: pl.LazyFrame, how: Reading) -> pl.LazyFrame:
    """Read times: second of absolute time, second of the local clock, and whether the text was absolute.

    It goes step by step, because a part that is used twice would be computed twice.
    """
    zone, text = how.zone or "UTC", pl.col("text")

    def part(number: int, default: str) -> pl.Expr:
        """Take a part of a date, with leading zeros."""
        return pl.col("parts").struct.field(str(number)).fill_null(default).str.zfill(2)

    built = pl.concat_str(part(1, ""), part(2, ""), part(3, ""), part(4, "00"), part(5, "00"), part(6, "00"))
    if how.time_format:
        written = text.str.to_datetime(how.time_format, strict=False, time_unit="ms").dt.replace_time_zone(None)
    else:
        mail = pl.col("mail").struct.field("1").str.to_datetime("%d %b %Y %H:%M:%S", strict=False, time_unit="ms")
        written = built.str.to_datetime("%Y%m%d%H%M%S", strict=False, time_unit="ms").fill_null(mail)
    shift = pl.col("parts").struct.field("7").fill_null(pl.col("mail").struct.field("2"))
    digits = pl.col("digits")
    unix = digits // pl.when(digits < 10**11).then(1).when(digits < 10**14).then(1_000).otherwise(1_000_000)
    local = pl.col("written").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    naive = pl.col("written").dt.epoch("s")
    at = pl.col("unix").fill_null(naive - pl.col("offset"))
    there = pl.from_epoch(pl.col("at").clip(FIRST, LAST)).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    absolute = pl.col("at").is_not_null() & (pl.col("unix").is_not_null() | pl.col("offset").is_not_null())
    return (
        rows.with_columns(
            parts=text.str.extract_groups(_ISO),
            mail=text.str.extract_groups(_MAIL),
            digits=text.str.extract(_UNIX, 1).cast(pl.Int64, strict=False),
        )
        .with_columns(written=written, offset=_offset(shift), unix=unix)
        .with_columns(at=at.fill_null(local.dt.epoch("s") if how.zone else naive).fill_null(naive))
        .with_columns(absolute=absolute)
        .with_columns(wall=pl.when("absolute").then(there.dt.replace_time_zone(None).dt.epoch("s")).otherwise(naive))
        .drop("text", "parts", "mail", "digits", "written", "offset", "unix")
    )


def _offset(text: pl.Expr) -> pl.Expr:
    """Read an offset from Greenwich in seconds."""
    sign = pl.when(text.str.starts_with("-")).then(-1).otherwise(1)
    hours = text.str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = text.str.extract(r"^[+-]\d{2}:?(\d{2})$", 1).cast(pl.Int64, strict=False).fill_null(0)
    return pl.when(text.is_in(["Z", "UTC"])).then(0).otherwise(sign * (hours * 3_600 + minutes * 60))
