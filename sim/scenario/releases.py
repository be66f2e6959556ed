"""Parameters of released versions, which keep their names after the table and the posteriors have changed.

``surveyed@0.2.0`` is the set ``surveyed`` of version 0.2.0: its draws, and the table of that version for all that they
do not vary. ``calibration/release_VERSION.json`` holds the table and the hashes of the draws. The draws themselves are
those shipped until a new fit takes their place; then they are kept as ``posterior_SET_VERSION.parquet``.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sim.core.errors import InputError, nearest
from sim.core.parameter_sets import POINT, SETS
from sim.files import storage as files
from sim.files.shipped import CALIBRATION

if TYPE_CHECKING:
    from sim.scenario.parameter_draws import Draws

NAME = re.compile(r"(?P<set>[a-z]+)@(?P<version>\d+\.\d+\.\d+)")
PREFIX, SUFFIX = "release_", ".json"


def versions(folder: Path = CALIBRATION) -> list[str]:
    """List the released versions whose parameters are kept."""
    return sorted(path.name.removeprefix(PREFIX).removesuffix(SUFFIX) for path in folder.glob(f"{PREFIX}*{SUFFIX}"))


def names(folder: Path = CALIBRATION) -> list[str]:
    """List the parameter sets of all releases."""
    return [f"{name}@{version}" for version in versions(folder) for name in (*SETS, POINT)]


def released(
    which: str, read: Callable[[Path, str], "Draws"], folder: Path = CALIBRATION
) -> Iterator[dict[str, float]]:
    """Yield the complete rows of a set of a released version, one for ``point``; raises ``InputError`` without one."""
    found = NAME.fullmatch(which)
    if not found or which not in names(folder):
        raise InputError(f"--parameters {which}: no such set of a release{nearest(which, names(folder))}")
    version, name = found["version"], found["set"]
    kept = files.read_json(folder / f"{PREFIX}{version}{SUFFIX}")
    if name == POINT:
        yield dict(kept["table"])
        return
    for path in (folder / f"posterior_{name}.parquet", folder / f"posterior_{name}_{version}.parquet"):
        if path.is_file() and (draws := read(path, name)).sha256 == kept["draws"][name]:
            yield from ({**kept["table"], **row} for row in draws.rows)
            return
    raise InputError(f"--parameters {which}: its draws are missing: {folder}/posterior_{name}_{version}.parquet")
