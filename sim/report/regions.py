"""Report of the regions of the space of parameters in which a rule raises and lowers an outcome."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from rich.console import Console

from sim.figures.numerals import GOOD
from sim.figures.words import bracketed, counted, label, phrase, range_text
from sim.figures.words import say as words
from sim.report.console import Facts, Tables, commas, grid, line, say, show
from sim.report.intervals import bare_interval, other_country
from sim.report.numbers import explained_share, full_name, name_of, share_of, title_of, unit_in_head, unitless, world
from sim.stats.ranks import whole_percent

PLACES = ("range", "prior", "posterior")
PER_AXIS = 10  # points for each parameter from which on intervals of shares held in trials; see docs/map.md
MISSED = 0.2  # share of errors that an emulator may miss


def print_regions(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print for each scenario and outcome where it is higher, and how far to trust that."""
    regions, turns = tables["regions"], tables["turns"]
    places = [over for over in PLACES if over in regions["over"]]
    heads = [phrase("regions", f"head_{name}").replace("|", "\n") for name in ("outcome", "table", *places)]
    for scenario in turns["scenario"].unique(maintain_order=True):
        mine = turns.filter(scenario=scenario)
        table = grid(*heads, title=title_of(manifest, scenario), padding=(0, 1, 0, 0))
        for column in table.columns[1:]:
            column.no_wrap = True  # no line ends within an interval
        for turn in mine.iter_rows(named=True):
            outcome = turn["outcome"]
            rows = regions.filter(scenario=scenario, outcome=outcome)
            cells = (share(rows.filter(over=over).row(0, named=True)) for over in places)
            head = f"{label('outcome', outcome)}\n[dim]{unit_in_head(turn['unit'], True)}[/dim]"
            table.add_row(head, at_table(turn), *cells)
        show(console, table)
        line(console, *verdicts(mine))
    line(console, "", *lines(tables, manifest))
    say(console, other_country(manifest))
    line(console, phrase("run", "results", folder=folder))


def verdicts(turns: pl.DataFrame) -> Iterator[str]:
    """Write for each outcome of a scenario on which sides of zero there is a region."""
    for turn in turns.to_dicts():
        yield words("headed", head=full_name(turn["outcome"]), text=sentence(turn))


def at_table(turn: Facts) -> str:
    """Write the effect at the values of the table with its interval."""
    ends = {end: turn[f"at_table_{end}"] for end in ("low", "high")}
    return f"{unitless(turn['at_table'], turn['unit'], signed=True)}\n{bare_interval({**turn, **ends})}"


def share(row: Facts) -> str:
    """Write the share in which an outcome is higher, with its interval, and the shares in which its sign is sure."""
    names = ("raises_low", "raises_high", "surely_raises", "surely_lowers")
    low, high, up, down = (whole_percent(row[name]) for name in names)
    ends = phrase("run", "interval", low=low, high=high).strip()
    return f"{share_of(row['raises'])}\n{ends}\n{phrase('regions', 'sure', up=up, down=down)}"


def sentence(turn: Facts) -> str:
    """State on which sides of zero there is a region, and which two parameters decide most of it."""
    if turn["at_table_low"] == turn["at_table_high"]:  # only where the effect is zero at all points
        return phrase("regions", "nothing")
    about = {"across": turn["across"], "up": turn["up"]}
    key, shown = ("sign", {"share": share_of(turn["of_sign"])}) if turn["turns"] else ("size", {})
    pair = phrase("regions", key, **shown, **about)
    poor = phrase("regions", "poorly") if (turn["explained"] or 0.0) < GOOD else ""
    return phrase("regions", "sentence", verdict=phrase("regions", turn["verdict"]) + poor, pair=pair)


def lines(tables: Tables, manifest: Facts) -> Iterator[str]:
    """Write sentences on what the numbers are and how far they can be trusted."""
    turns, about = tables["turns"], manifest["uncertainty"]
    points, most, parameters = min(turns["points"]), max(turns["points"]), tables["axes"].height
    reached = manifest.get("people_reached")  # of earlier versions unknown
    people = phrase("regions", "reached", count=f"{reached:,}") if reached else counted(manifest["people"], "person")
    used = range_text(f"{points:,}", f"{most:,}")
    size = {"points": used, "parameters": parameters, "people": people}
    facts = {"method": manifest["method"], "years": f"{manifest['years']:g}", "engine": manifest["engine"][:12]}
    yield phrase("regions", "points", **size, **facts)
    if points < manifest.get("designed", points):
        yield phrase("regions", "part", designed=f"{manifest['designed']:,}")
    if others := manifest.get("besides"):
        yield phrase("regions", "besides", listed=commas(f"`{name}`" for name in others))
    yield phrase("regions", "reading")
    draws = tables["regions"].filter(over="posterior")
    if about["draws"] and draws.height:
        count = {"points": f"{max(draws['points']):,.0f}", "draws": f"{about['draws']:,}"}
        yield phrase("regions", "posterior", name=name_of("targets", about["name"]), **count)
    poor = turns.filter((pl.col("explained") < GOOD) | (pl.col("beyond") > MISSED)).iter_rows(named=True)
    each = (
        bracketed(f"{world(row['scenario'])} {label('outcome', row['outcome'])}", explained_share(row["explained"]))
        for row in poor
    )
    yield phrase("regions", "poor", listed=commas(each) or phrase("drivers", "none"))
    if points < PER_AXIS * parameters:
        yield phrase("regions", "few", per_axis=PER_AXIS)
