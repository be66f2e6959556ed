"""Several rule sets against one: corrections, ranks, winners, precision, and the table that is printed."""

import io
import math
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from rich.console import Console
from scipy.stats import chi2, norm, t

from docs.generate import laid_side_by_side
from sim.comparing import effects as comparing
from sim.comparing import precision, stated
from sim.comparing.basis import FULLY, VARYING, evaluation_window, groups
from sim.comparing.comparison import OVERLAP, _weeks_outside, all_tables, by_phase
from sim.comparing.effects import REFERENCE_FIRMS, contrasts, replicates_of, world_sums
from sim.comparing.precision import Precision, Width, read_precision, until_precise
from sim.comparing.ranking import DRAWS, ranking
from sim.comparing.stated import _holm, corrected
from sim.comparing.winners_losers import persons
from sim.core.errors import InputError, ResultsError
from sim.outcomes import BY_NAME, HEADLINES, Outcome, firm_sums, person_weeks, written
from sim.report.comparison import effect_tables, gains, print_comparison
from sim.report.console import as_text
from sim.report.intervals import stars
from sim.runs.simulation import World, side_by_side, simulate
from sim.scenario.loading import load, resized, under
from sim.scenario.schema import Phase, Scenario
from sim.stats import variance
from sim.stats.variance import parameter_spread
from sim.studies.comparisons import folder_name
from sim.studies.study import scenario_facts
from tests.conftest import Call
from tests.drawable import comparison, overview
from tests.synthetic import Lever, Rules, economy

BASE, BAN, SAME_AGAIN = Rules("base"), Rules("ban", [Lever()]), Rules("same", [Lever()])


# --- many questions ---------------------------------------------------------------------------------------------------


def rows(p: list[float], family: str = "burnout", group: str = "all") -> pl.DataFrame:
    """Effects of standard error 2 with the given two-sided p values, by 1e9 degrees of freedom: nearly normal."""
    return with_ends([2.0 * float(norm.isf(each / 2)) for each in p], 2.0 * 1.959964, group=group, family=family)


def with_ends(centre: Any, below: Any, above: Any = None, freedom: float = 1e9, **about: Any) -> pl.DataFrame:
    """Effects with these medians, and these distances from them to the ends of the 95 % interval."""
    hidden = {"centre": centre, "below": below, "above": below if above is None else above, "freedom": freedom}
    return pl.DataFrame({"group": "all", "family": "burnout", "unit": "sd", **about, **hidden})


def test_holm_by_hand_within_each_family() -> None:
    """Three questions: 0.01 · 3, 0.02 · 2, and 0.03 cannot be less than the one before; another family by itself."""
    frame = corrected(pl.concat([rows([0.02, 0.01, 0.03]), rows([0.04], "home"), rows([0.001], group="staff")]))
    assert frame["p_value"].to_list() == pytest.approx([0.02, 0.01, 0.03, 0.04, 0.001], rel=1e-4)
    assert frame["p_holm"].to_list()[:4] == pytest.approx([0.04, 0.03, 0.04, 0.04], rel=1e-4)
    assert frame["p_holm"][4] is None
    width = (frame["high_simultaneous"] - frame["low_simultaneous"]).to_list()
    assert width[:4] == pytest.approx([4 * 2.39398] * 3 + [4 * 1.95996], rel=1e-4)
    assert set(frame.columns).isdisjoint({"centre", "below", "above", "freedom"})


@pytest.mark.parametrize("freedom", [3.0, 11.0, 1e9])
def test_p_values_and_simultaneous_intervals_have_the_skew_of_the_interval(freedom: float) -> None:
    """A p value is 5 % where the interval ends at zero; the corrected one where the simultaneous interval does."""
    one = corrected(with_ends([-4.0, 4.0, -4.0, 4.0], [9.0, 4.0, 9.0, 3.9], [4.0, 9.0, 4.1, 9.0], freedom))
    assert one["p_value"].to_list()[:2] == pytest.approx([0.05, 0.05], rel=1e-4)
    assert one["p_value"][2] > 0.05 > one["p_value"][3]
    wider = float(t.isf(0.025 / 4, freedom) / t.isf(0.025, freedom))
    assert one["low_simultaneous"].to_list() == pytest.approx(
        [-4 - 9 * wider, 4 - 4 * wider, -4 - 9 * wider, 4 - 3.9 * wider], rel=1e-4
    )
    assert one["high_simultaneous"].to_list() == pytest.approx(
        [-4 + 4 * wider, 4 + 9 * wider, -4 + 4.1 * wider, 4 + 9 * wider], rel=1e-4
    )
    near = corrected(
        with_ends([-4.0, 0.1], 9.0, [4.0 / float(t.isf(0.025 / 2, freedom) / t.isf(0.025, freedom)), 9.0], freedom)
    )
    assert near["p_holm"][0] == pytest.approx(0.05, rel=1e-4)
    assert near["high_simultaneous"][0] == pytest.approx(0.0, abs=1e-4)


def test_holm_is_the_closed_test_of_bonferroni() -> None:
    """An effect is found if every set of questions that holds it has a p value, times the size of the set, that small.

    P values that are equal, zero or one are among them.
    """
    some = [0.5, 0.01, 0.01, 0.0, 1.0, 0.3, 0.001, 0.02]
    for p in ([0.04], some, [*np.random.default_rng(4).random(8)], [*0.1 * np.random.default_rng(5).random(8)]):
        sets = [held for size in range(1, len(p) + 1) for held in combinations(range(len(p)), size)]
        closed = [
            max(min(1.0, len(held) * min(p[k] for k in held)) for held in sets if n in held) for n in range(len(p))
        ]
        assert _holm(np.array(p)).tolist() == pytest.approx(closed, rel=1e-15)


def test_what_is_exactly_zero_is_no_discovery_and_what_is_unknown_is_not_counted() -> None:
    found = corrected(with_ends([0.0, 1.0, 1.0], [0.0, 0.0, np.nan], freedom=5.0))
    assert found["p_value"].to_list() == [1.0, 0.0, None]
    assert found["p_holm"].to_list() == [1.0, 0.0, None]
    assert found["low_simultaneous"].to_list() == [0.0, 1.0, None]


def test_corrected_tests_find_nothing_in_nothing() -> None:
    """400 families of 20 outcomes without effect: Holm finds something in 5 % of them, the bare p values in 64 %.

    The standard errors are 1.1 and 2.4 points; bounds five of them away leave a false alarm near one in a million.
    """
    rng = np.random.default_rng(3)
    draws = rng.standard_normal((400, 20))
    frame = with_ends(draws.ravel(), 1.959964, family=np.repeat([f"{n}" for n in range(400)], 20))
    found = corrected(frame).group_by("family").agg(pl.col("p_value").min(), pl.col("p_holm").min())
    assert (found["p_holm"] < 0.05).mean() <= 0.105
    assert 0.52 <= (found["p_value"] < 0.05).mean() <= 0.76


@pytest.mark.parametrize(
    ("low", "high", "p_holm", "sign"),
    [(-1, 1, 1.0, ""), (1, 2, 0.2, "*"), (1, 2, 0.01, "**"), (None, None, None, "")],
)
def test_marks(low: float | None, high: float | None, p_holm: float | None, sign: str) -> None:
    assert stars({"low": low, "high": high, "p_holm": p_holm}) == sign


