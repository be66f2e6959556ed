"""The posterior of an effect covers what it should, and keeps the skew that parameters give."""

import numpy as np
import pytest

from sim.stats.posterior import QUANTILES, Seen, posterior

CASES = 1_200  # made-up studies at once


def studies(replicates: int, firms: int, skew: bool, spread: float, noise: float) -> tuple[Seen, np.ndarray]:
    """Make up studies of an effect, and its value at other parameters of each."""
    rng = np.random.default_rng(7)

    def drawn(*shape: int) -> np.ndarray:
        return -spread * (rng.lognormal(0.0, 0.8, shape) if skew else rng.normal(0.5, 1.0, shape))

    effects = drawn(replicates, CASES)[:, None] + noise * rng.normal(size=(replicates, firms, CASES))
    own = effects.var(axis=1, ddof=1) / firms
    values = effects.mean(axis=1)
    freedom = np.full(CASES, replicates * (firms - 1.0))
    return Seen(values.mean(axis=0), own.mean(axis=0) / replicates, freedom, values, own), drawn(CASES)


@pytest.mark.parametrize("skew", [False, True])
@pytest.mark.parametrize(("replicates", "firms"), [(4, 20), (8, 10), (32, 3)])
@pytest.mark.parametrize(("spread", "noise"), [(1.0, 1.0), (0.3, 2.0)])
def test_intervals_hold_the_effect_at_other_parameters(
    skew: bool, replicates: int, firms: int, spread: float, noise: float
) -> None:
    """Each holds the next effect in 92 to 98 % of 1,200 studies, in 90 % for skewed effects of four replicates.

    Three standard errors of a share of 95 % are 1.9 points: bounds are these figures with that margin.
    """
    seen, new = studies(replicates, firms, skew, spread, noise)
    found = posterior(seen)
    held = ((found["low"] <= new) & (new <= found["high"])).mean()
    assert (0.88 if skew and replicates == 4 else 0.90) < held < 0.99
    half = ((found["low_50"] <= new) & (new <= found["high_50"])).mean()
    assert 0.43 < half < 0.65


def test_skew_is_kept_and_signs_are_counted() -> None:
    seen, _ = studies(64, 20, True, 1.0, 0.2)
    found = posterior(seen)
    assert (found["median"] - found["low"] > 1.5 * (found["high"] - found["median"])).mean() > 0.9
    assert np.median(found["share_lower"]) > 0.9
    assert np.allclose(found["share_lower"] + found["share_higher"], 1.0)


def test_without_a_difference_there_is_no_share_on_either_side() -> None:
    nothing = np.zeros((8, 1))
    found = posterior(Seen(nothing[0], nothing[0], np.array([5.0]), nothing, nothing))
    assert {name: float(value[0]) for name, value in found.items()} == dict.fromkeys(found, 0.0)


def test_one_replicate_gives_students_interval() -> None:
    alone = Seen(np.array([1.0]), np.array([4.0]), np.array([9.0]), np.array([[1.0]]), np.zeros((1, 1)))
    found = posterior(alone)
    assert list(found)[: len(QUANTILES)] == list(QUANTILES)
    assert found["high"][0] - 1.0 == pytest.approx(2.0 * 2.2622, rel=1e-4)
    assert found["share_lower"][0] == pytest.approx(0.3145, abs=1e-3)
    alone = alone._replace(chance=np.array([np.nan]))
    assert all(np.isnan(value[0]) for value in posterior(alone).values())
