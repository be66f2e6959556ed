"""Words of figures and terminal in English and Chinese, from the tables beside it, which tests check.

A figure is drawn inside ``speaking(language)``. The functions here read the language from that context, so that no
drawing function passes it on. Errors and reasons go through ``translate``, so that code that raises an error needs no
language.
"""

import functools
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from pathlib import Path
from typing import Any

from sim.core.parameter_sets import OVER
from sim.scenario.countries import READ, YUAN, home

LANGUAGES = ("en", "zh")
UNITS = ("unit", "plain_unit", "field")  # kinds of words with amounts of money
TABLES = tuple(
    Path(__file__).with_name(name) for name in ("words.toml", "terminal.toml", "errors.toml", "parameters.toml")
)

NOUNS = {name: name.removesuffix("s") for name in (  # what is counted, in the plural and in the singular
    "attempts", "bytes", "characters", "chunks", "columns", "combinations", "comparisons", "conditions", "core-hours",
    "cores", "days", "directions", "draws", "duplicates", "effects", "estimates", "figures", "files", "firms", "hours",
    "levers", "lines", "means", "messages", "minutes", "months", "others", "outcomes", "pairs", "parameters", "periods",
    "person-weeks", "pilots", "points", "priors", "recipients", "replicates", "rows", "rules", "runs", "scenarios",
    "senders", "sets", "signs", "simulations", "steps", "tables", "targets", "threads", "times", "values", "weeks",
    "workers", "worlds", "years",
)} | {
    "axes": "axis", "cities": "city", "economies": "economy", "entries": "entry", "inches": "inch", "people": "person",
}  # fmt: skip
WITH = "calibrated|checked|fitted|free|more|other|processor|rule|simulated|synthetic"  # between a number and its noun
VERBS = {" are": " is", " have": " has", " were": " was", " lie": " lies", " send": " sends", " write": " writes"}
_ONE = re.compile(rf"(?<![\w.,–−/-])(1 (?:(?:{WITH}) )?)({'|'.join(NOUNS)})\b((?:{'|'.join(VERBS)})\b)?")

NO_START = frozenset(" \uff0c。、\uff1b\uff1a\uff1f\uff01\uff09》」』”’…%)")  # may not begin a line
NO_END = frozenset("\uff08《「『“‘(")  # may not end one
SINGLE = str.maketrans("“”", "‘’")  # marks of a quotation within a quotation

SENTENCE_PART = "why"  # so begin the names of parts of an error that are sentences themselves
SENTENCES_PART = "whys"  # of several of them, with semicolons between
COUNTRY_PARTS = ("country", "currency")  # parts that are, or begin with these, have a word in the file of a country
UNIT_OF = "unit_of"  # a part that is a unit and no key to be copied

_WIDE = "[\u3000-\u30ff\u4e00-\u9fff\uff00-\uff60]"
_GAP = re.compile(f"(?<={_WIDE}) (?={_WIDE})")  # between Chinese words, where parts of a sentence meet
_KEPT = "\0"  # stands for such a blank within a part, as in the name of a folder

_spoken: ContextVar[str] = ContextVar("language", default="en")
_place: ContextVar[Mapping[str, Any] | None] = ContextVar("country", default=None)


@functools.cache
def words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Read the table of words: kind, name, language. English nouns after a number are plural, see ``in_number``."""
    return {kind: rows for table in TABLES for kind, rows in tomllib.loads(table.read_text(encoding="utf-8")).items()}


@contextmanager
def speaking(language: str, country: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Set one of ``LANGUAGES`` inside the block, and the currency of amounts from the table of a country."""
    before, elsewhere = _spoken.set(language), _place.set(country)
    try:
        yield
    finally:
        _spoken.reset(before)
        _place.reset(elsewhere)


def country_in_force() -> Mapping[str, Any]:
    """Return the country in force, as a manifest has it: its cities, industries, currency and words."""
    return _place.get() or home().model_dump(mode="json")


def language_in_force() -> str:
    """Return the language in force, one of ``LANGUAGES``."""
    return _spoken.get()


def say(key: str, **values: object) -> str:
    """Return a row of ``text`` in the language in force, with the values put into its braces."""
    return phrase("text", key, **values)


def phrase(kind: str, key: str, /, **values: object) -> str:
    """Return a row of any kind in the language in force, with the values put into its braces."""
    row = words()[kind][key][language_in_force()]
    if language_in_force() == "en":
        return _english(row, values)
    if not values:
        return row
    kept = {name: _GAP.sub(_KEPT, value) if isinstance(value, str) else value for name, value in values.items()}
    return _GAP.sub("", row.format(**kept)).replace(_KEPT, " ")


def _english(row: str, values: Mapping[str, object]) -> str:
    """Put values into an English row, whose nouns are in the singular after 1; values stay as they are."""
    kept = {name: value.replace(" ", _KEPT) if isinstance(value, str) else value for name, value in values.items()}
    return in_number(row.format(**kept)).replace(_KEPT, " ")


