"""The golden table of levers: each kind in each of its forms at inner strengths, in one small economy.

Every lever starts on a day of the first week, grows for some days to a strength between 0 and 1, and reaches part of
the people or firms. Some act only where something is ruled already, and are added to a ban.
"""

from pathlib import Path
from typing import Any

import polars as pl

from sim.core.columns import Ledger
from sim.engine.record import STATES
from sim.model import Workplace
from sim.verify import ledger_totals
from tests.golden import PRECISION
from tests.rules import ALL
from tests.worlds import day_of, ran, scenario

KEPT = Path(__file__).with_name("levers.csv")
INNER: dict[str, Any] = {"strength": 0.6, "ramp_days": 4, "start": day_of(2), "scope": {"share": 0.7}}
WHOLE: dict[str, dict[str, Any]] = {"absent": {"strength": 1.0, "ramp_days": 0}}  # there is no such thing as half of it
BAN: dict[str, Any] = {"kind": "ban", "channels": ["im"], "strength": 0.5}
BESIDE_A_BAN = ("substitute", "emergency_line", "incentive", "training", "enforcement")
SUMS = (
    "sent", "sent_tool", "sent_call", "after_sent", "received", "interruptions", "checks", "answered", "reply_seconds",
    "summarised", "substituted", "postponed", "breaches", "complaints", "emergency_calls", "short_rests",
    "waiting_seconds", "output_seconds", "recorded_overtime_seconds", "hidden_overtime_seconds", "overtime_pay_fen",
)  # fmt: skip
MEANS = ("exhaustion", "anxiety", "trust", "expectation", "demand", "compliance", "fear")
SPENT = [name for name in Ledger._fields if name.endswith("_fen") and name not in ("wage_fen", "overtime_pay_fen")]


def row(name: str, levers: list[dict[str, Any]]) -> dict[str, Any]:
    """Run an economy of some small firms for two weeks under levers, and sum it up."""
    setting = scenario(people=40, weeks=2, levers=levers, parameters={"compliance_base": 0.5, "complaint_rate": 5.0})
    return {"lever": name} | summed_up(ran(setting))


def summed_up(model: Workplace) -> dict[str, Any]:
    """Sum seconds and counts over people and weeks; average states at the end."""
    sums = dict(zip(Ledger._fields, ledger_totals(model).sum(axis=0).tolist(), strict=True))
    means = dict(zip(STATES, model.recorder.states[-1].astype("float64").mean(axis=0).tolist(), strict=True))
    return (
        {name: sums[name] for name in SUMS}
        | {"costs_fen": sum(sums[name] for name in SPENT)}
        | {name: round(means[name], 9) for name in MEANS}
    )


def now() -> pl.DataFrame:
    """What the code gives today; the first rows are without a lever and with the ban alone."""
    rows = [row("none", []), row("ban alone", [BAN])]
    for lever in ALL:
        said = ", ".join(f"{key} {value}" for key, value in lever.items() if key not in {"kind", "grades"})
        name = f"{lever['kind']}: {said}" if said else lever["kind"]
        rows.append(
            row(name, [*([BAN] if lever["kind"] in BESIDE_A_BAN else []), lever | INNER | WHOLE.get(lever["kind"], {})])
        )
    return pl.DataFrame(rows)


def kept() -> pl.DataFrame:
    """What was kept."""
    return pl.read_csv(KEPT, infer_schema_length=None)


def differences(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Find what moved: lever, column, and the values in both; counts must be the same, states to some digits."""
    long = [
        frame.unpivot(index="lever", variable_name="column").with_columns(pl.col("value").cast(pl.Float64))
        for frame in (old, new)
    ]
    both = long[0].join(long[1], on=["lever", "column"], how="full", coalesce=True, suffix="_now")
    slack = pl.when(pl.col("column").is_in(MEANS)).then(PRECISION * pl.col("value").abs().clip(1.0)).otherwise(0.0)
    return both.filter(((pl.col("value") - pl.col("value_now")).abs() > slack).fill_null(True)).sort("lever", "column")


def keep(table: pl.DataFrame) -> None:
    """Keep a table."""
    table.write_csv(KEPT)


def shown(moved: pl.DataFrame) -> str:
    """Write the differences for people."""
    rows = [f"{lever}: {column}: {old} -> {new}" for lever, column, old, new in moved.iter_rows()]
    return "\n".join(["The golden levers have moved:", *rows])
