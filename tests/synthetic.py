"""Small made-up result tables with known properties, in the shape in which a run leaves them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl

from sim.core.columns import ROLES, Ledger, table_name
from sim.scenario.countries import home

TIMES = tuple(name for name in Ledger._fields if name.endswith("_seconds"))
MONEY = tuple(name for name in Ledger._fields if name.endswith("_fen"))
COUNTS = tuple(name for name in Ledger._fields if not name.endswith(("_seconds", "_fen")))
STATES = (
    "exhaustion", "cynicism", "efficacy", "anxiety", "fatigue", "detachment", "trust", "conflict", "enrichment",
    "partner_strain", "informed", "time_pressure", "expectation", "response", "use_of_rights", "compliance", "fear",
)  # fmt: skip
FLAGS = ("burnt_out", "exhausted", "anxious")
KEYS = ("replicate", "firm", "person", "week")
TYPES = {"replicate": pl.Int16, "firm": pl.Int32, "person": pl.Int32, "week": pl.Int16}


@dataclass(frozen=True)
class Lever:
    start: date | None = None
    end: date | None = None
    ramp_days: int = 0
    strength: float = 1.0


class Calendar(NamedTuple):
    start: date = date(2026, 1, 5)


class Run(NamedTuple):
    warmup_days: int = 14


class Rules(NamedTuple):
    name: str
    levers: Sequence[Lever] = ()
    calendar: Calendar = Calendar()
    run: Run = Run()
    managers: str = "plain"


def table(rows: Sequence[dict[str, object]], world: str = "base") -> pl.DataFrame:
    """Person-weeks from what is said; everything else is zero, and a person is at work five days a week."""
    zero: dict[str, object] = {
        **{table_name(name): 0.0 for name in (*TIMES, *MONEY)},
        **dict.fromkeys(COUNTS, 0),
        **dict.fromkeys(STATES, 0.0),
        **dict.fromkeys(FLAGS, False),
        **dict.fromkeys(KEYS, 0),
        "world": world,
        "demand": None,
        "workdays": 5,
    }
    types = {name: pl.Float32 for name in zero if name.endswith(("_minutes", "_yuan")) or name in STATES}
    types |= {name: pl.Int32 for name in COUNTS} | TYPES | {"world": pl.Categorical, "demand": pl.Float32}
    return pl.DataFrame([zero | row for row in rows]).cast(types)


def people(rows: Sequence[dict[str, object]]) -> pl.DataFrame:
    usual = {"replicate": 0, "firm": 0, "person": 0, "role": "clerical", "is_manager": False, "partner": False}
    return pl.DataFrame([usual | row for row in rows]).cast({key: TYPES[key] for key in KEYS[:3]})


def firms(rows: Sequence[dict[str, object]]) -> pl.DataFrame:
    usual = {"replicate": 0, "firm": 0, "city": "beijing", "industry": "internet", "size": 1, "in_scope": True}
    return pl.DataFrame([usual | row for row in rows]).cast({key: TYPES[key] for key in KEYS[:2]})


def economy(
    seed: int,
    *,
    worlds: Sequence[str] = ("base", "ban"),
    replicates: int = 2,
    firm_count: int = 12,
    weeks: range = range(-2, 6),
    change: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
    median_size: float = 12.0,
) -> dict[str, pl.DataFrame]:
    """A random economy, the same in all worlds; ``change`` alters the last world where a firm is in scope.

    Firms with even numbers are in scope. Times are whole seconds in minutes, as a run leaves them.
    """
    rng = np.random.default_rng(seed)
    clusters = replicates * firm_count
    sizes = np.clip(np.round(median_size * np.exp(0.8 * rng.standard_normal(clusters))), 3, 200).astype(int)
    cluster = np.repeat(np.arange(clusters), sizes)
    number = np.concatenate([np.arange(size) for size in sizes])
    boss = number == 0
    heads = pl.DataFrame(
        {
            "replicate": cluster // firm_count,
            "firm": cluster % firm_count,
            "person": np.arange(len(cluster)),
            "role": np.where(boss, "manager", np.asarray(ROLES)[1 + number % (len(ROLES) - 1)]),
            "is_manager": boss,
            "partner": number % 3 > 0,
        }
    ).cast({key: TYPES[key] for key in KEYS[:3]})
    places = pl.DataFrame(
        {
            "replicate": np.arange(clusters) // firm_count,
            "firm": np.arange(clusters) % firm_count,
            "city": np.where(np.arange(clusters) % 2 == 0, "beijing", "wuhan"),
            "industry": np.asarray(home().trades)[np.arange(clusters) % len(home().trades)],
            "size": sizes,
            "in_scope": np.arange(clusters) % firm_count % 2 == 0,
        }
    ).cast({key: TYPES[key] for key in KEYS[:2]})
    rows = len(cluster) * len(weeks)
    firm_level = np.repeat(np.exp(0.3 * rng.standard_normal(clusters)), sizes * len(weeks))
    keys = heads.select(KEYS[:3]).join(pl.DataFrame({"week": list(weeks)}).cast({"week": pl.Int16}), how="cross")
    columns: dict[str, np.ndarray] = {}
    for name in TIMES:
        mean = 15_000.0 if "overtime" in name else 3_000.0
        seconds = np.round(firm_level * rng.exponential(mean, rows)).astype(int)
        if name == "hidden_overtime_seconds":
            seconds[rng.random(rows) < 0.3] = 0
        columns[name.removesuffix("_seconds") + "_minutes"] = (seconds / 60.0).astype(np.float32)
    for name in COUNTS:
        columns[name] = rng.poisson(4.0, rows).astype(np.int32)
    columns["workdays"] = rng.integers(0, 6, rows).astype(np.int32)
    for name in STATES:
        columns[name] = rng.standard_normal(rows).astype(np.float32)
    for name in FLAGS:
        columns[name] = rng.random(rows) < 0.4
    for name in MONEY:
        columns[table_name(name)] = (rng.integers(0, 300_000, rows) / 100.0).astype(np.float32)
    base = keys.with_columns(pl.Series(name, values) for name, values in columns.items())
    parts = []
    for world in worlds:
        part = base.with_columns(world=pl.lit(world), demand=pl.lit(None, pl.Float32))
        if change is not None and world == worlds[-1]:
            reached = part.join(places.filter("in_scope").select(KEYS[:2]), on=KEYS[:2], how="semi")
            part = pl.concat([part.join(reached, on=KEYS, how="anti"), change(reached)], how="vertical_relaxed")
            part = part.sort(KEYS)
        parts.append(part)
    weekly = pl.concat(parts).with_columns(pl.col("world").cast(pl.Categorical))
    return {"people": heads, "firms": places, "person_week": weekly}
