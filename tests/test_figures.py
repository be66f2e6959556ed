"""Figures of comparisons and evaluations: their words in two languages, their fonts, and space for all words."""

import functools
import itertools
import math
import re
import shutil
import string
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import matplotlib
import numpy as np
import polars as pl
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.image import imread
from matplotlib.lines import Line2D
from matplotlib.text import Text

from docs import gallery
from sim.calibration.priors import load_priors
from sim.calibration.simulator import VISIBLE
from sim.comparing.ablation import SWITCHES
from sim.comparing.basis import SIZES, VARYING
from sim.comparing.comparison import OVERLAP
from sim.core.columns import CHANNELS, ROLES
from sim.core.errors import InputError, ResultsError
from sim.core.parameters import MECHANISMS, TABLE
from sim.evidence.observables import UNITS
from sim.evidence.quantities import QUANTITIES
from sim.evidence.targets import SETS
from sim.experiments import Replication, load_experiments
from sim.figures import fonts, panels, readings, sensitivity, sweep_axes, weekly, winners
from sim.figures.axis import few_ticks
from sim.figures.context import overview
from sim.figures.effect import change
from sim.figures.evaluation import varied_size
from sim.figures.explanation import draw_explanation
from sim.figures.forest import draw_forest
from sim.figures.forest_rows import common_span
from sim.figures.frontier import Point, pareto_front
from sim.figures.heatmap import _ticks
from sim.figures.labels import Box, Name, place_labels
from sim.figures.numerals import GOOD, number, scale
from sim.figures.scorecard import SIGNS
from sim.figures.sheet import drawn_texts, overlaps
from sim.figures.style import INK, MARKS, WITHOUT, curve_style, readable, styled
from sim.figures.words import LANGUAGES, NO_END, NO_START, from_to, label, say, speaking, window_words, words
from sim.levers.kinds import kinds
from sim.levers.lever import Scope
from sim.outcomes import OUTCOMES
from sim.pilots.survey import TABLE as SURVEY
from sim.publishing.answers import answer_for
from sim.report import plots
from sim.report.comparison import print_explanation
from sim.report.console import as_text
from sim.report.experiments import draw_replication
from sim.report.scorecard import VERDICTS
from sim.scenario.countries import home
from sim.scenario.loading import names
from tests import drawable, fitted, font
from tests.drawable import Pictures

FEW = ("pilot_ban", "quiet_hours", "france_2017", "hold_delivery", "placebo")
MADE = {
    "comparison": lambda: (drawable.comparison(), drawable.overview()),
    "groups": lambda: (
        drawable.comparison(("pilot_ban",), tuple(drawable.GROUPS)),
        drawable.overview(("pilot_ban",)),
    ),
    "readings": lambda: (
        drawable.readings(),
        drawable.overview(("pilot_ban", "quiet_hours", "placebo"), "readings"),
    ),
    "explanation": lambda: (drawable.explanation(), drawable.overview(("pilot_ban",), "explanation")),
    "everything": lambda: (drawable.explanation(SWITCHES), drawable.overview(("pilot_ban",), "explanation")),
    "evaluation": lambda: (drawable.evaluation(), drawable.overview(("staged_ban",), "evaluation")),
    "design": lambda: (drawable.design(), drawable.overview(("staged_ban",), "design")),
    "sensitivity": lambda: (drawable.sensitivity(), drawable.overview(("pilot_ban",), "sensitivity")),
    "learning": lambda: (drawable.learning(FEW[:2]), drawable.overview(FEW[:2], "learning")),
    "search": lambda: (drawable.search(), drawable.search_about()),
    "regions": lambda: (drawable.regions(), drawable.overview(FEW[:2], "regions")),
    "calibration": lambda: (fitted.calibration(), fitted.ABOUT),
    "audited": lambda: (unlike("calibration", fitted.calibration("audited")), fitted.ABOUT | {"targets": "audited"}),
    "agreement": lambda: (fitted.two_campaigns(), fitted.ABOUT | {"kind": "agreement"}),
    "log": lambda: (drawable.log(), drawable.of_log()),
    "scorecard": lambda: (drawable.scorecard(), drawable.overview(("pilot_ban",), "scorecard")),
}
PRIORS = load_priors()
FREE = {prior.parameter for prior in PRIORS.fitted}
SIM = Path(plots.__file__).parents[1]
SOURCES = [*sorted(SIM.glob("figures/*.py")), SIM / "report/plots.py", SIM / "report/experiments.py"]


@pytest.fixture(autouse=True)
def _no_boxes() -> Iterator[None]:
    """Any warning of the plotting library, of a missing glyph before all, is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@functools.cache
def made(kind: str) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    return MADE[kind]()


def unlike(kind: str, tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Keep the tables that differ from those of a kind, whose figures are drawn anyway."""
    return {name: frame for name, frame in tables.items() if not frame.equals(made(kind)[0][name])}


@functools.cache
def drawn_in(language: str, kind: str) -> Pictures:
    """Give the figures of a kind, the same to all tests: none of them changes what a figure shows."""
    return Pictures(*made(kind), language)


def drawn(kind: str, language: str = "en") -> Pictures:
    return drawn_in(language, kind)


def one(name: str, tables: dict[str, pl.DataFrame], about: dict[str, Any]) -> Figure:
    return Pictures(tables, about)[name]


@functools.cache
def few(name: str) -> Figure:
    """Draw a figure of a comparison of few scenarios."""
    return one(name, drawable.comparison(FEW), drawable.overview(FEW))


# words


@pytest.mark.parametrize(
    ("kind", "there"),
    [
        ("outcome", {outcome.name for outcome in OUTCOMES}),
        ("family", {outcome.family for outcome in OUTCOMES}),
        ("unit", {outcome.unit for outcome in OUTCOMES}),
        ("channel", set(CHANNELS)),
        ("group", {"all", "managers", "staff", *ROLES, *home().trades, *home().cities, *SIZES}),
        ("mechanism", {*MECHANISMS, "all"}),
        ("measure", {"level", "effect"}),
        ("parameter", FREE | {prior.parameter for prior in PRIORS.unfitted}),
        ("verdict", set(MARKS)),
        ("cell", {verdict.replace(" ", "_") for verdict in VERDICTS}),
        ("scenario", set(names())),
        (
            "unit",
            {row.unit for row in TABLE if row.name in FREE} - {"1"},
        ),
        ("observable", {*VISIBLE, *QUANTITIES, "hidden_overtime_without_expectation", "recorded_overtime_with_tool"}),
        ("unit", {UNITS[name] for name in VISIBLE}),
        ("targets", set(SETS)),
        ("meaning", {row.name for row in (*TABLE, *SURVEY)}),
        ("provenance", {row.source for row in SURVEY}),
        ("provenance", {part for row in TABLE for part in row.source.split("; ") if not part.startswith("[")}),
        ("reading", {*SETS, "point"}),
    ],
)
def test_every_name_of_the_model_has_its_words(kind: str, there: set[str]) -> None:
    missing = there - words()[kind].keys()
    assert not missing, f"sim/figures/words.toml lacks, under [{kind}]: {sorted(missing)}"


def test_a_meaning_is_that_of_the_table_of_parameters() -> None:
    meanings = {name: row["en"] for name, row in words()["meaning"].items()}
    assert meanings == {row.name: row.meaning for row in (*TABLE, *SURVEY)}


def test_every_row_has_both_languages_with_the_same_braces() -> None:
    for kind, rows in words().items():
        for name, row in rows.items():
            assert row.keys() == set(LANGUAGES), f"{kind}.{name}"
            assert all(text.strip() for text in row.values()), f"{kind}.{name}"
            braces = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in row.values()]
            if name not in ("date", "day_and_month"):  # a month has a name in the one and a number in the other
                assert all(each == braces[0] for each in braces), f"{kind}.{name}"


def test_chinese_has_its_own_punctuation() -> None:
    wrong = [
        f"{kind}.{name}"
        for kind, rows in words().items()
        for name, row in rows.items()
        if re.search(
            r"[,;:()]", re.sub(r"\{[^}]*\}|(?<=如 )[ -~]+(?:或 [ -~]+)*", "", row["zh"])
        )  # without what is typed
    ]
    assert not wrong


def test_the_table_of_words_has_what_is_said_and_nothing_else() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    quoted = set(re.findall(r"[\"']([a-z0-9_]+)[\"']", text))
    said = set(re.findall(r'\bsay\(\s*"([a-z0-9_]+)"[,)]', text))
    assert said <= words()["text"].keys()
    built = (
        "axis_",
        "window_",
        "_level",
        "better_",
        "_reads",
        "_sorted",
        "over_",
        "chances_",
        "conclusion_",
        "_alone",
        "traffic_title",
        "traffic_shows",
    )
    unsaid = {name for name in words()["text"] if name not in quoted and not any(part in name for part in built)}
    assert not unsaid


