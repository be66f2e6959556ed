"""Levers two by two and several at a time: they combine in any order, or are refused with both named."""

import re
from itertools import combinations, permutations, product
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.columns import R, Rule
from sim.engine.policy import row_of
from sim.figures.words import speaking, translate
from sim.levers.instruments import Tool
from sim.levers.kinds import kinds
from sim.levers.lever import Lever, Weekday
from sim.verify import firm_histories
from tests.rules import ALL, any_lever
from tests.worlds import day_of, ran, scenario

LOWER = {"daily_cap", "weekly_cap", "group_limit", "mention_limit"}
KNOWN = {
    "the quiet window", "focus hours", "core hours", "the rounds of alerts", "time without meetings",
    "what caps count", "what breaks a rest", "the rate of overtime pay",
    "first breaches that bring an order instead of a fine",
}  # fmt: skip


def made(rule: dict[str, Any]) -> Lever:
    return kinds()[rule["kind"]].model_validate(rule)


def combined(rows: list[np.ndarray]) -> np.ndarray:
    """Put rows together as the documentation says, column by column: the twin of ``row_of``."""
    out = np.zeros(len(Rule._fields))
    for n, name in enumerate(Rule._fields):
        values = [row[n] for row in rows if row[n] > 0.0]
        if values:
            out[n] = min(values) if name in LOWER else max(values)
    return out


@pytest.mark.parametrize("one", ALL, ids=str)
def test_two_levers_combine_as_documented_or_are_refused(one: dict[str, Any]) -> None:
    """With each of all variants, both orders, at several strengths; the costs of tools add up and are tested apart."""
    for two in ALL:
        first, second = made(one), made(two)
        assert bool(first.clashes(second)) == bool(second.clashes(first))
        if reason := first.clashes(second):
            assert reason.removeprefix("they differ in ").split(", ")[0] in KNOWN or "needs the channel" in reason
            with pytest.raises(ValueError, match=rf"cannot hold together with levers\[0\] \({one['kind']}"):
                scenario(levers=[one, two])
        else:
            assert len(scenario(levers=[one, two]).levers) == 2
            checked(first, second)


def checked(first: Lever, second: Lever) -> None:
    """Hold the row of two levers against what the documentation says of each column."""
    for a, b in ((1.0, 1.0), (0.3, 0.7)):
        for one, two in product(first.parts(), second.parts()):
            parts = [(one, a), (two, b)]
            forth, back = row_of(parts), row_of(parts[::-1])
            assert forth.tobytes() == back.tobytes()
            known = combined([row_of([part]) for part in parts])
            forth[R.tool_cost] = known[R.tool_cost] = 0.0
            assert forth.tolist() == known.tolist()


def test_why_two_levers_are_refused_is_in_chinese_throughout() -> None:
    """But for what a file says too: names of tools, channels and weekdays."""
    days, tools = get_args(Weekday), get_args(Tool)
    reasons = {one.clashes(two) for one, two in product(map(made, ALL), repeat=2)} - {""}
    assert len(reasons) > 15
    for reason in reasons:
        with speaking("zh"):
            said = translate(f"a.toml:3: levers[1]: {reason}").removeprefix("a.toml:3: levers[1]: ")
        words = set(re.findall("[a-z_]{2,}", said))
        assert words <= {*days, *tools, "tool", "mail", "group"}, said


def test_some_of_all_pairs_are_refused_and_most_are_not() -> None:
    """So that the test above looks at both."""
    pairs = list(combinations(map(made, ALL), 2))
    refused = sum(bool(one.clashes(two)) for one, two in pairs)
    assert 20 < refused < len(pairs) / 5


@pytest.mark.parametrize("rule", ALL, ids=str)
def test_a_lever_gets_on_with_itself_and_changes_nothing_twice(rule: dict[str, Any]) -> None:
    lever = made(rule)
    assert lever.clashes(lever) == ""
    for part in lever.parts():
        assert row_of([(part, 0.6), (part, 0.6)]).tolist() == row_of([(part, 0.6)]).tolist()


@given(
    rules=st.lists(any_lever(), min_size=3, max_size=4),
    strengths=st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_several_levers_make_one_row_in_any_order(rules: list[dict[str, Any]], strengths: list[float]) -> None:
    levers = [made(rule) for rule in rules]
    if any(one.clashes(two) for one, two in combinations(levers, 2)):
        return
    held = [(lever.parts()[0], strength) for lever, strength in zip(levers, strengths, strict=False)]
    assert len({row_of(order).tobytes() for order in permutations(held)}) == 1


CLASHES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {"kind": "quiet_hours", "mode": "hold", "from_hour": 22, "to_hour": 7},
        {"kind": "ban", "channels": ["im"], "hours": "off"},
        "they differ in the quiet window, from 22:00 to 07:00 on all days and outside each person's contract hours, on",
    ),
    (
        {"kind": "focus_hours", "from_hour": 9, "to_hour": 11},
        {"kind": "focus_hours", "from_hour": 14, "to_hour": 15.5},
        "they differ in focus hours, from 09:00 to 11:00 and from 14:00 to 15:30",
    ),
    (
        {"kind": "meeting_free", "days": ["wednesday", "friday"]},
        {"kind": "meeting_free", "from_hour": 9, "to_hour": 12},
        "they differ in time without meetings, from 00:00 to 24:00 on wednesday, friday and from 09:00 to 12:00 on all",
    ),
    (
        {"kind": "weekly_cap", "hours": 48},
        {"kind": "daily_cap", "hours": 10, "on": "total"},
        "they differ in what caps count, recorded time and total time",
    ),
    (
        {"kind": "overtime_pay", "rate": 1.5},
        {"kind": "overtime_pay", "rate": 2},
        "they differ in the rate of overtime pay, the wage times 1.5 and the wage times 2",
    ),
    (
        {"kind": "ban", "channels": ["tool", "im"]},
        {"kind": "substitute", "tool": "project_tool"},
        "project_tool needs the channel 'tool', which is closed at all hours",
    ),
    (
        {"kind": "substitute", "tool": "summaries"},
        {"kind": "absent", "channels": ["group"]},
        "summaries needs the channel 'group', which is closed at all hours",
    ),
    (
        {"kind": "ban", "channels": ["im"], "substitutes": ["scheduled_mail"]},
        {"kind": "ban", "channels": ["mail"]},
        "scheduled_mail needs the channel 'mail', which is closed at all hours",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("one", "two", "reason"), CLASHES)
