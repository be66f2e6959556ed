"""Exponential, logarithm and normal quantile from sums, products, quotients and square roots only.

A system's mathematics library differs in the last bit between processors and versions, and so would the simulated
worlds. Operations that IEEE 754 rounds give the same bits everywhere.
"""

import math
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.compiled import rule

type Reals = NDArray[np.float64]

_EXPONENT = np.int64(52)  # bits of a number after its power of two
_MOST = 700.0  # larger arguments count as this
_WHOLE = 1.5 * 2.0**52  # adding it rounds a number to an integer, in its last bits
_PARTS = 128  # per doubling: an exponential is a power of two, times one of these roots of it, times a short series
_PART_BITS, _LAST_PART = np.int64(7), np.int64(_PARTS - 1)
_CELLS = 64  # per doubling: a logarithm is that of a power of two, that of one of these numbers, and a short series
_CELL, _LAST_CELL = np.int64(46), np.int64(_CELLS - 1)
_FROM = np.int64(np.float64(0.6875).view(np.int64))  # doublings begin here, so that 1 is not at the end of one
_R3, _R4, _R5, _R6, _R7, _R8 = (1.0 / n for n in range(3, 9))


def _inverse(cell: int) -> float:
    """Return the inverse of the middle of a cell, with few digits so that the rest is exact; 1 on both sides of 1."""
    begin, end = (float(np.int64(_FROM + (np.int64(n) << _CELL)).view(np.float64)) for n in (cell, cell + 1))
    return 1.0 if 1.0 in (begin, end) else round(1024.0 / (begin + end)) / 512.0


_INVERSE = np.array([_inverse(cell) for cell in range(_CELLS)])
with localcontext(prec=40):
    _LN2 = Decimal(2).ln()
    _ROOTS = np.array([float(Decimal(2) ** (Decimal(n) / _PARTS)) for n in range(_PARTS)]).view(np.int64)
    _BY_PART, _DOUBLING = float(_PARTS / _LN2), float(_LN2)
    _E1, _E2, _E3, _E4 = (float((_LN2 / _PARTS) ** n / math.factorial(n)) for n in range(1, 5))
    _LOGARITHM = np.array([float(-Decimal(inverse).ln()) for inverse in _INVERSE])


@rule
def exp(x: float) -> float:
    """Return e to the power of ``x``, with a relative error of at most 2e-15 and 2e-16 ``x``; above 700 as for 700."""
    scaled = min(max(x, -_MOST), _MOST) * _BY_PART
    shifted = scaled + _WHOLE
    r = scaled - (shifted - _WHOLE)
    parts = np.float64(shifted).view(np.int64)
    root = np.int64(_ROOTS[parts & _LAST_PART] + ((parts >> _PART_BITS) << _EXPONENT)).view(np.float64)
    return float(root + root * (r * (_E1 + r * _E2 + r * r * (_E3 + r * _E4))))


def _log(x: Any) -> Any:
    """Return the logarithm of a positive number, or of each number of an array."""
    bits = np.float64(x).view(np.int64)
    beyond = bits - _FROM
    doublings, cell = beyond >> _EXPONENT, (beyond >> _CELL) & _LAST_CELL
    r = np.int64(bits - (doublings << _EXPONENT)).view(np.float64) * _INVERSE[cell] - 1.0
    q = r * r
    less = (0.5 - r * _R3) + q * ((_R4 - r * _R5) + q * ((_R6 - r * _R7) + q * _R8))
    return doublings * _DOUBLING + (_LOGARITHM[cell] + (r - q * less))


_log_in_rules = rule(_log)


@rule
def log(x: float) -> float:
    """Return the natural logarithm of a positive number; the error is at most 3e-16, relative to the result above e."""
    return float(_log_in_rules(x))


_FIRST_HALVING = np.int64(np.float64(0.5).view(np.int64) >> _EXPONENT)
_HALVINGS = 54  # from a tail of one half to 2 to the power of -53, below the smallest that is drawn
_TAILS = 16  # per halving; in each the quantile is a polynomial of degree 4
_TAIL, _TAIL_BITS, _LAST_TAIL = np.int64(48), np.int64(4), np.int64(_TAILS - 1)
_MANTISSA, _ONE = np.int64((1 << 52) - 1), np.int64(np.float64(1.0).view(np.int64))


def by_formula(tail: Reals) -> Reals:
    """Return the normal quantiles of tails of at most one half, with an absolute error below 5e-4.

    Abramowitz and Stegun (1964), formula 26.2.23.
    """
    t = np.sqrt(-2.0 * _log(tail))
    return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)))


def _interpolated() -> Reals:
    """Interpolate the formula by polynomials, (halvings * tails of each, 5), of the place in a cell from -1 to 1.

    They are exact at both ends, where they meet, in the middle, and halfway to both sides.
    """
    halving = 0.5 ** np.arange(1.0, _HALVINGS + 1.0)[:, None]
    begin = (halving * (1.0 + np.arange(_TAILS) / _TAILS)).ravel()
    half, root = np.repeat(halving / (2 * _TAILS), _TAILS), math.sqrt(0.5)
    left, below, middle, above, right = (by_formula(begin + half * (1.0 + x)) for x in (-1.0, -root, 0.0, root, 1.0))
    even, even_inside = 0.5 * (right + left) - middle, 0.5 * (above + below) - middle
    odd, odd_inside = 0.5 * (right - left), 0.5 * (above - below) / root
    third, fourth = 2.0 * (odd - odd_inside), 2.0 * (even - 2.0 * even_inside)
    return np.stack([middle, odd - third, even - fourth, third, fourth], axis=1)


_QUANTILES = _interpolated()


@rule
def normal_quantile(u: float) -> float:
    """Turn a draw of ``uniform`` into a standard normal one: ``by_formula``, interpolated with an error below 1e-9.

    It is monotone, so that common random numbers stay common, and accepts 2e-16 to 1 - 2e-16.
    """
    bits = np.float64(min(u, 1.0 - u)).view(np.int64)
    row = ((_FIRST_HALVING - (bits >> _EXPONENT)) << _TAIL_BITS) + ((bits >> _TAIL) & _LAST_TAIL)
    x = 2.0 * np.int64(((bits << _TAIL_BITS) & _MANTISSA) | _ONE).view(np.float64) - 3.0
    by = _QUANTILES
    z = by[row, 0] + x * (by[row, 1] + x * (by[row, 2] + x * (by[row, 3] + x * by[row, 4])))
    z = max(z, 0.0)  # the formula is 4e-7 below zero at the median
    return float(z if u > 0.5 else -z)
