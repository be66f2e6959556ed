"""One calibration simulation: today's settled world at given parameters, measured as by surveys of the real one.

The output includes the cut-offs of burnout, exhaustion and anxiety that reproduce the reported shares. These are solved
for, not fitted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from sim.core.errors import ResultsError
from sim.core.parameter_sets import POINT
from sim.core.parameters import ROWS
from sim.evidence.modelled import measure_model, today_at_size
from sim.evidence.observables import BETWEEN_PEOPLE, OBSERVABLES
from sim.evidence.observed import observe
from sim.evidence.quantities import Scope
from sim.model import Workplace
from sim.scenario.economy import LEAST_SETTLING
from sim.scenario.loading import load
from sim.scenario.schema import Scenario

CUTOFF_SCORES = {  # cut-off: its score, the column that it determines, and the observable that it reproduces
    "burnout_cutoff": ((pl.col("exhaustion") + pl.col("cynicism")) / 2, "burnt_out", "share_burnt_out"),
    "exhaustion_cutoff": (pl.col("exhaustion"), "exhausted", "share_exhausted"),
    "anxiety_cutoff": (pl.col("anxiety"), "anxious", "share_anxious"),
}
TODAY = "status_quo"  # scenario to fit
VISIBLE = (  # observables of a single world
    *(name for name, shape in OBSERVABLES.items() if not shape.world and not shape.other_world),
    *BETWEEN_PEOPLE,
)


@dataclass(frozen=True)
class Simulator:
    """Settings of a simulation for calibration."""

    people: int = 400
    settling_weeks: int = LEAST_SETTLING
    warmup_days: int = 21
    weeks: int = 4  # measured weeks
    shares: tuple[tuple[str, float], ...] = ()  # cut-off and the required share above it

    def __call__(self, parameters: Mapping[str, float], seed: int, /) -> dict[str, float]:
        """Return observables and cut-offs of an economy at parameters that override the table."""
        today = load(TODAY)
        setting = self._setting(today, parameters, seed)
        model = Workplace(setting, parameters=POINT)  # except for those of the setting
        model.run_for(model.days_total)
        tables = model.tables()
        cutoffs = self._cut(tables)
        seen = observe(tables, VISIBLE, today.name)
        return {**{name: shown.value for name, shown in seen.items()}, **cutoffs}

    def _setting(self, today: Scenario, parameters: Mapping[str, float], seed: int) -> Scenario:
        """Apply today's rules to an economy of the required size."""
        size = self.people, self.weeks, seed, self.warmup_days
        return today_at_size(today, *size, parameters, settling_weeks=self.settling_weeks)

    def _cut(self, tables: dict[str, pl.DataFrame]) -> dict[str, float]:
        """Find the cut-offs that give the required shares, and apply them to the table of person-weeks."""
        weeks = tables["person_week"]
        if weeks.is_empty():
            raise ResultsError("the simulation left no week behind")
        seen = weeks.filter(pl.col("week") >= 0)
        cutoffs = {}
        for name, share in self.shares:
            score, column, _ = CUTOFF_SCORES[name]
            at = float(seen.select(score.cast(pl.Float64).quantile(1.0 - share, "linear")).item())
            cutoffs[name] = float(np.clip(at, ROWS[name].low, ROWS[name].high))
            weeks = weeks.with_columns((score > cutoffs[name]).alias(column))
        tables["person_week"] = weeks
        return cutoffs


@dataclass(frozen=True)
class LoggingSimulator(Simulator):
    """A simulator for targets from a message log; it also measures the log of a smaller economy."""

    scope: Scope = field(default_factory=Scope)
    logged: int = 200  # people in that economy

    def __call__(self, parameters: Mapping[str, float], seed: int, /) -> dict[str, float]:
        """Return the outputs of ``Simulator`` and the figures of the log, at the same parameters."""
        found = super().__call__(parameters, seed)
        small = replace(self, people=self.logged)
        setting = small._setting(load(TODAY), parameters, seed)
        measured = measure_model(setting, self.scope, parameters=POINT, intervals=False).measured()
        return found | {name: each.value for name, each in measured.items()}
