"""How often intervals of what measurements remove hold the true shares of made-up effects.

``python -m tests.learning.held`` takes a minute on two cores.
"""

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np

from sim.calibration.emulator import one_thread
from sim.learning.value import half_widths, preposterior, regress

DRAWS, ERROR = 200, 0.1  # error variance of a measurement, in that of what it measures
# Observables, the share of an effect's variance that they carry, sd of chance in a run, and whether they are lognormal.
DESIGNS = ((3, 0.5, 0.3, False), (3, 0.5, 0.3, True), (6, 0.5, 0.7, False), (3, 0.8, 0.7, False), (1, 0.1, 0.5, False))
CASES = 100


@one_thread
def case(observables: int, share: float, chance: float, lognormal: bool, seed: int) -> tuple[float, float]:
    """Return by how much a share is off, and half of its interval."""
    rng = np.random.default_rng(seed)
    known = rng.standard_normal((DRAWS, observables))
    if lognormal:
        known = (np.exp(known) - np.exp(0.5)) / np.sqrt((np.e - 1.0) * np.e)
    rest = np.sqrt(1.0 - share) * rng.standard_normal(DRAWS)
    draws = np.column_stack([np.sqrt(share / observables) * known.sum(axis=1) + rest, known])
    seen = draws[:, None] + chance * rng.standard_normal((DRAWS, 2, observables + 1))
    error = ERROR * np.eye(observables)
    found = preposterior(regress(seen, 1), error).shares[0]
    return found - share / (1.0 + ERROR), half_widths(seen, error, 1, seed)[0]


if __name__ == "__main__":
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for design in DESIGNS:
            off, half = np.array(list(pool.map(partial(case, *design), range(CASES)))).T
            print(design, f"held {(np.abs(off) <= half).mean():.0%}, off by {off.mean():+.3f}", flush=True)
