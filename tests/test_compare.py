"""Comparisons: windows, paired differences by hand and in simulation, identical worlds, displacement, time lines."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import scipy.stats
from polars.testing import assert_frame_equal

from sim.comparing import comparison, stated
from sim.comparing import effects as compare
from sim.comparing.basis import evaluation_window, week_ranges, weeks_in_force
from sim.comparing.comparison import _displaced, displacement, weekly_lines
from sim.comparing.effects import contrasts, effects
from sim.core.columns import CHANNELS
from sim.core.errors import ResultsError
from sim.engine.policy import strength_on
from sim.levers.restrictions import ContactProhibition
from sim.outcomes import BY_NAME, FEWEST, OUTCOMES, SCALE, SHOWN
from tests.synthetic import Lever, Rules, economy, firms, people, table

BASE = Rules("base")
ALWAYS = Rules("ban", [Lever()])


def only(frame: pl.DataFrame, outcome: str, group: str = "all") -> dict[str, float]:
    found = frame.filter((pl.col("outcome") == outcome) & (pl.col("group") == group)).to_dicts()
    assert len(found) == 1
    return found[0]


# --- windows ----------------------------------------------------------------------------------------------------------

MONDAY = date(2026, 1, 5)
WEEK_1 = date(2026, 1, 12)


@pytest.mark.parametrize(
    ("lever", "weeks", "words"),
    [
        (Lever(), [0, 1, 2, 3, 4, 5], "weeks 0–5: rules fully in force"),
        (Lever(start=WEEK_1), [1, 2, 3, 4, 5], "fully"),
        (Lever(start=date(2026, 1, 13)), [2, 3, 4, 5], "fully"),  # on a Tuesday: the next whole week
        (Lever(start=MONDAY, ramp_days=14), [2, 3, 4, 5], "fully"),
        (Lever(start=MONDAY, ramp_days=15), [2, 3, 4, 5], "fully"),  # at full strength on its last day, a Monday
        (Lever(start=MONDAY, ramp_days=16), [3, 4, 5], "fully"),
        (Lever(end=date(2026, 1, 19)), [0, 1], "fully"),  # the first day on which it no longer holds
        (Lever(end=date(2026, 1, 18)), [0], "fully"),
        (Lever(start=date(2026, 1, 14), end=date(2026, 1, 17)), [1], "week 1: rules not all in force on all days"),
        (Lever(start=date(2026, 2, 2), ramp_days=70), [4, 5], "weeks 4–5: rules still being phased in"),
        (Lever(ramp_days=14), [0, 1, 2, 3, 4, 5], "fully"),  # over in the warm-up, whose first day it starts on
        (Lever(ramp_days=28), [2, 3, 4, 5], "fully"),
        (Lever(start=WEEK_1, strength=0.0), [1, 2, 3, 4, 5], "weeks 1–5: rules of strength 0, which change nothing"),
        (Lever(start=WEEK_1, strength=0.01), [1, 2, 3, 4, 5], "fully"),
        (Lever(start=date(2027, 1, 4)), [0, 1, 2, 3, 4, 5], "rules not in force in any week"),
    ],
)
def test_window_of_a_lever(lever: Lever, weeks: list[int], words: str) -> None:
    rules = Rules("ban", [lever])
    window = evaluation_window(rules, BASE, range(6))
    assert list(window.weeks) == weeks
    assert words in window.label
    assert list(weeks_in_force(rules, BASE, range(6))) == ([] if "in any week" in words else weeks)


def test_rules_of_strength_0_are_compared_in_the_weeks_of_any_other_strength() -> None:
    none, some = (Rules("ban", [Lever(start=WEEK_1, strength=strength)]) for strength in (0.0, 0.5))
    assert weeks_in_force(none, BASE, range(6)) == weeks_in_force(some, BASE, range(6)) == (1, 2, 3, 4, 5)


@pytest.mark.parametrize("ramp", range(18))
@pytest.mark.parametrize("later", range(7))
def test_a_window_is_of_weeks_in_which_the_engine_has_full_strength(later: int, ramp: int) -> None:
    fields = {"kind": "contact_prohibition", "start": MONDAY + timedelta(days=later), "ramp_days": ramp}
    lever = ContactProhibition.model_validate(fields)
    days = [strength_on(lever, day, MONDAY, 42) == 1.0 for day in range(42)]
    full = [week for week in range(6) if all(days[7 * week : 7 * week + 7])]
    assert list(evaluation_window(Rules("ban", [lever]), BASE, range(6)).weeks) == full


def test_any_lever_in_force_is_enough_and_gaps_are_named() -> None:
    rules = Rules("ban", [Lever(end=date(2026, 1, 12)), Lever(start=date(2026, 1, 26), ramp_days=7)])
    window = evaluation_window(rules, BASE, range(6))
    assert window == ((0, 4, 5), "weeks 0, 4–5: rules fully in force, not all of them in all weeks")
    assert weeks_in_force(rules, BASE, range(6)) == (0, 4, 5)
    assert week_ranges([0, 1, 3, 5]) == "weeks 0–1, 3, 5"
    both = Rules("ban", [Lever(end=date(2026, 1, 12)), Lever(end=date(2026, 1, 12))])
    assert evaluation_window(both, BASE, range(6)).label == "week 0: rules fully in force"


def test_a_window_without_one_of_the_rules_says_so() -> None:
    growing = Lever(start=date(2026, 1, 26), ramp_days=90)
    window = evaluation_window(Rules("ban", [Lever(), growing]), BASE, range(6))
    assert window == ((0, 1, 2), "weeks 0–2: rules fully in force, not all of them in all weeks")
    later = Rules("ban", [Lever(), Lever(start=date(2027, 1, 4))])  # of which no run knows
    assert evaluation_window(later, BASE, range(6)).label == "weeks 0–5: rules fully in force"


def test_weeks_in_which_another_lever_grows_are_left_out() -> None:
    """A tool is there from the start; the ban that follows grows over weeks 2 and 3; a fine starts in mid-week 5."""
    tool, ban = Lever(), Lever(start=date(2026, 1, 19), ramp_days=14)
    assert evaluation_window(Rules("ban", [tool, ban]), BASE, range(7)).weeks == (0, 1, 4, 5, 6)
    fine = Lever(start=date(2026, 2, 11))
    assert evaluation_window(Rules("ban", [tool, ban, fine]), BASE, range(7)).weeks == (0, 1, 4, 6)
    brief = Lever(end=WEEK_1)  # is not in force on the Monday on which it ends
    assert evaluation_window(Rules("ban", [tool, brief]), BASE, range(3)).weeks == (0, 1, 2)
    late = Lever(start=date(2026, 1, 14), end=date(2026, 1, 17))
    label = evaluation_window(Rules("ban", [late, Lever(start=date(2026, 1, 21), ramp_days=70)]), BASE, range(3)).label
    assert label == "weeks 1–2: rules still being phased in"


def test_shared_levers_do_not_count_and_a_lever_taken_away_does() -> None:
    shared, own = Lever(), Lever(start=date(2026, 1, 26), strength=0.5)
    assert evaluation_window(Rules("a", [shared, own]), Rules("b", [shared]), range(6)).weeks == (3, 4, 5)
    assert evaluation_window(Rules("a", [shared]), Rules("b", [shared, own]), range(6)).weeks == (3, 4, 5)
    both = evaluation_window(Rules("a", [shared]), Rules("b", [shared]), range(6))
    assert both == (tuple(range(6)), "weeks 0–5: no rule differs")


def test_other_managers_are_in_force_in_all_weeks() -> None:
    """It was said that no rule differs, of managers that do; beside levers the weeks are theirs."""
    managers, late = Rules("a", managers="considerate"), Rules("b", [Lever(start=date(2027, 1, 4))])
    for one, other in ((managers, BASE), (BASE, managers), (managers, late)):
        assert evaluation_window(one, other, range(6)) == (tuple(range(6)), "weeks 0–5: rules fully in force")
    both = Rules("c", [Lever(start=WEEK_1)], managers="considerate")
    assert evaluation_window(both, BASE, range(6)) == ((1, 2, 3, 4, 5), "weeks 1–5: rules fully in force")
    assert evaluation_window(managers, managers, range(6)).label.endswith("no rule differs")


def test_a_run_of_warm_up_alone_cannot_be_compared() -> None:
    with pytest.raises(ResultsError, match="no week was simulated"):
        effects(economy(1, weeks=range(-3, 0)), ALWAYS, BASE, uncertain=False)


# --- effects ----------------------------------------------------------------------------------------------------------


def two_firms() -> dict[str, pl.DataFrame]:
    """Firm 0 has two people, firm 1 one; firm 2 is out of scope. Hours of recorded overtime: 2, 4 | 6 | 5."""
    base = {(0, 0): 120.0, (0, 1): 240.0, (1, 0): 360.0, (2, 0): 300.0}
    ban = {(0, 0): 60.0, (0, 1): 120.0, (1, 0): 360.0, (2, 0): 300.0}
    weeks = [
        table([{"firm": f, "person": p, "recorded_overtime_minutes": m} for (f, p), m in minutes.items()], world)
        for world, minutes in (("base", base), ("ban", ban))
    ]
    heads = [{"firm": f, "person": p, "is_manager": p == 1, "role": "manager" if p else "clerical"} for f, p in base]
    places = [{"firm": f, "in_scope": f < 2, "industry": ("internet", "finance", "public")[f]} for f in range(3)]
    return {"person_week": pl.concat(weeks), "people": people(heads), "firms": firms(places)}


def test_effect_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """4 h before, 3 h after. Without firm 0 the difference is 0, without firm 1 it is −1.5; firms weigh 2 : 1.

    The jackknife variance is 1/2 · ((−1 − 0)² + (−1 + 1.5)²) = 0.625; there are 9/5 effective firms, so one degree of
    freedom (the least), and t = 12.706.
    """
    monkeypatch.setattr(stated, "FEWEST", 2)
    row = only(effects(two_firms(), ALWAYS, BASE, uncertain=False), "recorded_overtime")
    assert row["baseline"] == pytest.approx(4.0)
    assert row["scenario_value"] == pytest.approx(3.0)
    assert row["difference"] == pytest.approx(-1.0)
    assert row["relative"] == pytest.approx(-0.25)
    assert row["high"] - row["difference"] == pytest.approx(12.7062 * np.sqrt(0.625), rel=1e-5)
    assert row["difference"] - row["low"] == pytest.approx(12.7062 * np.sqrt(0.625), rel=1e-5)
    # pulls: 4 − 6 and 4 − 3 before; 3 − 6 and 3 − 1.5 after; times √½
    before, after = np.array([-2.0, 1.0]), np.array([-3.0, 1.5])
    assert row["correlation"] == pytest.approx(before @ after / np.sqrt(before @ before * (after @ after)))
    assert row["variance_ratio"] == pytest.approx((before @ before + after @ after) / 1.25)
    assert (row["firms"], row["people"], row["spill"]) == (2, 3, 0.0)
    assert (row["unit"], row["better"], row["family"]) == ("h/week", "lower", "overtime")


def test_no_interval_is_stated_over_few_firms_unless_nothing_differs() -> None:
    found = effects(two_firms(), ALWAYS, BASE, uncertain=False).filter(group="all")
    row = only(found, "recorded_overtime")
    assert row["difference"] == pytest.approx(-1.0)
    for name in ("low", "high", "relative_low", "share_lower", "half_chance", "p_value", "low_simultaneous"):
        assert row[name] is None, name
    zero = found.filter(pl.col("difference") == 0, pl.col("low").is_not_null())
    assert zero.height
    assert zero["high"].to_list() == [0.0] * zero.height


def test_what_an_outcome_cannot_be_is_cut_off() -> None:
    rows = pl.DataFrame({"unit": ["share", "0..1", "sd", "h/week"], "low": -1.5, "high": 1.7})
    rows = rows.with_columns(outcome=pl.lit("any"))
    moved, levels = stated.within_range(rows, differences=True), stated.within_range(rows, differences=False)
    assert moved["low"].to_list() == [-1.0, -1.0, -1.5, -1.5]
    assert moved["high"].to_list() == [1.0, 1.0, 1.7, 1.7]
    assert levels["low"].to_list() == [0.0, 0.0, -1.5, 0.0]
    assert levels["high"].to_list() == [1.0, 1.0, 1.7, 1.7]


def test_fines_cannot_fall_from_nothing_but_costs_less_a_subsidy_can() -> None:
    names = pl.Series(
        ["fines", "public_cost", "employer_cost", "fines", "employer_cost"],
        dtype=pl.Enum(["fines", "public_cost", "employer_cost"]),
    )
    rows = pl.DataFrame({"outcome": names, "unit": "yuan/year"})
    rows = rows.with_columns(
        baseline=pl.Series([0.0, 0.0, 0.0, 9.0, 9.0]), scenario_value=pl.Series([6.0, 6.0, 6.0, 0.0, 0.0])
    )
    rows = rows.with_columns(low=-17.0, high=30.0, share_lower=0.1, share_higher=0.9)
    moved, levels = stated.within_range(rows, differences=True), stated.within_range(rows, differences=False)
    assert moved["low"].to_list() == [0.0, 0.0, -17.0, -17.0, -17.0]
    assert moved["high"].to_list() == [30.0, 30.0, 30.0, 0.0, 30.0]
    assert levels["low"].to_list() == [0.0, 0.0, -17.0, 0.0, -17.0]
    assert moved["share_lower"].to_list() == [0.0, 0.0, 0.1, 0.1, 0.1], "what cannot fall has no chance to be lower"
    assert moved["share_higher"].to_list() == [0.9, 0.9, 0.9, 0.0, 0.9]
    unstated = stated.within_range(rows.with_columns(share_lower=pl.lit(None, pl.Float64)), differences=True)
    assert unstated["share_lower"].to_list() == [None] * 5


def test_from_nothing_no_interval_falls_whatever_it_covers() -> None:
    """One firm of thirty-six starts to be fined and to write privately, so that symmetric intervals would."""
    tables = economy(4, replicates=3)
    first = (pl.col("world") == "ban") & (pl.col("firm") == 0)
    weeks = tables["person_week"].with_columns(
        pl.when(first).then(name).otherwise(0).cast(kind).alias(name)
        for name, kind in (("evasions", pl.Int32), ("after_seconds_shadow", pl.Int32))
    )
    tables |= {"person_week": weeks}
    row = only(effects(tables, ALWAYS, BASE), "evasions")
    assert row["low_simultaneous"] == row["low"] == 0 < row["difference"] < row["high_simultaneous"]
    moved = displacement(tables, ALWAYS, BASE).filter(world="ban", channel="shadow").row(0, named=True)
    assert moved["low"] == 0 < moved["difference"] < moved["high"]


def test_relative_effects_are_the_effects_over_the_baseline() -> None:
    """With parameters of their own, replicates have baselines near zero; a fall by more than all is cut off.

    Scores have no natural zero, and so no relative effects.
    """
    names, units = ["any", "employer_cost", "any", "any"], ["h/week", "yuan/year", "sd", "h/week"]
    rows = pl.DataFrame({"outcome": names, "unit": units, "baseline": [2.0, -0.5, 0.5, 4.0]})
    rows = rows.with_columns(difference=-1.0, low=-3.0, high=1.0)
    shares = stated.with_relative(rows).select(*stated.RELATIVE).rows()
    assert shares == [(-0.5, -1.0, 0.5), (-2.0, -6.0, 2.0), (None, None, None), (-0.25, -0.75, 0.25)]
    change = lambda part: part.with_columns(pl.col("hidden_overtime_minutes", "output_minutes") / 2)  # noqa: E731
    found = effects(economy(4, replicates=3, change=change), ALWAYS, BASE).drop_nulls("relative_low")
    found = found.filter(pl.col("difference") != 0)
    ends = found.select(
        low=pl.col("relative_low") * pl.col("baseline").abs(), high=pl.col("relative_high") * pl.col("baseline").abs()
    )
    assert found.height > 20
    assert (found["relative_low"] <= found["relative"]).all()
    assert (found["relative"] <= found["relative_high"]).all()
    assert ends["high"].to_numpy() == pytest.approx(found["high"].to_numpy())


def test_groups_by_hand() -> None:
    frame = effects(two_firms(), ALWAYS, BASE, uncertain=False)
    assert set(frame["group"]) == {
        "all",
        "managers",
        "staff",
        "manager",
        "clerical",
        "internet",
        "finance",
        "size_1_9",
        "beijing",
    }
    assert only(frame, "recorded_overtime", "managers")["difference"] == pytest.approx(-2.0)
    assert only(frame, "recorded_overtime", "staff")["difference"] == pytest.approx(-0.5)
    finance = only(frame, "recorded_overtime", "finance")
    assert (finance["difference"], finance["low"], finance["high"]) == (0.0, None, None)
    assert (finance["correlation"], finance["variance_ratio"], finance["firms"]) == (None, None, 1)


def test_errors_of_ends_are_those_of_everybody_alone() -> None:
    tables = economy(3, replicates=16, firm_count=2, weeks=range(2), median_size=5.0)
    change = pl.when(pl.col("world") == "ban").then(pl.col("replicate") + pl.col("person") % 3).otherwise(0)
    tables["person_week"] = tables["person_week"].with_columns(pl.col("recorded_overtime_minutes") + change)
    found = contrasts(tables, ALWAYS, BASE, [BY_NAME["recorded_overtime"]])
    assert found.filter(pl.col("low_error") > 0, pl.col("high_error") > 0)["group"].to_list() == ["all"]
    assert found.drop_nulls("low_error").height == 1 < found.drop_nulls("low").height


def test_identical_worlds_differ_by_exactly_nothing() -> None:
    """A placebo: to the bit, whatever the order in which the rows of the two worlds lie."""
    tables = economy(11)
    weeks = tables["person_week"]
    mixed = pl.concat([weeks.filter(pl.col("world") == "ban").sample(fraction=1.0, shuffle=True, seed=3),
                       weeks.filter(pl.col("world") == "base").reverse()])  # fmt: skip
    frame = effects(tables | {"person_week": mixed}, ALWAYS, BASE, uncertain=False)
    assert frame.height == len(OUTCOMES) * (1 + 2 + 6 + 3 + frame.filter(group_kind="size")["group"].n_unique() + 1)
    for name in ("difference", "low", "high", "spill"):
        assert frame[name].drop_nulls().unique().to_list() == [0.0], name
        unknown = frame.filter(pl.col(name).is_null())["group"].unique().sort().to_list()
        # in this economy, firms of an industry or a city are all in scope or all out of it
        assert unknown == (["beijing", "education", "internet", "public"] if name == "spill" else []), name
    assert (frame["correlation"] == 1.0).all()
    assert np.isinf(frame["variance_ratio"].to_numpy()).all()


def test_what_never_happens_has_no_correlation() -> None:
    tables = economy(4)
    weeks = tables["person_week"].with_columns(evasions=pl.lit(0, pl.Int32))
    evasions = [BY_NAME["evasions"]]
    row = only(effects(tables | {"person_week": weeks}, ALWAYS, BASE, evasions, uncertain=False), "evasions")
    assert (row["difference"], row["low"], row["high"]) == (0.0, 0.0, 0.0)
    assert (row["correlation"], row["variance_ratio"], row["relative"]) == (None, None, None)


def test_what_starts_from_nothing_has_no_relative_effect() -> None:
    tables = economy(4, change=lambda part: part.with_columns(evasions=pl.col("evasions") + 2))
    weeks = tables["person_week"].with_columns(
        evasions=pl.when(pl.col("world") == "ban").then(pl.col("evasions")).otherwise(0).cast(pl.Int32)
    )
    evasions = [BY_NAME["evasions"]]
    row = only(effects(tables | {"person_week": weeks}, ALWAYS, BASE, evasions, uncertain=False), "evasions")
    assert row["difference"] > 0 < row["low"]
    assert (row["relative"], row["correlation"]) == (None, None)
    assert row["variance_ratio"] == pytest.approx(1.0)  # a pair gains nothing if one side never varies


def test_a_difference_out_of_scope_is_found() -> None:
    """A single second of a single person, before the rule starts, is enough."""
    tables = economy(8)
    outside = tables["firms"].filter(~pl.col("in_scope")).row(0, named=True)
    touched = (pl.col("world") == "ban") & (pl.col("week") == 0) & (pl.col("firm") == outside["firm"])
    person = tables["people"].filter(pl.col("firm") == outside["firm"])["person"][0]
    weeks = tables["person_week"].with_columns(
        output_minutes=pl.col("output_minutes") + (touched & (pl.col("person") == person)).cast(pl.Float32) / 60,
        rests=pl.col("rests") + (touched & (pl.col("person") == person)),
    )
    frame = effects(
        tables | {"person_week": weeks}, Rules("ban", [Lever(start=date(2026, 1, 19))]), BASE, uncertain=False
    )
    assert only(frame, "output")["spill"] > 0
    assert only(frame, "rest_hours")["spill"] > 0  # by what is divided by
    assert only(frame, "output")["difference"] == 0
    assert only(frame, "recorded_overtime")["spill"] == 0


def test_firms_that_rules_of_the_reference_reach_may_differ_out_of_scope() -> None:
    """Firm 2 lives without a rule that the reference alone has: nothing is broken."""
    tables = two_firms()
    found = {}
    for reached in (True, False):
        more = table([{"firm": 2, "recorded_overtime_minutes": 420.0}], "ban")
        rest = tables["person_week"].filter((pl.col("world") != "ban") | (pl.col("firm") != 2))
        theirs = tables["firms"].with_columns(in_scope=pl.lit(reached))
        made = {**tables, "person_week": pl.concat([rest, more]), compare.REFERENCE_FIRMS: theirs}
        found[reached] = only(effects(made, ALWAYS, BASE, uncertain=False), "recorded_overtime")
    assert [found[reached]["spill"] for reached in (True, False)] == [0.0, pytest.approx(2.0)]
    assert {key: value for key, value in found[True].items() if key != "spill"} == {
        key: value for key, value in found[False].items() if key != "spill"
    }


def test_what_has_nothing_to_be_divided_by_in_either_world_may_differ_out_of_scope() -> None:
    """Reply minutes without an answer, in one world alone; without any they are alike, although there is no mean."""
    chosen = [BY_NAME["reply_minutes"]]
    for minutes, spill in (([0.0, 0.0], 0.0), ([5.0, 5.0], 0.0), ([0.0, 5.0], np.inf)):
        rows = {
            "world": ["base", "ban"], "replicate": 0, "firm": 0,
            "reply_minutes.n": [int(SCALE * each) for each in minutes], "reply_minutes.d": 0,
        }  # fmt: skip
        assert compare._spillover(pl.DataFrame(rows), ["base", "ban"], chosen).tolist() == [spill]


def test_a_spill_is_the_largest_of_all_firms_whatever_its_sign() -> None:
    rows = {
        "world": ["base", "base", "ban", "ban"], "replicate": 0, "firm": [0, 1, 0, 1],
        "reply_minutes.n": [SCALE * each for each in (5, 5, 6, 2)], "reply_minutes.d": SCALE,
    }  # fmt: skip
    assert compare._spillover(pl.DataFrame(rows), ["base", "ban"], [BY_NAME["reply_minutes"]]).tolist() == [3.0]


def test_without_scope_all_firms_are_compared() -> None:
    tables = two_firms()
    nowhere = tables | {"firms": tables["firms"].with_columns(in_scope=pl.lit(False))}
    row = only(effects(nowhere, Rules("ban"), BASE, uncertain=False), "recorded_overtime")
    assert (row["firms"], row["people"], row["spill"]) == (3, 4, None)
    assert row["difference"] == pytest.approx(-0.75)
    assert row["window"] == "week 0: no rule differs"


def test_swapping_the_worlds_turns_the_sign() -> None:
    tables = economy(2, change=lambda part: part.with_columns(pl.col("output_minutes") * pl.Series(
        np.random.default_rng(1).uniform(0.8, 1.4, part.height)).cast(pl.Float32)))  # fmt: skip
    there = effects(tables, ALWAYS, BASE, uncertain=False)
    back = effects(tables, Rules("base", [Lever()]), Rules("ban"), uncertain=False)
    for name, other in (("difference", "difference"), ("low", "high"), ("high", "low")):
        np.testing.assert_allclose(there[name].to_numpy(), -back[other].to_numpy(), atol=1e-12)
    np.testing.assert_allclose(there["variance_ratio"].to_numpy(), back["variance_ratio"].to_numpy())


def test_worlds_must_be_there_and_have_the_same_firms() -> None:
    tables = economy(2)
    with pytest.raises(ResultsError, match="lack the world 'pilot'"):
        effects(tables, Rules("pilot", [Lever()]), BASE, OUTCOMES[:1], uncertain=False)
    fewer = tables["person_week"].filter((pl.col("world") == "base") | (pl.col("firm") != 0))
    with pytest.raises(ResultsError, match="do not have the same firms"):
        effects(tables | {"person_week": fewer}, ALWAYS, BASE, OUTCOMES[:1], uncertain=False)


def pairs(cases: int, count: int, effect: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Paired firms, (2, firms, cases): level varies by 1, the effect by 0.2 from firm to firm."""
    rng = np.random.default_rng(seed)
    sizes = np.clip(np.round(20 * np.exp(0.8 * rng.standard_normal((cases, count)))), 5, 300)
    level = rng.standard_normal((cases, count))
    change = effect + 0.2 * rng.standard_normal((cases, count))
    sums = np.stack([level, level + change]) * sizes * SCALE
    weights = np.stack([sizes, sizes]) * SCALE
    return np.round(sums).astype(np.int64).swapaxes(1, 2), np.round(weights).astype(np.int64).swapaxes(1, 2)


