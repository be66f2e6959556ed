"""The page on the study: what it says of made-up tables, either way, and the tables and checksums that are kept."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from docs import study, study_zh
from sim.figures.words import speaking
from sim.files.shipped import CALIBRATION
from sim.outcomes import BY_NAME
from sim.runs.results import Results

READINGS = ("surveyed", "report", "audited")
RULES = ("pilot_ban", "pilot_ban_without_substitutes", "quiet_hours", "hold_delivery")
INSTEAD = ("quiet_hours", "hold_delivery")
COMPARISONS = {
    "rules": ("status_quo", RULES, READINGS),
    "worlds": ("status_quo", ("placebo",), READINGS),
    "substitutes": ("pilot_ban_without_substitutes", ("pilot_ban", "emergency_line"), READINGS),
    "plan": ("status_quo", ("staged_ban", *INSTEAD), READINGS[:1]),
    "instead": ("staged_ban", INSTEAD, READINGS[:1]),
}
GROUPS = {"pilot_ban": "plan", "pilot_ban_without_substitutes": "plan", "placebo": "reference", "staged_ban": "plan"}
OUTCOMES = tuple(dict.fromkeys((*study.COLUMNS, *study.PLANNED)))
DRAWN = {"draws": 1000, "sha256": "0", "seconds": 60.0, "folder": "x"}

type Told = Mapping[tuple[str, str, str], tuple[float, float]]  # effect and chance to be lower, by the three names


def row(told: Told, comparison: str, reading: str, scenario: str, outcome: str) -> dict[str, Any]:
    """An effect: as told for the comparison or the reading, scenario and outcome (zeros: none at all), else unclear."""
    keys = ((comparison, scenario, outcome), (reading, scenario, outcome))
    difference, lower = next((told[key] for key in keys if key in told), (0.01, 0.4))
    exact = scenario == "placebo" or difference == lower == 0
    return {
        "comparison": comparison, "reading": reading, "scenario": scenario, "outcome": outcome,
        "unit": BY_NAME[outcome].unit, "better": BY_NAME[outcome].better, "firms": 40, "people": 1200,
        "window": "weeks 79–90: rules fully in force", "baseline": 0.4, "difference": 0.0 if exact else difference,
        "low": 0.0 if exact else difference - 0.02, "high": 0.0 if exact else difference + 0.02,
        "mean": difference, "mean_low": difference - 0.01, "mean_high": difference + 0.01,
        "share_lower": 0.0 if exact else lower, "share_higher": 0.0 if exact else 1 - lower,
    }  # fmt: skip


def results(told: Told, regret: Mapping[str, float], driver: float) -> Results:
    """Results of a study with effects as told; ``driver`` is the closest correlation, against a limit of 0.5."""
    effects = [
        row(told, comparison, reading, scenario, outcome)
        for comparison, (_, scenarios, readings) in COMPARISONS.items()
        for reading in readings
        for scenario in scenarios
        for outcome in (*OUTCOMES, *({"output"} & {name for _, _, name in told}))
    ]
    groups = [
        {**row(told, "rules", "surveyed", name, outcome), "group": group, "group_kind": "manager"}
        | ({"difference": 0.3, "share_lower": 0.0, "share_higher": 1.0} if (group, name, outcome) in told else {})
        for name in RULES
        for outcome in study.BY_GROUP
        for group in ("managers", "staff", "manager")
    ]
    ranks = [
        {"comparison": "rules", "reading": reading, "outcome": outcome, "unit": BY_NAME[outcome].unit, "scenario": name,
         "mean": 0.4, "probability_best": 1.0 if regret.get(name, 0.02) == 0 else 0.1, "expected_rank": 2.0,
         "regret": regret.get(name, 0.02), "firms": 20, "window": "weeks 79–90: rules fully in force"}
        for reading in READINGS
        for outcome in study.RANKED
        for name in ("status_quo", *RULES)
    ]  # fmt: skip
    phases = [
        {**row(told, phase, "surveyed", "staged_ban", outcome), "comparison": "plan", "phase": phase}
        for phase in ("pilot", "rollout", "full")
        for outcome in study.PLANNED
    ]
    drivers = [
        {"comparison": "rules", "scenario": name, "outcome": outcome, "parameter": "lapse_share", "draws": 48,
         "correlation": driver, "limit": 0.5, "low_third": -0.02, "high_third": 0.01, "lower_in_low": 0.9,
         "lower_in_high": 0.4}
        for name in RULES
        for outcome in study.COLUMNS
    ]  # fmt: skip
    tables = {"effects": effects, "groups": groups, "ranking": ranks, "phases": phases, "drivers": drivers}
    about = {
        name: {
            "scenarios": list(scenarios), "counterfactual": reference, "replicates": 16, "people": 50, "weeks": 91,
            "seed": 1, "engine": "0123456789abcdef", "ground": "pilot_ban",
            "groups": {each: GROUPS.get(each, "hours") for each in scenarios},
            "readings": dict.fromkeys(readings, DRAWN),
        }
        for name, (reference, scenarios, readings) in COMPARISONS.items()
    }  # fmt: skip
    design = {
        "outcomes": list(OUTCOMES), "left_out": {"france": "another country"},
        "comparisons": {name: {"title": name.capitalize()} for name in COMPARISONS},
    }  # fmt: skip
    manifest = {"kind": "study", "design": design, "command": "offhours study all_rules", "comparisons": about}
    return Results(Path(), manifest, {name: pl.DataFrame(rows) for name, rows in tables.items()})


type Page = Callable[..., str]


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    """Write the page from made-up tables, as it is written from those of a run."""
    monkeypatch.setattr(study, "_figures", lambda *_: [])

    def written(told: Told, regret: Mapping[str, float] | None = None, driver: float = 0.1) -> str:
        study.keep(results(told, regret or {}, driver), tmp_path / "study", tmp_path)
        return study.study_page(tmp_path / "study")

    return written


def everywhere(scenario: str, outcome: str, effect: tuple[float, float]) -> Told:
    """An effect under all readings."""
    return {(reading, scenario, outcome): effect for reading in READINGS}


HELPS = everywhere("quiet_hours", "share_burnt_out", (-0.05, 0.99))
HARMS = everywhere("hold_delivery", "share_burnt_out", (0.05, 0.02))


def test_a_study_of_an_earlier_version_says_so(page: Page, tmp_path: Path) -> None:
    """The draws that it used are those of a release, and today's are others."""
    today = page({})
    kept = json.loads((CALIBRATION / "release_0.2.0.json").read_text())["draws"]["surveyed"]
    about = tmp_path / "study" / study.ABOUT
    facts = json.loads(about.read_text())
    facts["comparisons"]["rules"]["readings"]["surveyed"]["sha256"] = kept
    about.write_text(json.dumps(facts))
    sums = tmp_path / "study" / study.SUMS
    sums.write_text(
        "".join(
            f"{hashlib.sha256(about.read_bytes()).hexdigest()}  {study.ABOUT}\n"
            if line.endswith(study.ABOUT)
            else f"{line}\n"
            for line in sums.read_text().splitlines()
        )
    )
    for write in (study.study_page, study_zh.study_page):
        assert "`surveyed@0.2.0`" in write(tmp_path / "study")
    assert "@0.2.0" not in today


