"""Shares of the variance: Sobol's indices of emulators that stand for the simulator.

The indices need tens of thousands of runs; the emulators of ``sim.inference`` give them from some hundred. They speak
of the mean over economies, so that chance is no part of the variance that is shared out. How good an emulator is, is
told by runs on economies that it has not seen; how sure an index is, by fitting without a tenth of the economies each.
"""

import warnings
from typing import NamedTuple

import numpy as np

from sim.inference.emulator import Emulator, fitted, one_thread
from sim.inference.scales import Reals

FOLDS = 10  # of economies
SAMPLE = 1024  # base points of Sobol's sample, a power of two
GOOD = 0.5  # share of the variance of runs not seen that an emulator must explain before its indices are read
FLAT = 1e-9  # of the size of a figure: a spread that is none


class Shares(NamedTuple):
    """Sobol's indices of one figure; (parameters,) each."""

    first: Reals  # share of the variance that goes if only this parameter were known
    first_half: Reals  # of a 95 % interval
    total: Reals  # share that stays if all but this one were known
    total_half: Reals
    seen: float  # share of the variance of runs on economies left out that the emulator explains
    beyond: float  # share of the errors there outside the emulator's own 90 %
    variance: float  # that is shared out, in the figure's unit squared
    noise: float  # variance between economies, which is no part of it

    @property
    def good(self) -> bool:
        """Whether the emulator is good enough for its indices to be read."""
        return self.seen >= GOOD


@one_thread
def shares(unit: Reals, values: Reals, economies: np.ndarray, seed: int) -> Shares | None:
    """Compute Sobol's indices of one figure.

    Parameters
    ----------
    unit : Reals
        (runs, parameters) in the unit cube.
    values : Reals
        (runs,) of the figure; not a number where a run failed.
    economies : np.ndarray
        (runs,) number of the economy of each run.
    seed : int
        Of all draws.

    Returns
    -------
    Shares | None
        None for a figure that does not vary.
    """
    known = np.isfinite(values)
    unit, values, economies = unit[known], values[known], economies[known]
    if len(values) < 3 * unit.shape[1] or values.std() <= FLAT * max(float(np.abs(values).max()), FLAT):
        return None
    emulator, _ = fitted(unit, values, seed)
    fold = np.searchsorted(np.unique(economies), economies) % FOLDS
    seen, beyond = left_out(emulator, unit, values, fold)
    sample = _sample(unit.shape[1], seed)
    whole = _indices(mean_of(emulator, sample), unit.shape[1], seed)
    parts = [
        _indices(mean_of(_refitted(emulator, unit[fold != k], values[fold != k]), sample), unit.shape[1], seed)
        for k in np.unique(fold)
    ]
    halves = [_half(np.array([part[place] for part in parts]), whole[place + 1]) for place in (0, 2)]
    spread = float(mean_of(emulator, sample).var())
    return Shares(whole[0], halves[0], whole[2], halves[1], seen, beyond, spread, emulator.noise)


def mean_of(emulator: Emulator, unit: Reals) -> Reals:
    """Say what runs would give on average over economies.

    Parameters
    ----------
    emulator : Emulator
        Of a figure.
    unit : Reals
        (points, parameters) in the unit cube.

    Returns
    -------
    Reals
        (points,) in the figure's unit.
    """
    cross = emulator.process.kernel_.k1(unit, emulator.process.X_train_)
    mean: Reals = emulator.plane[0] + unit @ emulator.plane[1:] + emulator.height * (cross @ emulator.process.alpha_)
    return mean


def left_out(emulator: Emulator, unit: Reals, values: Reals, fold: np.ndarray) -> tuple[float, float]:
    """Hold an emulator against runs on economies that it has not seen, a tenth of them at a time.

    The lengths of the process are those chosen with all runs; everything else is computed without the runs left out.

    Parameters
    ----------
    emulator : Emulator
        Fitted to all runs.
    unit : Reals
        (runs, parameters) in the unit cube.
    values : Reals
        (runs,) of the figure.
    fold : np.ndarray
        (runs,) the part that each run is in.

    Returns
    -------
    tuple[float, float]
        The share of the variance that is explained (below zero if the mean would do better), and the share of errors
        outside 90 % of what the emulator expects.
    """
    error, expected = np.zeros(len(values)), np.zeros(len(values))
    for k in np.unique(fold):
        out = fold == k
        rest = _refitted(emulator, unit[~out], values[~out])
        mean, variance = rest.foretell(unit[out])
        error[out], expected[out] = values[out] - mean, np.sqrt(variance + rest.noise)
    seen = 1.0 - float((error**2).mean()) / float(values.var())
    return seen, float((np.abs(error) > 1.645 * expected).mean())


def _refitted(emulator: Emulator, unit: Reals, values: Reals) -> Emulator:
    """Fit an emulator to other runs with the lengths that it has."""
    from sklearn.gaussian_process import GaussianProcessRegressor  # noqa: PLC0415

    design = np.column_stack([np.ones(len(unit)), unit])
    plane = np.linalg.lstsq(design, values, rcond=None)[0]
    rest = (values - design @ plane) / emulator.height
    process = GaussianProcessRegressor(emulator.process.kernel_, alpha=1e-9, optimizer=None).fit(unit, rest)
    return emulator._replace(plane=plane, process=process)


def _problem(count: int) -> dict[str, object]:
    """Say to SALib what is varied."""
    return {"num_vars": count, "names": [str(k) for k in range(count)], "bounds": [[0.0, 1.0]] * count}


def _sample(parameters: int, seed: int) -> Reals:
    """Draw the points at which Sobol's indices are computed."""
    from SALib.sample import sobol  # noqa: PLC0415  (brings pandas, two seconds)

    points: Reals = sobol.sample(_problem(parameters), SAMPLE, calc_second_order=False, seed=seed)
    return points


def _indices(means: Reals, parameters: int, seed: int) -> tuple[Reals, Reals, Reals, Reals]:
    """Ask SALib for first and total indices, each with half of its interval by sampling."""
    from SALib.analyze import sobol  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a parameter without any effect gives equal values, and an index of 0
        found = sobol.analyze(_problem(parameters), means, calc_second_order=False, seed=seed + 1)
    first, first_half, total, total_half = (
        np.nan_to_num(np.asarray(found[key], np.float64)) for key in ("S1", "S1_conf", "ST", "ST_conf")
    )
    return first, first_half, total, total_half


def _half(parts: Reals, sampling: Reals) -> Reals:
    """Give half of a 95 % interval: the jackknife over parts of the economies, and the sampling of the index itself."""
    count = len(parts)
    jackknife = np.sqrt((count - 1) / count * ((parts - parts.mean(axis=0)) ** 2).sum(axis=0))
    half: Reals = np.hypot(1.96 * jackknife, sampling)
    return half
