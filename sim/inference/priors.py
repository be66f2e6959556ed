"""Priors: what is believed of the free parameters before any target is looked at, read from ``calibration/``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from scipy import stats

from sim.datafiles import CALIBRATION
from sim.errors import InputError, nearest, shortened
from sim.evidence.observables import UNITS
from sim.inference.scales import Reals
from sim.mistakes import MOST, listed
from sim.parameters import TABLE
from sim.tomlfile import check_kind, place, read

FILE = CALIBRATION / "priors.toml"
LEAST = 1e-4  # probability that must be left between the ends

_ROWS = {row.name: row for row in TABLE}
_NEEDED = {"uniform": (), "normal": ("mean", "sd"), "lognormal": ("median", "sd"), "beta": ("a", "b")}


class Prior(BaseModel):
    """The prior of one parameter."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    parameter: str
    role: Literal["fitted", "prior_only"]
    distribution: Literal["uniform", "normal", "lognormal", "beta"]
    low: float
    high: float
    mean: float | None = None
    median: float | None = None
    sd: float | None = Field(None, gt=0)
    a: float | None = Field(None, gt=0)
    b: float | None = Field(None, gt=0)
    only_with: tuple[str, ...] = ()  # observables of which one must be fitted to; else the table's value stays
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _makes_sense(self) -> "Prior":
        """Find a prior that lacks a number, leaves nothing possible, or allows what the table of parameters forbids."""
        for name in _NEEDED[self.distribution]:
            if getattr(self, name) is None:
                raise _wrong(f"a {self.distribution} prior needs '{name}'")
        row = _ROWS.get(self.parameter)
        if row is None:
            raise _wrong(f"unknown parameter '{shortened(self.parameter)}'{nearest(self.parameter, _ROWS)}")
        for name in self.only_with:
            if name not in UNITS:
                raise _wrong(f"only_with: nothing is called '{shortened(name)}'{nearest(name, UNITS)}")
        if not self.low < self.high:
            raise _wrong(f"the prior of {self.parameter} is empty: low {self.low:g} is not below high {self.high:g}")
        if self.low < row.low or self.high > row.high:
            raise _wrong(
                f"the prior of {self.parameter} goes from {self.low:g} to {self.high:g}; "
                f"the table allows {row.low:g} to {row.high:g} ({row.unit})"
            )
        if not self._mass() > LEAST:
            raise _wrong(
                f"the prior of {self.parameter} is empty: nothing of it lies between {self.low:g} and {self.high:g}"
            )
        return self

    def _frozen(self) -> Any:
        """Make the distribution without its ends."""
        given = {name: float(getattr(self, name) or 0.0) for name in _NEEDED[self.distribution]}
        if self.distribution == "normal":
            return stats.norm(given["mean"], given["sd"])
        if self.distribution == "lognormal":
            return stats.lognorm(given["sd"], scale=given["median"])
        if self.distribution == "beta":
            return stats.beta(given["a"], given["b"])
        return stats.uniform(self.low, self.high - self.low)

    def _mass(self) -> float:
        """Say how much of the distribution lies between the ends."""
        return float(self._frozen().cdf(self.high) - self._frozen().cdf(self.low))

    def quantile(self, shares: Reals) -> Reals:
        """Give quantiles of the prior between its ends.

        Parameters
        ----------
        shares : Reals
            Between 0 and 1.

        Returns
        -------
        Reals
            Values of the parameter.
        """
        whole = self._frozen()
        bottom = whole.cdf(self.low)
        values = whole.ppf(bottom + np.clip(shares, 0.0, 1.0) * self._mass())
        return np.clip(np.asarray(values, dtype=np.float64), self.low, self.high)

    def share(self, values: Reals) -> Reals:
        """Say which quantiles values are: the inverse of ``quantile``.

        Parameters
        ----------
        values : Reals
            Values of the parameter.

        Returns
        -------
        Reals
            Between 0 and 1.
        """
        whole = self._frozen()
        return np.clip((whole.cdf(values) - whole.cdf(self.low)) / self._mass(), 0.0, 1.0)


