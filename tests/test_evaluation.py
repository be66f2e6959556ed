"""A roll-out evaluated, and pilots drawn: one small pair of worlds, on the command line and from Python."""

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import nct, t

from docs.generate import appraised
from sim.core.errors import InputError
from sim.figures.evaluation import by_city, over_replicates
from sim.figures.words import speaking
from sim.outcomes import WORKED
from sim.pilots import evaluation, pilot
from sim.pilots.estimators import EventStudy as Course
from sim.pilots.evaluation import Pair, Plan, evaluate
from sim.pilots.pilot import PilotDraws, Size, grid, power, stock, stock_firms
from sim.pilots.rollout import cohorts, month_of, months_of, roll_out
from sim.pilots.survey import survey
from sim.publishing.answers import answer_for
from sim.report import plots
from sim.report.console import as_text
from sim.report.evaluation import print_evaluation, print_power, trend_text
from sim.runs import results as store
from sim.runs.simulation import run
from sim.scenario.schema import Scenario
from tests import drawable
from tests.conftest import Call
from tests.test_figures import caption
from tests.worlds import scenario

CITIES = {"beijing": 2.0, "shenzhen": 1.0}
APRIL = date(2026, 4, 6)
BAN = {"kind": "ban", "channels": ["im", "group"], "start": "2026-04-06", "ramp_days": 7, "phase": "ban"}
HALF = {"cities": ["beijing"], "industries": ["internet", "finance", "education", "public"]}


def ruled(levers: list[dict[str, object]], weeks: int = 30, people: int = 240) -> Scenario:
    """A small economy in two cities, under rules."""
    return scenario(people, weeks, levers, sizes=(7, 0.3, 5, 15), cities=CITIES)


def repeated(setting: Scenario, replicates: int) -> Scenario:
    """The same scenario in several economies."""
    return setting.model_copy(update={"run": setting.run.model_copy(update={"replicates": replicates})})


def without(setting: Scenario) -> Scenario:
    """The same economy without the rules."""
    return setting.model_copy(update={"name": "today", "levers": ()})


@pytest.fixture(scope="module")
def both() -> Pair:
    """Two replicates."""
    setting = repeated(ruled([{**BAN, "scope": HALF}]), 2)
    return Pair(run(setting, without(setting), threads=2), setting, without(setting))


@pytest.fixture(scope="module")
def pair(both: Pair) -> Pair:
    """The first of them, as it is alone."""
    first = {name: frame.filter(replicate=0) for name, frame in both.tables.items()}
    return Pair(first, *(repeated(each, 1) for each in both[1:3]))


@pytest.fixture(scope="module")
def tables(pair: Pair) -> dict[str, pl.DataFrame]:
    return evaluate(pair, Plan())


def test_the_roll_out_says_who_is_reached_when_and_what_the_others_are_good_for() -> None:
    later = {**BAN, "start": "2026-05-18", "phase": "later", "scope": {"cities": ["shenzhen"], "share": 0.5}}
    setting = ruled([{**BAN, "scope": HALF}, later])
    firms = cohorts(roll_out(setting, without(setting)), setting.calendar.start, 1)
    assert set(firms.filter(pl.col("city") == "beijing")["cohort"].drop_nulls()) == {3}
    assert set(firms.filter(pl.col("city") == "shenzhen")["cohort"].drop_nulls()) == {4}
    by_label = {label: part for (label,), part in firms.group_by("controls")}
    assert set(by_label) <= {None, "same_city", "other_cities", "refusers", "unlike"}
    assert by_label["refusers"]["cohort"].null_count() == by_label["refusers"].height
    late = roll_out(setting, without(setting), "later")
    assert set(late.filter(pl.col("start").is_not_null())["city"]) == {"shenzhen"}
    assert late.filter(pl.col("city") == "beijing", pl.col("industry").is_in(HALF["industries"])).is_empty()


def test_a_lever_of_strength_0_is_no_treatment() -> None:
    """It is not there, to the bit: firms are reached when the next one begins, and by it alone."""
    nothing = {**BAN, "start": "2026-02-02", "strength": 0.0, "phase": "none"}
    settings = [ruled([{**BAN, "scope": HALF}, *more]) for more in ([], [nothing])]
    alone, beside = (roll_out(each, without(each)) for each in settings)
    assert beside.equals(alone)
    with pytest.raises(InputError, match="has no lever beside those of"):
        roll_out(ruled([nothing]), without(settings[0]))


def test_what_the_counterfactual_has_under_another_phase_is_no_treatment() -> None:
    early = {**BAN, "start": "2026-02-02", "phase": "of the file"}
    setting, today = (ruled([{**early, "phase": name}, *more]) for name, more in (("here", [BAN]), ("there", [])))
    assert set(roll_out(setting, today)["start"]) == {APRIL}