def label(kind: str, name: str) -> str:
    """Translate a name of the tables, such as an outcome, unit or group.

    A name that the table lacks, such as a user's own scenario, is returned with spaces for its underscores. An unknown
    kind is a ``KeyError``.
    """
    if kind in UNITS:
        return _in_currency(kind, name)
    if kind == "reading" and OVER in name:
        log, _, lent = name.rpartition(OVER)
        return say("set_over", log=phrase("log", "side_log") if log == "log" else log, lent=label(kind, lent))
    row = country_in_force()["words"].get(name) if kind == "group" else None
    row = row or _row(kind, name)
    return row[language_in_force()] if row else name.replace("_", " ")


def _row(kind: str, name: str) -> Mapping[str, str] | None:
    """Return the words of a name; in Chinese, a parameter without a name of its own has its meaning instead."""
    row = words()[kind].get(name)
    return words()["meaning"].get(name) if row is None and kind == "parameter" and language_in_force() == "zh" else row


def own_title(about: Mapping[str, Any]) -> str:
    """Return a title in the language in force, else in English: its ``title`` or ``title_zh``, ``en`` or ``zh``."""
    keys = (*(("zh", "title_zh") if language_in_force() == "zh" else ()), "en", "title")
    return next((str(about[key]) for key in keys if about.get(key)), "")


def own_titles(said: Mapping[str, Mapping[str, Any] | None]) -> dict[str, str]:
    """Return the title of each scenario, see ``own_title``; with its name behind it where another one has the same."""
    found = {name: own_title(about or {}) for name, about in said.items()}
    times = Counter(found.values())
    return {name: bracketed(title, name) if title and times[title] > 1 else title for name, title in found.items()}


def cited(titles: Iterable[str]) -> str:
    """Name titles in a sentence: in quotation marks, those inside them single."""
    return say("list").join(say("cited", title=title.translate(SINGLE)) for title in titles)


def bracketed(name: str, more: str) -> str:
    """Write something in brackets behind a name."""
    return say("bracketed", name=name, more=more)


def rule_name(name: str) -> str:
    """Translate the name of a rule on a log, which is the kind of a lever, or that and a phase after a colon."""
    kind, _, phase = name.partition(": ")
    lever = label("lever", kind)
    return bracketed(lever, label("phase", phase)) if phase and phase != kind else lever


def _in_currency(kind: str, unit: str) -> str:
    """Translate a unit or field; amounts are in the currency of the country in force."""
    row = words()[kind].get(_of_table(unit))
    text = row[language_in_force()] if row else unit.replace("_", " ")
    if country_in_force()["currency"] == YUAN or YUAN not in _of_table(unit):
        return text
    return text.replace(words()["unit"][YUAN][language_in_force()], currency())


def amount_column(column: str) -> str:
    """Return the name of a stored column of amounts in the country in force, as in ``cost_euro``."""
    return f"{column}_{country_in_force()['currency']}"


def currency() -> str:
    """Return the word for the currency of the country in force."""
    name = country_in_force()["currency"]
    foreign = country_in_force()["words"].get(name) or dict.fromkeys(LANGUAGES, name)
    own = words()["unit"][YUAN] if name == YUAN else foreign
    return str(own[language_in_force()])


def _of_table(unit: str) -> str:
    """Return a unit or field as the table of words has it, with amounts in yuan."""
    return re.sub(rf"(?<![^\W_]){country_in_force()['currency']}(?![^\W_])", YUAN, unit)


def has_name(kind: str, name: str) -> bool:
    """Return whether the table of words has this name."""
    return _row(kind, _of_table(name) if kind in UNITS else name) is not None


def counted(count: int, noun: str) -> str:
    """Write a count with its noun, as in "1 firm" and "1,200 firms"; ``noun`` is a row of ``count``."""
    return phrase("count", noun, n=f"{count:,}")


def in_number(text: str) -> str:
    """Put English nouns, and a verb beside them, into the singular after the number 1, as in "1 year is"."""
    return _ONE.sub(lambda found: f"{found[1]}{NOUNS[found[2]]}{VERBS.get(found[3], '')}", text)


def range_text(low: str, high: str, ended: str = "") -> str:
    """Write a range, or one value where both ends are the same; ``ended`` is the upper end with its unit."""
    return (ended or high) if low == high else say("range", low=low, high=ended or high)


def percent(value: str) -> str:
    """Add the percent sign, after a space in English and without one in Chinese."""
    return say("percent", value=value)


def date_text(day: date) -> str:
    """Write a date as in "6 Jul 2026", independent of the locale."""
    return say("date", day=day.day, month=month(day), number=day.month, year=day.year)


