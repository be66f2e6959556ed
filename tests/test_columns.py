"""Figures for one and for two columns of a journal: all letters are large enough, apart, and on the page."""

import functools
from itertools import pairwise
from pathlib import Path

import matplotlib.image
import polars as pl
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.figures import sheet as legible
from sim.figures.axis import asinh_axis
from sim.figures.context import setting
from sim.figures.sheet import (
    LANDSCAPE,
    ONE_COLUMN,
    TWO_COLUMNS,
    Sheet,
    TooNarrow,
    legend_mark,
    max_width,
    sheet,
    untitled,
)
from sim.figures.style import MARKS, styled
from sim.figures.traffic import draw_touched
from sim.figures.words import LANGUAGES, speaking
from sim.report import plots
from sim.report.plots import Planned
from tests import drawable, test_plots

NAMES = ("pilot_ban", "quiet_hours", "placebo")
RUN = {"timeline", "effects", "displacement", "course", "who", "heatmap"}
COMPARED = {"frontier", "ranking", "regret", "winners", "pilot_ban/winners"}
SCORED = {"pilot_ban/scorecard"}
SEARCHED = {"front_surveyed", "trade_offs_surveyed", "fails_F"}
KINDS = {"search": SEARCHED, "run": RUN, "comparison": COMPARED, "scorecard": SCORED, "sensitivity": {"moves"}}
EITHER = {
    "one": (ONE_COLUMN, "en", False),
    "one, bare": (ONE_COLUMN, "zh", True),
    "two, bare": (TWO_COLUMNS, "en", True),
}


def searched(levers: int = 4) -> dict[str, pl.DataFrame]:
    """A front over some levers, of which several have long names."""
    tables = drawable.search()
    kinds = (
        "contact_prohibition",
        "right_to_disconnect",
        "meeting_free",
        "monitoring_limits",
        "weekly_cap",
        "batching",
    )
    place = pl.col("regret") * 0.1
    more = [pl.when(pl.col("rule") != "none").then(place).alias(f"{kind}.strength") for kind in kinds[: levers - 2]]
    return tables | {"front": tables["front"].with_columns(*more)}


@functools.cache
def listed(kind: str) -> list[Planned]:
    """List the figures that both widths must hold."""
    if kind == "run":
        return [each for each in plots.planned(test_plots.tables(), test_plots.manifest()) if each.name in RUN]
    if kind == "scorecard":
        return list(plots.planned(drawable.scorecard(), drawable.overview(NAMES[:1], kind)))
    if kind == "search":
        return [each for each in plots.planned(searched(), drawable.search_about()) if each.name in SEARCHED]
    if kind == "sensitivity":
        tables = drawable.sensitivity(
            (*drawable.MOVED, *drawable.NO_PRIOR, "lapse_share", "default_risk", "wait_minutes")
        )
        return [each for each in plots.planned(tables, drawable.overview(NAMES[:1], kind)) if each.name == "moves"]
    made = plots.planned(drawable.comparison(NAMES), drawable.overview(NAMES), "en", ["pilot_ban"])
    return [each for each in made if each.name in COMPARED]


@pytest.mark.parametrize(("inches", "language", "bare"), EITHER.values(), ids=EITHER)
@pytest.mark.parametrize("kind", KINDS)
def test_figures_of_results_can_be_read_in_a_column(kind: str, inches: float, language: str, bare: bool) -> None:
    figures = listed(kind)
    assert {each.name for each in figures} == KINDS[kind]
    for each in figures:
        with styled(), speaking(language), max_width(inches), untitled(bare):
            figure = each.draw(each.tables, each.about)
            assert figure.get_size_inches()[0] == pytest.approx(inches), each.name
            assert not legible.layout_fault(figure), each.name
            assert any(text.get_text() for text in figure.findobj(Text)), each.name