def test_nobody_in_a_sample_is_not_nobody_for_sure() -> None:
    row = {"scenario": "ban", "group": "all", "outcome": "exhaustion", "share_better": 0.4, "share_worse": 0.0}
    ends = {"share_better_low": 0.1, "share_better_high": 0.7, "share_worse_low": 0.0, "share_worse_high": 0.0}
    [_, said] = gains(pl.DataFrame([row | ends]), ["ban"])
    assert said == "• ban: exhaustion 40 % (10 % to 70 %) better, 0 % worse."
    [_, said] = gains(pl.DataFrame([row | dict.fromkeys(ends)]), ["ban"])
    assert said == "• ban: exhaustion 40 % better, 0 % worse."


def test_without_intervals_no_mark_is_explained_and_a_phase_without_any_is() -> None:
    names = ("pilot_ban", "quiet_hours")
    tables = comparison(names)
    tables["effects"] = tables["effects"].with_columns(spill=pl.lit(0.0))
    facts: dict[str, Any] = {"firms": 140, "basis": "firms that one chosen rule set reaches", "over": "firms"}
    facts |= {"window": tables["effects"]["window"][0]}
    tables["ranking"] = tables["ranking"].with_columns(pl.lit(text).alias(name) for name, text in facts.items())
    tables["phases"] = tables["effects"].with_columns(phase=pl.lit("late"))
    about = overview(names, people=60, weeks=104, uncertainty={"name": "point", "draws": 0})
    none = dict.fromkeys(("low", "high", "half_parameters"), pl.lit(None, pl.Float64))
    bare = {name: tables[name].with_columns(**none) for name in ("phases", "effects")}
    said = []
    for more in ({}, {"phases": bare["phases"]}, bare):
        text = " ".join(as_text(print_comparison, tables | more, about, Path("x")).split())
        said.append(("no mark: no clear effect" in text, "a change may be chance" in text))
    assert said == [(True, False), (True, True), (False, True)]


def test_numbers_are_whole_on_a_narrow_terminal() -> None:
    """Eighty columns: an ellipsis would cut a number, or be read as a cut where it means a range."""
    page = Console(file=io.StringIO(), width=80)
    names = ("no_instant_messaging", "pilot_ban")
    effects = comparison(names)["effects"]
    for table in effect_tables(effects, names, 80):
        page.print(table)
    text = page.file.getvalue()  # type: ignore[attr-defined]
    assert "…" not in text
    for row in effects.filter(outcome="employer_cost").to_dicts():
        low, high = (written(row[end], row["unit"], signed=True) for end in ("low", "high"))
        assert f"{low} to {high}" in text


# --- ranks ------------------------------------------------------------------------------------------------------------


def pair(change: Any, name: str = "ban", seed: int = 5) -> dict[str, pl.DataFrame]:
    return economy(seed, worlds=("base", name), change=change)


def overtime(factor: float) -> Any:
    return lambda part: part.with_columns((pl.col("recorded_overtime_minutes") * factor).cast(pl.Float32))


def test_a_rule_that_is_better_in_every_firm_is_best_for_sure() -> None:
    outcomes = [BY_NAME["recorded_overtime"], BY_NAME["output"], BY_NAME["chosen"]]
    found = ranking(
        [(BAN, pair(overtime(0.5))), (SAME_AGAIN, pair(None, "same"))], BASE, outcomes, seed=1, uncertain=False
    )
    first = found.filter(outcome="recorded_overtime")
    assert first["scenario"].to_list() == ["base", "ban", "same"]
    assert first["probability_best"].to_list() == [0.0, 1.0, 0.0]
    assert first["expected_rank"].to_list() == [2.5, 1.0, 2.5]
    regret = dict(first.select("scenario", "regret").iter_rows())
    mean = dict(first.select("scenario", "mean").iter_rows())
    assert regret["ban"] == 0.0
    assert regret["base"] == regret["same"] == pytest.approx(mean["base"] - mean["ban"], rel=0.05)
    assert first["regret_high"][0] > regret["base"]
    alike = found.filter(outcome="output")
    assert alike["probability_best"].to_list() == pytest.approx([1 / 3] * 3)
    assert alike["expected_rank"].to_list() == [2.0] * 3
    assert "chosen" not in found["outcome"].to_list()  # neither direction is better
    assert first["firms"].to_list() == [12] * 3  # those in scope
    assert first["draws"][0] == DRAWS


def test_more_is_better_where_it_is() -> None:
    less = pair(lambda part: part.with_columns(pl.col("output_minutes") / 2))
    found = ranking([(BAN, less)], BASE, [BY_NAME["output"]], seed=1, uncertain=False)
    assert found.select("scenario", "probability_best").rows() == [("base", 1.0), ("ban", 0.0)]
    assert found["regret"][0] == 0.0 < found["regret"][1]


def test_ranks_are_the_same_whatever_the_threads_and_differ_by_seed_a_little() -> None:
    noisy = pair(lambda part: part.with_columns(
        pl.col("recorded_overtime_minutes") * pl.Series(np.random.default_rng(2).uniform(0.8, 1.2, part.height)).cast(
            pl.Float32)))  # fmt: skip
    outcomes = [BY_NAME["recorded_overtime"]]
    one, again, other = (ranking([(BAN, noisy)], BASE, outcomes, seed, uncertain=False) for seed in (1, 1, 2))
    assert one.equals(again)
    chance = one["probability_best"].to_numpy()
    assert 0 < chance[0] < 1
    assert chance.sum() == pytest.approx(1.0)
    assert other["probability_best"].to_numpy() == pytest.approx(chance, abs=6 * np.sqrt(0.25 / DRAWS))


def test_rule_sets_without_common_firms_are_ranked_on_those_that_any_reaches() -> None:
    tables = pair(overtime(0.5))
    turned = pair(None, "same")
    turned["firms"] = turned["firms"].with_columns(~pl.col("in_scope"))
    found = ranking(
        [(BAN, tables), (SAME_AGAIN, turned)], BASE, [BY_NAME["recorded_overtime"]], seed=1, uncertain=False
    )
    assert found["firms"][0] == 24
    assert "fewer than two are reached by all" in found["basis"][0]
    fewer = turned | {"firms": turned["firms"].head(20), "people": turned["people"].join(
        turned["firms"].head(20), on=["replicate", "firm"], how="semi")}  # fmt: skip
    fewer["person_week"] = fewer["person_week"].join(fewer["firms"], on=["replicate", "firm"], how="semi")
    with pytest.raises(ResultsError, match="does not have the firms of the others"):
        ranking([(BAN, tables), (SAME_AGAIN, fewer)], BASE, [BY_NAME["recorded_overtime"]], seed=1, uncertain=False)


