"""Sentences that come from elsewhere, errors and reasons, in the language in force: by the rows of ``errors.toml``.

Whoever raises an error need not know a language. What the table does not have stays as it is.
"""

import functools
import re

from sim.figures.words import in_number, say, spoken, words
from sim.scenario.countries import READ

INNER = "why"  # so begin the names of parts that are sentences themselves
NAMED = ("country", "currency")  # parts with a word in the file of a country


def translated(text: str) -> str:
    """Return a sentence in the language in force; what stands before its last colons, as file and key, is kept."""
    if spoken() == "en":
        return in_number(text)
    starts = [0, *(found.end() for found in re.finditer(": ", text))]
    for start in starts:
        if (said := _row(text[start:])) is not None:
            return text[:start] + said
    return text


def noted(text: str) -> str:
    """Return a note of a target, or what a contradiction is about, in the language in force, with a reason before."""
    for row in words()["evidence"].values():
        if row["en"] == text:
            return row[spoken()]
    reason, _, rest = text.partition("; ")
    return f"{translated(reason)}{say('semicolon')}{noted(rest)}" if rest else translated(text)


def _row(text: str) -> str | None:
    """Return the translation of a whole sentence; None if the table does not have it."""
    for pattern, key in _patterns():
        if found := pattern.fullmatch(text):
            parts = {name: _part(name, part) for name, part in found.groupdict().items()}
            return words()["error"][key][spoken()].format(**parts)
    return None


def _part(name: str, text: str) -> str:
    """Translate a part of a sentence: a sentence itself, or the name of a country or currency."""
    if name.startswith(INNER):
        return translated(text)
    return READ.get(text, {}).get(spoken(), text) if name in NAMED else text


@functools.cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Compile the English rows, in their order, with a group for each part in braces; a path has no blanks.

    A count is of digits and commas.
    """
    found = []
    for key, row in words()["error"].items():
        text = re.escape(row["en"]).replace(r"\{path\}", r"(?P<path>\S*[^\s:])")
        text = text.replace(r"\{count\}", r"(?P<count>[\d,]+)")
        found.append((re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", text)), key))
    return found
