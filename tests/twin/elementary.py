"""Exponential, logarithm and normal quantile of the engine in plain numbers, with its tables, to the bit."""

from math import frexp, ldexp

import numpy as np

from sim.core.elementary import _BY_PART, _DOUBLING, _E1, _E2, _E3, _E4, _INVERSE, _LOGARITHM, _QUANTILES, _ROOTS

ROOTS = _ROOTS.view(np.float64).tolist()  # of two
INVERSES, LOGARITHMS = _INVERSE.tolist(), _LOGARITHM.tolist()  # by 64ths of a doubling from 0.6875 on
QUANTILES = _QUANTILES[:, ::-1].tolist()  # polynomials by where a tail lies in its cell, highest power first


def exp(x: float) -> float:
    """A power of two, times a root of two, times a short series."""
    scaled = min(max(x, -700.0), 700.0) * _BY_PART
    parts = round(scaled)
    r = scaled - parts
    root = ldexp(ROOTS[parts % 128], parts // 128)
    return root + root * (r * (_E1 + r * _E2 + r * r * (_E3 + r * _E4)))


def log(x: float) -> float:
    """That of a power of two, that of one of the inverses, and a short series."""
    part, doublings = frexp(x)
    cell = int(128.0 * part) - 88
    if cell < 0:
        part, doublings = 2.0 * part, doublings - 1
    r = part * INVERSES[cell] - 1.0
    q = r * r
    less = (0.5 - r * (1 / 3)) + q * ((1 / 4 - r * (1 / 5)) + q * ((1 / 6 - r * (1 / 7)) + q * (1 / 8)))
    return doublings * _DOUBLING + (LOGARITHMS[cell] + (r - q * less))


def normal_quantile(u: float) -> float:
    """A polynomial for each sixteenth of each halving of the tail."""
    part, halvings = frexp(min(u, 1.0 - u))
    sixteenths = 32.0 * part - 16.0
    cell = int(sixteenths)
    in_cell = 2.0 * (sixteenths - cell) - 1.0
    z = 0.0
    for factor in QUANTILES[cell - 16 * halvings]:
        z = factor + in_cell * z
    z = max(z, 0.0)
    return z if u > 0.5 else -z
