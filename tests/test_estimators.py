"""Estimators on made-up panels with known effects, and against figures that another library gave once."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from scipy.special import stdtrit

from sim.core.errors import InputError
from sim.pilots import estimators
from sim.pilots.estimators import fit
from sim.pilots.pilot import did_estimate


def staggered(effects: dict[int, float], seed: int = 3, noise: float = 0.4, growth: float = 0.2) -> pl.DataFrame:
    """A panel of 40 firms: a third never reached, the others from period 4 or 7 on, effects that grow with time."""
    draw = np.random.default_rng(seed)
    rows = []
    for firm in range(40):
        start = (None, 4, 7)[firm % 3]
        for person in range(draw.integers(3, 9)):
            level = draw.normal()
            for period in range(10):
                on = start is not None and period >= start
                effect = effects[start] * (1 + growth * (period - start)) if on else 0.0
                value = level + 0.1 * period + effect + draw.normal() * noise + 0.3 * np.sin(firm + period)
                rows.append((firm, firm * 100 + person, period, start, value, f"c{firm % 5}"))
    names = ["cluster", "unit", "period", "cohort", "y", "city"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(weight=pl.lit(1.0))


UNEQUAL = {4: -0.3, 7: -0.8}


def test_estimates_agree_with_pyfixest() -> None:
    """Figures that pyfixest 0.60 gave for this panel: its saturated event study, did2s and feols."""
    panel = staggered(UNEQUAL)
    path = fit(panel, "y", "sun_abraham").path
    assert path is not None
    theirs = {-7: -0.007688, -6: -0.1181, -5: 0.026715, -4: -0.009938, -3: 0.049032, -2: 0.010598, 0: -0.54703,
              1: -0.653263, 2: -0.722794, 3: -0.518241, 4: -0.481988, 5: -0.575484}  # fmt: skip
    assert dict(zip(path.periods.tolist(), path.effect.tolist(), strict=True)) == pytest.approx(theirs, abs=1e-6)
    assert fit(panel, "y", "extended").estimate.value == pytest.approx(-0.61538, abs=1e-6)
    assert fit(panel, "y", "twfe").estimate.value == pytest.approx(-0.640763, abs=1e-6)


@pytest.mark.parametrize("estimator", ["extended", "sun_abraham", "twfe", "after_only", "before_after"])
def test_of_a_single_firm_on_a_side_there_is_no_interval(estimator: str) -> None:
    """The sandwich would be of the people in it: it rejected a true placebo of such a firm in 60 % of cases."""
    panel = staggered(UNEQUAL).filter(pl.col("cluster").is_in([0, 1, 3]))
    found = fit(panel, "y", estimator).estimate
    assert np.isfinite(found.value)
    assert np.isnan([found.error, found.city_error, *found.interval]).all()


@pytest.mark.parametrize("periods", [2, 3])
def test_there_is_no_interval_where_a_single_firm_shows_the_change(periods: int) -> None:
    """Elsewhere nobody answered before and after: what rounding leaves of nothing without that firm is no estimate."""
    others = [(1, 90, 1), (1, 91, 0), (2, 92, 1)]
    for people in range(2, 9):
        rows = [*((0, person, period) for person in range(people) for period in range(periods)), *others]
        panel = pl.DataFrame(rows, ["cluster", "unit", "period"], orient="row")
        panel = panel.with_columns(city="cluster", cohort=1, weight=0.3, y=pl.col("unit") ** 0.5 + pl.col("period") / 3)
        assert np.isnan(fit(panel, "y", "before_after").estimate.error)


@pytest.mark.parametrize("firms", [range(9), (0, 2, 3, 7, 10)])
@pytest.mark.parametrize("estimator", ["extended", "sun_abraham", "twfe", "after_only"])
def test_errors_are_those_of_leaving_out_each_firm(estimator: str, firms: Sequence[int]) -> None:
    """With a single firm in a cohort, too: without it the average is that of the others."""
    panel = staggered(UNEQUAL).filter(pl.col("cluster").is_in(firms))
    panel = panel.with_columns(weight=pl.col("cluster") % 3 + 1.0)
    whole = fit(panel, "y", estimator, cities=False).estimate
    rest = (panel.filter(pl.col("cluster") != n) for n in firms)
    without = [fit(each, "y", estimator, cities=False).estimate.value for each in rest]
    shift = np.array(without) - whole.value
    assert whole.error == pytest.approx(np.sqrt((len(firms) - 1) / len(firms) * (shift**2).sum()), rel=1e-6)
    scaled = fit(panel.with_columns(pl.col("weight") * 1e-6), "y", estimator, cities=False).estimate
    assert (scaled.value, *scaled.interval) == pytest.approx((whole.value, *whole.interval))


def test_errors_by_city_are_those_of_leaving_out_each_city_and_have_the_freedom_of_cities() -> None:
    """Five cities with firms of both sides: one less than there are, not than there are on either side."""
    panel = staggered(UNEQUAL)
    whole = fit(panel, "y", "extended").estimate
    rest = (panel.filter(pl.col("city") != f"c{n}") for n in range(5))
    shift = np.array([fit(each, "y", "extended", cities=False).estimate.value for each in rest]) - whole.value
    error = np.sqrt(4 / 5 * (shift**2).sum())
    assert (whole.cities, whole.city_freedom) == (5, 4.0)
    half = whole.city_interval[1] - whole.value
    assert (whole.city_error, half) == pytest.approx((error, 2.776445 * error), rel=1e-6)


def test_late_starters_do_not_spoil_the_average() -> None:
    """Without noise the average over cohorts and periods is found to the digit, and the plain regression misses it."""
    panel = staggered(UNEQUAL, noise=0.0, growth=1.0).with_columns(
        pl.col("y") - 0.3 * (pl.col("cluster") + pl.col("period")).sin()
    )
    true = panel.filter(pl.col("period") >= pl.col("cohort")).select(
        (pl.col("cohort").replace_strict(UNEQUAL) * (1 + pl.col("period") - pl.col("cohort"))).mean()
    )
    for estimator in ("extended", "sun_abraham"):
        assert fit(panel, "y", estimator).estimate.value == pytest.approx(true.item(), abs=1e-9)
    assert abs(fit(panel, "y", "twfe").estimate.value - true.item()) > 0.05


@pytest.mark.parametrize("estimator", ["extended", "sun_abraham"])
def test_periods_from_the_start_on_share_the_average_by_their_weight(estimator: str) -> None:
    """One firm from period 1 on and one of twice its weight from period 2 on, in four periods; the third is beside."""
    rows = [(firm, firm, period, start, firm + 1.0, f"c{firm}", float(firm * period % 3))
            for firm, start in enumerate((1, 2, None)) for period in range(4)]  # fmt: skip
    panel = pl.DataFrame(rows, ["cluster", "unit", "period", "cohort", "weight", "city", "y"], orient="row")
    path = fit(panel, "y", estimator, cities=False).path
    assert path is not None
    shares = dict(zip(path.periods.tolist(), path.share.tolist(), strict=True))
    after = {period: share for period, share in shares.items() if period >= 0}
    assert after == pytest.approx({0: 3 / 7, 1: 3 / 7, 2: 1 / 7})
    assert sum(shares.values()) == pytest.approx(1.0)


def test_without_controls_the_last_cohort_serves_until_it_starts() -> None:
    panel = staggered({4: -0.5, 7: -0.5}, growth=0.0).filter(pl.col("cohort").is_not_null())
    found = fit(panel, "y", "extended").estimate
    low, high = found.interval
    assert low < -0.5 < high
    assert found.treated < found.firms
    assert abs(fit(panel, "y", "twfe").estimate.value + 0.5) < 0.1
    early = (pl.col("period") == pl.col("cohort") - 1).cast(pl.Float64)
    ahead = panel.with_columns(pl.col("y") - 0.5 * early)
    values = [fit(each, "y", "extended", 1).estimate.value for each in (panel, ahead)]
    assert values[0] == pytest.approx(values[1])  # the controls are not used either while they wait for the rule


def test_a_drift_before_the_start_is_seen() -> None:
    panel = staggered(UNEQUAL)
    drifting = panel.with_columns(pl.col("y") + 0.15 * pl.col("period") * pl.col("cohort").is_not_null())
    assert fit(panel, "y", "sun_abraham").estimate.p_before > 0.05
    assert fit(drifting, "y", "sun_abraham").estimate.p_before < 0.001


def test_intervals_are_those_of_students_t_in_its_table() -> None:
    """At 97.5 % it is 4.3027 with two degrees of freedom and 12.7062 with one."""
    found = estimators.Estimate(1.0, 0.5, 0.25, 2.0, 1.0, cities=4, firms=9, treated=4, units=90, p_before=np.nan)
    assert found.interval == pytest.approx((1.0 - 2.15133, 1.0 + 2.15133), abs=1e-5)
    assert found.city_interval == pytest.approx((1.0 - 3.17655, 1.0 + 3.17655), abs=1e-5)
    errors, none = np.array([0.5, 2.0]), np.zeros(2)
    course = estimators.EventStudy(np.arange(2), none, errors, none, 2.0)
    assert course.half == pytest.approx(np.array([2.15133, 8.60531]), abs=1e-5)


def test_the_chance_of_a_drift_before_the_start_by_hand() -> None:
    """Effects of 2, 1 and, in the base period, 0 fall by 1 a period; half the first less the last has an error of 0.5.

    So t is 2, and with two degrees of freedom p is 1 - 2 over the root of 6. Later periods do not count, nor does one
    without an error.
    """
    periods, effect = np.array([-4, -3, -2, 0, 1]), np.array([50.0, 2.0, 1.0, 70.0, -90.0])
    covariance = np.diag([np.nan, 1.0, 9.0, 1.0, 1.0])
    found = estimators._trend_before(periods, effect, covariance, -1, 2.0)
    assert found == pytest.approx(1.0 - 2.0 / np.sqrt(6.0))
    assert np.isnan(estimators._trend_before(periods[3:], effect[3:], covariance[3:, 3:], -1, 2.0))
    assert np.isnan(estimators._trend_before(periods, effect, np.zeros((5, 5)), -1, 2.0))


def test_anticipation_is_left_out_of_the_time_before() -> None:
    panel = staggered({4: -0.5, 7: -0.5}, growth=0.0, noise=0.0)
    early = (pl.col("period") == pl.col("cohort") - 1).fill_null(value=False)
    ahead = panel.with_columns(pl.when(early).then(pl.col("y") - 0.5).otherwise(pl.col("y")).alias("y"))
    blind, seeing = (fit(ahead, "y", "sun_abraham", anticipation).estimate.value for anticipation in (0, 1))
    reference = fit(panel, "y", "sun_abraham", 1).estimate.value
    assert seeing == pytest.approx(reference)
    assert blind > seeing + 0.3


def test_a_pilots_analysis_is_the_two_way_regression() -> None:
    """Balanced panel, one start: the difference of changes and its error are the regression's, to the digit."""
    draw = np.random.default_rng(5)
    firms, people, periods, start = 24, 4, 8, 5
    shape = (firms, people, periods)
    value = draw.normal(size=shape) + draw.normal(size=(firms, 1, periods))
    size = draw.integers(5, 60, firms).astype(float)
    firm, person, period = (axis.ravel() for axis in np.indices(shape))
    panel = pl.DataFrame(
        {
            "cluster": firm, "unit": firm * people + person, "period": period, "y": value.ravel(),
            "weight": size[firm], "city": [f"c{n // 4}" for n in firm],
            "cohort": pl.Series([start if n < firms // 2 else None for n in firm], dtype=pl.Int64),
        }
    )  # fmt: skip
    by_firm = value.mean(axis=1)
    change = by_firm[:, start:].mean(axis=1) - by_firm[:, :start].mean(axis=1)
    treated = np.arange(firms) < firms // 2
    found = did_estimate(change, size, treated, np.arange(firms) // 4)
    for estimator in ("twfe", "extended"):
        theirs = fit(panel, "y", estimator).estimate
        assert found[0] == pytest.approx(theirs.value, rel=1e-9)
        assert found[[1, 3]] == pytest.approx([theirs.error, theirs.city_error], rel=1e-6)
        assert found[2] == pytest.approx(theirs.freedom)


def test_intervals_hold_the_truth_with_firms_of_unequal_size() -> None:
    """2,000 made-up pilots of 20 firms a side, sizes lognormal: bounds of 4 standard errors (0.5 %) about 95.5 %."""
    draw = np.random.default_rng(11)
    treated = np.arange(40) < 20
    held = 0
    for _ in range(2_000):
        weight = np.exp(0.8 * draw.normal(size=40))
        value, error, freedom, _, _ = did_estimate(draw.normal(size=40), weight, treated, np.zeros(40, np.int64))
        held += abs(value) <= stdtrit(freedom, 0.975) * error
    assert 0.935 < held / 2_000 < 0.975, held


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (pl.col("period") < 4, "nobody is reached before the panel ends"),
        (pl.col("period") >= 7, "no time before"),
        (pl.col("cohort") == 4, "all firms are reached at the same time"),
    ],
)
def test_a_panel_that_lacks_a_corner_is_refused(kept: pl.Expr, told: str) -> None:
    with pytest.raises(InputError, match=told):
        fit(staggered(UNEQUAL).filter(kept), "y", "extended")


@pytest.mark.parametrize("estimator", ["extended", "sun_abraham"])
def test_a_period_without_controls_is_no_effect(estimator: str) -> None:
    """What all firms have in that period would count as the rule's: 5 of it in one period of six are 0.5 or more."""
    panel = staggered({4: 0.0, 7: 0.0}).with_columns(pl.col("y") + 5.0 * (pl.col("period") == 8))
    assert fit(panel, "y", estimator).estimate.value == pytest.approx(0.0, abs=0.2)
    with pytest.raises(InputError, match="too small to identify the effect in 1 periods"):
        fit(panel.filter(pl.col("cohort").is_not_null() | (pl.col("period") != 8)), "y", estimator)