@pytest.mark.parametrize("inches", [ONE_COLUMN, TWO_COLUMNS])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("levers", [2, 5, 8])
def test_a_front_over_many_levers_can_be_read_and_names_every_rule(levers: int, language: str, inches: float) -> None:
    [each] = [each for each in plots.planned(searched(levers), drawable.search_about()) if each.name == "front_report"]
    with styled(), speaking(language), max_width(inches):
        figure = each.draw(each.tables, each.about)
        assert not legible.layout_fault(figure)
        letters = [text.get_text() for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    assert sorted(each for each in letters if each in "ABCDEF") == sorted("ABCDEF" * 2)  # at both ends


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_robustness_of_one_rule_fits_one_column(language: str) -> None:
    tables, about = drawable.readings(NAMES[:1]), drawable.overview(NAMES[:1], "readings")
    [each] = [each for each in plots.planned(tables, about) if each.name == "pilot_ban/readings"]
    for bare in (False, True):
        with styled(), speaking(language), max_width(ONE_COLUMN), untitled(bare):
            assert not legible.layout_fault(each.draw(each.tables, each.about))


@pytest.mark.parametrize("inches", [ONE_COLUMN, TWO_COLUMNS])
def test_what_a_rule_touches_fits_a_column(inches: float) -> None:
    groups = [("all", "all"), ("rank", "leading"), ("rank", "others"), ("channel", "im"), ("channel", "mail")]
    groups += [("hour", f"{day} {hour:02}") for day in ("working", "free") for hour in range(24)]
    facts = {"messages": 90, "people": 9, "share": 0.3, "low": 0.1, "high": 0.6}
    rows = [
        {"rule": rule, "by": by, "group": group, **facts} for rule in ("any", "quiet_hours") for by, group in groups
    ]
    frame = pl.DataFrame(rows)
    with styled(), speaking("en"), max_width(inches):
        assert not legible.layout_fault(draw_touched({"touched": frame}, setting(test_plots.manifest())))


@pytest.mark.parametrize(
    ("share", "said"), [(None, "fewer than five people"), (0.3, ""), ("", "no messages in the log")]
)
def test_a_panel_without_bars_says_why_it_has_none(share: float | str | None, said: str) -> None:
    facts = {"rule": "any", "messages": 90, "people": 9, "low": 0.1, "high": 0.6}
    rows = [
        {"by": "hour", "group": "working 09", "share": 0.3, **facts},
        {"by": "all", "group": "all", "share": 0.3, **facts},
    ]
    rows += [] if share == "" else [{"by": "hour", "group": "free 09", "share": share, **facts}]
    with styled(), speaking("en"):
        figure = draw_touched({"touched": pl.DataFrame(rows)}, setting(test_plots.manifest()))
    texts = {text.get_text() for text, _ in legible.drawn_texts(figure)}
    assert texts & {"fewer than five people", "no messages in the log"} == ({said} if said else set())


@pytest.mark.parametrize("inches", [1.2, 2.4])
@pytest.mark.parametrize("ends", [(-500.0, 500.0), (-120.0, 500.0), (-40.0, 15.0), (-6.0, 8.0)])
def test_ticks_of_a_stretched_axis_stand_apart(ends: tuple[float, float], inches: float) -> None:
    with styled(), max_width(inches + 1.0):
        axes = sheet("A title", "", [], 1.0).axes(0.5, 0.2, inches, 0.6)
        axes.set_xlim(*ends)
        asinh_axis(axes, inches)
        axes.figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in axes.get_xticklabels()]
    assert axes.get_xlim() == ends
    assert len(boxes) >= 3
    assert all(one.x1 + 2 < other.x0 for one, other in pairwise(boxes))


@pytest.mark.parametrize(
    ("texts", "high", "why"),
    [
        ([(0.1, 0.5, 7)], 2, ""),
        ([(0.1, 0.5, 7), (0.12, 0.51, 7)], 2, "overlap"),
        ([(0.95, 0.5, 7)], 2, "leave the page"),
        ([(0.1, 0.5, 5.9)], 2, "smaller than 6 points"),
        ([(0.1, 0.5, 7)], 10, "higher than 9.5"),
    ],
)
def test_what_cannot_be_read_is_noticed(texts: list[tuple[float, float, float]], high: float, why: str) -> None:
    figure = Figure(figsize=(3.5, high))
    for x, y, size in texts:
        figure.text(x, y, "a few words", fontsize=size)
    said = legible.layout_fault(figure)
    assert why in said
    assert bool(said) == bool(why)


def test_a_wide_figure_squeezed_into_a_column_is_noticed() -> None:
    [effects] = [each for each in listed("run") if each.name == "effects"]
    with styled(), speaking("en"):
        figure = effects.draw(effects.tables, effects.about)
        assert not legible.layout_fault(figure)
        figure.set_size_inches(ONE_COLUMN, figure.get_size_inches()[1])
        assert legible.layout_fault(figure)


def paper(inches: float) -> Sheet:
    with max_width(inches):
        return sheet("A title", "What it shows", ["A note."], 1.0, LANDSCAPE)


def test_a_legend_takes_the_lines_that_it_needs_and_moves_nothing_below_it() -> None:
    marks = list(MARKS.values())
    for inches, grows in ((LANDSCAPE, False), (ONE_COLUMN, True)):
        with styled():
            page = paper(inches)
            axes = page.axes(0.5, 0.2, 2.0, 0.6)
            before = page.figure.get_size_inches()[1]
            low = axes.get_position().y0 * before
            page.legend([legend_mark("some words of a legend", mark, 4.0) for mark in marks[:4]], columns=4)
            after = page.figure.get_size_inches()[1]
            assert (after > before) == grows
            assert axes.get_position().y0 * after == pytest.approx(low)
            assert axes.get_position().height * after == pytest.approx(0.6)
            assert not legible.layout_fault(page.figure)
    with pytest.raises(TooNarrow):
        paper(ONE_COLUMN).axes(0.5, 0.2, 0.1, 0.6)


def test_figures_of_a_folder_are_drawn_for_a_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(plots.REGISTRY, "run", {name: plots.REGISTRY["run"][name] for name in ("effects", "heatmap")})
    made = plots.draw_all(tmp_path, test_plots.tables(6, 12, 1), test_plots.manifest(), width="one_column", dots=50)
    assert {path.parent for path in made} == {tmp_path / "figures" / "one_column"}
    shape = matplotlib.image.imread(tmp_path / "figures" / "one_column" / "effects.png").shape
    assert shape[1] == pytest.approx(50 * ONE_COLUMN, abs=1)
