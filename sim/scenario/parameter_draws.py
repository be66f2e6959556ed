"""Uncertain parameters: replicate k of every world uses draw k of a posterior.

All worlds of a comparison share the draws, so that they remain comparable person by person. A parameter that a scenario
sets itself is part of its rules and overrides every draw. ``DEFAULT`` applies wherever no set is named.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.core.errors import InputError, nearest, shortened
from sim.core.parameter_sets import FIRST, POINT, POSTERIOR, SETS
from sim.core.parameters import ROWS, TABLE
from sim.files import storage as files
from sim.files.limits import check
from sim.files.shipped import CALIBRATION
from sim.files.validation import listed
from sim.scenario import releases
from sim.scenario.schema import Scenario

MOST_BYTES, MOST_DRAWS = 200_000_000, 100_000  # limits of a file of draws
PREFIX = "posterior_"


@dataclass(frozen=True)
class Draws:
    """Equally weighted draws of parameters."""

    name: str
    rows: tuple[Mapping[str, float], ...]

    @cached_property
    def sha256(self) -> str:
        """Hash of the values, in hexadecimal; the name does not count."""
        return hashlib.sha256(json.dumps([sorted(row.items()) for row in self.rows]).encode()).hexdigest()

    @property
    def about(self) -> dict[str, Any]:
        """Facts for the manifest."""
        return {"name": self.name, "sha256": self.sha256, "draws": len(self.rows), "parameters": sorted(self.rows[0])}

    def offsets(self, scenario: Scenario, count: int) -> NDArray[np.float64] | None:
        """Return how far the first ``count`` draws are from the mean of all, in sd, (draws, parameters).

        Parameters that are the same in all draws, or that the scenario sets, are left out; None if there is no other.
        """
        names = sorted(self.rows[0].keys() - scenario.parameters.keys())
        every = np.array([[row[name] for name in names] for row in self.rows])
        free = every.std(axis=0) > 0
        if not free.any():
            return None
        unit = (every[:, free] - every[:, free].mean(axis=0)) / every[:, free].std(axis=0)
        return unit[np.arange(count) % len(unit)]


type Source = str | Draws | None  # name or file of a set, the set itself, or None for the values of the table


def resolved(known: Source) -> Draws | None:
    """Return the draws of a set, given by name, file or as such; None means the values of the table."""
    return load_draws(known) if isinstance(known, str) else known


def stated(known: Draws | None) -> dict[str, Any]:
    """Describe for a manifest which parameters were used; ``draws`` is 0 for the table's values."""
    return known.about if known else {"name": POINT, "sha256": None, "draws": 0, "parameters": []}


def drawn(scenario: Scenario, known: Source, number: int) -> Scenario:
    """Return the scenario with the parameters of draw ``number``, modulo the number of draws; its own values win."""
    draws = resolved(known)
    if draws is None:
        return scenario
    row = draws.rows[number % len(draws.rows)]
    return scenario.model_copy(update={"parameters": {**row, **scenario.parameters}})


def load_sets(which: str) -> dict[str, Draws | None]:
    """Load several parameter sets, separated by commas as in ``report,audited``, by names that are valid for folders.

    Raises ``InputError`` if one is invalid, listed twice, or has the name of another.
    """
    parts = [part.strip() for part in which.split(",")] if "," in which and not os.path.isfile(which) else [which]
    if "," in which and not all(parts):
        raise InputError(f"--parameters {which}: a name is missing beside a comma")
    found: dict[str, Draws | None] = {}
    for part in parts:
        draws = load_draws(part)
        name = re.sub(r"[^a-z0-9_]+", "_", (draws.name if draws else POINT).lower())
        digest = draws.sha256 if draws else None
        for other, known in found.items():
            if digest == (known.sha256 if known else None):
                raise InputError(f"--parameters {which}: {part} holds the same as {other}: name different sets")
        if name in found:
            raise InputError(f"--parameters {which}: two sets are called {name}; rename a file")
        found[name] = draws
    return found


def load_draws(which: str) -> Draws | None:
    """Load a parameter set by name or from a Parquet file.

    Names are ``point`` (None), ``posterior``, those of ``SETS``, ``first``, and sets of releases (``surveyed@0.2.0``).

    The file has one column per parameter and one row per draw. Raises ``InputError`` if there is none or it is invalid.
    """
    if which == POINT:
        return None
    name = SETS[0] if which == POSTERIOR else which
    path = CALIBRATION / f"{PREFIX}{name}.parquet"
    if name in (*SETS, FIRST) and path.is_file():
        return _shipped(path, name)
    if os.path.exists(which):
        return read_draws(Path(which), Path(which).stem)
    if "@" in which:
        return Draws(which, tuple(releases.released(which, _shipped)))
    known = (POINT, POSTERIOR, *SETS, FIRST)
    if "," in which:
        raise InputError(f"--parameters {which}: one set is needed here; run, compare, search and study take several")
    if name in SETS:
        raise InputError(f"--parameters {which}: {path} is missing; `offhours calibrate {name}` makes one")
    raise InputError(f"--parameters {which}: no such file, and no such set{nearest(which, known)}")


@cache
def _shipped(path: Path, name: str) -> Draws:
    """Read and cache a set that is part of the package."""
    return read_draws(path, name)


def read_draws(path: Path, name: str) -> Draws:
    """Read and validate a Parquet file of draws; raises ``InputError`` with everything that is wrong."""
    try:
        check(path, MOST_BYTES)
        if files.seal_of(path.resolve()) or path.is_relative_to(CALIBRATION):
            files.checked(path.resolve())  # files from elsewhere carry no checksum
        with files.without_panics():
            lazy = pl.scan_parquet(path, glob=False)
            size = lazy.select(pl.len()).collect().item(), len(lazy.collect_schema())
            if size[0] > MOST_DRAWS or size[1] > len(TABLE):
                raise InputError(
                    f"{path}: {size[0]:,} rows and {size[1]:,} columns; at most {MOST_DRAWS:,} draws of {len(TABLE)} "
                    "parameters can be used"
                )
            frame = lazy.collect()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise InputError(f"{path}: is no table in Parquet: {str(error).splitlines()[0]}") from error
    mistakes = [f"{path}: {text}" for column in frame.columns if (text := _mistake(frame[column]))]
    if frame.is_empty():
        mistakes.append(f"{path}: holds no draws")
    if mistakes:
        raise InputError(listed(mistakes, str(path)))
    return Draws(name, tuple(frame.cast(pl.Float64).to_dicts()))


def _mistake(column: pl.Series) -> str:
    """Say what is wrong with the draws of one parameter; empty if nothing is."""
    row = ROWS.get(column.name)
    if row is None:
        return f"'{shortened(column.name)}' is no parameter{nearest(column.name, ROWS)}"
    if not column.dtype.is_numeric() or not column.cast(pl.Float64).is_finite().all():
        return f"'{row.name}' holds something that is not a number"
    if column.null_count():
        return f"'{row.name}' has gaps"
    numbers = column.cast(pl.Float64)
    beyond = numbers.filter((numbers < row.low) | (numbers > row.high))
    if beyond.is_empty():
        return ""
    return f"'{row.name}' = {beyond[0]:g} lies outside [{row.low:g}, {row.high:g}] {row.unit}"
