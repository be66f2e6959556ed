"""Parameters of the organisation behind a message log: the log informs some, a given posterior supplies the rest.

Each simulation uses another draw of the given posterior (a cut posterior: the log does not change it). Uncertainty
about the other parameters therefore widens the estimates from the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from sim.calibration.history_matching import Campaign, Fit, Plan, campaign
from sim.calibration.priors import Priors, load_priors
from sim.calibration.problem import outputs_of, problem_of
from sim.core.errors import InputError
from sim.core.parameter_sets import OVER, POINT
from sim.core.parameters import ROWS
from sim.evidence.modelled import measure_model, today_at_size
from sim.evidence.quantities import QUANTITIES, Scope
from sim.evidence.targets import TargetSet
from sim.runs.evaluations import Evaluator
from sim.runs.identity import version_of
from sim.scenario.parameter_draws import Draws, load_draws, stated
from sim.scenario.schema import Scenario

MODULE = "calibration/organisation"  # simulations depend on its code and all that it imports
PLAN = Plan(first=64, later=(32,), stretch=(2.0,), noise=12, predictive=24, draws=400)
WARMUP_DAYS, WEEKS = 21, 4
INFORMED_BY = {  # parameters that are also in the national posterior, and the log's quantities that inform them
    "staff_messages": ("log_sent", "log_received"),
    "reply_question": ("log_reply_share",),
    "initiative_manager": ("log_after_share", "log_evening_share"),
    "initiative_staff": ("log_after_share", "log_evening_share"),
    "stay_culture": ("log_after_share", "log_evening_share"),
}
IDENTIFIED = 0.5  # least share of the prior's variance that the log must remove


@dataclass(frozen=True)
class LogSimulator:
    """A simulation of an organisation's log; parameters that the log does not inform come from a posterior."""

    today: Scenario  # scenario on the economy of the organisation
    scope: Scope
    people: int
    lent: str  # name or file of the posterior that supplies the rest

    def __call__(self, parameters: Mapping[str, float], seed: int, /) -> dict[str, float]:
        """Return the figures of the log at parameters that override those of the given posterior."""
        draws = load_draws(self.lent)
        rest = draws.rows[seed % len(draws.rows)] if draws else {}
        world = today_at_size(self.today, self.people, WEEKS, seed, WARMUP_DAYS)
        world = world.model_copy(update={"parameters": {**rest, **world.parameters, **parameters}})
        measured = measure_model(world, self.scope, parameters=POINT, intervals=False).measured()
        return {name: each.value for name, each in measured.items()}


class Organisation(NamedTuple):
    """Results of a fit to an organisation's log."""

    draws: Draws  # draws of the given posterior with the fitted parameters replaced
    taken: pl.DataFrame  # each free parameter: its source (log or posterior), median and 90 % interval
    agreement: pl.DataFrame  # each quantity of the log beside that of draws of the fit


def fit_organisation(
    targets: TargetSet, simulate: LogSimulator, folder: Path, evaluator: Evaluator, seed: int, plan: Plan
) -> Organisation:
    """Fit the parameters that a log informs; simulations are stored in ``folder`` and not repeated.

    Raises ``InputError`` if ``targets`` has nothing to fit to.
    """
    problem = problem_of(targets)
    priors = _informed(problem.names)
    if not priors.fitted:
        raise InputError("the log informs no parameter: there is nothing to fit to")
    lent = load_draws(simulate.lent)
    version = f"{version_of(MODULE)} {stated(lent)['sha256']}"  # a file's name does not identify its draws
    fit = campaign(Campaign(simulate, priors, problem, plan, seed, folder, version), evaluator)
    values = priors.values(fit.sample.unit)
    rows = lent.rows if lent else ({},)
    order = np.random.default_rng([seed, 60]).permutation(len(values))
    mixed = tuple(
        {**rows[k % len(rows)], **dict(zip(priors.names, map(float, values[order[k % len(order)]]), strict=True))}
        for k in range(max(len(values), len(rows)))
    )
    draws = Draws(f"{targets.name}{OVER}{lent.name if lent else POINT}", mixed)
    return Organisation(draws, _parameter_sources(priors, fit, draws), _agreement(targets, fit))


def _informed(names: tuple[str, ...]) -> Priors:
    """Keep the priors of the parameters that a log with these quantities informs."""
    there = {*names}
    fitted = load_priors().fitted
    informed = (each for each in fitted if there & {*(each.only_with or INFORMED_BY.get(each.parameter, ()))})
    return Priors(tuple(informed), ())


def _parameter_sources(priors: Priors, fit: Fit, draws: Draws) -> pl.DataFrame:
    """List all free parameters and their sources."""
    left = 12.0 * fit.sample.unit.var(axis=0)  # over the prior's variance, 1/12 in the unit cube
    removed = dict(zip(priors.names, np.clip(1.0 - left, 0.0, 1.0), strict=True))
    rows = []
    for name in sorted(draws.rows[0]):
        low, median, high = np.quantile([row[name] for row in draws.rows], (0.05, 0.5, 0.95))
        source = "posterior" if name not in removed else "log" if removed[name] >= IDENTIFIED else "prior"
        about = ROWS[name]
        rows.append((name, about.meaning, about.unit, source, float(removed.get(name, 0.0)), median, low, high))
    columns = ("parameter", "meaning", "unit", "source", "removed", "median", "low", "high")
    return pl.DataFrame(rows, columns, orient="row")


def _agreement(targets: TargetSet, fit: Fit) -> pl.DataFrame:
    """Compare the quantities of the log with simulations at draws of the fit and their 90 % interval."""
    rows = []
    for target in targets.target:
        if target.role == "not_used" or target.value is None:
            continue
        found = outputs_of(fit.predictive, [target.observable])[:, 0]
        found = found[np.isfinite(found)]
        low, median, high = np.quantile(found, (0.05, 0.5, 0.95)) if len(found) else (np.nan,) * 3
        unit = QUANTITIES[target.observable].unit
        rows.append((target.observable, unit, target.role, target.value, median, low, high))
    columns = ("quantity", "unit", "role", "log", "model", "low", "high")
    return pl.DataFrame(rows, columns, orient="row")
