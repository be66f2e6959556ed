"""Runs the cases of a kind, and keeps those that fail."""

import shutil
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.fuzz.guard import outcome, silence
from tests.fuzz.kinds import Make


class Tried(NamedTuple):
    """What the cases of a kind did."""

    wrong: list[str]  # a line for each case that failed
    refused: int
    slowest: float  # seconds
    seconds: float


def tried(kind: str, make: Make, numbers: range, place: Path, keep: Path) -> Tried:
    """Try cases of a kind.

    Parameters
    ----------
    kind : str
        Its name; with the number of the case it is the seed.
    make : Make
        Makes a case.
    numbers : range
        Of the cases.
    place : Path
        An empty folder to work in.
    keep : Path
        Where the files of cases that fail are kept.

    Returns
    -------
    Tried
        What they did.
    """
    wrong, refused, slowest, total = [], 0, 0.0, 0.0
    with silence() as printed:
        for number in numbers:
            case = make(Random(f"{kind} {number}"), place)
            printed()
            said, message, seconds = outcome(case.read, printed)
            refused += bool(message)
            slowest, total = max(slowest, seconds), total + seconds
            if said:
                kept = keep / f"{kind}-{number}"
                kept.mkdir(parents=True, exist_ok=True)
                for file in case.files:
                    shutil.copyfile(file, kept / file.name)
                wrong.append(f"{kind} {number}: {said} (kept in {kept})")
    return Tried(wrong, refused, slowest, total)
