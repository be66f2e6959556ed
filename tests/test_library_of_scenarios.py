"""The shipped scenarios: each file is whole, reaches somebody, does something, and says nothing that is not there."""

import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

import sim.behaviour
from sim.core.columns import ROLES
from sim.core.parameter_sets import POINT
from sim.core.parameters import MECHANISMS, TABLE
from sim.engine.policy import plan, reached_by
from sim.evidence.tensions import load_claims
from sim.figures.words import words
from sim.levers.kinds import kinds
from sim.levers.lever import Lever
from sim.model import Workplace
from sim.outcomes import OUTCOMES
from sim.population import peopled
from sim.scenario import loading
from sim.scenario.countries import own_parameters
from sim.scenario.loading import GROUPS, SCENARIOS, names
from sim.scenario.schema import Scenario
from sim.verify import firm_histories

NAMES = names()
load = cache(loading.load)  # nothing changes a scenario
BRIEF = {
    "status_quo", "no_instant_messaging", "pilot_ban", "rollout_ban", "full_ban", "staged_ban", "quiet_hours",
    "hold_delivery", "message_batching", "focus_hours", "meeting_free_days", "flexible_hours", "auto_block",
    "scheduled_mail",
    "project_tool", "internal_messenger", "emergency_line", "france_2017", "eu_working_time", "australia_2024",
    "china_offline_rest", "digital_labour_act", "korea_52h", "japan_overtime_cap", "singapore_sandbox", "us_at_will",
    "gdpr_monitoring_limits", "overtime_pay", "union_oversight", "anonymous_reporting", "tax_incentive",
    "culture_996", "placebo",
}  # fmt: skip
RULED = [name for name in NAMES if load(name).levers]
TOWN = {"firm_size_median": 20, "firm_size_sigma": 0.9, "firm_size_min": 5, "firm_size_max": 110, "firm_size_tail": 0.0}


def header(name: str) -> str:
    return (SCENARIOS / f"{name}.toml").read_text(encoding="utf-8").split("\n\n", 1)[0]


def at_once(scenario: Scenario, levers: tuple[Lever, ...]) -> Scenario:
    """Put levers into force from the first day, fully, in a tiny economy for two weeks."""
    short = {"people": 240, "years": 0.04, "replicates": 1, "warmup_days": 0, "settling_weeks": 0, "seed": 3}
    run = scenario.run.model_copy(update=short)
    now = tuple(lever.model_copy(update={"start": None, "end": None, "ramp_days": 0}) for lever in levers)
    town = scenario.population.model_copy(update=TOWN)
    return scenario.model_copy(update={"run": run, "population": town, "levers": now})


def two_weeks(name: str) -> Workplace:
    scenario = load(name)
    model = Workplace(at_once(scenario, scenario.levers), parameters=POINT, threads=2)
    model.run_for(14)
    return model


@pytest.mark.parametrize("name", RULED)
def test_phases_have_chinese_words(name: str) -> None:
    assert {lever.phase for lever in load(name).levers} <= set(words()["phase"])


@pytest.fixture(scope="module")
def today() -> dict[int, str]:
    return firm_histories(two_weeks("status_quo"))


def test_every_system_of_the_brief_has_its_file() -> None:
    assert set(NAMES) >= BRIEF


@pytest.mark.parametrize("name", NAMES)
def test_a_head_has_all_its_parts(name: str) -> None:
    scenario, text = load(name), header(name)
    said = re.findall(r"^# (Represents|Source|Law|Report|Assumptions): (\S.*)", text, re.MULTILINE)
    assert [part for part, _ in said] == ["Represents", "Source", "Law", "Report", "Assumptions"]
    assert scenario.name == name
    assert scenario.group in GROUPS
    assert all((scenario.title, scenario.title_zh, scenario.represents, scenario.source))


@pytest.mark.parametrize("name", NAMES)
def test_chinese_titles_have_chinese_punctuation(name: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]", load(name).title_zh)
    assert not re.search(r"[:;,!?()\"']", load(name).title_zh)


