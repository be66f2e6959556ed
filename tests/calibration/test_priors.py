"""Priors, problems and scales: what the files say, and what is wrong with them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.calibration.priors import Prior, load_priors
from sim.calibration.problem import problem_of
from sim.calibration.scales import Scale, scale_of
from sim.core.errors import InputError
from sim.core.parameters import TABLE
from sim.evidence.observables import DIFFERENCES
from sim.evidence.targets import SETS, Target, TargetSet, check_targets, completed_by, load_targets

GOOD = """
[[prior]]
parameter = "evade"
role = "fitted"
distribution = "uniform"
low = 0.1
high = 0.6
source = "a test"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "priors.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_priors_hold_what_the_table_has() -> None:
    priors = load_priors()
    rows = {row.name: row for row in TABLE}
    assert 10 <= len(priors.for_targets(problem_of(load_targets("report")).names).fitted) <= 34
    kept = {prior.parameter for prior in priors.unfitted}
    assert kept >= {"compliance_base", "compliance_fear", "evade", "switch_open", "norm_rule"}
    for prior in (*priors.fitted, *priors.unfitted):
        assert prior.low <= rows[prior.parameter].value <= prior.high, prior.parameter
        assert prior.source


def test_what_only_a_log_tells_stays_as_it_is_without_a_log() -> None:
    priors = load_priors()
    told = {prior.parameter for prior in priors.fitted if prior.only_with}
    answers = {"answer_now", "answer_later_minutes", "answer_later_sigma"}
    unlike = {
        "activity_sigma", "activity_answers", "activity_asked", "tie_decay", "break_spread", "follow_up", "follow_deep",
        "stay_share",
    }  # fmt: skip
    assert told == answers | unlike
    for name in SETS:
        assert not told & set(priors.for_targets(problem_of(load_targets(name)).names).names)
    assert not told & set(priors.for_targets(["log_reply_share"]).names)
    assert answers <= set(priors.for_targets(["log_reply_hour"]).names)
    logs = ["log_sent_gini", "log_ties_gini", "log_lunch_share", "log_thread_length", "log_after_share"]
    assert set(priors.for_targets(logs).names) & told == unlike


def test_quantiles_are_those_of_the_truncated_distribution() -> None:
    priors = load_priors()
    unit = np.random.default_rng(1).uniform(0.01, 0.99, (50, len(priors.fitted)))
    for prior, shares, values in zip(priors.fitted, unit.T, priors.values(unit).T, strict=True):
        low, at, high = (prior._frozen().cdf(value) for value in (prior.low, values, prior.high))
        assert (at - low) / (high - low) == pytest.approx(shares, abs=1e-6)


@pytest.mark.parametrize(
    ("distribution", "numbers", "at_half", "at_84"),
    [
        ("normal", {"mean": 200.0, "sd": 10.0}, 200.0, 210.0),
        ("lognormal", {"median": 200.0, "sd": 0.1}, 200.0, 200.0 * np.exp(0.1)),
        ("uniform", {}, 2405.0, 10.0 + 0.841345 * 4790.0),
    ],
)
def test_a_prior_has_the_numbers_of_its_file(
    distribution: Any, numbers: dict[str, float], at_half: float, at_84: float
) -> None:
    """Of a normal distribution 84.13 % lie below the mean plus a standard deviation; the table allows 10 to 4,800."""
    facts = {"parameter": "wait_minutes", "role": "fitted", "low": 10.0, "high": 4800.0, "source": "a test"}
    prior = Prior(distribution=distribution, **facts, **numbers)  # type: ignore[arg-type]
    assert prior.quantile(np.array([0.5, 0.841345])) == pytest.approx([at_half, at_84], rel=1e-5)


def test_a_prior_of_which_little_lies_between_the_ends_is_no_empty_one() -> None:
    """Of beta(2, 1), whose share below x is the square of x, 0.0096 lies between 0.10 and 0.14, half below 0.1217."""
    prior = Prior(
        parameter="evade", role="fitted", distribution="beta", a=2.0, b=1.0, low=0.10, high=0.14, source="a test"
    )
    assert prior.quantile(np.array([0.5])) == pytest.approx([0.0148**0.5])
    assert prior.truncated(0.2, 0.5) is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("low = 0.1", "low = 0.6"), "empty"),
        (("low = 0.1", "low = -0.1"), "the table allows 0 to 1"),
        (("high = 0.6", "high = 1.1"), "the table allows 0 to 1"),
        (('"evade"', '"evaade"'), "did you mean 'evade'"),
        (('distribution = "uniform"', 'distribution = "normal"'), "needs 'mean'"),
        (('distribution = "uniform"', 'distribution = "normal"\nmean = 40\nsd = 1'), "empty"),
        (('"fitted"', '"prior_only"'), "nothing to fit"),
        (("low = 0.1", "lowest = 0.1"), "lowest"),
        (("low = 0.1", 'only_with = ["log_reply_shares"]\nlow = 0.1'), "did you mean 'log_reply_share'"),
    ],
)
def test_mistakes_in_priors_are_told(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    with pytest.raises(InputError, match=told):
        load_priors(written(tmp_path, GOOD.replace(*change)))


def test_a_parameter_with_two_priors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="evade has two priors"):
        load_priors(written(tmp_path, GOOD + GOOD))