def test_a_reference_with_rules_is_one_of_the_rule_sets_whose_common_firms_count() -> None:
    """The scenario reaches all 24 firms, rules of the reference 12 of them, or none."""
    tables = pair(overtime(0.5))
    theirs, everywhere = tables["firms"], tables["firms"].with_columns(in_scope=pl.lit(True))
    found = {}
    for name, firms in (("some", theirs), ("none", theirs.with_columns(in_scope=pl.lit(False)))):
        made = {**tables, "firms": everywhere, REFERENCE_FIRMS: firms}
        found[name] = ranking([(BAN, made)], BASE, [BY_NAME["recorded_overtime"]], seed=1, uncertain=False)
    assert [found[name]["firms"][0] for name in ("some", "none")] == [12, 24]
    assert {each["basis"][0] for each in found.values()} == {"firms that every rule set with rules reaches"}


def test_a_high_regret_is_what_one_draw_in_twenty_exceeds() -> None:
    """Of two rule sets that is their difference and the errors that Student's t says, within five errors of chance."""
    noise = pl.lit(pl.Series(np.random.default_rng(2).uniform(0.5, 1.4, 20_000)))
    tables = pair(lambda part: part.with_columns(
        (pl.col("recorded_overtime_minutes") * noise.head(part.height)).cast(pl.Float32)))  # fmt: skip
    chosen = [BY_NAME["recorded_overtime"]]
    row = contrasts(tables, BAN, BASE, chosen, uncertain=False).row(0, named=True)
    found = ranking([(BAN, tables)], BASE, chosen, seed=1, uncertain=False)
    expected = row["below"] * t.ppf(0.95, row["freedom"]) / t.ppf(0.975, row["freedom"]) - row["difference"]
    assert row["difference"] < 0
    assert found["regret_high"][0] == pytest.approx(expected, abs=0.12 * row["below"])


@pytest.mark.parametrize(("start", "window"), [(date(2026, 1, 19), "weeks 2–3"), (date(2026, 2, 2), "weeks 0–5")])
def test_rule_sets_are_ranked_in_the_weeks_of_all_or_else_in_those_of_any(start: date, window: str) -> None:
    early, late = Rules("ban", [Lever(end=date(2026, 2, 2))]), Rules("late", [Lever(start=start)])
    pairs = [(early, pair(overtime(0.5))), (late, pair(None, "late"))]
    found = ranking(pairs, BASE, [BY_NAME["recorded_overtime"]], seed=1, uncertain=False)
    assert found["window"].unique().to_list() == [window]
    tables = pairs[0][1]
    usual = tables["person_week"].join(tables["firms"].filter("in_scope"), on=["replicate", "firm"], how="semi")
    first, last = (int(end) for end in window.removeprefix("weeks ").split("–"))
    usual = usual.filter(pl.col("world") == "base", pl.col("week").is_between(first, last))
    assert found["mean"][0] == pytest.approx(usual["recorded_overtime_minutes"].mean() / 60)


def shifted(by: float) -> Any:
    """Overtime that is lower in even replicates and higher in odd ones, by as much."""
    factor = pl.when(pl.col("replicate") % 2 == 0).then(1.0 - by).otherwise(1.0 + by)
    return lambda part: part.with_columns((pl.col("recorded_overtime_minutes") * factor).cast(pl.Float32))


def test_a_rule_whose_effect_depends_on_parameters_is_not_surely_best() -> None:
    """It helps much under half of the parameters and hurts under the others; over firms alone it looks the same."""
    tables = economy(5, replicates=8, worlds=("base", "ban"), change=shifted(0.5))
    better = pl.when(pl.col("world") == "ban").then(0.9).otherwise(1.0).cast(pl.Float32)  # surely so over firms
    tables["person_week"] = tables["person_week"].with_columns(better * pl.col("recorded_overtime_minutes"))
    outcomes = [BY_NAME["recorded_overtime"], BY_NAME["output"]]
    point, both = (ranking([(BAN, tables)], BASE, outcomes, 1, uncertain) for uncertain in (False, True))
    assert point["over"].unique().to_list() == ["firms"]
    assert both["over"].unique().to_list() == ["firms and parameters"]
    row = {name: dict(frame.filter(outcome="recorded_overtime").select("scenario", "probability_best").iter_rows())
           for name, frame in (("point", point), ("both", both))}  # fmt: skip
    assert row["both"]["ban"] < 0.75
    assert row["both"]["ban"] < row["point"]["ban"]
    alike = both.filter(outcome="output")
    assert alike["probability_best"].to_list() == pytest.approx([0.5, 0.5])  # what never differs is moved alike
    assert alike["regret_high"].to_list() == [0.0, 0.0]
    assert both["mean"].to_list() == point["mean"].to_list()


def test_parameters_move_a_rank_as_far_as_they_widen_the_interval() -> None:
    """The interval's part by parameters holds 95 % of what moves the ranks, over the levels of its distribution."""
    tables = economy(5, replicates=6, change=shifted(0.3))
    rows = contrasts(tables, BAN, BASE, [BY_NAME["recorded_overtime"]], uncertain=True).filter(group="all")
    assert rows["freedom"].to_list() == [5.0]
    inside = tables["firms"].filter("in_scope").select("replicate", "firm")
    sums = firm_sums(person_weeks(tables).join(inside.lazy(), on=["replicate", "firm"], how="semi"),
                     [BY_NAME["recorded_overtime"]], ("world", "replicate", "firm"))  # fmt: skip
    roots, _ = parameter_spread(world_sums(sums, ("base", "ban"), [BY_NAME["recorded_overtime"]]), replicates_of(sums))
    spread = roots @ roots
    assert spread.sum(axis=-1) == pytest.approx(0.0, abs=1e-12)  # about the mean of both
    deviations = np.sqrt(np.einsum("j,lojk,k->l", (-1, 1), spread, (-1, 1)))
    half = rows["half_parameters"][0]
    held = [2 * norm.cdf(half / each) - 1 if each > 0 else 1.0 for each in deviations]
    assert np.mean(held) == pytest.approx(0.95, abs=1e-6)


def test_a_single_replicate_says_nothing_of_parameters() -> None:
    tables = economy(5, replicates=1, change=shifted(0.3))
    one, other = (ranking([(BAN, tables)], BASE, [BY_NAME["recorded_overtime"]], 1, each) for each in (False, True))
    assert one.equals(other)


# --- persons ----------------------------------------------------------------------------------------------------------


def test_gains_in_an_outcome_that_some_people_lack_are_those_of_it_alone() -> None:
    tables = economy(3, change=lambda part: part.with_columns(pl.col("exhaustion") - 0.1))
    absent = pl.when(pl.col("person") % 7 > 0).then("workdays").otherwise(0).cast(pl.Int32)
    tables["person_week"] = tables["person_week"].with_columns(absent.alias("workdays"), exits=pl.lit(0, pl.Int32))
    outcomes = [BY_NAME[name] for name in ("exhaustion", "interruptions", "latent_overtime")]

    def measured(*chosen: Outcome) -> pl.DataFrame:
        return persons(tables, BAN, BASE, chosen).sort("outcome", "group_kind", "group")

    found = measured(*outcomes)
    assert_frame_equal(found, pl.concat(map(measured, outcomes)), check_exact=True)
    many, few, same = found.filter(group="all")["people"].to_list()
    assert few < many == same


