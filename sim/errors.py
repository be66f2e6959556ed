"""The errors that a user may meet; each is one clear message, and the command line turns it into an exit code."""

import difflib
from collections.abc import Iterable


class OffhoursError(Exception):
    """Base of every error that offhours raises on purpose."""

    exit_code = 1


class InputError(OffhoursError):
    """A file, a flag or a name given by the user cannot be used."""

    exit_code = 2


class ResultsError(OffhoursError):
    """A results folder cannot be written, or what lies in it is damaged."""

    exit_code = 3


class EngineError(OffhoursError):
    """The engine found its own books out of balance or a buffer too small."""

    exit_code = 4


LISTED = 60  # names; more are not listed in a message
LOOKED_AT = 2_000  # names among which a misspelling is looked for


def nearest(word: str, choices: Iterable[str]) -> str:
    """Say which valid choice a misspelt word is closest to.

    Parameters
    ----------
    word : str
        What the user wrote.
    choices : Iterable[str]
        The valid names.

    Returns
    -------
    str
        ``"; did you mean 'x'?"`` if one choice is close, else ``"; valid: a, b, …"``.
    """
    names = sorted(choices)
    close = difflib.get_close_matches(word, names[:LOOKED_AT], n=1, cutoff=0.6) if len(word) <= 100 else []
    more = ", …" if len(names) > LISTED else ""
    return f"; did you mean '{close[0]}'?" if close else f"; valid: {', '.join(names[:LISTED])}{more}"


def shortened(word: str) -> str:
    """Write a word of a user so that a message stays readable.

    Parameters
    ----------
    word : str
        Any text.

    Returns
    -------
    str
        Its beginning if it is long.
    """
    return word if len(word) <= 100 else f"{word[:100]}…"
