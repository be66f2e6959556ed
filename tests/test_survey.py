"""What an evaluator has: who is asked, what they answer, and what a payroll knows."""

import re
from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sim.core.errors import InputError
from sim.core.randomness import child, uniform
from sim.engine.people import economy_key
from sim.figures.words import speaking, translate
from sim.pilots.rollout import months_of
from sim.pilots.survey import NO_ERRORS, SURVEY_OUTCOMES, TABLE, Schedule, panel, payroll, survey, waves
from sim.stats.sampling import children, normals, uniforms
from tests.worlds import START


def made(firms: int = 6, size: int = 30, weeks: int = 26, seed: int = 7) -> dict[str, pl.DataFrame]:
    """Made-up person-weeks of one world, with what surveys and payrolls read."""
    draw = np.random.default_rng(seed)
    rows = firms * size * weeks
    index = np.arange(rows)
    firm, person, week = index // (size * weeks), index // weeks % size, index % weeks
    recorded, latent = 60 * draw.uniform(0, 8, rows), 60 * draw.uniform(0, 6, rows)
    frame = pl.DataFrame(
        {
            "world": np.full(rows, "w"), "replicate": np.zeros(rows, np.int16), "firm": firm.astype(np.int32),
            "person": person.astype(np.int32), "week": week.astype(np.int16),
            "office_task_minutes": 2400 + recorded, "office_message_minutes": np.zeros(rows),
            "office_search_minutes": np.zeros(rows), "office_resume_minutes": np.zeros(rows),
            "office_idle_minutes": np.zeros(rows), "home_task_minutes": latent, "home_message_minutes": np.zeros(rows),
            "home_search_minutes": np.zeros(rows), "home_resume_minutes": np.zeros(rows),
            "office_talk_minutes": np.zeros(rows), "office_meeting_minutes": np.zeros(rows),
            "recorded_overtime_minutes": recorded, "latent_overtime_minutes": latent,
            "hidden_overtime_minutes": latent * (draw.random(rows) < 0.7), "workdays": np.full(rows, 5),
            "exits": np.zeros(rows, np.int32), "exhaustion": draw.normal(size=rows), "cynicism": draw.normal(size=rows),
        }
    ).with_columns(burnt_out=(pl.col("exhaustion") + pl.col("cynicism")) / 2 > 0.3)  # fmt: skip
    people = frame.select("replicate", "firm", "person").unique(maintain_order=True)
    return {"person_week": frame, "people": people}


def asked(weeks: int = 26, every: int = 1) -> Schedule:
    return Schedule(months_of(START, range(weeks)), every, 1, (0.3,) * 10)


def answers(tables: Mapping[str, pl.DataFrame], every: int = 1, **changes: float) -> pl.DataFrame:
    return panel(tables, "w", survey(changes), asked(every=every))


def test_draws_about_many_things_are_the_engines_own() -> None:
    owner = economy_key(5, 0)
    keys = children(owner, np.arange(4))
    assert keys.tolist() == [int(child(owner, n)) for n in range(4)]
    assert uniforms(keys, 3).tolist() == [uniform(key, 3) for key in keys]
    assert abs(normals(children(owner, np.arange(20_000)), 1).mean()) < 6 / np.sqrt(20_000)


def test_every_size_and_error_has_unit_range_and_source() -> None:
    assert len({row.name for row in TABLE}) == len(TABLE)
    for row in TABLE:
        assert row.unit
        assert row.meaning
        assert row.low <= row.value <= row.high
        assert row.source.startswith(("[E", "assumption")), row.name


def test_months_are_those_in_which_most_days_of_a_week_lie() -> None:
    months = months_of(START, range(26))
    assert months.filter("last")["week"].to_list() == [3, 7, 11, 16, 20, 24]  # the last month lacks weeks
    assert waves(asked(every=3)).rows() == [(0, 11), (1, 24)]
    assert [months_of(START, range(weeks))["month"].max() for weeks in (6, 7)] == [0, 1]  # of three weeks at least


def test_a_survey_without_errors_is_the_truth() -> None:
    tables = made()
    exact = answers(tables, **NO_ERRORS, people_per_firm=1000)
    truth = tables["person_week"].join(waves(asked()).cast({"week": pl.Int16}), on="week")
    assert exact.height == truth.height
    assert exact["exhaustion"].sum() == pytest.approx(truth["exhaustion"].sum())
    assert exact["share_burnt_out"].sum() == truth["burnt_out"].sum()
    assert exact["latent_overtime"].mean() == pytest.approx(truth["latent_overtime_minutes"].mean() / 60)
    assert exact["after_hours_share"].mean() == pytest.approx((truth["hidden_overtime_minutes"] > 0).mean())
    assert exact["weight"].unique().to_list() == [1.0]


def test_who_is_asked_does_not_depend_on_who_else_is_there() -> None:
    tables = made()
    fewer = {name: table.filter(pl.col("firm").is_in([1, 4])) for name, table in tables.items()}
    everything = answers(tables).filter(pl.col("firm").is_in([1, 4])).drop("respondent", *SURVEY_OUTCOMES[:2])
    assert everything.equals(answers(fewer).drop("respondent", *SURVEY_OUTCOMES[:2]))
    shuffled = {name: table.sample(fraction=1.0, shuffle=True, seed=1) for name, table in tables.items()}
    assert answers(tables).drop("respondent").equals(answers(shuffled).drop("respondent"))