def test_the_truth_weighs_periods_by_the_answers_that_there_are(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """An outcome that after the start is known in a single period has the truth of that period for every estimator."""
    asked, start, one = evaluation.panel, 3, 4

    def answers(*about: object) -> pl.DataFrame:
        known = pl.col("period") < start
        return asked(*about).with_columns(pl.when(known | (pl.col("period") == one)).then("exhaustion"))

    monkeypatch.setattr(evaluation, "panel", answers)
    found = evaluate(pair, Plan())
    estimates, steps = (found[name].filter(outcome="exhaustion") for name in ("estimates", "event_study"))
    assert estimates["estimator"].n_unique() == 5
    assert set(estimates["truth"]) == {steps.filter(period=one - start)["truth"].item()} != {0.0}


def test_firms_without_time_before_what_they_anticipate_are_left_out() -> None:
    later = {**BAN, "start": "2026-05-18", "phase": "later", "scope": {"cities": ["shenzhen"], "share": 0.5}}
    setting = ruled([{**BAN, "scope": HALF}, later])
    pair = Pair({}, setting, without(setting))
    found = [evaluation.knowledge(pair, Plan(anticipation=periods))[1]["cohort"] for periods in (2, 3)]
    assert [set(cohort.drop_nulls()) for cohort in found] == [{3, 4}, {4}]
    with pytest.raises(InputError, match="lessen the anticipation"):
        evaluation.knowledge(pair, Plan(anticipation=4))


def test_the_truth_is_the_paired_difference_and_zero_before_the_start(
    pair: Pair, tables: dict[str, pl.DataFrame]
) -> None:
    steps = tables["event_study"]
    assert (steps.filter(pl.col("period") < 0)["truth"] == 0).all()
    assert set(steps["period"]) == set(range(-3, 4))
    firms = tables["firms"].filter(pl.col("start").is_not_null()).select("replicate", "firm")
    rows = pair.tables["person_week"].join(firms, on=["replicate", "firm"])
    last = (
        rows.filter(pl.col("week") == 24)
        .group_by(pl.col("world").cast(pl.String))
        .agg(pl.col("exhaustion").cast(float).mean())
    )
    means = dict(last.iter_rows())
    shown = steps.filter(pl.col("outcome") == "exhaustion", pl.col("period") == 2)["truth"].item()
    assert shown == pytest.approx(means["small"] - means["today"], abs=1e-6)


def test_a_firm_starts_in_its_month_whatever_the_waves(pair: Pair) -> None:
    """It was the first month of the quarter."""
    later = {**BAN, "start": "2026-05-18", "scope": HALF}
    setting = ruled([later], weeks=40, people=60)
    start = pair.scenario.calendar.start
    quarters = cohorts(roll_out(setting, without(setting)), start, 3)["cohort"].drop_nulls().unique()
    assert quarters.to_list() == [1]
    moved = Pair(run(setting, without(setting), threads=2), setting, without(setting))
    firms = evaluate(moved, Plan(every=3))["firms"]
    assert firms["start_month"].drop_nulls().unique().to_list() == [4]


def test_a_start_late_in_a_week_is_in_the_month_of_the_week() -> None:
    """Friday, 1 May 2026, is in a week of which four days are in April."""
    firms = pl.DataFrame({"start": [date(2026, 5, 1), date(2026, 5, 4), None]})
    assert cohorts(firms, date(2026, 1, 5), 1)["cohort"].to_list() == [3, 4, None]


def test_estimates_stand_beside_the_truth(tables: dict[str, pl.DataFrame]) -> None:
    estimates = tables["estimates"]
    assert set(estimates["source"]) == {"survey", "payroll"}
    assert {"extended", "sun_abraham", "twfe", "before_after", "after_only"} == set(estimates["estimator"])
    assert {"other_cities", "same_city", "all", "none"} == set(estimates["controls"])
    assert estimates.select(((pl.col("estimate") - pl.col("truth") - pl.col("bias")).abs() < 1e-12).all()).item()
    inside = (pl.col("low") <= pl.col("truth")) & (pl.col("truth") <= pl.col("high"))
    assert estimates.select((inside == pl.col("covers")).all()).item()
    payroll = estimates.filter(pl.col("source") == "payroll", pl.col("outcome") == "total_hours")
    true = estimates.filter(pl.col("source") == "survey", pl.col("outcome") == "total_hours")
    assert payroll["truth"][0] == pytest.approx(true["truth"][0], abs=1.5)  # all weeks against reference weeks
    assert [set(estimates.filter(controls=each)["n_cities"]) for each in ("all", "none")] == [{2}, {1}]


def test_where_all_are_reached_in_stages_the_last_are_the_controls_until_their_turn() -> None:
    """Two-way regressions use everybody; for others the truth is that of the first city before the second's turn."""
    later = {**BAN, "start": "2026-05-18", "phase": "later", "scope": {"cities": ["shenzhen"]}}
    setting = ruled([{**BAN, "scope": {"cities": ["beijing"]}}, later], people=60)
    tables = run(setting, without(setting), threads=2)
    found = evaluate(Pair(tables, setting, without(setting)), Plan())
    rows = found["estimates"].filter(pl.col("source") == "survey", pl.col("outcome") == "latent_overtime")
    assert rows["estimator"].to_list() == ["extended", "sun_abraham", "twfe", "before_after"]
    firms = tables["firms"].filter(pl.col("city").cast(pl.String) == "beijing").select("replicate", "firm")
    weeks = tables["person_week"].join(firms, on=["replicate", "firm"]).filter(pl.col("week") == 16)
    hours = weeks.group_by(pl.col("world").cast(pl.String)).agg(
        pl.col("latent_overtime_minutes").cast(float).mean() / 60
    )
    means = dict(hours.iter_rows())
    assert rows["truth"][0] == pytest.approx(means["small"] - means["today"], abs=1e-6)
    assert rows["truth"][2] != rows["truth"][0]


def test_the_interval_of_the_truth_leaves_a_firm_out_of_the_periods_that_only_it_reaches() -> None:
    """All effects are −1, so nothing changes without the first firm, alone in the second period."""
    without_each = np.array([[-1.0, np.nan], [-1.0, -1.0], [-1.0, -1.0]])
    truth = evaluation._Truth(np.arange(2.0), np.array([-1.0, -1.0]), without_each, np.ones((3, 2)))
    path = Course(np.arange(2), np.zeros(2), np.zeros(2), np.array([0.8, 0.2]), np.nan)
    assert truth.average(path) == pytest.approx((-1.0, -1.0, -1.0))


def test_the_interval_of_the_truth_counts_firms_by_what_they_weigh_in_the_periods_used() -> None:
    """Weights of 3, 1, 1 and 1 are as many as three firms, so that Student's t is of two degrees of freedom."""
    without_each = np.array([[1.0, 9.0], [2.0, 9.0], [3.0, 9.0], [2.0, 9.0]])
    weights = np.array([[3.0, 1000.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    truth = evaluation._Truth(np.arange(2.0), np.array([2.0, 9.0]), without_each, weights)
    half = 4.302653 * np.sqrt(3 / 4 * 2.0)
    first = Course(np.arange(1), np.zeros(1), np.zeros(1), np.ones(1), np.nan)
    assert truth.average(first) == truth.at(0) == pytest.approx((2.0, 2.0 - half, 2.0 + half))


def test_no_bit_depends_on_the_order_of_rows(pair: Pair, tables: dict[str, pl.DataFrame]) -> None:
    """Polars gives none by itself, and another one with each number of threads."""
    mixed = {name: frame.sample(fraction=1.0, shuffle=True, seed=3) for name, frame in pair.tables.items()}
    again = evaluate(pair._replace(tables=mixed), Plan())
    assert all(again[name].equals(tables[name]) for name in tables)
    one, other = (stock(each, Plan(), [2]) for each in (pair, pair._replace(tables=mixed)))
    assert all(np.array_equal(truth, other.truth[key]) for key, truth in one.truth.items())
    for key, histories in one.changes.items():
        assert all(map(np.array_equal, histories, other.changes[key], [True, True])), key


def test_periods_weigh_the_same_whenever_they_are_added_up() -> None:
    """Threads that add parts of a sum as they come to them change its last bit."""
    rng, rows = np.random.default_rng(1), 6_000
    data = pl.DataFrame({"period": rng.integers(0, 10, rows), "cohort": 0, "weight": rng.random(rows)})
    truth = evaluation._Truth(np.arange(10.0), np.zeros(10), np.zeros((1, 10)), np.ones((1, 10)))
    assert len({truth.shares(data).share.tobytes() for _ in range(100)}) == 1


def test_each_replicate_is_a_panel_of_its_own(both: Pair, tables: dict[str, pl.DataFrame]) -> None:
    """A panel of firms of several replicates would mix economies whose parameters differ."""
    twice = evaluate(both, Plan())
    for name in ("estimates", "event_study"):
        assert twice[name]["replicate"].unique().to_list() == [0, 1]
        assert twice[name].filter(replicate=0).equals(tables[name])
    means = over_replicates(twice["estimates"]).filter(estimator="twfe", outcome="latent_overtime")
    one, other = twice["estimates"].filter(estimator="twfe", outcome="latent_overtime").to_dicts()
    for name in ("estimate", "truth", "bias"):
        assert means[name].item() == pytest.approx((one[name] + other[name]) / 2)
    assert means.select("low", "high").row(0) == tuple(sorted((one["estimate"], other["estimate"])))
    about = drawable.overview(("small",), "evaluation", scenario="small", uncertainty={}, replicates=2)
    assert "Means over 2 replicates" in as_text(print_evaluation, twice, about, Path("x"))
    only = twice | {"estimates": twice["estimates"].filter(replicate=0)}
    alone = answer_for("x", only, about)
    said = [as_text(print_evaluation, only, about, Path("x")), *alone.sentences, *map(str, alone.sure_grids[0].rows)]
    assert not re.search(r"([−+.\d]+)( to |, )\1[\s;\]]", " ".join(said))
    assert "A payroll holds recorded hours only" in said[0]
    assert "`offhours report x` makes a page" in " ".join(said[0].split())
    assert any("payroll" in each for each in alone.limits)
    assert "in the only replicate that has such controls" in alone.sentences[0]
    assert "interval" not in alone.sure_grids[0].caption
    answer = answer_for("x", twice, about)
    assert "in the mean of the replicates" in answer.sentences[0]
    assert len(answer.sure_grids[0].rows) == len(over_replicates(twice["estimates"]))
    assert all("Drawn is the first" in caption(figure) for _, figure in plots.figures(twice, about))


def test_an_estimate_of_one_replicate_keeps_its_digits(tables: dict[str, pl.DataFrame]) -> None:
    """There is no range then, and 0.017 of a standard deviation was written as 0.0 from 0.0 to 0.0."""
    small = tables["estimates"].with_columns(estimate=0.0172, low=-0.1, high=0.1, truth=-0.0159)
    about = drawable.overview(("small",), "evaluation", scenario="small", uncertainty={}, replicates=2)
    answer = answer_for("x", {**tables, "estimates": small.filter(outcome="exhaustion")}, about)
    assert "in the only replicate that has such controls" in answer.sentences[0]
    assert "the evaluator finds +0.017 sd; the truth is −0.016" in answer.sentences[0]
    assert answer.sure_grids[0].rows[0][4:6] == ["+0.017", "−0.016"]


def test_a_firm_is_a_control_of_its_own_economy() -> None:
    """In some replicates a rule for few reaches firms of one city only: those of the other are other_cities there."""
    setting = repeated(ruled([{**BAN, "scope": {"industries": ["finance"], "share": 0.5}}], people=60), 8)
    firms = roll_out(setting, without(setting))
    starts = firms.filter(pl.col("start").is_not_null())
    cities = {number: set(starts.filter(replicate=number)["city"]) for number in range(8)}
    assert len({frozenset(each) for each in cities.values()}) > 2
    beside = firms.filter(pl.col("controls").is_in(["same_city", "refusers"]))
    assert all(row["city"] in cities[row["replicate"]] for row in beside.iter_rows(named=True))


def test_a_replicate_without_a_comparison_is_refused_before_anything_is_simulated() -> None:
    setting = repeated(ruled([{**BAN, "scope": {**HALF, "share": 0.3}}], people=60), 8)
    with pytest.raises(InputError, match=r"the rules reach no firm of replicate \d that has a time before"):
        evaluate(Pair({}, setting, without(setting)), Plan())


def test_rules_after_the_last_wave_are_refused_before_anything_is_simulated() -> None:
    """The run ends in the first week of June, which is too short for a wave; one in April is after a start then."""
    late = ruled([{**BAN, "start": "2026-06-02", "scope": HALF}], weeks=22)
    with pytest.raises(InputError, match="the rules reach no firm of replicate 0 before the panel ends"):
        evaluate(Pair({}, late, without(late)), Plan())
    last = ruled([{**BAN, "scope": HALF}], weeks=17)
    asked, firms = evaluation.knowledge(Pair({}, last, without(last)), Plan())
    assert asked.months["month"].max() == firms["cohort"].max()
    assert len(evaluation.by_replicate(last, asked, firms)) == 1


def test_nothing_to_evaluate_is_refused(pair: Pair) -> None:
    bare = without(pair.scenario)
    with pytest.raises(InputError, match="has no lever beside those of"):
        evaluate(Pair(pair.tables, bare, bare), Plan())
    with pytest.raises(InputError, match="no phase 'bann'; did you mean 'ban'"):
        evaluate(pair, Plan(phase="bann"))
    always = ruled([{key: value for key, value in BAN.items() if key != "start"}])
    with pytest.raises(InputError, match="there is no time before"):
        evaluate(Pair({}, always, without(always)), Plan())
    with pytest.raises(InputError, match="shorter than two periods"):
        evaluate(pair, Plan(every=6))


def test_rules_that_reach_all_firms_at_once_are_refused_before_anything_is_simulated(call: Call) -> None:
    done = call("evaluate", "quiet_hours", "--people", "60", "--years", "0.9", "--replicates", "2")
    assert done.err == "error: all firms are reached at the same time: there is nobody to compare with\n"


def test_too_few_firms_for_others_to_compare_with_are_refused_with_a_remedy(call: Call) -> None:
    done = call("evaluate", "rollout_ban", "--people", "60", "--replicates", "2")
    said = "the rules reach all firms of replicate 0 at the same time, or all but one: there is nobody to compare with"
    assert done.err == f"error: rollout_ban: {said}; use more people\n"


def test_people_asked_in_a_pilot_are_named_by_one_option(call: Call) -> None:
    done = call("design", "pilot_ban", "--survey", "people_per_firm=5", "--people-per-firm", "10")
    said = "in pilots --people-per-firm says how many people are asked in a firm"
    assert done.err == f"error: survey: people_per_firm: {said}\n"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (("--survey", "nonresponse=0.1", "--survey", "nonresponse=0.2"), "nonresponse"),
        (("--people-per-firm", "5", "--survey", "people_per_firm=6"), "people_per_firm"),
    ],
)
def test_a_value_of_the_survey_that_is_given_twice_is_refused(call: Call, given: tuple[str, ...], name: str) -> None:
    """The last one held, and nothing said so."""
    done = call("evaluate", "pilot_ban", *given)
    assert done.code == 2
    assert done.err == f"error: --survey: '{name}' is named twice\n"
    assert call("evaluate", "pilot_ban", *given, "--lang", "zh").err == f"错误：--survey：“{name}”指定了两次\n"


def test_pilots_are_drawn_from_firms_with_two_histories(pair: Pair) -> None:
    plan = Plan(how=survey({"people_per_firm": 5}))
    taken = stock(pair, plan, [2])
    assert taken.first[-1] == taken.sizes.sum()  # who never answers is asked, too
    sizes = grid([1, 3], [8], [2], [5])
    assert sizes == [Size(1, 8, 2, 5), Size(3, 8, 2, 5)]
    table = power(taken, sizes, PilotDraws(60))
    assert table.height == 2 * 7
    assert table.equals(power(taken, list(reversed(sizes)), PilotDraws(60)).sort("cities", maintain_order=True))
    larger = (
        table.filter(pl.col("cities") == 3)["spread"].to_numpy()
        / table.filter(pl.col("cities") == 1)["spread"].to_numpy()
    )
    assert np.median(larger) < 0.8  # in theory 0.58
    assert table.filter(pl.col("cities") == 1)["city_power"].null_count() == 7
    assert (table["power_low"] <= table["power"]).all()
    shocked = power(taken, sizes[1:], PilotDraws(60, city_shock=2.0))
    assert shocked["rejects_placebo"].mean() > table["rejects_placebo"].mean() + 0.2


def test_the_truth_of_a_payroll_is_of_all_weeks_and_all_hours(pair: Pair) -> None:
    """It was of the weeks that the survey asks about, the last of each month, and so another effect."""
    firms = stock_firms(pair, Plan(), [1])[1].select(pl.col("replicate", "firm").cast(pl.Int64), "size")
    rows = lived_in_april(pair).join(firms, on=["replicate", "firm"])
    hours = rows.group_by("world", "firm", "size").agg((WORKED / 60).mean().alias("hours"))
    means = dict(hours.group_by("world").agg((pl.col("hours") * pl.col("size")).sum() / firms["size"].sum()).rows())
    found = stock(pair, Plan(), [1]).truth
    assert found["payroll", "total_hours", 1] == pytest.approx(means["small"] - means["today"], abs=1e-6)
    assert found["payroll", "total_hours", 1] != pytest.approx(found["survey", "total_hours", 1], rel=0.1)


def lived_in_april(pair: Pair) -> pl.DataFrame:
    """The person-weeks of the first month under the ban."""
    start = pair.scenario.calendar.start
    weeks = months_of(start, range(pair.scenario.run.weeks)).filter(pl.col("month") == month_of(start, APRIL))["week"]
    rows = pair.tables["person_week"].lazy().filter(pl.col("week").is_in(weeks.implode())).collect()
    return rows.with_columns(pl.col("world").cast(pl.String), pl.col("replicate", "firm").cast(pl.Int64))


def test_a_pilot_has_firms_of_one_replicate_and_is_held_against_its_truth(pair: Pair) -> None:
    """Two replicates with opposite effects: mixed pilots would find neither, nor cover a truth of zero by chance."""
    drawn = np.random.default_rng(5)
    taken = stock(pair, Plan(), [2])
    people, firms = taken.first[-1], len(taken.sizes)
    half = firms // 2
    of_person = np.repeat(np.arange(firms), np.diff(taken.first))
    found, truth = {}, {}
    for key, (_, usual) in taken.changes.items():
        owner = of_person if len(usual) == people else np.arange(firms)
        unruled = drawn.normal(0.0, 0.1, len(usual))
        found[key] = [unruled + np.where(owner < half, -1.0, 1.0), unruled]
        truth[key] = np.array([-1.0, 1.0])
    apart = taken._replace(edges=np.array([0, half, firms]), changes=found, truth=truth)
    table = power(apart, [Size(1, 8, 2, 5)], PilotDraws(60))
    assert table.select("effect", "effect_least", "effect_most").unique().rows() == [(0.0, -1.0, 1.0)]
    assert table["power"].to_list() == [1.0] * 7
    assert table["coverage"].min() > 0.85
    assert table["spread"].max() < 0.3
    assert table["bias"].abs().max() < 0.05


def stocked_by_hand(sizes: list[float], effects: list[float], usual: list[float], edges: list[int]) -> pilot.Stock:
    """Firms of one person each in the survey, with these changes without rules and effects of them on everything."""
    unruled = np.array(usual)
    keys = [(source, outcome, 2) for source, outcome in pilot.MEASURES]
    return pilot.Stock(
        np.array(edges), np.array(sizes), np.arange(len(sizes) + 1),
        {key: [unruled + np.array(effects), unruled] for key in keys},
        {key: np.zeros(len(edges) - 1) for key in keys}, seed=1, before=3, every=1, differs=False,
    )  # fmt: skip


def test_a_pilot_counts_firms_by_their_people() -> None:
    """Half of the firms hold 999 of 1,000 people, and the rules work there alone."""
    taken = stocked_by_hand([1.0, 999.0] * 6, [0.0, 1.0] * 6, [0.0] * 12, [0, 12])
    found = power(taken, [Size(1, 12, 2, 5)], PilotDraws(20))
    assert found["estimate"].to_list() == pytest.approx([1.0] * 7, abs=0.02)


def test_what_happens_to_a_city_is_measured_by_what_firms_of_that_economy_differ_by() -> None:
    """Two economies whose firms differ by 0.1 each, and whose levels are 100 apart."""
    usual = np.random.default_rng(4).normal(0.0, 0.1, 24) + np.repeat([0.0, 100.0], 12)
    taken = stocked_by_hand([1.0] * 24, [0.0] * 24, usual.tolist(), [0, 12, 24])
    spread = power(taken, [Size(1, 12, 2, 5)], PilotDraws(60, city_shock=5.0))["spread"].to_list()
    assert all(0.4 < each < 1.1 for each in spread)  # 0.71 if firms differ by 0.1 exactly


def test_where_cities_have_events_a_pilot_is_as_powerful_as_errors_by_city_say() -> None:
    """Of an effect of 0.6, firms differing by 1 and cities by half of it; errors by firm find it in 89 % of pilots."""
    usual = np.random.default_rng(4).normal(0.0, 1.0, 600)
    taken = stocked_by_hand([1.0] * 600, [0.6] * 600, usual.tolist(), [0, 600])
    held = power(taken, [Size(4, 60, 2, 5), Size(1, 60, 2, 5)], PilotDraws(200, city_shock=0.5))
    several, alone = by_city(held, "power", "mde").filter(outcome="recorded_overtime").to_dicts()
    spread = np.sqrt(2 * (1 / 240 + 0.25 / 4))
    assert several["power"] == pytest.approx(1 - nct.cdf(t.ppf(0.975, 6), 6, 0.6 / spread), abs=0.09)  # 0.28
    assert alone["power"] is alone["mde"] is None
    raw = held.filter(outcome="recorded_overtime")
    assert by_city(raw.with_columns(city_shock=0.0), "power").equals(raw.with_columns(city_shock=0.0))
    about = drawable.overview(("staged_ban",), scenario="staged_ban", uncertainty={"name": "point", "draws": 0})
    text = as_text(print_power, {"design": raw}, about, Path("x"))
    said, alarms = (f"{100 * each:.0f} %" for each in (several["power"], raw["rejects_placebo"][0]))
    line = next(line for line in text.splitlines() if "4 × 60" in line)
    assert f" {said} (" in line
    assert f" {alarms} " in line
    assert "(–)" not in text
    assert "A payroll holds recorded hours only" in text
    assert "`offhours report x` makes a page" in " ".join(text.split())
    assert "payroll holds" not in as_text(
        print_power, {"design": raw.with_columns(source=pl.lit("survey"))}, about, Path("x")
    )
    assert "power, detectable and covers are with errors clustered by city" in " ".join(text.split())
    [(_, figure)] = plots.figures({"design": held}, about | {"kind": "design"})
    assert "with errors clustered by city" in caption(figure)


def test_four_of_five_pilots_find_an_effect_that_is_called_detectable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cities on a side, of which other pilots are drawn; by the mean error and Student's t of two 69 % found it."""
    monkeypatch.setattr(pilot, "MEASURES", pilot.MEASURES[:1])
    usual = np.random.default_rng(4).normal(0.0, 1.0, 300).tolist()

    def pilots(effect: float, seed: int) -> Mapping[str, float]:
        taken = stocked_by_hand([1.0] * 300, [effect] * 300, usual, [0, 300])
        taken = taken._replace(seed=seed, truth=dict.fromkeys(taken.truth, np.array([effect])))
        return power(taken, [Size(2, 20, 2, 5)], PilotDraws(400, city_shock=0.5)).row(0, named=True)

    detectable = pilots(0.6, 1)["city_mde"]
    assert pilots(-detectable, 2)["city_power"] == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize("place", [0, 1, 3])
def test_the_largest_pilot_asks_a_million_people_at_most(place: int) -> None:
    lists = [[1, 100], [1, 100], [2], [1, 100]]
    assert len(grid(*lists)) == 8
    lists[place][1] += 1
    with pytest.raises(InputError, match=r"1,010,000 people would be asked in a pilot"):
        grid(*lists)


def test_of_each_firm_in_a_pilot_others_are_asked_each_time_and_nobody_twice() -> None:
    """Of firms of 3 and 40 people, the larger one twice, at most ten each; a larger pilot asks those of a smaller."""
    taken = stocked_by_hand([3.0, 40.0], [0.0] * 2, [0.0] * 2, [0, 2])._replace(first=np.array([0, 3, 43]))
    slots, which = np.array([11, 12, 13], np.uint64), np.array([1, 0, 1])
    asked = {}
    for most in (5, 10):
        people, owner = pilot._sampled(taken, slots, which, most)
        asked[most] = [set(people[owner == slot].tolist()) for slot in range(3)]
        assert [len(each) for each in asked[most]] == [most, 3, most]
        assert len(people) == 2 * most + 3
    assert asked[10][1] == {0, 1, 2}
    assert asked[10][0] | asked[10][2] <= set(range(3, 43))
    assert asked[10][0] != asked[10][2]
    assert all(few <= many for few, many in zip(asked[5], asked[10], strict=True))


def test_figures_of_pilots_by_hand() -> None:
    """Four pilots with an error of 1 or 2 by two degrees of freedom, and one that found nobody on a side.

    By city errors are half as large, and degrees of freedom too.
    """
    taken = stocked_by_hand([1.0] * 24, [0.0] * 24, [0.0] * 24, [0, 12, 24])
    taken = taken._replace(truth={key: np.array([3.0, 7.0]) for key in taken.truth}, every=2)
    nothing = [np.nan] * 5
    real = [[4.0, 1, 2, 0.5, 1], [6.0, 1, 2, 0.5, 1], [9.0, 2, 2, 1, 1], [7.0, 2, 2, 1, 1], nothing]
    placebo = [[0.0, 1, 2, 0.5, 1], [5.0, 1, 2, 0.5, 1], [0.0, 2, 2, 1, 1], [-9.0, 2, 2, 1, 1], nothing]
    row = pilot._summary(np.stack([real, placebo], axis=1), taken, Size(1, 8, 2, 5), "payroll", "total_hours")
    assert (row["effect"], row["effect_least"], row["effect_most"]) == (5.0, 3.0, 7.0)
    assert (row["estimate"], row["bias"], row["error"], row["pilots"]) == (6.5, 1.5, 1.5, 4)
    assert row["spread"] == pytest.approx(np.sqrt(29 / 3))  # of 1, -1, 6 and 0, about 1.5
    # half widths are 4.3 and 8.6, by Student's t of two; they less and plus 1, -1, 6 and 0 are 2.6, 3.3, 3.3, 5.3, 5.3,
    assert row["mde"] == pytest.approx(2 * 4.302653)  # 8.6, 8.6 and 14.6
    assert row["power"] == 0.5  # beyond 4.3 errors are 6 of 1 and 9 of 2, not 4 of 1 and 7 of 2
    assert row["coverage"] == 1.0
    assert row["rejects_placebo"] == 0.5
    by_city = [row[f"city_{name}"] for name in ("power", "coverage", "rejects_placebo", "mde")]
    assert by_city == [0.0, 1.0, 0.0, pytest.approx(12.706205)]  # half widths are 6.4 and 12.7, by Student's t of one
    assert (row["power_low"], row["power_high"]) == pytest.approx((0.1500390, 0.8499610))  # Wilson's of 2 in 4
    assert row["months_before"] == 6


def test_a_change_is_over_the_months_asked_about_and_all_before() -> None:
    frame = pl.DataFrame({"row": 0, "since": [-2, -1, 0, 1, 2], "y": [1.0, 3.0, 5.0, 7.0, 100.0]})
    order = pl.DataFrame({"row": [1, 0]})
    assert pilot._mean_changes(frame, "y", 2, order, ("row",)).tolist() == pytest.approx([np.nan, 4.0], nan_ok=True)


def test_a_control_group_has_two_firms() -> None:
    groups = ["other_cities", "same_city", "same_city", None, None]
    found = [each for each in evaluation.analyses(pl.DataFrame({"controls": groups})) if each[0] == "extended"]
    assert found == [("extended", "same_city"), ("extended", "all")]


@pytest.mark.parametrize(("groups", "controls"), [(["other_cities", "refusers"], "all"), (["refusers"], "later_firms")])
def test_two_firms_that_are_never_reached_are_controls_together(groups: list[str], controls: str) -> None:
    found = [*evaluation.analyses(pl.DataFrame({"controls": [*groups, None, None]}))]
    assert found[:3] == [(estimator, controls) for estimator in ("extended", "sun_abraham", "twfe")]
    assert (("after_only", controls) in found) == (controls == "all")
    assert found[-1] == ("before_after", "none")


def test_periods_weigh_by_the_people_for_whom_the_treated_who_answer_stand() -> None:
    """In the first period after the start two who stand for one each, in the next one who stands for six."""
    data = pl.DataFrame(
        {"period": [2, 3, 3, 4, 5], "cohort": [3, 3, 3, 3, None], "weight": [9.0, 1.0, 1.0, 6.0, 9.0]}
    )  # fmt: skip
    known = evaluation._Truth(np.arange(2), np.array([8.0, 4.0]), np.ones((3, 2)), np.ones((3, 2)))
    course = known.shares(data)
    assert dict(zip(course.periods.tolist(), course.share.tolist(), strict=True)) == {0: 0.25, 1: 0.75}
    assert known.average(course)[0] == 5.0


def test_firms_reached_last_are_controls_until_what_they_anticipate() -> None:
    firms, weeks = pl.DataFrame({"cohort": [2, 4, 6, None]}), pl.DataFrame({"period": range(8)})
    for anticipation, until in ((0, 6), (2, 4)):
        early, seen = evaluation._not_yet_treated(firms, weeks, anticipation)
        assert early["cohort"].to_list() == [2, 4]
        assert seen["period"].to_list() == list(range(until))


def test_steps_of_an_event_study_are_in_months() -> None:
    course = Course(np.array([-2, 0, 1]), np.array([0.1, 0.2, 0.3]), np.zeros(3), np.array([0.0, 0.5, 0.5]), 5.0)
    known = evaluation._Truth(
        np.array([-2, -1, 0, 1]), np.array([0.0, 0.0, 2.0, 4.0]), np.ones((3, 4)), np.ones((3, 4))
    )
    steps = list(evaluation._event_study(course, known, Plan(every=3)))
    assert [(step["period"], step["estimate"], step["truth"]) for step in steps] == [
        (-6, 0.1, 0.0), (-3, 0.0, 0.0), (0, 0.2, 2.0), (3, 0.3, 4.0),
    ]  # fmt: skip
    assert known.average(course)[0] == 3.0


def test_steps_of_an_event_study_have_their_intervals_and_the_base_has_none() -> None:
    """An error of 0.5 by two degrees of freedom is half a width of 2.1513; one of the truth is of three equal firms."""
    course = Course(np.array([0]), np.array([0.2]), np.array([0.5]), np.array([1.0]), 2.0)
    without_each = np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 3.0]])
    known = evaluation._Truth(np.array([-1, 0]), np.array([0.0, 2.0]), without_each, np.ones((3, 2)))
    base, step = evaluation._event_study(course, known, Plan())
    assert [base[name] for name in ("estimate", "low", "high", "truth_low", "truth_high")] == [0.0] * 5
    assert (step["low"], step["high"]) == pytest.approx((0.2 - 2.15133, 0.2 + 2.15133), abs=1e-5)
    half = 4.302653 * np.sqrt(2 / 3 * 2.0)
    assert (step["truth_low"], step["truth_high"]) == pytest.approx((2.0 - half, 2.0 + half), abs=1e-5)


