"""How often intervals of Sobol's indices hold the true ones of made-up figures.

``python -m tests.sensitivity.held`` takes a quarter of an hour on two cores.
"""

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
from SALib.sample import sobol
from scipy.stats import qmc

from sim.sensitivity.indices import _indices, sobol_indices
from sim.sensitivity.ranges import unit_cube
from sim.sensitivity.screening import trajectories
from tests.sweeps.held import made_up

TRAJECTORIES, FILLING = 8, 64  # as a sensitivity analysis has by default
SCREENED = 40  # parameters, of which few go on
DESIGNS = ((6, 0.1, 0.1), (10, 0.6, 0.2), (10, 0.3, 0.5), (10, 1.0, 0.5))  # parameters, sd of a run, of an economy
CASES = 40
SIZES = (0.0, 0.05, 0.2, 1.1)  # of true indices


def case(parameters: int, of_run: float, of_economy: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return true indices, what is found and half of its interval, (first and total, parameters) each."""
    rng = np.random.default_rng(seed)
    truth = made_up(parameters, rng)
    steps = trajectories(SCREENED, TRAJECTORIES, seed)
    walked, others = steps.reshape(-1, SCREENED)[:, :parameters], steps[:, 0, :parameters]
    unit = np.concatenate([walked, others, qmc.Sobol(parameters, rng=rng).random(FILLING)])
    alone = np.arange(TRAJECTORIES, 2 * TRAJECTORIES + FILLING)
    economies = np.concatenate([np.repeat(np.arange(TRAJECTORIES), steps.shape[1]), alone])
    chance = of_economy * rng.standard_normal(len(alone) + TRAJECTORIES)[economies]
    found = sobol_indices(unit, truth(unit) + chance + of_run * rng.standard_normal(len(unit)), economies, seed)
    assert found is not None
    sample = sobol.sample(unit_cube(parameters), 2**13, calc_second_order=False, seed=seed)
    true, _ = _indices(truth(sample), parameters, seed)
    return true, np.array([found.first, found.total]), np.array([found.first_half, found.total_half])


if __name__ == "__main__":
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for design in DESIGNS:
            true, found, half = np.stack(list(pool.map(partial(case, *design), range(CASES))), axis=1)
            held = np.abs(found - true) <= half
            for k, name in enumerate(("first", "total")):
                size = np.digitize(true[:, k], SIZES)
                parts = [held[:, k][size == place].mean() for place in (1, 2, 3)]
                print(design, name, "up to 0.05, to 0.2, above:", " ".join(f"{part:.3f}" for part in parts), flush=True)