def test_what_cannot_hold_together_is_refused_with_both_named(
    one: dict[str, Any], two: dict[str, Any], reason: str
) -> None:
    """Unless they never meet: by date, place, size, role, adoption, or because one is not there."""
    second = two | {"phase": "later"}
    message = (
        f"{two['kind']}, phase 'later': cannot hold together with levers[0] ({one['kind']}, phase 'rule'): {reason}"
    )
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (looked at below)
        scenario(levers=[one, second])
    assert message in str(caught.value)
    apart: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"end": day_of(10)}, {"start": day_of(10)}),
        ({"scope": {"cities": ["beijing"]}}, {"scope": {"cities": ["shanghai", "wuhan"]}}),
        ({"scope": {"size_max": 10}}, {"scope": {"size_min": 11}}),
        ({"scope": {"roles": ["manager"]}}, {"scope": {"roles": ["engineer"]}}),
        ({"scope": {"share": 0.3, "adopters": "gentle"}}, {"scope": {"share": 0.7, "adopters": "harsh"}}),
        ({}, {"strength": 0.0}),
        ({"strength": 0.0}, {}),
    ]
    for here, there in apart:
        assert len(scenario(levers=[one | here, second | there]).levers) == 2
    with pytest.raises(ValueError, match="cannot hold together"):
        scenario(levers=[one | {"end": day_of(11)}, second | {"start": day_of(10)}])


def test_quiet_hours_to_0_and_to_24_are_the_same_window() -> None:
    rule = {"kind": "quiet_hours", "mode": "hold", "from_hour": 21.0}
    one, other = made(rule | {"to_hour": 0.0}), made(rule | {"to_hour": 24.0})
    assert one.clashes(other) == other.clashes(one) == ""
    assert row_of([(one, 1.0)]).tolist() == row_of([(other, 1.0)]).tolist()


def test_all_weekdays_are_those_that_hold_by_default() -> None:
    usual, named = made({"kind": "meeting_free"}), made({"kind": "meeting_free", "days": get_args(Weekday)})
    assert usual.clashes(named) == named.clashes(usual) == ""
    assert row_of([(usual, 1.0)]).tolist() == row_of([(named, 1.0)]).tolist()


def test_grades_clash_only_where_their_firms_are_the_same() -> None:
    fines = {"kind": "enforcement", "fine_yuan": 100, "order_first": 1.0}
    graded = {"kind": "enforcement", "fine_yuan": 300, "grades": [{"size_min": 20}, {"size_min": 30, "factor": 2}]}
    with pytest.raises(ValueError, match="first breaches that bring an order instead of a fine"):
        scenario(levers=[fines, graded])
    assert scenario(levers=[fines | {"scope": {"size_max": 19}}, graded])


@pytest.mark.parametrize("sanction", [{}, {"fine_yuan": 1}, {"fine_firm_yuan": 1}])
def test_bodies_differ_in_first_breaches_only_if_each_has_sanctions(sanction: dict[str, Any]) -> None:
    orders, other = made({"kind": "enforcement", "order_first": 1.0}), made({"kind": "enforcement", **sanction})
    assert bool(orders.clashes(other)) == bool(sanction)


@pytest.mark.parametrize(
    "levers",
    [
        [
            {"kind": "quiet_hours", "mode": "hold", "strength": 0.5},
            {"kind": "quiet_hours", "mode": "block", "ramp_days": 6, "scope": {"share": 0.7}},
            {"kind": "right_to_disconnect"},
            {"kind": "enforcement", "inspections_per_year": 12, "complaint": 1.0, "fine_yuan": 300},
        ],
        [
            {"kind": "weekly_cap", "hours": 52},
            {"kind": "weekly_cap", "hours": 44, "start": day_of(7), "scope": {"industries": ["internet", "finance"]}},
            {"kind": "batching", "rounds": 3, "strength": 0.4},
            {"kind": "focus_hours", "from_hour": 9.5, "to_hour": 11.5},
        ],
    ],
)
def test_the_order_of_levers_changes_no_bit_of_a_run(levers: list[dict[str, Any]]) -> None:
    """Two weeks, in the order of the file and backwards."""
    there, back = (ran(scenario(people=60, weeks=2, levers=order)) for order in (levers, levers[::-1]))
    assert firm_histories(there) == firm_histories(back)
