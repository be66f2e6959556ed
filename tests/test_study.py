"""Studies from a design file: the whole command in little, going on after a death, bad designs, what drives effects."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sim.comparing.effects import effects
from sim.comparing.ranking import GROUND, ranking
from sim.comparing.robustness import best_rules, by_draw, drivers
from sim.core.parameters import CUTOFFS
from sim.figures.words import speaking
from sim.outcomes import BY_NAME
from sim.report import plots
from sim.report.console import as_text
from sim.report.robustness import print_study
from sim.runs import results as store
from sim.runs.cache import Library, StoredWorld
from sim.scenario.loading import load, names
from sim.scenario.schema import Scenario
from sim.studies import by_set
from sim.studies.comparisons import publish_comparison
from sim.studies.designs import find_design, load_study
from tests.conftest import Call
from tests.synthetic import Lever, Rules, economy

TODAY = """base = "status_quo"
title = "Today, in little"
compare_with = "small"
[run]
people = 20
years = 0.1
warmup_days = 7
settling_weeks = 0
[population]
firm_size_median = 7
firm_size_sigma = 0.2
firm_size_min = 5
firm_size_max = 9
"""
RULE = """base = "status_quo"
title = "{name}"
[[levers]]
kind = "quiet_hours"
mode = "{mode}"
from_hour = 20
to_hour = 8
"""
DESIGN = """title = "In little"
parameters = ["surveyed", "audited"]
outcomes = ["share_burnt_out", "exhaustion", "latent_overtime", "employer_cost"]
[run]
replicates = 2
[comparisons.rules]
title = "Rules against today"
reference = "small"
scenarios = ["hold"]
ranked_on = "hold"
"""
SHARED = (
    DESIGN.replace('["hold"]', '["block", "hold"]')
    + """[comparisons.instead]
title = "One in place of the other"
reference = "block"
scenarios = ["hold"]
years = 0.1
parameters = ["surveyed"]
"""
)
OUTCOMES = ("share_burnt_out", "exhaustion", "latent_overtime", "employer_cost")
TABLES = ("effects", "groups", "persons", "ranking", "conclusions", "best", "draws")
PACE = by_set.measured_speed

pytestmark = pytest.mark.usefixtures("few_messages")


@pytest.fixture
def design(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A design of two comparisons that share two worlds, with its scenarios beside it; no pace is measured."""
    monkeypatch.setattr(by_set, "measured_speed", lambda *_: 1000.0)
    (tmp_path / "small.toml").write_text(TODAY)
    for name in ("block", "hold"):
        own = TODAY.partition("[run]")[2]
        rules, levers = RULE.format(name=name, mode=name).split("[[levers]]")
        (tmp_path / f"{name}.toml").write_text(f"{rules}[run]{own}[[levers]]{levers}")
    path = tmp_path / "little.toml"
    path.write_text(DESIGN)
    return path