def test_windows_and_numbers_in_both_languages() -> None:
    text = "weeks 34–51, 60: rules fully in force"
    assert window_words(text) == text
    assert window_words("whatever") == "whatever"
    assert window_words("weeks 30: rules fully in force") == "week 30: rules fully in force"  # as it was stored
    assert window_words("week 30: rules fully in force") == "week 30: rules fully in force"
    assert from_to("week 0 to week 3") == from_to("weeks 0 to weeks 3") == "week 0 to week 3"
    assert from_to("weeks 0–12 to weeks 91–103") == "weeks 0–12 to weeks 91–103"
    with speaking("zh"):
        assert window_words(text).startswith("第 34–51、60 周")
        assert window_words("week 30: rules fully in force") == "第 30 周：规则完全生效"
        assert window_words(f"weeks 3–4: {VARYING}") == "第 3–4 周：规则完全生效，但并非每周都有全部规则"
        assert window_words(f"weeks 3–4: {OVERLAP}") == "第 3–4 周：仅与之后的阶段同时生效，含其影响"
        assert from_to("week 0 to week 3") == "第 0 周至第 3 周"
        assert window_words(text).endswith("规则完全生效")
        assert number(-1234.5, 1) == "−1,234.5"
        assert say("percent", value="5") == "5%"
        assert scale("share").change == "百分点"
    assert say("percent", value="5") == "5 %"
    assert label("outcome", "an_outcome_of_my_own") == "an outcome of my own"


# fonts


def test_the_font_has_every_sign_of_the_project_and_the_common_letters() -> None:
    assert len(font.written()) > 700
    missing = fonts.missing_glyphs("".join(sorted(font.written() | font.common())))
    assert not missing, f"make sim/figures/chinese.ttf anew, as tests/font.py says; it lacks {missing}"


def test_an_installed_font_is_never_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = FontProperties(family=[fonts.PLAIN])
    monkeypatch.setattr(fonts.fontManager, "ttflist", [*fonts.fontManager.ttflist])
    fonts.fontManager.addfont(shutil.copy(findfont(plain), tmp_path / "installed.ttf"))
    assert Path(findfont(plain)).is_relative_to(matplotlib.get_data_path())
    assert fonts.families() == [fonts.PLAIN, fonts.CHINESE]
    assert Path(findfont(FontProperties(family=[fonts.CHINESE]))) == fonts.FILE


def test_a_letter_outside_the_font_is_named_and_its_text_replaced(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        assert readable("第一阶段龘", "pilot ban") == "pilot ban"
    assert [each.getMessage() for each in caplog.records] == [
        "figures cannot show 龘 (U+9F98) of '第一阶段龘'; 'pilot ban' stands instead"
    ]
    assert readable("第一阶段", "pilot ban") == "第一阶段"


def test_the_users_settings_of_the_plotting_library_change_no_figure(tmp_path: Path) -> None:
    pictures = []
    for turn, theirs in enumerate(({}, {"savefig.bbox": "tight", "lines.linewidth": 9.0, "axes.grid": True})):
        with matplotlib.rc_context(theirs):
            (figure, *_) = drawn_in.__wrapped__("zh", "design").values()
            with styled(), speaking("zh"):
                pictures.append(plots.save(figure, tmp_path / f"{turn}.svg").read_bytes())
    assert pictures[0] == pictures[1]
    assert b"<text" not in pictures[0]  # letters are outlines


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_fit_and_begin_with_no_stop(language: str) -> None:
    with speaking(language):
        text = "".join(row[language] for row in list(words()["text"].values())[:40])
        lines = fonts.wrapped(text, 3.0, 7.0)
        assert len(fonts.wrapped("令“offhours export”", 0.94, 7.0)) == 2  # together wider than apart
    assert len(lines) > 10
    assert all(fonts.width(line, 7.0) <= 3.0 for line in lines)
    assert not any(line[0] in NO_START or line[-1] in NO_END for line in lines)
    for line, following in itertools.pairwise(lines):
        longer = line + " " * (language == "en") + fonts.wrapped(following, 0.0, 7.0)[0]  # and the next word
        assert fonts.width(longer, 7.0) > 3.0
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    short = fonts.shortened(text, 1.0, 7.0)
    assert fonts.width(short, 7.0) <= 1.0
    assert fonts.width(f"{short[:-1]}{text[len(short)]}{short[-1]}", 7.0) > 1.0
    assert short[-1] == text[-1]
    assert fonts.shortened(text, 0.0, 7.0) == "…"
    bold = fonts.shortened("expectation with hidden overtime", 1.6, 7.0, "bold")
    assert fonts.width(bold, 7.0, "bold") <= 1.6 < fonts.width("expectation with hidden overtime", 7.0, "bold")


def test_names_that_are_cut_differ_where_they_differed() -> None:
    names = {fonts.shortened(f"a rule with a rather long name, number {place}", 2.0, 7.0) for place in range(40)}
    assert len(names) == 40


# space for what is written


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MADE)
def test_nothing_is_written_over_something_else_or_off_the_page(kind: str, language: str) -> None:
    with styled(), speaking(language):
        figures = drawn(kind, language)
        assert figures
        for name, figure in figures.items():
            assert not overlaps(figure), name


@pytest.mark.parametrize("seed", range(4))
def test_names_lie_apart_and_near_their_points(seed: int) -> None:
    rng = np.random.default_rng(seed)
    plot = Box(0, 0, 480, 220)
    points = rng.normal((240, 110), (90, 40), (32, 2)).clip((5, 5), (475, 215))
    listed = [Name(x, y, 30 + 60 * rng.random(), 6.2) for x, y in points]
    found = [place for place in place_labels(listed, plot, []) if place]
    assert len(found) >= 30
    assert all(place.box.within(plot) for place in found)
    assert not any(a.box.meets(b.box) for a, b in itertools.combinations(found, 2))
    assert place_labels(listed, plot, []) == place_labels(listed, plot, [])


# what the figures show


def marks(figure: Figure, gid: str) -> list[float]:
    found = figure.findobj(lambda artist: artist.get_gid() == gid)
    return [float(found[0].get_xdata()[0]), float(found[0].get_ydata()[0])] if found else []


@pytest.mark.parametrize(
    ("ends", "texts"),
    [
        ((-9617.0, 8843.0), ["−5,000", "+5,000"]),  # zero does not fit between them, and has its line
        ((-0.34, 0.55), ["−0.2", "+0.2"]),
        ((-12.0, 8.0), ["−10", "0"]),
        ((-6.0, 6.0), ["−5", "0", "+5"]),
        ((-6500.0, 6400.0), ["−4,000"]),  # 5,000 would leave the panel, and zero alone would be no scale
        ((0.0, 1.2e-8), ["0", "+5×10⁻⁹"]),
        ((0.0, 1.2e-11), ["0", "+5×10⁻¹²"]),
    ],
)
def test_a_narrow_axis_has_two_ticks_that_say_its_scale(ends: tuple[float, float], texts: list[str]) -> None:
    axes = Figure().add_subplot()
    axes.set_xlim(*ends)
    few_ticks(axes, 0.75 if len(texts) == 1 else 0.86)
    assert [text.get_text() for text in axes.get_xticklabels()] == texts
    assert axes.get_xlim() == ends


def test_signs_are_shapes_for_a_dollar_sign_in_a_text_is_one() -> None:
    assert not [mark for mark in (*SIGNS.values(), *MARKS.values()) if "$" in mark.marker]


def test_colour_bars_have_round_ticks() -> None:
    for largest in (0.06, 0.3, 1.0, 2.4, 0.011, 470.0):
        for ends in ((0.0, largest), (-largest, largest)):
            found = [tick for tick in _ticks(ends) if tick > 0]
            assert all(f"{tick:.6e}"[0] in "125" and float(f"{tick:.0e}") == pytest.approx(tick) for tick in found)
            assert largest / 2.5 <= max(found) <= largest


def test_groups_without_an_interval_do_not_cut_those_of_others() -> None:
    alone = [(-0.1, math.nan, math.nan)] * 8
    low, high = common_span([(-0.2, -2.0, 1.3), (-0.2, -2.5, 1.6), (-0.2, -3.2, 3.9), *alone])
    assert low < -3.2 < 3.9 < high


def test_names_above_loadings_stay_on_the_page() -> None:
    figure = drawn("calibration")["directions"]
    words = {label("parameter", prior.parameter) for prior in PRIORS.fitted}
    ends = [text.get_window_extent().x1 for text in figure.findobj(Text) if text.get_text() in words]
    assert ends
    assert max(ends) <= figure.bbox.width


def test_a_long_name_of_ones_own_leaves_space_for_the_panels() -> None:
    names = ("no_messages_to_anybody_after_the_end_of_the_working_day_anywhere", "placebo")
    assert len(names[0]) == 64  # the longest
    with styled(), speaking("en"):
        figure = draw_forest(drawable.comparison(names), overview(drawable.overview(names)))
        assert not overlaps(figure)


def test_what_better_is_stands_beside_the_ticks_of_a_frontier() -> None:
    tables = drawable.comparison(("pilot_ban", "placebo"))
    small = [pl.col(end) / 8 for end in ("difference", "low", "high")]
    tables |= {"effects": tables["effects"].with_columns(small)}
    figure = one("frontier", tables, drawable.overview(FEW[:1]))
    found = [(text.get_text(), text.get_rotation(), extent) for text, extent in drawn_texts(figure)]
    ticks = [extent[0] for text, _, extent in found if re.fullmatch(r"[−+]0\.\d\d", text)]
    better = [extent[2] for text, turned, extent in found if text == "← better" and turned == 90]
    assert len(better) == 2
    assert max(better) < min(ticks)


def test_a_number_at_the_end_of_a_frontier_stays_on_the_page() -> None:
    effects = drawable.comparison(FEW[:2])["effects"].with_columns(
        pl.when(outcome="employer_cost").then(pl.lit(end)).otherwise(pl.col(name)).alias(name)
        for name, end in (("low", -560_000.0), ("high", 560_000.0))
    )
    with styled(), speaking("en"):
        assert not overlaps(one("frontier", {"effects": effects}, drawable.overview(FEW[:2])))


