"""A calibration campaign: simulations in waves, each closer to the reported figures, until the posterior is drawn.

The first wave fills the prior. Emulators fitted to it give a widened posterior, from which the next wave is drawn, and
so on. Final simulations at a single point estimate the variance between economies, and others at posterior draws
validate the emulators.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import qmc

from sim.calibration.emulator import Emulators, emulated
from sim.calibration.priors import Priors
from sim.calibration.problem import Problem, outputs_of
from sim.calibration.sampling import Sample, likelihood_of, sampled
from sim.calibration.scales import Reals
from sim.runs.evaluations import Evaluator, Simulate, key_of, read_json, write_json

NOISE, PREDICTIVE = 90, 91  # numbers of the waves at the end
POINTS = "points"  # in the file of a design
NEAREST = 450  # simulations that emulators are fitted to, those nearest to what was reported


class Plan(NamedTuple):
    """Numbers of simulations in each stage."""

    first: int = 128  # simulations of the first wave, a power of 2
    later: tuple[int, ...] = (112, 112)
    stretch: tuple[float, ...] = (4.0, 2.0)  # times the variances, for each later wave
    noise: int = 24
    predictive: int = 64
    draws: int = 1000


QUICK = Plan()
FULL = Plan(first=512, later=(200, 200), noise=48, predictive=200)


class Campaign(NamedTuple):
    """A campaign and the folder of its simulations."""

    simulate: Simulate
    priors: Priors
    problem: Problem
    plan: Plan
    seed: int
    folder: Path
    version: str  # of the model; a changed model shares no simulation with an earlier one
    further: tuple[str, ...] = ()  # figures that are emulated beside the targets, not fitted

    @property
    def prior_folder(self) -> Path:
        """Folder of the first wave, which does not depend on the reported figures."""
        return self.folder / f"prior-{key_of(self._common())}"

    @property
    def own_folder(self) -> Path:
        """Folder of all later waves."""
        aim = [self.problem.names, self.problem.value.tolist(), self.problem.error.tolist()]
        return self.folder / f"waves-{key_of(self._common(), aim, self.plan)}"

    def _common(self) -> list[object]:
        """List what determines the first wave, except its length."""
        priors = [prior.model_dump() for prior in self.priors.fitted]
        return [str(self.simulate), priors, self.seed, self.version]


class Fit(NamedTuple):
    """Posterior, emulators and simulations of a campaign."""

    sample: Sample
    emulators: Emulators  # of the targets
    beside: Emulators  # of the further figures
    noise: Reals  # (targets, targets) covariance between economies
    unit: Reals  # (simulations, parameters) all simulations
    outputs: list[dict[str, float]]  # what they gave
    predictive_unit: Reals  # (simulations, parameters) draws that were simulated
    predictive: list[dict[str, float]]
    first: int  # simulations of the first wave among them
    again: Sample  # the same posterior from another seed


def campaign(what: Campaign, evaluator: Evaluator) -> Fit:
    """Run a campaign, or resume an interrupted one.

    The points of later waves are stored before they run, so that a resumed campaign does not choose others.
    """
    count, seed = len(what.priors.fitted), what.seed
    start = qmc.Sobol(count, rng=np.random.default_rng(seed)).random(what.plan.first)
    unit, rows = _done(what, what.prior_folder, 1, start, evaluator)
    first = len(unit)
    none = np.zeros((len(what.problem.names),) * 2)
    for number, (size, stretch) in enumerate(zip(what.plan.later, what.plan.stretch, strict=True), start=2):
        design = what.own_folder / f"wave-{number}" / "design.json"
        points = _designed(design)
        if points is None:
            emulators = _fitted(what, unit, rows)
            likelihood = likelihood_of(emulators, what.problem, none, stretch)
            found = sampled(likelihood, count, seed + number, size)
            points = found.unit.tolist()
            write_json(design, {POINTS: points})
        more, given = _done(what, what.own_folder, number, np.array(points), evaluator)
        unit, rows = np.concatenate([unit, more]), rows + given
    emulators = _fitted(what, unit, rows)
    beside = _beside(what, unit, rows)
    noise = _noise(what, emulators, evaluator)
    likelihood = likelihood_of(emulators, what.problem, noise)
    sample = sampled(likelihood, count, seed + 50, what.plan.draws)
    again = sampled(likelihood, count, seed + 51, what.plan.draws)
    design = what.own_folder / f"wave-{PREDICTIVE}" / "design.json"
    points = _designed(design)
    if points is None:
        chosen = np.random.default_rng([seed, 52]).choice(len(sample.unit), what.plan.predictive, replace=False)
        points = sample.unit[np.sort(chosen)].tolist()
        write_json(design, {POINTS: points})
    drawn, given = _done(what, what.own_folder, PREDICTIVE, np.array(points), evaluator)
    return Fit(sample, emulators, beside, noise, unit, rows, drawn, given, first, again)


def _designed(path: Path) -> list[Any] | None:
    """Read the points of a wave, or None if they are not chosen yet."""
    return (read_json(path) or {}).get(POINTS)


def _done(
    what: Campaign, folder: Path, wave: int, unit: Reals, evaluator: Evaluator
) -> tuple[Reals, list[dict[str, float]]]:
    """Run a wave and return the points and outputs that did not fail."""
    values = what.priors.values(unit)
    parameters = [dict(zip(what.priors.names, map(float, row), strict=True)) for row in values]
    found = evaluator.outputs(folder, wave, what.simulate, parameters, what.seed)
    there = [k for k, each in enumerate(found) if each is not None]
    return unit[there], [each for each in found if each is not None]


def _fitted(what: Campaign, unit: Reals, rows: Sequence[dict[str, float]]) -> Emulators:
    """Fit emulators of the targets to the ``NEAREST`` simulations to the reported figures."""
    figures = what.problem.forth(outputs_of(rows, what.problem.names))
    spread = np.hypot(what.problem.spread, np.nanstd(figures, axis=0) / 10.0)
    far = np.nanmean(((figures - what.problem.aim) / spread) ** 2, axis=1)
    near = np.sort(np.argsort(far, kind="stable")[:NEAREST])
    return emulated(unit[near], figures[near], what.problem.names, what.seed)


def _beside(what: Campaign, unit: Reals, rows: Sequence[dict[str, float]]) -> Emulators:
    """Fit emulators of the further figures, without a scale."""
    figures = outputs_of(rows, what.further)
    aim = what.problem.forth(outputs_of(rows, what.problem.names))
    far = np.nanmean(((aim - what.problem.aim) / what.problem.spread) ** 2, axis=1)
    near = np.sort(np.argsort(far, kind="stable")[:NEAREST])
    return emulated(unit[near], figures[near], what.further, what.seed)


def _noise(what: Campaign, emulators: Emulators, evaluator: Evaluator) -> Reals:
    """Estimate the covariance between economies at the mean of the posterior."""
    kept = what.own_folder / f"wave-{NOISE}" / "design.json"
    middle = _designed(kept)
    if middle is None:
        none = np.zeros((len(what.problem.names),) * 2)
        found = sampled(likelihood_of(emulators, what.problem, none), len(what.priors.fitted), what.seed + 49, 1000)
        middle = found.unit.mean(axis=0).tolist()
        write_json(kept, {POINTS: middle})
    points = np.tile(np.array(middle), (what.plan.noise, 1))
    _, rows = _done(what, what.own_folder, NOISE, points, evaluator)
    figures = what.problem.forth(outputs_of(rows, what.problem.names))
    return np.atleast_2d(np.cov(figures[np.isfinite(figures).all(axis=1)], rowvar=False))
