"""A watch on what ``sim`` adds up by groups: floating-point numbers only by ``sim.stats.ordered``.

Polars adds up the rows of a group in parts, whose number depends on threads and on chance, so that the last bits of two
calls differ, once in thousands of times. No result would show it, and so the watch looks at the expressions.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType
from typing import Any

import polars as pl
from polars.lazyframe.group_by import LazyGroupBy

PACKAGE = str(Path(__file__).parents[1] / "sim")
ADDED_UP = (".sum()", ".mean()", ".var()", ".std()")
ROUNDED = ("firm_weeks",)  # adds up numbers of 32 bits in 64, and keeps 32: the last bits are rounded away


def watch() -> None:
    """Let each place of ``sim`` fail that adds up floating-point numbers by groups, when it is first come to."""
    group_by, aggregate = pl.LazyFrame.group_by, LazyGroupBy.agg
    seen: set[tuple[CodeType, int]] = set()

    def watched_group_by(self: pl.LazyFrame, *by: Any, **options: Any) -> LazyGroupBy:
        groups = group_by(self, *by, **options)
        groups.grouped = self
        return groups

    def watched_aggregate(self: LazyGroupBy, *expressions: Any, **named: Any) -> pl.LazyFrame:
        place = place_in_package()
        if place is not None and place not in seen:
            seen.add(place)
            found = added_up(self.grouped, list(flat([*expressions, *named.values()])))
            assert not found or place[0].co_name in ROUNDED, f"added up in no order; use sim.stats.ordered: {found}"
        return aggregate(self, *expressions, **named)

    pl.LazyFrame.group_by, LazyGroupBy.agg = watched_group_by, watched_aggregate  # type: ignore[method-assign]


def place_in_package() -> tuple[CodeType, int] | None:
    """Return the code and the line of ``sim`` that is being run; None if the innermost caller is no such code."""
    frame = sys._getframe(2)
    while frame is not None and "polars" in frame.f_code.co_filename:
        frame = frame.f_back
    inside = frame is not None and frame.f_code.co_filename.startswith(PACKAGE)
    return (frame.f_code, frame.f_lineno) if inside else None


def flat(expressions: Sequence[Any]) -> Iterator[pl.Expr]:
    """Yield expressions, also those in lists; names of columns are nothing that is added up."""
    for each in expressions:
        if isinstance(each, pl.Expr):
            yield each
        elif not isinstance(each, str):
            yield from flat(list(each))


def added_up(frame: pl.LazyFrame, expressions: Sequence[pl.Expr]) -> list[str]:
    """List the parts of expressions that add up floating-point numbers of a frame."""
    parts = [part.meta.undo_aliases() for each in expressions for part in with_inputs(each)]
    sums = {str(part): part.meta.pop()[0] for part in parts if str(part).endswith(ADDED_UP)}
    return [
        name for name, of in sums.items() if any(kind.is_float() for kind in frame.select(of).collect_schema().dtypes())
    ]


def with_inputs(expression: pl.Expr) -> Iterator[pl.Expr]:
    """Yield an expression and all that it is computed from."""
    yield expression
    for each in expression.meta.pop():
        yield from with_inputs(each)
