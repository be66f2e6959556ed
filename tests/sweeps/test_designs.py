"""Design files: what they give, and what they refuse."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from sim.core.errors import InputError
from sim.figures.sweep_axes import CLOCK
from sim.runs.identity import content, content_of
from sim.scenario.loading import load
from sim.scenario.parameter_draws import drawn, read_draws
from sim.scenario.schema import Scenario
from sim.studies.designs import find_design
from sim.sweeps.conditions import RESERVED_NAMES, _columns, design_points, plan_of, run_name, world_of
from sim.sweeps.design import DESIGNS, load_design
from sim.sweeps.effects import LABEL_COLUMNS, LEVEL_COLUMNS, MEAN_COLUMNS, _levels
from sim.sweeps.folder import END_COLUMNS, RUN_COLUMNS, complete_rows, create_sweep, open_sweep
from sim.sweeps.monitor import RunLedger

COST = '[[axes]]\nname = "cost_mail"\nvalues = [1.0]\n'
AXIS = """
[[axes]]
name = "levers.enforcement.fine_yuan"
unit = "yuan"
values = [0, 300, 1000]
"""


def design(folder: Path, text: str, scenario: str = "pilot_ban") -> Path:
    path = folder / "trial.toml"
    path.write_text(f'title = "A trial"\nscenarios = ["{scenario}"]\n' + text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        plan_of(load_design(design(folder, text)))
    return str(caught.value)


@pytest.mark.parametrize("name", sorted(path.stem for path in DESIGNS.glob("*.toml")))
def test_shipped_designs_are_sound(name: str) -> None:
    plan = plan_of(load_design(find_design(name, DESIGNS)))
    assert plan.conditions.height > 1
    assert plan.conditions["content"].n_unique() == plan.conditions.height
    assert (DESIGNS / f"{name}.toml").read_text(encoding="utf-8").startswith("#")  # says what it is for


def test_grid_is_crossed_with_scenarios_and_the_world_to_compare_with_is_shared(tmp_path: Path) -> None:
    text = AXIS + '[[axes]]\nname = "cost_mail"\nlow = 1.0\nhigh = 2.0\npoints = 2\n'
    plan = plan_of(load_design(design(tmp_path, text)))
    rows = plan.conditions
    assert rows.filter(~pl.col("is_reference")).height == 6
    assert rows.filter("is_reference").height == 2  # one for each value of the parameter, none for the fines
    assert rows.filter("is_reference")["fine_yuan"].is_null().all()
    pairs = rows.filter(~pl.col("is_reference")).join(rows, left_on="reference", right_on="condition", suffix="_there")
    assert (pairs["cost_mail"] == pairs["cost_mail_there"]).all()


def test_a_scenario_that_changes_nothing_or_is_compared_with_has_rows_of_its_own(tmp_path: Path) -> None:
    """The plain world is a scenario of this design, and what the other one is compared with."""
    (tmp_path / "plain.toml").write_text('title = "Plain"\nbase = "status_quo"\n', encoding="utf-8")
    (tmp_path / "same.toml").write_text('title = "Same"\nbase = "plain"\ncompare_with = "plain"\n', encoding="utf-8")
    for order in (["plain", "same"], ["same", "plain"]):
        text = f'title = "Trial"\nscenarios = {json.dumps(order)}\n{COST}'
        (tmp_path / "trial.toml").write_text(text, encoding="utf-8")
        rows = plan_of(load_design(tmp_path / "trial.toml")).conditions
        assert rows.filter(~pl.col("is_reference"))["scenario"].to_list() == order
        assert rows.filter("is_reference").height == 1


def test_the_identity_of_a_sweep_holds_names_and_what_is_compared_with_what(tmp_path: Path) -> None:
    seen = set()
    for name, against in (("last", "pilot_ban"), ("last", "quiet_hours"), ("other", "quiet_hours")):
        text = f'title = "Last"\ncompare_with = "{against}"\n[[levers]]\nkind = "placebo"\n'
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
        text = f'title = "Trial"\nscenarios = ["pilot_ban", "quiet_hours", "{name}"]\n{COST}'
        (tmp_path / "trial.toml").write_text(text, encoding="utf-8")
        seen.add(plan_of(load_design(tmp_path / "trial.toml")).identity)
    assert len(seen) == 3


def test_no_axis_has_the_name_of_a_column_of_the_tables() -> None:
    """As of a field of a lever that a user adds; such a column has the whole address, and so have two of one name."""
    spreads = {"count", "value_spread", "difference_spread"}
    placed = {name for name in LEVEL_COLUMNS if name != "axis" and not name.startswith("by")}
    names = {*RUN_COLUMNS, *END_COLUMNS, *LABEL_COLUMNS, *MEAN_COLUMNS, "outcome", "replicates", *placed}
    assert names | spreads <= RESERVED_NAMES
    axes = [
        SimpleNamespace(name=name) for name in ("levers.mine.value", "levers.a.hour", "levers.b.hour", "levers.b.fee")
    ]
    assert _columns(axes) == ["levers_mine_value", "levers_a_hour", "levers_b_hour", "fee"]  # type: ignore[arg-type]


def test_titles_of_scenarios_may_be_edited(tmp_path: Path) -> None:
    for title in ("Before", "After"):
        (tmp_path / "mine.toml").write_text(f'title = "{title}"\nbase = "pilot_ban"\n', encoding="utf-8")
        (tmp_path / "trial.toml").write_text(f'title = "Trial"\nscenarios = ["mine"]\n{COST}', encoding="utf-8")
        draft = load_design(tmp_path / "trial.toml")
        plan = create_sweep(tmp_path / "sweep", plan_of(draft), 1, draft.design.limits).plan
        assert plan.bases["mine"]["title"] == title


def test_seeds_of_a_range_are_all_there(tmp_path: Path) -> None:
    """Whole numbers have more than six digits here."""
    text = '[[axes]]\nname = "run.seed"\nlow = 20261125\nhigh = 20261134\npoints = 10\n'
    found = [point["run.seed"] for point in design_points(load_design(design(tmp_path, text)))]
    assert found == list(range(20261125, 20261135))
    assert len({str(name) for name in _levels(pl.Series("seed", found))["name"]}) == 10


def test_conditions_say_the_same_as_scenarios_that_are_checked_as_a_whole(tmp_path: Path) -> None:
    text = AXIS + '[[axes]]\nname = "population.firm_size_max"\nvalues = [200, 300]\n'
    text += '[[axes]]\nname = "mechanisms.m6_norms"\nvalues = [true, false]\n'
    plan = plan_of(load_design(design(tmp_path, text)))
    for row in plan.conditions.iter_rows(named=True):
        data = world_of(plan, row)
        assert content_of(data) == content(Scenario.model_validate(data))
    worlds = [Scenario.model_validate(world_of(plan, row)) for row in plan.conditions.iter_rows(named=True)]
    fines = {lever.fine_yuan for world in worlds for lever in world.levers if lever.kind == "enforcement"}
    assert fines == {0.0, 300.0, 1000.0}


def test_an_hour_of_a_lever_is_one_of_the_clock(tmp_path: Path) -> None:
    text = '[[axes]]\nname = "levers.quiet_hours.from_hour"\nvalues = [18.6, 21]\n'
    assert plan_of(load_design(design(tmp_path, text, "quiet_hours"))).axes[0]["unit"] == CLOCK


def test_a_latin_hypercube_fills_every_stripe_and_is_crossed_with_values(tmp_path: Path) -> None:
    text = 'method = "lhs"\npoints = 8\n' + AXIS
    text += '[[axes]]\nname = "cost_mail"\nlow = 1.0\nhigh = 2.0\n'
    text += '[[axes]]\nname = "levers.enforcement.inspections_per_year"\nlow = 0.1\nhigh = 10.0\nscale = "log"\n'
    found = pl.DataFrame(list(design_points(load_design(design(tmp_path, text)))))
    assert found.height == 24
    one = found.filter(pl.col("levers.enforcement.fine_yuan") == 300)
    assert sorted(int((value - 1.0) * 8) for value in one["cost_mail"]) == list(range(8))
    logs = (one["levers.enforcement.inspections_per_year"].log10() + 1) / 2
    assert sorted(int(value * 8) for value in logs) == list(range(8))


def test_sobol_points_are_balanced_and_repeat(tmp_path: Path) -> None:
    text = 'method = "sobol"\npoints = 16\n[[axes]]\nname = "cost_mail"\nlow = 1.0\nhigh = 2.0\n'
    draft = load_design(design(tmp_path, text))
    once, twice = (list(design_points(draft)) for _ in range(2))
    assert once == twice
    assert sorted(int((point["cost_mail"] - 1.0) * 16) for point in once) == list(range(16))


def test_a_list_takes_values_together(tmp_path: Path) -> None:
    text = 'method = "list"\n' + AXIS + '[[axes]]\nname = "cost_mail"\nvalues = [1.0, 1.5, 2.0]\n'
    found = [tuple(point.values()) for point in design_points(load_design(design(tmp_path, text)))]
    assert found == [(0.0, 1.0), (300.0, 1.5), (1000.0, 2.0)]


@pytest.mark.parametrize(("method", "count"), [("list", 5), ("grid", 15)])
def test_whole_numbers_that_coincide_stay_in_a_list_and_appear_once_in_a_grid(
    tmp_path: Path, method: str, count: int
) -> None:
    text = f'method = "{method}"\n[[axes]]\nname = "run.people"\nlow = 60\nhigh = 62\npoints = 5\n'
    text += '[[axes]]\nname = "cost_mail"\nlow = 1.0\nhigh = 2.0\npoints = 5\n'
    found = [point["run.people"] for point in design_points(load_design(design(tmp_path, text)))]
    assert len(found) == count
    assert sorted(set(found)) == [60, 61, 62]


def test_all_mistakes_are_told_at_once_with_line_and_nearest_name(tmp_path: Path) -> None:
    text = 'replicates = 0\n[[axes]]\nname = "x"\nlow = 2.0\nhigh = 1.0\n[[axes]]\nname = "y"\nvaluse = [1]\n'
    said = mistakes(tmp_path, text).splitlines()
    assert any("trial.toml:3: replicates: 0" in line for line in said)
    assert any("axes[0].high" in line and "must be above low" in line for line in said)
    assert any("valuse" in line and "did you mean 'values'?" in line for line in said)
    said = mistakes(
        tmp_path, '[[axes]]\nname = "cost_male"\nvalues = [1]\n[[axes]]\nname = "cost_mail"\nlow = 1\nhigh = 2\n'
    )
    assert "did you mean 'cost_mail'?" in said
    assert "'cost_mail': needs points" in said


def test_names_values_and_units_are_checked_against_the_scenario(tmp_path: Path) -> None:
    text = '[[axes]]\nname = "levers.enforcement.fine_juan"\nvalues = [1]\n'
    text += '[[axes]]\nname = "cost_male"\nvalues = [1.0]\n'
    text += '[[axes]]\nname = "cost_mail"\nunit = "yuan"\nvalues = [1.0, 99.0]\n'
    said = mistakes(tmp_path, text)
    assert "did you mean 'levers.enforcement.fine_yuan'?" in said
    assert "did you mean 'cost_mail'?" in said
    assert "the unit of cost_mail is 'ratio'" in said
    assert "axes[2].values: 99.0: pilot_ban: must lie between 0.2 and 5" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('method = "sobol"\npoints = 12\n[[axes]]\nname = "cost_mail"\nlow = 1.0\nhigh = 2.0\n', "power of 2"),
        ('method = "lhs"\n' + AXIS, "needs points"),
        ('[[axes]]\nname = "cost_mail"\nlow = 1.0\nhigh = 2.0\n', "needs points"),
        ("[[axes]]\nname = 'cost_mail'\nlow = -1.0\nhigh = 2.0\nscale = 'log'\npoints = 3\n", "above 0 on a log scale"),
        ("[[axes]]\nname = 'evade_urgent'\nvalues = [0, 0.5]\nscale = 'log'\n", "values must be above 0 on a log"),
        ("[[axes]]\nname = 'cost_mail'\nvalues = ['1', '2.5']\n", "axes[0].values: 2.5: must be a number"),
        (AXIS + AXIS, "named by another axis"),
        (COST + COST.replace("cost", "parameters.cost"), "named by another axis"),
        ('[[axes]]\nname = "mechanisms.m1_work"\nvalues = [0]\n', "axes[0].values: 0: must be true or false"),
        (
            "[[axes]]\nname = 'levers.ban.channels'\nvalues = [['mail']]\n",
            '"mail"]]: each must be a number, a word',
        ),
        ('method = "list"\n' + AXIS + '[[axes]]\nname = "cost_mail"\nvalues = [1.0]\n', "axes of one length"),
        (AXIS + "values_zh = ['无']\n", 'axes[0].values_zh: ["无"]: must have a word for each of the values'),
        (
            "[[axes]]\nname = 'levers.ban.hours'\nvalues = ['off', 'all']\n" + "values_zh = ['线性']\n",
            "must have a word for each of the values",
        ),
        (COST + "values_zh = ['低', '高']\n", "none of which may be a number"),
        ("points = 3\n" + AXIS, "only for the methods lhs and sobol"),
        ("[run]\npeople = 3\n" + AXIS, "must be at least 20"),
        ('engine = "modle"\n' + AXIS, "engine: \"modle\": no such engine; did you mean 'model'"),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert words in mistakes(tmp_path, text)


def test_values_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    text = '[[axes]]\nname = "population.firm_size_min"\nvalues = [5, 18]\n'
    text += '[[axes]]\nname = "population.firm_size_median"\nvalues = [10.0, 20.0]\n'
    assert "firm sizes must be in the order" in mistakes(tmp_path, text)


@pytest.mark.parametrize(
    ("axis", "value"), [("run.years", "0.3"), ("levers.ban.start", "'2027-02-01'"), ("levers.ban.start", "2025-12-01")]
)
def test_a_rule_that_begins_outside_the_run_at_some_point_is_refused(tmp_path: Path, axis: str, value: str) -> None:
    """There the rule would do nothing, and its effect would be a zero like any other."""
    said = mistakes(tmp_path, f"[run]\nyears = 1.0\n[[axes]]\nname = '{axis}'\nvalues = [{value}]\n")
    assert re.search(rf"^pilot_ban with {axis} = .*: levers\[\d\]\.start: .*: lies outside the run, which goes", said)


def test_an_unknown_scenario_and_an_unknown_design_are_named(tmp_path: Path) -> None:
    path = tmp_path / "trial.toml"
    path.write_text('title = "A trial"\nscenarios = ["pilot_bane"]\n' + AXIS, encoding="utf-8")
    with pytest.raises(InputError, match="did you mean 'pilot_ban'"):
        load_design(path)
    with pytest.raises(InputError, match="unknown design"):
        find_design("no_such_design", DESIGNS)


def test_order_is_by_replicate_and_balanced_within(tmp_path: Path) -> None:
    text = "replicates = 3\n[[axes]]\nname = 'cost_mail'\nlow = 1.0\nhigh = 2.0\npoints = 40\n"
    draft = load_design(design(tmp_path, text))
    sweep = create_sweep(tmp_path / "sweep", plan_of(draft), 3, draft.design.limits)
    ledger = RunLedger(sweep)
    runs = [ledger.run(number) for number in ledger.missing()]
    assert [replicate for _, replicate, _ in runs] == sorted(replicate for _, replicate, _ in runs)
    assert len(set(runs)) == len(runs) == sweep.size
    assert ledger.missing().tolist() == list(range(sweep.size))
    half = sweep.plan.conditions[[condition for condition, _, _ in runs[: len(runs) // 6]]]["cost_mail"]
    assert half.min() < 1.25
    assert half.max() > 1.75  # an early stop has seen all of the range


def test_names_of_runs_hang_on_content_replicate_and_version_alone(tmp_path: Path) -> None:
    few, many = (
        plan_of(load_design(design(tmp_path, AXIS + extra), parameters="point"))
        for extra in ("", '[[axes]]\nname = "cost_mail"\nvalues = [1.4, 1.5]\n')
    )
    shared = set(few.conditions["content"]) & set(many.conditions["content"])
    assert len(shared) == few.conditions.height  # 1.4 is what the table of parameters says; naming it changes nothing
    name = run_name("v", "content", 0)
    assert len({name, run_name("w", "content", 0), run_name("v", "other", 0), run_name("v", "content", 1)}) == 4
    assert json.dumps(few.axes) != json.dumps(many.axes)


DOUBT = """
title = "Fines under doubt"
scenarios = ["pilot_ban"]
replicates = 3
parameters = "draws.parquet"
[run]
people = 300
years = 1.0
[[axes]]
name = "cost_mail"
values = [1.4, 2.0]
"""


def test_points_can_have_draws_of_their_own(tmp_path: Path) -> None:
    """A scenario and what it is compared with share the draw of a point, also where nothing else tells points apart."""
    pl.DataFrame({"reaction_minutes": [float(n) for n in range(1, 8)]}).write_parquet(tmp_path / "draws.parquet")
    path = tmp_path / "own.toml"
    path.write_text(DOUBT.replace("[run]", "own_draws = true\n[run]"), encoding="utf-8")
    draft = load_design(path)
    sweep = create_sweep(tmp_path / "sweep", plan_of(draft), 3, draft.design.limits)
    assert sweep.plan.own_draws
    assert open_sweep(sweep.folder).plan.points == sweep.plan.points == 2
    rows = sweep.plan.conditions.to_dicts()
    assert len(rows) == 4
    for about in rows:
        for replicate in range(3):
            drawn = world_of(sweep.plan, about, replicate)["parameters"]["reaction_minutes"]
            assert drawn == 1.0 + about["point"] + 2 * replicate
            partner = rows[about["condition"] if about["is_reference"] else about["reference"]]
            assert partner["point"] == about["point"]
    assert "draws 1 to 6 of 7 of “draws”, one for each replicate of each point" in sweep.parameters[0]


def test_points_in_a_row_can_share_a_draw_and_what_they_are_compared_with(tmp_path: Path) -> None:
    pl.DataFrame({"reaction_minutes": [float(n) for n in range(1, 8)]}).write_parquet(tmp_path / "draws.parquet")
    path = tmp_path / "own.toml"
    text = DOUBT.replace("[run]", "own_draws = true\npoints_per_draw = 2\n[run]").replace(
        "[1.4, 2.0]", "[1.4, 2.0, 2.2]"
    )
    path.write_text(text, encoding="utf-8")
    draft = load_design(path)
    sweep = open_sweep(create_sweep(tmp_path / "sweep", plan_of(draft), 2, draft.design.limits).folder)
    assert (sweep.plan.points, sweep.plan.blocks) == (3, 2)
    assert "draws 1 to 4 of 7 of “draws”, one for each replicate of each 2 points" in sweep.parameters[0]
    for about in sweep.plan.conditions.to_dicts():
        for replicate in range(2):
            drawn = world_of(sweep.plan, about, replicate)["parameters"]["reaction_minutes"]
            assert drawn == 1.0 + about["point"] // 2 + 2 * replicate
    path.write_text(text.replace("own_draws = true", ""), encoding="utf-8")
    with pytest.raises(InputError, match="needs own_draws = true"):
        load_design(path)


def test_a_run_with_another_draw_has_another_name(tmp_path: Path) -> None:
    """In a longer design the same point has other draws from the second replicate on."""
    pl.DataFrame({"reaction_minutes": [float(n) for n in range(1, 8)]}).write_parquet(tmp_path / "draws.parquet")
    runs = []
    for values in ("[1.4, 2.0]", "[1.4, 2.0, 2.2]"):
        path = tmp_path / "own.toml"
        path.write_text(DOUBT.replace("[run]", "own_draws = true\n[run]").replace("[1.4, 2.0]", values), "utf-8")
        draft = load_design(path)
        sweep = create_sweep(tmp_path / values, plan_of(draft), 2, draft.design.limits)
        (row,) = complete_rows(sweep, [{"condition": 0, "replicate": 1, "round": 0}]).to_dicts()
        drawn = world_of(sweep.plan, sweep.plan.conditions.row(0, named=True), 1)["parameters"]["reaction_minutes"]
        runs.append((sweep.plan.conditions["content"][0], drawn, row["run"]))
    assert [drawn for _, drawn, _ in runs] == [3.0, 4.0]
    assert runs[0][0] == runs[1][0]
    assert runs[0][2] != runs[1][2]


def test_replicates_use_draws_of_a_posterior_as_runs_do(tmp_path: Path) -> None:
    """What an axis names holds in all draws, also where it is as usual."""
    file = tmp_path / "draws.parquet"
    pl.DataFrame({"reaction_minutes": [2.0, 30.0], "cost_mail": [1.1, 1.2]}).write_parquet(file)
    path = tmp_path / "doubt.toml"
    path.write_text(DOUBT, encoding="utf-8")
    draft = load_design(path)
    sweep = create_sweep(tmp_path / "sweep", plan_of(draft), 3, draft.design.limits)
    assert sweep.plan.draws == draft.draws
    draws = read_draws(file, "draws")
    base = load("pilot_ban")
    for about in sweep.plan.conditions.filter(~pl.col("is_reference")).iter_rows(named=True):
        mine = base.model_copy(update={"parameters": {"cost_mail": about["cost_mail"]}})
        for replicate in range(3):
            expected = drawn(mine, draws, replicate).parameters
            assert world_of(sweep.plan, about, replicate)["parameters"] == expected
            assert expected["reaction_minutes"] == (2.0, 30.0, 2.0)[replicate]
    partner = sweep.plan.conditions.filter(pl.col("is_reference")).row(0, named=True)
    assert world_of(sweep.plan, partner, 1)["parameters"]["reaction_minutes"] == 30.0
    point = plan_of(load_design(path, parameters="point"))
    assert point.draws is None
    pl.DataFrame({"reaction_minutes": [2.0, 31.0]}).write_parquet(file)
    other = plan_of(load_design(path))
    names = [set(plan.conditions["content"]) for plan in (sweep.plan, point, other)]
    assert not names[0] & names[1] | names[0] & names[2] | names[1] & names[2]
    path.write_text(DOUBT.replace("draws.parquet", "posteror"), encoding="utf-8")
    with pytest.raises(InputError, match=r"doubt.toml:5: parameters: posteror: no such file.*did you mean 'posterior'"):
        load_design(path)


def test_what_a_scenario_is_compared_with_is_looked_for_beside_its_file_as_by_a_run(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    for name, text in (("mine", 'base = "placebo"\ncompare_with = "yours"\n'), ("yours", 'base = "status_quo"\n')):
        (tmp_path / "rules" / f"{name}.toml").write_text(f'title = "Try"\n{text}', "utf-8")
    path = tmp_path / "trial.toml"
    path.write_text(f'title = "A trial"\nscenarios = ["rules/mine.toml"]\n{COST}', "utf-8")
    assert load_design(path).references["mine"]["name"] == "yours"


def test_dates_of_an_axis_are_written_as_in_a_scenario(tmp_path: Path) -> None:
    path, found = tmp_path / "trial.toml", []
    for values in ("[2026-07-06, 2026-08-03]", '["2026-07-06", "2026-08-03"]'):
        path.write_text(
            'title = "A trial"\nscenarios = ["quiet_hours"]\n[[axes]]\nname = "levers.quiet_hours.start"\n'
            f"values = {values}\n",
            encoding="utf-8",
        )
        found.append(plan_of(load_design(path)).conditions)
    assert found[0].equals(found[1])
    assert found[0]["start"].to_list() == [None, "2026-07-06", None, "2026-08-03"]


def test_a_copy_of_a_shipped_design_finds_the_scenarios_of_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    copy = tmp_path / "mine.toml"
    copy.write_bytes(find_design("quiet_hours_page", DESIGNS).read_bytes())
    shipped = load_design(find_design("quiet_hours_page", DESIGNS))
    assert load_design(copy).bases == shipped.bases
    (tmp_path / "page").mkdir()
    own = (find_design("quiet_hours_page", DESIGNS).parent / "page" / "enforced_quiet_hours.toml").read_text(
        encoding="utf-8"
    )
    (tmp_path / "page" / "enforced_quiet_hours.toml").write_text(
        own.replace("from_hour = 20", "from_hour = 21"), encoding="utf-8"
    )
    assert load_design(copy).bases != shipped.bases
