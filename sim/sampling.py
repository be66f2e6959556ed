"""Draws about many things at once, for surveys and pilots: the same hashes as the engine's, over whole arrays.

A draw still belongs to what it decides and never to an order: which people of a firm are asked does not change when
another firm joins the sample.
"""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.randomness import child, splitmix

type Keys = NDArray[np.uint64]
type Reals = NDArray[np.float64]


def children(owner: Keys | np.uint64, numbers: NDArray[np.integer] | int) -> Keys:
    """Name things that belong to others.

    Parameters
    ----------
    owner : Keys | np.uint64
        Identities of the owners, one for all things or one each.
    numbers : NDArray[np.integer] | int
        Which of the owner's things, 0 or more.

    Returns
    -------
    Keys
        Identities of the things, in the shape of both together.
    """
    owners, which = np.broadcast_arrays(np.asarray(owner, np.uint64), np.asarray(numbers).astype(np.uint64))
    with np.errstate(over="ignore"):
        return cast("Keys", np.asarray(_plain(child)(owners, which), np.uint64))


def uniforms(things: Keys, number: int) -> Reals:
    """Draw from the unit interval, once for each thing.

    Parameters
    ----------
    things : Keys
        Identities.
    number : int
        Which decision about each of them.

    Returns
    -------
    Reals
        Strictly between 0 and 1, in the shape of ``things``.
    """
    with np.errstate(over="ignore"):
        mixed = np.asarray(_plain(splitmix)(things, np.full(things.shape, number, np.uint64)), np.uint64)
    return ((mixed >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52


def normals(things: Keys, number: int) -> Reals:
    """Draw from the standard normal distribution, once for each thing.

    Parameters
    ----------
    things : Keys
        Identities.
    number : int
        Which decision about each of them.

    Returns
    -------
    Reals
        In the shape of ``things``.
    """
    return ndtri(uniforms(things, number))


def _plain(rule: Any) -> Any:
    """Take the uncompiled form of a rule, which works on arrays as it does on scalars."""
    return getattr(rule, "py_func", rule)
