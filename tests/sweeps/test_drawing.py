"""Tables of effects and figures of sweeps: they show the numbers of the runs, whatever the design."""

import functools
import json
import math
import re
from collections.abc import Callable
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from matplotlib.collections import LineCollection, QuadMesh
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from polars.testing import assert_frame_equal
from rich.console import Console
from scipy.stats import t as student

from sim.core.errors import ResultsError
from sim.core.parameters import ROWS
from sim.figures import responses as responses_mod
from sim.figures import words
from sim.figures.numerals import number
from sim.figures.sweep_axes import level_texts
from sim.figures.words import translate
from sim.outcomes import BY_NAME
from sim.publishing.answers import of_sweep
from sim.publishing.sections import provenance
from sim.studies.study import Setup
from sim.sweeps import effects as module
from sim.sweeps import regions, session
from sim.sweeps.drawing import as_results, draw, shown_tables
from sim.sweeps.effects import AxisLevels, store_tables
from sim.sweeps.folder import Sweep, complete_rows, read_rows, write_rows
from tests.conftest import Call
from tests.drawable import Pictures
from tests.sweeps.helpers import effects, made, pretended, responses

LEVELS = {
    "share_burnt_out": 0.4, "waiting": 4.0, "output_per_hour": 40.0,
}  # fmt: skip
GRID = """
title = "A small grid"
title_zh = "小网格"
scenarios = ["pilot_ban"]
replicates = 4
[run]
people = 300
years = 1.0
[[axes]]
name = "levers.enforcement.fine_yuan"
values = [0, 300, 1000]
label = "fine"
label_zh = "罚款"
[[axes]]
name = "cost_mail"
values = [1.0, 2.0]
"""
DRAWN = """
title = "Two rules under doubt"
scenarios = ["pilot_ban", "quiet_hours"]
method = "lhs"
points = 40
replicates = 2
[run]
people = 300
years = 1.0
[[axes]]
name = "cost_mail"
low = 1.0
high = 2.0
[[axes]]
name = "reaction_minutes"
low = 1.0
high = 100.0
scale = "log"
[[axes]]
name = "mechanisms.m6_norms"
values = [true, false]
"""


def pretend(folder: Path, text: str, **more: Any) -> Sweep:
    """Make a sweep with made-up rows and its tables."""
    design = folder / "design.toml"
    design.write_text(text, encoding="utf-8")
    sweep = made(design, folder)
    pretended(sweep, LEVELS, **more)
    store_tables(sweep.folder)
    return sweep


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    return pretend(tmp_path_factory.mktemp("grid"), GRID)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Sweep]:
    """Make the sweep of a design once for all tests that change nothing in it."""
    return functools.cache(lambda text: pretend(tmp_path_factory.mktemp("shared"), text))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    return pretend(tmp_path_factory.mktemp("drawn"), DRAWN)


def figures(sweep: Sweep, language: str = "en") -> Pictures:
    """Draw without writing files."""
    return Pictures(*shown_tables(sweep), language)


@pytest.fixture(scope="module")
def pictures(grid: Sweep) -> Pictures:
    return figures(grid)