def test_a_study_goes_on_where_it_died_and_gives_the_same(
    call: Call, design: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies among the simulations and before its second comparison; worlds are simulated once each."""
    simulated: list[tuple[str, int]] = []
    left = {"worlds": 3, "comparisons": 1}
    really = Library._simulate

    def dying(what: str) -> None:
        if left[what] == 0:
            raise KeyboardInterrupt
        left[what] -= 1

    def world(self: Library, scenario: Scenario, number: int, base: Scenario | None) -> StoredWorld:
        dying("worlds")
        simulated.append((scenario.name, number))
        return really(self, scenario, number, base)

    def compare(*arguments: Any, **named: Any) -> store.Results:
        dying("comparisons")
        return publish_comparison(*arguments, **named)

    monkeypatch.setattr(Library, "_simulate", world)
    monkeypatch.setattr(by_set, "publish_comparison", compare)
    command = ("study", design, "--backend", "serial", "--no-figures", "--out")
    assert call(*command, "died").code == 130
    left["worlds"] = 100
    assert call(*command, "died").code == 130
    assert len(simulated) == 8
    assert [path.name for path in Path("died").glob("study_*")] == ["study_little_rules_surveyed"]
    left["comparisons"] = 100
    done = call(*command, "died")
    assert done.code == 0, done.err
    assert "; still missing: 0" in " ".join(done.err.split())
    assert "\nBest rule on " in done.out
    assert "Comparing rules under surveyed" not in done.err, "it was there"
    with monkeypatch.context() as watching:
        looked, plain = list[str](), store._read_table
        watching.setattr(
            store, "_read_table", lambda folder, about: looked.append(about["file"]) or plain(folder, about)
        )
        assert call(*command, "died").code == 0
        assert looked.count("effects.parquet") == 3, "of each set and of both, once"
    Path("died/study_little_rules_audited/effects.parquet").write_bytes(b"damaged")
    done = call(*command, "died")
    assert done.code == 0, done.err
    assert re.findall(r"Comparing rules under (\w+)", done.err) == ["audited"]
    with monkeypatch.context() as later:
        later.setattr("sim.runs.reuse.code_hash", lambda: "of another version, that compares otherwise")
        done = call(*command, "died")
    assert re.findall(r"Comparing rules under (\w+)", done.err) == ["surveyed", "audited"]

    assert call("compare", "small.toml", "hold.toml", "--replicates", 2, "--no-figures", "--name", "whole").code == 0
    one, whole = store.read(Path("died/study_little")), store.read(Path("results/whole"))
    assert set(TABLES) <= set(one.tables)
    mine = one.tables["effects"].filter(reading="surveyed").drop("comparison", "reading")
    everybody = whole.effects.filter(group="all").filter(pl.col("outcome").is_in(OUTCOMES))
    assert_frame_equal(mine, everybody)
    assert one.tables["effects"]["outcome"].unique().sort().to_list() == sorted(OUTCOMES)
    assert one.tables["ranking"]["basis"].unique().to_list() == [GROUND]


def test_outcomes_that_no_comparison_ranks_are_named(call: Call, design: Path) -> None:
    ranked = "outcomes = [" + ", ".join(f'"{name}"' for name in OUTCOMES) + "]"
    design.write_text(DESIGN.replace(ranked, 'outcomes = ["detachment", "exhaustion"]'))
    command = ("study", design, "--parameters", "point", "--replicates", 1, "--backend", "serial", "--no-figures")
    told = " ".join(call(*command).out.split())
    few = r"Best on \d firms that one chosen rule set reaches, weeks [\d–]+: no chances, for fewer than 6 firms"
    assert re.search(few, told), told
    assert "Not ranked, as comparisons rank the outcomes of their overview: detachment." in told
    design.write_text(DESIGN.replace(ranked, 'outcomes = ["detachment"]'))
    done = call(*command)
    assert done.code == 0, done.err
    assert "their overview: detachment." in " ".join(done.out.split())


def test_a_study_draws_the_figures_that_it_was_asked_to_leave_out_before(
    call: Call, design: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(plots.REGISTRY, "comparison", {"forest": plots.REGISTRY["comparison"]["forest"]})
    command = ("study", design, "--parameters", "point", "--backend", "serial", "--out", "out")
    drawn = Path("out/study_little_rules_point/figures/forest.png")
    assert call(*command, "--no-figures").code == 0
    assert not drawn.exists()
    pictures = set()
    for flag in ("--figures", "--lang=zh", "--figures"):
        done = call(*command, flag)
        assert (done.code, "Comparing rules under point" in done.err) == (0, False), done.err
        pictures.add(drawn.read_bytes())
    assert len(pictures) == 2, "Chinese ones stay, in whatever language figures are"


def test_a_study_finds_draws_beside_its_design(design: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (design.parent / "elsewhere").mkdir()
    monkeypatch.chdir(design.parent / "elsewhere")
    pl.DataFrame({"lapse_share": [0.2, 0.3]}).write_parquet(design.with_name("own.parquet"))
    design.write_text(DESIGN.replace('"audited"', '"own.parquet"'))
    sets = load_study(design).jobs[0].sets
    assert list(sets) == ["surveyed", "own"]
    assert sets["own"]
    assert [row["lapse_share"] for row in sets["own"].rows] == [0.2, 0.3]


@pytest.mark.parametrize("sets", [("surveyed",), ("surveyed", "point")])
def test_the_best_rule_of_a_study_is_said_with_its_firms_and_weeks_and_what_is_few(sets: tuple[str, ...]) -> None:
    """Under one set nothing is said of all or both; of few firms and draws a comparison warns, too."""
    ranks = pl.DataFrame({
        "comparison": "rules", "reading": [name for name in sets for _ in range(2)], "outcome": "exhaustion",
        "family": "burnout", "unit": "sd", "better": "lower", "scenario": ["small", "hold"] * len(sets),
        "mean": [0.5, 0.4] * len(sets), "probability_best": [0.3, 0.7] * len(sets), "regret": 0.1, "regret_high": 0.2,
        "expected_rank": [1.7, 1.3] * len(sets), "firms": 7, "window": "weeks 1–4", "basis": GROUND,
    })  # fmt: skip
    tables = {"ranking": ranks, "best": best_rules(ranks).select(pl.lit("rules").alias("comparison"), pl.all())}
    about = {
        "scenarios": ["hold"], "people": 20, "weeks": 5, "replicates": 4,
        "readings": {name: {"draws": 0 if name == "point" else 1000} for name in sets},
    }  # fmt: skip
    design = {"title": "In little", "outcomes": ["exhaustion"], "comparisons": {"rules": {"title": "Rules"}}}
    manifest = {"design": design, "comparisons": {"rules": about}}
    told = " ".join(as_text(print_study, tables, manifest, Path("x")).split())
    assert told.startswith("In little Rules 1 scenario: 4 replicates of at least 20 people, 5 weeks. 4 draws barely")
    assert "Best rule on 7 firms that one chosen rule set reaches, weeks 1–4, named where its chance is" in told
    assert "Caution: 7 firms, fewer than 10." in told
    unclear = "unclear (surveyed: hold 70 %)" if len(sets) == 1 else "unclear under both (surveyed: hold 70 %; point:"
    assert f"Exhaustion: {unclear}" in told
    with speaking("zh"):
        assert "最优规则，依据 7 家企业（" in as_text(print_study, tables, manifest, Path("x"))


def test_a_study_over_two_countries_says_in_each_comparison_what_is_not_of_its_country() -> None:
    size = {"scenarios": ["hold"], "people": 20, "weeks": 5, "replicates": 16, "readings": {}}
    names = {"here": "status_quo", "there": "france"}
    design = {"title": "Two", "outcomes": [], "comparisons": {name: {"title": name} for name in names}}
    places = {name: {"country": load(base).country.model_dump(mode="json")} for name, base in names.items()}
    manifest = {"design": design, "comparisons": {name: size | {"resolved": each} for name, each in places.items()}}
    borrowed = "据中国数据拟合；属于法国的只有企业"
    with speaking("zh"):
        for more, told in (({}, [0, 0, 1]), ({"resolved": places["there"]}, [1, 0, 0])):
            text = "".join(as_text(print_study, {}, manifest | more, Path("x")).split())
            assert [part.count(borrowed) for part in re.split("here|there", text)] == told


def test_a_study_warns_of_scenarios_that_differ_in_more_than_rules(call: Call, design: Path) -> None:
    hold = design.with_name("hold.toml")
    hold.write_text(hold.read_text().replace("[run]", "[parameters]\nlapse_share = 0.6\n[run]"))
    design.write_text(SHARED)
    command = ("study", design, "--parameters", "point", "--replicates", 1, "--backend", "serial", "--no-figures")
    told = " ".join(call(*command).out.split())
    assert re.findall("“([a-z]*)” and “([^”]*)” differ in more than rules: [^,]*[.]", told) == [
        ("hold", "Today, in little"), ("hold", "block"),
    ]  # fmt: skip


def test_comparisons_share_their_worlds(design: Path) -> None:
    design.write_text(SHARED)
    jobs = load_study(design).jobs
    assert sum(len(task.worlds) for task in by_set.missing_worlds(jobs, Path("none"))) == 12
    assert by_set.missing_worlds(jobs[1:], Path("none"))[0].base.name == "block"


def test_what_a_study_costs_is_a_plain_number_and_is_not_said_where_nothing_is_missing(design: Path) -> None:
    draft = load_study(design)
    task = by_set.missing_worlds(draft.jobs, Path("none"))[0]
    large = task._replace(base=task.base.model_copy(update={"run": task.base.run.model_copy(update={"people": 10**9})}))
    assert re.search(r"About [\d,]{5,} processor hours", by_set.cost_estimate(draft, [large], 2)[1])
    assert 1.0 < PACE(task.base, None) < 1e9
    (said,) = by_set.cost_estimate(draft, [], 2)
    assert said.endswith("; still missing: 0")
    # of two worlds, under two sets, twice
    assert said.startswith("little: 1 comparison, 2 replicates of 20 people in firms each, 8 simulations; ")
    design.write_text(SHARED)
    block = design.with_name("block.toml")
    block.write_text(block.read_text().replace("people = 20", "people = 60"))
    assert "2 comparisons, 2 replicates of 20–60 people in" in by_set.cost_estimate(load_study(design), [], 2)[0]


def test_worlds_of_a_task_share_the_weeks_before_their_rules(design: Path) -> None:
    """A rule that begins four weeks after 5 January shares the warm-up and four weeks, whichever world is simulated."""
    rule = design.with_name("hold.toml")
    rule.write_text(rule.read_text().replace("from_hour = 20", "start = 2026-02-02\nfrom_hour = 20"))
    task = by_set.missing_worlds(load_study(design).jobs, Path("none"))[0]
    run = task.base.run
    every, before = run.weeks + run.warmup_days // 7, run.warmup_days // 7 + 4
    assert [world.name for world in task.worlds] == ["small", "hold"]
    assert task.person_weeks == run.people * (2 * every - before)


def test_workers_do_not_shorten_the_comparing_in_a_study(design: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is done by one process, and all that is left where simulating takes no time."""
    monkeypatch.setattr(by_set, "measured_speed", lambda *_: 1e12)
    monkeypatch.setattr(by_set, "ANALYSIS_SECONDS", 1_800.0)
    draft = load_study(design)
    tasks = by_set.missing_worlds(draft.jobs, Path("none"))
    said = [by_set.cost_estimate(draft, tasks, workers)[1] for workers in (1, 8)]
    assert "60 min with 1 worker" in said[0]
    assert "60 min with 8 workers" in said[1]


@pytest.mark.parametrize(("people", "least", "most"), [(20, 1.3, 4.0), (800, 1.0, 1.2)])
def test_a_study_costs_what_the_people_of_its_economies_do(
    design: Path, monkeypatch: pytest.MonkeyPatch, people: int, least: float, most: float
) -> None:
    """Economies are drawn until they hold the people asked for: small ones hold up to twice as many."""
    monkeypatch.setattr(by_set, "measured_speed", lambda *_: 1.0)
    small = design.with_name("small.toml")
    small.write_text(small.read_text().partition("[population]")[0])
    draft = load_study(design, people=people, replicates=16)
    tasks = by_set.missing_worlds(draft.jobs, Path("none"))
    hours = re.search(r"About ([\d,.]+) processor hours", by_set.cost_estimate(draft, tasks, 2)[1])
    assert hours
    asked = sum(task.person_weeks for task in tasks) / 3600
    assert least < float(hours[1].replace(",", "")) / asked < most


def test_worlds_after_the_first_cost_their_weeks_under_rules_alone() -> None:
    """Rules that change 30 or 34 weeks after the start of the warm-up; the first world, whichever it is, has them."""
    today, pilot, full = map(load, ("status_quo", "pilot_ban", "full_ban"))
    weeks = today.run.weeks + today.run.warmup_days // 7
    for worlds, spared in (((today, pilot, full), 30 + 34), ((full, pilot), 30), ((pilot, full), 34), ((full,), 0)):
        task = by_set.MissingWorlds(Path(), today, worlds, None, 0)
        assert task.person_weeks == today.run.people * (len(worlds) * weeks - spared)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('s = ["hold"]', 's = ["hodl"]', r"little.toml:\d+: comparisons.rules: unknown scenario 'hodl'"),
        ('s = ["hold"]', 's = ["hold", "hold"]', r"comparisons.rules: scenarios: .* hold is named twice"),
        ('ranked_on = "hold"', 'ranked_on = "small"', r"ranked_on: 'small': none of its scenarios"),
        ('ranked_on = "hold"', 'ranked_on = "hodl"', r"ranked_on: 'hodl': .*did you mean 'hold'"),
        ('hold"]\nranked_on = "hold"', 'hold", "status_quo"]\nranked_on = "status_quo"', r"'status_quo': has no rules"),
        ('"exhaustion"', '"exhaustoin"', r"outcomes\[1\]: no outcome 'exhaustoin'.*did you mean 'exhaustion'"),
        ('"exhaustion"', '"employer_cost"', r"little.toml:\d+: outcomes\[3\]: 'employer_cost' is named twice"),
        ("[comparisons.rules]", '[left_out]\nhodl = ""\nsmall = ""\n[comparisons.rules]', r"unknown .*'hodl'.*'hold'"),
        ('"audited"]', '"audietd"]', r"rules: parameters: audietd: .*no such set.*did you mean 'audited'"),
        ("replicates = 2", "replicates = 0", r"comparisons.rules: .*replicates"),
        ('title = "In little"', 'title = ""', r"little.toml:1: title: "),
        ('title = "Rules against today"', 'title = ""', r"little.toml:\d+: comparisons.rules.title: "),
        ("years = 0.1", "years = 0", r"comparisons.instead: .*years"),
        ("years = 0.1", "yaers = 0.1", r"comparisons.instead.yaers: .*did you mean 'years'"),
        ("[comparisons.rules]", "[compraisons.rules]", r"compraisons: .*did you mean 'comparisons'"),
    ],
)
def test_a_bad_design_is_refused_with_file_and_key(call: Call, design: Path, old: str, new: str, said: str) -> None:
    design.write_text((SHARED if old == "years = 0.1" else DESIGN).replace(old, new))
    done = call("study", design, "--dry-run")
    assert done.code == 2
    assert re.search(said, done.err), done.err
    assert "Traceback" not in done.err
    assert not Path("results").exists()


