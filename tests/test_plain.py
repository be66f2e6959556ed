"""The answer in five plain sentences: its numbers are those of the tables, and it claims no more than they do."""

import math
import re
from pathlib import Path

import polars as pl
import pytest

from sim.figures.context import any_stated
from sim.figures.effect import Effect
from sim.figures.style import MARKS
from sim.figures.words import LANGUAGES, speaking, words
from sim.outcomes import BY_NAME, FEWEST
from sim.publishing.answers import answer_for
from sim.report import plain as module
from sim.report.comparison import best, effect_tables
from sim.report.intervals import parameters_drawn
from sim.report.plain import effect_sentence, few_firms, four_outcomes, misfit, plain
from sim.report.run import headlines
from sim.stats.ranks import undecided
from tests import drawable, test_plots

SURVEYED = {"uncertainty": {"name": "surveyed", "draws": 64}}


def test_a_run_is_answered_in_five_sentences_with_the_numbers_of_its_table() -> None:
    said = plain(test_plots.tables(6, 12, 1), test_plots.manifest())
    assert len(said) == 5
    burnt_out = "falls from 44.80 % by 1.61 percentage points (95 % interval of the change: −2.46 to −0.76), a gain."
    assert said[0].endswith(burnt_out)
    assert "Output per hour worked rises by 2.6 %" in said[2]
    assert "2 simulated economies" in said[4]
    assert "economies, with the parameters of the table" in said[4]


def test_the_table_has_a_row_for_each_outcome_of_the_answer() -> None:
    frame = test_plots.tables(6, 12, 1)["effects"]
    unpaid = frame.filter(outcome="latent_overtime").with_columns(
        outcome=pl.lit("unpaid_overtime", frame["outcome"].dtype)
    )
    names = [row["outcome"] for row in headlines(pl.concat([frame, unpaid]))]
    assert set(four_outcomes(names)) <= set(names)
    assert names[names.index("hidden_overtime") + 1] == "unpaid_overtime"


def test_a_table_says_why_an_interval_is_not_there() -> None:
    known, zero = {"difference": 1.0, "low": 0.5}, {"difference": 0.0, "low": None}
    assert few_firms([known, zero]) == ""
    assert few_firms([known, {"difference": 1.0, "low": None}]) == words()["run"]["few_firms"]["en"]
    assert few_firms([{"value": 2.0, "low": None}]) == words()["run"]["no_interval"]["en"]