def test_where_nothing_is_clear_nothing_is_said(page: Page) -> None:
    text = page({})
    assert "1. None of the 4 rules surely lowers the share of people who are burnt out under every reading" in text
    assert "its smallest chance over the readings is 40 %" in text
    assert "Among all rules, total output rises under every reading with 0 and falls with 0." in text
    assert "unproductive hours end, rises with 0 and falls with 0." in text
    assert "so it is not surely the best" in text
    assert "does not surely change burnout" in text
    assert "None of 2 rules that could replace it is surely cheaper without surely more burnout" in text
    assert "No group is surely worse off" in text
    assert "0 of 28 signs" in text
    assert "No two readings contradict each other." in text
    assert "no parameter is correlated with the effect beyond chance in 48 draws" in text
    assert "Burnout is surely lower in no phase" in text
    assert "**−" not in text, "nothing is bold"


def test_draws_without_a_firm_that_a_rule_reaches_are_not_counted() -> None:
    """Some of the 32 have no firm of the pilot. Of other firms than those of the table nothing is known."""
    kept = study.load()
    assert kept
    about, row = kept.comparison(study.RULES), kept.effect("pilot_ban", study.COLUMNS[0])
    france = kept.effect("france_2017", study.COLUMNS[0])
    draws = study.draws_reached(about, row)
    assert about["replicates"] / 2 < draws < row["firms"] == about["replicates"]
    assert study.draws_reached(about, france) == france["firms"] == 13, "one in each"
    assert study.draws_reached(about, kept.effect("full_ban", study.COLUMNS[0])) == about["replicates"]
    assert study.draws_reached(about, {**row, "people": row["people"] + 1}) == 0
    assert study.draws_reached(about, {**row, "scenario": "one_of_your_own"}) == 0


