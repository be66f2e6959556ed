"""Scenario files: inheritance, and one clear line for every mistake."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docs import scenario_list
from sim.core.errors import InputError
from sim.figures.words import speaking, translate
from sim.files.toml import lines_of_keys
from sim.scenario import loading as files
from sim.scenario.economy import Run
from sim.scenario.json_schema import json_schema
from sim.scenario.loading import Scenario, changed, load, on_economy, under
from sim.scenario.memory import check_size
from sim.scenario.schema import content_hash

TITLE = 'title = "Try"\n'
BAN = '[[levers]]\nkind = "ban"\nchannels = ["im"]\nstart = 2026-07-06\n'


def write(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def complaints(path: Path | str) -> list[str]:
    """Give the lines of the one error that a file causes, without its folder."""
    with pytest.raises(InputError) as caught:
        load(path)
    return [line.removeprefix(f"{Path(path).parent}/") for line in str(caught.value).splitlines()]


# ---- what a file may say


def test_a_title_is_all_that_a_file_needs(tmp_path: Path) -> None:
    scenario = load(write(tmp_path, TITLE))
    assert scenario.name == "mine"
    assert scenario.compare_with == "status_quo"
    assert scenario.levers == ()


def test_shipped_scenarios_are_valid_and_say_what_they_are() -> None:
    for name in files.names():
        assert load(name).name == name
        text = (files.SCENARIOS / f"{name}.toml").read_text(encoding="utf-8")
        assert text.startswith("#:schema ./scenario.schema.json\n")


def test_the_shipped_schema_is_current() -> None:
    shipped = json.loads((files.SCENARIOS / "scenario.schema.json").read_text(encoding="utf-8"))
    assert shipped == json_schema(), "run `make schema`"


def test_the_pilot_is_the_plan_of_the_report() -> None:
    pilot = load("pilot_ban")
    kinds = [lever.kind for lever in pilot.levers]
    assert kinds.count("ban") == 1
    assert kinds.count("substitute") == 3
    assert {"emergency_line", "enforcement"} <= set(kinds)
    assert {tuple(lever.scope.cities) for lever in pilot.levers} == {("beijing", "shanghai")}
    assert {tuple(lever.scope.industries) for lever in pilot.levers} == {("internet", "finance", "education")}
    assert [phase.label for phase in pilot.phases] == ["preparation", "ban"]
    assert pilot.phases[1].start == date(2026, 7, 6)
    assert pilot.phases[1].end == pilot.end


def test_all_shipped_scenarios_share_the_economy_of_today() -> None:
    """So that `run X` and `compare status_quo X` say the same; three show another calendar, other firms or France."""
    today = load("status_quo")
    for name in set(files.names()) - {"holidays_china", "firms_of_all_sizes", "france"}:
        other = load(name)
        run = other.run.model_copy(update={"years": 2.0}) if name == "staged_ban" else other.run
        assert (other.calendar, run, other.population) == (today.calendar, today.run, today.population)


def test_a_ramp_without_a_start_is_over_as_long_before_as_the_warm_up_lasts(tmp_path: Path) -> None:
    text = TITLE + "[run]\nwarmup_days = 28\n" + BAN.replace("start = 2026-07-06", "ramp_days = 35")
    assert [(phase.start, phase.ramp_days) for phase in load(write(tmp_path, text)).phases] == [(date(2026, 1, 5), 7)]
    (phase,) = load(write(tmp_path, text.replace("35", "14"))).phases
    assert phase.ramp_days == 0


def test_the_ramp_of_a_phase_ends_when_all_that_grow_are_in_full_force(tmp_path: Path) -> None:
    early = BAN + 'phase = "ban"\n'
    late = early.replace("07-06", "07-20")
    ramps = {(4, 6): 20, (30, 6): 30, (4, 0): 4, (0, 0): 0}  # what is sudden has no ramp
    for (first, second), ramp in ramps.items():
        text = TITLE + early + f"ramp_days = {first}\n" + late + f"ramp_days = {second}\n"
        (phase,) = load(write(tmp_path, text)).phases
        assert (phase.start, phase.ramp_days) == (date(2026, 7, 6), ramp)


# ---- inheritance


def test_tables_are_merged_key_by_key_and_levers_are_added(tmp_path: Path) -> None:
    base = TITLE + "[run]\npeople = 700\nyears = 1.0\n[parameters]\nreact = 0.5\n" + BAN
    write(tmp_path, base, "parent")
    own = 'title = "Child"\nbase = "parent"\n[run]\npeople = 300\n[[levers]]\nkind = "placebo"\n'
    child = load(write(tmp_path, own))
    assert (child.run.people, child.run.years) == (300, 1.0)
    assert child.parameters == {"react": 0.5}
    assert [lever.kind for lever in child.levers] == ["ban", "placebo"]
    assert child.base == "parent"


def test_firms_are_in_the_cities_and_industries_that_a_file_names_and_in_no_others_of_its_base(tmp_path: Path) -> None:
    (ours,) = re.findall(r"```toml\n# our_firm\.toml\n(.*?)```", scenario_list.INTRO, re.S)
    firms = load(write(tmp_path, ours, "our_firm")).population
    assert (firms.cities, firms.industries) == ({"shanghai": 1.0}, {"finance": 1.0})
    assert (firms.firm_size_median, firms.firm_size_min) == (120.0, 5)
    child = load(write(tmp_path, TITLE + 'base = "our_firm"\n[population]\nfirm_size_min = 90\n')).population
    assert child == firms.model_copy(update={"firm_size_min": 90})
    hours = "[population.hours]\nfinance = { day_hours = 8.0 }\neducation = { day_hours = 8.5 }\n"
    write(tmp_path, TITLE + hours, "schools_and_banks")
    bank = ours.replace("quiet_hours", "schools_and_banks")
    assert load(write(tmp_path, bank)).population.hours.keys() == {"finance"}


def test_levers_of_the_base_can_be_left_behind(tmp_path: Path) -> None:
    write(tmp_path, TITLE + BAN, "parent")
    own = 'title = "Child"\nbase = "parent"\ninherit_levers = false\n[[levers]]\nkind = "placebo"\n'
    assert [lever.kind for lever in load(write(tmp_path, own)).levers] == ["placebo"]
    (line,) = complaints(write(tmp_path, own.replace("placebo", "ban")))
    assert line.startswith("mine.toml:4: levers[0].channels: is missing; valid: call, group, im, mail, shadow, tool")


def test_what_is_a_table_in_the_base_must_be_one(tmp_path: Path) -> None:
    write(tmp_path, TITLE + "[run]\npeople = 700\n", "parent")
    assert complaints(write(tmp_path, TITLE + 'base = "parent"\nrun = 5\n')) == ["mine.toml:3: run: 5: must be a table"]


def test_titles_and_names_are_not_inherited(tmp_path: Path) -> None:
    write(tmp_path, 'title = "Parent"\nname = "parent_world"\nsource = "law"\n', "parent")
    assert complaints(write(tmp_path, 'base = "parent"\n')) == ["mine.toml:1: title: is missing"]
    child = load(write(tmp_path, 'title = "Child"\nbase = "parent"\n'))
    assert (child.name, child.source) == ("mine", "")


def test_a_base_is_looked_for_beside_the_file_and_then_among_the_shipped(tmp_path: Path) -> None:
    child = write(tmp_path, 'title = "Child"\nbase = "placebo"\n')
    assert len(load(child).levers) == len(load("placebo").levers)
    write(tmp_path, TITLE, "placebo")
    assert load(child).levers == ()


@pytest.mark.parametrize("chain", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_a_base_that_includes_itself_is_refused(tmp_path: Path, chain: list[str]) -> None:
    for name, base in zip(chain, chain[1:] + chain[:1], strict=True):
        write(tmp_path, f'title = "x"\nbase = "{base}"\n', name)
    (line,) = complaints(tmp_path / "a.toml")
    assert line == f"{chain[-1]}.toml:2: base: 'a' includes itself: {' → '.join([*chain, 'a'])}"


def test_an_unknown_base_is_refused_with_the_nearest(tmp_path: Path) -> None:
    (line,) = complaints(write(tmp_path, TITLE + 'base = "pilot_bam"\n'))
    assert line.startswith("mine.toml:2: base: 'pilot_bam': no such scenario")
    assert line.endswith("did you mean 'pilot_ban'?")


def test_a_mistake_in_a_base_is_reported_where_it_stands(tmp_path: Path) -> None:
    write(tmp_path, TITLE + "[run]\npeople = 700\nyears = 99\n" + BAN + "strength = 7.0\n", "parent")
    own = 'title = "Child"\nbase = "parent"\n[run]\npeople = -300\n[[levers]]\nkind = "placebo"\nstrength = 3.0\n'
    assert complaints(write(tmp_path, own)) == [
        "mine.toml:4: run.people: -300: must be at least 20",
        "mine.toml:7: levers[1].strength: 3.0: must be at most 1",
        "parent.toml:4: run.years: 99: must be at most 50",
        "parent.toml:9: levers[0].strength: 7.0: must be at most 1",
    ]


# ---- mistakes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # unknown or misspelt keys
        ('titel = "Try"\n', "mine.toml:2: titel: unknown key; did you mean 'title'?"),
        ("[run]\npeopel = 5\n", "mine.toml:3: run.peopel: unknown key; did you mean 'people'?"),
        ("[rum]\npeople = 50\n", "mine.toml:2: rum: unknown key; did you mean 'run'?"),
        (BAN + "strenght = 0.5\n", "mine.toml:6: levers[0].strenght: unknown key; did you mean 'strength'?"),
        (
            BAN + 'scope = { citys = ["beijing"] }\n',
            "mine.toml:6: levers[0].scope.citys: unknown key; did you mean 'cities'?",
        ),
        (
            "[parameters]\nmuted_shar = 0.5\n",
            "mine.toml:3: parameters.muted_shar: 0.5: unknown parameter; did you mean 'muted_share'?",
        ),
        (
            "[mechanisms]\nm1_wrok = false\n",
            "mine.toml:3: mechanisms.m1_wrok: unknown mechanism; did you mean 'm1_work'?",
        ),
        ('[[levers]]\nkind = "bam"\n', "mine.toml:3: levers[0].kind: \"bam\": unknown kind; did you mean 'ban'?"),
        # wrong types
        ('[run]\npeople = "many"\n', 'mine.toml:3: run.people: "many": must be a whole number'),
        ("[run]\npeople = 100.5\n", "mine.toml:3: run.people: 100.5: must be a whole number"),
        ("[run]\nyears = true\n", "mine.toml:3: run.years: true: must be a number"),
        ("[run]\nyears = nan\n", "mine.toml:3: run.years: nan: must be a finite number"),
        ("run = 5\n", "mine.toml:2: run: 5: must be a table"),
        ("levers = 5\n", "mine.toml:2: levers: 5: must be a list"),
        ('[parameters]\nreact = "x"\n', 'mine.toml:3: parameters.react: "x": must be a number'),
        ("[mechanisms]\nm1_work = 1\n", "mine.toml:3: mechanisms.m1_work: 1: must be true or false"),
        (
            '[calendar]\nstart = "2026-01-05"\n',
            'mine.toml:3: calendar.start: "2026-01-05": must be a date, as in 2026-07-06 without quotation marks',
        ),
        # dates
        (
            BAN + "end = 2026-07-01\n",
            "mine.toml:6: levers[0].end: 2026-07-01: lies not after the start, 2026-07-06",
        ),
        (
            BAN.replace("2026", "2029"),
            "mine.toml:5: levers[0].start: 2029-07-06: lies outside the run, which goes from 2026-01-05 to 2028-01-02",
        ),
        (
            BAN.replace("2026", "2025"),
            "mine.toml:5: levers[0].start: 2025-07-06: lies outside the run, which goes from 2026-01-05 to 2028-01-02",
        ),
        (
            BAN.replace("start = 2026-07-06", "end = 2025-07-06"),
            "mine.toml:5: levers[0].end: 2025-07-06: lies not after the start, 2026-01-05",
        ),
        ("[calendar]\nstart = 0001-01-01\n", "mine.toml:3: calendar.start: 0001-01-01: must be at least 1900-01-01"),
        ("[calendar]\nstart = 9999-12-27\n", "mine.toml:3: calendar.start: 9999-12-27: must be at most 2200-01-01"),
        (
            "[calendar]\nstart = 2026-01-06\n",
            "mine.toml:2: calendar: start 2026-01-06 is no Monday; the Monday before is 2026-01-05",
        ),
        # shares and ranges
        (BAN + "strength = 1.4\n", "mine.toml:6: levers[0].strength: 1.4: must be at most 1"),
        (BAN + "strength = -0.1\n", "mine.toml:6: levers[0].strength: -0.1: must be at least 0"),
        (
            "[parameters]\nmuted_share = 1.5\n",
            "mine.toml:3: parameters.muted_share: 1.5: must lie between 0 and 1 (share)",
        ),
        (
            "[parameters]\nmuted_share = 2\n",
            "mine.toml:3: parameters.muted_share: 2: must lie between 0 and 1 (share)",
        ),
        (
            "[parameters]\nmuted_share = nan\n",
            "mine.toml:3: parameters.muted_share: nan: must lie between 0 and 1 (share)",
        ),
        ("[run]\nwarmup_days = 13\n", "mine.toml:3: run.warmup_days: 13: must be a multiple of 7"),
        ("[run]\nyears = 51\n", "mine.toml:3: run.years: 51: must be at most 50"),
        (
            'base = "status_quo"\n[population]\nfirm_size_max = 6\n',
            "mine.toml:3: population: firm sizes must be in the order minimum 5, median 20, maximum 6",
        ),
        # unknown city or channel
        (
            "[population.cities]\nbejing = 1\n",
            "mine.toml:3: population.cities.bejing: unknown name; did you mean 'beijing'?",
        ),
        (
            "[population.cities]\nWuhan = 1\n",
            "mine.toml:3: population.cities.Wuhan: unknown name; did you mean 'wuhan'?",
        ),
        ("[population.cities]\nwuhan = -1\n", "mine.toml:3: population.cities.wuhan: -1: must be at least 0"),
        ("[population.cities]\nwuhan = 0\n", "mine.toml:2: population: cities: all weights are 0"),
        (BAN.replace('"im"', '"imm"'), "mine.toml:4: levers[0].channels[0]: \"imm\": unknown name; did you mean 'im'?"),
        (
            BAN + 'scope = { cities = ["beijng"] }\n',
            "mine.toml:6: levers[0].scope.cities[0]: \"beijng\": unknown name; did you mean 'beijing'?",
        ),
        # keys without effect
        (
            "[population]\nfirm_size_tail_from = 50\n",
            "mine.toml:3: population.firm_size_tail_from: 50: has no effect without firm_size_tail",
        ),
        (
            '[calendar]\nunpublished = "statutory"\n',
            'mine.toml:3: calendar.unpublished: "statutory": has no effect without country',
        ),
        ("inherit_levers = false\n", "mine.toml:2: inherit_levers: false: has no effect without base"),
        (
            "[population]\nindustries = { finance = 1 }\nhours = { internet = { day_hours = 8.0 } }\n",
            "mine.toml:4: population.hours.internet: has no effect: the industry is not among population.industries",
        ),
        (
            BAN + 'scope = { adopters = "gentle" }\n',
            'mine.toml:6: levers[0].scope.adopters: "gentle": has no effect without share',
        ),
        # scopes of nobody
        (BAN + "scope = { cities = [] }\n", "mine.toml:6: levers[0].scope.cities: []: must not be empty"),
        (BAN + "scope = { share = 0.0 }\n", "mine.toml:6: levers[0].scope.share: 0: matches nobody"),
        (
            BAN + 'scope = { cities = ["wuhan"] }\n[population.cities]\nbejing = 1\n',  # not that it matches nobody
            "mine.toml:8: population.cities.bejing: unknown name; did you mean 'beijing'?",
        ),
        (
            BAN + 'scope = { cities = ["wuhan"] }\n[population.cities]\nbeijing = 1\n',
            'mine.toml:6: levers[0].scope.cities: ["wuhan"]: matches nobody',
        ),
        (
            BAN + "scope = { size_min = 9, size_max = 8 }\n",
            "mine.toml:6: levers[0].scope: size_min = 9 is larger than size_max = 8: nobody is in scope",
        ),
        (BAN + "scope = { size_min = 999 }\n", "mine.toml:6: levers[0].scope.size_min: 999: matches nobody"),
        (BAN + "scope = { size_max = 2 }\n", "mine.toml:6: levers[0].scope.size_max: 2: matches nobody"),
        (
            BAN + 'scope = { industries = ["finance", "public"], roles = ["teacher"] }\n',
            'mine.toml:6: levers[0].scope.roles: ["teacher"]: matches nobody: in its industries nobody has these roles',
        ),
        (
            BAN + 'scope = { roles = ["teacher"] }\n[population.industries]\npublic = 1\neducation = 0\n',
            'mine.toml:6: levers[0].scope.roles: ["teacher"]: matches nobody',
        ),
        # names that would leave results/
        ('name = "../etc"\n', 'mine.toml:2: name: "../etc": a name may hold only a-z, 0-9 and _'),
        ('name = "Pilot"\n', 'mine.toml:2: name: "Pilot": a name may hold only a-z, 0-9 and _'),
        ('base = "../status_quo"\n', 'mine.toml:2: base: "../status_quo": a name may hold only a-z, 0-9 and _'),
        ('compare_with = "/etc"\n', 'mine.toml:2: compare_with: "/etc": a name may hold only a-z, 0-9 and _'),
    ],
)
def test_a_mistake_is_one_line_with_file_key_value_and_remedy(tmp_path: Path, text: str, expected: str) -> None:
    lines = complaints(write(tmp_path, TITLE + text))
    assert any(line.startswith(expected) for line in lines), lines
    assert len(lines) == 1, lines


def test_all_mistakes_are_reported_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    write(tmp_path, TITLE, "todays")
    text = TITLE + 'compare_with = "today"\n[run]\npeopel = 5\n[parameters]\nnonsense_xyz = 1\n' + BAN
    lines = complaints(write(tmp_path, text + "strength = 2.0\nend = 2026-01-06\n"))
    assert [line.split(": ")[0].partition(":")[2] for line in lines] == ["2", "4", "6", "11", "12"]
    where = "beside the file or in scenarios/; did you mean 'todays'?"
    assert lines[0] == f"mine.toml:2: compare_with: 'today': no such scenario {where}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"title = \n", r"mine\.toml:1: title =: is not valid TOML"),
        (b"title = 'a'\ntitle = 'b'\n", r"mine\.toml:2: title = 'b': is not valid TOML"),
        (b"[run\n", r"mine\.toml:1: \[run: is not valid TOML"),
        ("title = “a”".encode(), r"mine\.toml:1: title = “a”: is not valid TOML: .*; write \" for “$"),
        ("a = [1，2]".encode(), r"mine\.toml:1: a = \[1，2\]: is not valid TOML: .*; write , for ，$"),
        ("\u3000title = 'a'".encode(), r"mine\.toml:1: title = 'a': is not valid TOML: .*; write a plain blank there$"),
        (b"base = pilot_ban", r"mine\.toml:1: .*; text needs quotation marks, as in \"pilot_ban\"$"),
        (b"inherit_levers = False", r"mine\.toml:1: .*; did you mean 'false'\?$"),
        (b"", r"mine\.toml: is empty$"),
        (b"# nothing yet\n", r"mine\.toml: is empty$"),
        (b"title = 'x'\n# \xff\n", r"mine\.toml:2: is not text in UTF-8; save it in that encoding$"),
        (b"start = 2026-7-6", r"mine\.toml:1: .*; a date is written as in 2026-07-06$"),
        (b"start = 2026/07/06", r"mine\.toml:1: .*; a date is written as in 2026-07-06$"),
        (b"start = 6.7.2026", r"mine\.toml:1: .*; a date is written as in 2026-07-06$"),
        (b"title = 2.5\ntitle_zh = ''", r"mine\.toml:1: title: 2\.5: must be text"),
        (b"\x00\x01\x02", r"mine\.toml:1: .*is not valid TOML"),
        (b"#" * 1_000_001, r"mine\.toml: cannot be read: is longer than 1,000,000 bytes"),
        (b"x = " + b"[" * 20_000 + b"]" * 20_000, r"mine\.toml:1: is nested too deeply"),
        (b"title = 'x'\ntitle_zh = {}\n", r"mine\.toml:2: title_zh: must be text"),
    ],
)
def test_a_file_that_is_no_scenario_at_all(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "mine.toml").write_bytes(content)
    (line,) = complaints(tmp_path / "mine.toml")
    assert re.match(message, line), line


def test_files_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert complaints(tmp_path / "nothing.toml") == ["nothing.toml: cannot be read: No such file or directory"]
    write(tmp_path, TITLE, "nothings")
    assert complaints(tmp_path / "nothing.toml") == [
        "nothing.toml: cannot be read: No such file or directory; did you mean 'nothings.toml'?"
    ]
    (tmp_path / "folder.toml").mkdir()
    assert complaints(tmp_path / "folder.toml") == ["folder.toml: cannot be read: Is a directory"]
    assert complaints("pilot_bam") == ["unknown scenario 'pilot_bam'; did you mean 'pilot_ban'?"]
    assert complaints("..")[0].startswith("unknown scenario '..'")
    (tmp_path / "log.csv").write_text("sender,time\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert complaints("log.csv") == ["log.csv is no TOML file; a scenario is a name or the path of a TOML file"]


def test_a_file_whose_name_cannot_be_a_world_is_refused_with_a_name_that_can(tmp_path: Path) -> None:
    (line,) = complaints(write(tmp_path, TITLE, "My Rules"))
    assert line.startswith('My Rules.toml:1: name: "My Rules": a name may hold only a-z, 0-9 and _')
    assert line.endswith('; it is that of the file, which may set another one, as in name = "my_rules"')
    assert load(write(tmp_path, 'name = "my_rules"\n' + TITLE, "My Rules")).name == "my_rules"
    (line,) = complaints(write(tmp_path, 'name = "My Rules"\n' + TITLE))
    assert line.startswith('mine.toml:1: name: "My Rules": ')
    assert "as in name" not in line
    (line,) = complaints(write(tmp_path, TITLE, "静默"))
    assert line.endswith('as in name = "my_rules"')
    with speaking("zh"):
        assert translate(line).endswith('这里用的是文件名，可在文件中另设，如 name = "my_rules"')


def test_what_depends_on_a_table_that_makes_no_sense_is_not_looked_at(tmp_path: Path) -> None:
    lines = complaints(write(tmp_path, TITLE + "calendar.start = 2026-01-06\n" + BAN))
    assert [line.partition(";")[0] for line in lines] == ["mine.toml:2: calendar: start 2026-01-06 is no Monday"]


def test_a_byte_order_mark_is_no_mistake_and_shifts_no_line(tmp_path: Path) -> None:
    assert load(write(tmp_path, "\ufeff" + TITLE)).name == "mine"
    (line,) = complaints(write(tmp_path, "\ufeff" + TITLE + "titel = 1\n"))
    assert line.startswith("mine.toml:2: titel: unknown key")


def test_a_scenario_is_data_and_nothing_in_it_is_executed(tmp_path: Path) -> None:
    hostile = "__import__('os').system('touch executed'){0.__class__} $(touch executed) {{7*7}} %s"
    scenario = load(write(tmp_path, f'title = "x"\nrepresents = "{hostile}"\n'))
    assert scenario.represents == hostile
    lines = complaints(write(tmp_path, f'title = "x"\ncompare_with = "{hostile[:60]}"\n'))
    assert len(lines) == 1
    assert not (tmp_path / "executed").exists()


# ---- sizes, flags, counterfactuals, identity


def test_absurd_sizes_are_refused_with_the_memory_they_need() -> None:
    with pytest.raises(
        InputError, match=r"100,000,000 people for 2 years in 56 replicates would need about [\d,]+\.\d GB"
    ):
        check_size(changed(load("status_quo"), people=100_000_000))
    with pytest.raises(InputError, match=r"about [\d,]{30,}\.\d GB"):
        check_size(changed(load("status_quo"), people=10**30))
    check_size(load("pilot_ban"))


def test_flags_change_the_run_and_are_checked() -> None:
    pilot = load("pilot_ban")
    small = changed(pilot, people=300, years=1, replicates=None, seed=7)
    assert (small.run.people, small.run.years, small.run.replicates, small.run.seed) == (300, 1, 56, 7)
    assert small.levers == pilot.levers
    assert changed(pilot) == pilot
    usual = Run()  # what commands take for a size that nobody chose
    assert (usual.people, usual.years, usual.replicates) == (pilot.run.people, pilot.run.years, pilot.run.replicates)
    with pytest.raises(InputError, match=r"^--people 3: run\.people: 3: must be at least 20$"):
        changed(pilot, people=3)
    with pytest.raises(InputError, match=r"--years 0\.2: levers\[0\]\.start: 2026-06-08: lies outside the run"):
        changed(pilot, years=0.2)


def test_a_counterfactual_differs_in_nothing_but_its_rules() -> None:
    pilot = changed(load("pilot_ban"), people=400)
    pilot = pilot.model_copy(update={"parameters": {"react": 0.5}, "mechanisms": {"m11_home": False}})
    other = under(pilot, load("status_quo"))
    assert (other.name, other.levers) == ("status_quo", ())
    for part in ("calendar", "run", "population", "parameters", "mechanisms"):
        assert getattr(other, part) == getattr(pilot, part)


def test_the_counterfactual_is_the_one_that_the_scenario_names(tmp_path: Path) -> None:
    assert files.counterfactual(load("status_quo"), "status_quo") is None
    other = files.counterfactual(load("pilot_ban"), "pilot_ban")
    assert other is not None
    assert other.name == "status_quo"
    mine = write(tmp_path, TITLE + 'compare_with = "yours"\n[run]\npeople = 77\n')
    with pytest.raises(InputError, match=r"mine\.toml:2: compare_with: 'yours': no such scenario"):
        files.counterfactual(load(mine), mine)
    write(tmp_path, TITLE + BAN, "yours")
    other = files.counterfactual(load(mine), mine)
    assert other is not None
    assert (other.name, other.run.people, len(other.levers)) == ("yours", 77, 1)


def test_a_comparison_puts_scenarios_on_one_economy() -> None:
    economy = changed(load("status_quo"), people=400)
    pilot = on_economy(load("pilot_ban").model_copy(update={"parameters": {"react": 0.5}}), economy)
    assert pilot.run == economy.run
    assert pilot.parameters == {"react": 0.5}
    with pytest.raises(InputError, match="pilot_ban on the economy of status_quo: levers"):
        on_economy(pilot, changed(economy, years=0.1))


def test_the_hash_names_the_content() -> None:
    pilot = load("pilot_ban")
    assert content_hash(pilot) == content_hash(load("pilot_ban"))
    assert content_hash(changed(pilot, seed=5)) != content_hash(pilot)
    assert Scenario.model_validate_json(pilot.model_dump_json()) == pilot


def test_weeks_are_whole() -> None:
    assert changed(load("status_quo"), years=2).run.days == 728
    assert changed(load("status_quo"), years=0.02).run.days == 7


# ---- lines of keys


def test_lines_of_keys_by_hand() -> None:
    text = """# comment with key = 1
