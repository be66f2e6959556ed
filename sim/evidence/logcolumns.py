"""Columns of a log file, their separator, and the separator of several recipients in one cell."""

import functools
import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import polars as pl

from sim.core.errors import InputError, misspelt, nearest
from sim.files.limits import check
from sim.files.storage import without_panics
from sim.logs.formats import EXPORT_SUFFIXES, TABLE_SUFFIXES
from sim.logs.messages import RAGGED
from sim.logs.texts import HINT, REPLY_SIGNS, separator_of

NEEDED = ("sender", "recipient", "time")
OPTIONAL = ("thread", "channel", "rank", "place")
CHINESE_NAMES: Mapping[str, tuple[str, ...]] = {
    "sender": ("发送人", "发件人", "发送者", "发信人", "发件者", "寄件人", "寄件者"),
    "recipient": ("接收人", "收件人", "接收者", "收信人", "收件者"),
    "time": ("时间", "发送时间", "发件时间", "发送日期", "日期时间"),
    "thread": ("话题", "线程", "话题编号"),
    "channel": ("渠道", "消息渠道"),
    "rank": ("职级", "级别"),
    "place": ("时区",),
}
"""Chinese names of columns, which mean the same as the English ones."""
LEADERS = (
    "manager", "lead", "leader", "head", "director", "vp", "chief", "executive", "senior", "true", "1", "yes", "经理",
    "总经理", "主管", "总监", "主任", "领导", "组长", "部长", "高管", "是",
)  # fmt: skip
STAMPS = "stamps"  # in place of a zone: take hours as written, each with its sender's offset
SEPARATORS = (";", "；", ",", "，", "、", "|", " ")  # candidates for the separator of recipients, the likeliest first
RARE = 0.1  # largest share of senders with that separator in their name
ADDRESS = r"<([^<>\s]+@[^<>\s]+)>"
COMMENTED = r"^([^<>()\s]+@[^<>()\s]+)\s+\([^@]*\)$"  # with a name behind it, as old mail programs write
BRACKETED = rf"^(?:[^<>@]*{ADDRESS})+[^<>@]*$"  # cells in which all addresses are in brackets
MAIL_COLUMNS = ("subject", "message-id", "message_id", "in-reply-to", "in_reply_to", "cc", "bcc")  # columns
FIRST_ROWS = 20_000  # rows of the file from which it is guessed
_BEYOND = [f"\0{number}" for number in range(100)]  # columns for cells that a row has beyond the head


class Reading(NamedTuple):
    """Options for reading a log."""

    columns: Mapping[str, str] = {}  # what a column means, to its name in the file
    zone: str = ""  # time zone of the people, unless ``place`` has it, or ``STAMPS``; required if times are absolute
    clock: str = ""  # zone of times without offset, if they are not by the clock of the place
    time_format: str = ""
    between: str = ""  # separates several recipients in one cell; guessed if empty
    separator: str = ""  # separates columns; guessed if empty
    leaders: tuple[str, ...] = LEADERS
    opening: float = 9.0
    closing: float = 18.0
    channels: tuple[str, ...] = ()  # of the model that the log covers; all written ones if empty
    encoding: str = ""  # of a table; UTF-8 if empty

    @property
    def names(self) -> set[str]:
        """Columns that may be read."""
        return {name for meaning in (*NEEDED, *OPTIONAL) for name in self.names_of(meaning)}

    def names_of(self, meaning: str) -> tuple[str, ...]:
        """Return the names that a column may have: the one given, or else the usual ones."""
        given = self.columns.get(meaning)
        return (given,) if given else (meaning, *CHINESE_NAMES[meaning])


class OpenLog(NamedTuple):
    """A log that has been opened but not read."""

    frame: pl.LazyFrame
    columns: dict[str, str]  # what a column means, to its name in the file
    unread: tuple[str, ...]  # other columns
    between: str  # separator of recipients
    places: tuple[str, ...] = ()  # zones of senders
    mail: tuple[str, ...] = ()  # what says that it is a log of mail