def test_every_column_of_an_evaluation_and_of_a_design_is_defined(pair: Pair, tables: dict[str, pl.DataFrame]) -> None:
    sized = power(stock(pair, Plan(), [2]), [Size(1, 8, 2, 5)], PilotDraws(20))
    for name, (_, columns) in appraised().items():
        assert list(columns) == {**tables, "design": sized}[name].columns, name


def test_a_first_month_that_was_hardly_simulated_is_no_month_before_the_start(pair: Pair) -> None:
    """From 19 January on, two weeks are most of January: February and March are before a start in April."""
    late = date(2026, 1, 19)
    calendar = pair.scenario.calendar.model_copy(update={"start": late})
    shifted = (each.model_copy(update={"calendar": calendar}) for each in (pair.scenario, pair.counterfactual))
    assert stock(Pair(pair.tables, *shifted), Plan(), [2]).before == 2


def test_what_is_anticipated_is_no_time_before_of_pilots_either(pair: Pair) -> None:
    whole, less = (stock(pair, Plan(anticipation=periods), [2]) for periods in (0, 1))
    assert (whole.before, less.before) == (3, 2)
    key = ("payroll", "recorded_overtime", 2)
    assert np.array_equal(whole.truth[key], less.truth[key])
    assert not np.array_equal(whole.changes[key][0], less.changes[key][0])