a = 1
b.c = [ # [not a table]
  1, "]", '''
  d = 3 ]''',
]
"e f" = 2
[t]
s = \"\"\"
x = 1
\"\"\"
y = { z = 1 }
[[l]]
k = 1
[l.m]
n = 1
[[l]]
k = 2
"""
    assert lines_of_keys(text) == {
        ("a",): 2,
        ("b", "c"): 3,
        ("e f",): 7,
        ("t",): 8,
        ("t", "s"): 9,
        ("t", "y"): 12,
        ("l", 0): 13,
        ("l", 0, "k"): 14,
        ("l", 0, "m"): 15,
        ("l", 0, "m", "n"): 16,
        ("l", 1): 17,
        ("l", 1, "k"): 18,
    }


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True),
            st.sampled_from(['"[ # = {"', "'\"'", "[1,\n2, # ]\n3]", '"""\nq = 1\n"""', "{ a = [1] }", "2026-01-05"]),
        ),
        unique_by=lambda pair: pair[0],
    )
)
def test_every_key_is_found_on_its_line(pairs: list[tuple[str, str]]) -> None:
    text, expected = "", {}
    for key, value in pairs:
        expected[(key,)] = text.count("\n") + 1
        text += f"{key} = {value}\n"
    assert lines_of_keys(text) == expected


LITERALS = (
    "1",
    "-1",
    "1e400",
    "nan",
    "true",
    '"x"',
    "[]",
    "{}",
    "[1, [2]]",
    '["im", 3]',
    "2026-07-06",
    "09:30:00",
    "2026-07-06T00:00:00Z",
    "99999999999999999999999",
    '{ a = { b = "c" } }',
    '"""\n"""',
    "0001-01-01",
    "[[]]",
)


@settings(deadline=None)
@given(st.data())
def test_whatever_a_value_is_replaced_by_the_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Any values in the places of any three of the pilot's give a scenario or lines with file and number."""
    lines = (files.SCENARIOS / "pilot_ban.toml").read_text(encoding="utf-8").splitlines()
    places = [number for number, line in enumerate(lines) if re.match(r"\w+ = ", line)]
    for place in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True)):
        key = lines[place].split(" = ", maxsplit=1)[0]
        lines[place] = f"{key} = {data.draw(st.sampled_from(LITERALS))}"
    path = write(tmp_path_factory.mktemp("any"), "\n".join(lines))
    try:
        load(path)
    except InputError as error:
        for line in str(error).splitlines():
            assert re.search(r"\.toml:\d+: .", line), line


@pytest.mark.parametrize("kind", ["enforcement", "monitoring"])
def test_a_lever_on_whole_firms_refuses_a_scope_of_roles(tmp_path: Path, kind: str) -> None:
    text = f'[[levers]]\nkind = "{kind}"\nscope = {{ roles = ["engineer"] }}\n'
    (line,) = complaints(write(tmp_path, f'base = "status_quo"\ntitle = "x"\n{text}'))
    assert "acts on whole firms" in line
