"""How often intervals of regions hold the truth, on made-up effects: ``python -m tests.sweeps.held``, 15 minutes."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import repeat
from multiprocessing import get_context
from unittest.mock import patch

import numpy as np
from scipy.stats import norm, qmc

from sim.calibration.emulator import Emulator, one_thread
from sim.sweeps.regions import SOBOL_POINTS, SURE_SD, FittedEffect, effect_of, shares_above_zero

DESIGNS = ((64, 4, 100), (128, 10, 80), (300, 29, 40), (128, 29, 40))  # points, parameters, cases
NOISE = 0.7  # sd between economies, in that of effects over the range
NARROW = 0.12  # sd of the narrow part, in the range of a parameter
NAMES = ("range", "narrow part", "middle", "narrow part, likeliest emulator", "middle, likeliest emulator")

type Truth = Callable[[np.ndarray], np.ndarray]


def made_up(axes: int, rng: np.random.Generator) -> Truth:
    """Make up an effect of a plane with few large slopes, a wave and a product, with a sd of one."""
    slopes = rng.normal(size=axes) * np.exp(rng.normal(size=axes))
    one, two, three = rng.choice(axes, 3, replace=False)
    wave, product = rng.normal(size=2) / (0.5, 0.4)
    (first, second), (start, other) = rng.uniform(1.0, 4.0, 2), 6.0 * rng.random(2)

    def bare(unit: np.ndarray) -> np.ndarray:
        turn = np.sin(first * unit[:, one] + start)
        return (
            unit @ slopes / (0.29 * np.linalg.norm(slopes))
            + wave * turn
            + product * turn * np.cos(second * unit[:, two] + other) * (unit[:, three] - 0.5)
        )

    many = bare(rng.random((4_000, axes)))
    middle = 0.7 * rng.normal()
    return lambda unit: (bare(unit) - many.mean()) / many.std() + middle


@one_thread
def case(points: int, axes: int, seed: int) -> list[bool]:
    """Return which of ``NAMES`` are held."""
    rng = np.random.default_rng(seed)
    truth = made_up(axes, rng)
    unit = qmc.LatinHypercube(axes, rng=rng).random(points)
    effect = effect_of(unit, truth(unit) + NOISE * rng.standard_normal(points))
    even = qmc.Sobol(axes, rng=rng).random(SOBOL_POINTS)
    narrow = np.clip(0.5 + NARROW * norm.ppf(np.clip(even, 1e-6, 1 - 1e-6)), 0.0, 1.0)
    found = [of_share(effect, truth, even, rng), of_share(effect, truth, narrow, rng), at_middle(effect, truth, rng)]
    with patch.object(Emulator, "alike", lambda likeliest, count, _: repeat(likeliest, count)):
        return [*found, of_share(effect, truth, narrow, rng), at_middle(effect, truth, rng)]


def of_share(effect: FittedEffect, truth: Truth, unit: np.ndarray, rng: np.random.Generator) -> bool:
    """Return whether the interval of the share of points above zero holds the true one."""
    row = shares_above_zero(effect, unit, rng)
    return bool(row["raises_low"] <= (truth(unit) > 0).mean() <= row["raises_high"])


def at_middle(effect: FittedEffect, truth: Truth, rng: np.random.Generator) -> bool:
    """Return whether the interval of the effect in the middle of all ranges holds the true one."""
    assert effect.emulator is not None
    middle = np.full((1, effect.emulator.process.points.shape[1]), 0.5)
    mean, spread = effect.uncertain_moments(middle, rng)
    return bool(np.abs(mean - truth(middle))[0] <= SURE_SD * spread[0])


if __name__ == "__main__":
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for points, axes, cases in DESIGNS:
            held = np.array(list(pool.map(partial(case, points, axes), range(cases))))
            listed = ", ".join(f"{name} {count}" for name, count in zip(NAMES, held.sum(axis=0), strict=True))
            print(f"{points} points, {axes} parameters; of {cases}: {listed}", flush=True)
