"""Published experiments replayed: the file holds together, effects are what hand arithmetic gives, misses are told."""

import math
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sim.core.errors import InputError
from sim.experiments import (
    Experiment,
    Measure,
    Replication,
    effects_of,
    load_experiments,
    reference_of,
    select_experiments,
    with_treatment,
)
from sim.figures.words import speaking
from sim.report.console import as_text
from sim.report.experiments import print_replication, simulated
from sim.runs.simulation import side_by_side, simulate
from tests.conftest import Call
from tests.synthetic import economy


def found(sign: str, bounds: tuple[float, float, float], **more: object) -> Replication:
    measure = Measure.model_validate({"outcome": "fatigue", "says": "", "scale": "sd", "sign": sign, **more})
    return Replication(load_experiments()[0], measure, *bounds)


@pytest.mark.parametrize(
    ("sign", "bounds", "more", "verdict"),
    [
        ("less", (-2, -3, -1), {}, "agrees"),
        ("less", (2, 1, 3), {}, "misses"),
        ("less", (-1, -3, 1), {}, "unclear"),
        ("less", (0, 0, 0), {}, "misses"),
        ("more", (2, 1, 3), {"value": 2.5}, "agrees"),
        ("more", (2, 1, 3), {"value": 9.0}, "direction"),
        ("more", (2, 1, 3), {"value": 9.0, "low": 2.9, "high": 20.0}, "agrees"),
        ("more", (0, -0.1, 0.1), {"value": 9.0}, "misses"),
        ("more", (1, -1, 3), {"value": 2.0}, "unclear"),
        ("more", (2, 1, 3), {"value": 3.0}, "agrees"),
        ("more", (2, 1, 3), {"value": 1.0}, "agrees"),
        ("more", (2, 1, 3), {"value": 5.0, "low": 2.5}, "agrees"),
        ("more", (2, 1, 3), {"value": 0.5, "high": 1.5}, "agrees"),
        ("more", (1, 0, 2), {}, "unclear"),
        ("more", (-1, -2, 0), {}, "unclear"),
        ("more", (1, 0, 2), {"value": 9.0}, "misses"),
        ("none", (0, -0.1, 0.1), {"tolerance": 0.2}, "agrees"),
        ("none", (0.1, -0.1, 0.3), {"tolerance": 0.2}, "unclear"),
        ("none", (-0.5, -0.6, -0.4), {"tolerance": 0.2}, "misses"),
        ("less", (np.nan, np.nan, np.nan), {}, "unclear"),
        ("less", (-2, -3, -1), {"given": True}, "given"),
    ],
)
def test_verdicts(sign: str, bounds: tuple[float, float, float], more: dict[str, object], verdict: str) -> None:
    assert found(sign, bounds, **more).verdict == verdict


def test_every_experiment_is_replayed_or_says_why_not() -> None:
    listed = load_experiments()
    assert len({each.name for each in listed}) == len(listed)
    for each in listed:
        assert bool(each.cannot) != bool(each.measures)
        assert reference_of(each, 40, 1, 1).run.weeks == each.weeks
        if each.levers:
            assert len(with_treatment(each, reference_of(each, 40, 1, 1)).levers) == len(each.levers)


def test_the_words_of_a_measure_go_the_way_of_its_sign() -> None:
    """The figure has less at the left and more at the right: "less responsive" as more minutes would be misread."""
    ways = {"less": "less", "fewer": "less", "more": "more", "some": "more", "longer": "more"}
    for measure in (each for experiment in load_experiments() for each in experiment.measures):
        assert ways.get(measure.says.split()[0], measure.sign) == measure.sign, measure.says
        falls = re.match(r"(\d+) to (\d+) ", measure.says)
        assert falls is None or (int(falls[2]) > int(falls[1])) == (measure.sign == "more"), measure.says


def test_the_page_names_every_study_with_its_source() -> None:
    page = (Path(__file__).parent.parent / "docs" / "experiments.md").read_text(encoding="utf-8")
    for each in load_experiments():
        last = each.cannot or each.difference
        assert f"| `{each.name}` | {each.source} ({each.strength}) | {each.published} | {last} |" in page, each.name


WRONG = [
    ({"measures": [{"outcome": "fatige", "says": "", "scale": "sd", "sign": "less"}]}, "did you mean 'fatigue'"),
    ({"measures": [{"outcome": "fatigue", "says": "", "scale": "sd", "sign": "none"}]}, "needs a tolerance"),
    ({"measured": [0, 5]}, "lies outside the 2 weeks"),
    ({"difference_zh": ""}, "in both languages"),
    ({"cannot": "too hard"}, "either levers and measures, or 'cannot'"),
]


