"""Transformations on which observables are emulated and compared, away from the bounds at 0 and 1."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.evidence.observables import DIFFERENCES

type Reals = NDArray[np.float64]

NEAREST = 2e-3  # to 0 and 1: a share of a few hundred people says no more
SMALLEST = 1e-6


class Scale(NamedTuple):
    """A transformation, its inverse and its derivative."""

    kind: Literal["same", "log", "logit"]

    def forth(self, values: ArrayLike) -> Reals:
        """Transform values in the observable's unit; those beyond the bounds are clipped to just inside."""
        x = np.asarray(values, dtype=np.float64)
        if self.kind == "logit":
            share = np.clip(x, NEAREST, 1.0 - NEAREST)
            return np.log(share / (1.0 - share))
        return np.log(np.maximum(x, SMALLEST)) if self.kind == "log" else x

    def back(self, values: ArrayLike) -> Reals:
        """Transform back to the observable's unit."""
        x = np.asarray(values, dtype=np.float64)
        if self.kind == "logit":
            return 1.0 / (1.0 + np.exp(-x))
        return np.exp(x) if self.kind == "log" else x

    def slope(self, value: float) -> float:
        """Return the derivative at a value in the observable's unit."""
        if self.kind == "logit":
            share = min(max(value, NEAREST), 1.0 - NEAREST)
            return 1.0 / (share * (1.0 - share))
        return 1.0 / max(value, SMALLEST) if self.kind == "log" else 1.0


def scale_of(name: str, unit: str) -> Scale:
    """Choose the scale of an observable: log-odds for shares, logarithms for times and ratios, identity for the rest.

    Differences, which may be negative, are of the rest.
    """
    if name in DIFFERENCES:
        return Scale("same")
    if unit == "share":
        return Scale("logit")
    return Scale("log") if unit.startswith(("h/", "min")) or unit == "ratio" else Scale("same")
