"""Draws from plain integers: a key names the thing, a number names the decision about it."""

from hashlib import blake2b

from tests.twin.elementary import exp, normal_quantile

_64 = (1 << 64) - 1


def splitmix(key: int, number: int) -> int:
    """Output ``number + 1`` of a SplitMix64 seeded with the key."""
    z = (key + (number + 1) * 0x9E3779B97F4A7C15) & _64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _64
    return z ^ (z >> 31)


def hashed(key: int, number: int) -> int:
    """Eight bytes of BLAKE2b of both."""
    text = key.to_bytes(8) + number.to_bytes(8)
    return int.from_bytes(blake2b(text, digest_size=8).digest())


bits = splitmix  # a test puts the other in its place


def child(key: int, number: int) -> int:
    """Key of a thing that belongs to another."""
    return bits(key ^ 0xBF58476D1CE4E5B9, number)


def uniform(key: int, number: int) -> float:
    """Strictly between 0 and 1."""
    return ((bits(key, number) >> 12) + 0.5) / 2**52


def happens(chance: float, key: int, number: int) -> bool:
    return chance > 0.0 and uniform(key, number) < chance


def normal(key: int, number: int) -> float:
    """Standard normal."""
    return normal_quantile(uniform(key, number))


def lognormal(median: float, sigma: float, key: int, number: int) -> float:
    return median * exp(sigma * normal(key, number))
