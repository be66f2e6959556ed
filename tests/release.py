"""Keep the parameters of a release under its name: ``python -m tests.release 0.2.0``."""

import sys
from pathlib import Path

from sim.core.parameter_sets import SETS
from sim.core.parameters import TABLE
from sim.files import storage as files
from sim.files.shipped import CALIBRATION
from sim.scenario.parameter_draws import read_draws
from sim.scenario.releases import PREFIX, SUFFIX


def freeze(version: str, folder: Path = CALIBRATION) -> Path:
    """Write today's table and the hashes of the draws of all sets, and return the path."""
    hashes = {name: read_draws(folder / f"posterior_{name}.parquet", name).sha256 for name in SETS}
    path = folder / f"{PREFIX}{version}{SUFFIX}"
    files.write_json(path, {"version": version, "table": {row.name: row.value for row in TABLE}, "draws": hashes})
    return path


if __name__ == "__main__":
    print(freeze(sys.argv[1]))