def test_a_larger_sample_holds_the_smaller_one() -> None:
    tables = made()
    few, many = (answers(tables, people_per_firm=n).select("firm", "person").unique() for n in (5, 20))
    assert few.join(many, on=["firm", "person"], how="anti").is_empty()
    assert few.group_by("firm").len()["len"].max() == 5


def test_who_is_asked_stands_for_as_many_of_the_firm_as_there_are_for_each_asked() -> None:
    """Of 30 people, 12 are asked; of a firm of 9, all are."""
    tables = made(firms=2, weeks=9)
    kept = (pl.col("firm") == 0) | (pl.col("person") < 9)
    found = answers({name: table.filter(kept) for name, table in tables.items()}, **NO_ERRORS, people_per_firm=12)
    assert found.group_by("firm").agg(pl.col("person").n_unique(), pl.col("weight").mean()).sort("firm").rows() == [
        (0, 12, 2.5), (1, 9, 1.0)
    ]  # fmt: skip


def test_errors_do_what_they_say() -> None:
    """Shares and spreads in 1,080 answers or so, within 6 standard errors: false alarm below 1e-8 each."""
    tables = made(firms=8, size=40)
    all_there = {**NO_ERRORS, "people_per_firm": 1000}
    n = answers(tables, **all_there).height
    some = answers(tables, **{**all_there, "nonresponse": 0.3, "burnt_out_nonresponse": 1})
    assert abs(some.height / n - 0.7) < 6 * np.sqrt(0.21 / n)
    exact, wobbly = answers(tables, **all_there), answers(tables, **{**all_there, "retest": 0.8})
    error = (wobbly["exhaustion"] - exact["exhaustion"]).to_numpy()
    assert abs(error.std() - 0.5 * exact["exhaustion"].std()) < 6 * 0.5 / np.sqrt(2 * n)
    short = answers(tables, **{**all_there, "latent_recall": 0.5})
    assert short["latent_overtime"].sum() == pytest.approx(exact["latent_overtime"].sum() / 2)
    denied = answers(tables, **{**all_there, "yes_forgotten": 0.2})
    rate = denied["after_hours_share"].sum() / exact["after_hours_share"].sum()
    assert abs(rate - 0.8) < 6 * np.sqrt(0.16 / exact["after_hours_share"].sum())


def test_hours_are_said_without_what_is_forgotten_and_with_their_error_and_step() -> None:
    tables = made(firms=8, size=40)
    all_there = {**NO_ERRORS, "people_per_firm": 1000}
    exact = answers(tables, **all_there)
    hours, latent = exact["total_hours"], exact["latent_overtime"]
    short = answers(tables, **{**all_there, "latent_recall": 0.75})
    assert short["total_hours"].to_list() == pytest.approx((hours - latent / 4).to_list())
    rounded = answers(tables, **{**all_there, "hours_rounding": 2.5})["total_hours"]
    assert (rounded / 2.5).to_list() == (rounded / 2.5).round().to_list()
    assert (rounded - hours).abs().max() <= 1.25 + 1e-9
    blurred = answers(tables, **{**all_there, "hours_error": 4.0})["total_hours"] - hours
    assert abs(blurred.std() - 4.0) < 6 * 4.0 / np.sqrt(2 * len(hours))


def test_who_did_nothing_may_say_yes_and_nobody_else_says_no() -> None:
    tables = made(firms=8, size=40)
    all_there = {**NO_ERRORS, "people_per_firm": 1000}
    exact = answers(tables, **all_there)["after_hours_share"]
    said = answers(tables, **{**all_there, "no_exaggerated": 0.3})["after_hours_share"]
    assert said.filter(exact == 1).unique().to_list() == [1.0]
    idle = said.filter(exact == 0)
    assert abs(idle.mean() - 0.3) < 6 * np.sqrt(0.21 / len(idle))


def test_people_drop_out_by_the_month_however_often_they_are_asked() -> None:
    """A fifth a month leave 51 % after a quarter."""
    said = answers(made(firms=20, size=50), every=3, **{**NO_ERRORS, "people_per_firm": 1000, "dropout": 0.2})
    counts = said.group_by("period").len().sort("period")["len"].to_list()
    assert counts[0] == 1000
    assert abs(counts[1] / 1000 - 0.512) < 6 * np.sqrt(0.25 / 1000)


def test_what_economies_differ_by_is_no_error_of_a_scale() -> None:
    """The answers of two economies whose levels are ten apart are those of each alone."""
    one, other = made(seed=1), made(seed=2)
    other = {name: table.with_columns(replicate=pl.lit(1, pl.Int16)) for name, table in other.items()}
    other["person_week"] = other["person_week"].with_columns(pl.col("exhaustion", "cynicism") + 10.0)
    apart = [answers(tables, retest=0.5).drop("respondent") for tables in (one, other)]
    both = answers({name: pl.concat([one[name], other[name]]) for name in one}, retest=0.5).drop("respondent")
    assert_frame_equal(both, pl.concat(apart), check_exact=True)


