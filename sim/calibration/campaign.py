"""Calibration to a set of targets: the campaign and its results folder."""

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sim.calibration import diagnostics
from sim.calibration.history_matching import Campaign, Fit, Plan, campaign
from sim.calibration.priors import Priors
from sim.calibration.problem import problem_of
from sim.calibration.simulator import CUTOFF_SCORES, TODAY, LoggingSimulator, Simulator
from sim.evidence.modelled import with_hours_of_log
from sim.evidence.targets import TargetSet
from sim.runs import results as store
from sim.runs import reuse
from sim.runs.evaluations import Evaluator
from sim.runs.identity import engine_version, version_of
from sim.scenario.loading import load
from sim.scenario.schema import content_hash

MODULE = "calibration/simulator"  # simulations depend on its code and all that it imports
KIND = "calibration"
EVALUATIONS = "evaluations"  # folder of simulations, beside the results
POSTERIOR = "posterior"
DISCREPANCIES = (0.0, 2.0)  # factors of the model discrepancy in the sensitivity check


class Order(NamedTuple):
    """A calibration to run; ``size`` overrides fields of the simulator."""

    targets: TargetSet
    priors: Priors
    plan: Plan
    seed: int
    out: Path
    size: Mapping[str, Any] = {}  # overrides of simulator fields
    discrepancies: tuple[float, ...] = DISCREPANCIES

    @property
    def folder(self) -> Path:
        """Results folder."""
        return self.out / f"calibration_{self.targets.name}"


def calibrate(order: Order, evaluator: Evaluator) -> Path:
    """Fit the model to a set of targets, store the results, and return their folder."""
    began = time.monotonic()
    problem, log = problem_of(order.targets), order.targets.log
    if log:
        with_hours_of_log(load(TODAY), log.scope)  # raises an error for hours that the model does not have
    priors = order.priors.for_targets(problem.names)
    simulator = LoggingSimulator(shares=problem.shares, scope=log.scope) if log else Simulator(shares=problem.shares)
    simulator = replace(simulator, **order.size)
    if isinstance(simulator, LoggingSimulator):
        simulator = replace(simulator, logged=min(simulator.logged, simulator.people))
    further = tuple(name for name in CUTOFF_SCORES if name in dict(problem.shares))
    model = f"{version_of(MODULE)} {content_hash(load(TODAY))}"
    what = Campaign(simulator, priors, problem, order.plan, order.seed, order.out / EVALUATIONS, model, further)
    fit = campaign(what, evaluator)
    found = diagnostics.check_coverage(fit, priors, problem)
    draws = diagnostics.posterior_draws(fit, priors, order.seed)
    others = priors.values(fit.other_seed.unit)
    factors = tuple(sorted({1.0, *order.discrepancies}))
    trusted, predicted = diagnostics.with_discrepancies(fit, priors, order.targets, factors, order.seed + 70)
    tables = {
        "card": diagnostics.card(fit, problem, order.targets),
        "parameters": diagnostics.parameter_table(fit, priors),
        "directions": diagnostics.directions(fit, priors),
        "loadings": diagnostics.loadings(fit, priors),
        "coverage": found.coverage,
        "ranks": found.ranks,
        "predictive": diagnostics.predictive_table(fit, problem),
        "prior": diagnostics.prior_table(priors),
        "seeds": diagnostics.agreement(draws.select(priors.names), pl.DataFrame(others, schema=priors.names)),
        "discrepancy": trusted,
        "discrepancy_card": predicted,
        POSTERIOR: draws,
    }
    facts = _facts(order, fit, found, what) | {"seconds": round(time.monotonic() - began, 1)}
    with store.replacing(order.folder) as draft:
        store.write(draft, tables, facts)
        reuse.keep_derived(draft, order.folder)
    return order.folder


def _facts(order: Order, fit: Fit, found: diagnostics.CoverageCheck, what: Campaign) -> dict[str, Any]:
    """Collect the facts for the manifest."""
    plan = order.plan
    names = zip(what.problem.names, fit.emulators.validations, found.emulator_bias, strict=True)
    return {
        "kind": KIND,
        "targets": order.targets.name,
        "title": order.targets.title,
        "seed": order.seed,
        "engine": engine_version(),
        "offhours": version("offhours"),
        "plan": plan._asdict(),
        "simulator": asdict(what.simulate) if isinstance(what.simulate, Simulator) else {},
        "simulations": len(fit.outputs) + len(fit.predictive) + plan.noise,
        "draws": len(fit.sample.unit),
        "moves_per_draw": round(fit.sample.moves, 2),
        "settled": fit.sample.settled and fit.other_seed.settled,
        "emulators": {
            name: {"explained": round(gate.explained, 3), "beyond_90": round(gate.beyond, 3), "bias": round(bias, 3)}
            for name, gate, bias in names
        },
        "emulators_hold": all(gate.holds for gate in fit.emulators.validations),
        "emulator_errors_beyond_90": round(found.emulator_beyond, 3),
        "coverage_of_90": _known(found.coverage_all),
        "coverage_error": _known(found.coverage_error),
        "synthetic_worlds": found.worlds,
        "joint_chance": _known(found.joint_chance),
    }


def _known(share: float) -> float | None:
    """Round a share; None for NaN, which JSON lacks."""
    return None if math.isnan(share) else round(share, 4)