def test_a_pilot_of_which_nobody_answers_is_left_out(pair: Pair) -> None:
    taken = stock(pair, Plan(), [2])
    key = ("survey", "exhaustion", 2)
    silent = taken._replace(changes={**taken.changes, key: [np.full_like(each, np.nan) for each in taken.changes[key]]})
    table = power(silent, [Size(1, 3, 2, 1)], PilotDraws(5, city_shock=1.0))
    assert table.filter(outcome="exhaustion")["pilots"].item() == 0
    assert table.filter(outcome="exhaustion")["power"].item() is None
    assert table.filter(source="payroll")["pilots"].to_list() == [5, 5]


def test_the_effect_leaves_out_a_firm_of_which_nothing_is_known() -> None:
    with_rules, without_rules = (
        pl.DataFrame({"row": [0, 1, 2], "since": [0, 0, 0], "y": [value, None, 2.0]}) for value in (1.0, 3.0)
    )
    sizes = np.array([3.0, 1.0, 1.0])
    assert pilot._effects([with_rules, without_rules], "y", 1, sizes, np.array([0, 3])) == pytest.approx([-1.5])
    by_replicate = pilot._effects([with_rules, without_rules], "y", 1, sizes, np.array([0, 2, 3]))
    assert by_replicate == pytest.approx([-2.0, 0.0])


