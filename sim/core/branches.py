"""How often each branch of a rule was taken in a run; machine code is arranged by it, with rare code apart.

This changes where code lies but no result. ``make branches`` counts the shares. A rule whose branches have changed goes
without them until they are counted again.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from numba.core import cgutils

FILE = Path(__file__).with_suffix(".json")
ALL = 10_000  # stands for a share of 1
_PART = re.compile(r"(\d+)")


def branches_of(module: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yield each function of the package in a module of code, as ``engine.day.turn``, with its branches in order."""
    for function in module.functions:
        if function.blocks and (name := _name_of(function.name)):
            ends = (block.terminator for block in function.blocks)
            yield name, [end for end in ends if isinstance(end, cgutils.ir.ConditionalBranch)]


def weigh(module: Any) -> None:
    """Attach to each branch how often it was taken, where that is known."""
    for name, branches in branches_of(module):
        shares = kept().get(name, [])
        if len(shares) == len(branches):
            for branch, share in zip(branches, shares, strict=True):
                if share is not None:
                    branch.set_weights([1 + share, 1 + ALL - share])


@cache
def kept() -> dict[str, list[int | None]]:
    """Read the shares, in units of 1 / ``ALL``, by function; None for a branch that was never reached."""
    found: dict[str, list[int | None]] = json.loads(FILE.read_text("utf-8"))
    return found


def _name_of(symbol: str) -> str:
    """Return the name of a function of the package from its symbol, "" for other functions."""
    parts, rest = [], symbol.removeprefix("_ZN")
    while size := _PART.match(rest):
        end = size.end() + int(size[1])
        parts.append(rest[size.end() : end])
        rest = rest[end:]
    return ".".join(parts[1:]) if parts[:1] == ["sim"] else ""
