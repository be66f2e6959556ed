"""The summary: a sentence says no more than its interval."""

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.cells import cell_len

from sim.comparing.basis import FULLY, VARYING
from sim.comparing.comparison import displacement, drift
from sim.comparing.effects import contrasts, effects
from sim.figures.words import LANGUAGES, label, speaking
from sim.outcomes import BY_NAME
from sim.publishing.answers import answer_for
from sim.report.comparison import phase_effects
from sim.report.console import as_text
from sim.report.intervals import any_interval, parameters_drawn, widths
from sim.report.numbers import band, distinct_decimals, full_name, share_of
from sim.report.plain import assumptions, plain
from sim.report.run import (
    drift_notes,
    headline_table,
    headlines,
    lapse,
    minutes_sentences,
    print_run,
    print_summary,
    relative,
    sentence,
    verdict,
)
from tests import test_plots
from tests.synthetic import Lever, Rules, economy

BASE, BAN = Rules("base"), Rules("ban", [Lever()])
MANIFEST: dict[str, Any] = {
    "scenario": "ban",
    "counterfactual": "base",
    "phases": [],
    "resolved": {
        "title": "A ban [draft]", "calendar": {"start": "2026-01-05"},
        "run": {"people": 100, "years": 0.5, "replicates": 2, "seed": 7},
    },
    "tables": {"effects": {}, "people": {}},
}  # fmt: skip
FOLDER = Path("results/ban")


def row(difference: float | None, low: float | None, high: float | None, better: str = "lower") -> dict[str, Any]:
    levels = {"baseline": 0.4, "scenario_value": None if difference is None else 0.4 + difference}
    effect = {"difference": difference, "low": low, "high": high, "better": better}
    effect |= {"relative": None if difference is None else difference / 0.4}
    effect |= {"low_50": low and low / 2, "high_50": high and high / 2}
    return {"outcome": "share_burnt_out", "unit": "share"} | levels | effect


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (row(-0.05, -0.08, -0.02), "lower, a gain; the interval excludes zero"),
        (row(0.05, 0.02, 0.08), "higher, a cost; the interval excludes zero"),
        (row(0.05, 0.02, 0.08, better="higher"), "higher, a gain; the interval excludes zero"),
        (row(0.05, 0.02, 0.08, better=""), "higher; the interval excludes zero"),
        (row(-0.05, -0.11, 0.01), "no clear effect: the interval includes zero"),
        (row(-0.05, -0.10, 0.0), "no clear effect: the interval includes zero"),
        (
            row(-0.05, -0.08, -0.012) | {"low_error": 0.01, "high_error": 0.01},
            "lower, a gain; the interval excludes zero, narrowly: more draws might decide otherwise",
        ),
        (
            row(-0.05, -0.08, -0.013) | {"low_error": 0.01, "high_error": 0.01},
            "lower, a gain; the interval excludes zero",
        ),
        (
            row(-0.05, -0.11, 0.01) | {"low_error": 0.01, "high_error": 0.01},
            "no clear effect: the interval includes zero, narrowly: more draws might decide otherwise",
        ),
        (
            row(-0.05, -0.11, 0.0) | {"low_error": 0.01, "high_error": 0.01},  # it cannot rise, whatever is drawn
            "no clear effect: the interval includes zero",
        ),
        (row(0.0, 0.0, 0.0), "exactly the same in both worlds"),
        (row(None, None, None), "it cannot be computed, as its denominator is zero"),
    ],
)
def test_verdict(effect: dict[str, Any], words: str) -> None:
    assert verdict(effect) == words
    assert sentence(effect).endswith(f"{words}.")


def test_a_sentence_without_an_interval_has_no_verdict() -> None:
    """Why there is none is said once, in a note."""
    assert sentence(row(-0.05, None, None)) == ("Burnout, share above the cut-off: 40.0 % → 35.0 %, −12.5 %, −5.0 pp.")


@pytest.mark.parametrize(
    ("share", "unit", "written"),
    [
        (-0.0004, "h/week", "−0.040 %"),
        (-0.085, "share", "−8.5 %"),
        (0.0, "h", "0 %"),
        (None, "h", "–"),
        (0.2, "sd", "–"),
    ],
)
def test_a_relative_change_is_zero_only_where_nothing_changes(share: float | None, unit: str, written: str) -> None:
    """Of a score, which has no natural zero, there is none."""
    assert relative({"relative": share, "unit": unit}) == written