def open_log(path: Path, how: Reading) -> OpenLog:
    """Open a log and find its columns; others, and optional ones that are blank throughout, are dropped.

    ``InputError`` if the file cannot be opened or lacks a column.
    """
    suffix = path.suffix.lower()
    suffixes = *TABLE_SUFFIXES, *EXPORT_SUFFIXES
    if suffix not in suffixes:
        raise InputError(f"{path}: '{suffix or path.name}' is no kind of log{nearest(suffix, suffixes)}")
    if not os.path.exists(path):
        raise InputError(f"{path}: there is no such file{misspelt(path)}")
    try:
        check(path)
        with without_panics():
            frame = pl.scan_parquet(path, glob=False) if suffix == ".parquet" else open_text(path, how)
            kinds = frame.collect_schema()
            there = [name for name in kinds if name != RAGGED]
            _check_encoding(path, any("\ufffd" in name for name in there))
            named = _columns(path, there, how)
            blank, places, odd = _contents(frame, named, suffix != ".parquet")
            _check_encoding(path, odd)
            columns = {meaning: name for meaning, name in named.items() if meaning not in blank}
            looked_at = [columns[meaning] for meaning in ("sender", "recipient", "thread") if meaning in columns]
            first = frame.select(looked_at).head(FIRST_ROWS).collect()
            between = how.between or _separator(first, columns, kinds)
            unread = tuple(name for name in there if name not in named.values())
            mail = tuple(_signs_of_mail(first, columns, unread))
    except pl.exceptions.NoDataError:
        raise InputError(f"{path}: is empty") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise unreadable(path, error) from error
    ragged = pl.col(RAGGED) if RAGGED in kinds else pl.lit(False).alias(RAGGED)
    return OpenLog(frame.select(*columns.values(), ragged), columns, unread, between, places, mail)


def unreadable(path: Path, error: BaseException) -> InputError:
    """Return the error for a log that polars cannot read, with its reason."""
    why = str(error).splitlines()[0]
    if "malformed" in why or 'parse `"' in why:
        why = "a quotation mark is not closed; double it, or leave its column out"
    return InputError(f"{path}: cannot be read as {path.suffix[1:].lower()}: {why}")


def open_text(path: Path, how: Reading, quoted: bool = True) -> pl.LazyFrame:
    """Open a table of text: all columns as text, and ``RAGGED``. Unless ``quoted``, each line is a row, none ragged."""
    read = functools.partial(
        pl.scan_csv, path, glob=False, separator=separator_of(path, how.separator), encoding="utf8-lossy",
        truncate_ragged_lines=True, quote_char='"' if quoted else None,
    )  # fmt: skip
    frame, ragged = read(infer_schema=False), pl.lit(False)
    head = frame.collect_schema().names()
    if quoted and _is_ragged(read(infer_schema=False, truncate_ragged_lines=False)):
        frame = read(schema=dict.fromkeys((*head, *_BEYOND), pl.String), missing_columns="insert")
        ragged = pl.any_horizontal(pl.col(_BEYOND).fill_null("") != "")
    return frame.select(*(pl.col(name).alias(name.strip('"')) for name in head), ragged.alias(RAGGED))


def _is_ragged(frame: pl.LazyFrame) -> bool:
    """Return whether a row of a table has more cells than its head."""
    try:
        frame.select(pl.all().is_null().sum()).collect(engine="streaming")
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        return "more fields" in str(error)  # what else is wrong is found when the table is read
    return False


def _check_encoding(path: Path, odd: bool) -> None:
    """Raise ``InputError`` if names have signs that UTF-8 does not have."""
    if odd:
        raise InputError(
            f"{path}: names are not in UTF-8; say which encoding, as in {HINT}; cp1252 is for Western Europe"
        )


def _columns(path: Path, there: Collection[str], how: Reading) -> dict[str, str]:
    """Map meanings to columns; required columns and those that the user names must exist."""
    found, mistakes = {}, []
    for meaning in (*NEEDED, *OPTIONAL):
        names = how.names_of(meaning)
        if name := next((each for each in names if each in there), ""):
            found[meaning] = name
        elif meaning in how.columns or meaning in NEEDED:
            name, *others = names
            free = [each for each in there if each not in how.names]
            like = [each for each in free if get_close_matches(each, others, 1) or any(one in each for one in others)]
            close = f"; did you mean '{like[0]}'?" if like else nearest(name, there)
            named = f"'{name}' or '{others[0]}'" if others else f"'{name}'"
            mistakes.append(f"{path}: there is no column {named} for the {meaning} (--{meaning} NAME){close}")
    if mistakes:
        raise InputError("\n".join(mistakes))
    if twice := [name for name, count in Counter(found.values()).items() if count > 1]:
        raise InputError(f"{path}: the column '{twice[0]}' cannot mean two things")
    return found


