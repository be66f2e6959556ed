"""Phases of scenario files: the same as levers that are written out, and one clear line for every mistake."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from docs import scenario_list
from sim.core.errors import InputError
from sim.levers.lever import Lever
from sim.runs.identity import content
from sim.scenario import loading
from sim.scenario.loading import load
from sim.scenario.schema import content_hash

TITLE = 'title = "Try"\n'
PHASE = '[phases.ban]\nstart = 2026-07-06\nend = 2027-01-04\nramp_days = 56\nscope = { cities = ["beijing"] }\n'
LEVERS = (
    '[[levers]]\nphase = "ban"\nkind = "ban"\nchannels = ["im"]\n'
    '[[levers]]\nphase = "ban"\nkind = "training"\nramp_days = 0\nend = 2026-12-07\n'
)


def write(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(TITLE + text, encoding="utf-8")
    return path


def complaints(path: Path) -> list[str]:
    """Give the lines of the one error that a file causes, without its folder."""
    with pytest.raises(InputError) as caught:
        load(path)
    return [line.removeprefix(f"{path.parent}/") for line in str(caught.value).splitlines()]


def said(lever: Lever) -> tuple[Any, ...]:
    return lever.kind, lever.phase, lever.start, lever.end, lever.ramp_days, lever.scope.cities


# ---- what a phase gives


def test_levers_take_from_their_phase_what_they_do_not_say(tmp_path: Path) -> None:
    start, city = date(2026, 7, 6), ("beijing",)
    assert [said(lever) for lever in load(write(tmp_path, PHASE + LEVERS)).levers] == [
        ("ban", "ban", start, date(2027, 1, 4), 56, city),
        ("training", "ban", start, date(2026, 12, 7), 0, city),
    ]


def test_a_phase_is_the_same_as_what_it_stands_for(tmp_path: Path) -> None:
    short = load(write(tmp_path, PHASE + LEVERS))
    shared = 'phase = "ban"\nstart = 2026-07-06\nscope = { cities = ["beijing"] }\n'
    long = (
        f'[[levers]]\n{shared}kind = "ban"\nchannels = ["im"]\nramp_days = 56\nend = 2027-01-04\n'
        f'[[levers]]\n{shared}kind = "training"\nend = 2026-12-07\n'
    )
    written_out = load(write(tmp_path, long))
    assert content_hash(short) == content_hash(written_out)
    assert content(short) == content(written_out)


def test_levers_of_a_file_with_one_phase_need_not_name_it(tmp_path: Path) -> None:
    unnamed = LEVERS.replace('phase = "ban"\n', "")
    assert content_hash(load(write(tmp_path, PHASE + unnamed))) == content_hash(load(write(tmp_path, PHASE + LEVERS)))
    two = PHASE + '[phases.more]\n[[levers]]\nphase = "more"\nkind = "placebo"\n' + unnamed.replace("\nend", "\n# end")
    assert [
        said(lever)[1:3]
        for lever in load(
            write(tmp_path, two.replace('"placebo"', '"placebo"\n[[levers]]\nphase = "ban"\nkind = "pressure"'))
        ).levers
    ][2:] == [("rule", None)] * 2


def test_a_child_uses_the_phases_of_its_base_and_may_move_them(tmp_path: Path) -> None:
    write(tmp_path, PHASE + LEVERS, "parent")
    own = 'base = "parent"\n[phases.ban]\nstart = 2026-08-03\n[[levers]]\nphase = "ban"\nkind = "read_receipts"\n'
    child = load(write(tmp_path, own))
    assert [lever.kind for lever in child.levers] == ["ban", "training", "read_receipts"]
    assert {lever.start for lever in child.levers} == {date(2026, 8, 3)}
    assert child.levers[2].ramp_days == 56
    alone = 'base = "parent"\ninherit_levers = false\n[[levers]]\nkind = "placebo"\n'
    assert [said(lever) for lever in load(write(tmp_path, alone)).levers] == [("placebo", "rule", None, None, 0, None)]


# ---- plans

PLAN = (
    '[phases.first]\nscenario = "parent"\nstart = 2026-03-02\nend = 2026-06-01\n'
    'overlap_days = 14\nno_overlap = ["training"]\n'
    '[phases.second]\nscenario = "parent"\nstart = 2026-06-01\n'
)
PARENT = (
    '[[levers]]\nkind = "ban"\nchannels = ["im"]\nstart = 2026-07-06\nramp_days = 7\n'
    '[[levers]]\nkind = "training"\nphase = "later"\nstart = 2026-07-20\nend = 2027-01-04\n'
)


def test_a_child_may_have_phases_where_its_base_has_none(tmp_path: Path) -> None:
    text = '[phases.more]\nstart = 2026-09-07\n[[levers]]\nphase = "more"\nkind = "training"\n'
    found = load(write(tmp_path, 'base = "quiet_hours"\n' + text)).levers
    assert [(lever.phase, lever.start) for lever in found] == [
        ("quiet hours", date(2026, 7, 6)),
        ("more", date(2026, 9, 7)),
    ]


def test_a_plan_takes_the_levers_of_scenarios_on_its_own_dates(tmp_path: Path) -> None:
    """The second lever of the scenario begins a fortnight after the first, and ends 26 weeks after that."""
    write(tmp_path, PARENT, "parent")
    plan = load(write(tmp_path, PLAN))
    assert [(phase.label, phase.start, phase.end) for phase in plan.phases] == [
        ("first", date(2026, 3, 2), date(2026, 6, 15)), ("second", date(2026, 6, 1), plan.end),
    ]  # fmt: skip
    assert [said(lever) for lever in plan.levers] == [
        ("ban", "first", date(2026, 3, 2), date(2026, 6, 15), 7, None),
        ("training", "first", date(2026, 3, 16), date(2026, 6, 1), 0, None),
        ("ban", "second", date(2026, 6, 1), None, 7, None),
        ("training", "second", date(2026, 6, 15), date(2026, 11, 30), 0, None),
    ]


def test_a_plan_may_take_one_phase_of_a_scenario_and_keep_its_dates(tmp_path: Path) -> None:
    write(tmp_path, PARENT, "parent")
    plan = '[phases.school]\nscenario = "parent"\npart = "later"\nscope = { cities = ["wuhan"] }\n'
    for end, last in (("", date(2027, 1, 4)), ("end = 2026-12-07\n", date(2026, 12, 7))):
        assert [said(lever) for lever in load(write(tmp_path, plan + end)).levers] == [
            ("training", "school", date(2026, 7, 20), last, 0, ("wuhan",))
        ]


def test_a_plan_may_consist_of_plans(tmp_path: Path) -> None:
    write(tmp_path, PARENT, "parent")
    write(tmp_path, PLAN, "plan")
    whole = load(write(tmp_path, '[phases.all]\nscenario = "plan"\nstart = 2026-03-09\n'))
    assert [lever.start for lever in whole.levers] == [
        date(2026, 3, 9), date(2026, 3, 23), date(2026, 6, 8), date(2026, 6, 22),
    ]  # fmt: skip
    assert {lever.phase for lever in whole.levers} == {"all"}


def test_the_plan_of_the_report_is_its_three_scenarios() -> None:
    """Levers as in the scenarios, but for dates and labels; nothing is lifted before the next phase has grown."""
    plan = load("staged_ban")
    parts = [lever for name in ("pilot_ban", "rollout_ban", "full_ban") for lever in load(name).levers]
    apart = {"phase", "start", "end"}
    assert [each.model_dump(exclude=apart) for each in plan.levers] == [
        each.model_dump(exclude=apart) for each in parts
    ]
    spans = {(lever.phase, str(lever.start), str(lever.end)) for lever in plan.levers}
    assert spans == {
        ("preparation", "2026-06-08", "2028-09-25"),
        ("pilot", "2026-07-06", "2028-09-25"),
        ("rollout", "2028-07-03", "2031-09-29"),
        ("rollout", "2028-07-03", "2031-07-07"),
        ("full", "2031-07-07", "None"),
    }
    assert {lever.kind for lever in plan.levers if str(lever.end) == "2031-07-07"} == {"training", "incentive"}


def test_the_examples_of_the_page_can_be_loaded(tmp_path: Path) -> None:
    short, plan = (text.split("```")[0] for text in scenario_list.LEVERS.split("```toml\n")[1:3])
    assert [lever.ramp_days for lever in load(write(tmp_path, 'base = "status_quo"\n' + short)).levers] == [56, 0]
    phases = load(write(tmp_path, 'base = "status_quo"\n' + plan)).phases
    assert [(phase.label, str(phase.start)) for phase in phases] == [("trial", "2026-03-02"), ("law", "2026-09-07")]
    assert str(phases[0].end) == "2026-10-05"


# ---- mistakes


OPEN = LEVERS.replace("end = 2026-12-07\n", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            PHASE + LEVERS.replace('"ban"\nkind = "t', '"bann"\nkind = "t'),
            "12: levers[1].phase: \"bann\": unknown phase; did you mean 'ban'?",
        ),
        ("[phases.ban]\nstat = 2026-07-06\n" + LEVERS, "3: phases.ban.stat: unknown key; did you mean 'start'?"),
        ('[phases.ban]\nstart = "soon"\n' + LEVERS, '3: phases.ban.start: "soon": must be a date'),
        ("phases = 5\n" + LEVERS, "2: phases: 5: must be a table"),
        ("phases.ban = 5\n" + LEVERS, "2: phases.ban: 5: must be a table"),
        (PHASE.replace("56", "-1") + LEVERS, "5: phases.ban.ramp_days: -1: must be at least 0"),
        (PHASE.replace("cities", "citys") + LEVERS, "6: phases.ban.scope.citys: unknown key; did you mean 'cities'?"),
        (
            PHASE.replace("beijing", "bejing") + LEVERS,
            "6: phases.ban.scope.cities[0]: \"bejing\": unknown name; did you mean 'beijing'?",
        ),
        (
            PHASE + LEVERS.replace('"ban"\nchannels', '"bam"\nchannels'),
            "9: levers[0].kind: \"bam\": unknown kind; did you mean 'ban'?",
        ),
        (
            PHASE.replace("2026-07-06", "2029-07-02").replace("2027", "2030") + OPEN,
            "3: phases.ban.start: 2029-07-02: lies outside the run, which goes from 2026-01-05 to 2028-01-02",
        ),
        (PHASE.replace("2027", "2025") + OPEN, "4: phases.ban.end: 2025-01-04: lies not after the start, 2026-07-06"),
        (
            PHASE + LEVERS + "start = 2026-06-01\n",
            "16: levers[1].start: 2026-06-01: lies before the phase 'ban', which begins on 2026-07-06",
        ),
        (
            PHASE + LEVERS.replace("2026-12-07", "2027-12-06"),
            "15: levers[1].end: 2027-12-06: lies after the phase 'ban', which ends on 2027-01-04",
        ),
        (
            PHASE.replace("2027-01-04", "2026-09-07")
            + '[phases.next]\nscenario = "placebo"\nstart = 2026-08-10\n'
            + OPEN,
            "4: phases.ban.end: 2026-09-07: lies after the start of the phase 'next', 2026-08-10; "
            "if both hold for 28 days, say end = 2026-08-10 and overlap_days = 28",
        ),
        (
            "[phases.ban]\noverlap_days = 7\n" + LEVERS,
            "3: phases.ban.overlap_days: 7: counts from the end of the phase, and none is said",
        ),
        (
            '[phases.ban]\nscenario = "quiet_hours"\nstart = 2026-07-06\nend = 2026-07-01\noverlap_days = 30\n',
            "5: phases.ban.end: 2026-07-01: lies not after the start, 2026-07-06",
        ),
        ("[phases.ban]\n", "2: phases.ban: has no levers: none names it, and it names no scenario"),
        (
            '[phases.ban]\nno_overlap = ["ban"]\n',
            "2: phases.ban: has no levers: none names it, and it names no scenario",
        ),
        (
            '[phases.ban]\nscenario = "pilot_bam"\n',
            "3: scenario: 'pilot_bam': no such scenario beside the file or in scenarios/; did you mean 'pilot_ban'?",
        ),
        ('[phases.ban]\nscenario = "../x"\n', '3: phases.ban.scenario: "../x": a name may hold only a-z, 0-9 and _'),
        ('[phases.ban]\nscenario = "status_quo"\n', '3: phases.ban.scenario: "status_quo": has no levers'),
        (
            '[phases.ban]\nscenario = "pilot_ban"\npart = "bam"\n',
            "4: phases.ban.part: \"bam\": unknown phase of pilot_ban; did you mean 'ban'?",
        ),
        (
            PHASE.replace("ramp_days = 56", 'part = "x"') + LEVERS,
            '5: phases.ban.part: "x": is a phase of a scenario, and none is named',
        ),
        (
            '[phases.ban]\nscenario = "rollout_ban"\nend = 2027-01-04\noverlap_days = 7\nno_overlap = ["trainig"]\n',
            "6: phases.ban.no_overlap[0]: \"trainig\": no lever of this phase; did you mean 'training'?",
        ),
        (
            '[phases.ban]\nscenario = "rollout_ban"\nend = 2027-01-04\nno_overlap = ["training"]\n',
            '5: phases.ban.no_overlap: ["training"]: has no effect without overlap_days',
        ),
        (
            '[phases.ban]\nscenario = "pilot_ban"\nscope = { cities = ["wuhan"] }\n',
            "4: phases.ban.scope: holds for no lever: all of pilot_ban have one of their own",
        ),
        (
            '[phases.ban]\nscenario = "quiet_hours"\nramp_days = 7\n',
            "4: phases.ban.ramp_days: holds for no lever: all of quiet_hours have one of their own",
        ),
        ('[phases.ban]\nscenario = "mine"\n', "3: scenario: 'mine' includes itself: mine → mine"),
    ],
)
def test_a_mistake_is_one_line_with_its_remedy(tmp_path: Path, text: str, expected: str) -> None:
    lines = complaints(write(tmp_path, text))
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"mine.toml:{expected}")


def test_plans_that_contain_each_other_are_refused(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
        write(tmp_path, f'[phases.x]\nscenario = "{other}"\n', name)
    assert complaints(tmp_path / "a.toml") == ["c.toml:3: scenario: 'a' includes itself: a → b → c → a"]
    write(tmp_path, 'base = "a"\n[[levers]]\nkind = "placebo"\n', "b")
    assert complaints(tmp_path / "a.toml") == ["b.toml:2: base: 'a' includes itself: a → b → a"]


def test_a_mistake_in_a_scenario_of_a_plan_is_reported_where_it_stands(tmp_path: Path) -> None:
    write(tmp_path, PARENT.replace("ramp_days = 7", "strength = 7.0"), "parent")
    assert complaints(write(tmp_path, PLAN)) == ["parent.toml:6: levers[0].strength: 7.0: must be at most 1"]
    write(tmp_path, "[parameters]\nreact = 0.5\n" + PARENT, "parent")
    text = "sets parameters, which hold for a whole run: set them here too, or leave them out there"
    assert complaints(write(tmp_path, PLAN)) == [
        f'mine.toml:3: phases.first.scenario: "parent": {text}',
        f'mine.toml:9: phases.second.scenario: "parent": {text}',
    ]
    assert len(load(write(tmp_path, "[parameters]\nreact = 0.5\n" + PLAN)).levers) == 4


def test_mistakes_in_levers_on_one_line_are_reported_there(tmp_path: Path) -> None:
    """In a base, which a scenario adds levers to, and in a scenario of a plan."""
    line = 'levers = [{ kind = "placebo" }, { kind = "placebo", ramp_days = -1 }]\n'
    write(tmp_path, line, "parent")
    expected = ["parent.toml:2: levers[1].ramp_days: -1: must be at least 0"]
    assert complaints(write(tmp_path, '[phases.first]\nscenario = "parent"\n')) == expected
    more = 'base = "parent"\nlevers = [{ kind = "placebo" }]\n'
    assert complaints(write(tmp_path, more)) == expected
    write(tmp_path, line.replace("-1", "1"), "parent")
    assert [lever.ramp_days for lever in load(write(tmp_path, more)).levers] == [0, 1, 0]


def test_plans_of_plans_cannot_grow_without_end(tmp_path: Path) -> None:
    """Sixteen levers in each of eight files would be 16^8 if all were read one by one."""
    write(tmp_path, '[[levers]]\nkind = "placebo"\n', "p0")
    for n in range(8):
        phases = "".join(f'[phases.x{k}]\nscenario = "p{n}"\n' for k in range(16))
        write(tmp_path, phases, f"p{n + 1}")
    (line,) = complaints(tmp_path / "p8.toml")
    assert "its levers are more than 200 with these" in line


def test_each_file_of_plans_of_plans_is_read_once_and_its_mistakes_are_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the last has no levers: they were 16^8 times as many as phases."""
    seen: list[str] = []
    read = loading.read
    monkeypatch.setattr(loading, "read", lambda path, kind: seen.append(path.stem) or read(path, kind))
    write(tmp_path, "", "p0")
    for n in range(3):
        write(tmp_path, "".join(f'[phases.x{k}]\nscenario = "p{n}"\n' for k in range(16)), f"p{n + 1}")
    _, mistakes = loading._resolved(tmp_path / "p3.toml", (), {})
    assert (len(mistakes), sorted(seen)) == (48, ["p0", "p1", "p2", "p3"])