def test_winners_and_losers_by_hand() -> None:
    """Overtime of managers is halved, that of everybody else grows by half; nobody leaves."""

    def change(part: pl.DataFrame) -> pl.DataFrame:
        boss = part["person"].is_in(managers)
        factor = pl.when(boss).then(0.5).otherwise(1.5)
        return part.with_columns((pl.col("recorded_overtime_minutes") * factor).cast(pl.Float32))

    managers = economy(7)["people"].filter("is_manager")["person"].implode()
    tables = economy(7, change=change)
    tables["person_week"] = tables["person_week"].with_columns(
        pl.lit(0, pl.Int32).alias(name) for name in ("exits", "evasions")
    )
    outcomes = [BY_NAME[name] for name in ("recorded_overtime", "received", "evasions")]
    found = persons(tables, BAN, BASE, outcomes, uncertain=False)
    never = found.filter(outcome="evasions", group="all").row(0, named=True)
    assert [never[name] for name in ("share_same", "share_better", "share_worse", "threshold")] == [1.0, 0.0, 0.0, 0.0]
    mine = {row["group"]: row for row in found.filter(outcome="recorded_overtime").to_dicts()}
    assert mine["managers"]["share_better"] > 0.9
    assert mine["managers"]["share_worse"] == 0
    assert mine["staff"]["share_worse"] > 0.9
    everybody = mine["all"]
    assert everybody["share_better"] + everybody["share_worse"] + everybody["share_same"] == pytest.approx(1.0)
    in_scope = tables["people"].join(tables["firms"].filter("in_scope"), on=["replicate", "firm"], how="semi")
    assert everybody["people"] == in_scope.height
    usual = tables["person_week"].filter((pl.col("world") == "base") & (pl.col("week") >= 0))
    usual = usual.join(in_scope, on=["replicate", "firm", "person"], how="semi")
    means = usual.group_by("replicate", "firm", "person").agg(
        pl.col("recorded_overtime_minutes").cast(pl.Float64).mean() / 60
    )
    variances = means.group_by("replicate").agg(pl.col("recorded_overtime_minutes").var())
    spread = variances["recorded_overtime_minutes"].mean() ** 0.5
    assert everybody["threshold"] == pytest.approx(0.1 * spread, rel=1e-6)
    assert mine["managers"]["mean"] < 0
    grown = means.filter(~pl.col("person").is_in(managers))["recorded_overtime_minutes"] * 0.5
    for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9)):
        assert mine["staff"][name] == pytest.approx(grown.quantile(share, "linear"), rel=1e-5)
    neutral = found.filter(outcome="received", group="all").row(0, named=True)
    assert (neutral["share_better"], neutral["share_worse"], neutral["share_same"]) == (None, None, 1.0)


def test_who_lacks_an_outcome_under_the_rules_is_one_of_those_who_differ_without_them() -> None:
    tables = economy(7)
    weeks = tables["person_week"].with_columns(exits=pl.lit(0, pl.Int32), workdays=pl.lit(5, pl.Int32))
    gone = (pl.col("person") % 3 == 0) & (pl.col("world") == "ban")
    all_there, some = (
        persons(tables | {"person_week": each}, BAN, BASE, [BY_NAME["interruptions"]]).row(0, named=True)
        for each in (weeks, weeks.with_columns(workdays=pl.when(gone).then(0).otherwise("workdays").cast(pl.Int32)))
    )
    assert some["people"] < all_there["people"]
    assert some["threshold"] == all_there["threshold"]


def test_what_draws_differ_by_is_no_difference_between_people() -> None:
    """Where one replicate works five hours a week more in both worlds, the same differences count as none."""
    tables = economy(7, replicates=2, change=shifted(0.5))
    tables["person_week"] = tables["person_week"].with_columns(exits=pl.lit(0, pl.Int32))
    minutes = pl.col("recorded_overtime_minutes") + 300 * (pl.col("replicate") == 1)
    apart = tables | {"person_week": tables["person_week"].with_columns(minutes.cast(pl.Float32))}
    near, far = (
        persons(each, BAN, BASE, [BY_NAME["recorded_overtime"]], uncertain=False).row(0, named=True)
        for each in (tables, apart)
    )
    for name in ("threshold", "share_better", "share_worse"):
        assert far[name] == pytest.approx(near[name], rel=1e-4), name


def test_shares_of_winners_have_intervals_over_firms_and_parameters() -> None:
    """In half of the replicates nearly everybody gains, in the others nearly everybody loses."""
    tables = economy(7, replicates=6, change=shifted(0.5))
    tables["person_week"] = tables["person_week"].with_columns(exits=pl.lit(0, pl.Int32))
    found = {each: persons(tables, BAN, BASE, [BY_NAME["recorded_overtime"], BY_NAME["received"]], each)
             for each in (False, True)}  # fmt: skip
    point, both = (
        frame.filter(outcome="recorded_overtime", group="all").row(0, named=True) for frame in found.values()
    )
    for name in ("share_better", "share_worse", "mean"):
        assert point[name] == both[name]
        assert point[f"{name}_half_parameters"] is None
        assert point[f"{name}_low"] < point[name] < point[f"{name}_high"]
        assert both[f"{name}_half_parameters"] > 2 * both[f"{name}_half_chance"] > 0
        assert both[f"{name}_high"] - both[f"{name}_low"] > 2 * (point[f"{name}_high"] - point[f"{name}_low"])
    row = (
        contrasts(tables, BAN, BASE, [BY_NAME["recorded_overtime"]], uncertain=True)
        .filter(group="all")
        .row(0, named=True)
    )
    for end in ("low", "high", "half_chance", "half_parameters"):  # everybody worked all weeks: a person counts alike
        assert both[f"mean_{end}"] == pytest.approx(row[end.replace("mean_", "")], rel=1e-3)
    neutral = found[True].filter(outcome="received", group="all").row(0, named=True)
    assert (neutral["share_better_low"], neutral["share_worse_half_chance"]) == (None, None)
    assert neutral["mean_low"] == neutral["mean_high"] == 0.0


def test_intervals_of_a_group_are_over_the_firms_that_have_such_people() -> None:
    """Two economies and half of the firms of a third have no managers; those of the others count as if all."""
    tables = economy(7, replicates=8, change=shifted(0.5))
    tables["person_week"] = tables["person_week"].with_columns(exits=pl.lit(0, pl.Int32))
    led = (pl.col("replicate") > 2) | ((pl.col("replicate") == 0) & (pl.col("firm") < 6))
    some = tables | {"people": tables["people"].with_columns(pl.col("is_manager") & led)}
    own = {
        name: frame.filter(led) if {"replicate", "firm"} <= {*frame.columns} else frame
        for name, frame in tables.items()
    }
    among_all, alone = (
        persons(each, BAN, BASE, [BY_NAME["recorded_overtime"]], uncertain=True)
        .filter(group="managers")
        .select("people", "mean", "mean_low", "mean_high", "mean_half_chance", "mean_half_parameters")
        .row(0)
        for each in (some, own)
    )
    assert among_all == pytest.approx(alone, rel=1e-9)
    assert among_all[-1] > among_all[-2] > 0