@pytest.mark.parametrize(("change", "message"), WRONG, ids=[each[1][:16] for each in WRONG])
def test_mistakes_in_the_file_are_told(change: dict[str, object], message: str) -> None:
    data = load_experiments()[0].model_dump()
    with pytest.raises(ValueError, match=message):
        Experiment.model_validate(data | change)


def test_what_is_said_of_replays_is_chinese_in_chinese() -> None:
    """But for names of parameters and commands, and those of the studies' authors."""
    measures = [one for each in load_experiments() for one in each.measures]
    some = [Replication(load_experiments()[0], one, -2.0, -3.0, -1.0) for one in measures]
    with speaking("zh"):
        said = as_text(print_replication, load_experiments(), some, width=1000)
    assert not re.findall(r"\b(?:less|more|none)\b|[a-z]{3,} [a-z]{3,}", re.sub("`[^`]*`", "", said))
    assert all(each.difference_zh or each.cannot_zh for each in load_experiments())


@pytest.mark.parametrize("width", range(60, 130, 5))
def test_no_cell_is_cut_in_chinese(width: int) -> None:
    """A blank behind wide letters at the end of a line cost the last letter of it, as in [+12.0… for [+12.0,."""
    chosen_ones = [each for each in load_experiments() if each.name.startswith(("pielot", "kubo"))]
    some = [Replication(each, one, 14.1, 12.0, 15.0) for each in chosen_ones for one in each.measures]
    with speaking("zh"):
        assert "…" not in as_text(print_replication, [], some, width=width)


def test_an_interval_that_is_not_known_is_not_written() -> None:
    kubo = next(each for each in load_experiments() if each.name == "kubo_2018")
    assert simulated(Replication(kubo, kubo.measures[0], 14.1, math.nan, math.nan)) == "+14.1 min/night per h"
    assert simulated(Replication(kubo, kubo.measures[0], 14.1, 12.0, 15.0)).endswith("per h [+12.0, +15.0]")


@pytest.mark.parametrize("width", [80, 200])
def test_names_of_experiments_are_broken_between_their_words(width: int) -> None:
    experiments = [each for each in load_experiments() if each.measures]
    some = [Replication(each, each.measures[0], -0.0432, -0.0542, -0.0321) for each in experiments]
    lines = as_text(print_replication, [], some, width=width).splitlines()
    assert max(map(len, lines)) <= width
    cells = [found[1] for text in lines if (found := re.match(r" (\S+)  ", text)) and found[1] != "experiment"]
    ends = [text for text in cells if not text.endswith("_")]
    assert len(ends) == len(experiments)
    assert "".join(cells) == "".join(each.name for each in experiments)
    assert (len(cells) > len(ends)) == (width == 80)


def test_experiments_are_chosen_by_the_beginning_of_their_names() -> None:
    assert [each.name for each in select_experiments(["fitz"], False)] == [
        "fitz_2019_three_rounds",
        "fitz_2019_hourly",
        "fitz_2019_none",
    ]
    assert len(select_experiments([], True)) == len(load_experiments())
    with pytest.raises(InputError, match="did you mean 'pielot_2017'"):
        select_experiments(["pielot_2071"], False)
    with pytest.raises(InputError, match="--all"):
        select_experiments([], False)


def test_effects_are_those_of_the_tables() -> None:
    each = select_experiments(["pielot_2017"], False)[0]
    reference = reference_of(each, 60, 1, 3)
    data = reference.model_dump()
    data["run"]["warmup_days"] = 7
    reference = type(reference).model_validate(data)
    tables = side_by_side(simulate(with_treatment(each, reference)), simulate(reference))
    seen = {one.measure.outcome: one for one in effects_of(each, tables, reference.name)}
    weeks = tables["person_week"].collect()
    weeks = weeks[["world", "week", "output_minutes", "interruptions", "workdays"]].filter(week=0)
    there, here = (weeks.filter(weeks["world"].cast(str) == name) for name in (each.name, reference.name))
    expected = there["interruptions"].sum() / there["workdays"].sum() / (
        here["interruptions"].sum() / here["workdays"].sum()
    ) - 1  # fmt: skip
    assert seen["interruptions"].value == pytest.approx(expected, abs=1e-6)
    assert seen["interruptions"].value < -0.5