def texts(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def lines(figure: Figure, tag: str) -> list[Any]:
    found = [line for axes in figure.axes for line in axes.lines if line.get_gid() == tag]
    assert found, tag
    return [np.column_stack(line.get_data()) for line in found]


def test_a_response_is_the_mean_of_paired_differences_with_an_interval_over_replicates(grid: Sweep) -> None:
    runs = read_rows(grid)
    both = runs.join(runs, left_on=["reference", "replicate"], right_on=["condition", "replicate"], suffix="_there")
    both = both.filter(pl.col("fine_yuan") == 300).with_columns(change=pl.col("waiting") - pl.col("waiting_there"))
    each = both.group_by("replicate").agg(pl.col("change").mean())["change"]
    row = responses(grid).filter(
        pl.col("outcome") == "waiting", pl.col("axis") == "fine_yuan", pl.col("level") == 300, pl.col("by").is_null()
    ).row(0, named=True)  # fmt: skip
    half = student.ppf(0.975, 3) * float(each.std()) / 2  # of four replicates
    assert (row["points"], row["replicates"], row["pairs"], row["over"]) == (2, 4, 4, "replicates")
    assert row["difference"] == pytest.approx(each.mean())
    assert (row["low"], row["high"]) == pytest.approx((each.mean() - half, each.mean() + half))
    assert row["value"] - row["reference"] == pytest.approx(row["difference"])


def test_pairing_narrows_intervals_and_stored_tables_are_those_of_the_rows(grid: Sweep) -> None:
    found = pl.read_parquet(grid.folder / "responses.parquet")
    assert found.equals(responses(grid))
    assert pl.read_parquet(grid.folder / "effects.parquet").equals(effects(grid))
    known = found.filter(pl.col("outcome") == "waiting").drop_nulls("low")
    assert known.height > 5
    assert ((known["high"] - known["low"]) < 0.5 * (known["value_high"] - known["value_low"])).all()


def test_a_replicate_that_lacks_a_run_of_a_level_does_not_count_there(tmp_path: Path) -> None:
    sweep = pretend(tmp_path, GRID, without={(3, 3)})
    about = sweep.plan.conditions.row(3, named=True)
    assert not about["is_reference"]
    found = responses(sweep).filter(
        pl.col("outcome") == "waiting", pl.col("axis") == "fine_yuan", pl.col("by").is_null()
    )
    counts = dict(found.select("level", "replicates").iter_rows())
    assert counts.pop(about["fine_yuan"]) == 3
    assert set(counts.values()) == {4}
    assert "numbers rest on 3 to 4 of 4 replicates" in " ".join(texts(figures(sweep)["response_fine_yuan"]).split())


def test_an_outcome_that_is_undefined_in_a_run_counts_as_one_that_the_run_lacks(tmp_path: Path) -> None:
    """It took with it the means over all other replicates and points, although the number of pairs left it out."""
    for name in ("whole", "lacking"):
        (tmp_path / name).mkdir()
    sweep, lacking = pretend(tmp_path / "whole", GRID), pretend(tmp_path / "lacking", GRID, without={(3, 3)})
    here = pl.when((pl.col("condition") != 3) | (pl.col("replicate") != 3))
    rows = read_rows(sweep).with_columns(here.then("waiting").otherwise(math.nan))
    (shard,) = (sweep.folder / "shards").rglob("*.parquet")
    write_rows(sweep, str(shard.relative_to(sweep.folder)), rows)
    for made_of, columns in ((responses, ()), (effects, ("replicates",))):
        undefined, absent = (made_of(each).filter(outcome="waiting").drop(columns) for each in (sweep, lacking))
        assert undefined["value"].is_finite().all()
        assert_frame_equal(undefined, absent)
    assert effects(sweep).filter(outcome="waiting", condition=3)[["replicates", "pairs"]].rows() == [(4, 3)]


def test_ranges_that_were_drawn_have_bins_with_intervals_over_points(drawn: Sweep) -> None:
    found = responses(drawn).filter(
        pl.col("outcome") == "waiting", pl.col("axis") == "cost_mail", pl.col("scenario") == "quiet_hours"
    )
    assert set(found["over"]) == {"points"}
    assert set(found["replicates"]) == {2}
    assert found["points"].sum() == 40  # with and without a mechanism at each, which are no two points
    assert (found["low_end"] <= found["level"]).all()
    assert (found["level"] <= found["high_end"]).all()
    inside = effects(drawn).filter(
        pl.col("outcome") == "waiting", pl.col("scenario") == "quiet_hours",
        pl.col("cost_mail").is_between(found["low_end"][1], found["high_end"][1]),
    )  # fmt: skip
    assert found["difference"][1] == pytest.approx(inside["difference"].mean())
    assert inside.height == 10
    each = inside.group_by("cost_mail").agg(pl.col("difference").mean())["difference"]
    half = student.ppf(0.975, 4) * float(each.std()) / math.sqrt(5)  # type: ignore[arg-type]
    assert found["high"][1] - found["difference"][1] == pytest.approx(half)


def test_points_that_were_crossed_with_listed_values_are_not_said_to_lack_runs(
    drawn: Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "SOBOL_POINTS": 256,
        "PAIR_POINTS": 256,
        "INTERVAL_POINTS": 16,
        "MAP_STEPS": 3,
        "DRAWS_PER_CELL": 4,
        "EMULATORS": 2,
    }.items():
        monkeypatch.setattr(regions, name, value)
    silent = Console(file=StringIO())
    places = (tmp_path / "made", tmp_path / "library")
    regions.show_regions(drawn.folder, ("waiting",), Setup(*places, 1, False, silent, silent, {}, "en", None))
    facts = json.loads((tmp_path / "made" / "manifest.json").read_text("utf-8"))
    assert facts["designed"] == 40
    assert facts["people_reached"] == sum(310 + 20 * replicate for replicate in range(drawn.replicates))


def test_intervals_and_bins_by_hand() -> None:
    """Student's t of one degree of freedom is 12.706, of four 2.776; one run has no interval, equal ones a point."""
    found = module._half_width(pl.Series([2.0, 2.0, 0.0, 2.0, None]), pl.Series([2, 5, 5, 1, 0]))
    assert found[:2].to_list() == pytest.approx([12.706 * 2 / 2**0.5, 2.776 * 2 / 5**0.5], rel=1e-3)
    assert found[2:].to_list() == [0.0, None, None]
    three = module._bins(pl.Series("x", [float(k) for k in range(15)] * 2))
    assert three["place"].to_list() == [0] * 5 + [1] * 5 + [2] * 5
    assert three.row(7, named=True) | {"name": ""} == {
        "x": 7.0, "place": 1, "level": 7.0, "low_end": 5.0, "high_end": 9.0, "name": "",
    }  # fmt: skip
    counts = {number: module._bins(pl.Series("x", range(number)))["place"].n_unique() for number in (11, 16, 49, 99)}
    assert counts == {11: 2, 16: 3, 49: 9, 99: 10}


def test_means_and_spreads_of_runs_and_of_their_pairs_by_hand() -> None:
    """Runs of 1, 3 and 8 beside 0, 1 and an unknown: differences of 1 and 2 with an sd of the root of a half."""
    runs = pl.DataFrame({"here": [1.0, 3.0, 8.0, None], "there": [0.0, 1.0, None, 5.0]})
    found = runs.select(**module._sums()).row(0, named=True)
    assert found == {
        "replicates": 4, "value": 4.0, "value_spread": pytest.approx(13**0.5), "count": 3, "pairs": 2, "reference": 0.5,
        "difference": 1.5, "difference_spread": pytest.approx(0.5**0.5),
    }  # fmt: skip
    keys = {"sampled": pl.Series([1, 1, 2, 2]), "replicate": pl.Series([0, 1, 0, 1])}
    points = runs.with_columns(**keys, outcome=pl.lit("x"), scenario=pl.lit("y"))
    (row,) = module._over_points(points.with_columns(pl.lit(0).alias("place a")), "a").to_dicts()
    assert [row[key] for key in ("points", "runs", "value", "pairs", "difference", "reference")] == [
        2, 2, 5.0, 1, 1.5, 0.5,
    ]  # fmt: skip
    lacking = points.head(2).with_columns(here=pl.Series([10.0, 20.0]), there=pl.Series([9.0, None]), place_a=0)
    (row,) = module._over_points(lacking.rename({"place_a": "place a"}), "a").to_dicts()
    assert [row[key] for key in ("value", "difference", "reference")] == [15.0, 1.0, 9.0]


def test_curves_and_cells_show_the_numbers_of_the_tables(grid: Sweep, pictures: Pictures) -> None:
    assert set(pictures) == {
        "response_fine_yuan", "response_cost_mail", "levels_fine_yuan", "levels_cost_mail", "map_fine_yuan_cost_mail",
    }  # fmt: skip
    known = responses(grid).filter(pl.col("outcome") == "share_burnt_out", pl.col("axis") == "fine_yuan")
    cells = known.filter(pl.col("by") == "cost_mail").sort("place", "by_place")
    curve = lines(pictures["response_fine_yuan"], "curve share_burnt_out 1")[0]
    assert curve[:, 1] == pytest.approx(100 * cells.filter(pl.col("by_place") == 1)["difference"].to_numpy())
    mesh = next(
        each
        for each in pictures["map_fine_yuan_cost_mail"].findobj(QuadMesh)
        if each.get_gid() == "map share_burnt_out"
    )
    assert np.asarray(mesh.get_array()).T.ravel() == pytest.approx(100 * cells["difference"].to_numpy())  # it lies
    assert "Differences from “Today's rules”" in texts(pictures["response_fine_yuan"])
    level = lines(pictures["levels_cost_mail"], "reference waiting")[0]
    mine = responses(grid).filter(pl.col("outcome") == "waiting", pl.col("axis") == "cost_mail", pl.col("by").is_null())
    assert level[:, 1] == pytest.approx(mine["reference"].to_numpy())


def test_references_that_differ_between_curves_have_their_colours(pictures: Pictures) -> None:
    """Each message of mail costs something else under today's rules, too; fines change nothing there."""
    for name, count, text in (
        ("fine_yuan", 2, "today's rules, each in its colour"),
        ("cost_mail", 1, "today's rules"),
    ):
        axes = pictures[f"levels_{name}"].axes[0]
        drawn: dict[str, list[Any]] = {}
        for line in axes.get_lines():
            drawn.setdefault(str(line.get_gid()).split()[0], []).append(to_hex(line.get_color()))
        assert len(drawn["reference"]) == count
        assert (drawn["reference"] == drawn["curve"]) == (count > 1)
        assert pictures[f"levels_{name}"].legends[0].get_texts()[-1].get_text() == text


@pytest.mark.parametrize(("values", "even"), [([0, 300, 1000], False), ([0, 30, 300, 3000], True)])
def test_levels_that_lie_close_are_at_equal_distances(tmp_path: Path, values: list[int], even: bool) -> None:
    """Else the marks of several curves would mix: of 3,000 yuan 30 are a hundredth."""
    drawn = figures(pretend(tmp_path, GRID.replace("[0, 300, 1000]", str(values))))["response_fine_yuan"]
    axes = drawn.axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == [f"{value:,}" for value in values]
    assert axes.get_xticks() == pytest.approx(list(range(len(values))) if even else values)
    assert ("not to scale" in texts(drawn)) == even
    (curve,) = [line for line in axes.lines if line.get_gid() == "curve share_burnt_out 0"]
    assert curve.get_linewidth() > 0  # numbers have values in between, other than words


def test_values_that_were_listed_are_no_bins(tmp_path: Path) -> None:
    listed = '[[axes]]\nname = "look_seconds"\nvalues = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]\n'
    sweep = pretend(tmp_path, DRAWN[: DRAWN.rindex("[[axes]]")].replace("points = 40", "points = 4") + listed)
    found = responses(sweep).filter(
        pl.col("by").is_null(), scenario="pilot_ban", axis="look_seconds", outcome="waiting"
    )
    levels = AxisLevels(sweep)
    assert levels.drawn == {"cost_mail", "reaction_minutes"}
    assert found["level"].to_list() == [float(n) for n in range(1, 13)]


@pytest.mark.parametrize("count", [responses_mod.MANY_LEVELS, responses_mod.MANY_LEVELS + 1])
def test_words_have_marks_however_many_they_are(tmp_path: Path, count: int) -> None:
    days = [f"2026-{month:02}-0{day}" for month in range(2, 11) for day in (2, 9)][:count]
    design = 'title = "Starts"\nscenarios = ["pilot_ban"]\nreplicates = 3\n[run]\npeople = 300\nyears = 1.0\n[[axes]]\n'
    sweep = pretend(tmp_path, f'{design}name = "levers.ban.start"\nvalues = {days}\n')
    axes = figures(sweep)["response_start"].axes[0]
    (curve,) = [line for line in axes.lines if line.get_gid() == "curve share_burnt_out pilot_ban"]
    assert len(curve.get_xdata()) == count
    assert curve.get_marker() == "o"  # there is no line between words
    (bars,) = [each for each in axes.collections if each.get_gid() == "interval share_burnt_out pilot_ban"]
    assert isinstance(bars, LineCollection)


def test_a_word_none_of_whose_runs_came_out_leaves_the_others_their_places(tmp_path: Path) -> None:
    days = ["2026-02-02", "2026-03-02", "2026-04-06"]
    design = 'title = "Starts"\nscenarios = ["pilot_ban"]\nreplicates = 2\n[run]\npeople = 300\nyears = 1.0\n[[axes]]\n'
    sweep = pretend(tmp_path, f'{design}name = "levers.ban.start"\nvalues = {days}\n', without={(3, 0), (3, 1)})
    assert sweep.plan.conditions.row(3, named=True)["start"] == days[1]
    picture = figures(sweep)["response_start"]
    axes, (curve,) = picture.axes[0], lines(picture, "curve share_burnt_out pilot_ban")
    ticks = dict(zip(axes.get_xticks(), [text.get_text() for text in axes.get_xticklabels()], strict=True))
    assert [ticks[place] for place in curve[:, 0]] == [days[0], days[2]]
    assert axes.get_xlim()[1] > curve[:, 0].max()


def test_words_of_values_are_chinese_in_chinese_alone(tmp_path: Path) -> None:
    design = 'title = "Hours"\nscenarios = ["pilot_ban"]\nreplicates = 2\n[run]\npeople = 300\nyears = 1.0\n[[axes]]\n'
    design += 'name = "levers.ban.hours"\nvalues = ["off", "always"]\nvalues_zh = ["下班后", "全天"]\n[[axes]]\n'
    design += 'name = "mechanisms.m1_work"\nvalues = [false, true]\nvalues_zh = ["关闭", "开启"]\n'
    sweep = pretend(tmp_path, design)
    for language, hours, work in (
        ("en", ["off", "always"], ["off", "on"]),
        ("zh", ["下班后", "全天"], ["关闭", "开启"]),
    ):
        with words.speaking(language):
            axes, found = figures(sweep, language)["map_hours_m1_work"].axes[0], as_results(sweep.folder)
            said = of_sweep(found.tables, found.manifest).sentences
        told = [[text.get_text() for text in ticks()] for ticks in (axes.get_yticklabels, axes.get_xticklabels)]
        assert sorted(told) == sorted([hours, work])
        assert any(f"{hours[0]}" in text or f"{work[0]}" in text for text in said[1:])


def test_a_logarithmic_axis_of_which_one_level_came_out_is_drawn(tmp_path: Path) -> None:
    axis = '[[axes]]\nname = "reaction_minutes"\nvalues = [1, 100]\nscale = "log"\n'
    design = 'title = "Alone"\nscenarios = ["status_quo"]\nreplicates = 2\n[run]\npeople = 300\nyears = 1.0\n'
    sweep = pretend(tmp_path, design + axis, without={(1, 0), (1, 1)})
    (axes, *_) = figures(sweep)["levels_reaction_minutes"].axes
    assert [text.get_text() for text in axes.get_xticklabels()] == ["1"]


def test_small_multiples_say_how_many_axes_they_leave_out(tmp_path: Path) -> None:
    many = ("act_base", "act_expectation", "cost_mail", "evade", "norm_peers", "reaction_minutes", "refuse_share")
    listed = "".join(f'[[axes]]\nname = "{name}"\nvalues = [{ROWS[name].low}, {ROWS[name].value}]\n' for name in many)
    design = DRAWN[: DRAWN.index("[[axes]]")].replace('method = "lhs"\npoints = 40', 'method = "list"')
    picture = figures(pretend(tmp_path, design + listed))["panels_share_burnt_out"]
    assert len(picture.axes) == 2 * responses_mod.MOST_CURVES
    assert f"The first {responses_mod.MOST_CURVES} of {len(many)} axes." in picture.notes


@pytest.mark.parametrize("count", [responses_mod.MOST_CURVES, responses_mod.MOST_CURVES + 1])
def test_a_curve_that_is_an_average_over_the_other_axis_says_so(shared: Callable[[str], Sweep], count: int) -> None:
    fines = [100 * place for place in range(count)]
    design = GRID.replace("values = [0, 300, 1000]", f"values = {fines}")
    picture = figures(shared(design))["response_cost_mail"]
    curves = {line.get_gid() for line in picture.axes[0].lines if str(line.get_gid()).startswith("curve ")}
    assert len(curves) == (count if count <= responses_mod.MOST_CURVES else 1)
    assert ("Averaged over: fine." in picture.notes) == (len(curves) == 1)


def test_axes_of_a_list_vary_together_and_nothing_is_averaged(tmp_path: Path) -> None:
    axes = "".join(f'[[axes]]\nname = "{name}"\nvalues = [1.0, 1.5, 2.0]\n' for name in ("cost_mail", "cost_call"))
    design = DRAWN[: DRAWN.index("[[axes]]")].replace('method = "lhs"\npoints = 40', 'method = "list"')
    sweep = pretend(tmp_path, design + axes)
    pictures = figures(sweep)
    assert "Varied together with it: cost call." in pictures["response_cost_mail"].notes
    assert words.say("sweep_together_others") in pictures["panels_share_burnt_out"].notes
    results = as_results(sweep.folder)
    moved = results.tables["responses"].with_columns(difference=pl.col("level"))
    said = of_sweep(results.tables | {"responses": moved}, results.manifest).sentences
    assert "the other axes change with it" in said[1]
    assert not any("veraged" in text for text in (*said, *(picture.notes for picture in pictures.values())))


def test_means_of_levels_over_fewer_points_than_those_of_others_are_told(
    tmp_path: Path, shared: Callable[[str], Sweep]
) -> None:
    fines = [100 * place for place in range(responses_mod.MOST_CURVES + 1)]
    design = GRID.replace("values = [0, 300, 1000]", f"values = {fines}")
    lacking = pretend(tmp_path, design, without={(3, replicate) for replicate in range(4)})
    for sweep, uneven in ((shared(design), False), (lacking, True)):
        assert (words.say("sweep_uneven") in figures(sweep)["response_cost_mail"].notes) == uneven


def test_an_axis_with_a_single_value_was_not_varied(grid: Sweep, pictures: Pictures, tmp_path: Path) -> None:
    sweep = pretend(tmp_path, GRID + '[[axes]]\nname = "mechanisms.m6_norms"\nvalues = [true]\n')
    found = figures(sweep)
    assert found.keys() == pictures.keys()
    assert {name: each.notes for name, each in found.items()} == {name: each.notes for name, each in pictures.items()}
    results, usual = as_results(sweep.folder), as_results(grid.folder)
    assert of_sweep(results.tables, results.manifest).sentences == of_sweep(usual.tables, usual.manifest).sentences


@pytest.mark.parametrize("failed", [False, True])
def test_without_an_axis_or_a_run_that_came_out_there_is_nothing_to_draw(
    tmp_path: Path, call: Call, failed: bool
) -> None:
    design = tmp_path / "bare.toml"
    design.write_text(GRID if failed else GRID[: GRID.index("[[axes]]")], encoding="utf-8")
    sweep = made(design, tmp_path)
    if failed:
        every = product(range(sweep.plan.conditions.height), range(sweep.replicates))
        why = {"error": "raised", "reason": "ValueError: no", "seconds": 1.0, "round": 1}
        rows = complete_rows(sweep, [why | {"condition": condition, "replicate": k} for condition, k in every])
        write_rows(sweep, f"shards/00/{1:024}.parquet", rows)
    else:
        pretended(sweep, LEVELS)
    store_tables(sweep.folder)
    assert draw(sweep.folder) == []
    assert shown_tables(sweep)[1]["scenarios"] == ["pilot_ban"]
    done = call("plot", sweep.folder)
    why_not = "all runs of this sweep have failed" if failed else "nothing was varied in this sweep"
    assert (done.code, why_not in done.err) == (3, True)


def test_few_points_that_were_drawn_are_no_levels(tmp_path: Path) -> None:
    """Each of eight points has values of its own: a curve along one axis is no average over the other."""
    text = DRAWN.replace("points = 40", "points = 8")
    sweep = pretend(tmp_path, text[: text.rindex("[[axes]]")])
    assert AxisLevels(sweep).drawn == {"cost_mail", "reaction_minutes"}
    assert set(responses(sweep)["over"]) == {"points"}
    assert not [name for name in figures(sweep) if name.startswith("map")]


def test_whole_levels_are_written_whole(tmp_path: Path) -> None:
    design = 'title = "Seeds"\nscenarios = ["pilot_ban"]\nreplicates = 2\n[run]\npeople = 300\nyears = 1.0\n'
    listed = '[[axes]]\nname = "run.seed"\nvalues = [20261125, 20261126, 20261128]\n'
    figure = figures(pretend(tmp_path, design + listed))["response_seed"]
    written = " ".join(texts(figure).split())
    assert "seed 20261125–20261128." in written
    assert "A run measures 320 people in 12 firms over 35 weeks, on average." in written
    axes = figure.axes[0]
    ticks = dict(zip(axes.get_xticks(), [text.get_text() for text in axes.get_xticklabels()], strict=True))
    assert len(ticks) > 1
    assert all(text == f"{tick:,.0f}" for tick, text in ticks.items() if float(tick).is_integer())


def test_levels_that_differ_are_written_differently(tmp_path: Path) -> None:
    assert level_texts([1001.0, 1002.0]) == ["1,001", "1,002"]
    assert level_texts([1000.4, 1000.0, 0.5, 0.3333]) == ["1,000.4", "1,000", "0.5", "0.3333"]
    assert level_texts([2 / 3, 0.25, 0.25]) == ["0.667", "0.25", "0.25"]
    assert len(set(level_texts([1e-9, 1.001e-9, 1.0]))) == 3
    sweep = pretend(tmp_path, GRID.replace("[1.0, 2.0]", "[1.2341, 1.2349]").replace("[0, 300, 1000]", "[0, 300]"))
    near, pictures = {"1.234", "1.235"}, figures(sweep)
    assert near <= set(texts(pictures["map_fine_yuan_cost_mail"]).split())
    assert near <= set(texts(pictures["response_fine_yuan"]).split())
    ticks = [text.get_text() for text in pictures["response_cost_mail"].axes[0].get_xticklabels()]
    assert len(set(ticks)) == len(ticks) > 1
    results = as_results(sweep.folder)
    moved = results.tables["responses"].with_columns(difference=pl.col("level") * (pl.col("axis") == "cost_mail"))
    said = of_sweep(results.tables | {"responses": moved}, results.manifest).sentences
    assert all(level in said[1] for level in near)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hours_of_the_day_are_written_as_a_clock_shows_them(language: str, shared: Callable[[str], Sweep]) -> None:
    assert level_texts([18.6, 8.0, 23.999], clock=True) == ["18:36", "8:00", "24:00"]
    assert level_texts([18.6, 18.601], clock=True) == ["18.6", "18.601"]
    hours = 'name = "evening_clock"\nunit = "hour of the day"\nvalues = [18, 18.6]\n'
    sweep = shared(GRID.replace('name = "cost_mail"\nvalues = [1.0, 2.0]\n', hours))
    results, pictures = as_results(sweep.folder), figures(sweep, language)
    for name, figure in pictures.items():
        assert "hour of the day" not in texts(figure), name
        if name.startswith(("map", "response")):
            assert {"18:00", "18:36"} & set(texts(figure).split()), name
    moved = results.tables["responses"].with_columns(difference=pl.col("level") * (pl.col("axis") == "evening_clock"))
    with words.speaking(language):
        said = of_sweep(results.tables | {"responses": moved}, results.manifest).sentences
    assert "18:36" in said[1]
    assert "hour of the day" not in said[1]


def test_small_multiples_say_that_they_average(drawn: Sweep, tmp_path: Path) -> None:
    assert words.say("sweep_averaged_others") in figures(drawn)["panels_share_burnt_out"].notes
    alone = pretend(tmp_path, DRAWN[: DRAWN.rindex('[[axes]]\nname = "reaction')])
    assert words.say("sweep_averaged_others") not in figures(alone)["panels_share_burnt_out"].notes


def test_scenarios_and_parameters_make_small_multiples(drawn: Sweep) -> None:
    pictures = figures(drawn)
    panels = pictures["panels_share_burnt_out"]
    assert len(panels.axes) == 6
    assert len({axes.get_ylim() for axes in panels.axes}) == 1
    written = texts(panels)
    for word in ("pilot ban", "quiet hours", "cost mail", "reaction, min", "moving norms", "on", "off"):
        assert word in written
    points = lines(panels, "points share_burnt_out quiet_hours")
    assert [len(each) for each in points] == [80, 80]
    logged = pictures["response_reaction_minutes"].axes[0]
    assert logged.get_xscale() == "log"


def test_chinese_figures_have_no_english_but_names_of_values(grid: Sweep) -> None:
    for name, picture in figures(grid, "zh").items():
        assert "小网格" in texts(picture)
        assert "罚款" in texts(picture), name
        rest = set(re.findall(r"[a-z]{3,}", texts(picture))) - {"cost", "mail"}
        assert not rest, (name, rest)


def test_maps_colour_by_better_and_worse_and_say_so(pictures: Pictures) -> None:
    """Where an outcome got better its cell is blue, whether that is less waiting or more output."""
    figure = pictures["map_fine_yuan_cost_mail"]
    for mesh in (each for each in figure.findobj(QuadMesh) if str(each.get_gid()).startswith("map ")):
        outcome = mesh.get_gid().removeprefix("map ")
        values = np.asarray(mesh.get_array()).ravel()
        assert (values != 0).all()
        red, _, blue, _ = mesh.cmap(mesh.norm(values)).T
        good = values < 0 if BY_NAME[outcome].better == "lower" else values > 0
        assert ((blue > red) == good).all(), outcome
    assert "Colours: blue" in texts(figure)
    assert {"better", "worse"} <= {text.get_text() for legend in figure.legends for text in legend.get_texts()}
    assert responses_mod.colors_of("output_per_hour")(1.0) == responses_mod.colors_of("waiting")(0.0)
    assert responses_mod.colors_of("message_minutes").name == "gain"  # neither direction is better


def test_maps_explain_hatched_and_grey_cells_where_there_are_some(grid: Sweep, pictures: Pictures) -> None:
    name, hatched, grey = "map_fine_yuan_cost_mail", words.say("sweep_hatched"), words.say("sweep_missing")
    found = texts(pictures[name]).replace("\n", " ")
    assert hatched in found
    assert grey not in found
    tables, manifest = shown_tables(grid)
    clear = tables["responses"].filter((pl.col("low") > 0) | (pl.col("high") < 0))
    found = texts(Pictures({**tables, "responses": clear}, manifest)[name]).replace("\n", " ")
    assert hatched not in found
    assert grey in found
    zero = tables["responses"].with_columns(difference=0.0, low=0.0, high=0.0)
    figure = Pictures({**tables, "responses": zero}, manifest)[name]
    assert hatched in texts(figure).replace("\n", " ")
    assert sum(each.get_hatch() is not None for each in figure.findobj(Rectangle)) == 6 * responses_mod.MOST


@pytest.mark.parametrize("scenario", ["pilot_ban", "status_quo"])
@pytest.mark.parametrize(("start", "step"), [(40.0, 1e-4), (0.0, 1e-5), (0.3, 0.0)])
def test_numbers_of_a_map_differ_where_its_colours_do(
    shared: Callable[[str], Sweep], scenario: str, start: float, step: float
) -> None:
    axis = "cost_call" if scenario == "status_quo" else "levers.enforcement.fine_yuan"
    text = GRID.replace("pilot_ban", scenario).replace("levers.enforcement.fine_yuan", axis)
    tables, manifest = shown_tables(shared(text.replace("[0, 300, 1000]", "[1, 2, 3]")))
    value = start * (scenario == "status_quo") + step * (pl.col("place") + 3 * pl.col("by_place"))
    rows = tables["responses"].with_columns(difference=value, value=value)
    pictures = Pictures({**tables, "responses": rows}, manifest)
    (figure,) = (pictures[name] for name in pictures if name.startswith("map"))
    maps = [mesh for mesh in figure.findobj(QuadMesh) if str(mesh.get_gid()).startswith("map ")]
    bars = [axes for axes in figure.axes if axes not in {mesh.axes for mesh in maps}]
    assert len(bars) == len(maps) > 0
    assert all(len({text.get_text() for text in axes.get_yticklabels()}) == 3 for axes in bars)
    for mesh in maps:
        assert mesh.axes is not None
        cells = np.asarray(mesh.get_array()).ravel()
        numbers = [each for each in mesh.axes.texts if each.get_bbox_patch() is not None]
        shown = {each.get_text() for each in numbers}
        assert len(shown) == len(set(cells.tolist()))
        behind = [each.get_bbox_patch().get_facecolor() for each in numbers]  # type: ignore[union-attr]
        np.testing.assert_allclose(behind, mesh.to_rgba(cells))


@pytest.mark.parametrize("failed", [False, True])
def test_what_was_made_of_other_tables_or_counts_of_runs_does_not_stay(
    tmp_path: Path, failed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed run moves no effect, but a page says how many runs failed."""
    monkeypatch.setattr(session, "in_own_process", lambda function, task: function(task))
    sweep = pretend(tmp_path, GRID, without={(3, 3)})
    own = {path.name for path in sweep.folder.iterdir()}
    for folder in ("figures", "export/csv"):
        (sweep.folder / folder).mkdir(parents=True)
    pages = ["page.html", "report.html", "report_zh.html"]
    for page in pages:
        (sweep.folder / page).touch()
    said: list[str] = []
    session.write_tables(sweep, said.append)
    assert {path.name for path in sweep.folder.iterdir()} - own >= {"figures", "export", *pages}
    assert not said
    ended = {"error": "raised", "reason": "no"} if failed else dict.fromkeys(LEVELS, 1.0)
    rows = complete_rows(sweep, [{"condition": 3, "replicate": 3, "round": 0, **ended}])
    write_rows(sweep, f"shards/00/{1:024}.parquet", rows)
    session.write_tables(sweep, said.append)
    assert {path.name for path in sweep.folder.iterdir() if path.name[0] != "."} <= own
    assert len(said) == 1
    assert ", ".join(["export", *pages]) in said[0]
    assert "figures" not in said[0]  # they are drawn anew


def test_tables_that_a_killed_driver_left_are_not_shown_as_those_of_all_runs(tmp_path: Path) -> None:
    """It writes rows one by one and tables last: a page said that all runs were done, of numbers of half of them."""
    sweep = pretend(tmp_path, GRID, without={(condition, 3) for condition in range(8)})
    row = {"replicate": 3, "round": 0, **dict.fromkeys(LEVELS, 1.0)}
    rows = complete_rows(sweep, [row | {"condition": condition} for condition in range(8)])
    write_rows(sweep, f"shards/00/{1:024}.parquet", rows)
    results = as_results(sweep.folder)
    assert results.manifest["runs"]["done"] == 32
    assert set(results.tables["effects"]["replicates"]) == {4}
    before = {path: path.stat().st_mtime_ns for path in sweep.folder.glob("*.parquet")}
    as_results(sweep.folder)
    assert {path: path.stat().st_mtime_ns for path in sweep.folder.glob("*.parquet")} == before


def test_an_export_to_elsewhere_says_of_which_sweep_and_engine_it_is(grid: Sweep, call: Call, tmp_path: Path) -> None:
    told = call("export", grid.folder, "--xlsx", "--out", tmp_path / "elsewhere")
    assert told.code == 0, told.err
    said = " ".join(told.err.split())
    assert f"Of {grid.folder.name}: {grid.size} of {grid.size} runs, engine {grid.plan.version[:12]}" in said
    assert ("hash of the engine", grid.plan.version[:12]) in provenance(as_results(grid.folder).manifest, "x")


def test_an_outcome_that_nothing_moves_is_said_not_to_move(grid: Sweep) -> None:
    results = as_results(grid.folder)
    same = results.tables["responses"].with_columns(difference=pl.lit(-0.01))
    said = of_sweep(results.tables | {"responses": same}, results.manifest).sentences
    assert ["nothing that was varied moves it" in text for text in said] == [False, *[True] * (len(said) - 2), False]


def test_no_outcome_is_said_to_move_along_seeds(grid: Sweep) -> None:
    results = as_results(grid.folder)
    axes = results.tables["axes"].with_columns(name=pl.col("name").replace("cost_mail", "run.seed"))
    moved = results.tables["responses"].with_columns(difference=pl.col("level") * (pl.col("axis") == "cost_mail"))
    said = of_sweep(results.tables | {"axes": axes, "responses": moved}, results.manifest).sentences
    assert ["nothing that was varied moves it" in text for text in said] == [False, *[True] * (len(said) - 2), False]


def test_a_single_replicate_has_no_interval_and_says_so(tmp_path: Path) -> None:
    sweep = pretend(tmp_path, GRID.replace("replicates = 4", "replicates = 1"))
    assert responses(sweep)["low"].null_count() == responses(sweep).height
    found = figures(sweep)
    assert len(found) > 1
    for name, picture in found.items():
        assert words.say("sweep_single") in texts(picture).replace("\n", " "), name


def test_a_sweep_whose_runs_are_all_done_says_of_none_that_it_failed(drawn: Sweep) -> None:
    found = {name: texts(figure).replace("\n", " ") for name, figure in figures(drawn).items()}
    assert not [name for name, said in found.items() if "Runs failed" in said]
    assert [name for name, said in found.items() if words.say("sweep_bins") in said and "panels" in name]


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_failed_runs_are_told_and_numbers_rest_on_the_others(tmp_path: Path, language: str) -> None:
    conditions = 8
    without = {(condition, 1) for condition in range(conditions)}
    sweep = pretend(tmp_path, GRID.replace("replicates = 4", "replicates = 2"), without=without)
    assert sweep.plan.conditions.height == conditions
    reason = "the rules reach nobody: none of the firms drawn is in scope; use more people"
    why = {"error": "raised", "reason": f"InputError: {reason}", "seconds": 1.0, "round": 0}
    rows = complete_rows(sweep, [why | {"condition": condition, "replicate": 1} for condition in range(conditions - 2)])
    write_rows(sweep, f"shards/00/{1:024}.parquet", rows)
    store_tables(sweep.folder)
    results = as_results(sweep.folder)
    with words.speaking(language):
        said = of_sweep(results.tables, results.manifest).sentences
        why_not = translate(reason)
        replicates = words.counted(2, "replicate")
        rests = words.say("sweep_rests", used="1", replicates=replicates, seed=results.manifest["seed"])
        facts = {"planned": "16", "done": "14", "failed": "6", "reason": why_not}
        assert words.phrase("page", "sweep_failed", **facts) in said[0]
        assert words.phrase("page", "sweep_sure_none") == said[-1]
        at = f"1,000 {words.label('unit', 'yuan') if language == 'zh' else 'yuan'}"
    assert at in said[1]
    assert "[" not in said[1]
    for name, picture in figures(sweep, language).items():
        assert re.sub(r"\s", "", rests) in re.sub(r"\s", "", texts(picture)), name


def test_what_moves_most_has_its_intervals(grid: Sweep) -> None:
    results = as_results(grid.folder)
    first, *moves, sure = of_sweep(results.tables, results.manifest).sentences
    assert first.endswith("Done: 32 of 32 runs, and none failed.")
    rows = results.tables["responses"].filter(
        pl.col("by").is_null(), pl.col("outcome") == "share_burnt_out", pl.col("axis") == "fine_yuan"
    )
    for row in (rows.sort("place").row(at, named=True) for at in (0, -1)):
        ends = ", ".join(number(100 * row[end], 1, sign=True) for end in ("low", "high"))
        assert f"{number(100 * row['difference'], 1, sign=True)} pp [{ends}]" in moves[0]
    assert "intervals" in sure


def test_a_sweep_that_compares_nothing_has_levels_only(tmp_path: Path) -> None:
    text = GRID.replace('["pilot_ban"]', '["status_quo"]').replace("levers.enforcement.fine_yuan", "reaction_minutes")
    sweep = pretend(tmp_path, text.replace("[0, 300, 1000]", "[1, 30, 100]"))
    assert set(figures(sweep)) == {"levels_reaction_minutes", "levels_cost_mail", "map_reaction_minutes_cost_mail"}


def test_files_are_drawn_again_by_the_command_and_without_tables_it_says_why(grid: Sweep, tmp_path: Path) -> None:
    first = {path: path.read_bytes() for path in draw(grid.folder, dots=50)}
    assert len(first) == 10
    assert {path: path.read_bytes() for path in draw(grid.folder, dots=50)} == first
    design = tmp_path / "empty.toml"
    design.write_text(GRID, encoding="utf-8")
    with pytest.raises(ResultsError, match="has no tables yet"):
        draw(made(design, tmp_path).folder)