def test_sets_under_few_firms_are_compared_without_intervals_and_chances() -> None:
    found = drawable.readings()
    unknown = [pl.lit(None, pl.Float64).alias(end) for end in ("low", "high")]
    unsaid = [pl.lit(None, pl.Float64).alias(name) for name in ("probability_best", "expected_rank", "regret")]
    few = found | {
        "readings": found["readings"].with_columns(unknown),
        "ranking": found["ranking"].with_columns(unsaid),
    }
    figures = dict(plots.figures(few, drawable.overview(FEW[:2], "readings")))
    assert "best" not in figures
    for figure in figures.values():
        said = [text.get_text() for text in figure.findobj(Text)]
        assert "no interval: fewer than 6 firms" in said
        assert [text for text in said if "95 %" in text or "excludes" in text or text.endswith("–")] == []


def test_marks_of_zero_and_without_an_interval_are_told_apart() -> None:
    first, second = (to_rgb(fill) for fill in readings.LINELESS.values())
    assert abs(first[0] - second[0]) > 0.3  # white and a grey


def test_figures_explain_shades_and_dominated_rules_only_where_there_are_any() -> None:
    placebo, ban = (drawn("readings")[f"{name}/readings"] for name in ("placebo", "pilot_ban"))
    assert say("readings_shaded") in ban.notes
    assert say("readings_shaded") not in placebo.notes
    alone, many = drawn("groups")["frontier"], drawn("comparison")["frontier"]
    for figure, pale in ((alone, False), (many, True)):
        legend = {text.get_text() for text in figure.legends[0].get_texts()}
        assert (say("frontier_dominated") in legend) == (say("frontier_pale") in figure.notes) == pale
        assert say("frontier_line") in figure.notes
    zero = one("frontier", drawable.comparison(("placebo",)), drawable.overview(("placebo",)))
    assert say("frontier_line") not in zero.notes


def test_no_two_curves_look_alike() -> None:
    assert len({curve_style(place) for place in range(36)}) == 36
    sizes = drawable.design((10, 20, 40, 80, 160, 320, 640, 900), (3, 6, 9, 12, 18, 24, 36))
    power = one("power", sizes, drawable.overview(("staged_ban",), "design"))
    lines = power.legends[0].get_lines()
    assert len({(line.get_color(), line.get_marker()) for line in lines}) == len(lines) == 7


def test_names_of_parameters_are_whole_above_their_panels() -> None:
    assert [text.get_text() for text in drawn("calibration")["marginals"].findobj(Text) if "…" in text.get_text()] == []


def test_no_name_of_a_rule_lies_on_the_mark_of_none() -> None:
    figure = drawn("search")["trade_offs_report"]
    texts = {text: box for text, box in drawn_texts(figure) if text.get_text() in "ABCDEF"}
    for axes in figure.axes:
        x, y = axes.transData.transform((0, 0))
        for box in (box for text, box in texts.items() if text.axes is axes):
            assert not (box[0] < x < box[2] and box[1] < y < box[3])


def test_a_front_says_which_demands_it_does_not_show() -> None:
    tables, about = made("search")
    at_zero = tables | {"trade_offs": tables["trade_offs"].with_columns(worst=0.0)}
    inside = one("front_report", at_zero, about)
    assert say("search_beyond") in drawn("search")["front_report"].notes
    assert say("search_beyond") not in inside.notes
    never = tables | {"trade_offs": tables["trade_offs"].with_columns(worst=1e9)}
    legend = one("front_report", never, about).legends[0].get_texts()
    assert say("search_demand") not in {text.get_text() for text in legend}


def test_ends_of_hours_on_a_front_are_read_as_a_clock() -> None:
    tables, about = made("search")
    hour = "quiet_hours.from_hour"
    later = tables | {"front": tables["front"].with_columns(pl.col(hour).clip(upper_bound=21.25))}
    assert {"18:00", "21:15"} <= {text.get_text() for text in one("front_report", later, about).findobj(Text)}


def test_the_legend_of_replays_has_the_verdicts_that_occur() -> None:
    study = next(each for each in load_experiments() if each.measures)
    found = Replication(study, study.measures[0].model_copy(update={"given": False}), 0.0, 0.0, 0.0)
    with styled(), speaking("en"):
        (legend,) = draw_replication([found], {"people": 60, "replicates": 1, "seed": 1}).legends
    assert [text.get_text() for text in legend.get_texts()] == ["misses"]
    sized = found._replace(measure=found.measure.model_copy(update={"value": 0.2}))
    with styled(), speaking("en"):
        (legend,) = draw_replication([found, sized], {"people": 60, "replicates": 1, "seed": 1}).legends
    assert [text.get_text() for text in legend.get_texts()] == ["misses", "published value"]


def test_maps_name_the_outcomes_whose_emulator_is_not_to_be_relied_on() -> None:
    tables, about = made("regions")
    poor = pl.when(pl.col("outcome") == "exhaustion").then(-0.12).otherwise("explained")
    for turns, told in ((tables["turns"], False), (tables["turns"].with_columns(explained=poor), True)):
        figure = one("regions_pilot_ban", tables | {"turns": turns}, about)
        assert ("less than half of the variance: exhaustion." in caption(figure)) == told


def test_curves_of_power_that_coincide_are_beside_each_other() -> None:
    tables, about = made("design")
    same = tables["design"].with_columns(power=pl.lit(0.5))
    figure = one("power", {"design": same}, about)
    marks = [each for each in figure.findobj(Line2D) if str(each.get_gid()).startswith("power latent_overtime")]
    shown = [tuple(each.get_transform().transform(each.get_xydata()[0]).round(1)) for each in marks]
    assert len(shown) == len(set(shown)) > 1
    assert {tuple(each.get_xdata()) for each in marks} == {tuple(marks[0].get_xdata())}


def test_the_star_of_the_table_is_whole_and_explained_where_it_is_drawn() -> None:
    tables, about = made("regions")
    for value, inside in ((0.3, True), (0.0, True), (0.7, True), (0.9, False)):
        moved = pl.when(pl.col("column") == "default_risk").then(value).otherwise("table")
        figure = one("regions_pilot_ban", tables | {"axes": tables["axes"].with_columns(table=moved)}, about)
        stars = figure.findobj(lambda artist: artist.get_gid() == "table")
        assert len(stars) == 4 * inside
        assert not any(star.get_clip_on() for star in stars)
        assert (say("regions_table") in {text.get_text() for text in figure.legends[0].get_texts()}) == inside


def test_the_legend_of_sizes_has_those_that_are_drawn() -> None:
    tables, about = made("learning")
    names = ["learning_smallest", "learning_middle", "learning_largest"]
    for largest, sizes in ((200, ["learning_only"]), (1000, names[::2]), (5000, names)):
        few = {"learning": tables["learning"].filter(pl.col("size") <= largest)}
        for kind, column in (("learning", "share"), ("bought", "removed_per_10000_yuan")):
            figure = one(f"pilot_ban/{kind}", few, about)
            legend = figure.legends[0]
            beside = zip(legend.get_texts(), legend.get_patches(), strict=False)  # lines come after
            entries = [(text.get_text(), to_hex(patch.get_facecolor())) for text, patch in beside]
            assert {text for text, _ in entries} == set(map(say, sizes))
            bars = figure.findobj(lambda artist, of=f"{column} ": str(artist.get_gid()).startswith(of))
            drawn_in = {to_hex(bar.get_facecolor()) for bar in bars}
            assert drawn_in == {color for _, color in entries}
    nothing = {"learning": tables["learning"].with_columns(removed_per_10000_yuan=0.0, share=math.nan)}
    assert not any(one(f"pilot_ban/{kind}", nothing, about).legends for kind in ("learning", "bought"))


def test_legends_of_a_screening_have_what_is_drawn() -> None:
    tables, about = made("sensitivity")
    quiet = tables["screening"].with_columns(above_chance=False, chance_bound=pl.lit(None, pl.Float64))
    (legend,) = one("screening", tables | {"screening": quiet}, about).legends
    assert [text.get_text() for text in legend.get_texts()] == [say("sensitivity_within"), "95 % interval"]
    poor = tables["outcomes"].with_columns(emulator_good=False)
    assert not one("shares", tables | {"outcomes": poor}, about).legends


def test_an_effect_of_exactly_zero_has_no_band_to_be_explained() -> None:
    about = drawable.overview(("pilot_ban",), phases={"pilot_ban": []})
    for half, few in ((0.0, False), (None, True)):
        frame = _weekly(np.full(20, 4.0)).with_columns(half=pl.lit(half, pl.Float64))
        figure = one("pilot_ban/course", {"weekly": frame}, about)
        assert [text.get_text() for text in figure.legends[0].get_texts()] == ["difference"]
        assert "95 %" not in caption(figure)
        assert ("Fewer than 6 firms" in caption(figure)) == few


def test_where_a_rule_fails_as_often_at_all_draws_no_parameter_is_drawn() -> None:
    tables, about = made("search")
    conditions = tables["conditions"].filter(rule="A")
    assert conditions["parameter"].null_count() == conditions.height == 2
    assert "fails_A" not in drawn("search")  # under no set would there be anything in it
    sure = answer_for("x", tables, {**about, "uncertainty": {}}).sure
    assert sum("Rule A" in text for text in sure) == 2
    moved = pl.when(pl.col("rule") == "A", pl.col("reading") == "report").then("wait_minutes").otherwise(0.0)
    figure = one("fails_A", tables | {"failing": tables["failing"].with_columns(chance=moved / 1440)}, about)
    assert "0 % at every draw" in said(figure)
    points = [axes.findobj(lambda artist: artist.get_gid() == "draws wait_minutes") for axes in figure.axes]
    assert [len(each) for each in points] == [0, 1]
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["surveyed", "report"]


