"""The golden run: the pilot ban and today's rules in one small economy for twelve weeks, kept as weekly sums.

``python -m tests.golden`` shows what has moved and keeps the new run. Counts and seconds are compared exactly, states
to six digits, because another processor may round the last bit of a logarithm differently.
"""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from sim.core.columns import Ledger
from sim.core.parameter_sets import FIRST, POINT
from sim.core.units import years_of
from sim.engine.record import STATES
from sim.model import Workplace
from sim.scenario.loading import counterfactual, load
from sim.scenario.parameter_draws import load_draws
from sim.scenario.schema import Scenario

KEPT = Path(__file__).parent
FIRST_KEPT = KEPT / "first"  # the same run of the first model
FIRST_INSPECTIONS = 0.5  # a firm and year, which the scenario had then
TABLE_OF_FIRST = "point@0.3.0"  # all that the draws of the first model do not hold
NAMES = ("status_quo", "pilot_ban")
KEYS = ("world", "week", "in_scope")
PRECISION = 1e-6  # relative, of states
_WEEKS, _WARMUP = 12, 14


def economy(scenario: Scenario) -> Scenario:
    """Put a scenario into the golden economy: about 60 people, from five weeks before the ban on."""
    starts = min(lever.start for lever in scenario.levers if lever.start and lever.kind == "ban")
    first: date = starts - timedelta(days=35 + starts.weekday())
    return Scenario.model_validate(
        scenario.model_dump()
        | {
            "calendar": {"start": first},
            "run": {
                "people": 60, "years": years_of(_WEEKS), "replicates": 1, "seed": 3, "warmup_days": _WARMUP,
            },
            "population": scenario.population.model_dump() | {"firm_size_median": 8, "firm_size_max": 20},
        }
    )  # fmt: skip


def worlds() -> list[Scenario]:
    """The pilot ban and what it is compared with, in the golden economy."""
    ban = economy(load("pilot_ban"))
    usual = counterfactual(ban, "pilot_ban")
    assert usual is not None
    return [usual, ban]


def weekly(scenario: Scenario, scope: pl.DataFrame) -> pl.DataFrame:
    """Run a world; sum seconds and counts, average states, by week and by whether the ban reaches the firm."""
    model = Workplace(scenario, parameters=POINT)
    model.run_for(model.days_total)
    engine = model.recorder
    parts = []
    for week, ledger, state in zip(engine.weeks, engine.ledgers, engine.states, strict=True):
        people = pl.DataFrame(
            {name: ledger[:, n].astype("int64") for n, name in enumerate(Ledger._fields)}
            | {name: state[:, n].astype("float64") for n, name in enumerate(STATES)}
        )
        parts.append(model.people().select("firm").with_columns(people, week=pl.lit(week, pl.Int64)))
    table = pl.concat(parts).join(scope, on="firm", how="left").with_columns(world=pl.lit(scenario.name))
    return (
        table.group_by(KEYS)
        .agg(*(pl.col(name).sum() for name in Ledger._fields), *(pl.col(name).mean().round(9) for name in STATES))
        .sort(KEYS)
    )


def now() -> pl.DataFrame:
    """What the code gives today."""
    return _run(*worlds())


def values_of_first() -> dict[str, float]:
    """Parameters of the first model: what its draws have in common, and for all else the table of then."""
    draws, table = load_draws(FIRST), load_draws(TABLE_OF_FIRST)
    assert draws is not None
    assert table is not None
    rows = pl.DataFrame(draws.rows)
    return dict(table.rows[0]) | {name: rows[name][0] for name in rows.columns if rows[name].n_unique() == 1}


def first_model() -> pl.DataFrame:
    """What it gives with the parameters of the first model."""
    values = values_of_first()
    pair = []
    for scenario in worlds():
        data = scenario.model_dump()
        data["parameters"] |= values
        for lever in data["levers"]:
            if lever["kind"] == "enforcement":
                lever["inspections_per_year"] = FIRST_INSPECTIONS
        pair.append(Scenario.model_validate(data))
    return _run(*pair)


def _run(usual: Scenario, ban: Scenario) -> pl.DataFrame:
    """Run both worlds."""
    scope = Workplace(ban, parameters=POINT).firms().select("firm", "in_scope")
    return pl.concat([weekly(usual, scope), weekly(ban, scope)])


def kept(folder: Path = KEPT) -> pl.DataFrame:
    """What was kept."""
    return pl.concat([pl.read_csv(folder / f"{name}.csv", infer_schema_length=None) for name in NAMES])


def keep(table: pl.DataFrame) -> None:
    """Keep a run, one file for each world."""
    for name in NAMES:
        table.filter(pl.col("world") == name).write_csv(KEPT / f"{name}.csv")


def differences(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Find columns that moved: world, scope, column, first week of difference, and totals (of states means) in both."""
    long = [
        frame.unpivot(index=list(KEYS), variable_name="column").with_columns(pl.col("value").cast(pl.Float64))
        for frame in (old, new)
    ]
    both = long[0].join(long[1], on=[*KEYS, "column"], how="full", coalesce=True, suffix="_now")
    slack = pl.when(pl.col("column").is_in(STATES)).then(PRECISION * pl.col("value").abs().clip(1.0)).otherwise(0.0)
    moved = both.with_columns(moved=((pl.col("value") - pl.col("value_now")).abs() > slack).fill_null(True))
    averaged = pl.col("column").first().is_in(STATES)

    def over_weeks(name: str) -> pl.Expr:
        return pl.when(averaged).then(pl.col(name).mean()).otherwise(pl.col(name).sum()).alias(name)

    return (
        moved.sort("week")
        .group_by("world", "in_scope", "column", maintain_order=True)
        .agg(
            pl.col("week").filter(pl.col("moved")).min().alias("first_week"),
            over_weeks("value"),
            over_weeks("value_now"),
            pl.col("moved").any(),
        )
        .filter(pl.col("moved"))
        .drop("moved")
        .sort("world", "in_scope", "column")
    )


def shown(moved: pl.DataFrame) -> str:
    """Write the differences as a table for people."""
    table = Table(
        "world", "in scope", "column", "first week", "kept", "now", "change", title="The golden run has moved"
    )
    for world, scope, column, week, old, new in moved.iter_rows():
        known = old not in (None, 0.0) and new is not None
        change = f"{100.0 * (new - old) / abs(old):+.3g} %" if known else "new" if old is None else ""
        numbers = ["-" if x is None else f"{x:,.6g}" for x in (old, new)]
        table.add_row(world, "yes" if scope else "no", column, str(week), *numbers, change)
    console = Console(width=120, color_system=None)
    with console.capture() as text:
        console.print(table)
    return text.get()
