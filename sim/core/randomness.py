"""Random draws that depend only on what they decide.

A draw is a pure function of a 64-bit key and a small number. The key identifies the thing (a person, a person's day, a
message) and the number identifies the decision. There is no sequence of draws: a world that uses fewer or other draws
changes none of the rest. Keys of things are made from the keys of what they belong to.

The mixer is the finaliser of SplitMix64 (Steele, Lea and Flood 2014, OOPSLA, doi 10.1145/2660193.2660195). A test
checks that no result depends on it: the plain twin runs with Philox4x32-10 instead.
"""

import numpy as np

from sim.core.compiled import rule
from sim.core.elementary import exp, normal_quantile

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
_ONE = np.uint64(1)
_UNIT = 1.0 / 4503599627370496.0  # 2 to the power of -52


@rule
def splitmix(key: np.uint64, number: int) -> np.uint64:
    """Mix a key and a number: output ``number`` + 1 of a SplitMix64 seeded with the key."""
    z = key + (np.uint64(number) + _ONE) * _GOLDEN
    z = (z ^ (z >> _S30)) * _M1
    z = (z ^ (z >> _S27)) * _M2
    return z ^ (z >> _S31)


@rule
def child(key: np.uint64, number: int) -> np.uint64:
    """Return the key of a thing that belongs to another; no draw about the owner may have the same number."""
    return splitmix(key ^ _M1, number)


@rule
def uniform(key: np.uint64, number: int) -> float:
    """Draw from the open interval (0, 1), with 52 bits."""
    return (float(splitmix(key, number) >> _S12) + 0.5) * _UNIT


@rule
def lognormal(median: float, sigma: float, key: np.uint64, number: int) -> float:
    """Draw a lognormal amount; ``sigma`` is the standard deviation of its logarithm."""
    return median * exp(sigma * normal_quantile(uniform(key, number)))
