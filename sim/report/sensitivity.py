"""Report of a sensitivity analysis: which parameters drive each figure, and how far to trust that."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from rich.console import Console

from sim.core.parameter_sets import POINT
from sim.figures.words import bracketed, label, phrase
from sim.figures.words import say as words
from sim.report.console import Facts, Tables, commas, grid, line, say, show
from sim.report.intervals import other_country
from sim.report.numbers import explained_share, full_name, name_of, parameter_set, share_of, unit_in_head, written
from sim.stats.variance import direction

TOP = 3  # parameters named for each figure
MEASURES = ("level", "effect")


def print_sensitivity(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print the parameters that drive each figure, the notes of ``lines``, and where the results are."""
    screening = tables["screening"]
    measures = [measure for measure in MEASURES if measure in screening["measure"]]
    table = grid(phrase("run", "head_outcome"), *(phrase("drivers", f"head_{measure}") for measure in measures))
    for outcome in screening["outcome"].unique(maintain_order=True):
        mine = screening.filter(outcome=outcome)
        tops = (_top(mine.filter(measure=measure)) for measure in measures)
        head = f"{label('outcome', outcome)}\n[dim]{unit_in_head(mine['unit'][0], True)}[/dim]"
        table.add_row(head, *tops)
    show(console, table)
    line(console, *lines(tables, manifest))
    say(console, other_country(manifest))
    line(console, phrase("run", "results", folder=folder))


def moved_by(tables: Tables) -> Iterator[str]:
    """Write which parameters move each effect and each outcome most, where any do beyond chance."""
    moved = tables["screening"].filter(pl.col("above_chance").any().over("outcome", "measure"))
    for measure in reversed(MEASURES):
        for (outcome,), mine in moved.filter(measure=measure).group_by("outcome", maintain_order=True):
            head = commas((full_name(str(outcome)), phrase("drivers", f"head_{measure}")))
            yield words("headed", head=head, text=commas(_top(mine).split("\n")))


def _top(rows: pl.DataFrame) -> str:
    """List the parameters that move a figure most, with their mean effect over the whole range.

    Empty for a figure that no run could compute, or whose chance variation is unknown.
    """
    if rows["above_chance"].null_count() == rows.height:
        return "–"
    most = rows.filter(pl.col("above_chance")).sort("mu_star", descending=True).head(TOP)
    listed = "\n".join(f"{row['parameter']} {_signed(row)}" for row in most.iter_rows(named=True))
    return listed or phrase("drivers", "nothing")


def _signed(row: Facts) -> str:
    """Write a mean absolute effect with half of its interval, shares in points, and the direction if it has one."""
    factor, unit = (100.0, "") if row["unit"] == "share" else (1.0, row["unit"])
    numbers = f"{written(factor * row['mu_star'], unit)} ± {written(factor * row['half'], unit)}"
    sign = direction(row)
    return phrase("drivers", "either", numbers=numbers) if sign == "±" else sign + numbers


def lines(tables: Tables, manifest: Facts) -> Iterator[str]:
    """Write sentences on how far the results can be trusted."""
    screening, outcomes, about = tables["screening"], tables["outcomes"], manifest["uncertainty"]
    failed, none = manifest["failed"], phrase("drivers", "none")
    yield phrase("drivers", "numbers")
    fate = phrase("drivers", "failed" if failed else "none_failed", count=failed)
    yield phrase("drivers", "runs", runs=manifest["runs"], people=f"{manifest['people_reached']:.0f}") + fate
    drawn = bool(about["draws"])
    yield phrase(
        "drivers", "rest_drawn" if drawn else "rest_fixed", name=parameter_set(about["name"] if drawn else POINT)
    )
    moves = dict(
        screening.drop_nulls("above_chance").group_by("parameter").agg(pl.col("above_chance").any()).iter_rows()
    )
    silent = [name for name in tables["parameters"]["parameter"] if moves.get(name) is False]
    if moves:
        yield phrase("drivers", "silent", names=commas(silent) or none)
    if "indices" in tables:
        poor = outcomes.filter(emulator_good=False).select("outcome", "measure", "explained").iter_rows()
        listed = commas(
            bracketed(name_of("outcome", name), commas((name_of("measure", measure), explained_share(explained))))
            for name, measure, explained in poor
        )
        count = {"good": outcomes["emulator_good"].sum(), "of": outcomes.height}
        yield phrase("drivers", "indices", **count) + (phrase("drivers", "poor", listed=listed) if listed else "")
    yield from _signs(outcomes.filter(pl.col("above_zero").is_not_null(), measure="effect"))
    if screening.filter(pl.col("above_chance").is_null() & pl.col("mu_star").is_not_null()).height:
        yield phrase("drivers", "few_firms")


def _signs(effects: pl.DataFrame) -> Iterator[str]:
    """State which effects keep their sign at all points."""
    if effects.is_empty():
        return
    none = phrase("drivers", "none")
    sides = (effects.filter(above_zero=share)["outcome"] for share in (1.0, 0.0))
    above, below = (commas(name_of("outcome", name) for name in side) or none for side in sides)
    mixed = effects.filter(pl.col("above_zero").is_between(0, 1, closed="none")).select("outcome", "above_zero")
    each = (
        phrase("drivers", "above", name=name_of("outcome", name), share=share_of(share)) for name, share in mixed.rows()
    )
    points = effects["runs"].to_numpy().max()
    yield phrase("drivers", "signs", points=points, above=above, below=below, either=commas(each) or none)