def test_two_draws_of_parameters_are_no_firms_and_no_people() -> None:
    """Draws with other levels and effects: a standard deviation is that between people of a draw, and draws widen."""
    each = select_experiments(["karabinski_2021"], False)[0]
    tables = economy(3, worlds=("usual", each.name), replicates=4, weeks=range(each.weeks))
    number = pl.col("replicate").cast(pl.Float32)
    change = 3 * number + pl.when(pl.col("world") == each.name).then(0.5 + number).otherwise(0.0)
    tables["person_week"] = tables["person_week"].with_columns((pl.col("detachment") + change).cast(pl.Float32))
    sure, drawn = (effects_of(each, tables, "usual", uncertain)[0] for uncertain in (False, True))
    first, last = each.measured
    usual = tables["person_week"].filter(pl.col("world") == "usual", pl.col("week").is_between(first, last))
    people = usual.group_by("replicate", "firm", "person").agg(pl.col("detachment").cast(pl.Float64).mean())
    spread = people.group_by("replicate").agg(pl.col("detachment").var())["detachment"].mean() ** 0.5
    effect = 0.5 + usual["replicate"].mean()
    assert (sure.value, drawn.value) == pytest.approx((effect / spread, effect / spread), rel=1e-4)
    assert drawn.high - drawn.low > 3 * (sure.high - sure.low)
    alike = pl.when(pl.col("world") == each.name).then(5.0).otherwise("detachment")  # there, who have no spread
    tables["person_week"] = tables["person_week"].with_columns(alike.cast(pl.Float32).alias("detachment"))
    (seen,) = effects_of(each, tables, "usual")
    assert seen.value == pytest.approx((5.0 - usual["detachment"].mean()) / spread, rel=1e-4)


def test_fewer_than_six_firms_give_no_interval_and_no_verdict() -> None:
    """As everywhere else: with two firms an interval is 13 standard errors to each side."""
    each = select_experiments(["karabinski_2021"], False)[0]
    for firms, known in ((5, False), (6, True)):
        tables = economy(1, worlds=("usual", each.name), replicates=1, firm_count=firms, weeks=range(each.weeks))
        change = pl.when(pl.col("world") == each.name).then(0.5 + 0.01 * pl.col("firm")).otherwise(0.0)
        tables["person_week"] = tables["person_week"].with_columns((pl.col("detachment") + change).cast(pl.Float32))
        seen = effects_of(each, tables, "usual")[0]
        assert math.isfinite(seen.value)
        assert (seen.has_interval, math.isfinite(seen.high), seen.verdict != "unclear") == (known, known, known)
        assert ("fewer than 6 firms" in as_text(print_replication, [each], [seen])) == (not known)


def test_an_effect_per_hour_is_one_change_over_the_other() -> None:
    """From 12 to 14 h of rest people sleep 400 and 430 min: 15 min more per hour, in every firm."""
    each = select_experiments(["kubo_2018"], False)[0]
    tables = economy(1, worlds=("usual", each.name), replicates=1, firm_count=6, weeks=range(each.weeks))
    more = (pl.col("world") == each.name).cast(pl.Float32)
    tables["person_week"] = tables["person_week"].with_columns(
        rests=pl.lit(5), rest_minutes=5 * 60 * (12 + 2 * more), sleep_minutes=7 * (400 + 30 * more)
    )
    seen = {one.measure.outcome: one for one in effects_of(each, tables, "usual")}["sleep_minutes"]
    assert (seen.value, seen.low, seen.high) == pytest.approx((15.0, 15.0, 15.0))


def test_no_interval_says_that_more_than_all_of_it_goes() -> None:
    """One firm of six keeps its interruptions, and without it nothing would be left."""
    each = select_experiments(["pielot_2017"], False)[0]
    tables = economy(1, worlds=("usual", each.name), replicates=1, firm_count=6, weeks=range(each.weeks))
    gone = (pl.col("world") == each.name) & (pl.col("firm") < 5)
    tables["person_week"] = tables["person_week"].with_columns(
        interruptions=pl.when(gone).then(0).otherwise("interruptions")
    )
    seen = {one.measure.outcome: one for one in effects_of(each, tables, "usual")}["interruptions"]
    assert seen.value < -0.7
    assert seen.low == -1.0


def test_the_command_prints_published_and_simulated(call: Call) -> None:
    done = call("replicate", "siegel", "vacation", "--people", 40, "--replicates", 1, "--figure", "f.png")
    assert done.code == 0, done.err
    assert "performance" in done.out
    said = " ".join(done.out.split())
    assert "vacation_meta_analyses: no replay: leave is taken" in said
    assert "fewer than 6 firms give none" in said
    assert "intervals are chance alone" not in said  # there are none
    assert "A single replicate cannot show" in call("replicate", "siegel", "--people", 160, "--replicates", 1).out
    for name in ("fits", ""):
        wrong = call("replicate", name)
        assert wrong.code == 2
        assert f"unknown experiment '{name}'" in wrong.err
    done = call("replicate", "mark_2008", "--figure", "g.png")
    assert (done.code, "No figure: nothing was replayed." in done.out, "Parameters" in done.out) == (0, True, False)
