"""Whether ``offhours ask`` finds a known effect: ``python -m docs.asking``, some minutes of simulation.

The model writes the log of a firm with parameters of its own; ``ask`` reads it like any log, and what it says is set
beside the parameters and the effect that made the log. The table is in ``docs/observing.md``.
"""

import tempfile
from pathlib import Path

import numpy as np
import polars as pl

import sim as offhours
from sim.core.parameter_sets import POINT
from sim.evidence.modelled import log_of_run, today_at_size
from sim.evidence.quantities import Scope
from sim.scenario.loading import load
from sim.scenario.parameter_draws import load_draws
from sim.scenario.schema import Scenario
from sim.studies.message_logs import firm_like

RULE, LENT, DRAW = "quiet_hours", "surveyed", 700  # the rest of the firm's parameters: a draw that the run does not use
FIRM = {
    "staff_messages": 5.0, "initiative_manager": 0.2, "initiative_staff": 0.02, "stay_culture": 30.0,
    "activity_sigma": 1.0,
}  # fmt: skip
PEOPLE, WEEKS, SEED, YEARS, REPLICATES = 100, 8, 3, 0.6, 12
OUTCOMES = ("after_hours_share", "hidden_overtime", "latent_overtime", "waiting", "exhaustion")


def true_parameters() -> dict[str, float]:
    """Return the parameters that make the log: those of the firm, the rest as one draw has them."""
    draws = load_draws(LENT)
    return {**(draws.rows[DRAW] if draws else {}), **FIRM}


def of_firm(name: str, parameters: dict[str, float]) -> Scenario:
    """Return a scenario on a firm of this size with these parameters."""
    alike = firm_like(load(name), PEOPLE, Scope(), None)
    return alike.model_copy(update={"parameters": {**alike.parameters, **parameters}})


def write_log(path: Path, parameters: dict[str, float]) -> None:
    """Simulate the firm's log, and write it as an archive would."""
    today = today_at_size(of_firm("status_quo", parameters), PEOPLE, WEEKS, SEED, warmup_days=21)
    model = offhours.Workplace(today, parameters=POINT, log_share=1.0, log_from=21)
    model.run_for(model.days_total)
    rank = pl.when("lead").then(pl.lit("manager")).otherwise(pl.lit("staff"))
    log = log_of_run(model, Scope()).with_columns(time=pl.from_epoch("wall"), rank=rank)
    log.drop("at", "wall", "lead").write_csv(path)


def effects_of(found: offhours.Results) -> pl.DataFrame:
    """Keep the chief effects of a run on everybody."""
    shown = ("outcome", "unit", "baseline", "difference", "low", "high")
    return found.tables["effects"].filter(pl.col("group") == "all", pl.col("outcome").is_in(OUTCOMES)).select(shown)


def main(place: Path) -> None:
    """Make the log, ask, and print what was found beside what is true."""
    truth = true_parameters()
    size = {"years": YEARS, "replicates": REPLICATES, "threads": 2}
    write_log(place / "log.csv", truth)
    asked = offhours.ask(place / "log.csv", RULE, people=PEOPLE, parameters=LENT, out=place / "asked", **size)
    direct = offhours.run(of_firm(RULE, truth), parameters=POINT, out=place / "direct", **size)
    bare = offhours.run(of_firm(RULE, {}), parameters=LENT, out=place / "bare", **size)
    found = asked.tables["taken"].filter(pl.col("source") != "posterior")
    true = pl.col("parameter").replace_strict(truth, default=np.nan, return_dtype=pl.Float64)
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=180, float_precision=3):
        print(found.select("parameter", "source", true.alias("true"), "median", "low", "high", "removed"))
        print(asked.tables["agreement"])
        for result in (direct, bare, asked):
            print(effects_of(result))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(folder))
