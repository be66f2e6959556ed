"""Keep the parameters of a release under its name: ``python -m tests.release 0.2.0``."""

import sys

from sim.scenario.parameter_draws import read_draws
from sim.scenario.releases import freeze

if __name__ == "__main__":
    print(freeze(sys.argv[1], read_draws))
