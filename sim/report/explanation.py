"""Report of an ablation: what an effect or a level consists of, mechanism by mechanism."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from sim.comparing.ablation import ALL, CONTRIBUTED, EXPECTATION
from sim.figures.words import label, phrase, window_words
from sim.report.comparison import narrow_grids
from sim.report.console import Facts, Tables, commas, line, say, show
from sim.report.intervals import parameters_drawn
from sim.report.numbers import bare, cited, named, share_of, spoken, unit_in_head, written
from sim.stats.variance import excludes_zero

CELL = 15  # columns of a cell on a terminal, with the space before it


def print_explanation(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print the contributions and how to read them."""
    table, rest = tables["explanation"], manifest["remainder"]
    first = table.row(0, named=True)
    level = manifest["counterfactual"] is None
    kind = "level" if level else "effect"
    known = bool((table["low"] < table["high"]).any())
    about = {} if level else {"reference": cited(manifest, manifest["counterfactual"])}
    say(
        console,
        phrase("explanation", f"title_{kind}", name=cited(manifest, first["scenario"]), **about),
        phrase("explanation", "firms", firms=f"{first['firms']:,}", window=window_words(first["window"])),
        parameters_drawn(manifest, known),
        "" if known else phrase("run", "no_interval"),
    )
    for part in _tables(console.width, table, rest, level):
        show(console, part)
    remainder = phrase("explanation", "remainder_note") if rest else ""
    say(console, phrase("explanation", f"reading_{kind}") + remainder)
    for row in table.filter(mechanism=EXPECTATION, outcome="hidden_overtime").drop_nulls("share").to_dicts():
        if excludes_zero(row, *CONTRIBUTED):
            say(console, phrase("explanation", f"expectation_{kind}", share=written(row["share"], "share")))
    line(console, phrase("run", "results", folder=folder))


def answer(table: pl.DataFrame, level: bool) -> Iterator[str]:
    """Write without which mechanism most of the effect, or level, of two outcomes would go, and which are unclear."""
    clear = table.filter(pl.col("share").is_finite())
    for outcome in clear["outcome"].unique(maintain_order=True).to_list()[:2]:
        rows = [row for row in clear.filter(outcome=outcome).to_dicts() if excludes_zero(row, *CONTRIBUTED)]
        first = max(rows, key=lambda row: float(row["share"]), default=None)
        if first and first["share"] > 0:
            about = {"mechanism": label("mechanism", first["mechanism"]), "share": share_of(first["share"])}
            yield phrase("explanation", "most_level" if level else "most_effect", name=named(outcome), **about)
        else:
            yield phrase("explanation", "most_none", name=named(outcome))
    unclear = [name for name in table["outcome"].unique(maintain_order=True) if name not in set(clear["outcome"])]
    if unclear:
        yield phrase("explanation", "whole_unclear", names=commas(map(spoken, unclear)))


def _tables(width: int, table: pl.DataFrame, rest: Mapping[str, float], level: bool) -> Iterator[Table]:
    """Lay out contributions, mechanisms by outcomes, in as many tables as the width requires."""
    cells = {(row["mechanism"], row["outcome"]): row for row in table.to_dicts()}
    mechanisms, names = (table[key].unique(maintain_order=True).to_list() for key in ("mechanism", "outcome"))
    units = {name: cells[ALL, name]["unit"] for name in names}
    heads = {each: label("mechanism", each) for each in mechanisms}
    said = {name: unit_in_head(unit, not level) for name, unit in units.items()}
    for part, grid in narrow_grids(said, list(heads.values()), width, CELL):
        whole = (_whole(cells[ALL, name], not level) for name in part)
        grid.add_row(f"[bold]{label('mechanism', ALL)}[/]", *whole)
        for mechanism in mechanisms[1:]:
            grid.add_row(heads[mechanism], *(_contribution(cells[mechanism, name]) for name in part))
        if rest:
            left = (bare(rest.get(name), units[name], signed=True) for name in part)
            grid.add_row(f"[dim]{phrase('explanation', 'remainder')}[/]", *left)
        yield grid


def _whole(row: Facts, change: bool) -> str:
    """Write the whole effect or level, 0 where it is exactly that."""
    return "0" if row["effect"] == row["low"] == row["high"] == 0 else bare(row["effect"], row["unit"], change)


def _contribution(row: Facts) -> str:
    """Write a contribution with its share, starred if its interval excludes zero."""
    if row["contribution"] == row["contribution_low"] == row["contribution_high"] == 0:
        return "0"
    sure = "*" if excludes_zero(row, *CONTRIBUTED) else ""
    share = "" if row["share"] is None else f" {share_of(row['share'])}"
    return f"{bare(row['contribution'], row['unit'], signed=True)}{sure}[dim]{share}[/]"
