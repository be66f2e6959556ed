"""A calibration campaign: waves of simulations, each closer to the reported figures, until the posterior is drawn.

The first wave fills the prior. Emulators fitted to it give a widened posterior, from which the next wave is drawn, and
so on. Final simulations at a single point estimate the covariance between economies. Others at posterior draws validate
the emulators.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from sim.calibration.emulator import Emulators, fit_emulators
from sim.calibration.priors import Priors
from sim.calibration.problem import Problem, outputs_of
from sim.calibration.sampling import Sample, likelihood_of, sample_posterior
from sim.figures.words import phrase
from sim.outcomes import Reals
from sim.runs.evaluations import Evaluator, Simulate, read_json, short_hash, write_json
from sim.runs.progress import wave_name

NOISE, PREDICTIVE = 90, 91  # numbers of the final waves
POINTS = "points"  # key in the file of a design
NEAREST = 450  # simulations for fitting emulators, at most: those nearest to the reported figures


type Rows = list[dict[str, float]]  # results of simulations


class Plan(NamedTuple):
    """Numbers of simulations in each stage."""

    first: int = 128  # simulations of the first wave, a power of 2
    later: tuple[int, ...] = (112, 112)
    stretch: tuple[float, ...] = (4.0, 2.0)  # factors of the variances, one for each later wave
    noise: int = 24
    predictive: int = 64
    draws: int = 1000


QUICK = Plan()
FULL = Plan(first=512, later=(200, 200), noise=48, predictive=200)


def steps_of(plan: Plan) -> dict[str, str]:
    """Return the purpose of each wave of simulations, by its name in reports of progress."""
    rounds = 1 + len(plan.later)
    words = {each: phrase("progress", "exploring", round=each, rounds=rounds) for each in range(1, rounds + 1)}
    words |= {NOISE: phrase("progress", "chance"), PREDICTIVE: phrase("progress", "checking")}
    return {wave_name(number): text for number, text in words.items()}


class Campaign(NamedTuple):
    """A campaign and the folder of its simulations."""

    simulate: Simulate
    priors: Priors
    problem: Problem
    plan: Plan
    seed: int
    folder: Path
    version: str  # version of the model and its input files; simulations of another version are not shared
    further: tuple[str, ...] = ()  # figures emulated beside the targets but not fitted

    @property
    def prior_folder(self) -> Path:
        """Folder of the first wave, which does not depend on the reported figures."""
        return self.folder / f"prior-{short_hash(self._common())}"

    @property
    def own_folder(self) -> Path:
        """Folder of all later waves."""
        aim = [self.problem.names, self.problem.value.tolist(), self.problem.error.tolist()]
        return self.folder / f"waves-{short_hash(self._common(), aim, self.plan)}"

    def figures(self, rows: Rows) -> Reals:
        """Return the simulated targets, (simulations, targets) on their scales."""
        return self.problem.transform(outputs_of(rows, self.problem.names))

    def _common(self) -> list[object]:
        """List what determines the first wave, except its length."""
        priors = [prior.model_dump() for prior in self.priors.fitted]
        return [str(self.simulate), priors, self.seed, self.version]


class Fit(NamedTuple):
    """Posterior, emulators and simulations of a campaign."""

    sample: Sample
    emulators: Emulators  # of the targets
    further_emulators: Emulators  # of the further figures
    noise: Reals  # (targets, targets) covariance of simulations about emulators
    unit: Reals  # (simulations, parameters) all simulations
    outputs: Rows  # their results
    predictive_unit: Reals  # (simulations, parameters) draws that were simulated
    predictive: Rows
    first: int  # simulations of the first wave among them
    other_seed: Sample  # the same posterior from another seed


def campaign(what: Campaign, evaluator: Evaluator) -> Fit:
    """Run a campaign, or resume an interrupted one."""
    plan, count, seed = what.plan, len(what.priors.fitted), what.seed
    start = qmc.Sobol(count, rng=np.random.default_rng(seed)).random(plan.first)
    unit, rows = _run_wave(what, 1, start, evaluator)
    first = len(unit)
    for number, (size, stretch) in enumerate(zip(plan.later, plan.stretch, strict=True), start=2):
        points = _stored(what, number, partial(_next_wave, what, unit, rows, number, size, stretch))
        more, given = _run_wave(what, number, points, evaluator)
        unit, rows = np.concatenate([unit, more]), rows + given
    emulators, beside = _fit_near(what, unit, rows, what.further)
    noise = _noise(what, emulators, evaluator)
    likelihood = likelihood_of(emulators, what.problem, noise)
    sample, again = (sample_posterior(likelihood, count, seed + number, plan.draws) for number in (50, 51))
    few = np.random.default_rng([seed, 52]).choice(len(sample.unit), plan.predictive, replace=False)
    points = _stored(what, PREDICTIVE, lambda: sample.unit[np.sort(few)])
    drawn, given = _run_wave(what, PREDICTIVE, points, evaluator)
    return Fit(sample, emulators, beside, noise, unit, rows, drawn, given, first, again)


def _stored(what: Campaign, wave: int, choose: Callable[[], Reals]) -> Reals:
    """Return the points of a wave, stored before it runs, so that a resumed campaign uses the same points."""
    path = what.own_folder / f"wave-{wave}" / "design.json"
    points = (read_json(path) or {}).get(POINTS)
    if points is None:
        points = choose().tolist()
        write_json(path, {POINTS: points})
    return np.array(points)


def _next_wave(what: Campaign, unit: Reals, rows: Rows, number: int, size: int, stretch: float) -> Reals:
    """Draw the points of a later wave from a widened posterior."""
    likelihood = likelihood_of(_fit_near(what, unit, rows)[0], what.problem, 0.0, stretch)
    return sample_posterior(likelihood, len(what.priors.fitted), what.seed + number, size).unit


def _run_wave(what: Campaign, wave: int, unit: Reals, evaluator: Evaluator) -> tuple[Reals, Rows]:
    """Run a wave and return the points and outputs of the simulations that succeeded."""
    folder = what.prior_folder if wave == 1 else what.own_folder
    values = what.priors.values(unit)
    parameters = [dict(zip(what.priors.names, map(float, row), strict=True)) for row in values]
    found = evaluator.outputs(folder, wave, what.simulate, parameters, what.seed)
    there = [k for k, each in enumerate(found) if each is not None]
    return unit[there], [each for each in found if each is not None]


def _fit_near(what: Campaign, unit: Reals, rows: Rows, further: Sequence[str] = ()) -> tuple[Emulators, Emulators]:
    """Fit emulators of targets, and of further figures without a scale, to the simulations nearest to the report."""
    figures = what.figures(rows)
    near = _nearest(what, unit, figures)
    beside = fit_emulators(unit[near], outputs_of(rows, further)[near], further, what.seed)
    return fit_emulators(unit[near], figures[near], what.problem.names, what.seed), beside


def _nearest(what: Campaign, unit: Reals, figures: Reals) -> NDArray[np.intp]:
    """Return the simulations whose means over economies are nearest to the reported figures, in their errors.

    Choosing by the simulated figures would select those that are near by chance and bias the emulators. With later
    waves, as many simulations are left out as half of the first wave has, but at least as many as it has are kept:
    points far from the targets misrepresent how fast figures change near them.
    """
    count = min(NEAREST, max(what.plan.first, len(unit) - what.plan.first // 2))
    if len(unit) <= count:
        return np.arange(len(unit))
    spread = np.hypot(what.problem.spread, np.nanstd(figures, axis=0) / 10.0)
    means, _ = fit_emulators(unit, figures, what.problem.names, what.seed).predict(unit)
    far = (((means - what.problem.aim) / spread) ** 2).sum(axis=1)
    return np.sort(np.argsort(far, kind="stable")[:count])


def _noise(what: Campaign, emulators: Emulators, evaluator: Evaluator) -> Reals:
    """Estimate the covariance of simulations about emulators.

    It is the covariance between economies at the posterior mean plus what emulators leave unexplained beyond it.
    """
    likelihood, count = likelihood_of(emulators, what.problem, noise=0.0), len(what.priors.fitted)
    middle = _stored(what, NOISE, lambda: sample_posterior(likelihood, count, what.seed + 49, 1000).unit.mean(axis=0))
    _, rows = _run_wave(what, NOISE, np.tile(middle, (what.plan.noise, 1)), evaluator)
    figures = what.figures(rows)
    between = np.atleast_2d(np.cov(figures[np.isfinite(figures).all(axis=1)], rowvar=False))
    unexplained = np.array([each.noise for each in emulators.each])
    return between + np.diag(np.maximum(unexplained - between.diagonal(), 0.0))
