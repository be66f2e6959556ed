"""Compiles the engine before its first use: ``python -m sim.engine.ahead``, called by the set-up.

It needs only NumPy, numba and pydantic, so it can run while other packages are being fetched.
"""

import ctypes
import signal
import sys

import numpy as np

from sim.core.parameters import values
from sim.engine.people import economy_key, populate
from sim.engine.simulate import simulate
from sim.engine.state import named
from sim.scenario.countries import home


def main() -> None:
    """Call each kernel once, for no day and no firm."""
    country, parameters = home(), values({}, {})
    cities, trades = dict.fromkeys(country.cities, 1.0), dict.fromkeys(country.trades, 1.0)
    world = populate(economy_key(0, 0), 1, cities, trades, (9.0, 0.5, 5.0, 20.0), parameters, days=0)
    simulate(world, named(parameters), np.zeros(0, np.int64), 0, 0, np.uint64(0))


if __name__ == "__main__":
    if sys.platform == "linux":  # end together with the set-up, even if that is killed (1 is PR_SET_PDEATHSIG)
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    main()
