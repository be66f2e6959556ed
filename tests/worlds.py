"""Small worlds for tests: scenarios in one call, models that have run, and what they left behind."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from sim.core.columns import L
from sim.core.parameter_sets import POINT
from sim.core.parameters import MECHANISMS, Q, values
from sim.core.units import years_of
from sim.engine.state import named
from sim.model import Workplace
from sim.scenario.schema import Scenario
from sim.verify import ledger_totals

START = date(2026, 1, 5)
ALWAYS = ("im", "group", "mail", "tool", "call")


def by_name(off: Sequence[str] = (), **overrides: float) -> Any:
    """Parameters as rules read them, with some overridden and some mechanisms off."""
    return named(values(overrides, {name: False for name in MECHANISMS if name.split("_")[0] in off}))[0]


def scenario(
    people: int = 60,
    weeks: int = 4,
    levers: Sequence[Mapping[str, Any]] = (),
    parameters: Mapping[str, float] | None = None,
    off: Sequence[str] = (),
    seed: int = 1,
    warmup_days: int = 0,
    sizes: tuple[float, float, int, int] = (12, 0.5, 5, 40),
    **population: Any,
) -> Scenario:
    """Describe a small economy; ``off`` names mechanisms by the start of their names, as in ``"m4"``."""
    median, sigma, least, most = sizes
    return Scenario.model_validate(
        {
            "name": "small",
            "title": "A small world",
            "calendar": {"start": START},
            "run": {
                "people": people,
                "years": years_of(weeks),
                "replicates": 1,
                "seed": seed,
                "warmup_days": warmup_days,
            },
            "population": {
                "firm_size_median": median,
                "firm_size_sigma": sigma,
                "firm_size_min": least,
                "firm_size_max": most,
                **population,
            },
            "parameters": dict(parameters or {}),
            "mechanisms": {name: False for name in MECHANISMS if name.split("_")[0] in off},
            "levers": levers,
        }
    )


def tiny(**changes: Any) -> Scenario:
    """Describe an economy whose firms all have ten people; run its firm 0 alone where compilation is off."""
    return scenario(**{"people": 20, "weeks": 1, "sizes": (10, 0.0, 5, 40), **changes})


def ran(setting: Scenario, days: int | None = None, raw: Mapping[str, float] | None = None, **how: Any) -> Workplace:
    """Run a scenario to its end, or for some days; ``raw`` sets parameters beyond the ranges of the table."""
    model = made(setting, raw, **how)
    model.run_for(model.days_total if days is None else days)
    return model


def made(setting: Scenario, raw: Mapping[str, float] | None = None, **how: Any) -> Workplace:
    """Make a model with the values of the table; ``raw`` sets parameters beyond their ranges."""
    model = Workplace(setting, **{"parameters": POINT} | how)
    for name, value in (raw or {}).items():
        model.parameters[getattr(Q, name)] = value
    return model


def summed(model: Workplace, *names: str) -> int:
    """Sum columns of the ledger over the people and the whole run."""
    total = ledger_totals(model)
    return int(sum(total[:, getattr(L, name)].sum() for name in names))


def day_of(number: int) -> date:
    """Date of a day of the run."""
    return START + timedelta(days=number)


def column(model: Workplace, name: str) -> np.ndarray:
    """Copy a real-valued column of the people."""
    return model.world.person[name].copy()


def events(model: Workplace) -> pl.DataFrame:
    """Give all events of messages, in whole seconds."""
    return model.recorder.events()
