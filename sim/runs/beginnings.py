"""The first weeks of worlds on one economy, which are simulated once for all of them.

Until its rules change, a world is bit for bit the same as that of any scenario with the same firms, parameters and
rules on day 0. A later world therefore continues from the state of an earlier one just before its own rules begin.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np

from sim.core.units import WEEK
from sim.engine.policy import days_of_change
from sim.engine.state import Reals, Whole
from sim.levers.plugins import PLAIN
from sim.model import Workplace, same_but_levers
from sim.scenario.schema import Scenario

MOST = 5_000  # people whose states are kept, about 100 MB


class _Beginning(NamedTuple):
    """The state of a world at the end of a week, and what determined it."""

    week: int
    replicate: int
    setting: Scenario
    firms: Whole  # (firms,) numbers of the firms
    rules: Reals  # (firms, ROLES, Rule) on day 0
    snapshot: dict[str, Any]

    def fits(self, model: Workplace) -> bool:
        """Return whether a model would have reached the same state."""
        return (
            WEEK * self.week <= model.first_change
            and self.replicate == model.replicate
            and same_but_levers(self.setting, model.setting)
            and np.array_equal(self.firms, model.world.firm.number)
            and np.array_equal(self.rules, model.plan.on(0))
        )


class Beginnings:
    """States of worlds at the ends of the weeks after which rules begin; the latest ones, in memory."""

    def __init__(self, scenarios: Iterable[Scenario] = ()) -> None:
        """Keep states for the rules of these scenarios, in addition to those for a world's own rules."""
        self.weeks: Collection[int] = {first_week(scenario) for scenario in scenarios}
        self.kept: list[_Beginning] = []

    def resume(self, model: Workplace) -> int:
        """Advance a fresh model as far as a state is known, and return by how many weeks."""
        last = max((each for each in self.kept if each.fits(model)), key=lambda each: each.week, default=None)
        if last is None:
            return 0
        model.restore(last.snapshot)
        return last.week

    def keep(self, model: Workplace) -> None:
        """Store the state of a model at the end of a week, if others may need it and it has all weeks so far."""
        week, first = len(model.recorder.weeks), model.first_change // WEEK
        wanted = (week < first and week in self.weeks) or week == first < model.days_total // WEEK
        if not wanted or WEEK * week != round(model.time) or model.setting.managers != PLAIN:
            return
        if not any(each.week == week and each.fits(model) for each in self.kept):
            known = (week, model.replicate, model.setting, model.world.firm.number.copy(), model.plan.on(0))
            kept = [*self.kept, _Beginning(*known, model.snapshot())]
            while sum(len(each.snapshot["person"]) for each in kept) > MOST:
                kept = kept[1:]
            self.kept = kept  # in one assignment, because of other threads


OF_THIS_PROCESS = Beginnings()  # for runs that do not know of each other


def first_week(scenario: Scenario) -> int:
    """Count the whole weeks, warm-up included, before the rules of a scenario first change; 0 if they never do."""
    run = scenario.run
    first = scenario.calendar.start - timedelta(days=run.warmup_days)
    return next((day // WEEK for day in days_of_change(scenario.levers, first, run.warmup_days + run.days) if day), 0)