def test_paired_intervals_cover_the_effect() -> None:
    """2,000 pairs of worlds of 30 firms; the standard error of a coverage near 95 % is 0.49 points.

    Bounds five standard errors outside of what simulations show (94 to 97 %) leave a false alarm under one in a
    million; an interval half as wide would cover about 67 %.
    """
    found = compare.contrast_of_sums(*pairs(2_000, 30, effect=-0.1, seed=5))
    assert 0.915 <= ((found["low"] <= -0.1) & (found["high"] >= -0.1)).mean() <= 0.995


def test_variance_ratio_is_what_unpaired_runs_would_cost() -> None:
    """In 2,000 pairs the paired difference has some variance; between a world and another pair's it has more.

    The printed ratio, averaged over pairs on the log scale, must equal the ratio of these two variances. Each variance
    has a relative standard error of 3 %, the mean logarithm less; a tolerance of 25 % is more than five of them.
    """
    numerators, denominators = pairs(2_000, 60, effect=0.0, seed=9)
    before, after = numerators.sum(axis=1) / denominators.sum(axis=1)
    paired = np.var(after - before)
    unpaired = np.var(np.roll(after, 1) - before)
    printed = np.exp(np.mean(np.log(compare.contrast_of_sums(numerators, denominators)["variance_ratio"])))
    assert unpaired / paired > 20
    assert printed == pytest.approx(unpaired / paired, rel=0.25)


