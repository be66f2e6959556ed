"""The words of the figures in English and Chinese, from one table: ``words.toml``.

A figure is drawn inside ``speaking``; everything that is written asks here for its words in the language spoken there.
"""

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from pathlib import Path

LANGUAGES = ("en", "zh")
TABLE = Path(__file__).with_name("words.toml")

_spoken: ContextVar[str] = ContextVar("language", default="en")


@functools.cache
def words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Read the table of words.

    Returns
    -------
    Mapping[str, Mapping[str, Mapping[str, str]]]
        Kind, name, language; counts have the plural of English under ``many``.
    """
    with TABLE.open("rb") as file:
        return tomllib.load(file)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Choose the language of everything that is written inside the block.

    Parameters
    ----------
    language : str
        One of ``LANGUAGES``.

    Yields
    ------
    None
        Nothing; the language holds inside the block.
    """
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken() -> str:
    """Say which language is spoken here.

    Returns
    -------
    str
        One of ``LANGUAGES``.
    """
    return _spoken.get()


def say(key: str, **values: object) -> str:
    """Say a sentence or write a heading.

    Parameters
    ----------
    key : str
        Its row under ``text``.
    **values : object
        What stands in its braces.

    Returns
    -------
    str
        In the language spoken.
    """
    return words()["text"][key][spoken()].format(**values)


def label(kind: str, name: str) -> str:
    """Write a name of the tables for readers.

    Parameters
    ----------
    kind : str
        What it names: outcome, family, unit, channel, group, scenario and so on.
    name : str
        Name as in the tables.

    Returns
    -------
    str
        In the language spoken; a name that the table of words lacks with spaces instead of underscores.
    """
    row = words()[kind].get(name)
    return row[spoken()] if row else name.replace("_", " ")


def known(kind: str, name: str) -> bool:
    """Say whether the table of words has a name.

    Parameters
    ----------
    kind : str
        What it names.
    name : str
        Name as in the tables.

    Returns
    -------
    bool
        Whether it has a row.
    """
    return name in words()[kind]


def counted(count: int, noun: str) -> str:
    """Write a count with its noun.

    Parameters
    ----------
    count : int
        How many.
    noun : str
        Its row under ``count``.

    Returns
    -------
    str
        As in "1 firm" and "1,200 firms".
    """
    row = words()["count"][noun]
    pattern = row["many"] if spoken() == "en" and count != 1 else row[spoken()]
    return pattern.format(n=f"{count:,}")


def percent(value: str) -> str:
    """Write a number of percent.

    Parameters
    ----------
    value : str
        The number.

    Returns
    -------
    str
        With a space before the sign in English and none in Chinese.
    """
    return say("percent", value=value)


def written(day: date) -> str:
    """Write a date.

    Parameters
    ----------
    day : date
        A day.

    Returns
    -------
    str
        As in "6 Jul 2026", whatever the locale.
    """
    return say("date", day=day.day, month=month(day), number=day.month, year=day.year)


def month(day: date) -> str:
    """Name the month of a day.

    Parameters
    ----------
    day : date
        A day.

    Returns
    -------
    str
        Three letters, or the number with its sign in Chinese.
    """
    return say("months").split()[day.month - 1]


def sentences(parts: Sequence[str]) -> str:
    """Put sentences in a row.

    Parameters
    ----------
    parts : Sequence[str]
        Sentences with their stops; empty ones are left out.

    Returns
    -------
    str
        With spaces between them where the language has spaces.
    """
    return (" " if spoken() == "en" else "").join(part for part in parts if part)


_WINDOW = re.compile(r"weeks ([^:]+)(?:: (.+))?")


def window_words(text: str) -> str:
    """Write which weeks were compared, as the comparison says it, in the language spoken.

    Parameters
    ----------
    text : str
        As in "weeks 34–103: rules fully in force".

    Returns
    -------
    str
        The same; what the table of words does not know stays as it is.
    """
    found = _WINDOW.fullmatch(text)
    if not found:
        return text
    weeks = found[1].replace(", ", say("list"))
    reasons = {row["en"]: row[spoken()] for key, row in words()["text"].items() if key.startswith("window_")}
    if found[2]:
        return say("window_weeks", weeks=weeks, reason=reasons.get(found[2], found[2]))
    return say("window_alone", weeks=weeks)
