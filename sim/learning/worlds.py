"""One run of the study: today, rules, and the rules with full compliance, on a small economy at one draw.

Only firms in scope are simulated, with common random numbers. The figures are today's outcomes and observables in the
weeks in which any of the rules is evaluated, the effect of each rule in its own weeks, and its effects in the first
``FIRST_WEEKS`` of these, as a panel and a trial would observe them.
"""

import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import polars as pl

from sim.calibration.simulator import VISIBLE
from sim.comparing.basis import evaluation_window, weeks_of
from sim.comparing.comparison import CHANNEL_OUTCOMES
from sim.core.errors import InputError
from sim.evidence.observed import observe
from sim.evidence.quantities import ratio
from sim.model import drawn_firms
from sim.outcomes import OUTCOMES, firm_sums, person_weeks
from sim.runs.beginnings import Beginnings
from sim.scenario.parameter_draws import Draws, drawn
from sim.scenario.schema import Scenario
from sim.sensitivity.pairs import ECONOMY, firms_reached, simulate_economy

FIRST_WEEKS = 17  # four months
OBEYED = {"compliance_base": 1.0}  # parameters with full compliance, as in an arm of a trial
TODAY, EFFECT, PANEL, TRIAL = "today", "effect", "panel", "trial"  # kinds of figures
PEOPLE = "people"
TRIES, STRIDE = 15, 2003  # economies tried for firms in scope, and the distance of their numbers, which have 16 bits

AFTER = tuple(each._replace(name=f"after_minutes_{each.name}") for each in CHANNEL_OUTCOMES[:-1])
MEASURED = (*OUTCOMES, *AFTER)
OUTCOME_NAMES = tuple(outcome.name for outcome in MEASURED)
OBSERVED = tuple(dict.fromkeys([*OUTCOME_NAMES, *VISIBLE]))


def figure(what: str, name: str, scenario: str = "") -> str:
    """Name a figure, as in ``today/exhaustion`` or ``effect/exhaustion/pilot_ban``."""
    return f"{what}/{name}/{scenario}" if scenario else f"{what}/{name}"


@dataclass(frozen=True)
class Worlds:
    """What is simulated at each draw."""

    scenarios: tuple[Scenario, ...]
    reference: Scenario

    def __call__(self, parameters: Mapping[str, float], seed: int, /) -> dict[str, float]:
        """Simulate all worlds at one draw and return every figure by name.

        ``parameters`` holds the values of the draw and the number of the economy. ``seed`` is not used: an economy
        follows from its number and the scenario's seed. Raises ``InputError`` if the rules reach nobody.
        """
        row = Draws("one", ({name: value for name, value in parameters.items() if name != ECONOMY},))
        today, *rules = (drawn(each, row, 0) for each in (self.reference, *self.scenarios))
        number, firms = _reached_economy(rules, int(parameters[ECONOMY]))
        beginnings = Beginnings(rules)
        model = simulate_economy(today, number, firms, beginnings=beginnings)
        rest = model.settled if today.run.settling_weeks else None
        tables = model.tables()
        found = {PEOPLE: float(tables["person_week"].select("firm", "person").n_unique())}
        weeks = weeks_of(tables)
        windows = [evaluation_window(each, today, weeks).weeks for each in rules]
        for each, window in zip(rules, windows, strict=True):
            obeyed = each.model_copy(update={"parameters": {**each.parameters, **OBEYED}})
            base, base_first = _levels(tables, window)
            ruled, ruled_first = _levels(simulate_economy(each, number, firms, rest, beginnings).tables(), window)
            _, obeyed_first = _levels(simulate_economy(obeyed, number, firms, rest).tables(), window)
            for name in OUTCOME_NAMES:
                found[figure(EFFECT, name, each.name)] = ruled[name] - base[name]
                found[figure(PANEL, name, each.name)] = ruled_first[name] - base_first[name]
                found[figure(TRIAL, name, each.name)] = obeyed_first[name] - base_first[name]
        today_weeks = sorted(set().union(*windows))
        found |= {figure(TODAY, name): value for name, value in _levels(tables, today_weeks)[0].items()}
        mine = {**tables, "person_week": tables["person_week"].filter(pl.col("week").is_in(today_weeks))}
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # intervals over a single firm
            seen = observe(mine, [name for name in VISIBLE if name not in OUTCOME_NAMES], today.name)
        return found | {figure(TODAY, name): each.value for name, each in seen.items()}


def people_simulated(rules: Sequence[Scenario], draws: Draws, economy: int, draw: int) -> int:
    """Count the people in each world of a run: those in firms that the rules reach."""
    number, firms = _reached_economy([drawn(each, draws, draw) for each in rules], economy)
    sizes = drawn_firms(drawn(rules[0], draws, draw), [number])
    return int((sizes if firms is None else sizes.filter(pl.col("firm").is_in(firms)))["size"].sum())


def _reached_economy(rules: list[Scenario], first: int) -> tuple[int, list[int] | None]:
    """Find the first economy with firms that the rules reach, and return its number and these firms."""
    for number in range(first, first + TRIES * STRIDE, STRIDE):
        with suppress(InputError):
            return number, _reached_by_all(rules, number)
    raise InputError(f"{rules[0].name}: its rules reach nobody in {TRIES} economies; use more people")


def _reached_by_all(rules: list[Scenario], number: int) -> list[int] | None:
    """List the firms that all rules reach or, if there are none, that any reaches; None means all firms."""
    sets = [set(firms) for each in rules if (firms := firms_reached(each, number)) is not None]
    return sorted(set.intersection(*sets) or set.union(*sets)) if sets else None


def _levels(tables: Mapping[str, pl.DataFrame], window: Sequence[int]) -> tuple[dict[str, float], dict[str, float]]:
    """Compute all outcomes of one world, over a window and over its first ``FIRST_WEEKS``."""
    frame = person_weeks(tables).filter(pl.col("week").is_in(list(window)))
    first = pl.col("week").is_in(list(window[:FIRST_WEEKS])).alias("first")
    sums = firm_sums(frame.with_columns(first), MEASURED, ("first",))
    return _ratios(sums), _ratios(sums.filter("first"))


def _ratios(sums: pl.DataFrame) -> dict[str, float]:
    """Compute all outcomes from sums over firms; NaN if a denominator is zero."""
    total = sums.sum().row(0, named=True)
    return {name: ratio(total[f"{name}.n"], total[f"{name}.d"]) for name in OUTCOME_NAMES}