@pytest.mark.parametrize(
    ("share", "written"),
    [(None, "–"), (0.0, "0 %"), (1.0, "100 %"), (0.003, "<1 %"), (0.998, ">99 %"), (-0.004, "0 %"), (-0.12, "−12 %")],
)
def test_only_none_and_all_are_written_as_0_and_100(share: float | None, written: str) -> None:
    assert share_of(share) == written


def test_a_line_on_an_outcome_begins_with_a_capital() -> None:
    """Also where it has no name of its own at the start of a sentence."""
    assert {full_name(name)[0].isupper() for name in BY_NAME} == {True}


def test_a_value_outside_an_interval_is_not_written_as_its_end() -> None:
    """0.2449 is written as 0.24, as its end 0.2351 is; at the end itself there is nothing to tell apart."""
    assert distinct_decimals(0.2449, (0.2351, 0.5), 2) == 3
    assert distinct_decimals(0.2351, (0.2351, 0.5), 2) == 2
    assert distinct_decimals(0.21, (0.2351, 0.5), 2) == 2
    assert distinct_decimals(0.2, (0.2 + 1e-12, 0.5), 2) == 6  # at most


def test_a_band_may_be_open_on_a_side() -> None:
    ends = ((1.0, 2.0), (1.0, None), (None, 2.0), (None, None))
    assert [band(low, high, str) for low, high in ends] == ["1.0 to 2.0", "≥ 1.0", "≤ 2.0", "–"]


def test_a_sentence_has_both_values_and_the_interval() -> None:
    assert sentence(row(-0.05, -0.08, -0.02)) == (
        "Burnout, share above the cut-off: 40.0 % → 35.0 %, −12.5 %, −5.0 pp (95 % interval −8.0 pp to −2.0 pp, "
        "50 % interval −4.0 pp to −1.0 pp): lower, a gain; the interval excludes zero."
    )


def text_of(tables: dict[str, pl.DataFrame]) -> str:
    found = {
        "effects": effects(tables, BAN, BASE, uncertain=False),
        "displacement": displacement(tables, BAN, BASE, uncertain=False),
    }
    return " ".join(as_text(print_summary, found, MANIFEST, FOLDER).split())


def test_a_placebo_claims_nothing() -> None:
    text = text_of(economy(7))
    assert text.startswith("A ban [draft] ")
    assert "“A ban [draft]” compared with “base”, with common random numbers:" in text
    assert (
        text.count("exactly the same in both worlds") == 10 + 1
    )  # headlines and others of the answer, and the firms out of scope
    assert "excludes zero" not in text
    assert "No channel's loss of minutes is clear enough" in text
    assert "Results: results/ban (2 tables, manifest.json)." in text
    assert "\x1b" not in text


def test_of_few_firms_nothing_is_said_about_channels_that_lost_minutes() -> None:
    """Without an interval nobody knows; with one that includes zero none clearly lost."""
    named = (
        "channel",
        "minutes_per_person_week",
        "difference",
        "low",
        "high",
        "displaced",
        "displaced_low",
        "displaced_high",
    )
    before = [("all", 90.0, *[None] * 6), ("im", 90.0, *[None] * 6)]
    for bounds, said in (((None, None), "do not show which channels"), ((-80.0, 5.0), "No channel's loss")):
        after = [(channel, 31.0, -59.0, *bounds, *[None] * 3) for channel in ("all", "im")]
        assert said in " ".join(minutes_sentences(pl.DataFrame([*before, *after], named, orient="row")))