def test_what_holds_is_said_with_its_direction(page: Page) -> None:
    told = {**HELPS, **HARMS, **everywhere("quiet_hours", "output_per_hour", (-0.4, 0.95))}
    told |= everywhere("quiet_hours", "employer_cost", (500.0, 0.01))
    told |= everywhere("quiet_hours", "output", (-0.1, 0.97))
    text = page(told, {"quiet_hours": 0.0}, driver=-0.8)
    assert "1 of the 4 rules lowers the share of people who are burnt out under every reading of the evidence: " in text
    assert "evidence: `quiet_hours` (−5.0 pp" in text
    assert ". `hold_delivery` raises it under every reading." in text
    assert "total output rises under every reading with 0 and falls with 1 (`quiet_hours`)." in text
    assert "unproductive hours end, rises with 0 and falls with 1 (`quiet_hours`)." in text
    assert "Employers' costs rise under every reading with 1 (`quiet_hours`) and fall with 0." in text
    assert "The largest regret of `quiet_hours` is 0 pp (" in text.replace("0.0 pp", "0 pp")
    assert "so it is surely the best" in text
    assert "`quiet_hours` is the best under every reading (chance 100 %)" in text
    assert "**−5.0 pp**" in text
    assert "`lapse_share`" in text
    assert "(−0.80): −2.0 pp where it is low, +1.0 pp where it is high: the sign turns" in text


def test_rules_that_are_not_named_are_counted(page: Page, tmp_path: Path) -> None:
    harms = [everywhere(name, "share_burnt_out", (0.05 + 0.01 * n, 0.02)) for n, name in enumerate(RULES)]
    text = page({key: value for each in harms for key, value in each.items()})
    assert len(RULES) == study.FEW + 1
    assert " and 1 more raise it under every reading." in text
    assert f"等 {len(RULES)} 条规则会提高它" in study_zh.study_page(tmp_path / "study")


def test_one_reading_is_not_all_and_contradictions_are_named(page: Page) -> None:
    text = page(
        {("surveyed", "quiet_hours", "exhaustion"): (-0.1, 0.97), ("report", "quiet_hours", "exhaustion"): (0.1, 0.01)}
    )
    assert "The readings contradict each other in exhaustion under `quiet_hours`." in text
    assert "−0.100\\*" in text
    assert "**" not in text.split("### Quiet hours")[1].split("## For whom")[0]


def test_a_mark_means_the_same_in_all_tables_and_a_single_reading_is_named(page: Page, tmp_path: Path) -> None:
    cost = {("report", "quiet_hours", "employer_cost"): (500.0, 0.01)}
    text = page({**HELPS, **cost, **everywhere("hold_delivery", "output_per_hour", (-0.4, 0.95))})
    family, costs = (text.split(head)[1].split("##")[0] for head in ("### Quiet hours", "## Costs"))
    for part in (family, costs):
        assert "| +0.010\\* (" in next(line for line in part.splitlines() if line.startswith("| `quiet_hours`"))
    assert "under `surveyed` alone. Here an asterisk" in text
    assert "over its years, under `surveyed` (" in text
    assert "在“独立来源”下，报告的分阶段方案" in study_zh.study_page(tmp_path / "study")


def test_what_is_exactly_zero_is_not_called_open(page: Page, tmp_path: Path) -> None:
    for told, zero in ((HELPS, False), ({**HELPS, **everywhere("quiet_hours", "employer_cost", (0.0, 0.0))}, True)):
        text = page(told)
        assert ("For the others the sign is open, or the effect is exactly zero." in text) == zero
        assert ("其余符号未定，或影响恰为零" in study_zh.study_page(tmp_path / "study")) == zero