def person(text: pl.Expr) -> pl.Expr:
    """Normalise a name: lower case, trimmed; Ann Lee <ann@x.org> and ann@x.org (Ann Lee) become the address."""
    plain = text.str.strip_chars().str.to_lowercase()
    return plain.str.replace(f"^.*{ADDRESS}$", "${1}").str.replace(COMMENTED, "${1}")


def unquoted(cell: pl.Expr) -> pl.Expr:
    """Remove quoted names, which may hold any sign, in front of addresses."""
    return cell.str.replace_all(rf'"[^"<>]*"\s*({ADDRESS})', "${1}")


def _contents(frame: pl.LazyFrame, columns: Mapping[str, str], is_text: bool) -> tuple[set[str], tuple[str, ...], bool]:
    """Scan all rows: return the columns that are blank, the zones of senders, and whether names are not UTF-8."""
    cells = {each: pl.col(columns[each]).cast(pl.String).str.strip_chars() for each in OPTIONAL if each in columns}
    parts = [(cell != "").any().alias(meaning) for meaning, cell in cells.items()]
    if "place" in cells:
        parts.append(cells["place"].unique().implode().alias("zones"))
    if is_text:
        people = pl.col(columns["sender"], columns["recipient"])
        parts.append(pl.any_horizontal(people.str.contains("\ufffd", literal=True)).any().alias("odd"))
    if not parts:
        return set(), (), False
    found = frame.select(parts).collect(engine="streaming").row(0, named=True)
    blank = {meaning for meaning in cells if not found[meaning]}
    return blank, tuple(sorted(filter(None, found.get("zones", ())))), found.get("odd", False)


def _separator(first: pl.DataFrame, columns: Mapping[str, str], kinds: Mapping[str, pl.DataType]) -> str:
    """Guess the separator of recipients: one whose parts are mostly people who also occur alone in the first rows."""
    names = columns["sender"], columns["recipient"]
    if isinstance(kinds[names[1]], pl.List):
        return SEPARATORS[0]
    first = first.select(pl.col(names).cast(pl.String))
    senders = set(first.select(person(pl.col(names[0]))).to_series()) - {None, ""}
    cells = first.select(unquoted(pl.col(names[1])).str.to_lowercase().str.strip_chars()).to_series().unique()
    cells = cells.filter((cells != "") & ~cells.str.contains(f"{BRACKETED}|{COMMENTED}"))
    for sign in SEPARATORS:
        several = cells.str.contains(sign, literal=True)
        if not several.any():
            continue
        joined = cells.filter(several).str.split(sign).explode().to_frame("part")
        parts = set(joined.select(person(pl.col("part"))).to_series()) - {""}
        known = parts & (senders | set(cells.filter(~several)))
        if parts and 2 * len(known) >= len(parts) and sum(sign in name for name in senders) <= RARE * len(senders):
            return sign
    return SEPARATORS[0]


def _signs_of_mail(first: pl.DataFrame, columns: Mapping[str, str], unread: Collection[str]) -> Iterator[str]:
    """Yield signs that a log is of mail, from its first rows and the names of its columns."""
    names = [columns[meaning] for meaning in ("sender", "thread") if meaning in columns]
    sender, *thread = first.select(names).cast(pl.String).get_columns()
    if _share_with(sender, "@") > 0.5:
        yield "senders are addresses"
    if any(_share_with(cells, REPLY_SIGNS) > 0.02 for cells in thread):
        yield "threads are subjects with Re:"
    yield from (f"there is a column '{name}'" for name in unread if name.lower() in MAIL_COLUMNS)


def _share_with(cells: pl.Series, pattern: str) -> float:
    """Return the share of filled cells in which a pattern occurs."""
    filled = cells.drop_nulls()
    return int(filled.str.contains(pattern).sum()) / max(len(filled), 1)