def test_a_small_region_is_not_written_as_none() -> None:
    tables, about = made("regions")
    small = tables["regions"].with_columns(raises=0.004, raises_low=0.001, raises_high=0.009)
    figure = one("regions_pilot_ban", tables | {"regions": small}, about)
    assert say("regions_share", share="<1 %", low="<1 %", high="<1 %") in {
        each.get_text() for each in figure.findobj(Text)
    }


def test_a_region_of_an_outcome_that_has_no_better_direction_is_not_called_better() -> None:
    tables, about = made("regions")
    held = ("turns", "maps", "regions")
    one_of = {name: tables[name].filter(outcome="exhaustion").with_columns(outcome=pl.lit("sent")) for name in held}
    _, figure = next(plots.figures(tables | one_of, about))
    there = {text.get_text() for text in figure.legends[0].get_texts()}
    assert {say("sweep_low"), say("sweep_high")} <= there
    assert there.isdisjoint({"better", "worse"})
    assert "blue" not in caption(figure)
    usual = next(iter(drawn("regions").values()))
    assert {"better", "worse"} <= {text.get_text() for text in usual.legends[0].get_texts()}
    assert "blue" in caption(usual)


def test_a_map_says_which_direction_is_better_beside_its_title_or_below_a_wide_one() -> None:
    tables, about = made("regions")
    wide = pl.col("outcome").replace("recorded_overtime", "output_per_paid_hour")  # below another map
    renamed = {key: tables[key].with_columns(wide) for key in ("turns", "maps", "regions")}
    figure = one("regions_pilot_ban", tables | renamed, about)
    assert said(figure).count("· lower is better") == said(figure).count("min/h · higher is better") == 2
    assert not overlaps(figure)


def test_a_tiny_effect_is_not_zero_beside_the_colours_of_its_map() -> None:
    tables, about = made("regions")
    _, figure = next(plots.figures(tables | {"maps": tables["maps"].with_columns(effect=1e-4)}, about))
    assert not {"0.000", "0.0"} & {text.get_text() for text in figure.findobj(Text)}


def test_an_interval_is_seen_on_its_bar() -> None:
    whole = drawn("explanation")["explanation"].findobj(lambda artist: str(artist.get_gid()).endswith(" all"))
    assert whole
    for bar in whole:
        assert sum(bar.get_facecolor()[:3]) - sum(to_rgb(INK)) > 1.0


def test_a_forest_explains_marks_without_an_interval_as_they_are_drawn() -> None:
    tables = drawable.comparison(FEW)
    some = pl.col("scenario") == FEW[0]
    bounds = ("low", "high", "low_simultaneous", "high_simultaneous")
    effects = tables["effects"].with_columns(pl.when(~some).then(pl.col(name)).alias(name) for name in bounds)
    with styled(), speaking("en"):
        figure = draw_forest({**tables, "effects": effects}, overview(drawable.overview(FEW)))
    [entry] = [line for line in figure.legends[0].get_lines() if line.get_label() == label("verdict", "unknown")]
    drawn = figure.findobj(lambda artist: artist.get_gid() == f"effect share_burnt_out {FEW[0]}")[0]
    assert entry.get_markerfacecolor() == drawn.get_markerfacecolor() == MARKS["unknown"].fill
    assert entry.get_linewidth() == 0


@pytest.mark.parametrize(("times", "said"), [(1.0, False), (40.0, True)])
def test_a_forest_says_where_thin_lines_are_cut(times: float, said: bool) -> None:
    tables = drawable.comparison(FEW)
    ends = [(pl.col("difference") + times * (pl.col(end) - pl.col("difference"))) for end in ("low", "high")]
    effects = tables["effects"].with_columns(low_simultaneous=ends[0], high_simultaneous=ends[1])
    with styled(), speaking("en"):
        figure = draw_forest({**tables, "effects": effects}, overview(drawable.overview(FEW)))
    assert ("Thin lines end at the edge of a panel" in figure.notes) is said  # type: ignore[attr-defined]


def test_a_forest_in_which_nothing_survives_its_correction_says_what_does_not() -> None:
    tables = drawable.comparison(FEW)
    effects = tables["effects"].with_columns(p_holm=pl.lit(1.0))
    figure = one("forest", {**tables, "effects": effects}, drawable.overview(FEW))
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "does not survive the correction" in said
    assert not any("it" in words.split() for words in said)


def test_the_forest_shows_the_effects_and_both_intervals() -> None:
    tables, forest = drawable.comparison(FEW), few("forest")
    for row in tables["effects"].iter_rows(named=True):
        factor, tag = scale(row["unit"]).factor, f"{row['outcome']} {row['scenario']}"
        if row["outcome"] in ("exhaustion", "hidden_overtime"):
            assert not marks(forest, f"effect {tag}")
            continue
        assert marks(forest, f"effect {tag}")[0] == pytest.approx(factor * row["difference"])
        filled = forest.findobj(lambda artist, tag=tag: artist.get_gid() == f"effect {tag}")[0].get_markerfacecolor()
        assert (filled != "white") == (row["p_holm"] < 0.05 or row["difference"] == 0)
        if row["difference"]:
            assert marks(forest, f"interval {tag}")[0] == pytest.approx(factor * row["low"])
            wide = forest.findobj(lambda artist, tag=tag: artist.get_gid() == f"simultaneous {tag}")[0]
            ends = (max(factor * row["low_simultaneous"], wide.axes.get_xlim()[0]),
                    min(factor * row["high_simultaneous"], wide.axes.get_xlim()[1]))  # fmt: skip
            assert tuple(wide.get_xdata()) == pytest.approx(ends)


def test_the_scale_of_a_forest_does_not_follow_its_widest_simultaneous_interval() -> None:
    tables, manifest = drawable.comparison(FEW), drawable.overview(FEW)
    wider = tables["effects"].with_columns(
        low_simultaneous=10 * pl.col("low") - 1, high_simultaneous=10 * pl.col("high") + 1
    )
    usual, other = (plots.figures({"effects": each}, manifest) for each in (tables["effects"], wider))
    limits = [[axes.get_xlim() for axes in next(made)[1].axes] for made in (usual, other)]
    assert limits[0] == limits[1]


def test_numbers_of_winners_stand_in_columns_away_from_their_intervals() -> None:
    figure = few("winners")
    found = figure.findobj(lambda artist: str(artist.get_gid()).startswith("share "))
    assert {text.get_position()[0] for text in found} == {-winners.EDGE, winners.EDGE}
    assert winners.EDGE > 100  # where no interval of a share ends


def test_a_share_of_people_is_written_as_in_tables() -> None:
    persons = drawable.comparison(FEW)["persons"].with_columns(share_worse=0.006, share_better=0.994)
    figure = one("winners", {"persons": persons}, drawable.overview(FEW))
    found = figure.findobj(lambda artist: str(artist.get_gid()).startswith("share "))
    assert {text.get_text() for text in found} == {"<1", ">99"}


def test_no_name_lies_on_the_lines_of_zero() -> None:
    """Three points beside the line that says that nothing changes, and one on it."""
    names = [Name(x, y, 40.0, 6.2) for x, y in ((40, 100), (120, 103), (200, 97), (300, 100))]
    line = Box(0, 99.5, 400, 100.5)
    found = place_labels(names, Box(0, 0, 400, 200), [line])
    assert all(place is not None and not place.box.meets(line) for place in found)
    figure = few("frontier")
    for name in figure.findobj(lambda artist: artist.get_gid() == "name placebo"):
        zero = name.axes.transData.transform((0, 0))[1]
        box = name.get_window_extent()
        assert not box.y0 < zero < box.y1


def test_a_frontier_says_whether_intervals_go_on_beyond_its_axes() -> None:
    with speaking("en"):
        said = say("frontier_cut")
    assert said not in caption(few("frontier"))
    assert said in caption(drawn("comparison")["frontier"])


def test_the_frontier_is_that_of_the_points() -> None:
    rng = np.random.default_rng(3)
    for better, sign in (("higher", -1), ("lower", 1)):
        listed = [Point(str(n), (x, x, x), (y, y, y)) for n, (x, y) in enumerate(rng.normal(0, 1, (25, 2)))]
        rivals = [(sign * p.x[0], p.y[0]) for p in listed] + [(0.0, 0.0)]
        best = {p.scenario for p in listed if not any(x < sign * p.x[0] and y < p.y[0] for x, y in rivals)}
        assert {p.scenario for p in pareto_front(listed, better)} == best


def test_a_card_shows_targets_in_errors_and_says_what_is_missed() -> None:
    tables, card = made("calibration")[0], drawn("calibration")["target_card"]
    for row in tables["card"].filter(pl.col("role") == "calibrated").iter_rows(named=True):
        at = (row["observed"] - row["reported"]) / math.hypot(row["error"], row["discrepancy"])
        found = marks(card, f"model {row['observable']}")
        assert (found[0] == pytest.approx(at)) if abs(at) <= 3.5 else not found


