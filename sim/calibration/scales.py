"""Transformations of observables for emulation and comparison."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.evidence.observables import DIFFERENCES
from sim.outcomes import Reals

NEAREST = 2e-3  # distance to 0 and 1: a share of a few hundred people is no more precise
SMALLEST = 1e-6


class Scale(NamedTuple):
    """A transformation, its inverse and its derivative."""

    kind: Literal["same", "log", "arcsine"]

    def transform(self, values: ArrayLike) -> Reals:
        """Transform values in the observable's unit; values beyond its bounds are set to the bounds."""
        x = np.asarray(values, dtype=np.float64)
        if self.kind == "arcsine":
            return np.arcsin(np.sqrt(np.clip(x, 0.0, 1.0)))
        return np.log(np.maximum(x, SMALLEST)) if self.kind == "log" else x

    def inverse(self, values: ArrayLike) -> Reals:
        """Transform back to the observable's unit."""
        x = np.asarray(values, dtype=np.float64)
        if self.kind == "arcsine":
            return np.sin(np.clip(x, 0.0, 0.5 * np.pi)) ** 2
        return np.exp(x) if self.kind == "log" else x

    def spread(self, value: float, error: float) -> float:
        """Transform a standard deviation at a value; that of a share counts as at least ``NEAREST``."""
        return self.slope(value) * (max(error, NEAREST) if self.kind == "arcsine" else error)

    def slope(self, value: float) -> float:
        """Return the derivative at a value in the observable's unit."""
        if self.kind == "arcsine":
            share = min(max(value, NEAREST), 1.0 - NEAREST)
            return 0.5 / float(np.sqrt(share * (1.0 - share)))
        return 1.0 / max(value, SMALLEST) if self.kind == "log" else 1.0


def scale_of(name: str, unit: str) -> Scale:
    """Choose the scale of an observable: logarithm for times and ratios, identity for what may be negative.

    Shares use the arcsine of the square root, on which chance varies them equally everywhere (Bartlett 1947, Biometrics
    3, 39-52). On log-odds, shares near 1 vary so much more that no constant noise fits.
    """
    if name in DIFFERENCES:
        return Scale("same")
    if unit == "share":
        return Scale("arcsine")
    return Scale("log") if unit.startswith(("h/", "min")) or unit == "ratio" else Scale("same")