def test_who_left_his_seat_in_either_world_is_not_compared() -> None:
    tables = economy(7)
    in_scope = tables["people"].join(tables["firms"].filter("in_scope"), on=["replicate", "firm"], how="semi")
    person = in_scope["person"][3]
    gone = (pl.col("person") == person) & (pl.col("world") == "ban") & (pl.col("week") == 2)
    weeks = tables["person_week"].with_columns(exits=gone.cast(pl.Int32))
    found = persons(tables | {"person_week": weeks}, BAN, BASE, [BY_NAME["sent"]], uncertain=False)
    assert found.filter(group="all")["people"].item() == in_scope.height - 1


@pytest.mark.parametrize(("week", "fewer"), [(0, 1), (2, 1), (3, 0)])
def test_who_leaves_after_the_weeks_compared_was_there_in_all_of_them(week: int, fewer: int) -> None:
    """The rule ends with week 2."""
    tables = economy(7)
    in_scope = tables["people"].join(tables["firms"].filter("in_scope"), on=["replicate", "firm"], how="semi")
    gone = (pl.col("person") == in_scope["person"][3]) & (pl.col("week") == week)
    weeks = tables["person_week"].with_columns(exits=gone.cast(pl.Int32))
    rules = Rules("ban", [Lever(end=date(2026, 1, 26))])
    found = persons(tables | {"person_week": weeks}, rules, BASE, [BY_NAME["sent"]], uncertain=False)
    assert found.filter(group="all").select("window", "people").row(0) == (
        "weeks 0–2: rules fully in force",
        in_scope.height - fewer,
    )


@pytest.mark.parametrize("firms", [5, 6])
def test_shares_of_winners_end_at_none_and_all_and_have_intervals_over_six_firms(firms: int) -> None:
    """All gain but those of one firm, who lose: without bounds more than all might gain, and fewer than none lose."""

    def change(part: pl.DataFrame) -> pl.DataFrame:
        factor = pl.when(pl.col("firm") == 2).then(2.0).otherwise(0.0)
        return part.with_columns((pl.col("recorded_overtime_minutes") * factor).cast(pl.Float32))

    tables = economy(7, replicates=1, firm_count=2 * firms, change=change)
    tables["person_week"] = tables["person_week"].with_columns(exits=pl.lit(0, pl.Int32))
    found = persons(tables, BAN, BASE, [BY_NAME["recorded_overtime"]], uncertain=False).row(0, named=True)
    assert 0.5 < found["share_better"] < 1
    ends = [found[f"{name}_{end}"] for name in ("share_better", "share_worse", "mean") for end in ("low", "high")]
    assert (ends == [None] * 6) == (firms < 6)
    if firms >= 6:
        low, high, fewest, worse, least, most = ends
        assert 0 < low < found["share_better"] < high == 1
        assert 0 == fewest < found["share_worse"] < worse < 1
        assert least < found["mean"] < most


@pytest.mark.parametrize("factor", [0.0, 1.0])
def test_of_a_group_in_which_nobody_gains_some_may_where_others_do(factor: float) -> None:
    """Staff gain and no manager does: of so many managers none, which the rule of three tells from none of all."""

    def change(part: pl.DataFrame) -> pl.DataFrame:
        led = pl.when(pl.col("person").is_in(managers.implode())).then(1.0).otherwise(factor)
        return part.with_columns((pl.col("recorded_overtime_minutes") * led).cast(pl.Float32))

    managers = economy(7, replicates=6)["people"].filter("is_manager")["person"]
    tables = economy(7, replicates=6, change=change)
    tables["person_week"] = tables["person_week"].with_columns(exits=pl.lit(0, pl.Int32))
    found = persons(tables, BAN, BASE, [BY_NAME["recorded_overtime"]])
    none, all_gain = (found.filter(group=group).row(0, named=True) for group in ("managers", "staff"))
    few, rest = (0.0 if factor else 3.0 / row["people"] for row in (none, all_gain))
    assert none["share_better"] == none["share_better_low"] == none["share_worse_low"] == 0
    assert none["share_better_high"] == none["share_worse_high"] == few  # nobody differs at all where the factor is 1
    assert all_gain["share_worse_high"] == rest
    assert factor or 0.9 < all_gain["share_better_low"] < all_gain["share_better"]


@pytest.mark.parametrize(("worlds", "fewer"), [(["ban"], 1), (["base"], 1), (["base", "ban"], 0)])
def test_who_left_in_the_warm_up_of_one_world_is_not_compared_with_who_follows(worlds: list[str], fewer: int) -> None:
    """Rules without a start are in force in the warm-up: of two people in one seat each would be in one world."""
    tables = economy(7)
    in_scope = tables["people"].join(tables["firms"].filter("in_scope"), on=["replicate", "firm"], how="semi")
    gone = (pl.col("person") == in_scope["person"][3]) & pl.col("world").is_in(worlds) & (pl.col("week") == -1)
    weeks = tables["person_week"].with_columns(pl.col("world").cast(pl.String))
    weeks = weeks.with_columns(exits=gone.cast(pl.Int32))
    found = persons(tables | {"person_week": weeks}, BAN, BASE, [BY_NAME["sent"]], uncertain=False)
    assert found.filter(group="all")["people"].item() == in_scope.height - fewer


# --- precision --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("share_burnt=0.01", "unknown outcome 'share_burnt'; did you mean 'share_burnt_out'?"),
        ("exhaustion", "an outcome and its half width are needed, as in exhaustion=0.01"),
        ("exhaustion=", "an outcome and its half width are needed, as in exhaustion=0.01"),
        ("exhaustion=-1", "'-1' is no half width above 0, in the outcome's unit (sd)"),
        ("exhaustion=0", "no half width above 0"),
        ("exhaustion=nan", "no half width above 0"),
        ("exhaustion=inf", "no half width above 0"),
        ("waiting=much", "'much' is no half width"),
    ],
)
def test_precision_that_makes_no_sense_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_precision([text], 8, 2)
    assert message in str(caught.value)


def test_a_width_in_money_is_refused_in_the_currency_of_the_reference(call: Call) -> None:
    for reference, unit in (("status_quo", "yuan/year"), ("france", "euro/year")):
        done = call("compare", reference, "quiet_hours", "--precision", "employer_cost=much", "--years", "1")
        assert done.code == 2
        assert f"in the outcome's unit ({unit})" in done.err


def test_a_width_that_another_one_replaces_is_refused() -> None:
    with pytest.raises(InputError, match="--precision sent=3: 'sent' is named twice"):
        read_precision(["sent=1", "exhaustion=0.1", "sent=3"], 8, 2)


def test_precision_needs_room_for_replicates() -> None:
    with pytest.raises(InputError, match="fewer than the 4 replicates"):
        read_precision(["exhaustion=0.1"], 2, 4)
    assert read_precision([], 2, 4) is None
    for replicates in (2, 4):
        wanted = Precision({"exhaustion": 0.1, "sent": 3.0}, 4)
        assert read_precision(["exhaustion=0.1", "sent=3"], 4, replicates) == wanted


@pytest.mark.parametrize(("name", "currency"), [("status_quo", "yuan"), ("france", "euro")])
def test_precision_of_costs_is_in_the_currency_of_the_economy(
    monkeypatch: pytest.MonkeyPatch, name: str, currency: str
) -> None:
    monkeypatch.setattr(precision, "_widths", lambda *_: [Width(0.5, 0.5, 0.0, "narrow")])
    wanted = Precision({"employer_cost": 500.0}, 40)
    said = until_precise([load(name)], wanted, lambda _: [], lambda _: None, uncertain=False)[1]
    assert said.endswith(f"cost to employers ± 500.0 {currency}/year.")