def test_a_fit_has_differences_of_shares_in_points() -> None:
    tables, about = made("calibration")
    shares = tables["card"].filter(pl.col("unit") == "share", pl.col("role") == "calibrated")["observable"].to_list()
    gap = pl.when(pl.col("observable") == shares[0]).then(pl.lit("anxious_gap_internet")).otherwise("observable")
    renamed = {name: tables[name].with_columns(observable=gap) for name in ("card", "predictive")}
    figures = Pictures(tables | renamed, about)
    numbers = [text.get_text() for text in figures["target_card"].findobj(Text) if "  [" in text.get_text()]
    assert sum(text.endswith(" pp") for text in numbers) == 1
    assert sum(text.endswith(" %") for text in numbers) >= len(shares) - 1 > 0
    panels = {axes.texts[0].get_text(): axes.texts[1].get_text() for axes in figures["predictive"].axes}
    assert {"pp", "%"} <= set(panels.values())
    assert panels[label("observable", "anxious_gap_internet")] == "pp"


def test_the_shade_of_a_card_holds_what_is_within_its_band_and_nothing_else() -> None:
    tables, card = made("calibration")[0], drawn("calibration")["target_card"]
    open_ended = pl.col("low").is_null() | pl.col("high").is_null()
    assert tables["card"]["within"].to_list().count(False) >= 2
    for row in tables["card"].filter(pl.col("error").is_not_null() | ~open_ended).iter_rows(named=True):
        (shade,) = card.findobj(lambda artist, gid=f"band {row['observable']}": artist.get_gid() == gid)
        low, high = shade.get_datalim(shade.axes.transData).intervalx
        at = marks(card, f"model {row['observable']}")
        assert (bool(at) and low <= at[0] <= high) == row["within"], row["observable"]
        sd = math.hypot(row["error"], row["discrepancy"]) if row["error"] else (row["high"] - row["low"]) / 2
        for end, drawn_at, edge in (("low", low, -3.5), ("high", high, 3.5)):
            given = edge if row[end] is None else (row[end] - row["reported"]) / sd
            assert drawn_at == pytest.approx(np.clip(given, -3.5, 3.5)), row["observable"]


def test_without_synthetic_worlds_no_coverage_is_drawn() -> None:
    tables, about = made("calibration")
    drawn_so = dict(plots.figures({"ranks": tables["ranks"].clear()}, about))["coverage"]
    assert not [line for line in drawn_so.findobj(Line2D) if str(line.get_gid()).startswith(("coverage ", "ranks "))]


def test_no_interval_of_coverage_is_cut() -> None:
    tables, about = made("calibration")
    few = tables["ranks"].filter(pl.col("world") < 20)
    first, missed = few["parameter"][0], pl.int_range(pl.len()).over("parameter") < 6
    few = few.with_columns(rank=pl.when(pl.col("parameter") == first, missed).then(0.99).otherwise("rank"))
    axes = dict(plots.figures({"ranks": few}, about))["coverage"].axes[0]
    lines = [line for line in axes.findobj(Line2D) if str(line.get_gid()).startswith("interval ")]
    assert len(lines) == few["parameter"].n_unique()
    low, high = axes.get_xlim()
    assert min(line.get_xdata()[0] for line in lines) < 60
    assert all(low <= end <= high for line in lines for end in line.get_xdata())


def shares(figure: Figure, gid: str) -> np.ndarray:
    return figure.findobj(lambda artist: artist.get_gid() == gid)[0].get_data().values


def spread(share: np.ndarray) -> float:
    """Standard deviation in bins."""
    place = np.arange(len(share))
    share = share / share.sum()
    return float(np.sqrt(share @ (place - share @ place) ** 2))


def test_marginals_compare_the_posterior_with_its_prior() -> None:
    """Shares of 24 bins: what is well known stands higher, and is narrower by the root of what is left."""
    tables, marginals = made("calibration")[0], drawn("calibration")["marginals"]
    for row in tables["parameters"].filter(pl.col("role") == "fitted").iter_rows(named=True):
        before, after = (shares(marginals, f"{kind} {row['parameter']}") for kind in ("prior", "posterior"))
        assert after.sum() == pytest.approx(1.0)
        assert before.sum() == pytest.approx(1.0, abs=0.02)
        if row["contraction"] > 0.5:
            assert after.max() > before.max()
            left = math.sqrt(1.0 - row["contraction"])
            assert spread(after) == pytest.approx(left * spread(before), rel=0.15), row["parameter"]


def test_coverage_is_counted_from_the_ranks() -> None:
    tables, coverage = made("calibration")[0], drawn("calibration")["coverage"]
    inside = tables["ranks"].with_columns(inside=pl.col("rank").is_between(0.05, 0.95))
    assert inside["parameter"].n_unique() > 1
    for (name,), mine in inside.group_by("parameter"):
        assert marks(coverage, f"coverage {name}")[0] == pytest.approx(100 * mine["inside"].mean())
    assert marks(coverage, "coverage all")[0] == pytest.approx(100 * inside["inside"].mean())


def test_smoothed_weeks_are_ratios_of_sums_that_cross_no_break() -> None:
    rng = np.random.default_rng(8)
    weeks, firms = 60, 5
    sums = tuple(rng.integers(1, 1000, (weeks, firms, 1)) for _ in range(2))
    known = weekly.Weeks(np.arange(weeks), np.arange(weeks) * 7.0, sums, sums, None)
    smooth = weekly.weekly_lines(known, 13, [20, 40])
    for week, low, high in ((0, 0, 1), (3, 0, 7), (10, 4, 17), (18, 17, 20), (19, 19, 20), (20, 20, 21), (30, 24, 37)):
        above, below = (part[low:high].sum() for part in sums)
        assert smooth.rule[week, 0] == pytest.approx(above / below)
    assert np.array_equal(weekly.weekly_lines(known).rule[:, 0], sums[0].sum(1)[:, 0] / sums[1].sum(1)[:, 0])


def test_sizes_of_pilots_that_differ_make_axes_and_curves() -> None:
    assert varied_size(drawable.design()["design"]) == ("firms", ("months",))
    assert varied_size(drawable.design((10,), (6,))["design"]) == ("firms", ())
    assert drawn("design")["power"].findobj(lambda artist: artist.get_gid() is not None)
    frames = drawable.design((10,), (6,))
    assert set(dict(plots.figures(frames, drawable.overview(("x",), "design")))) == {"power"}


def test_a_cell_that_the_model_is_silent_about_has_no_verdict() -> None:
    figure = drawn("scorecard")["pilot_ban/scorecard"]
    shown = [text.get_text() for text in figure.findobj(Text)]
    said = drawable.scorecard()["scorecard"]
    assert shown.count("the model does not say") == said.filter(verdict="not said").height
    assert shown.count("better") == said.filter(verdict="better").height
    assert "no births in the model" in shown


def test_scenarios_get_figures_of_their_own_if_they_are_few_or_asked_for() -> None:
    assert not [name for name in drawn("comparison") if "/" in name]
    many = drawable.LIBRARY[: plots.FEW + 1]
    tables, manifest = drawable.comparison(many), drawable.overview(many)
    del tables["ranking"]  # no figure of one scenario reads it, nor the effects
    alone = {"persons": tables["persons"]}
    assert [name for name, _ in plots.figures(alone, manifest)] == ["winners"]
    chosen = [each.name for each in plots.planned(tables, manifest, "en", ["pilot_ban"])]
    assert {"pilot_ban/winners", "forest"} <= set(chosen)
    with pytest.raises(InputError, match="did you mean 'pilot_ban'"):
        dict(plots.figures(tables, manifest, "en", ["pilot_bam"]))


def test_a_time_line_of_a_comparison_comes_from_its_weeks() -> None:
    weeks = np.arange(200)
    rows = {"scenario": "staged_ban", "set": "reached", "outcome": "latent_overtime"}
    frame = pl.DataFrame({"week": weeks, "rule": 6.0 - 0.01 * weeks, "without": 6.0, "half": 0.2})
    tables = {"weekly": frame.with_columns(**{name: pl.lit(value) for name, value in rows.items()})}
    stage = [{"label": "pilot", "start": "2027-01-04", "end": "2029-11-05", "ramp_days": 0}]
    about = drawable.overview(("staged_ban",), phases={"staged_ban": stage})
    figure = dict(plots.figures(tables, about))["staged_ban/course"]
    line = figure.findobj(lambda artist: artist.get_gid() == "difference latent_overtime")[0].get_ydata()
    assert line == pytest.approx(-0.01 * weeks)  # windows have as many weeks before as after
    assert overview(about).about("staged_ban").phases[0].label == "pilot"
    with pytest.raises(ResultsError, match="no week"):
        dict(plots.figures({"weekly": tables["weekly"].clear()}, about))


def _weekly(waiting: np.ndarray) -> pl.DataFrame:
    """Make the table ``weekly`` of an outcome that is undefined under the rule where it is NaN."""
    parts = {"week": np.arange(len(waiting)), "rule": waiting, "without": 4.0, "half": 0.2}
    facts = {"scenario": "pilot_ban", "set": "reached", "outcome": "waiting"}
    return pl.DataFrame(parts).fill_nan(None).with_columns(**{name: pl.lit(value) for name, value in facts.items()})


def test_a_week_without_a_value_leaves_those_around_it_theirs() -> None:
    waiting = 5.0 + 0.01 * np.arange(40)
    waiting[[0, 12]] = math.nan
    about = drawable.overview(("pilot_ban",), phases={"pilot_ban": []})
    figure = dict(plots.figures({"weekly": _weekly(waiting)}, about))["pilot_ban/course"]
    line = figure.findobj(lambda artist: artist.get_gid() == "difference waiting")[0].get_ydata()
    assert math.isnan(line[0])
    near = [waiting[max(week - min(week, 39 - week, 2), 0) : week + min(week, 39 - week, 2) + 1] for week in range(40)]
    assert line[1:] == pytest.approx([np.nanmean(each) - 4.0 for each in near[1:]])


