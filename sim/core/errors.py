"""Errors for users: each is one clear message, which the command line maps to an exit code."""

import difflib
import os
from collections.abc import Iterable
from pathlib import Path


class OffhoursError(Exception):
    """Base of all errors that offhours raises on purpose."""

    exit_code = 1


class InputError(OffhoursError):
    """A file, an option or a name given by the user is invalid."""

    exit_code = 2


class ResultsError(OffhoursError):
    """A results folder cannot be written, or its contents are damaged."""

    exit_code = 3


class EngineError(OffhoursError):
    """The engine found that its accounts do not balance or a buffer is too small."""

    exit_code = 4


LISTED = 60  # most names in a message
LOOKED_AT = 2_000  # most names compared with a misspelling


def nearest(word: str, choices: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` if a choice is close to ``word``, else ``"; valid: a, b, …"``, if any."""
    if not (names := sorted(choices)):
        return ""
    known = {name.lower(): name for name in names[:LOOKED_AT]}
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6) if len(word) <= 100 else []
    more = ", …" if len(names) > LISTED else ""
    return f"; did you mean '{known[close[0]]}'?" if close else f"; valid: {', '.join(names[:LISTED])}{more}"


def misspelt(path: Path) -> str:
    """Return ``"; did you mean 'x'?"`` if a missing file has nearly the name of one beside it, else nothing."""
    beside = (each.name.removesuffix(path.suffix) for each in path.parent.glob(f"*{path.suffix}"))
    near = "" if os.path.exists(path) else nearest(path.stem, beside)  # unlike ``path.exists``, for names of any length
    return near.replace("'?", f"{path.suffix}'?") if near.startswith("; did") else ""


def shortened(word: str) -> str:
    """Cut a user's text to 100 characters for a message."""
    return word if len(word) <= 100 else f"{word[:100]}…"