def test_replicates_are_added_until_it_is_enough_or_no_more_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By chance alone the half width of a world is 1 over the square root of its replicates: 0.3 needs twelve."""
    today = Scenario.model_validate({"name": "today", "title": "Today", "run": {"replicates": 2}})
    ban = today.model_copy(update={"name": "ban"})

    def widths(worlds: list[World], wanted: Precision, uncertain: bool) -> list[Width]:
        assert not uncertain
        half = worlds[0].scenario.run.replicates ** -0.5
        share = half / wanted.half["exhaustion"]
        wide = Width(share, share, 0.0, f"ban has exhaustion ± {half:.2f}")
        return [Width(0.1 * share, 0.1 * share, 0.0, "narrow"), wide]

    monkeypatch.setattr(precision, "_widths", widths)
    told: list[str] = []
    gather = lambda scenarios: [World(scenario, [], None) for scenario in scenarios]  # noqa: E731
    here, said = until_precise([today, ban], Precision({"exhaustion": 0.3}, 40), gather, told.append, uncertain=False)
    assert [world.run.replicates for world in here] == [12, 12]
    assert said == "Precision reached with 12 replicates: exhaustion ± 0.300 sd."
    assert [text.rsplit(" ", 1)[1] for text in told] == ["4", "8", "12"]
    here, said = until_precise([today, ban], Precision({"exhaustion": 0.3}, 5), gather, told.append, uncertain=False)
    assert here[0].run.replicates == 5
    assert said.startswith("Precision not reached with 5 replicates, the most allowed: ban has exhaustion")


@pytest.mark.parametrize("most", [1, 2])
def test_a_second_replicate_to_begin_with_is_within_what_is_allowed(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    today = Scenario.model_validate({"name": "today", "title": "Today", "run": {"replicates": 1}})
    monkeypatch.setattr(precision, "_widths", lambda *_: [Width(2.0, 2.0, 0.0, "today")])
    here, said = until_precise([today], Precision({"exhaustion": 0.3}, most), lambda _: [], lambda _: None)
    assert here[0].run.replicates == most
    assert said.startswith("Precision not reached")
    monkeypatch.setattr(precision, "_widths", lambda *_: [Width(1.0, 1.0, 0.0, "today")])  # exactly as wanted
    said = until_precise([today], Precision({"exhaustion": 0.3}, 9), lambda _: [], lambda _: None)[1]
    assert said.startswith("Precision re")


def test_what_parameters_leave_unknown_is_not_chased_by_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parameters spread the effect by 0.2: no number of replicates makes an interval narrower than 1.96 times that."""
    today = Scenario.model_validate({"name": "today", "title": "Today", "run": {"replicates": 1}})

    def widths(worlds: list[World], wanted: Precision, uncertain: bool) -> list[Width]:
        assert uncertain
        count = worlds[0].scenario.run.replicates
        assert count > 1  # a single one says nothing of parameters
        parts = float(norm.ppf(0.975)) / count**0.5, float(t.ppf(0.975, count - 1)) * 0.2
        half, least = np.hypot(*parts), float(norm.ppf(0.975)) * 0.2 / wanted.half["exhaustion"]
        wide = Width(*(part / wanted.half["exhaustion"] for part in (half, *parts)), f"± {half:.2f}", least)
        return [wide, Width(0.5, 0.5, 0.0, "narrow")]

    monkeypatch.setattr(precision, "_widths", widths)
    told: list[str] = []
    gather = lambda scenarios: [World(scenario, [], None) for scenario in scenarios]  # noqa: E731
    here, said = until_precise([today], Precision({"exhaustion": 0.3}, 100), gather, told.append, uncertain=True)
    assert here[0].run.replicates == precision.LEAST_TO_GIVE_UP
    assert "more would not reach it" in said
    assert "--parameters point" in said
    here, said = until_precise([today], Precision({"exhaustion": 0.6}, 100), gather, told.append, uncertain=True)
    assert said.startswith("Precision reached")
    reached = here[0].run.replicates
    fewer = gather([resized(today, reached - 1)])
    assert widths(fewer, Precision({"exhaustion": 0.6}, 100), True)[0].half > 1  # one less would not have been enough
    parts_of = widths
    monkeypatch.setattr(
        precision, "_widths", lambda *of: [each._replace(half=1.3 * each.half) for each in parts_of(*of)]
    )
    told.clear()
    until_precise([today], Precision({"exhaustion": 0.6}, 100), gather, told.append, uncertain=True)
    assert len(told) <= 6, told  # where a skew makes an interval wider than its parts, too, looks are few
    here, said = until_precise([today], Precision({"exhaustion": 0.3}, 4), gather, told.append, uncertain=True)
    assert said.startswith("Precision not reached with 4 replicates, the most allowed")


def test_a_width_without_an_interval_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = dict.fromkeys(("low", "high", "half_parameters", "half_chance"))
    frame = pl.DataFrame([{"outcome": "exhaustion", **nothing}])
    monkeypatch.setattr(precision, "side_by_side", lambda *_: {})
    monkeypatch.setattr(precision, "contrasts", lambda *_, **__: frame)
    today = Scenario.model_validate({"name": "today", "title": "Today"})
    (width,) = precision._widths([World(today, [], None)] * 2, Precision({"exhaustion": 0.25}, 2), uncertain=False)
    assert width.half == math.inf
    assert width.text == "today has too few firms for an interval of exhaustion, wanted ± 0.250 sd"


def test_widths_by_hand() -> None:
    """Chance shrinks with the root of replicates, the part of parameters by its t quantile only."""
    assert Width(2.0, 2.0, 0.0, "").predicted(1, 4) == 1.0
    quantiles = t.ppf(0.975, [1, 3])
    assert Width(4.0, 0.0, 2.0, "").predicted(2, 4) == pytest.approx(4.0 * quantiles[1] / quantiles[0])


def test_what_chance_spreads_over_replicates_is_not_what_more_of_them_leave() -> None:
    """Of effects without any parameters a bound is seldom above zero; without chance it is that of the variance."""
    rng, count, firms = np.random.default_rng(5), 8, 3
    replicates, weights = np.repeat(np.arange(count), firms), np.full((2, count * firms, 200), 10**6)
    gaps = rng.standard_normal((count * firms, 200))
    by_chance = np.stack([np.zeros_like(gaps), np.rint(1e4 * gaps)]).astype(np.int64)
    difference, sums = variance.ratio_difference, (by_chance, weights)
    assert (variance.least_half_width(difference, sums, replicates) > 0).mean() < 0.1
    assert (variance.with_interval(difference, sums, replicates)["half_parameters"] > 0).all()  # which is no such bound
    shared = by_chance[:, ::firms].repeat(firms, axis=1)
    effects = 1e-6 * by_chance[1, ::firms]
    bound = norm.ppf(0.975) * np.sqrt((count - 1) / chi2.ppf(0.99, count - 1) * effects.var(axis=0, ddof=1))
    assert variance.least_half_width(difference, (shared, weights), replicates) == pytest.approx(bound, rel=1e-4)
    alone = by_chance[:, ::firms], weights[:, ::firms]
    assert not variance.least_half_width(difference, alone, np.arange(count)).any()  # nothing tells what chance is