def test_a_half_width_that_is_unknown_is_not_averaged_away() -> None:
    frame = _weekly(np.full(9, 5.0)).with_columns(half=pl.when(pl.col("week") == 4).then(None).otherwise("half"))
    about = drawable.overview(("pilot_ban",), phases={"pilot_ban": []})
    half = weekly.stored_lines({"weekly": frame}, overview(about).about("pilot_ban"), ["waiting"], 3).half[:, 0]
    assert np.isnan(half[3:6]).all()
    assert half[[0, 1, 2, 6, 7, 8]] == pytest.approx(0.2)


@pytest.mark.parametrize(("value", "words"), [(math.nan, "undefined in these weeks"), (4.0, "exactly 0")])
def test_a_course_that_is_undefined_is_not_said_to_be_zero(value: float, words: str) -> None:
    frame = _weekly(np.full(20, value)).with_columns(pl.col("rule").cast(pl.Float64), half=pl.lit(0.0))
    about = drawable.overview(("pilot_ban",), phases={"pilot_ban": []})
    figure = dict(plots.figures({"weekly": frame}, about))["pilot_ban/course"]
    said = {text.get_text() for text in figure.findobj(Text)}
    assert said & {"undefined in these weeks", "exactly 0"} == {words}


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    few = (drawable.comparison(("pilot_ban",), ("all", "managers")), drawable.overview(("pilot_ban",)))
    made = [plots.draw_all(tmp_path / each, *few, dots=50) for each in ("a", "b")]
    assert [path.read_bytes() for path in made[0]] == [path.read_bytes() for path in made[1]]
    assert (tmp_path / "a" / "figures" / "pilot_ban" / "winners.svg").is_file()


def test_the_page_on_figures_names_every_figure() -> None:
    page = (Path(plots.__file__).parents[2] / "docs" / "figures.md").read_text(encoding="utf-8")
    known = {name.rsplit("/", 1)[-1] for name in re.findall(r"`([a-z_/A-Z]+)`", page)}
    for drawings in plots.REGISTRY.values():
        assert {name.removeprefix("NAME/") for name in drawings} <= known


def test_pictures_of_shipped_fits_are_as_they_are_drawn_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the pages that need no simulation."""
    shipped = gallery.PLACE
    monkeypatch.setattr(gallery, "PLACE", tmp_path)
    gallery.draw(*gallery.SHIPPED)
    for name in gallery.SHIPPED[1]:
        np.testing.assert_array_equal(*(imread(folder / f"{name}.png") for folder in (shipped, tmp_path)), name)


def test_asking_how_the_gallery_is_made_makes_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        gallery.main(["--help"])
    assert "FOLDER" in capsys.readouterr().out


def caption(figure: Figure) -> str:
    """Read the lines of a figure's texts from the top."""
    lines = sorted(figure.texts, key=lambda text: (-text.get_position()[1], text.get_position()[0]))
    return " ".join(text.get_text() for text in lines)


def test_captions_speak_of_arrows_where_there_are_some() -> None:
    figures = [*drawn("comparison").items(), ("forest", few("forest")), *drawn("groups").items()]
    figures += [*drawn("readings").items(), ("regret", few("regret"))]
    seen = set()
    for name, figure in figures:
        if name.rpartition("/")[2] in ("forest", "effects", "who", "readings", "reading", "regret"):
            arrows = figure.findobj(lambda artist: getattr(artist, "get_marker", lambda: "")() in ("<", ">"))
            assert ("An arrow" in caption(figure)) == bool(arrows), name
            seen.add((name.rpartition("/")[2], bool(arrows)))
    assert {("forest", True), ("forest", False), ("readings", False), ("regret", True), ("regret", False)} <= seen


def test_words_in_place_of_bars_are_explained_where_they_stand() -> None:
    tables, about = made("learning")
    known = pl.col("measurement").is_in(["panel", "channel_log"]) & (pl.col("outcome") == "exhaustion")
    seen = set()
    for figures in (drawn("learning"), dict(plots.figures({"learning": tables["learning"].filter(known)}, about))):
        for name, figure in figures.items():
            there = {text.get_text() for text in figure.findobj(Text)}
            for word in ("zero", "only chance"):
                assert (word in there) == (f"{word.capitalize()}: " in caption(figure)), name
                seen.add((word, word in there))
    assert len(seen) == 4


def test_a_bar_too_short_to_be_seen_has_words_in_its_place() -> None:
    tables, about = made("learning")
    frame = tables["learning"]
    names = frame.filter(pl.col("removed_per_10000_yuan") > 0)["measurement"].unique(maintain_order=True)
    short = pl.when(measurement=names[0]).then(1e-9).otherwise(1.0) * pl.col("removed_per_10000_yuan")
    outcome = frame.filter(pl.col("removed_per_10000_yuan") > 0, measurement=names[1])["outcome"][0]
    for moved, there in ((frame, False), (frame.with_columns(removed_per_10000_yuan=short), True)):
        figure = one("pilot_ban/bought", {"learning": moved.filter(outcome=outcome)}, about)
        assert ("near zero" in {text.get_text() for text in figure.findobj(Text)}) is there
        assert ("less than a hundredth of the longest bar" in caption(figure)) is there


def test_no_regret_of_an_outcome_that_has_no_better_direction_is_not_said_to_be_chance() -> None:
    regret = ("regret_now", "regret_most", "removed_per_10000_yuan")
    unknown = made("learning")[0]["learning"].with_columns(pl.lit(None, pl.Float64).alias(name) for name in regret)
    tables = {"learning": unknown.with_columns(outcome=pl.lit("sent"))}
    figure = one("pilot_ban/bought", tables, made("learning")[1])
    there = [text.get_text() for text in figure.findobj(Text)]
    assert (there.count("undefined"), there.count("only chance")) == (4, 1)
    assert "Undefined: neither direction of the outcome is better" in caption(figure)


def test_an_effect_of_exactly_zero_is_said_to_be_so_in_an_explanation() -> None:
    nothing = {name: pl.lit(0.0) for name in ("effect", "low", "high")}
    table = made("explanation")[0]["explanation"].with_columns(**nothing)
    figure = draw_explanation({"explanation": table}, overview(made("explanation")[1]))
    assert "exactly 0" in {text.get_text() for text in figure.findobj(Text)}
    manifest = {"counterfactual": "status_quo", "remainder": {}, "scenario": "pilot_ban"}
    facts = {"firms": 20, "window": "weeks 1–2: rules fully in force"}
    shown = table.with_columns(**{name: pl.lit(value) for name, value in facts.items()})
    said = as_text(print_explanation, {"explanation": shown}, manifest, Path("x"))
    assert re.search(r"everything on +0 +0 +0 *$", said, re.MULTILINE)


def test_few_firms_are_warned_of_and_of_very_few_no_chances_are_drawn() -> None:
    tables, manifest = drawable.comparison(FEW), drawable.overview(FEW)
    for firms, said, other in ((6, "Fewer than 10 firms", "No chances"), (5, "No chances", "Chances: over")):
        ranks = tables["ranking"].with_columns(firms=pl.lit(firms))
        if firms == 5:
            numbers = ("probability_best", "expected_rank", "regret", "regret_high")
            ranks = ranks.with_columns(pl.lit(None, pl.Float64).alias(name) for name in numbers)
        drawn = dict(plots.figures({"ranking": ranks}, manifest))
        assert ("ranking" in drawn) == ("regret" in drawn) == (firms == 6)
        for figure in drawn.values():
            assert said in caption(figure)
            assert other not in caption(figure)


@pytest.mark.parametrize(
    ("more", "intervals", "chances"),
    [
        ({}, "Intervals: 95 %, over firms.", "Chances: over 140 firms, which every rule set with rules reaches;"),
        ({"uncertainty": None}, "Intervals: 95 %, over firms.", "Chances: over 140 firms, which every rule set"),
        (
            {"uncertainty": {"name": "audited"}},
            "Intervals: 95 %, over firms and over parameters drawn from “audited”.",
            "Parameters are drawn from “audited”.",
        ),
        (
            {"uncertainty": {"name": "audited"}, "replicates": 1},
            "over firms; a single replicate says nothing of parameters.",
            "A single replicate says nothing of parameters.",
        ),
    ],
)
def test_captions_say_what_intervals_and_chances_are_over(
    more: dict[str, object], intervals: str, chances: str
) -> None:
    two, chosen = FEW[:2], ("quiet_hours",)
    made = dict(plots.figures(drawable.comparison(two), drawable.overview(two, **more), "en", chosen))
    captions = {name: caption(figure) for name, figure in made.items()}
    for name in ("forest", "frontier", "winners", "quiet_hours/winners"):
        assert intervals in captions[name], name
    for name in ("ranking", "regret"):
        assert chances in captions[name], name


def test_what_counts_as_the_same_is_a_range_where_scenarios_have_their_own() -> None:
    persons = drawable.comparison(FEW)["persons"].filter(group="all", outcome="exhaustion")
    for least, said in ((0.2, "less than 0.20 sd"), (0.1, "less than 0.10 to 0.20 sd")):
        first = pl.col("scenario") == persons["scenario"][0]
        mine = persons.with_columns(threshold=pl.when(first).then(0.2).otherwise(least))
        figure = one("winners", {"persons": mine}, drawable.overview(FEW))
        assert said in " ".join(" ".join(text.get_text() for text in figure.findobj(Text)).split())