@pytest.mark.parametrize("name", SETS)
def test_the_shipped_sets_can_be_fitted(name: str) -> None:
    problem = problem_of(load_targets(name))
    assert len(problem.names) >= 7
    assert (problem.spread > 0).all()
    assert {cutoff for cutoff, _ in problem.shares} == {"burnout_cutoff", "exhaustion_cutoff", "anxiety_cutoff"}
    assert (problem_of(load_targets(name), 2.0).error >= problem.error).all()
    assert all(target.population for target in load_targets(name).target)


def test_targets_of_another_world_are_refused() -> None:
    wrong = Target(observable="recorded_overtime_with_tool", value=-0.4, error=0.1, role="calibrated", confidence="X")
    with pytest.raises(InputError, match="needs the world 'no_instant_messaging'"):
        problem_of(TargetSet(name="mine", title="Mine", target=(wrong,)))
    with pytest.raises(InputError, match="nothing to fit"):
        problem_of(TargetSet(name="mine", title="Mine", target=()))


def test_a_target_that_no_observable_answers_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "mine"\ntitle = "Mine"\n[[target]]\nobservable = "mesage_minutes"\nvalue = 100\nerror = 5\n'
        'role = "calibrated"\nconfidence = "M"\n[[target]]\nobservable = "weekly_hours"\nvalue = 45\n'
        'role = "calibrated"\nconfidence = "M"\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError) as told:
        check_targets(path)
    assert "did you mean 'message_minutes'" in str(told.value)
    assert "weekly_hours is calibrated and lacks 'error'" in str(told.value)
    path.write_text(path.read_text("utf-8").replace("mesage_minutes", "weekly_hours"), "utf-8")
    with pytest.raises(InputError, match="\"weekly_hours\": has the role 'calibrated' or 'cutoff' twice"):
        check_targets(path)


@pytest.mark.parametrize("unit", ["share", "min/day", "sd"])
def test_scales_go_forth_and_back(unit: str) -> None:
    scale = scale_of("", unit)
    values = np.array([0.1, 0.5, 0.9])
    assert scale.inverse(scale.transform(values)) == pytest.approx(values)
    step = (scale.transform(0.5001) - scale.transform(0.4999)) / 0.0002
    assert scale.slope(0.5) == pytest.approx(float(step), rel=1e-4)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_difference_of_shares_may_be_negative(name: str) -> None:
    target = Target(observable=name, value=-0.02, error=0.01, role="calibrated", confidence="X")
    problem = problem_of(TargetSet(name="mine", title="Mine", target=(target,)))
    assert (problem.aim, problem.spread) == (-0.02, 0.01)


def test_what_is_a_time_or_a_ratio_is_compared_by_logarithms() -> None:
    kinds = {unit: scale_of("", unit).kind for unit in ("h/week", "min/day", "ratio", "share", "sd", "per day")}
    assert kinds == {
        "h/week": "log", "min/day": "log", "ratio": "log", "share": "arcsine", "sd": "same", "per day": "same",
    }  # fmt: skip


def test_errors_on_the_scales_by_hand() -> None:
    """The arcsine of the root of a share rises by 1 for each share at a half; a share errs by 0.002 at least."""
    assert [Scale("arcsine").spread(0.5, error) for error in (0.1, 0.0)] == pytest.approx([0.1, 0.002])
    assert Scale("log").spread(50.0, 5.0) == pytest.approx(0.1)
    assert Scale("same").spread(-3.0, 0.0005) == 0.0005


def test_walls_are_not_reached() -> None:
    assert Scale("arcsine").inverse(Scale("arcsine").transform([-0.1, 0.0, 1.0, 1.1])) == pytest.approx(
        [0.0, 0.0, 1.0, 1.0]
    )
    assert Scale("arcsine").inverse([-0.1, 1.7]) == pytest.approx([0.0, 1.0])
    assert np.isfinite(Scale("arcsine").slope(1.0))
    assert np.isfinite(Scale("log").transform([0.0])).all()


def test_chance_varies_shares_alike_everywhere() -> None:
    """Of 400 people; on log-odds, shares of 98 % vary three and a half times as much as those of one half."""
    rng = np.random.default_rng(1)
    seen = [scale_of("", "share").transform(rng.binomial(400, share, 4000) / 400).std() for share in (0.5, 0.8, 0.98)]
    assert max(seen) / min(seen) == pytest.approx(1.0, abs=0.06)


def test_a_set_beside_another_adds_what_it_lacks() -> None:
    report, audited = load_targets("report"), load_targets("audited")
    both = completed_by(report, audited)
    assert (both.name, both.title) == ("report_beside_audited", f"{report.title}; {audited.title}")
    assert both.target[: len(report.target)] == report.target
    observables = [target.observable for target in both.target]
    assert len(observables) == len(set(observables)) > len(report.target)
    assert set(problem_of(both).names) > set(problem_of(report).names)