def test_effect_put_in_is_found_in_tables() -> None:
    """In scope, hidden overtime is halved: the relative effect is −1/2 in every group, and nothing else moves."""
    tables = economy(6, change=lambda part: part.with_columns(pl.col("hidden_overtime_minutes") / 2))
    frame = effects(tables, ALWAYS, BASE, uncertain=False)
    hidden = frame.filter(pl.col("outcome") == "hidden_overtime")
    assert hidden["relative"].to_numpy() == pytest.approx(-0.5, abs=1e-6)
    # half a minute less outside hours is half a minute more inside: the only other outcome that subtracts it
    moving = {"hidden_overtime", "switch_interval", "after_hours_share"}
    still = frame.filter(~pl.col("outcome").is_in(moving))
    assert (still["difference"] == 0).all()
    assert (frame["spill"] == 0).all()


# --- displacement -----------------------------------------------------------------------------------------------------


def shifted(part: pl.DataFrame) -> pl.DataFrame:
    """Half of the time on instant messages goes, 2/5 of that to calls and 1/5 to private messengers."""
    gone = 60 * (pl.col("after_seconds_im") // 2)
    return part.with_columns(
        after_seconds_im=pl.col("after_seconds_im") * 60 - gone,
        after_seconds_call=pl.col("after_seconds_call") * 60 + gone * 2 // 5,
        after_seconds_shadow=pl.col("after_seconds_shadow") * 60 + gone // 5,
        **{f"after_seconds_{name}": pl.col(f"after_seconds_{name}") * 60 for name in ("group", "mail", "tool", "talk")},
    ).cast({f"after_seconds_{name}": pl.Int32 for name in CHANNELS})


def test_displacement_by_hand() -> None:
    tables = economy(3, change=shifted)
    in_base = pl.col("world") == "base"
    times = [name for name in tables["person_week"].columns if name.startswith("after_seconds_")]
    weeks = tables["person_week"].with_columns(
        pl.when(in_base).then(pl.col(name) * 60).otherwise(pl.col(name)).cast(pl.Int32) for name in times
    )
    frame = displacement(tables | {"person_week": weeks}, ALWAYS, BASE, uncertain=False)
    after = {row["channel"]: row for row in frame.filter(pl.col("world") == "ban").to_dicts()}
    lost = after["im"]["difference"]
    assert lost < 0
    assert after["call"]["difference"] == pytest.approx(-0.4 * lost)
    assert after["shadow"]["difference"] == pytest.approx(-0.2 * lost)
    assert after["mail"]["difference"] == after["mail"]["low"] == after["mail"]["high"] == 0
    assert after["all"]["difference"] == pytest.approx(0.4 * lost)
    assert after["all"]["displaced"] == pytest.approx(0.6)
    # every firm shows the same ratio, so its interval is next to nothing
    assert after["all"]["displaced_low"] == pytest.approx(0.6, abs=1e-6)
    before = frame.filter(pl.col("world") == "base")
    assert before["difference"].null_count() == before.height
    parts = before.filter(pl.col("channel") != "all")["minutes_per_person_week"].sum()
    assert parts == pytest.approx(before.filter(pl.col("channel") == "all")["minutes_per_person_week"].item())
    off_record = frame.filter(~pl.col("recorded"))["channel"].unique().sort().to_list()
    assert off_record == ["call", "shadow", "talk"]


def made_up(rng: np.random.Generator, moved: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Minutes and people of forty made-up firms, (2, firms, channels), that change by ``moved`` and by chance."""
    size = rng.integers(5, 40, 40)
    noise = 3 * rng.standard_normal((40, len(moved))) / np.sqrt(size / 15)[:, None]
    minutes = np.stack([np.full((40, len(moved)), 60.0), 60.0 + np.array(moved) + noise])
    above = np.rint(minutes * size[:, None] * SCALE).astype(np.int64)
    return above, np.broadcast_to(SCALE * size[:, None], above.shape)


def displaced(rng: np.random.Generator, moved: Sequence[float]) -> tuple[float, ...]:
    """The ratio, low and high of forty made-up firms whose minutes change by ``moved`` and by chance."""
    return _displaced(*made_up(rng, moved), None)[:3]


def test_a_displacement_ratio_says_zero_where_nothing_was_displaced() -> None:
    """Six channels move by chance alone: in a fifth of cases the ratio seemed clear when chance counted as minutes.

    Of 200 intervals of 95 % at most 17 miss with a probability of 98 %.
    """
    rng = np.random.default_rng(1)
    found = np.array([displaced(rng, [-20.0, 0, 0, 0, 0, 0, 0]) for _ in range(200)])
    assert (found[:, 1] > 0).sum() <= 17
    assert np.isfinite(found).all()


@pytest.mark.parametrize("unclear", [0.6, -0.6])
def test_the_interval_of_a_displacement_ratio_holds_that_of_what_clearly_moved(unclear: float) -> None:
    """Calls clearly grow; what five others seem to gain raises the upper end alone, what they lose lowers the other."""
    above, below = made_up(np.random.default_rng(11), [-20.0, 10.0] + [unclear] * 5)
    clearly = above.copy()
    clearly[1, :, 2:] = above[0, :, 2:]
    (ratio, low, high), (surely, lowest, highest) = (_displaced(each, below, None)[:3] for each in (above, clearly))
    if unclear > 0:
        assert ratio > surely
        assert low == lowest
        assert high > highest + 0.1
    else:
        assert ratio < surely
        assert low < lowest - 0.05
        assert high == highest


def test_there_is_no_displacement_ratio_of_chance_alone() -> None:
    """That one of seven channels clearly lost has a chance of 2.5 %, and the truth is anything."""
    rng = np.random.default_rng(1)
    found = np.array([displaced(rng, [0.0] * 7) for _ in range(200)])
    assert np.isfinite(found[:, 0]).sum() <= 12


@pytest.mark.parametrize("together", [False, True])
def test_there_is_no_displacement_ratio_where_parameters_leave_open_whether_minutes_went(together: bool) -> None:
    """Over other firms instant messages clearly lose; over other parameters they may as well gain.

    So too if mails make up for them, less the same minutes in all replicates, so that all channels ``together`` lose.
    """

    def change(part: pl.DataFrame) -> pl.DataFrame:
        more = pl.when(pl.col("replicate") < 2).then(pl.col("after_seconds_im") // 2)
        less = more.otherwise(-(pl.col("after_seconds_im") * 9 // 10)).cast(pl.Int32)
        mail = pl.col("after_seconds_mail") - together * (less + 5)
        return part.with_columns(after_seconds_im=pl.col("after_seconds_im") + less, after_seconds_mail=mail)

    tables = economy(4, replicates=6, change=change)
    rows = {uncertain: displacement(tables, ALWAYS, BASE, uncertain).filter(world="ban") for uncertain in (False, True)}
    ends = {uncertain: row.filter(channel="im")["high"].item() for uncertain, row in rows.items()}
    assert ends[False] < 0 < ends[True]
    ratios = {uncertain: row.filter(channel="all")["displaced"].item() for uncertain, row in rows.items()}
    assert ratios == {False: pytest.approx(ratios[False] if together else 0.0), True: None}
    assert (rows[True].filter(channel="all")["high"].item() < 0) == together


def test_displacement_depends_on_parameters_where_replicates_differ() -> None:
    """In even replicates mails take up twice of what instant messages lose, in odd ones nothing; no firm is alike."""

    def change(part: pl.DataFrame) -> pl.DataFrame:
        lost = pl.col("after_seconds_im") // 2
        taken = pl.when(pl.col("replicate") % 2 == 0).then(2).otherwise(0) * lost
        return part.with_columns(
            pl.col("after_seconds_im") - lost, (pl.col("after_seconds_mail") + taken).cast(pl.Int32)
        )

    tables = economy(4, replicates=6, change=change)
    rows = {uncertain: displacement(tables, ALWAYS, BASE, uncertain).filter(world="ban") for uncertain in (False, True)}
    point, both = (rows[each].filter(channel="all").row(0, named=True) for each in (False, True))
    assert point["displaced"] == both["displaced"] == pytest.approx(1.0, abs=0.3)
    assert point["displaced_half_parameters"] is None
    assert both["displaced_half_parameters"] > both["displaced_half_chance"]
    assert both["displaced_high"] - both["displaced_low"] > point["displaced_high"] - point["displaced_low"]
    assert both["displaced_low"] == 0.0 < point["displaced_low"]
    assert point["displaced"] - point["displaced_low"] == pytest.approx(point["displaced_high"] - point["displaced"])
    # the six ratios are 2, 0, 2, 0, 2, 0
    spread = float(np.std([2, 0] * 3, ddof=1)) * np.sqrt(1 + 1 / 6) * float(scipy.stats.t.ppf(0.975, 5))
    assert both["displaced_half_parameters"] == pytest.approx(spread, rel=0.25)
    mail = rows[True].filter(channel="mail").row(0, named=True)
    assert mail["half_parameters"] > 0
    assert (mail["high"] - mail["low"]) / 2 == pytest.approx(
        np.hypot(mail["half_chance"], mail["half_parameters"]), rel=0.2
    )


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_ratio_of_displacement_that_is_the_same_in_all_replicates_is_certain(share: float) -> None:
    """However much goes in each of them."""

    def change(part: pl.DataFrame) -> pl.DataFrame:
        lost = (pl.col("after_seconds_im") * (20 - pl.col("replicate")) // 40 * 2).cast(pl.Int32)
        gained = (lost * share).cast(pl.Int32)
        return part.with_columns(pl.col("after_seconds_im") - lost, pl.col("after_seconds_mail") + gained)

    frame = displacement(economy(4, replicates=6, change=change), ALWAYS, BASE).filter(world="ban", channel="all")
    row = frame.row(0, named=True)
    told = [row[name] for name in ("displaced", "displaced_half_chance", "displaced_half_parameters")]
    assert told == pytest.approx([share, 0.0, 0.0], abs=1e-4)


def test_replicates_with_a_single_firm_in_scope_are_not_taken_for_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chance and parameters cannot be told apart there, and both count."""
    monkeypatch.setattr(stated, "FEWEST", 4)
    noisy = lambda part: part.with_columns(pl.col("recorded_overtime_minutes") * (1 + 0.1 * pl.col("replicate")))  # noqa: E731
    tables = economy(4, replicates=4, firm_count=2, change=lambda part: noisy(part).cast(
        {"recorded_overtime_minutes": pl.Float32}))  # fmt: skip
    row = only(effects(tables, ALWAYS, BASE, [BY_NAME["recorded_overtime"]]), "recorded_overtime")
    assert row["firms"] == 4
    assert row["high"] - row["low"] > 0
    assert row["half_chance"] > 0
    assert row["half_parameters"] > 0
    moved = displacement(tables, ALWAYS, BASE, True)
    assert moved["displaced"].null_count() == moved.height


def test_over_few_firms_only_an_interval_of_exactly_zero_is_stated() -> None:
    firms, low, high = [FEWEST - 1] * 3 + [FEWEST], [0.0, 0.0, -1.0, 0.0], [0.0, 1.0, 0.0, 1.0]
    assert stated.stated(pl.DataFrame({"firms": firms, "low": low, "high": high}))["high"].to_list() == [
        0,
        None,
        None,
        1,
    ]


@pytest.mark.parametrize("firms", [FEWEST - 1, FEWEST])
@pytest.mark.parametrize("moved", [0.0, 1.0])
def test_a_group_in_which_nothing_differs_has_no_interval_where_others_do(firms: int, moved: float) -> None:
    """As of share burnt out where none of some managers changed sides; if nobody at all did, it is exactly nothing."""
    ends = {"low": [0.0, 0.0, 0.0], "high": [moved, 0.0, 0.0]}
    facts = {"outcome": ["share_burnt_out"] * 3, "group": ["all", "managers", "staff"], "firms": [FEWEST, firms, firms]}
    assert stated.stated(pl.DataFrame(facts | ends))["high"].to_list() == [moved, *[None if moved else 0.0] * 2]
    other = pl.DataFrame(facts | ends | {"outcome": ["sent", *["share_burnt_out"] * 2]})
    assert stated.stated(other)["high"].to_list() == [moved, None, None]


def test_no_interval_goes_beyond_what_minutes_can_be() -> None:
    """One firm alone used instant messages, and none does under the rule; or none did, and one does."""
    none, one = pl.lit(0, pl.Int32), pl.when(firm=4).then("after_seconds_im").otherwise(0)
    for before, after in ((one, none), (none, one)):
        tables = economy(3)
        world = pl.when(world="base").then(before).otherwise(after).alias("after_seconds_im")
        weeks = {"person_week": tables["person_week"].with_columns(world)}
        row = displacement(tables | weeks, ALWAYS, BASE, False).filter(world="ban", channel="im").row(0, named=True)
        assert 0.0 in (row["low"], row["high"])
        assert row["low"] <= row["difference"] <= row["high"]


def test_nothing_is_displaced_if_nothing_went() -> None:
    frame = displacement(economy(3), ALWAYS, BASE, uncertain=False)
    assert frame["displaced"].null_count() == frame.height
    assert (frame.filter(pl.col("world") == "ban")["difference"] == 0).all()


# --- time lines and single worlds -------------------------------------------------------------------------------------


@pytest.mark.parametrize("uncertain", [False, True])
def test_time_lines_agree_with_the_effects_of_each_week(uncertain: bool) -> None:
    """Exactly, but for the width under uncertain parameters: a line's is of Student's t, an effect's of a posterior.

    Over five seeds of the noise and six weeks the first is 0.97 to 1.20 times the second, with three replicates.
    """
    noisy = lambda part: part.with_columns(pl.col("hidden_overtime_minutes") / pl.Series(  # noqa: E731
        np.random.default_rng(1).uniform(1, 3, part.height)).cast(pl.Float32))  # fmt: skip
    tables = economy(6, replicates=3, change=noisy)
    lines = weekly_lines(tables, ALWAYS, BASE, uncertain=uncertain)
    assert lines.height == len(SHOWN) * 2 * 6
    assert set(lines["set"]) == {"reached", "others"}
    for week in range(6):
        alone = tables | {"person_week": tables["person_week"].filter(pl.col("week") == week)}
        hidden = [BY_NAME["hidden_overtime"]]
        row = only(contrasts(alone, ALWAYS, BASE, hidden, uncertain, apart=False), "hidden_overtime")
        here = (pl.col("week") == week) & (pl.col("outcome") == "hidden_overtime") & (pl.col("set") == "reached")
        line = lines.filter(here).row(0, named=True)
        assert line["without"] == pytest.approx(row["baseline"])
        assert line["rule"] == pytest.approx(row["scenario_value"])
        assert line["half"] == pytest.approx((row["high"] - row["low"]) / 2, rel=0.25 if uncertain else 1e-6)
        for part in ("half_chance", "half_parameters"):
            assert line[part] == (pytest.approx(row[part]) if uncertain else None)
    others = lines.filter(pl.col("set") == "others")
    assert (others["rule"] == others["without"]).all()
    assert (others["half"] == 0).all()


def test_the_line_of_firms_not_reached_has_none_that_rules_of_the_reference_reach() -> None:
    tables = economy(6)
    lines = {}
    for name, reached in (("some", pl.col("firm") < 6), ("all", pl.lit(True))):  # firms with even numbers are in scope
        theirs = {compare.REFERENCE_FIRMS: tables["firms"].with_columns(in_scope=reached)}
        lines[name] = weekly_lines(tables | theirs, ALWAYS, BASE).filter(outcome="hidden_overtime", week=0)
    assert set(lines["all"]["set"]) == {"reached"}
    rest = tables["person_week"].filter(pl.col("firm") >= 6, pl.col("firm") % 2 == 1, world="base", week=0)
    found = lines["some"].filter(set="others")["without"].item()
    assert found == pytest.approx(rest["hidden_overtime_minutes"].cast(pl.Float64).mean() / 60)


def test_time_lines_do_not_depend_on_how_many_weeks_are_taken_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = economy(6, change=lambda part: part.with_columns(pl.col("hidden_overtime_minutes") / 2))
    lines = weekly_lines(tables, ALWAYS, BASE)
    monkeypatch.setattr(comparison, "AT_ONCE", 1)
    order = ("set", "week", "outcome")
    assert_frame_equal(weekly_lines(tables, ALWAYS, BASE).sort(order), lines.sort(order))


@pytest.mark.parametrize("reached", [2, 5, 6])
def test_over_few_firms_a_time_line_has_no_interval_but_where_nothing_differs(reached: int) -> None:
    change = lambda part: part.with_columns(pl.col("hidden_overtime_minutes") / 2)  # noqa: E731
    lines = weekly_lines(economy(6, replicates=1, firm_count=2 * reached, change=change), ALWAYS, BASE)
    known = lines.filter(set="reached").group_by("outcome").agg(pl.col("half").is_not_null().all()).filter("half")
    assert ("hidden_overtime" in known["outcome"]) == (reached == 6)
    assert "exhaustion" in known["outcome"]


def test_a_single_world_is_described() -> None:
    tables = economy(6)
    frame = contrasts(tables, BASE, None, uncertain=False)
    row = frame.filter((pl.col("group") == "all") & (pl.col("outcome") == "recorded_overtime")).row(0, named=True)
    weeks = tables["person_week"].filter((pl.col("world") == "base") & (pl.col("week") >= 0))
    assert row["value"] == pytest.approx(weeks["recorded_overtime_minutes"].cast(pl.Float64).mean() / 60)
    assert row["low"] < row["value"] < row["high"]
    assert row["half_chance"] is None
    assert row["people"] == tables["people"].height
    assert set(frame["outcome"]) == set(BY_NAME)