def test_a_threshold_that_nobody_has_is_a_dash() -> None:
    """It was a range from a dash to 0.0."""
    none = pl.DataFrame(schema={"outcome": pl.String, "threshold": pl.Float64})
    assert winners._threshold(none, "exhaustion").startswith("– ")


def test_a_rule_of_which_nobody_knows_the_winners_comes_last() -> None:
    persons, unknown = drawable.comparison(FEW)["persons"], pl.col("scenario") == "france_2017"
    numbers = ("share_better", "share_worse")
    lacking = persons.with_columns(pl.when(~unknown).then(pl.col(name)).alias(name) for name in numbers)
    figure = one("winners", {"persons": lacking}, drawable.overview(FEW))
    first = persons.filter(~unknown, outcome="share_burnt_out").sort(pl.col("share_worse") - pl.col("share_better"))
    names = [label("scenario", name) for name in (*first["scenario"], "france_2017")]
    assert [text.get_text() for text in figure.axes[0].texts if text.get_text() in names] == names


def test_shares_of_winners_have_lines_only_where_intervals_are_known() -> None:
    tables = drawable.comparison(FEW)
    unknown = [
        pl.lit(None, pl.Float64).alias(name) for name in tables["persons"].columns if name.endswith(("_low", "_high"))
    ]
    for persons, there in ((tables["persons"], True), (tables["persons"].with_columns(unknown), False)):
        figure = one("winners", {"persons": persons}, drawable.overview(FEW))
        tags = [line.get_gid() or "" for axes in figure.axes for line in axes.lines]
        assert any(tag.startswith("interval better") for tag in tags) == there


def test_every_set_of_parameters_has_a_mark_of_its_own() -> None:
    sets = tuple(f"set_{number}" for number in range(12))
    figure = one("readings", drawable.readings(FEW[:2], sets), drawable.overview(FEW[:2], "readings"))
    handles = [each for each in figure.legends[0].legend_handles if each and str(each.get_label()).startswith("set ")]
    looks = {(each.get_marker(), each.get_color()) for each in handles if isinstance(each, Line2D)}
    assert len(looks) == len(sets)


@pytest.mark.parametrize(
    "sets", [("surveyed", "report", "audited", "point"), [f"posterior_of_a_firm_with_a_long_name_{n}" for n in "ab"]]
)
def test_many_sets_of_parameters_and_long_names_have_their_space(sets: tuple[str, ...]) -> None:
    tables = drawable.readings(FEW[:2], tuple(sets))
    figures = dict(plots.figures(tables, drawable.overview(FEW[:2], "readings")))
    assert set(figures) == {"readings", "best", *(f"{name}/readings" for name in FEW[:2])}
    with styled():
        assert not [name for name, figure in figures.items() if overlaps(figure)]


def test_what_depends_on_the_set_is_shaded() -> None:
    tables = drawable.readings()
    figure = one("readings", tables, drawable.overview(FEW[:2] + FEW[-1:], "readings"))
    shown = {name for name in tables["conclusions"]["outcome"] if name in panels.HEADLINES}
    rows = tables["conclusions"].filter(pl.col("outcome").is_in(shown))
    for kind, color in readings.TINTS.items():
        boxes = [box for axes in figure.axes for box in axes.patches if to_hex(box.get_facecolor()) == color]
        assert len(boxes) == rows.filter(conclusion=kind).height > 0
    tags = {line.get_gid() for axes in figure.axes for line in axes.lines}
    for name in ("report", "audited"):
        assert f"effect share_burnt_out pilot_ban {name}" in tags


def said(figure: Figure) -> str:
    """Return all that is written on a figure."""
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def without_intervals(frame: pl.DataFrame, *ends: str) -> pl.DataFrame:
    return frame.with_columns(pl.lit(None, pl.Float64).alias(end) for end in ends or ("low", "high"))


def test_an_end_of_an_interval_is_a_number_also_if_it_is_zero() -> None:
    assert change((13.0, 0.0, 35.6)) == "+13.0  [0.0, +35.6]"
    assert change((0.0, 0.0, 0.0)) == "exactly 0"
    assert change((0.0, -1.0, 2.0)) == "0.0  [−1.0, +2.0]"
    unknown = (13.0, math.nan, math.nan)
    assert (change(unknown), change(unknown, stated=False)) == ("+13.0  –", "+13.0")


def test_a_rule_beyond_the_axes_of_a_frontier_dominates_others_all_the_same() -> None:
    tables, figure = made("comparison")[0], drawn("comparison")["frontier"]
    assert "Beyond the axes: tax incentive." in caption(figure)
    effects = {(row["scenario"], row["outcome"]): row["difference"] for row in tables["effects"].to_dicts()}
    points = [(effects[name, "employer_cost"], effects[name, "share_burnt_out"]) for name in drawable.LIBRARY]
    best = {
        name
        for name, (x, y) in zip(drawable.LIBRARY, points, strict=True)
        if not any(a < x and b < y for a, b in [*points, (0.0, 0.0)])
    }
    dots = figure.axes[1].findobj(lambda artist: str(artist.get_gid()).startswith("point "))
    dark = {dot.get_gid().removeprefix("point ") for dot in dots if dot.get_markerfacecolor() != "white"}
    assert dark == best - {"tax_incentive"}


def test_a_rule_beyond_the_axes_of_one_panel_of_a_frontier_is_in_the_other() -> None:
    tables, about = made("comparison")
    far = (pl.col("scenario") == "us_at_will") & (pl.col("outcome") == "employer_cost")
    ends = [pl.when(far).then(20 * pl.col(name)).otherwise(name).alias(name) for name in ("difference", "low", "high")]
    figure = one("frontier", tables | {"effects": tables["effects"].with_columns(ends)}, about)
    points = [axes.findobj(lambda artist: artist.get_gid() == "point us_at_will") for axes in figure.axes]
    assert [len(each) for each in points] == [1, 0]
    assert "Beyond the axes: tax incentive. " in f"{caption(figure)} "
    assert "Beyond the axes of the panel on cost to employers: US, at will. " in f"{caption(figure)} "


def test_numbers_of_levers_have_words() -> None:
    missing = {
        name
        for lever in kinds().values()
        for part in (lever, Scope)
        for name, field in part.model_fields.items()
        if {int, float} & {field.annotation, *get_args(field.annotation)} and name not in words()["field"]
    }
    assert not missing
    with speaking("zh", {"currency": "euro", "words": {"euro": {"en": "euros", "zh": "欧元"}}}):
        assert label("field", "fine_euro") == "罚款（欧元）"


def test_chinese_figures_have_no_english_words() -> None:
    tables, manifest = (
        drawable.sensitivity(("overload_spared", "tasks_per_day")),
        drawable.overview(FEW[:1], "sensitivity"),
    )
    figures = [drawn("log", "zh")["traffic"], drawn("search", "zh")["front_surveyed"]]
    figures += [figure for _, figure in plots.figures(tables, manifest, "zh")]
    for figure in figures:
        lines = [text.get_text() for text in figure.findobj(Text)]
        assert not [line for line in lines if re.search("[a-z]{2}|[0-9] [a-z]", re.sub("log.csv|Sobol", "", line))
                    and "Title of" not in line]  # fmt: skip
    pair = said(drawn("search", "zh")["trade_offs_surveyed"])
    assert "情绪耗竭（标准差）" in pair


def test_the_unit_of_an_axis_is_said_once() -> None:
    row = {"unit": "per year", "label": "", "label_zh": "", "scale": "linear"}
    names = {"inspections_per_year": "per year", "fine_yuan": "yuan", "let_up_days": "days", "from_hour": ""}
    axes = pl.DataFrame(
        [row | {"column": name, "name": f"levers.any.{name}", "unit": unit} for name, unit in names.items()]
    )
    titles = [sweep_axes.varied({"axes": axes}, name).title for name in names]
    assert titles == ["inspections per year", "fine, yuan", "let up, days", "from hour"]


def test_a_sensitivity_without_a_rule_or_with_few_firms_says_so() -> None:
    tables = drawable.sensitivity()
    alone = {name: frame.filter(measure="level") if "measure" in frame.columns else frame
             for name, frame in tables.items()}  # fmt: skip
    few = {"screening": tables["screening"].with_columns(above_chance=pl.lit(None, pl.Boolean))}
    manifest = drawable.overview(FEW[:1], "sensitivity")
    assert "effect of the rule" not in said(one("moves", alone, manifest))
    for name, figure in plots.figures(tables | few, manifest):
        assert ("firms are too few" in caption(figure)) == (name in ("moves", "screening"))


def test_a_sensitivity_of_many_parameters_says_which_it_leaves_out() -> None:
    tables, about = drawable.sensitivity(tuple(row.name for row in TABLE)[:30]), made("sensitivity")[1]
    ranked = sensitivity._ordered(tables["screening"])
    left = tables["indices"].filter(~pl.col("parameter").is_in(ranked))
    for name in ("moves", "screening"):
        figure = one(name, tables, about)
        assert "Drawn: of 30 parameters the 24 that move most" in caption(figure)
        assert "Drawn:" not in caption(drawn("sensitivity")[name])
    figure = one("shares", tables | {"indices": left}, about)
    names = {label("parameter", name) for name in left["parameter"]}
    assert len(names) == 6
    assert names <= {text.get_text() for text in figure.findobj(Text)}
    assert "Drawn:" not in caption(figure)