def test_a_table_does_not_repeat_what_the_answer_above_it_says() -> None:
    """It says so where the four outcomes of the answer do not differ."""
    rows = [{"outcome": name, "difference": 1.0, "low": None} for name in ("share_burnt_out", "waiting")]
    assert few_firms(rows, answered=True) == ""
    names = ("share_burnt_out", "unpaid_overtime", "output_per_hour", "employer_cost")
    zero = [{"outcome": name, "difference": 0.0, "low": 0.0} for name in names]
    assert few_firms([*zero, rows[1]], answered=True) == words()["run"]["few_firms"]["en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_number_of_firms_that_an_interval_needs_is_the_one_that_is_said(language: str) -> None:
    for kind, name in (
        ("verdict", "unknown"),
        ("plain", "unknown"),
        ("plain", "unknown_all"),
        ("plain", "best_bare"),
        ("plain", "best_unknown"),
        ("text", "chances_none"),
        ("comparison", "best_none"),
        ("robustness", "unknown_signs"),
        ("run", "few_firms"),
        ("run", "no_interval"),
        ("page", "reading"),
        ("text", "dash"),
        ("text", "course_few"),
        ("text", "displacement_unknown"),
    ):
        assert re.findall(r"\d+", words()[kind][name][language]) == [str(FEWEST)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_interval_does_not_support_is_not_claimed(language: str) -> None:
    tables = drawable.comparison(("pilot_ban",))
    verdicts = {}
    for key, low, high in (("clear", -3.0, -1.0), ("unclear", -3.0, 1.0), ("unknown", None, None), ("zero", 0.0, 0.0)):
        value = 0.0 if key == "zero" else -2.0
        ends = {"difference": value, "low": low, "high": high}
        changed = tables["effects"].with_columns(pl.lit(end, pl.Float64).alias(name) for name, end in ends.items())
        with speaking(language):
            verdicts[key] = plain({"effects": changed}, drawable.overview(("pilot_ban",), **SURVEYED))[0]
    assert len(set(verdicts.values())) == 4
    moved = words()["plain"]["lower"][language]
    assert [key for key, text in verdicts.items() if moved in text] == ["clear"]
    assert words()["plain"]["unclear"][language].split("{")[1].split("}")[1][:5] in verdicts["unclear"]
    assert language == "en" or re.search("原为 [0-9.]+%，变化 ", verdicts["unclear"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_clearest_headline_outcome_is_named_beside_its_family_unless_that_says_the_same(language: str) -> None:
    tables, manifest = test_plots.tables(6, 12, 1), test_plots.manifest()
    some = pl.col("outcome").is_in(["share_burnt_out", "latent_overtime", "output_per_hour"])
    every = tables["effects"].with_columns(low=-9e9, high=9e9)
    none = every.filter(some)
    one = every.with_columns(
        pl.when(pl.col("outcome") == "hidden_overtime").then(-end).otherwise(name).alias(name)
        for name, end in {"difference": 1.5, "low": 2.5, "high": 0.5}.items()
    )
    same = one.with_columns(
        pl.when(pl.col("outcome") == "latent_overtime").then(-end).otherwise(name).alias(name)
        for name, end in {"difference": 1.5, "low": 2.9, "high": 0.1}.items()
    )
    with speaking(language):
        lead = words()["plain"]["clearest"][language].removeprefix("{text}").removesuffix("{clearest}").strip()
        told = {key: plain({"effects": frame}, manifest) for key, frame in dict(none=none, one=one, same=same).items()}
    assert [key for key, said in told.items() if lead in "".join(said)] == ["one"]
    [beside] = [text for text in told["one"] if lead in text]
    assert beside.startswith(overtime(language))
    assert len(told["one"]) == len(told["same"]) == 5
    assert "−2.5" in beside.partition(lead)[2]


def answered_by(**effects: tuple[float, float]) -> list[str]:
    """Answer from differences, with half the widths of their intervals; the sentence of each of the four."""
    found = {}
    for name, (difference, half) in effects.items():
        ends = {"baseline": 50.0, "difference": difference, "low": difference - half, "high": difference + half}
        found[name] = Effect(name, BY_NAME[name].family, BY_NAME[name].unit, "lower", 40, **ends)
    return module._effects(found)


UNCLEAR = (0.1, 1.0)


def test_the_clearest_effect_is_the_largest_beside_its_interval() -> None:
    """Five widths beat five eighths of one; an unclear one is never the clearest, though others are exactly zero."""
    four = dict.fromkeys(("share_burnt_out", "latent_overtime", "output_per_hour", "employer_cost"), UNCLEAR)
    said = answered_by(**four, exhaustion=(-1.0, 0.1), recorded_overtime=(-5.0, 4.0))
    assert ["Clearest" in text for text in said] == [True, False, False, False]
    assert not any("Clearest" in text for text in answered_by(**dict.fromkeys(four, (0.0, 0.0)), exhaustion=UNCLEAR))


def test_the_clearest_effect_is_left_out_where_one_of_its_family_says_the_same() -> None:
    """Without the last two of the four, two of one family stand there; of no family there, it stands at the end."""
    two = {"share_burnt_out": UNCLEAR, "exhaustion": UNCLEAR, "latent_overtime": UNCLEAR}
    clear = {"recorded_overtime": (-5.0, 0.1)}
    assert any("Clearest" in text for text in answered_by(**two, hidden_overtime=UNCLEAR, **clear))
    for one in ("latent_overtime", "hidden_overtime"):
        mixed = two | {"hidden_overtime": UNCLEAR} | {one: (-1.0, 0.9)}
        assert not any("Clearest" in text for text in answered_by(**mixed, **clear))
    other = dict.fromkeys(("share_burnt_out", "latent_overtime", "employer_cost", "exhaustion"), UNCLEAR)
    said = answered_by(**other, waiting=(-5.0, 0.1))
    assert ["Clearest" in text for text in said] == [False, False, False, True]


def test_that_no_interval_is_known_is_said_once_of_several_and_by_itself_of_one() -> None:
    few = "fewer than 6 firms give no interval"
    unknown = (1.0, math.nan)
    several = answered_by(share_burnt_out=unknown, latent_overtime=UNCLEAR, output_per_hour=unknown)
    assert [few in text for text in several] == [False, False, True]
    assert "of any of these changes" in several[-1]
    (alone, _) = answered_by(share_burnt_out=unknown, latent_overtime=UNCLEAR)
    assert "any of these" not in alone
    rows = {"outcome": ["share_burnt_out", "latent_overtime", "waiting"], "unit": ["share", "h/week", "h/answer"]}
    ends = {"value": [0.4, 3.0, 0.256], "low": [None, None, 0.1], "high": [None, None, 24.1]}
    levels = pl.DataFrame(rows | ends).with_columns(group=pl.lit("all"))
    said = plain({"levels": levels}, test_plots.manifest(worlds=("status_quo",)))
    assert [few in text for text in said[:3]] == [False, True, False]
    assert "0.26 hours for each answer (95 % interval 0.10 to 24.10)" in said[2]


def test_a_relative_change_has_as_many_decimals_as_its_interval_needs() -> None:
    output = Effect("output_per_hour", "efficiency", "min/h", "higher", 9, 200.0, 24.694, 23.8, 25.6)
    assert "12.35 %" in effect_sentence(output)


def test_only_quantities_that_were_fitted_are_counted_as_missed() -> None:
    row = {"quantity": "log_lunch_share", "unit": "share", "log": 0.1, "model": 0.2, "low": 0.15, "high": 0.3}
    rows = [row, row | {"log": 0.15}, row | {"quantity": "log_sent"}]
    (said,) = misfit(pl.DataFrame(rows).with_columns(role=pl.Series(["calibrated", "calibrated", "checked"])), {})
    assert "in 1 of the 2 values" in said


def overtime(language: str) -> str:
    """Return how the sentence on overtime begins."""
    with speaking(language):
        return module.plain_name("latent_overtime")


def test_of_several_rules_the_best_is_named_with_its_chance() -> None:
    names = ("pilot_ban", "quiet_hours", "placebo")
    tables, manifest = drawable.comparison(names), drawable.overview(names, **SURVEYED)
    said = plain(tables, manifest)
    assert len(said) == 5
    rows = tables["ranking"].filter(pl.col("outcome") == "share_burnt_out").sort("probability_best", descending=True)
    rule, chance = rows["scenario"][0], rows["probability_best"][0]
    assert f"is most likely lowest under “Title of {rule}”, with a chance of {100 * chance:.0f} %" in said[0]
    assert "highest" in next(text for text in said if text.startswith("Output"))
    one_firm = tables["ranking"].with_columns(probability_best=pl.lit(None, pl.Float64))
    said = plain({**tables, "ranking": one_firm}, manifest)
    assert ["do not show which rule is best" in text for text in said] == [True, False]  # once for all outcomes
    assert "burnt out; overtime that is on no record; output per hour worked; what a person" in said[0]
    assert said[0].count(";") == 3


@pytest.mark.parametrize(("language", "ranked"), [
    ("en", " % (ranked on 9 firms and weeks 40–103): in its own 140 firms and weeks 34–103 it changes from "),
    ("zh", "%（排名按 9 家企业、第 40–103 周）：在该规则自身的 140 家企业、第 34–103 周内，原为 "),
])  # fmt: skip
def test_a_chance_and_a_change_in_other_firms_or_weeks_say_in_which(language: str, ranked: str) -> None:
    names = ("pilot_ban", "quiet_hours")
    tables, manifest = drawable.comparison(names), drawable.overview(names, **SURVEYED)
    narrower = {"firms": pl.lit(9), "window": pl.lit("weeks 40–103")}
    parts = [narrower, {"firms": narrower["firms"]}, {"window": narrower["window"]}, {}]
    with speaking(language):
        said = [plain({**tables, "ranking": tables["ranking"].with_columns(**part)}, manifest)[0] for part in parts]
    assert ranked in said[0]
    assert ["140" in text for text in said] == [True, True, True, False]


@pytest.mark.parametrize(("language", "whose"), [
    ("en", " %: under “Title of pilot_ban” it changes "), ("zh", "%：在“Title of pilot_ban”下，原为 "),
])  # fmt: skip
def test_of_rules_that_are_tied_for_best_it_is_said_whose_change_is_given(language: str, whose: str) -> None:
    names = ("pilot_ban", "quiet_hours")
    tables, manifest = drawable.comparison(names), drawable.overview(names, **SURVEYED)
    tied = pl.col("scenario").is_in(names)
    worse = pl.when(tied).then(0.0).otherwise(1.0)
    ranks = {"probability_best": (1 - worse) / 2, "expected_rank": 1 + worse}
    tables["ranking"] = tables["ranking"].with_columns(mean=worse, regret=worse, regret_high=worse, **ranks)
    same = [tables["effects"].filter(scenario=names[0]).with_columns(scenario=pl.lit(name)) for name in names]
    with speaking(language):
        said, alike = plain(tables, manifest)[0], plain({**tables, "effects": pl.concat(same)}, manifest)[0]
    assert whose in said
    assert whose not in alike


def test_rules_that_are_alike_where_they_are_ranked_may_differ_elsewhere() -> None:
    """Each effect is on firms and weeks of its own, so that the table below may hold another number than zero."""
    names = ("pilot_ban", "quiet_hours")
    tables, manifest = drawable.comparison(names), drawable.overview(names, **SURVEYED)
    alike = tables["ranking"].with_columns(probability_best=1 / 3, expected_rank=2.0, mean=0.4, regret_high=0.0)
    assert (tables["effects"].filter(outcome="share_burnt_out")["difference"] != 0).any()
    said = plain({**tables, "ranking": alike}, manifest)[0]
    assert said.endswith(", in the firms and weeks in which they are ranked.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_over_few_firms_it_is_said_once_that_there_are_no_intervals_or_chances(language: str) -> None:
    names, few = ("pilot_ban", "quiet_hours"), f"{FEWEST} 家" if language == "zh" else f"fewer than {FEWEST} firms"
    tables = drawable.comparison(names)
    numbers = {"low", "high", "probability_best", "expected_rank", "regret", "regret_high", "share_lower"}
    without = {
        name: frame.with_columns(pl.lit(None, pl.Float64).alias(each) for each in numbers & set(frame.columns))
        for name, frame in tables.items()
    }
    alike = pl.col("outcome") == without["ranking"]["outcome"][-1]  # nothing differs: all have the same chance
    same = pl.when(alike).then(0.0)
    without["ranking"] = without["ranking"].with_columns(
        probability_best=pl.when(alike).then(1 / 3), expected_rank=pl.when(alike).then(2.0), mean=same, regret=same,
        regret_high=same, window=pl.lit("weeks 34–103"), over=pl.lit("firms"),
    )  # fmt: skip
    assert (undecided(tables["ranking"]), undecided(without["ranking"])) == (False, True)
    one = {name: frame.filter(pl.col("scenario") == names[0]) for name, frame in without.items() if name != "ranking"}
    with speaking(language):
        said, heads = best(without["ranking"]), effect_tables(without["effects"], names, 400)
        alone = plain(one, drawable.overview(names[:1], **SURVEYED))
        answer = answer_for("x", one, drawable.overview(names[:1], **SURVEYED))
    assert sum(few in text for text in said) == 1
    assert len(said) <= 2
    assert not any("–" in str(cell) for table in heads for column in table.columns[1:] for cell in column.cells)
    assert sum(few in text for text in alone) == 1
    cells = [cell for grid in (*answer.who, *answer.sure_grids) for row in grid.rows for cell in row]
    assert not any(few in cell or "  –" in cell for cell in cells)


def test_where_others_have_an_interval_a_dash_stands_for_one() -> None:
    """Why there is none is said once, in a note."""
    run = drawable.overview(("pilot_ban",), **SURVEYED)
    tables = {name: each for name, each in drawable.comparison(("pilot_ban",)).items() if name != "ranking"}
    some = pl.col("outcome") == "share_burnt_out"
    ends = [pl.when(~some).then(name).alias(name) for name in ("low", "high")]
    answer = answer_for("x", {**tables, "effects": tables["effects"].with_columns(ends)}, run)
    [headlines] = [grid for grid in answer.sure_grids if grid.name == "headlines"]
    [row] = [row for row in headlines.rows if row[0] == "share burnt out"]
    assert row[-2].endswith("  –")
    assert row[-1] == "–"
    assert not any(
        "no interval" in cell for grid in (*answer.who, *answer.sure_grids) for row in grid.rows for cell in row
    )
    assert sum("fewer than 6 firms no interval is stated (–)" in text for text in answer.sure) == 1


def test_a_world_by_itself_has_levels_and_no_effect() -> None:
    rows = {"outcome": ["share_burnt_out", "waiting"], "unit": ["share", "h/answer"], "value": [0.448, 8.2]}
    levels = pl.DataFrame(rows | {"low": [0.43, None], "high": [0.47, None], "group": ["all", "all"]})
    said = plain({"levels": levels}, test_plots.manifest(worlds=("status_quo",)))
    assert said[0] == "The share of people who are burnt out: 44.8 % (95 % interval 43.0 to 47.0)."
    assert said[1].startswith("Waiting for an answer: 8.2 hours for each answer; fewer than 6 firms")
    assert "nothing of an effect" in said[2]


def test_a_single_economy_has_one_draw_and_no_other() -> None:
    [*_, said] = plain(drawable.comparison(("placebo",)), drawable.overview(("placebo",), **SURVEYED, replicates=1))
    assert "in 1 simulated economy, with one draw of the parameters from the set “surveyed”" in said


def test_the_end_of_an_interval_that_excludes_zero_is_not_written_as_zero() -> None:
    rising = Effect("waiting", "efficiency", "h/answer", "lower", 9, 8.0, 3.0, 0.02, 6.1)
    assert "(95 % interval of the change: +0.02 to +6.10), a loss" in effect_sentence(rising)
    output = rising._replace(outcome="output_per_hour", unit="min/h", better="higher", baseline=100.0)
    assert "(95 % interval of the change: +0.02 to +6.10), a gain" in effect_sentence(output)


def test_a_small_change_without_an_interval_is_not_written_as_none() -> None:
    size = {"family": "efficiency", "better": "higher", "people": 40, "baseline": 41.0}
    small = Effect("output_per_hour", unit="min/h", difference=0.0141, low=math.nan, high=math.nan, **size)
    assert effect_sentence(small).startswith("Output per hour worked changes by +0.034 %;")
    large = small._replace(difference=56.0)
    assert effect_sentence(large).startswith("Output per hour worked changes by +137 %;")


def test_what_more_draws_might_decide_otherwise_is_said() -> None:
    tables, manifest = drawable.comparison(("pilot_ban",)), drawable.overview(("pilot_ban",), **SURVEYED)
    close = pl.col("outcome").is_in(["share_burnt_out", "exhaustion"])
    errors = {f"{end}_error": pl.when(close).then(pl.col(end).abs()).otherwise(0.0) for end in ("low", "high")}
    [*_, said] = plain({**tables, "effects": tables["effects"].with_columns(**errors)}, manifest)
    assert said.endswith(
        "A close call, which more replicates might decide otherwise, is whether zero is in the interval of: "
        "share burnt out."
    )
    [*_, said] = plain(tables, manifest)
    assert "close call" not in said


def test_where_no_interval_is_stated_none_is_spoken_of() -> None:
    names = ("pilot_ban", "quiet_hours")
    tables, manifest = drawable.comparison(names), drawable.overview(names)
    few = tables["effects"].with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("low", "high"))
    assert "the intervals do not say" in plain(tables, manifest)[-1]
    assert "interval" not in plain({**tables, "effects": few}, manifest)[-1]
    drawn = {"uncertainty": {"name": "surveyed", "draws": 64}, "replicates": 16}
    assert "Intervals" in parameters_drawn(drawn)
    assert "Intervals" not in parameters_drawn(drawn, any_stated({"effects": few}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_firm_that_is_not_like_its_log_is_said_before_its_effects(language: str) -> None:
    """Messages that a log lacks explain it, unless they are known to lack; a fit that holds is not spoken of."""
    sent = {
        "quantity": "log_sent",
        "role": "calibrated",
        "unit": "messages a day",
        "log": 0.43,
        "model": 18.5,
        "high": 20.0,
    }
    lunch = {
        "quantity": "log_lunch_share",
        "role": "calibrated",
        "unit": "share",
        "log": 0.1,
        "model": 0.2,
        "high": 0.3,
    }

    def said(low: float, *rows: dict[str, object], partial: bool = False) -> list[str]:
        agreement = pl.DataFrame([row | {"low": low} for row in rows])
        about = test_plots.manifest() | {"log": {"partial": partial}}
        return plain({**test_plots.tables(6, 12, 1), "agreement": agreement}, about)

    with speaking(language):
        usual = plain(test_plots.tables(6, 12, 1), test_plots.manifest())
        first, *rest = said(1.0, lunch, sent)
        other, known = said(1.0, lunch)[0], said(1.0, sent, partial=True)[0]
        assert rest == said(0.0, lunch, sent) == usual
    assert {"0.430", "18.5"} <= set(re.findall(r"[\d.]+\d", first))
    assert [("--partial" in each) for each in (first, other, known)] == [True, False, False]


def test_the_words_of_the_sentences_are_all_used() -> None:
    text = Path(module.__file__).read_text(encoding="utf-8")
    quoted = set(re.findall(r'"([a-z_]+)"', text))
    assert words()["plain"].keys() <= quoted | MARKS.keys()