def test_a_stock_that_is_too_small_or_too_short_is_refused(pair: Pair) -> None:
    with pytest.raises(InputError, match=r"months 1: the run shows 3 to 3 months after the start, in steps of 3"):
        stock_firms(pair, Plan(every=3), [1])
    with pytest.raises(InputError, match=r"months 12: the run shows 1 to \d months"):
        stock_firms(pair, Plan(), [12])
    few = ruled([{**BAN, "scope": HALF}], people=60)
    with pytest.raises(InputError, match="a stock to draw pilots from needs 12"):
        stock_firms(Pair({}, few, without(few)), Plan(), [1])


RULES = """
title = "A small ban"
base = "status_quo"
inherit_levers = false
[run]
people = 150
years = 0.4
replicates = 1
warmup_days = 7
[population]
firm_size_median = 8
firm_size_sigma = 0.4
firm_size_max = 20
[population.cities]
beijing = 2
shenzhen = 1
shanghai = 0
hangzhou = 0
chengdu = 0
wuhan = 0
[[levers]]
kind = "ban"
channels = ["im"]
start = 2026-03-09
phase = "ban"
scope = { cities = ["beijing"] }
"""


SHORT = ("--no-figures", "--parameters", "point")


def test_the_commands_leave_tables_that_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from sim.cli.main import cli

    monkeypatch.chdir(tmp_path)
    (tmp_path / "small_ban.toml").write_text(RULES, encoding="utf-8")
    call = CliRunner()
    done = call.invoke(cli, ["evaluate", "small_ban.toml", "--people-per-firm", "8", *SHORT], catch_exceptions=False)
    assert "as an evaluator would see it" in done.stdout
    results = store.read(tmp_path / "results" / "evaluate_small_ban")
    assert set(results.tables) == {"estimates", "event_study", "firms"}
    assert results.manifest["kind"] == "evaluation"
    assert results.manifest["survey"]["people_per_firm"] == 8
    arguments = [
        "design",
        "small_ban.toml",
        "--cities",
        "1,2",
        "--firms",
        "10",
        "--months",
        "1",
        "--replications",
        "20",
    ]
    done = call.invoke(cli, [*arguments, *SHORT], catch_exceptions=False)
    assert "20 pilots of each size" in done.stdout
    design = store.read(tmp_path / "results" / "design_small_ban")
    assert design.tables["design"].height == 2 * 7
    about = json.loads((design.folder / "manifest.json").read_text())
    assert about["replications"] == 20
    assert {"every_months", "from_phase", "anticipation"} <= about.keys()