@pytest.mark.parametrize(
    ("share", "text"), [(0.497, "49.7 %"), (0.4996, "49.96 %"), (0.312, "31 %"), (0.5, "50 %"), (0.504, "50 %")]
)
def test_an_emulator_that_explains_too_little_is_not_written_as_the_half_that_is_asked_of_it(
    share: float, text: str
) -> None:
    tables, about = made("sensitivity")
    facts = tables["outcomes"].with_columns(explained=share, emulator_good=share >= GOOD)
    figure = one("shares", tables | {"outcomes": facts}, about)
    assert f"emulator {text}" in said(figure)
    assert ("too poor" in said(figure)) == (share < GOOD)


def test_a_level_is_explained_as_one() -> None:
    tables = drawable.explanation()
    alone = drawable.overview(("pilot_ban",), "explanation", counterfactual="pilot_ban")
    texts = said(dict(plots.figures(tables, alone))["explanation"])
    assert not re.search(r"\bpp\b|both worlds|effect|\+", texts)
    few = without_intervals(tables["explanation"], "low", "high", "contribution_low", "contribution_high")
    paired = drawable.overview(("pilot_ban",), "explanation")
    assert "interval" not in said(dict(plots.figures({"explanation": few}, paired))["explanation"]).lower()


def test_estimates_without_an_interval_are_named_as_such() -> None:
    tables = drawable.evaluation()
    bare = {name: without_intervals(frame) for name, frame in tables.items()}
    bare["estimates"] = bare["estimates"].with_columns(covers=pl.lit(None, pl.Boolean))
    for name, figure in plots.figures(bare, drawable.overview(FEW[:1], "evaluation")):
        assert "Thin lines" not in caption(figure), name
        assert "No intervals: there is a single firm" in caption(figure), name
        if name == "estimates":
            assert "no interval" in said(figure)
            assert "interval covers the truth" not in said(figure)


def test_an_event_study_says_why_some_months_have_no_interval() -> None:
    tables = drawable.evaluation()
    alone = pl.col("period") < -4
    steps = tables["event_study"].with_columns(pl.when(~alone).then(pl.col(end)).alias(end) for end in ("low", "high"))
    figures = dict(plots.figures(tables | {"event_study": steps}, drawable.overview(FEW[:1], "evaluation")))
    reason = "Thin lines: 95 % intervals; none where there is a single firm on a side."
    assert {name for name, figure in figures.items() if reason in caption(figure)} == {"event_study"}


def test_estimates_of_an_outcome_that_nobody_has_are_drawn() -> None:
    nothing = {name: frame.with_columns(pl.col(pl.Float64) * 0.0) for name, frame in drawable.evaluation().items()}
    assert dict(plots.figures(nothing, drawable.overview(FEW[:1], "evaluation"))).keys() == {"event_study", "estimates"}


def test_an_event_study_leaves_out_what_its_first_controls_do_not_have() -> None:
    tables = drawable.evaluation()
    other = pl.col("source") == "payroll"
    labelled = tables["event_study"].with_columns(
        controls=pl.when(other).then(pl.lit("refusers")).otherwise(pl.lit("other_cities"))
    )
    figure = one("event_study", tables | {"event_study": labelled}, drawable.overview(FEW[:1], "evaluation"))
    assert len(figure.axes) == 2


def test_a_scorecard_of_few_firms_speaks_of_no_interval() -> None:
    tables = {"scorecard": without_intervals(drawable.scorecard()["scorecard"])}
    (figure,) = dict(plots.figures(tables, drawable.overview(FEW[:1], "scorecard"))).values()
    assert "95 %" not in said(figure)
    assert "fewer than 6 firms give no interval" in caption(figure)


def test_what_lies_beyond_the_axes_of_a_calibration_is_seen() -> None:
    tables = fitted.calibration()
    far = pl.col("parameter") == tables["seeds"]["parameter"][0]
    off = pl.when(far).then(9 * pl.col("first_sd")).otherwise(0.0)
    moved = tables["seeds"].with_columns(pl.col(f"second_{end}") + off for end in ("mean", "low", "high"))
    ranks = tables["ranks"].with_columns(rank=pl.when(pl.col("world") < 40).then(0.99).otherwise(0.5))
    wide = tables["directions"].with_columns(kept=pl.col("kept") * 2)
    far_off = tables | {"seeds": moved, "ranks": ranks, "directions": wide}
    figures = {name: one(name, far_off, fitted.ABOUT) for name in ("seeds", "coverage", "directions")}
    arrows = [line for line in figures["seeds"].findobj(Line2D) if line.get_marker() == ">" and len(line.get_xdata())]
    assert len(arrows) == 1
    assert "An arrow" in caption(figures["seeds"])
    assert "An arrow" not in caption(drawn("calibration")["seeds"])
    share = marks(figures["coverage"], "coverage all")[0]
    assert figures["coverage"].axes[0].get_xlim()[0] < share < 60
    bars = figures["directions"].axes[0]
    assert [bar.get_width() for bar in bars.patches] == pytest.approx(100 * wide.sort("direction")["kept"].to_numpy())
    assert max(bar.get_width() for bar in bars.patches) < bars.get_xlim()[1]


def test_targets_beyond_the_axis_of_a_card_have_arrows_and_their_chance_is_not_none() -> None:
    tables = fitted.calibration()
    first = pl.col("observable") == tables["card"]["observable"][0]
    sd = (pl.col("error") ** 2 + pl.col("discrepancy") ** 2).sqrt()
    far = {"tension": pl.lit(-9.0), "observed": pl.col("reported") + 9 * sd, "chance": pl.lit(0.001)}
    moved = tables["card"].with_columns(**{k: pl.when(first).then(v).otherwise(k) for k, v in far.items()})
    figure, usual = one("target_card", tables | {"card": moved}, fitted.ABOUT), drawn("calibration")["target_card"]
    arrows = {line.get_marker(): line.get_color() for line in figure.axes[0].lines if line.get_marker() in ("<", ">")}
    assert arrows == {"<": WITHOUT, ">": MARKS["better"].color}
    assert not marks(figure, f"tension {tables['card']['observable'][0]}")
    assert "An arrow" in caption(figure)
    assert "An arrow" not in caption(usual)
    assert "<1 %" in {text.get_text() for text in figure.findobj(Text)}


def test_posteriors_at_many_discrepancies_have_marks_of_their_own() -> None:
    tables = fitted.calibration()
    five = fitted.discrepancy(tables["posterior"], (0.0, 0.5, 1.0, 1.5, 2.0))
    figure = one("discrepancy", tables | {"discrepancy": five}, fitted.ABOUT)
    assert len({(mark.get_marker(), mark.get_color()) for mark in figure.legends[0].legend_handles}) == 5
    assert not overlaps(figure)


def test_rates_within_a_decade_have_ticks_that_say_their_scale() -> None:
    shapes, about = drawable.log()["shapes"], drawable.of_log()
    rates = pl.when(shape="rates").then(8.0 + 0.4 * pl.col("place")).otherwise("value")
    figure = dict(plots.figures({"shapes": shapes.with_columns(value=rates)}, about))["traffic"]
    (axes,) = [axes for axes in figure.axes if axes.get_xlabel() == "messages a day"]
    low, high = axes.get_xlim()
    assert len([tick for tick in axes.get_xticks() if low <= tick <= high]) >= 2


def test_people_who_write_at_even_times_are_on_the_axis() -> None:
    shapes = drawable.log()["shapes"].with_columns(value=pl.when(shape="bursts").then(-0.5).otherwise("value"))
    figure = dict(plots.figures({"shapes": shapes}, drawable.of_log()))["traffic"]
    (axes,) = [axes for axes in figure.axes if axes.get_xlabel() == "burstiness"]
    assert axes.get_xlim()[0] <= -0.5


def test_all_groups_of_a_log_are_drawn() -> None:
    groups = [("all", "any"), ("rank", "leading"), ("rank", "others"), *(("channel", name) for name in CHANNELS)]
    frame = pl.DataFrame([
        {"rule": rule, "by": by, "group": group, "messages": 100, "people": 20, "share": 0.3, "low": 0.2, "high": 0.4}
        for by, group in groups for rule in (("any", "ban", "batching") if by == "all" else ("any",))
    ])  # fmt: skip
    figure = dict(plots.figures({"touched": frame}, {"kind": "touched", "scenario": "pilot_ban"}))["touched"]
    assert {label("channel", name) for name in CHANNELS} <= {text.get_text() for text in figure.findobj(Text)}
    assert not overlaps(figure)


def test_an_effect_that_one_set_does_not_know_is_left_out_of_its_column() -> None:
    tables = drawable.readings()
    hit = (pl.col("outcome") == "waiting") & (pl.col("reading") == "audited")
    numbers = ("difference", "low", "high")
    some = tables["readings"].with_columns(pl.when(~hit).then(pl.col(name)).alias(name) for name in numbers)
    figure = one("pilot_ban/readings", tables | {"readings": some}, drawable.overview(FEW[:1], "readings"))
    assert marks(figure, "effect waiting pilot_ban report")
    assert not marks(figure, "effect waiting pilot_ban audited")


def test_a_kind_without_figures_is_named() -> None:
    with pytest.raises(ResultsError, match="'targets'"):
        dict(plots.figures({}, {"kind": "targets"}))


def test_a_chinese_label_has_no_blank_before_the_bracket_of_its_unit() -> None:
    for language, wanted in (("en", r"\w \(\w"), ("zh", r"\w（\w")):
        labels = [axis.get_label_text() for axes in drawn("calibration", language)["pairs"].axes
                  for axis in (axes.xaxis, axes.yaxis)]  # fmt: skip
        assert any(re.search(wanted, label) for label in labels)
        assert not any(" （" in label for label in labels)
