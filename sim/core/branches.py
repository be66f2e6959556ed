"""How often each branch of a rule was taken in a run, by which machine code is laid out: what is rare lies apart.

This changes where code lies, and no result. Shares are counted by ``make branches``; a rule that has other branches
since goes without them until they are counted again.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from numba.core import cgutils

FILE = Path(__file__).with_suffix(".json")
ALL = 10_000  # a share of 1
_PART = re.compile(r"(\d+)")


def branches_of(module: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yield each function of the package in a module of code, as ``engine.day.turn``, and its branches in order."""
    for function in module.functions:
        if function.blocks and (name := _name_of(function.name)):
            ends = (block.terminator for block in function.blocks)
            yield name, [end for end in ends if isinstance(end, cgutils.ir.ConditionalBranch)]


def weigh(module: Any) -> None:
    """Write down for each branch how often it was taken, where that is known."""
    for name, branches in branches_of(module):
        shares = kept().get(name, [])
        if len(shares) == len(branches):
            for branch, share in zip(branches, shares, strict=True):
                if share is not None:
                    branch.set_weights([1 + share, 1 + ALL - share])


@cache
def kept() -> dict[str, list[int | None]]:
    """Read the shares, of ``ALL``, by function; None where a branch was never reached."""
    found: dict[str, list[int | None]] = json.loads(FILE.read_text("utf-8"))
    return found


def _name_of(symbol: str) -> str:
    """Read the name of a function of the package from its symbol, "" for others."""
    parts, rest = [], symbol.removeprefix("_ZN")
    while size := _PART.match(rest):
        end = size.end() + int(size[1])
        parts.append(rest[size.end() : end])
        rest = rest[end:]
    return ".".join(parts[1:]) if parts[:1] == ["sim"] else ""