def month(day: date) -> str:
    """Return three letters, or the number with its sign in Chinese."""
    return say("months").split()[day.month - 1]


def sentences(parts: Sequence[str]) -> str:
    """Join the sentences that are not empty, with spaces where the language has spaces."""
    return (" " if language_in_force() == "en" else "").join(part for part in parts if part)


def break_points(text: str) -> list[str]:
    """Split a text where a line may break: after spaces and around wide letters, but not within a command in backticks.

    The pieces joined are the text.
    """
    found: list[str] = []
    wide = {sign for sign in text if unicodedata.east_asian_width(sign) in "WF"}  # as Chinese characters are
    command = False
    for sign in text:
        before = found[-1][-1] if found else ""
        breaks = not command and (before == " " or not wide.isdisjoint((sign, before)))
        command ^= sign == "`"
        if found and (not breaks or sign in NO_START or before in NO_END):
            found[-1] += sign
        else:
            found.append(sign)
    return found


_WINDOW = re.compile(r"weeks? ([^:]+)(?:: (.+))?")


def window_words(text: str) -> str:
    """Translate a window as a comparison writes it, as in "weeks 34–103: rules fully in force".

    The English text is the key: a reason without a row ``window_*`` stays in English, other text is returned unchanged.
    """
    found = _WINDOW.fullmatch(text)
    if not found:
        return text
    weeks = found[1].replace(", ", say("list"))
    reasons = {row["en"]: row[language_in_force()] for key, row in words()["text"].items() if key.startswith("window_")}
    said = say("window_weeks" if found[2] else "window_alone", weeks=weeks, reason=reasons.get(found[2], found[2]))
    return _of_one(said, weeks)


def _of_one(said: str, weeks: str) -> str:
    """Put weeks into the singular if they are a single one."""
    return said.replace("weeks", "week") if weeks.isdecimal() else said


def from_to(window: str) -> str:
    """Translate two windows, as in "weeks 0–12 to weeks 91–103"."""
    first, _, last = re.sub("weeks? ", "", window).partition(" to ")
    return _of_one(say("window_from_to", first=first, last=last), first) if last else window_words(window)


def translate(text: str) -> str:
    """Translate a sentence to the language in force; a prefix before its last colons, such as file and key, is kept.

    Sentences without a row in ``errors.toml`` stay as they are.
    """
    starts = [0, *(found.end() for found in re.finditer(": ", text))]
    for start in starts:
        if (said := _whole_sentence(text[start:])) is not None:
            return text[:start] + said
    return text


def note_text(text: str) -> str:
    """Return a note of a target, or what a contradiction is about, in the language in force, with a reason before."""
    for row in words()["evidence"].values():
        if row["en"] == text:
            return row[language_in_force()]
    reason, _, rest = text.partition("; ")
    return f"{translate(reason)}{say('semicolon')}{note_text(rest)}" if rest else translate(text)


def _whole_sentence(text: str) -> str | None:
    """Return the translation of a whole sentence; None if the table does not have it."""
    for pattern, key in _patterns():
        if found := pattern.fullmatch(text):
            parts = {name: _part(name, part) for name, part in found.groupdict().items()}
            row = words()["error"][key][language_in_force()]
            return _english(row, parts) if language_in_force() == "en" else row.format(**parts)
    return None


def _part(name: str, text: str) -> str:
    """Translate a part of a sentence: a sentence itself, a unit, or the name of a country or currency."""
    if name == SENTENCES_PART:
        return say("semicolon").join(map(translate, text.split("; ")))
    if name.startswith(SENTENCE_PART):
        return translate(text)
    if name == UNIT_OF and language_in_force() != "en":
        money = next((each for each in text.split() if each in READ), YUAN)
        with speaking(language_in_force(), {"currency": money, "words": READ}):
            return label("parameter_unit" if text in words()["parameter_unit"] else "unit", text)
    named = {**words()["unit"].get(text, {}), **READ.get(text, {})} if name.startswith(COUNTRY_PARTS) else {}
    return named.get(language_in_force(), text)


@functools.cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Compile the English rows with a group for each part in braces; the first that fits a sentence is taken.

    A path has no colon and blank, a count is of digits and commas.
    """
    found = []
    for key, row in sorted(words()["error"].items(), key=lambda named: _place_in_line(named[1]["en"])):
        text = re.escape(row["en"]).replace(r"\{path\}", r"(?P<path>(?:(?!: ).)*[^\s:])")
        text = text.replace(r"\{count\}", r"(?P<count>[\d,]+)")
        found.append((re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", text)), key))
    return found


def _place_in_line(english: str) -> tuple[bool, bool, int]:
    """Put rows that hold a sentence first, those that begin with a path last, and within them those with most words."""
    return english.startswith("{path}"), f"{{{SENTENCE_PART}" not in english, -len(re.sub(r"\{\w+\}", "", english))