def test_what_a_pilot_can_detect_of_a_share_is_in_points() -> None:
    about = drawable.overview(("staged_ban",), scenario="staged_ban", uncertainty={"name": "point", "draws": 0})
    more = {"source": pl.lit("survey"), "pilots": 200, "stock": 40, "city_rejects_placebo": 0.05}
    design = drawable.design((10,), (6,))["design"].head(1).with_columns(**more)
    text = as_text(print_power, {"design": design}, about, Path("x"))
    assert "share burnt out, survey, pp" in text
    assert " 4.8 " in text  # of 0.048, a share


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["evaluate", "status_quo"], "nothing to evaluate"),
        (["evaluate", "pilot_ban", "--survey", "retest"], "a name and a number are needed"),
        (["evaluate", "pilot_ban", "--survey", "retst=0.5"], "did you mean 'retest'"),
        (["design", "pilot_ban", "--cities", "1,x"], "whole numbers with commas"),
        (["design", "pilot_ban", "--firms", "0"], "numbers of 1 or more"),
        (["design", "pilot_ban", "--months", "60"], "months 60: the run shows 1 to"),
        (["scorecard", "nowhere"], "there is no folder"),
    ],
)
def test_mistakes_on_the_command_line_are_told(arguments: list[str], told: str, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from sim.cli.main import cli

    out = ["--out", str(tmp_path)]
    done = CliRunner().invoke(cli, [*arguments, *out])
    assert told in f"{done.output}{done.exception}"


def test_an_estimate_without_an_interval_covers_nothing_and_misses_nothing(tables: dict[str, pl.DataFrame]) -> None:
    blank = [pl.lit(None, pl.Float64).alias(name) for name in ("low", "high")]
    main = pl.col("estimator") == "extended"
    bare = tables["estimates"].with_columns(*blank, covers=pl.when(~main).then("covers"))
    about = drawable.overview(("small",), "evaluation", scenario="small", uncertainty={})
    answer = answer_for("x", tables | {"estimates": bare}, about)
    assert "With a single firm on a side there is no interval." in answer.sentences[0]
    assert f"Of all {bare.filter(~main).height}, sound" in answer.sentences[3]
    text = as_text(print_evaluation, tables | {"estimates": bare}, about, Path("results/x"))
    assert text.count("–") >= 2 * bare.filter(main).height


def test_a_small_chance_of_a_trend_is_not_written_as_none(tables: dict[str, pl.DataFrame]) -> None:
    about = drawable.overview(("small",), "evaluation", scenario="small", uncertainty={})
    rare = tables["estimates"].with_columns(p_before=pl.when(estimator="sun_abraham").then(0.0014))
    text = as_text(print_evaluation, tables | {"estimates": rare}, about, Path("x"))
    assert "<0.01" in text
    assert " 0.00 " not in text
    row = {"outcome": "waiting", "source": "hr", "controls": "others"}
    twins = [pl.DataFrame([row | {"estimator": "sun_abraham", "p_before": p}]) for p in (0.0049, 0.0051, 0.03, np.nan)]
    assert [trend_text(row, twin) for twin in twins] == ["<0.01", "0.01", "0.03", ""]


def test_a_page_has_the_firms_and_the_trend_that_are_printed(tables: dict[str, pl.DataFrame]) -> None:
    about = drawable.overview(("small",), "evaluation", scenario="small", uncertainty={})
    rare = {
        **tables,
        "estimates": tables["estimates"].with_columns(p_before=pl.when(estimator="sun_abraham").then(0.001)),
    }
    text, answer = as_text(print_evaluation, rare, about, Path("x")), answer_for("x", rare, about)
    assert answer.sure[0] == f"{text.splitlines()[1]}."
    assert answer.sure[1] in text
    grid = answer.sure_grids[0]
    assert (grid.heads[-1], grid.rows[0][-1]) == ("drift", "<0.01")
    assert {row[-1] for row in grid.rows} <= {"<0.01", "–"}
    several = answer_for("x", rare, {**about, "replicates": 2})
    assert "drift" not in several.sure_grids[0].heads
    assert several.sure[0] == answer.sure[0]
    assert answer.sure[1] not in several.sure


def test_what_differs_before_the_start_that_counts_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted from a later phase, estimates are of what that changes, and the truth they are held against is of all."""
    monkeypatch.setattr(pilot, "LEAST_FIRMS", 4)
    late = {"kind": "contact_prohibition", "start": "2026-04-06", "phase": "late", "scope": HALF}
    setting = ruled([{**BAN, "start": "2026-02-02", "scope": HALF}, late], people=120)
    pair = Pair(run(setting, without(setting), threads=2), setting, without(setting))
    about = drawable.overview(("small",), "evaluation", scenario="small", uncertainty={})
    for phase, said in (("late", True), (None, False)):
        tables = evaluate(pair, Plan(phase=phase))
        text = " ".join(as_text(print_evaluation, tables, about, Path("x")).split())
        assert ("These firms already differ from the same firms without" in text) is said
        assert any("already differ" in each for each in answer_for("x", tables, about).sure) is said
        sized = power(stock(pair, Plan(phase=phase), [1]), [Size(1, 4, 1, 5)], PilotDraws(3))
        text = " ".join(as_text(print_power, {"design": sized}, about, Path("x")).split())
        assert ("These firms already differ from the same firms without" in text) is said


def test_rules_that_end_before_the_run_does_are_said_to_count_afterwards(tables: dict[str, pl.DataFrame]) -> None:
    about = drawable.overview(("small",), "evaluation", scenario="small", uncertainty={}, weeks=4)
    for ends, said in ((("2026-01-19", "2026-01-26"), True), (("2026-01-19", "2026-02-02"), False)):
        phases = {"small": [{"label": "ban", "end": end} for end in ends]}
        text = " ".join(as_text(print_evaluation, tables, about | {"phases": phases}, Path("x")).split())
        assert ("The rules end on 2026-01-26: months after that count as well" in text) is said


def test_no_bracket_of_a_unit_ends_a_line_of_a_narrow_terminal(tables: dict[str, pl.DataFrame]) -> None:
    tables = tables | {"estimates": tables["estimates"].filter(controls="other_cities")}
    about = drawable.overview(("small",), "evaluation", scenario="small", uncertainty={})
    with speaking("zh"):
        for width in range(50, 90):
            lines = as_text(print_evaluation, tables, about, Path("x"), width=width).splitlines()
            assert not [line for line in lines if line.rstrip().endswith("（")], width
