"""The scorecard: every cell leads to an outcome or to a reason, and none gets lost."""

import re
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from sim.comparing.basis import VARYING
from sim.core.errors import InputError, ResultsError
from sim.figures.words import label, speaking
from sim.outcomes import BY_NAME, OUTCOMES
from sim.report.numbers import NAMELESS
from sim.report.scorecard import (
    NO_DIFFERENCE,
    NOT_SAID,
    VERDICTS,
    Coefficient,
    cells,
    coefficients,
    fill,
    print_card,
    verdict,
)
from sim.runs import results as store
from sim.scenario.loading import load
from sim.studies.appraisals import fill_scorecard
from sim.studies.study import Setup, scenario_facts
from tests.conftest import Call

CELLS = cells()
COEFFICIENTS = """
[energy_per_message]
value = 0.5
source = "a meter of one's own"
"""


def effects(scenarios: tuple[str, ...] = ("ban", "quiet"), difference: float = -0.5) -> pl.DataFrame:
    """Effects of made-up scenarios: every outcome falls by as much, with an interval that excludes zero."""
    rows = [
        {
            "scenario": scenario, "group": group, "outcome": outcome.name, "unit": outcome.unit, "baseline": 2.0,
            "difference": difference, "low": difference - 0.1, "high": difference + 0.1,
            "window": "weeks 34–77: rules fully in force", "firms": 12,
        }
        for scenario in scenarios for group in ("all", "managers") for outcome in OUTCOMES
    ]  # fmt: skip
    return pl.DataFrame(rows)


def test_the_five_dimensions_are_those_of_the_report() -> None:
    names = list(dict.fromkeys(cell.dimension for cell in CELLS))
    assert names == ["intergenerational fairness", "social justice", "environment", "thrift", "harmony"]
    assert all(sum(cell.dimension == name for cell in CELLS) >= 4 for name in names)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.cell)
def test_every_cell_leads_to_an_outcome_or_a_reason(cell) -> None:
    for text in (cell.claim, cell.claim_zh, cell.cell_zh, cell.dimension_zh, cell.section, cell.reason, cell.reason_zh):
        assert text.strip()
    if cell.outcome is None:
        assert (cell.coefficient, cell.better, cell.unit) == (None, "", "")
        return
    assert cell.outcome in BY_NAME
    assert bool(cell.better) != bool(BY_NAME[cell.outcome].better), "better is said once: by the outcome or by the cell"
    assert bool(cell.coefficient) == bool(cell.unit) == bool(cell.coefficient_unit)


def test_no_cell_vanishes() -> None:
    card = fill(effects())
    assert card.height == 2 * len(CELLS)
    for scenario in ("ban", "quiet"):
        mine = card.filter(pl.col("scenario") == scenario)
        assert mine["cell"].to_list() == [cell.cell for cell in CELLS]
    poor = fill(effects().filter(pl.col("outcome") != "conflict"))
    lost = poor.row(by_predicate=(pl.col("cell") == "family") & (pl.col("scenario") == "ban"), named=True)
    assert (lost["verdict"], lost["reason"]) == (NOT_SAID, "these results hold no 'conflict': run again")


def test_energy_carbon_and_waste_are_never_invented(tmp_path: Path) -> None:
    path = tmp_path / "coefficients.toml"
    path.write_text(COEFFICIENTS, encoding="utf-8")
    environment = pl.col("dimension") == "environment"
    assert fill(effects()).filter(environment)["verdict"].unique().to_list() == [NOT_SAID]
    card = fill(effects(), coefficients(path)).filter(environment, pl.col("scenario") == "ban")
    said = card.filter(pl.col("verdict") != NOT_SAID)
    row = said.row(0, named=True)
    assert said["cell"].to_list() == ["energy of messages"]
    assert (row["unit"], row["baseline"], row["difference"]) == ("kWh/day", 1.0, -0.25)
    assert row["verdict"] == "better"
    assert "a meter of one's own" in row["reason"]


