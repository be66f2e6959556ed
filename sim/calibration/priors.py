"""Prior distributions of the free parameters, read from ``calibration/``."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from scipy import stats

from sim.core.errors import InputError, nearest, shortened
from sim.core.parameters import ROWS, TABLE
from sim.evidence.observables import UNITS
from sim.files.shipped import CALIBRATION
from sim.files.toml import KeyPath, read
from sim.files.validation import Entry
from sim.outcomes import Reals
from sim.scenario.inheritance import as_model, frozen, refused

FILE = CALIBRATION / "priors.toml"
LEAST = 1e-4  # least probability that must remain between the ends

_NEEDED = {"uniform": (), "normal": ("mean", "sd"), "lognormal": ("median", "sd"), "beta": ("a", "b")}


class Prior(Entry):
    """The prior of one parameter, truncated to ``low`` and ``high``."""

    parameter: str
    role: Literal["fitted", "prior_only"]
    distribution: Literal["uniform", "normal", "lognormal", "beta"]
    low: float
    high: float
    mean: float | None = None
    median: float | None = Field(None, gt=0)
    sd: float | None = Field(None, gt=0)
    a: float | None = Field(None, gt=0)
    b: float | None = Field(None, gt=0)
    only_with: tuple[str, ...] = ()  # fitted only with targets on one of these observables; else fixed
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _makes_sense(self) -> "Prior":
        """Reject a prior that lacks a number, has no mass between its ends, or exceeds the parameter's range."""
        if text := self._mistake():
            raise PydanticCustomError("prior", "{text}", {"text": text})
        return self

    def _mistake(self) -> str:
        """Return what is wrong; empty if nothing is."""
        for name in _NEEDED[self.distribution]:
            if getattr(self, name) is None:
                return f"a {self.distribution} prior needs '{name}'"
        row = ROWS.get(self.parameter)
        if row is None:
            return f"unknown parameter '{shortened(self.parameter)}'{nearest(self.parameter, ROWS)}"
        for name in self.only_with:
            if name not in UNITS:
                return f"only_with: nothing is called '{shortened(name)}'{nearest(name, UNITS)}"
        empty = f"the prior of {self.parameter} is empty: "
        if not self.low < self.high:
            return f"{empty}low {self.low:g} is not below high {self.high:g}"
        if self.low < row.low or self.high > row.high:
            return (
                f"the prior of {self.parameter} goes from {self.low:g} to {self.high:g}; "
                f"the table allows {row.low:g} to {row.high:g} ({row.unit})"
            )
        bottom, top = self._frozen().cdf((self.low, self.high))
        lies = top - bottom > LEAST
        return "" if lies else f"{empty}nothing of it lies between {self.low:g} and {self.high:g}"

    def _frozen(self) -> Any:
        """Return the distribution before truncation."""
        given = {name: float(getattr(self, name) or 0.0) for name in _NEEDED[self.distribution]}
        if self.distribution == "normal":
            return stats.norm(given["mean"], given["sd"])
        if self.distribution == "lognormal":
            return stats.lognorm(given["sd"], scale=given["median"])
        if self.distribution == "beta":
            return stats.beta(given["a"], given["b"])
        return stats.uniform(self.low, self.high - self.low)

    def truncated(self, low: float, high: float) -> "Prior | None":
        """Return the prior truncated further to a range; None if hardly any of it lies there."""
        less = self.model_copy(update={"low": max(low, self.low), "high": min(high, self.high)})
        return None if less._mistake() else less

    def quantile(self, shares: Reals) -> Reals:
        """Return quantiles of the truncated prior; shares are clipped to 0 and 1."""
        whole, bottom, top = _untruncated(self)
        values = whole.ppf(bottom + np.clip(shares, 0.0, 1.0) * (top - bottom))
        return np.clip(np.asarray(values, dtype=np.float64), self.low, self.high)


@functools.cache
def _untruncated(prior: Prior) -> tuple[Any, float, float]:
    """Return a prior's distribution before truncation and its shares below the ends; cached, as scipy is slow here."""
    whole = prior._frozen()
    bottom, top = whole.cdf((prior.low, prior.high))
    return whole, bottom, top


class Priors(NamedTuple):
    """Independent priors of all free parameters."""

    fitted: tuple[Prior, ...]
    unfitted: tuple[Prior, ...]  # parameters that no target informs

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fitted parameters, in the order of a design's columns."""
        return tuple(prior.parameter for prior in self.fitted)

    def for_targets(self, observables: Sequence[str]) -> "Priors":
        """Drop the parameters that only targets outside ``observables`` inform; they keep the table's value."""
        there = set(observables)
        free = (prior for prior in self.fitted if not prior.only_with or there.intersection(prior.only_with))
        return self._replace(fitted=tuple(free))

    def values(self, unit: Reals) -> Reals:
        """Map (points, fitted parameters) in the unit cube to the parameters' units."""
        if not self.fitted:
            return np.empty((len(unit), 0))
        return np.column_stack([prior.quantile(unit[:, k]) for k, prior in enumerate(self.fitted)])


class _File(Entry):
    """A file of priors."""

    prior: tuple[Prior, ...]


def load_priors(path: Path = FILE) -> Priors:
    """Read and validate a file of priors; raise ``InputError`` with all mistakes, one per line."""
    document = read(path, "file of priors")
    if isinstance(many := document.data.get("prior"), list) and len(many) > len(TABLE):
        raise InputError(f"{path.name}:1: {len(many):,} priors, and there are {len(TABLE)} parameters")
    found = as_model(_File, document, frozen(document.data)).prior
    names = [prior.parameter for prior in found]
    mistakes: list[tuple[KeyPath, str]] = [
        (("prior", k), f"{name} has two priors") for k, name in enumerate(names) if name in names[:k]
    ]
    if not any(prior.role == "fitted" for prior in found):
        mistakes.append(((), "no prior is 'fitted': there is nothing to fit"))
    if mistakes:
        raise refused(document, mistakes)
    parts = [tuple(prior for prior in found if prior.role == role) for role in ("fitted", "prior_only")]
    return Priors(*parts)
