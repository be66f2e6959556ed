"""Length of a run, given the dates of its rules; the scenarios of a comparison share one length."""

import math
from collections.abc import Sequence
from datetime import date

from sim.core.errors import InputError
from sim.core.units import SHORTEST_RUN, YEAR_DAYS, weeks_of
from sim.scenario.economy import LONGEST
from sim.scenario.schema import Scenario


def years_enough(scenarios: Sequence[Scenario]) -> tuple[float, str]:
    """Choose the length in years of a run that several scenarios share, and name the scenario that requires it.

    It is that of the first scenario, which also sets the dates, or longer if the rules of another are not in force by
    then.
    """
    first, start = scenarios[0], scenarios[0].calendar.start
    needed = [(first.run.years, first.name)]
    for scenario in scenarios:
        if (least := least_years(scenario, start)) > first.run.years:
            needed.append((max(least, scenario.run.years), scenario.name))
    return max(needed, key=lambda need: need[0])


def least_years(scenario: Scenario, start: date) -> float:
    """Return the years, rounded up to 0.01, until each lever has been fully in force for a week, or ends before.

    Levers without a start begin with the warm-up.
    """
    weeks = 0
    for lever in scenario.levers:
        begins = (lever.start - start).days if lever.start is not None else -scenario.run.warmup_days
        full = begins + max(lever.ramp_days - 1, 0)  # on the last day of a ramp strength is full
        whole = math.ceil(full / 7) + 1  # the first whole week included
        over = math.ceil((lever.end - start).days / 7) if lever.end is not None else whole
        weeks = max(weeks, min(whole, over))
    return math.ceil(weeks * 7 / YEAR_DAYS * 100) / 100


def check_years(scenarios: Sequence[Scenario], years: float, start: date) -> None:
    """Raise ``InputError`` if a lever begins after the run, with the years that would be enough for all scenarios."""
    if not SHORTEST_RUN <= years <= LONGEST:
        return  # rejected by the schema
    days = 7 * weeks_of(years)
    late = [
        scenario
        for scenario in scenarios
        if any(lever.start and (lever.start - start).days >= days for lever in scenario.levers)
    ]
    if needed := ", ".join(f"{scenario.name} ({least_years(scenario, start):g})" for scenario in late):
        least = max(least_years(scenario, start) for scenario in scenarios)
        raise InputError(
            f"--years {years:g}: rules begin only after the run, with the years needed: {needed}; "
            f"the least that suits all of them is --years {least:g}"
        )