def test_who_is_burnt_out_is_so_by_the_cut_off_of_their_economy() -> None:
    one = made(firms=1)
    both = {name: pl.concat([one[name], one[name].with_columns(replicate=pl.lit(1, pl.Int16))]) for name in one}
    said = panel(both, "w", survey(NO_ERRORS), asked()._replace(cutoffs=(9.0, -9.0)))
    assert said.group_by("replicate").agg(pl.col("share_burnt_out").mean()).sort("replicate").rows() == [(0, 0), (1, 1)]


def test_errors_of_the_answers_of_a_person_have_nothing_in_common() -> None:
    """Of opposite scales the sum is that of their errors, and has the sign of one of them in three of four answers."""
    tables = made(firms=8, size=40)
    weeks = tables["person_week"].with_columns(
        pl.lit(600.0).alias("latent_overtime_minutes"), cynicism=-pl.col("exhaustion")
    )
    tables["person_week"], all_there = weeks, {**NO_ERRORS, "people_per_firm": 1000}
    asks = asked()._replace(cutoffs=(0.0,))
    exact, wrong = (
        panel(tables, "w", survey({**all_there, **changes}), asks)
        for changes in ({}, {"retest": 0.5, "hours_error": 2.0})
    )
    errors = [(wrong[name] - exact[name]).to_numpy() for name in ("exhaustion", "total_hours", "latent_overtime")]
    assert np.abs(np.corrcoef(errors) - np.eye(3)).max() < 6 / np.sqrt(exact.height)
    alike = (errors[0] > 0) == wrong["share_burnt_out"].to_numpy()
    assert abs(alike.mean() - 0.75) < 6 * np.sqrt(0.1875 / exact.height)


def test_the_burnt_out_answer_less_often_and_people_drop_out() -> None:
    tables = made(firms=8, size=40)
    base = {**NO_ERRORS, "people_per_firm": 1000, "nonresponse": 0.3}
    even, uneven = (answers(tables, **base, burnt_out_nonresponse=ratio) for ratio in (1, 2))
    assert uneven["share_burnt_out"].mean() < even["share_burnt_out"].mean()
    leaving = answers(tables, **{**NO_ERRORS, "people_per_firm": 1000, "dropout": 0.2})
    counts = leaving.group_by("period").len().sort("period")["len"].to_list()
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < 0.6 * counts[0]


def test_who_follows_in_a_seat_is_another_respondent() -> None:
    """At the end of the week in which one leaves, of which the third wave asks, the seat is the other's."""
    tables = made(firms=1, size=3)
    left = (pl.col("person") == 1) & (pl.col("week") == 11)
    tables["person_week"] = tables["person_week"].with_columns(exits=left.cast(pl.Int32))
    said = answers(tables, **NO_ERRORS)
    seats = said.group_by("person").agg(pl.col("respondent").n_unique(), pl.col("generation").max())
    assert seats.sort("person").rows() == [(0, 1, 0), (1, 2, 1), (2, 1, 0)]
    assert said.filter(generation=1)["period"].min() == 2


def test_who_follows_in_a_seat_has_not_stopped_before_being_asked() -> None:
    """Dropping out by half a month on average leaves a successor's first answer as it is."""
    tables = made()
    weeks = tables["person_week"].with_columns(exits=(pl.col("week") == 17).cast(pl.Int32))
    said = answers({**tables, "person_week": weeks}, **{**NO_ERRORS, "people_per_firm": 1000, "dropout": 0.5})
    later = said.filter(generation=1)
    assert later.filter(pl.col("period") == later["period"].min()).height == 6 * 30


def test_payroll_sees_recorded_hours_only() -> None:
    tables = made()
    paid = payroll(tables, "w", asked())
    rows = tables["person_week"].filter(pl.col("week") <= 24)
    assert (paid["total_hours"] - paid["recorded_overtime"]).to_list() == pytest.approx([40.0] * paid.height)
    mean = np.average(paid["recorded_overtime"], weights=paid["weight"])
    assert mean == pytest.approx(rows["recorded_overtime_minutes"].mean() / 60, rel=0.05)
    first = rows.filter(pl.col("firm") == 0, pl.col("week") < 4)["recorded_overtime_minutes"].mean() / 60
    assert paid.row(0) == pytest.approx((0, 0, 0, 30.0, first, 40.0 + first))
    assert paid["weight"].unique().to_list() == [30.0]  # people, in months of four weeks and of five


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"nonrespons": 0.1}, "did you mean 'nonresponse'"),
        ({"retest": 2.0}, "must lie between 0.3 and 1"),
        ({"people_per_firm": 2.5}, "people_per_firm = 2.5 must be a whole number"),
    ],
)
def test_a_survey_that_makes_no_sense_is_refused(changes: dict[str, float], told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        survey(changes)
    with speaking("zh"):
        assert not re.search("[a-z] [a-z]", translate(str(caught.value)))