def test_a_world_without_an_interval_is_infinitely_wide(worlds: list[World], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stated, "FEWEST", 1_000)
    widths = precision._widths(worlds, Precision({"exhaustion": 0.1}, 4), False)
    assert [width.half for width in widths] == [math.inf] * 2


def test_widths_are_in_units_of_what_is_wanted(worlds: list[World], monkeypatch: pytest.MonkeyPatch) -> None:
    """Wanted are 0.5: from 1 to 5 are four times as much on either side, and two parts are 1.2 and 3 times as much."""
    rows = {
        "outcome": ["exhaustion"] * 3, "low": [1.0, 1.0, None], "high": [5.0, 5.0, None],
        "half_chance": [0.6, None, None], "half_parameters": [1.5, None, None],
    }  # fmt: skip
    monkeypatch.setattr(precision, "contrasts", lambda *_, **__: pl.DataFrame(rows))
    monkeypatch.setattr(precision, "least_half_width", lambda *_: np.array([0.35]))
    widths = list(precision._widths(worlds[:2], Precision({"exhaustion": 0.5}, 4), True))
    assert [width.least for width in widths] == [0.7] * 3
    found = [width[:3] for width in widths]
    assert found == [(4.0, 1.2, 3.0), (4.0, 4.0, 0.0), (math.inf, math.inf, 0.0)]


def test_precision_is_asked_of_both_parts(worlds: list[World]) -> None:
    widths = {uncertain: next(iter(precision._widths(worlds, Precision({"exhaustion": 0.1}, 4), uncertain)))
              for uncertain in (False, True)}  # fmt: skip
    assert widths[False].parameters == widths[True].parameters == 0.0  # of a single replicate nothing is known
    assert widths[True].chance == pytest.approx(widths[True].half)
    assert widths[False].half == pytest.approx(widths[False].chance)


# --- as a whole -------------------------------------------------------------------------------------------------------


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare everybody, and no groups."""
    monkeypatch.setattr(comparing, "groups", lambda people, _: groups(people, apart=False))


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    """Today's rules, quiet hours everywhere, and a ban in some firms, for four weeks."""
    today = Scenario.model_validate(
        {
            "name": "today",
            "title": "Today",
            "run": {"people": 60, "years": 0.08, "replicates": 1, "warmup_days": 7, "seed": 5},
            "population": {"firm_size_median": 12, "firm_size_min": 5, "firm_size_max": 40},
        }
    )
    quiet = today.model_copy(update={"name": "quiet", "title": "Quiet"})
    quiet = Scenario.model_validate(quiet.model_dump() | {"levers": [{"kind": "quiet_hours", "mode": "hold"}]})
    ban = {"kind": "ban", "channels": ["im"], "scope": {"share": 0.5}}
    second = {
        "kind": "quiet_hours",
        "mode": "hold",
        "start": "2026-01-19",
        "phase": "second",
        "scope": {"size_min": 12},
    }
    plan = {"name": "banned", "title": "Banned", "levers": [ban | {"phase": "first"}, second]}
    banned = Scenario.model_validate(quiet.model_dump() | plan)
    base = simulate(under(quiet, today))
    return [base, simulate(quiet, base=base), simulate(banned, base=base)]


def test_a_comparison_has_its_tables_and_its_words(worlds: list[World]) -> None:
    base, *others = worlds
    tables = {name: frame.lazy().collect() for name, frame in all_tables(others, base, uncertain=False).items()}
    effects = tables["effects"]
    assert effects["scenario"].unique(maintain_order=True).to_list() == ["quiet", "banned"]
    assert set(effects["group_kind"]) == {"all", "manager", "role", "industry", "size", "city"}
    assert effects["spill"].max() == 0
    together = effects.filter(group="all", family="burnout")
    assert together["p_holm"].min() >= together["p_value"].min() * 2  # corrected over both scenarios
    alone = effects.filter(
        pl.col("low").is_not_null(), pl.col("low") < pl.col("high"), pl.col("low") != 0, pl.col("high") != 0
    )
    excluded = (alone["low"] > 0) | (alone["high"] < 0)
    assert 10 < excluded.sum() < len(excluded) - 10
    assert ((alone["p_value"] < 0.05) == excluded).all()
    assert (together["low_simultaneous"] <= together["low"]).all()
    assert (together["high_simultaneous"] >= together["high"]).all()
    phases = tables["phases"].filter(group="all", outcome="hidden_overtime")
    assert phases.select("scenario", "phase").rows() == [("banned", "first"), ("banned", "second")]
    sizes = base.replicates[0]["firms"].lazy().collect()["size"]
    assert phases["firms"][1] == (sizes >= 12).sum()
    assert phases["window"].to_list() == ["weeks 0–1: rules fully in force", "weeks 2–3: rules fully in force"]
    assert set(tables["ranking"]["scenario"]) == {"today", "quiet", "banned"}
    assert set(tables["weekly"]["set"]) == {"reached", "others"}
    assert tables["weekly"].columns == ["scenario", "set", "week", "outcome", "rule", "without", "half",
                                        "half_chance", "half_parameters"]  # fmt: skip
    for name, (_, columns) in laid_side_by_side().items():
        if name in tables:
            assert tables[name].columns == list(columns), name
    assert set(tables["displacement"]["scenario"]) == {"quiet", "banned"}
    assert tables["drift"]["scenario"].to_list() == ["quiet"] * 2 + ["banned"] * 2
    assert set(tables["persons"]["outcome"]) >= set(HEADLINES)
    assert set(tables["firms"]["world"].cast(pl.String)) == {"today", "quiet", "banned"}
    about = scenario_facts([world.scenario for world in others], base.scenario, None) | {
        "precision": "Precision reached."
    }
    text = as_text(print_comparison, tables, about, Path("x"))
    for words in (
        "2 scenarios compared with “Today”",
        "quiet (Quiet): all 6 firms, ",
        "banned (Banned): 5 firms in scope, ",
        "recorded",
        "Who gains",
        "Best on",
        "“Banned”, phase by phase",
        "; weeks 0–1: rules fully in force.\n• second: ",
        "Drift of “Today” by itself, weeks 0–1 to weeks 2–3",
    ):
        assert words in text
    assert max(map(len, text.splitlines())) <= 110
    assert "differ in more than rules" not in text
    about["resolved"]["quiet"] |= {"parameters": {"lapse_share": 0.6}}
    assert "“Quiet” and “Today” differ in more than rules" in as_text(print_comparison, tables, about, Path("x"))
    tables["effects"] = tables["effects"].with_columns(firms=pl.lit(1))
    about["titles"]["quiet"] = {"en": "quiet"}
    lone = as_text(print_comparison, tables, about, Path("x"))
    assert "• quiet: the only firm, 86 people; " in lone
    assert "• banned (Banned): 1 firm in scope, 77 people; " in lone


