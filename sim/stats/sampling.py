"""Vectorised random draws for surveys and pilots, from the same hashes as in the engine.

A draw depends only on what it decides, never on an order. The people surveyed in one firm do not change when another
firm joins the sample.
"""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.core.randomness import child, splitmix
from sim.outcomes import Reals

type Keys = NDArray[np.uint64]


def children(owner: Keys | np.uint64, numbers: NDArray[np.integer] | int) -> Keys:
    """Derive the keys of things from the keys of their owners, with broadcasting; ``numbers`` are 0 or more."""
    owners, which = np.broadcast_arrays(np.asarray(owner, np.uint64), np.asarray(numbers).astype(np.uint64))
    with np.errstate(over="ignore"):
        return cast("Keys", np.asarray(_uncompiled(child)(owners, which), np.uint64))


def uniforms(things: Keys, number: int) -> Reals:
    """Draw one number from the open interval (0, 1) per thing; ``number`` identifies the decision."""
    with np.errstate(over="ignore"):
        mixed = np.asarray(_uncompiled(splitmix)(things, np.full(things.shape, number, np.uint64)), np.uint64)
    return ((mixed >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52


def normals(things: Keys, number: int) -> Reals:
    """Draw one number from the standard normal distribution per thing; ``number`` identifies the decision."""
    return ndtri(uniforms(things, number))


def _uncompiled(rule: Any) -> Any:
    """Return the uncompiled form of a function, which also works on arrays."""
    return getattr(rule, "py_func", rule)
