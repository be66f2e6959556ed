"""Parameters that are not known, carried through a study: replicate k of every world uses draw k of a posterior.

Every route uses the set ``DEFAULT`` unless another one is named: the command line, sweeps and Python alike.
All worlds of a comparison use the same draw in the same replicate, so that they stay comparable person by person. What
a scenario says of a parameter itself is a part of its rules and holds in all draws.
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

import polars as pl

from sim import files
from sim.datafiles import CALIBRATION
from sim.errors import InputError, nearest, shortened
from sim.inputs import check
from sim.mistakes import listed
from sim.parameter_sets import POINT, POSTERIOR, READINGS
from sim.parameters import TABLE
from sim.schema import Scenario

MOST_BYTES, MOST_DRAWS = 200_000_000, 100_000  # of a file of draws
PREFIX = "posterior_"

_ROWS = {row.name: row for row in TABLE}


@dataclass(frozen=True)
class Draws:
    """Equal draws of parameters."""

    name: str
    rows: tuple[Mapping[str, float], ...]

    @cached_property
    def sha256(self) -> str:
        """Name the draws by what they say, in hexadecimal digits."""
        return hashlib.sha256(json.dumps([sorted(row.items()) for row in self.rows]).encode()).hexdigest()

    @property
    def about(self) -> dict[str, Any]:
        """What a manifest says of them."""
        return {"name": self.name, "sha256": self.sha256, "draws": len(self.rows), "parameters": sorted(self.rows[0])}


type Source = str | Draws | None  # a set by name or file, the set itself, or None for the values of the table


def resolved(known: Source) -> Draws | None:
    """Find the draws of a set.

    Parameters
    ----------
    known : Source
        The set, or as for ``load_draws``.

    Returns
    -------
    Draws | None
        None for the values of the table.
    """
    return load_draws(known) if isinstance(known, str) else known


def stated(known: Draws | None) -> dict[str, Any]:
    """State for a manifest which parameters were used.

    Parameters
    ----------
    known : Draws | None
        The set; None for the values of the table.

    Returns
    -------
    dict[str, Any]
        ``name``, ``sha256``, number of ``draws`` (0 for ``point``) and names of the ``parameters`` that differ.
    """
    return known.about if known else {"name": POINT, "sha256": None, "draws": 0, "parameters": []}


def parameters_line(about: Mapping[str, Any], replicates: int) -> str:
    """Say for a summary which parameters were used.

    Parameters
    ----------
    about : Mapping[str, Any]
        From ``stated``; empty in results of an earlier version for the values of the table.
    replicates : int
        How many there are.

    Returns
    -------
    str
        A sentence that names the set.
    """
    known = int(about.get("draws") or 0)
    if not known:
        return f"Parameters: {POINT}, one value each, as in the table."
    which = "draw 1" if replicates == 1 else f"draws 1 to {replicates:,}"
    repeated = ", repeated" if replicates > known else ""
    return (
        f"Parameters: {which} of {known:,} of '{about['name']}'{repeated}, one for each replicate and the same in all "
        "worlds of it."
    )


def drawn(scenario: Scenario, known: Source, number: int) -> Scenario:
    """Give a world the parameters of its replicate.

    Parameters
    ----------
    scenario : Scenario
        A world.
    known : Source
        Where its parameters come from; None or ``point`` leaves them as the table and the scenario say.
    number : int
        Number of the replicate, from 0; after the last draw comes the first one again.

    Returns
    -------
    Scenario
        The world with the parameters of that draw, and with its own where it names them.
    """
    draws = resolved(known)
    if draws is None:
        return scenario
    row = draws.rows[number % len(draws.rows)]
    return scenario.model_copy(update={"parameters": {**row, **scenario.parameters}})


def load_sets(which: str) -> dict[str, Draws | None]:
    """Find all sets of draws that a user lists, to be laid side by side.

    Parameters
    ----------
    which : str
        As for ``load_draws``, several with commas between them, as in ``report,audited``.

    Returns
    -------
    dict[str, Draws | None]
        By their names, in the order given, in letters that a folder may have; one if there is one.

    Raises
    ------
    InputError
        If one of them is wrong, is listed twice, or has the name of another one.
    """
    parts = [part.strip() for part in which.split(",")] if "," in which and not os.path.isfile(which) else [which]
    if not all(parts):
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
    """Find the draws that a user means.

    Parameters
    ----------
    which : str
        ``point`` for the table of parameters, ``posterior`` or ``report`` for what was fitted to the report,
        ``audited``, or a Parquet file with a column for each parameter and a row for each draw.

    Returns
    -------
    Draws | None
        None for ``point``.

    Raises
    ------
    InputError
        If there is no such file, or it holds something else.
    """
    if which == POINT:
        return None
    name = READINGS[0] if which == POSTERIOR else which
    path = CALIBRATION / f"{PREFIX}{name}.parquet"
    if name in READINGS and path.is_file():
        return _shipped(path, name)
    if os.path.exists(which):
        return read_draws(Path(which), Path(which).stem)
    known = (POINT, POSTERIOR, *READINGS)
    if "," in which:
        raise InputError(f"--parameters {which}: one set is needed here; only run and compare take several")
    if name in READINGS:
        raise InputError(f"--parameters {which}: {path} is missing; `offhours calibrate {name}` makes one")
    raise InputError(f"--parameters {which}: no such file, and no such set{nearest(which, known)}")


@cache
def _shipped(path: Path, name: str) -> Draws:
    """Read draws that come with the package, once."""
    return read_draws(path, name)


def read_draws(path: Path, name: str) -> Draws:
    """Read draws from a file, and check them.

    Parameters
    ----------
    path : Path
        A Parquet file.
    name : str
        What to call them.

    Returns
    -------
    Draws
        The draws in their order.

    Raises
    ------
    InputError
        With everything that is wrong: no table, no rows, columns that are no parameters, values out of range.
    """
    try:
        check(path, MOST_BYTES)
        if files.seal_of(path.resolve()) or path.is_relative_to(CALIBRATION):
            files.checked(path.resolve())  # what others made need not carry a checksum
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
    mistakes = []
    for column in frame.columns:
        if column not in _ROWS:
            mistakes.append(f"{path}: '{shortened(column)}' is no parameter{nearest(column, _ROWS)}")
        elif not frame.schema[column].is_numeric() or frame[column].cast(pl.Float64).is_finite().not_().any():
            mistakes.append(f"{path}: '{column}' holds something that is not a number")
        elif frame[column].null_count():
            mistakes.append(f"{path}: '{column}' has gaps")
        else:
            row = _ROWS[column]
            beyond = frame.filter((pl.col(column) < row.low) | (pl.col(column) > row.high))
            if beyond.height:
                mistakes.append(
                    f"{path}: '{column}' = {beyond[column][0]:g} lies outside [{row.low:g}, {row.high:g}] {row.unit}"
                )
    if frame.is_empty():
        mistakes.append(f"{path}: holds no draws")
    if mistakes:
        raise InputError(listed(mistakes, str(path)))
    return Draws(name, tuple(frame.cast(pl.Float64).to_dicts()))