@pytest.mark.parametrize(
    ("difference", "low", "high", "words"),
    [
        (0.0, 0.0, 0.0, NO_DIFFERENCE),
        (-0.0, -0.0, 0.0, NO_DIFFERENCE),
        (0.0, None, None, NO_DIFFERENCE),
        (0.0, -1.0, 1.0, "unclear"),
        (0.5, None, None, "unclear"),
    ],
)
def test_an_exact_zero_is_no_difference_and_not_unclear(
    difference: float, low: float | None, high: float | None, words: str
) -> None:
    assert verdict({"difference": difference, "low": low, "high": high}, "lower") == words


def test_verdicts_say_no_more_than_the_interval() -> None:
    below, above = ({"difference": 1.5 * side, "low": 1.5 * side - 0.5, "high": 1.5 * side + 0.5} for side in (-1, 1))
    assert verdict(below, "lower") == verdict(above, "higher") == "better"
    assert verdict(below, "higher") == verdict(above, "lower") == "worse"
    for ends in ((-1.0, 1.0), (0.0, 1.0), (-1.0, 0.0), (None, None)):
        assert verdict({"difference": 0.5, **dict(zip(("low", "high"), ends, strict=True))}, "lower") == "unclear"
    unknown = effects().with_columns(pl.lit(float("nan")).alias(end) for end in ("low", "high"))
    assert set(fill(unknown)["verdict"]) <= {"unclear", NO_DIFFERENCE, NOT_SAID}
    card = fill(effects())
    assert set(card["verdict"]) <= set(VERDICTS)
    mine = {row["cell"]: row["verdict"] for row in card.iter_rows(named=True)}
    assert mine["right to rest"] == "better"  # after-hours share falls
    assert mine["work lost"] == "worse"  # output per hour falls as well


@pytest.mark.parametrize("supplied", [True, False])
def test_a_card_in_chinese_has_units_in_chinese(capsys: pytest.CaptureFixture[str], supplied: bool) -> None:
    known = {cell.coefficient: Coefficient(0.5, "某表") for cell in CELLS if cell.coefficient}
    card = fill(effects(("ban",)), known if supplied else {})
    with speaking("zh"):
        print_card(Console(width=300), {"scorecard": card}, {"titles": {"ban": {"en": "A ban", "zh": "禁令"}}}, Path())
    shown = capsys.readouterr().out + "".join(card["reason_zh"])
    units = {unit for cell in CELLS for unit in (cell.unit, cell.coefficient_unit) if unit} | set(card["unit"]) - {""}
    assert [unit for unit in units if unit not in NAMELESS and re.search(rf"(?<![a-z_]){unit}(?![a-z_])", shown)] == []
    assert ("千瓦时/天" in shown) == supplied
    assert "千瓦时/条" in shown


def test_the_card_says_in_print_what_is_not_said_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    print_card(Console(width=200), {"scorecard": fill(effects(("ban",)))}, {"titles": {"ban": {"en": "A ban"}}}, Path())
    shown = capsys.readouterr().out
    assert "A ban: five dimensions of the report" in shown
    assert all(cell.cell in shown for cell in CELLS)
    assert "children's health: there are no children in the model" in shown
    assert "Each verdict is by its own interval" in shown
    assert all(label("outcome", cell.outcome) in shown for cell in CELLS if cell.outcome)


def test_the_card_says_on_which_firms_and_weeks_it_is_and_when_these_pool_phases(
    capsys: pytest.CaptureFixture[str],
) -> None:
    phases = [{"label": str(n), "start": f"2026-0{n}-01", "end": f"2026-0{n + 1}-01", "ramp_days": 0} for n in (2, 3)]
    about = {"titles": {"ban": {"en": "A ban"}}, "start": "2026-01-05", "counterfactual": "today"}
    for window, together in (("rules fully in force", False), (VARYING, True)):
        frame = effects(("ban",)).with_columns(window=pl.lit(f"weeks 5–12: {window}"))
        print_card(Console(width=200), {"scorecard": fill(frame)}, about | {"phases": {"ban": phases}}, Path())
        shown = capsys.readouterr().out
        assert "12 firms, weeks 5–12: rules fully in force" in shown
        assert ("pool the phases of the plan" in shown) == together