@pytest.mark.parametrize(
    ("burnout", "cost", "said"),
    [
        ((-0.05, 0.99), (-900.0, 0.99), "`quiet_hours` surely costs employers less, and burnout is not surely higher"),
        ((0.01, 0.4), (-900.0, 0.99), "`quiet_hours` surely costs employers less, and burnout is not surely higher"),
        ((0.05, 0.02), (-900.0, 0.99), "None of 2 rules that could replace it is surely cheaper"),
        ((-0.05, 0.99), (900.0, 0.01), "None of 2 rules that could replace it is surely cheaper"),
    ],
)
def test_the_plan_against_cheaper_rules(
    page: Page, burnout: tuple[float, float], cost: tuple[float, float], said: str
) -> None:
    text = page({
        ("plan", "staged_ban", "share_burnt_out"): (-0.04, 0.97),
        ("instead", "quiet_hours", "share_burnt_out"): burnout,
        ("instead", "quiet_hours", "employer_cost"): cost,
    })  # fmt: skip
    assert "plan in phases (`staged_ban`) lowers burnout over its years, under `surveyed` (−4.0 pp" in text
    assert said in text
    under = "surely lower" if burnout[0] < 0 else "surely higher"
    assert ("sign of burnout differs" if burnout[0] == 0.01 else f"Burnout is {under} than") in text
    assert ("(cheaper: " if cost[0] < 0 else "(more expensive: ") in text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((-0.01, -0.03, -0.05), "each phase lowers it further"),
        ((-0.05, -0.03, -0.01), "each phase lowers it less"),
        ((-0.03, -0.05, -0.01), "the order is not that of the phases"),
        ((0.05, 0.03, 0.01), "each phase raises it less"),
        ((0.01, 0.03, 0.05), "each phase raises it further"),
        ((0.01, -0.01, -0.02), "each phase leaves it lower than the one before"),
        ((-0.01, 0.0, 0.02), "each phase leaves it higher than the one before"),
    ],
)
def test_the_plan_phase_by_phase(page: Page, values: tuple[float, float, float], said: str) -> None:
    phases = zip(("pilot", "rollout", "full"), values, (0.5, 0.95, 0.99), strict=True)
    text = page({(phase, "staged_ban", "share_burnt_out"): (value, lower) for phase, value, lower in phases})
    assert "Burnout is surely lower in rollout and full. By the point estimates, " + said in text


def test_a_phase_whose_rules_are_not_in_force_has_no_sure_sign() -> None:
    row = {
        "outcome": "share_burnt_out",
        "difference": 0.001,
        "low": None,
        "high": None,
        "share_lower": 0.02,
        "share_higher": 0.98,
    }
    early = {**row, "phase": "preparation", "window": "weeks 22–25: rules still being phased in"}
    later = {**row, "phase": "pilot", "window": None, "difference": 0.04}
    text = study._course(pl.DataFrame([early, later]))
    assert "surely higher in pilot. In preparation, rules are only being phased in" in text


def test_the_weeks_of_a_phase_say_why_these_where_its_rules_are_not_fully_in_force() -> None:
    """The preparation of the plan grows until the pilot begins, and was called fully in force."""
    growing = {"window": "weeks 22–25: rules still being phased in"}
    assert study.lasting({"window": "weeks 34–129: rules fully in force"}) == "34–129"
    assert study.lasting(growing) == "22–25: rules still being phased in"
    with speaking("zh"):
        assert study.lasting(growing) == "第 22–25 周：规则仍在逐步生效"


@pytest.mark.parametrize(("difference", "count"), [(-0.05, 1), (-0.01, 0)])
def test_how_many_sure_signs_have_an_interval_beyond_zero_is_said(
    page: Page, tmp_path: Path, difference: float, count: int
) -> None:
    """Intervals are two points wide to either side; a chance of 90 % may go with one that includes zero."""
    text = page(everywhere("quiet_hours", "share_burnt_out", (difference, 0.95)))
    assert f"excludes zero under every reading for {count} of the 1 rules that lower burnout." in text
    assert f"1 of 28 signs of effects have a chance of at least 90 % under each of 3 readings. For {count} of" in text
    chinese = study_zh.study_page(tmp_path / "study")
    assert f"可以肯定降低倦怠的 1 条规则中，在每种解读下 95% 区间都不含零的有 {count} 条。" in chinese
    assert "excludes zero under every reading" not in page({})