@pytest.mark.parametrize(
    ("begin", "start", "end", "first", "second", "weeks"),
    [
        (None, "2026-01-19", None, {"size_max": 11}, {"size_min": 12}, f"weeks 0–3: {FULLY}"),  # no firm has both
        (None, "2026-01-21", None, {}, {"size_min": 12}, f"weeks 0–1: {FULLY}"),
        (None, "2026-01-13", "2026-01-21", {}, {"size_min": 12}, f"weeks 0, 3: {FULLY}"),
        (None, "2026-01-07", None, {}, {"size_min": 12}, f"weeks 0–3: {OVERLAP}"),  # none is left to the first alone
        ("2026-01-14", "2026-01-15", None, {}, {"size_min": 12}, f"weeks 2–3: {OVERLAP}"),  # nor week 0, before it
    ],
)
def test_a_phase_has_the_weeks_in_which_no_later_one_is_in_force_on_its_firms(
    worlds: list[World],
    begin: str | None,
    start: str,
    end: str | None,
    first: dict[str, int],
    second: dict[str, int],
    weeks: str,
) -> None:
    base, _, banned = worlds
    levers = [
        {"kind": "ban", "channels": ["im"], "phase": "first", "start": begin, "scope": first},
        {"kind": "quiet_hours", "mode": "hold", "phase": "second", "start": start, "end": end, "scope": second},
    ]
    plan = Scenario.model_validate(banned.scenario.model_dump() | {"levers": levers})
    found = by_phase(side_by_side(banned, base), plan, base.scenario, uncertain=False)
    assert found is not None
    windows = found.filter(phase="first", group="all")["window"].unique().to_list()
    assert windows == [weeks]


def test_a_later_phase_takes_the_weeks_in_which_it_is_in_force_on_some_day() -> None:
    """From Monday to Sunday of week 1, the first day after it being a Monday; then from a Sunday to a Monday."""
    weeks, rules, last = range(5), Rules("plan"), date(2026, 2, 9)
    whole, over = (
        Phase("a", date(2026, 1, 12), date(2026, 1, 19), 0),
        Phase("b", date(2026, 1, 18), date(2026, 1, 27), 0),
    )
    assert _weeks_outside([whole], weeks, rules) == [0, 2, 3, 4]
    assert _weeks_outside([over], weeks, rules) == [0, 4]
    assert _weeks_outside([whole, Phase("c", date(2026, 2, 2), last, 0)], weeks, rules) == [0, 2, 3]
    assert _weeks_outside([], weeks, rules) == [*weeks]


@pytest.mark.usefixtures("together")
def test_what_the_reference_has_too_is_no_phase(worlds: list[World]) -> None:
    base, _, banned = worlds
    shared = {"kind": "ban", "channels": ["im"], "phase": "shared"}
    levers = [
        {"kind": "quiet_hours", "mode": "hold", "phase": "first", "start": "2026-01-12"},
        {"kind": "training", "phase": "second", "start": "2026-01-26"},
    ]
    plan = Scenario.model_validate(banned.scenario.model_dump() | {"levers": [shared, *levers]})
    reference = Scenario.model_validate(base.scenario.model_dump() | {"levers": [shared]})
    tables = side_by_side(banned, base)
    found = by_phase(tables, plan, reference, uncertain=False)
    assert found is not None
    windows = found.filter(group="all").select("phase", "window").unique(maintain_order=True)
    whole = "rules fully in force"
    assert windows.rows() == [("first", f"weeks 1–2: {whole}"), ("second", f"week 3: {whole}")]
    renamed = Scenario.model_validate(base.scenario.model_dump() | {"levers": [shared | {"phase": "another name"}]})
    again = by_phase(tables, plan, renamed, uncertain=False)
    assert again is not None
    assert again.equals(found)
    assert evaluation_window(plan, renamed, range(4)).label == f"weeks 1–3: {VARYING}"
    one = Scenario.model_validate(plan.model_dump() | {"levers": [shared, levers[0]]})
    assert by_phase(tables, one, reference, uncertain=False) is None


@pytest.mark.usefixtures("together")
def test_the_mean_of_a_phase_is_over_all_draws_as_that_of_the_whole() -> None:
    """A phase that is the whole rule has its effects; draws that were not simulated enter both."""
    size = {"people": 20, "years": 0.06, "replicates": 20, "warmup_days": 7, "seed": 5, "settling_weeks": 0}
    population = {"firm_size_median": 10, "firm_size_min": 10, "firm_size_max": 10}
    today = Scenario.model_validate({"name": "today", "title": "Today", "run": size, "population": population})
    levers = [
        {"kind": "quiet_hours", "mode": "hold", "start": "2026-01-05", "phase": "whole"},
        {"kind": "placebo", "start": "2026-01-05", "phase": "nothing"},
    ]
    plan = Scenario.model_validate(today.model_dump() | {"name": "plan", "title": "Plan", "levers": levers})
    base = simulate(under(plan, today))
    tables = {name: table.lazy().collect() for name, table in all_tables([simulate(plan, base=base)], base).items()}
    shown = ["outcome", "difference", "mean", "mean_low", "low", "high"]
    phase = tables["phases"].filter(phase="whole", group="all").select(shown)
    assert phase.equals(tables["effects"].filter(group="all").select(shown))
    assert phase.filter(pl.col("difference") != 0).height > 9


@pytest.mark.usefixtures("together")
def test_phases_are_corrected_over_all_scenarios_and_phases_together() -> None:
    """Holm's rule multiplies the smallest p of a family by as many tests as the comparison has there."""
    size = {"people": 120, "years": 0.08, "replicates": 1, "warmup_days": 7, "seed": 5}
    population = {"firm_size_median": 10, "firm_size_min": 5, "firm_size_max": 20}
    today = Scenario.model_validate({"name": "today", "title": "Today", "run": size, "population": population})
    ban = {"kind": "ban", "channels": ["im"], "phase": "first"}
    levers = [ban, {"kind": "quiet_hours", "mode": "hold", "start": "2026-01-19", "phase": "second"}]
    plan = Scenario.model_validate(today.model_dump() | {"name": "plan", "title": "Plan", "levers": levers})
    base = simulate(under(plan, today))
    one = simulate(plan, base=base)
    again = one._replace(scenario=plan.model_copy(update={"name": "again"}))
    phases = all_tables([one, again], base, uncertain=False)["phases"].lazy().collect().filter(group="all")
    assert phases.select("scenario", "phase").n_unique() == 4
    found = phases.group_by("family").agg(pl.col("p_value").count().alias("tests"), pl.min("p_value", "p_holm"))
    clear = found.filter(pl.col("tests") * pl.col("p_value") < 1)
    assert clear.height > 1
    assert clear["p_holm"].to_list() == pytest.approx((clear["tests"] * clear["p_value"]).to_list())


def test_names_of_folders_stay_short() -> None:
    assert folder_name("a", ["b"]) == "compare_a_b"
    assert folder_name("a", ["b", "c"]) == "compare_a_b_c"
    many = folder_name("a", ["b", "c", "d"])
    assert many.startswith("compare_a_and_3_")
    assert many != folder_name("a", ["b", "c", "e"])
    assert len(folder_name("a" * 20, [f"{n}" * 60 for n in range(9)])) < 64