def test_an_effect_is_stated_and_out_of_scope_firms_are_vouched_for() -> None:
    halved = (pl.col("hidden_overtime_minutes") / 2, (pl.col("after_seconds_im") // 2).alias("after_seconds_im"))
    text = text_of(economy(7, change=lambda part: part.with_columns(halved)))
    assert "Hidden overtime, by messages" in text
    assert "lower, a gain; the interval excludes zero" in text
    assert "Change in minutes by channel: instant messages −" in text
    assert "Displacement ratio 0 (95 % interval 0 to 0)" in text
    assert "Out of scope: exactly the same in both worlds, in all" in text


@pytest.mark.parametrize(("rise", "moves"), [(0.0, False), (0.02, False), (0.1, True)])
def test_a_today_that_moves_by_itself_is_said(rise: float, moves: bool) -> None:
    """Hidden overtime of 8 h a week is halved by the ban; the last three of six weeks have more in both worlds."""
    tables = economy(7)
    steady = pl.when(pl.col("world") == "ban").then(4.0).otherwise(8.0) * (1.0 + rise * (pl.col("week") > 2))
    rows = tables["person_week"].with_columns(hidden_overtime_minutes=60 * steady, burnt_out=True)
    tables |= {"person_week": rows}
    found = {"effects": effects(tables, BAN, BASE, uncertain=False), "drift": drift(tables, BAN, BASE, uncertain=False)}
    warning, today = drift_notes(found, {})
    assert found["drift"].filter(outcome="hidden_overtime")["change"][0] == pytest.approx(8.0 * rise, abs=1e-5)
    assert ("“ban”, hidden overtime" in warning) is moves
    assert "share burnt out" not in warning  # no effect, so nothing to compare with
    assert f"hidden overtime 8.00 → {8 * (1 + rise):.2f} h/week" in today
    found["displacement"] = displacement(tables, BAN, BASE, uncertain=False)
    lines = as_text(print_summary, found, MANIFEST, FOLDER).splitlines()
    assert any(line.startswith("Caution: ") for line in lines) is moves
    assert "Drift of “base” by itself, weeks 0–2 to weeks 3–5" in " ".join(lines)


def test_scenarios_under_which_today_moves_alike_are_named_together() -> None:
    row = {"world": "base", "window": "weeks 0 to weeks 9", "outcome": "hidden_overtime", "unit": "h/week"}
    row |= {"first": 1.0, "last": 1.3, "change": 0.3, "low": 0.1, "high": 0.5, "relative": 0.3}
    found = {"drift": pl.DataFrame([row | {"scenario": name} for name in ("ban", "cap")])}
    effect = {"outcome": "hidden_overtime", "group": "all", "difference": 0.2}
    found["effects"] = pl.DataFrame([effect | {"scenario": name} for name in ("ban", "cap")])
    assert drift_notes(found, {})[0].endswith(": “ban”, “cap”, hidden overtime (+0.300 h/week).")
    dated = [{"end": None, "ramp_days": 0}, {"start": "2026-07-01"}, {"ramp_days": 7}]
    for lever, so in zip(dated, (False, True, True), strict=True):
        about = {"resolved": {"base": {"levers": [lever]}, "ban": {"levers": [{"start": "2026-07-01"}]}}}
        alone = {"resolved": {"levers": [{"end": "2026-07-01"}]}, "resolved_counterfactual": about["resolved"]["base"]}
        for manifest in (about, alone):
            assert ["effects of its own dated rules." in text for text in drift_notes(found, manifest)] == [so, so]
    for weeks, so in ((0, True), (20, False)):
        rest = {"run": {"settling_weeks": weeks}}
        for manifest in ({"resolved": {"base": rest}}, {"resolved": {}, "resolved_counterfactual": rest}):
            assert ["run.settling_weeks is 0" in text for text in drift_notes(found, manifest)] == [so, so]


def test_a_scenario_that_differs_in_more_than_rules_says_so() -> None:
    """A value counts that one of the two sets alone, and one that both set otherwise; equal ones do not."""
    own = {"parameters": {"lapse_share": 0.6, "span_median": 5.0}, "mechanisms": {"m6_norms": False}}
    other = {"parameters": {"lapse_share": 0.2, "span_least": 1.0, "span_median": 5.0}, "mechanisms": {}}
    about = {"counterfactual": "base", "scenarios": ["alike", "other"]}
    [said] = assumptions(about | {"resolved": {"base": own, "alike": own, "other": other}})
    named = [label("parameter", name) for name in ("lapse_share", "span_least")]
    assert (
        f"“other” and “base” differ in more than rules: {', '.join([*named, label('mechanism', 'm6_norms')])}." in said
    )
    assert not assumptions(MANIFEST)


def test_a_run_whose_weeks_pool_phases_says_so() -> None:
    """A single phase has nothing to pool, and weeks in which all rules are in force pool none."""
    tables = economy(7)
    found = {
        name: of(tables, BAN, BASE, uncertain=False)
        for name, of in (("effects", effects), ("displacement", displacement))
    }
    starts = {"one": "2026-01-05", "two": "2026-03-02"}
    phases = [{"label": key, "start": day, "end": "2026-07-06", "ramp_days": 0} for key, day in starts.items()]
    for reason, count, said in ((VARYING, 2, True), (VARYING, 1, False), (FULLY, 2, False)):
        found["effects"] = found["effects"].with_columns(window=pl.lit(f"weeks 2–9: {reason}"))
        text = as_text(print_summary, found, MANIFEST | {"phases": phases[:count]}, FOLDER)
        assert ("These weeks pool the phases of the plan; `offhours compare`" in text) is said


def test_a_lapsing_share_that_a_file_sets_is_said() -> None:
    ban = {"parameters": {"lapse_share": 0.5}}
    assert "A file sets it" not in lapse(MANIFEST)
    assert lapse({"resolved": ban}).endswith(" A file sets it to 0.5 here.")
    worlds = {"ban": ban, "cap": {"parameters": {"lapse_share": 0.1}}, "base": {"parameters": {}}}
    assert lapse({"scenarios": ["ban", "cap"], "resolved": worlds}).endswith(" A file sets it to 0.1, 0.5 here.")


def test_phases_of_the_same_firms_and_weeks_share_a_row() -> None:
    row = {"scenario": "ban", "group": "all", "window": "weeks 4–9", "firms": 7}
    rows = [row | {"phase": phase, "difference": change} for phase, change in (("a", 0.1), ("b", 0.1), ("c", 0.2))]
    assert phase_effects({"phases": pl.DataFrame(rows)})["ban"]["scenario"].to_list() == ["a, b", "c"]


def test_a_drift_from_nothing_has_no_relative_change_and_no_dash_for_it() -> None:
    row = {"scenario": "ban", "world": "base", "window": "weeks 0 to weeks 9", "outcome": "hidden_overtime"}
    row |= {"unit": "h/week", "first": 0.0, "last": 0.3, "change": 0.3, "low": 0.1, "high": 0.5, "relative": None}
    assert "0 → 0.300 h/week, +0.300 (+0.100 to +0.500)" in drift_notes({"drift": pl.DataFrame([row])}, {})[1]


@pytest.mark.parametrize(("weeks", "rows"), [(1, 0), (2, 2)])
def test_a_single_week_says_nothing_of_a_drift(weeks: int, rows: int) -> None:
    """Less itself it would be exactly zero, as if today had been found at rest."""
    tables = economy(7)
    tables |= {"person_week": tables["person_week"].filter(pl.col("week") < weeks)}
    found = drift(tables, BAN, BASE, uncertain=False)
    assert (0 if found is None else found.height) == rows


def test_nothing_is_cut_off_on_a_narrow_terminal() -> None:
    """Long names of worlds, 80 columns: every word of the outcomes is there, and every number of the wide table."""
    names = {"base": "no_instant_messaging", "ban": "message_batching_pilot"}
    tables = economy(7, worlds=tuple(names.values()), change=lambda part: part.with_columns(pl.col("exhaustion") * 0.9))
    frame = effects(tables, Rules(names["ban"], [Lever()]), Rules(names["base"]), uncertain=False)
    wide, narrow = (shown(frame, width) for width in (200, 80))
    assert sorted(wide.split()) == sorted(narrow.split())
    assert re.findall(r"\S…|…\S", narrow) == []
    assert max(map(len, narrow.splitlines())) <= 80


def shown(frame: pl.DataFrame, width: int) -> str:
    rows = headlines(frame)
    return as_text(lambda console: console.print(headline_table(rows, {})), width=width).replace("─", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_five_sentences_come_before_the_table_and_no_line_comes_twice(language: str) -> None:
    about = test_plots.manifest() | {"uncertainty": {"name": "surveyed", "draws": 64}, "replicates": 2}
    about["resolved"] |= {"title_zh": "试点", "run": MANIFEST["resolved"]["run"]}
    halved = (pl.col("hidden_overtime_minutes") / 2, (pl.col("after_seconds_im") // 2).alias("after_seconds_im"))
    tables = economy(7, change=lambda part: part.with_columns(halved))
    found = {
        "effects": effects(tables, BAN, BASE, uncertain=False),
        "displacement": displacement(tables, BAN, BASE, uncertain=False),
    }
    with speaking(language):
        narrow, wide = (as_text(print_run, found, about, FOLDER, width=width) for width in (80, 1000))
        answer = plain(found, about)
    starts = [text for text in wide.splitlines() if text.startswith("• ")]
    assert starts == [f"• {text}" for text in answer]
    assert len(starts) == 5
    assert wide.rindex("• ") < wide.index("──")
    said = [text for text in wide.splitlines() if text.strip()]
    assert len(said) == len(set(said))
    assert max(map(cell_len, narrow.splitlines())) <= 80
    assert not (language == "zh" and re.findall(r"\b[a-z]{3,} [a-z]{3,}\b", re.sub("`[^`]*`", "", wide)))


def test_a_title_of_ones_own_heads_a_run_where_there_is_no_chinese_one() -> None:
    """Above the answer, and above the column of the scenario; a shipped scenario has its words."""
    tables = economy(7)
    found = {"effects": effects(tables, BAN, BASE, uncertain=False), "displacement": displacement(tables, BAN, BASE)}
    with speaking("zh"):
        said = as_text(print_run, found, MANIFEST, FOLDER).splitlines()
        renamed = {**found, "effects": in_world(found["effects"], "pilot_ban")}
        shipped = as_text(print_run, renamed, MANIFEST | {"scenario": "pilot_ban"}, FOLDER)
    assert said[0] == "A ban [draft]"
    assert any(re.search(r"^ +A ban( +95%)? *$", text) for text in said)  # broken, as a heading is
    assert any("[draft]" in text for text in said[1:])
    assert shipped.count("A ban [draft]") == 2  # the heading, and the sentence on what is compared


def in_world(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    return frame.with_columns(scenario=pl.lit(name))


def test_figures_are_named_where_they_were_drawn(tmp_path: Path) -> None:
    tables = economy(7)
    found = {"effects": effects(tables, BAN, BASE, uncertain=False), "displacement": displacement(tables, BAN, BASE)}
    for drawn in (False, True):
        said = " ".join(as_text(print_run, found, MANIFEST, tmp_path).split())
        assert ("says how to read it, and the figures. " if drawn else "says how to read it. ") in said
        (tmp_path / "figures").mkdir(exist_ok=True)


def test_a_leak_out_of_scope_is_shouted() -> None:
    tables = economy(7)
    firm = tables["firms"].filter(~pl.col("in_scope"))["firm"][0]
    leak = (pl.col("world") == "ban") & (pl.col("firm") == firm)
    weeks = tables["person_week"].with_columns(exits=pl.col("exits") + leak.cast(pl.Int32))
    assert "firms that no rule reaches differ, most in exits" in text_of(tables | {"person_week": weeks})


@pytest.mark.parametrize("draws", [0, 10])
def test_an_interval_over_firms_alone_is_not_said_to_cover_parameters(draws: int) -> None:
    tables = economy(7, change=lambda part: part.with_columns(pl.col("hidden_overtime_minutes") / 2))
    found = {
        "effects": effects(tables, BAN, BASE, uncertain=False),
        "displacement": displacement(tables, BAN, BASE, uncertain=False),
    }
    about = MANIFEST | {"uncertainty": {"name": "report", "draws": draws, "sha256": "x"} if draws else {}}
    text = " ".join(as_text(print_run, found, about, FOLDER).split())
    assert ("The interval covers other firms alone" in text) == (not draws)
    assert ("other firms and parameters that fit as well" in text) == bool(draws)


def test_one_firm_alone_gets_no_interval() -> None:
    tables = economy(7, change=lambda part: part.with_columns(pl.col("hidden_overtime_minutes") / 2))
    one = tables["firms"].filter("in_scope").row(0, named=True)
    only = (pl.col("replicate") == one["replicate"]) & (pl.col("firm") == one["firm"])
    text = text_of({name: frame.filter(only) for name, frame in tables.items()})
    assert text.replace("\n", " ").count("fewer than 6 firms") == 1
    assert "people in the only firm, " in text
    assert "excludes zero" not in text


def test_a_single_world_is_described_without_comparison() -> None:
    text = as_text(
        print_summary,
        {"levels": contrasts(economy(7), BASE, None, uncertain=False)},
        MANIFEST | {"counterfactual": None},
        FOLDER,
    )
    assert "compared with nothing" in text
    assert "Waiting for an answer" in text
    assert "difference" not in text
    assert "over all weeks" not in text


@pytest.mark.parametrize("starts", [("2026-01-05", "2026-03-02"), ("2026-03-02",)])
def test_levels_of_a_world_whose_rules_begin_within_its_weeks_say_that_they_are_over_all(starts: tuple[str]) -> None:
    phases = [{"label": start, "start": start, "end": "2026-07-06", "ramp_days": 0} for start in starts]
    found = {"levels": contrasts(economy(7), BASE, None, uncertain=False)}
    manifest = MANIFEST | {"counterfactual": None, "phases": phases}
    said = "These levels are over all weeks, whichever rules"
    assert said in as_text(print_summary, found, manifest, FOLDER)
    assert said in " ".join(answer_for("x", found, manifest).sure)
    whole = [each | {"start": "2026-01-05"} for each in phases]
    assert said not in as_text(print_summary, found, manifest | {"phases": whole}, FOLDER)


def drawn(replicates: int, draws: int = 1000) -> dict[str, Any]:
    return {"replicates": replicates, "uncertainty": {"name": "report", "draws": draws, "sha256": "x"}}


@pytest.mark.parametrize(
    ("manifest", "told", "untold"),
    [
        ({}, "", "Parameters"),
        ({"uncertainty": {}}, "one value each, as in the table", "of “report”"),
        ({"uncertainty": None}, "", "Parameters"),
        (drawn(1), "draw 1 of 1,000 of “report”", "barely sample"),
        (drawn(1), "A single replicate cannot show what parameters do", "cover chance and parameters"),
        (drawn(4), "draws 1 to 4 of 1,000 of “report”", "single"),
        (drawn(4), "4 draws barely sample the parameters: use --replicates 16", "repeated"),
        (drawn(16), "Intervals cover chance and parameters.", "barely sample"),
        (drawn(16, 8), "draws 1 to 8 of 8 of “report”, repeated", "barely sample"),
        (drawn(16, 1), "draw 1 of 1 of “report”, repeated", "barely sample"),
        (
            drawn(16, 3),
            "3 draws in 16 replicates: intervals are of these draws, and cover too few of others",
            "barely sample",
        ),
        (drawn(32, 16), "draws 1 to 16 of 16 of “report”, repeated", "hold too few"),
        (drawn(8, 3), "3 draws in 8 replicates", "8 draws"),
        (drawn(3, 3), "3 draws barely sample", "hold too few"),
        (drawn(16, 16), "draws 1 to 16 of 16 of “report”", "repeated"),
    ],
)
def test_the_parameters_that_were_drawn_are_stated(manifest: dict[str, Any], told: str, untold: str) -> None:
    text = parameters_drawn(manifest)
    assert told in text
    assert untold not in text


def test_an_interval_that_begins_or_ends_at_zero_is_one() -> None:
    rows = [{"low": low, "high": high} for low, high in ((0.0, 1.0), (-1.0, 0.0), (0.0, 0.0), (None, None))]
    assert [any_interval([row]) for row in rows] == [True, True, False, False]


def test_what_makes_intervals_wide_is_stated() -> None:
    one = {"low": -1.0, "high": 1.0, "half_chance": 0.6, "half_parameters": 0.8}
    assert "60 % as wide by chance alone and 80 % by parameters alone" in widths([one])
    others = [one | {"half_chance": 0.5}, one | {"half_chance": 1.5, "half_parameters": 1.0}]
    assert "60 % as wide by chance alone and 80 % by parameters alone" in widths([one, *others])  # medians
    assert "100 % as wide by chance alone" in widths(others[1:])
    assert widths([one | {"half_parameters": None, "half_chance": None}]) == ""
    assert widths([one | {"low": 0.0, "high": 0.0, "half_chance": 0.0, "half_parameters": 0.0}]) == ""
    text = text_of(economy(7, change=lambda part: part.with_columns(pl.col("hidden_overtime_minutes") / 2)))
    assert "excludes zero" in text
    assert "by chance alone" not in text