def test_the_choice_is_said_with_the_next_one(page: Page, tmp_path: Path) -> None:
    text = page({}, {"quiet_hours": 0.013, "hold_delivery": 0.014})
    assert "is 1.3 pp (`surveyed`); next is `hold_delivery` with 1.4 pp." in text
    assert "（`hold_delivery`），1.4 个百分点；" in study_zh.study_page(tmp_path / "study")


def test_a_small_chance_is_not_none() -> None:
    assert [study.percent(share) for share in (0.0, 0.002, 0.9, 1.0)] == ["0 %", "<1 %", "90 %", "100 %"]


def test_groups_have_the_people_of_all_rules_beside_each_other(page: Page, tmp_path: Path) -> None:
    """One that reaches a part of the firms has fewer people of a group, or none."""
    page({}, {"quiet_hours": 0.001, "hold_delivery": 0.002})
    path = tmp_path / "study" / "groups.csv"
    mine = pl.col("scenario") == "quiet_hours"
    rows = pl.read_csv(path).with_columns(people=pl.when(mine).then(300).otherwise("people"))
    rows.filter(~mine | (pl.col("group") != "staff")).write_csv(path)
    kept = study.load(tmp_path / "study")
    assert kept
    text = "\n".join(study.for_whom(kept))
    assert "| managers | 300 to 1,200 |" in text
    assert "| staff | 1,200 | – | – | +0.010 (" in text


def test_who_is_worse_off_is_named(page: Page) -> None:
    text = page({("managers", "quiet_hours", "exhaustion"): (0.3, 0.0)}, {"quiet_hours": 0.001})
    assert "Surely worse off: managers under `quiet_hours` (exhaustion)." in text
    assert [f"| {who} |" in text for who in ("managers", "staff", "manager")] == [True, True, False]


def test_a_changed_table_is_found_by_its_checksum(page: Page, tmp_path: Path) -> None:
    page({})
    assert _stale(tmp_path / "study") == []
    path = tmp_path / "study" / "effects.csv"
    path.write_text(path.read_text().replace("1200", "1201", 1))
    assert _stale(tmp_path / "study") == ["effects.csv"]


def test_the_kept_tables_are_those_of_the_run() -> None:
    if not (study.PLACE / study.SUMS).is_file():
        assert study.UNKNOWN in study.study_page()
        return
    assert _stale(study.PLACE) == []
    assert {path.name for path in study.PLACE.iterdir()} == {
        study.SUMS,
        study.ABOUT,
        *(f"{name}.csv" for name in study.KEPT),
    }
    about = json.loads((study.PLACE / study.ABOUT).read_text(encoding="utf-8"))
    assert {study.RULES, study.SUBSTITUTES, study.PLAN, study.INSTEAD} <= set(about["comparisons"])


def test_substitutes_are_compared_with_the_ban_without_them(page: Page) -> None:
    """The difference is that of their own comparison, not of two effects against today."""
    told = {
        ("substitutes", "emergency_line", "waiting"): (-0.71, 0.99),
        ("surveyed", "emergency_line", "waiting"): (0.5, 0.1),
    }
    found = page(told)
    row = next(line for line in found.splitlines() if line.startswith("| `emergency_line` |") and "−0.710" in line)
    assert "**−0.710**" in row
    assert "+0.500" not in found


def _stale(place: Path) -> list[str]:
    """Name the tables that are not those of their checksums."""
    lines = (line.split("  ") for line in (place / study.SUMS).read_text(encoding="utf-8").splitlines())
    return [name for sha, name in lines if hashlib.sha256((place / name).read_bytes()).hexdigest() != sha]


def test_the_chinese_page_has_the_numbers_of_the_english_one() -> None:
    english, chinese = study.study_page(), study_zh.study_page()
    rows = list(effects_of(chinese))
    assert len(rows) > 30
    assert [row for row in rows if row not in list(effects_of(english))] == []
    assert set(numbers(chinese.split("##")[0])) == set(numbers(english.split("##")[0]))


def effects_of(page: str) -> Iterator[tuple[str, list[str]]]:
    """The rules of the tables of a page, each with the numbers of its row that have a sign."""
    for line in page.splitlines():
        if (found := re.match(r"\| [^|]*`(\w+)`", line)) and line.count("|") > 7:
            yield found[1], numbers(line)


def numbers(text: str) -> list[str]:
    """The numbers with a sign."""
    return re.findall(r"[−+]\d[\d.,]*\b", text)
