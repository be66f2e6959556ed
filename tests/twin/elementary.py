"""Exponential and normal quantile of the engine in plain numbers, with its tables; a test compares them to the bit."""

from struct import pack, unpack

from sim.core.elementary import _BY_PART, _E1, _E2, _E3, _E4, _QUANTILES, _ROOTS

_64 = (1 << 64) - 1
ROUNDING = 1.5 * 2.0**52  # with it added, a number is rounded to a whole one, which is its last bits
ROOTS = _ROOTS.tolist()  # of two, as their bits
QUANTILES = _QUANTILES.tolist()  # polynomials by where a tail lies in its cell


def bits_of(x: float) -> int:
    number: int = unpack("<Q", pack("<d", x))[0]
    return number


def number_of(bits: int) -> float:
    x: float = unpack("<d", pack("<Q", bits & _64))[0]
    return x


def exp(x: float) -> float:
    """A power of two, times a root of two, times a short series."""
    scaled = min(max(x, -700.0), 700.0) * _BY_PART
    shifted = scaled + ROUNDING
    r = scaled - (shifted - ROUNDING)
    parts = bits_of(shifted)
    root = number_of(ROOTS[parts & 127] + (parts >> 7 << 52))
    return root + root * (r * (_E1 + r * _E2 + r * r * (_E3 + r * _E4)))


def normal_quantile(u: float) -> float:
    """A polynomial for each sixteenth of each halving of the tail."""
    bits = bits_of(min(u, 1.0 - u))
    in_cell = 2.0 * number_of(bits << 4 & (1 << 52) - 1 | bits_of(1.0)) - 3.0
    z = 0.0
    for factor in reversed(QUANTILES[((bits_of(0.5) >> 52) - (bits >> 52) << 4) + (bits >> 48 & 15)]):
        z = factor + in_cell * z
    z = max(z, 0.0)
    return z if u > 0.5 else -z