def test_folders_of_a_study_are_told_apart(call: Call, design: Path) -> None:
    for name in ("own", "b_own"):
        pl.DataFrame({"lapse_share": [0.2, 0.3]}).write_parquet(design.with_name(f"{name}.parquet"))
    one = DESIGN.replace('"surveyed", "audited"', '"b_own.parquet"')
    another = one.partition("[comparisons.rules]")[2]
    design.write_text(f'{one}[comparisons.rules_b]{another}parameters = ["own.parquet"]')
    done = call("study", design, "--dry-run")
    assert (done.code, "have the folder study_little_rules_b_own" in done.err) == (2, True), done.err


def test_other_files_and_unknown_names_are_refused(call: Call, design: Path) -> None:
    done = call("study", "all_rulse")
    assert (done.code, "did you mean 'all_rules'" in done.err) == (2, True), done.err
    done = call("study", design.with_name("hold.toml"))
    assert (done.code, "is a scenario and no study design" in done.err) == (2, True), done.err
    done = call("sweep", design)
    assert (done.code, "is a study design and no sweep design" in done.err) == (2, True), done.err


def test_the_shipped_study_has_every_scenario_or_says_why_not() -> None:
    draft = load_study(find_design("all_rules"))
    compared = {scenario.name for job in draft.jobs for scenario in job.others}
    assert compared | set(draft.design.left_out) == set(names())
    assert {job.name: list(job.sets) for job in draft.jobs}["rules"] == ["surveyed", "report", "audited"]
    tasks = by_set.missing_worlds(draft.jobs, Path("none"))
    runs = draft.jobs[0].reference.run.replicates
    assert len(tasks) == sum(len(job.sets) for job in draft.jobs[:-1]) * runs, (
        "the worlds of the last comparison are those of the one before"
    )