@cache
def known() -> tuple[set[str], set[str]]:
    """Names of the model and its scenarios, and numbers of claims and of sections of evidence."""
    modules = [module.read_text(encoding="utf-8") for module in Path(sim.behaviour.__path__[0]).glob("*.py")]
    rules = re.findall(r"^def (\w+)", "\n".join(modules), re.MULTILINE)
    named = {*NAMES, *(row.name for row in TABLE), *(row.name for row in OUTCOMES), *kinds(), *MECHANISMS, *rules}
    sections = re.findall(
        r"^## (E\d+)", (SCENARIOS.parent / "docs" / "evidence.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    return named, {*sections, *(claim.id for claim in load_claims().claim)}


@pytest.mark.parametrize("name", NAMES)
def test_what_a_head_names_exists(name: str) -> None:
    """Names in code quotes are of the model or its scenarios; claims and sections of evidence are on their pages."""
    named, numbered = known()
    assert set(re.findall(r"`(\w+)`", header(name))) - named <= {"make targets", "offhours parameters"}
    assert set(re.findall(r"\b[ABCE]\d{1,2}\b", header(name))) <= numbered


@pytest.mark.parametrize("name", NAMES)
def test_no_outcome_stands_in_a_file(name: str) -> None:
    """A file holds no value of an outcome, and moves no parameter: what comes out is the model's."""
    scenario = load(name)
    assert own_parameters(scenario.model_dump()) == {}
    assert scenario.mechanisms == {}
    settings = [line for line in (SCENARIOS / f"{name}.toml").read_text(encoding="utf-8").splitlines() if "=" in line]
    keys = {line.split("=")[0].strip() for line in settings if not line.startswith("#")}
    assert not keys & {row.name for row in OUTCOMES}


@pytest.mark.parametrize("name", [name for name in RULED if name != "no_instant_messaging"])
def test_rules_begin_after_half_a_year_of_today(name: str) -> None:
    starts = {lever.start for lever in load(name).levers}
    assert date(2026, 6, 8) <= min(start for start in starts if start) <= date(2026, 7, 6)
    assert None not in starts


@pytest.mark.parametrize("name", RULED)
def test_every_lever_reaches_somebody(name: str) -> None:
    """Each lever by itself, in the economy of the file, on a quarter of its people."""
    scenario = load(name)
    small = scenario.model_copy(update={"run": scenario.run.model_copy(update={"people": 600})})
    world = peopled(small, 0, None)
    for lever in scenario.levers:
        assert reached_by([lever], world).any(), lever


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_and_changes_something(name: str, today: dict[int, str]) -> None:
    """Two weeks at full strength on 240 people: other lives than today's, but for what is announced only."""
    model = two_weeks(name)
    changed = {firm for firm, life in firm_histories(model).items() if life != today[firm]}
    reached = {int(number) for number, hit in zip(model.firms()["firm"], model.in_scope, strict=True) if hit}
    assert changed <= reached or name in ("holidays_china", "france")  # what is no lever reaches all
    assert bool(changed) == (name not in ("status_quo", "placebo", "firms_of_all_sizes"))


EVERY_LEVER = [(name, number) for name in RULED for number in range(len(load(name).levers)) if name != "placebo"]


@pytest.mark.parametrize(("name", "number"), EVERY_LEVER)
def test_every_lever_is_seen_by_the_engine(name: str, number: int) -> None:
    """It writes into some row; a lever that wrote nothing would be a word and no rule."""
    scenario = load(name)
    alone = at_once(scenario, (scenario.levers[number],))
    rule = plan(alone.levers, peopled(alone, 0, None), alone.calendar.start, alone.run.days, alone.country).rule
    assert rule.shape[1] == len(ROLES)
    assert rule.any()


# ---- the plan in phases


def bare(lever: Lever) -> dict[str, object]:
    return lever.model_dump(exclude={"phase", "start", "end", "ramp_days"})


def test_the_staged_ban_is_its_three_phases() -> None:
    """The same levers in the same order, so that a change in one file is missed in no other."""
    staged = load("staged_ban")
    apart = [bare(lever) for name in ("pilot_ban", "rollout_ban", "full_ban") for lever in load(name).levers]
    assert [bare(lever) for lever in staged.levers] == apart


def test_the_staged_ban_keeps_to_the_calendar_of_the_report() -> None:
    """One to two years, years three to five, then all; nothing is lifted before the next phase has grown."""
    staged = load("staged_ban")
    assert staged.run.years == 7.5
    assert [phase.label for phase in staged.phases] == ["preparation", "pilot", "rollout", "full"]
    _, pilot, rollout, full = staged.phases
    years = [(later.start - earlier.start).days / 365.25 for earlier, later in ((pilot, rollout), (rollout, full))]
    assert years == pytest.approx([2, 3], abs=0.03)
    assert (pilot.end - rollout.start).days == rollout.ramp_days
    assert full.end == staged.end


def test_the_australian_fines_differ_and_nothing_else() -> None:
    right, wrong = load("australia_2024"), load("australia_2024_as_reported")
    fines = [{lever.fine_firm_yuan for lever in each.levers if lever.kind == "enforcement"} for each in (right, wrong)]
    assert fines == [{450_000.0}, {2_155_500.0}]
    assert pytest.approx(450_000, rel=0.001) == 93_900 * 4.79
    dumps = [[lever.model_dump(exclude={"fine_firm_yuan"}) for lever in each.levers] for each in (right, wrong)]
    assert dumps[0] == dumps[1]


def test_the_scenarios_with_one_substitute_are_the_pilot_in_parts() -> None:
    """Their substitutes together are those of the pilot, but for the days of preparation."""
    least = [bare(lever) for lever in load("pilot_ban_without_substitutes").levers]
    parts = []
    for name in ("project_tool", "scheduled_mail", "internal_messenger", "emergency_line"):
        levers = [bare(lever) for lever in load(name).levers]
        assert levers[: len(least)] == least
        parts += levers[len(least) :]
    whole = [bare(lever) for lever in load("pilot_ban").levers]
    assert all(part in whole for part in [*least, *parts])
    assert len(whole) == len(least) + len(parts)
