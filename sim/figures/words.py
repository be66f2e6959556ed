"""Words of figures and terminal in English and Chinese, from ``words.toml`` and ``terminal.toml``, which tests check.

A figure is drawn inside ``speaking(language)``. The functions here read the language from that context, so that no
drawing function passes it on.
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
TABLES = tuple(Path(__file__).with_name(name) for name in ("words.toml", "terminal.toml"))

_spoken: ContextVar[str] = ContextVar("language", default="en")


@functools.cache
def words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Read the table of words: kind, name, language. Counts have their English plural under ``many``."""
    return {kind: rows for table in TABLES for kind, rows in tomllib.loads(table.read_text(encoding="utf-8")).items()}


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Write everything inside the block in one of ``LANGUAGES``."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken() -> str:
    """Return the language in force, one of ``LANGUAGES``."""
    return _spoken.get()


def say(key: str, **values: object) -> str:
    """Return a row of ``text`` in the language in force, with the values put into its braces."""
    return phrase("text", key, **values)


def phrase(kind: str, key: str, /, **values: object) -> str:
    """Return a row of any kind in the language in force, with the values put into its braces."""
    return words()[kind][key][spoken()].format(**values)


def label(kind: str, name: str) -> str:
    """Translate a name of the tables, such as an outcome, unit or group.

    A name that the table lacks, such as a user's own scenario, is returned with spaces for its underscores. An unknown
    kind is a ``KeyError``.
    """
    row = words()[kind].get(name)
    return row[spoken()] if row else name.replace("_", " ")


def known(kind: str, name: str) -> bool:
    """Return whether the table of words has this name."""
    return name in words()[kind]


def counted(count: int, noun: str) -> str:
    """Write a count with its noun, as in "1 firm" and "1,200 firms"; ``noun`` is a row of ``count``."""
    row = words()["count"][noun]
    pattern = row["many"] if spoken() == "en" and count != 1 else row[spoken()]
    return pattern.format(n=f"{count:,}")


def percent(value: str) -> str:
    """Add the percent sign, after a space in English and without one in Chinese."""
    return say("percent", value=value)


def written(day: date) -> str:
    """Write a date as in "6 Jul 2026", independent of the locale."""
    return say("date", day=day.day, month=month(day), number=day.month, year=day.year)


def month(day: date) -> str:
    """Return three letters, or the number with its sign in Chinese."""
    return say("months").split()[day.month - 1]


def sentences(parts: Sequence[str]) -> str:
    """Join the sentences that are not empty, with spaces where the language has spaces."""
    return (" " if spoken() == "en" else "").join(part for part in parts if part)


_WINDOW = re.compile(r"weeks ([^:]+)(?:: (.+))?")


def window_words(text: str) -> str:
    """Translate a window as a comparison writes it, as in "weeks 34–103: rules fully in force".

    The English text is the key: a reason without a row ``window_*`` stays in English, other text is returned unchanged.
    """
    found = _WINDOW.fullmatch(text)
    if not found:
        return text
    weeks = found[1].replace(", ", say("list"))
    reasons = {row["en"]: row[spoken()] for key, row in words()["text"].items() if key.startswith("window_")}
    if found[2]:
        return say("window_weeks", weeks=weeks, reason=reasons.get(found[2], found[2]))
    return say("window_alone", weeks=weeks)