# --- draws ------------------------------------------------------------------------------------------------------------


def test_effects_by_draw_are_those_of_each_replicate_alone() -> None:
    factor = (0.5 + 0.1 * pl.col("replicate")).cast(pl.Float32)
    tables = economy(
        3,
        replicates=3,
        change=lambda part: part.with_columns(pl.col("latent_overtime_minutes", "output_minutes") * factor),
    )
    ban, base = Rules("ban", [Lever()]), Rules("base")
    outcomes = [BY_NAME[name] for name in ("latent_overtime", "output_per_hour")]
    found = by_draw(tables, ban, base, outcomes)
    assert found["outcome"].to_list() == ["latent_overtime", "output_per_hour"] * 3
    assert found["difference"].n_unique() == 6
    for number in range(3):
        alone = {name: frame.filter(pl.col("replicate") == number) for name, frame in tables.items()}
        mine = effects(alone, ban, base, outcomes, uncertain=False).filter(group="all")
        assert found.filter(replicate=number)["difference"].to_list() == mine["difference"].to_list()


def test_what_drives_an_effect_is_found_and_nothing_where_nothing_does() -> None:
    """A made-up effect on a parameter is found with its sign; of 60 that do nothing, the largest passes in 5 %.

    Forty such studies of chance alone: 6 or more pass with a probability of 1.4 %, at a fixed seed.
    """
    rng = np.random.default_rng(5)

    def told(slope: float) -> tuple[str, float, float]:
        rows = [{f"p{place}": value for place, value in enumerate(line)} for line in rng.random((16, 60))]
        draws = pl.DataFrame({
            "reading": "a", "scenario": "ban", "outcome": "exhaustion", "replicate": range(16),
            "difference": [slope * (row["p7"] - 0.5) + 0.1 * rng.standard_normal() for row in rows],
        })  # fmt: skip
        top = drivers(draws, {"a": rows}, 1).row(0, named=True)
        if slope:
            assert top["low_third"] * slope < 0 < top["high_third"] * slope
        return top["parameter"], top["correlation"], top["limit"]

    for slope in (1.0, -1.0):
        parameter, correlation, limit = told(slope)
        assert (parameter, correlation * slope > limit) == ("p7", True)
    chance = [told(0.0) for _ in range(40)]
    assert sum(abs(correlation) > limit for _, correlation, limit in chance) < 6


