"""Report of the regions of the space of parameters in which a rule raises and lowers an outcome."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from sim.outcomes import written
from sim.report.console import grid, line
from sim.report.numbers import named, unit_in_head

PLACES = {"range": "of the range", "prior": "of the prior", "posterior": "of the posterior"}
VERDICTS = {
    "both": "raised in one region, lowered in another",
    "raises": "raised in one region, lowered nowhere",
    "lowers": "lowered in one region, raised nowhere",
    "neither": "no region in which the sign is sure",
}
POOR, MISSED = 0.5, 0.2  # share of the variance that an emulator should explain, and of errors that it may miss


def print_regions(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print for each scenario and outcome where it is higher, and what must not be read out of it."""
    regions, turns = tables["regions"], tables["turns"]
    places = [over for over in PLACES if over in regions["over"]]
    for scenario in turns["scenario"].unique(maintain_order=True):
        mine = turns.filter(pl.col("scenario") == scenario)
        table = grid("outcome", "at the table", *(f"higher in\n{PLACES[over]}" for over in places), title=scenario)
        for turn in mine.iter_rows(named=True):
            outcome = turn["outcome"]
            rows = regions.filter(pl.col("scenario") == scenario, pl.col("outcome") == outcome)
            cells = (share(rows.filter(pl.col("over") == over).row(0, named=True)) for over in places)
            head = f"{named(outcome)}\n[dim]{unit_in_head(turn['unit'], True)}[/dim]"
            table.add_row(head, at_table(turn), *cells)
        console.print(table)
        line(console, *(f"{named(turn['outcome'])}: {sentence(turn)}" for turn in mine.iter_rows(named=True)))
    line(console, "", *lines(tables, manifest))
    line(console, f"Results: {folder}", wrap=False)


def at_table(turn: Mapping[str, Any], between: str = "\n") -> str:
    """Write the effect at the values of the table with its interval."""
    low, high = (written(turn[f"at_table_{end}"], turn["unit"], signed=True) for end in ("low", "high"))
    return f"{written(turn['at_table'], turn['unit'], signed=True)}{between}({low} to {high})"


def share(row: Mapping[str, Any], between: str = "\n") -> str:
    """Write in which share an outcome is higher, with its interval, and in which shares it is surely so, or lower."""
    middle, low, high, up, down = (
        f"{100 * row[name]:.0f}" for name in ("raises", "raises_low", "raises_high", "surely_raises", "surely_lowers")
    )
    return f"{middle} % ({low} to {high}){between}sure: {up} / {down}"


def sentence(turn: Mapping[str, Any]) -> str:
    """Say on which sides of zero there is a region, and which two parameters tell most of it."""
    pair = f"`{turn['across']}` and `{turn['up']}`"
    told = f"{pair} tell {100 * turn['told']:.0f} % of the sign" if turn["turns"] else f"{pair} move its size most"
    return f"{VERDICTS[turn['verdict']]}; {told}."


def lines(tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any]) -> Iterator[str]:
    """Write sentences on what the numbers are and how far they can be trusted."""
    turns, about = tables["turns"], manifest["uncertainty"]
    yield (
        f"{max(turns['points'])} points ({manifest['method']}) over {tables['axes'].height} parameters, "
        f"{manifest['people']:,} people and {manifest['years']:g} years each; engine {manifest['engine'][:12]}."
    )
    yield (
        "Shares are means of the emulator's chance that the effect is above zero, with 95 % intervals of the emulator; "
        "sure is a chance of 97.5 % or more, of being higher / lower. The range is weighted evenly; a region counts "
        "from a hundredth of it on."
    )
    draws = tables["regions"].filter(pl.col("over") == "posterior")
    if about["draws"] and draws.height:
        yield (
            f"Posterior: the {max(draws['points']):.0f} of {about['draws']:,} draws of '{about['name']}' that lie in "
            "the range; parameters that it lacks are drawn from their priors."
        )
    poor = turns.filter((pl.col("explained") < POOR) | (pl.col("beyond") > MISSED)).iter_rows(named=True)
    listed = ", ".join(f"{row['scenario']} {row['outcome']} ({row['explained']:.2f})" for row in poor)
    yield (
        "Emulators that explain less than half of the variance of points that they have not seen, or miss a 90 % "
        f"interval in more than a fifth: {listed or 'none'}."
    )
