"""The scales on which observables are emulated and compared: far from the walls at 0 and 1."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Reals = NDArray[np.float64]
type Kind = Literal["same", "log", "logit"]

NEAREST = 2e-3  # to 0 and 1: a share of a few hundred people says no more
SMALLEST = 1e-6


class Scale(NamedTuple):
    """A scale: forth, back, and how steep it is."""

    kind: Kind

    def forth(self, values: ArrayLike) -> Reals:
        """Go to the scale.

        Parameters
        ----------
        values : ArrayLike
            In the observable's own unit.

        Returns
        -------
        Reals
            On the scale; what lies beyond its walls is put just before them.
        """
        x = np.asarray(values, dtype=np.float64)
        if self.kind == "logit":
            share = np.clip(x, NEAREST, 1.0 - NEAREST)
            return np.log(share / (1.0 - share))
        return np.log(np.maximum(x, SMALLEST)) if self.kind == "log" else x

    def back(self, values: ArrayLike) -> Reals:
        """Come back from the scale.

        Parameters
        ----------
        values : ArrayLike
            On the scale.

        Returns
        -------
        Reals
            In the observable's own unit.
        """
        x = np.asarray(values, dtype=np.float64)
        if self.kind == "logit":
            return 1.0 / (1.0 + np.exp(-x))
        return np.exp(x) if self.kind == "log" else x

    def slope(self, value: float) -> float:
        """Say how much the scale stretches around a value.

        Parameters
        ----------
        value : float
            In the observable's own unit.

        Returns
        -------
        float
            Steps of the scale per unit.
        """
        if self.kind == "logit":
            share = min(max(value, NEAREST), 1.0 - NEAREST)
            return 1.0 / (share * (1.0 - share))
        return 1.0 / max(value, SMALLEST) if self.kind == "log" else 1.0


def scale_of(unit: str) -> Scale:
    """Choose the scale for a unit.

    Parameters
    ----------
    unit : str
        Unit of an observable.

    Returns
    -------
    Scale
        Log-odds for shares, logarithms for times and ratios, and anything else as it is.
    """
    if unit == "share":
        return Scale("logit")
    return Scale("log") if unit.startswith(("h/", "min")) or unit == "ratio" else Scale("same")