def test_what_differs_between_sets_is_no_driver() -> None:
    """Effects and twenty parameters differ by set, and by chance within it: pooled, any would go with the effect."""
    rng = np.random.default_rng(6)
    rows = {name: [{f"p{k}": at + rng.random() for k in range(20)} for _ in range(16)] for at, name in enumerate("abc")}
    effects = [at + 0.3 * rng.standard_normal() for at in range(3) for _ in range(16)]
    draws = pl.DataFrame({
        "reading": np.repeat([*"abc"], 16), "scenario": "ban", "outcome": "exhaustion", "replicate": [*range(16)] * 3,
        "difference": effects,
    })  # fmt: skip
    found = drivers(draws, rows, 1)
    assert (found["correlation"].abs() < found["limit"]).all()


def test_replicates_of_one_draw_count_once() -> None:
    """Fifty-six replicates of fourteen draws say no more than fourteen; one by one, chance would pass for a driver."""
    rng = np.random.default_rng(7)
    rows = [{f"p{k}": rng.random() for k in range(30)} for _ in range(14)]
    own = rng.standard_normal(14)
    facts = {"reading": "a", "scenario": "ban", "outcome": "exhaustion", "replicate": range(56)}
    several = pl.DataFrame(
        facts | {"difference": [own[number % 14] + 0.01 * (number // 14 - 1.5) for number in range(56)]}
    )
    once = pl.DataFrame(facts | {"replicate": range(14), "difference": own})
    found, alone = (drivers(draws, {"a": rows}, 1) for draws in (several, once))
    assert found["draws"].unique().to_list() == [14]
    assert found.select("parameter", "limit").equals(alone.select("parameter", "limit"))
    assert (found["correlation"].abs() < found["limit"]).all()


def test_few_draws_and_equal_effects_say_nothing() -> None:
    rows = [{"p": number / 11} for number in range(12)]
    few = {"reading": "a", "scenario": "ban", "outcome": "exhaustion"}
    eleven = [0.1 * number for number in range(11)]
    for values in (eleven, [*eleven, None], [1.0] * 12):
        draws = pl.DataFrame({**few, "replicate": range(len(values)), "difference": values})
        assert drivers(draws, {"a": rows}, 1).is_empty()


def test_the_thirds_and_the_limit_of_thirteen_draws_by_hand() -> None:
    """Five have ranks up to a third of the way from the lowest to the highest, and the effect of the fifth is zero.

    The two-sided critical value of a rank correlation of 13 pairs is 0.560, the one-sided 0.484; 1,000 shuffles err
    by 0.01.
    """
    rows = [{"norm_base": float(number)} for number in range(13)]
    draws = pl.DataFrame({
        "reading": "a", "scenario": "ban", "outcome": "exhaustion", "replicate": range(13),
        "difference": [number - 4.0 for number in range(13)],
    })  # fmt: skip
    (found,) = drivers(draws, {"a": rows}, 1).to_dicts()
    assert (found["low_third"], found["lower_in_low"]) == (-2.0, 0.8)
    assert (found["high_third"], found["lower_in_high"]) == (6.0, 0.0)
    assert found["limit"] == pytest.approx(0.560, abs=0.035)


def test_a_cut_off_is_no_driver() -> None:
    """A fit reads cut-offs off its draw's scores, so that they go with whatever moves these; draws come round again."""
    rows = [{"norm_base": number - 3.5, CUTOFFS[0]: float(number)} for number in range(12)]
    draws = pl.DataFrame(
        {
            "reading": "a",
            "scenario": "ban",
            "outcome": "exhaustion",
            "replicate": range(12, 24),
            "difference": range(12),
        },
        schema_overrides={"difference": pl.Float64},
    )
    draws = draws.with_columns(pl.col("difference") - 3.5)
    (found,) = drivers(draws, {"a": rows}, 1).to_dicts()
    assert (found["parameter"], found["draws"], found["correlation"]) == ("norm_base", 12, pytest.approx(1.0))
    assert (found["low_third"], found["high_third"]) == (-2.0, 6.0)
    assert (found["lower_in_low"], found["lower_in_high"]) == (1.0, 0.0)


def test_what_both_worlds_set_drives_nothing(call: Call, design: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter that a scenario or its reference alone sets still varies in the other world."""
    mine, both = "break_minutes", "norm_base"
    rows = [{mine: float(number), both: number / 2, "evade": number / 3} for number in range(12)]
    draws = pl.DataFrame({
        "reading": "a", "scenario": "ban", "outcome": "exhaustion", "replicate": range(12),
        "difference": [0.1 * number for number in range(12)],
    })  # fmt: skip
    assert drivers(draws, {"a": rows}, 1, {"ban": {both}})["parameter"].to_list() == [mine, "evade"]
    assert drivers(draws, {"a": rows}, 1, {"ban": rows[0].keys()}).is_empty()

    kept: list[object] = []

    def noted(draws: pl.DataFrame, rows: object, seed: int, fixed: dict[str, set[str]]) -> pl.DataFrame:
        kept.append(fixed)
        return pl.DataFrame()

    monkeypatch.setattr(by_set, "drivers", noted)
    small, hold = design.with_name("small.toml"), design.with_name("hold.toml")
    small.write_text(small.read_text() + f"[parameters]\n{both} = 0.1\n{mine} = 60\n")
    hold.write_text(hold.read_text() + f"[parameters]\n{both} = 0.1\nevade = 0.2\n")
    command = ("study", design, "--parameters", "surveyed", "--replicates", 1, "--backend", "serial", "--no-figures")
    assert call(*command).code == 0
    assert kept == [{"hold": {both}}]


def halved(part: pl.DataFrame) -> pl.DataFrame:
    return part.with_columns(pl.col("latent_overtime_minutes") / 2)


def test_a_ranking_may_be_on_the_firms_of_one_rule() -> None:
    outcomes = [BY_NAME["latent_overtime"]]
    part, whole = (economy(3, worlds=("base", name), change=halved) for name in ("ban", "law"))
    whole["firms"] = whole["firms"].with_columns(in_scope=pl.lit(True))
    pairs = [(Rules(name, [Lever()]), tables) for name, tables in (("ban", part), ("law", whole))]
    usual = ranking(pairs, Rules("base"), outcomes, 1)
    found = {name: ranking(pairs, Rules("base"), outcomes, 1, ground=name) for name in ("ban", "law")}
    assert {name: chosen["firms"].unique().to_list() for name, chosen in found.items()} == {"ban": [12], "law": [24]}
    assert found["ban"]["basis"].unique().to_list() == [GROUND]
    assert_frame_equal(usual.drop("basis"), found["ban"].drop("basis"))
