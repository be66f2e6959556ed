"""Conversion of the texts of a log to numbers: names to keyed hashes, times to seconds, problems to labels."""

import re
import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import polars as pl

from sim.core.columns import CHANNELS
from sim.evidence.logcolumns import ADDRESS, BRACKETED, NEEDED, STAMPS, OpenLog, Reading, open_text, person, unquoted
from sim.evidence.quantities import DAY, WRITTEN
from sim.logs.messages import RAGGED, keyed_hash
from sim.logs.texts import REPLY_SIGNS

CHANNEL_SYNONYMS = {
    "email": "mail", "e-mail": "mail", "chat": "im", "direct": "im", "dm": "im", "channel": "group", "room": "group",
    "groupchat": "group", "ticket": "tool", "comment": "tool", "phone": "call", "邮件": "mail", "电子邮件": "mail",
    "即时消息": "im", "聊天": "im", "私聊": "im", "单聊": "im", "群聊": "group", "群": "group", "工单": "tool",
    "评论": "tool", "电话": "call",
}  # fmt: skip
"""Other names of channels, and the channels of the model that they stand for."""
_CHANNELS = {name: name for name in CHANNELS} | CHANNEL_SYNONYMS

FIRST, LAST = 315_532_800, 4_102_444_800  # 1980 and 2100, in seconds
UNREADABLE = "unreadable time"
OUTSIDE = "time outside 1980 to 2100"
OTHER_CHANNEL = "another channel, or none"  # where channels are known
UNKNOWN_CHANNEL = "unknown channel"
PROBLEMS = {  # of a row, the first that it has
    RAGGED: pl.col(RAGGED),
    "no sender": pl.col("sender").is_null(),
    "no recipient": pl.col("recipient").is_null(),
    UNREADABLE: pl.col("at").is_null(),
    OUTSIDE: ~pl.col("at").is_between(FIRST, LAST),
    "time without offset or zone": pl.col("adrift"),
    UNKNOWN_CHANNEL: pl.col("called").is_not_null() & pl.col("channel").is_null(),
    OTHER_CHANNEL: pl.col("apart"),
    "to oneself": pl.col("sender") == pl.col("recipient"),
}
_PROBLEM = pl.Enum(("", *PROBLEMS))
FORMS = "2026-03-02 09:15:00 / 2026-03-02T09:15:00+08:00 / Mon, 02 Mar 2026 09:15:00 +0800 / 1772414100"
DATES = ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%Y{0}%m{0}%d", "%d{0}%m{0}%y", "%m{0}%d{0}%y", "%y{0}%m{0}%d")
CLOCKS = (" %H:%M", " %H:%M:%S", ", %H:%M", ", %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "")
DATED = (*(date.format(sign) for date in DATES for sign in "./-"), "%Y年%m月%d日", "%d %B %Y", "%d %b %Y", "%Y%m%d")
FORMATS = [*(date + clock for date in DATED for clock in CLOCKS), "%Y%m%d%H%M", "%Y%m%d%H%M%S"]
EXAMPLE = "%d/%m/%Y %H:%M", "31/12/2026 17:30"
"""Formats that are read only with ``--time-format``, guessed from cells."""
_OFFSET = r"[+-](?:0\d|1[0-4])(?::?[0-5]\d)?"
_DATE = r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
_CLOCK = r"[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?"
_ISO = rf"^{_DATE}(?:{_CLOCK})?\s*(Z|UTC|{_OFFSET})?$"
_MAIL = rf"^(?:\w{{3}},\s*)?(\d{{1,2}} \w{{3}} \d{{4}} \d{{2}}:\d{{2}}(?::\d{{2}})?) ({_OFFSET}|(?:GMT|UTC?)$)"
_UNIX = r"^(\d{8,16})(?:\.\d*)?$"
_ZONED = r"%[:#]*z"
_TIMED = pl.any_horizontal(pl.col("unix", "written").is_not_null())
_ISO_FORM = "%Y-%m-%dT%H:%M:%S%.f%#z"  # what %+ stands for


def as_numbers(log: OpenLog, how: Reading) -> pl.LazyFrame:
    """Convert a log to rows of numbers, one per recipient, as a stream without blank rows.

    Adds to ``ROWS`` the columns ``problem`` (empty if none), ``row`` (from 0), ``leading`` (whether the recipient is
    the first of its row), ``absolute`` (whether the time was) and ``placed`` (whether the sender's clock is known).
    The key of the hashes is random and never stored.
    """
    key = secrets.token_bytes(32)
    frame, columns = log.frame, log.columns
    schema = frame.collect_schema()
    text = {meaning: _text(pl.col(name), schema[name]) for meaning, name in columns.items() if meaning != "recipient"}
    nothing = pl.lit(None, pl.String)
    thread = text.get("thread", nothing).str.to_lowercase().str.replace(REPLY_SIGNS, "").replace("", None)
    listed = _recipients(pl.col(columns["recipient"]), schema[columns["recipient"]], log.between)
    leaders = [word.strip().lower() for word in how.leaders]
    there = pl.col("channel").cast(pl.String).is_in(how.channels or WRITTEN).fill_null(False)
    rows = frame.with_row_index("row").select(
        "row",
        RAGGED,
        _hashed(person(text["sender"]), key).alias("sender"),
        listed.alias("recipient"),
        text["time"].alias("text"),
        _hashed(thread, key).fill_null(0).alias("thread"),
        text.get("channel", nothing).str.to_lowercase().alias("called"),
        text.get("rank", nothing).str.to_lowercase().is_in(leaders).alias("lead"),
        text.get("place", nothing).alias("place"),
    )
    filled = pl.any_horizontal(pl.col("sender", "text", "called", "place").is_not_null())
    rows = rows.filter(filled | (pl.col("recipient").list.len() > 0) | (pl.col("thread") != 0) | pl.col(RAGGED))
    addressed = ~pl.col(RAGGED) & (pl.col("recipient").list.len() > 0)
    rows = rows.with_columns(pl.when(addressed).then("recipient").otherwise(pl.lit([None], pl.List(pl.String))))
    rows = _local_times(_parsed_times(rows, how.time_format), how, log.places).with_columns(
        pl.int_ranges(pl.col("recipient").list.len()).alias("leading"),
        pl.col("called").replace_strict(_CHANNELS, default=None, return_dtype=pl.Enum(CHANNELS)).alias("channel"),
    )
    rows = rows.explode("recipient", "leading").with_columns(
        _hashed(pl.col("recipient"), key).alias("recipient"),
        pl.col("leading") == 0,
        apart=~there if "channel" in columns else pl.lit(False),
    )
    problem: pl.Expr = pl.lit("", _PROBLEM)
    for name, wrong in reversed(PROBLEMS.items()):
        problem = pl.when(wrong).then(pl.lit(name, _PROBLEM)).otherwise(problem)
    return rows.with_columns(problem.alias("problem")).drop("called", "adrift", "apart", RAGGED)


def rows_within(path: Path, log: OpenLog, how: Reading, rows: int) -> int:
    """Count lines that read as rows but lie in cells of others, as after a quotation mark that is not closed."""
    if path.suffix.lower() == ".parquet":
        return 0
    with path.open("rb") as file:
        lines = sum(part.count(b"\n") for part in iter(partial(file.read, 1 << 20), b""))
    if lines <= rows + 1:
        return 0

    def readable(frame: pl.LazyFrame) -> int:
        """Count the rows with sender, recipient and time."""
        cells = (pl.col(log.columns[each]).str.strip_chars(' "').alias(each) for each in NEEDED)
        found = _parsed_times(frame.select(cells).rename({"time": "text"}), how.time_format)
        known = found.filter(_TIMED, pl.all_horizontal(pl.col("sender", "recipient") != ""))
        return int(known.select(pl.len()).collect(engine="streaming").item())

    return max(readable(open_text(path, how, quoted=False)) - readable(log.frame), 0)


def _text(column: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """Return a column as trimmed text; blank cells become null."""
    if isinstance(kind, pl.Datetime):
        column = column.dt.to_string("%Y-%m-%dT%H:%M:%S" + ("%z" if kind.time_zone else ""))
    text = column.cast(pl.String).str.strip_chars()
    return pl.when(text == "").then(None).otherwise(text)


def _recipients(column: pl.Expr, kind: pl.DataType, between: str) -> pl.Expr:
    """Split recipients into lists of people; blank names are dropped."""
    if not isinstance(kind, pl.List):
        cell = unquoted(column.cast(pl.String).fill_null(""))
        parts = cell.str.extract_all(f"[^{re.escape(between)}]+")
        column = pl.when(cell.str.contains(BRACKETED)).then(cell.str.extract_all(ADDRESS)).otherwise(parts)
    element = person(pl.element().cast(pl.String))
    return column.list.eval(element.filter(element != "")).fill_null([])


def _hashed(text: pl.Expr, key: bytes) -> pl.Expr:
    """Replace texts by keyed hashes of 64 bits, which are odd so that 0 stays free; null stays null."""

    def hashed(series: pl.Series) -> pl.Series:
        """Hash each distinct text once."""
        known = series.drop_nulls().unique()
        table = pl.Series([int.from_bytes(keyed_hash(word, key)) | 1 for word in known], dtype=pl.UInt64)
        return series.replace_strict(known, table, default=None, return_dtype=pl.UInt64)

    return text.map_batches(hashed, return_dtype=pl.UInt64, is_elementwise=True)


def _parsed_times(rows: pl.LazyFrame, form: str) -> pl.LazyFrame:
    """Parse ``text``: to seconds since 1970 (``unix``), or to a time as ``written`` and its ``offset`` in seconds.

    Unix times are in seconds, milliseconds or microseconds, by their size. The columns are added step by step, also in
    the next function, because polars would compute an expression that is used twice two times.
    """
    text, digits = pl.col("text"), pl.col("digits")
    unix = digits // pl.when(digits < 10**11).then(1).when(digits < 10**14).then(1_000).otherwise(1_000_000)
    if form:
        form = form.replace("%+", _ISO_FORM)
        written = text.str.to_datetime(form, strict=False, time_unit="ms").dt.replace_time_zone(None)
        shift = pl.lit(None, pl.String)
        if re.search(_ZONED, form):  # polars has turned the time into UTC
            ends = (re.split(r"%[-_:#.]*\d?\w", end) for end in re.split(_ZONED, form, maxsplit=1))
            before, after = (".*".join(map(re.escape, end)) for end in ends)
            shift = text.str.extract(rf"^{before}({_OFFSET}|Z){after}$", 1)
            written += pl.duration(seconds=_seconds(shift))
    else:
        parts, mail = pl.col("parts").struct.field, pl.col("mail").struct.field
        names = [parts(str(k)).fill_null("" if k <= 3 else "00").str.zfill(2) for k in range(1, 7)]
        iso = pl.concat_str(names).str.to_datetime("%Y%m%d%H%M%S", strict=False, time_unit="ms")
        written = iso
        for clock in ("%H:%M:%S", "%H:%M"):
            written = written.fill_null(mail("1").str.to_datetime(f"%d %b %Y {clock}", strict=False, time_unit="ms"))
        shift = parts("7").fill_null(mail("2"))
    return (
        rows.with_columns(
            parts=text.str.extract_groups(_ISO),
            mail=text.str.extract_groups(_MAIL),
            digits=text.str.extract(_UNIX if form in ("", "%s") else "^$()", 1).cast(pl.Int64, strict=False),
        )
        .with_columns(written=written, offset=_seconds(shift), unix=unix)
        .drop("text", "parts", "mail", "digits")
    )


def _seconds(offset: pl.Expr) -> pl.Expr:
    """Convert an offset from UTC, as in Z, +08 or -05:30, to seconds."""
    sign = pl.when(offset.str.starts_with("-")).then(-1).otherwise(1)
    hours = offset.str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = offset.str.extract(r"^...:?(\d{2})$", 1).cast(pl.Int64, strict=False).fill_null(0)
    return pl.when(offset.str.contains("^[A-Z]")).then(0).otherwise(sign * (hours * 3_600 + minutes * 60))


def _local_times(rows: pl.LazyFrame, how: Reading, places: Collection[str]) -> pl.LazyFrame:
    """Add moments: ``at`` (absolute second), ``wall`` (second of the sender's clock), ``absolute``, ``placed``.

    A time is ``adrift`` if its place is unknown while others are known, so that the order is unknown. A local time that
    occurs twice is the earlier one; a time that summer time skips is read by the clock of the day before.
    """
    naive = pl.col("written").dt.epoch("s")

    def by_place(by: Callable[[str], pl.Expr]) -> pl.Expr:
        """Apply ``by`` to the time zone of each sender."""
        made = by("UTC" if how.zone in ("", STAMPS) else how.zone)
        for zone in places:
            made = pl.when(pl.col("place") == zone).then(by(zone)).otherwise(made)
        return made

    def meant(zone: str, days: int = 0) -> pl.Expr:
        """Return the absolute second of a local time, taken some days before; null if summer time skips it."""
        before = pl.col("written") - pl.duration(days=days)
        return before.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.epoch("s") + days * DAY

    def local(zone: str) -> pl.Expr:
        """Return the local second of an absolute time."""
        moment = pl.from_epoch(pl.col("at").clip(FIRST, LAST)).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
        return moment.dt.replace_time_zone(None).dt.epoch("s")

    at = pl.col("unix").fill_null(naive - pl.col("offset"))
    for before in (partial(meant, days=days) for days in (0, 1)):
        at = at.fill_null(before(how.clock) if how.clock else by_place(before))
    own = pl.lit(how.zone == STAMPS) & pl.col("offset").is_not_null()
    known = pl.lit(bool(how.clock)) | pl.col("unix").is_not_null() | pl.col("offset").is_not_null()
    nowhere = pl.lit(how.zone == STAMPS or (bool(places) and not how.zone)) & pl.col("place").is_null()
    return (
        rows.with_columns(at=at)
        .with_columns(
            absolute=pl.col("at").is_not_null() & known,
            placed=own | pl.col("place").is_not_null(),
            adrift=nowhere & ~known,
        )
        .with_columns(wall=pl.when(pl.col("absolute") & ~own).then(by_place(local)).otherwise(naive))
        .drop("written", "offset", "unix", "place")
    )


def are_times(cells: Sequence[str], form: str) -> list[bool]:
    """Return whether each cell is a time in a format, or in one that needs no ``--time-format`` if that is empty."""
    return _parsed_times(pl.LazyFrame({"text": cells}), form).select(_TIMED).collect().to_series().to_list()


def format_of(first: str, more: Sequence[str]) -> tuple[str, str]:
    """Return the format that reads ``first`` and most of ``more``, with ``first``; an example if none does.

    Of several formats, the one whose times lie closest together wins: swapped days and months would scatter them.
    """
    forms = [form for form in FORMATS if _time(form, first)]
    read = {form: [time for cell in (first, *more) if (time := _time(form, cell))] for form in forms}
    fitting = {form: (len(times), min(times) - max(times)) for form, times in read.items()}
    return (max(fitting, key=lambda form: fitting[form]), first) if fitting else EXAMPLE


def _time(form: str, cell: str) -> datetime | None:
    """Read a cell by a format; None if it cannot be read so."""
    try:
        return datetime.strptime(cell, form)
    except ValueError:
        return None