def test_the_card_has_a_dash_where_there_is_no_interval_and_says_why_once(capsys: pytest.CaptureFixture[str]) -> None:
    bare = effects(("ban",)).with_columns(low=pl.lit(None, pl.Float64), high=pl.lit(None, pl.Float64))
    drawn = {"titles": {"ban": {"en": "A ban"}}, "replicates": 2, "uncertainty": {"name": "surveyed", "draws": 1000}}
    print_card(Console(width=200), {"scorecard": fill(bare)}, drawn, Path())
    shown = capsys.readouterr().out
    assert "(– to –)" not in shown
    assert "Intervals cover" not in shown
    assert "by its own interval" not in shown
    assert shown.count("fewer than 6 firms") == 1


@pytest.mark.parametrize("width", [80, 200])
def test_the_card_breaks_between_words(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    print_card(
        Console(width=width), {"scorecard": fill(effects(("ban",)))}, {"titles": {"ban": {"en": "A ban"}}}, Path()
    )
    table = capsys.readouterr().out.partition("not said\n")[0].splitlines()
    assert max(map(len, table)) <= width
    words = {word for cell in CELLS for word in f"{cell.cell} {cell.dimension}".replace("_", " ").split()}
    assert words & {"intergenerational"} <= set(" ".join(table).split())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[energy_per_mesage]\nvalue = 1\nsource = 'x'",
            "coefficients.toml:1: energy_per_mesage: unknown coefficient; did",
        ),
        ("\n[waste_per_hour]\nvalue = -1\nsource = 'x'", "coefficients.toml:2: waste_per_hour: value must be a number"),
        ("[waste_per_hour]\nvalue = true\nsource = 'x'", "value must be a number of 0 or more, in g/h"),
        ("[waste_per_hour]\nvalue = 2.5", "source must say where the number comes from"),
        ("waste_per_hour = 2.5", "value must be a number"),
    ],
)
def test_coefficients_without_sense_or_source_are_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "coefficients.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        coefficients(path)


def test_a_manifest_that_lacks_what_a_card_needs_is_refused_in_both_languages(tmp_path: Path, call: Call) -> None:
    store.write(tmp_path / "made", {"effects": effects(("ban",))}, {"kind": "run", "resolved": {}})
    for language, told in (
        ("en", "lacks the entry 'scenario'; run the sc"),
        ("zh", "缺少条目“scenario”；请重新运行该情景"),
    ):
        done = call("scorecard", tmp_path / "made", "--lang", language)
        assert done.code == 3
        assert told in done.err
    store.write(tmp_path / "made", {"effects": effects(("ban",))}, {"kind": "study", "resolved": {}})
    assert ": a scorecard needs a run that is compared" in call("scorecard", tmp_path / "made").err
    sets = [{"folder": "ban_one"}, {"folder": "ban_other"}]
    store.write(tmp_path / "both", {"readings": effects(("ban",))}, {"kind": "readings", "readings": sets})
    there = ", ".join(str(tmp_path / each["folder"]) for each in sets)
    assert f"or a comparison: {there}" in " ".join(call("scorecard", tmp_path / "both").err.split())


def test_the_card_of_another_country_is_in_its_currency(tmp_path: Path) -> None:
    france = load("france")
    ban = france.model_copy(update={"name": "ban"})
    facts = {**scenario_facts([ban], france, None), "kind": "comparison"}
    store.write(tmp_path / "made", {"effects": effects(("ban",))}, facts)
    silent, places = Console(file=StringIO()), (tmp_path / "card", tmp_path / "worlds")
    fill_scorecard(tmp_path / "made", {}, Setup(*places, 1, False, silent, silent, {}, "en", None))
    found = store.read(tmp_path / "card")
    assert set(found.tables["scorecard"].filter(outcome="employer_cost")["unit"]) == {"euro/year"}
    assert "euro/year" in found.summary
    assert "yuan" not in found.summary


def test_a_table_that_is_not_one_of_effects_is_refused() -> None:
    with pytest.raises(ResultsError, match="lacks the column 'low'"):
        fill(effects().drop("low"))
    with pytest.raises(ResultsError, match="no rows for the group 'all'"):
        fill(effects().filter(pl.col("group") == "managers"))