def _wrong(text: str) -> PydanticCustomError:
    """Make a mistake that is told in these words."""
    return PydanticCustomError("prior", "{text}", {"text": text})


class Priors(NamedTuple):
    """The priors of all free parameters, independent of each other."""

    fitted: tuple[Prior, ...]
    kept: tuple[Prior, ...]  # that no target can speak about

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fitted parameters, in the order of the columns of a design."""
        return tuple(prior.parameter for prior in self.fitted)

    @property
    def kept_names(self) -> tuple[str, ...]:
        """Names of the parameters that keep their prior."""
        return tuple(prior.parameter for prior in self.kept)

    def about(self, observables: Sequence[str]) -> "Priors":
        """Leave out parameters that only other targets speak about.

        Parameters
        ----------
        observables : Sequence[str]
            What is fitted to.

        Returns
        -------
        Priors
            Those that are free; the others keep the value of the table.
        """
        there = set(observables)
        free = (prior for prior in self.fitted if not prior.only_with or there.intersection(prior.only_with))
        return self._replace(fitted=tuple(free))

    def values(self, unit: Reals) -> Reals:
        """Turn points of the unit cube into values of the fitted parameters.

        Parameters
        ----------
        unit : Reals
            (points, fitted parameters), between 0 and 1.

        Returns
        -------
        Reals
            The same shape, in the parameters' units.
        """
        return _through(self.fitted, unit)

    def unit(self, values: Reals) -> Reals:
        """Turn values of the fitted parameters into points of the unit cube.

        Parameters
        ----------
        values : Reals
            (points, fitted parameters), in the parameters' units.

        Returns
        -------
        Reals
            The same shape, between 0 and 1.
        """
        return np.column_stack([prior.share(values[:, k]) for k, prior in enumerate(self.fitted)])

    def kept_values(self, unit: Reals) -> Reals:
        """Draw the parameters that keep their prior.

        Parameters
        ----------
        unit : Reals
            (points, kept parameters), between 0 and 1.

        Returns
        -------
        Reals
            The same shape, in the parameters' units.
        """
        return _through(self.kept, unit)


def _through(priors: Sequence[Prior], unit: Reals) -> Reals:
    """Apply each prior's quantiles to its column."""
    if not priors:
        return np.empty((len(unit), 0))
    return np.column_stack([prior.quantile(unit[:, k]) for k, prior in enumerate(priors)])


def _at(path: tuple[int | str, ...]) -> str:
    """Name the key of a mistake, if it is that of a single one."""
    return f"{path[-1]}: " if path and isinstance(path[-1], str) else ""


class _File(BaseModel):
    """A file of priors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prior: tuple[Prior, ...]


def load_priors(path: Path = FILE) -> Priors:
    """Read a file of priors and check it.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Priors
        What it says.

    Raises
    ------
    InputError
        With all mistakes of the file, one a line.
    """
    document = read(path)
    check_kind(document, "file of priors")
    if isinstance(many := document.data.get("prior"), list) and len(many) > len(TABLE):
        raise InputError(f"{path.name}:1: {len(many):,} priors, and there are {len(TABLE)} parameters")
    try:
        found = _File.model_validate(document.data).prior
    except ValidationError as error:
        lines = [
            f"{path.name}:{place(document.lines, detail['loc']) or 1}: {_at(detail['loc'])}{detail['msg']}"
            for detail in error.errors()[: MOST + 1]
        ]
        raise InputError(listed(lines, f"{path.name}:1")) from None
    names = [prior.parameter for prior in found]
    mistakes = [
        f"{path.name}:{place(document.lines, ('prior', k))}: {name} has two priors"
        for k, name in enumerate(names)
        if name in names[:k]
    ]
    if not any(prior.role == "fitted" for prior in found):
        mistakes.append(f"{path.name}:1: no prior is 'fitted': there is nothing to fit")
    if mistakes:
        raise InputError("\n".join(mistakes))
    parts = [tuple(prior for prior in found if prior.role == role) for role in ("fitted", "prior_only")]
    return Priors(*parts)
