"""Two worlds that differ in one thing differ in one thing only: to the bit, whatever runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping

import numpy as np
import pytest

from sim.core.columns import L, Seat, State
from sim.core.compiled import COMPILED
from sim.engine.people import economy_key, populate
from sim.engine.state import World
from sim.model import Workplace
from sim.scenario.schema import Scenario
from sim.verify import firm_histories, histories_in_processes, ledger_totals
from tests.conftest import BAN
from tests.worlds import made, ran, scenario, tiny

DAYS = 28
RULED = scenario(people=120, levers=BAN)


@pytest.fixture(scope="module")
def known(banned: Workplace) -> dict[int, str]:
    """Histories of all firms under the ban."""
    return firm_histories(banned)


# --- what runs a world changes nothing ------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_change_no_bit(threads: int, known: dict[int, str]) -> None:
    """One thread or several: every array, every week, every event of every message."""
    model = ran(RULED, threads=threads, log_share=1.0)
    assert len(model._pool.groups) >= threads
    assert firm_histories(model) == known


def test_processes_with_shares_of_the_firms_change_no_bit(known: dict[int, str]) -> None:
    """Two processes, each with half of the firms, know nothing of each other."""
    numbers = sorted(known)
    assert histories_in_processes(RULED, DAYS, [numbers[::2], numbers[1::2]]) == known


@pytest.mark.parametrize("parts", [(14, 14), (7, 7, 7, 7), (1, 2, 11, 14), (3,) * 9 + (1,)])
def test_a_run_in_parts_is_the_run(parts: tuple[int, ...], known: dict[int, str]) -> None:
    """At the ends of weeks, inside them, and where a ramp is under way."""
    model = made(RULED, log_share=1.0)
    for days in parts:
        model.run_for(days)
    assert firm_histories(model) == known


def test_single_steps_are_the_run(known: dict[int, str]) -> None:
    """Mesa's step(), 28 times."""
    model = made(RULED, log_share=1.0)
    for _ in range(DAYS):
        model.step()
    assert firm_histories(model) == known


@pytest.mark.parametrize("day", [7, 14, 21])
def test_a_new_model_goes_on_from_a_snapshot(day: int, known: dict[int, str]) -> None:
    """Also in the middle of a ramp; the snapshot is a copy, so that the first model may go on as well."""
    first = ran(RULED, day, log_share=1.0)
    snapshot = first.snapshot()
    first.run_for(DAYS - day)
    second = made(RULED, threads=2, log_share=1.0)
    second.restore(snapshot)
    second.run_for(DAYS - day)
    assert second.time == DAYS
    assert firm_histories(first) == firm_histories(second) == known


OTHER_WAY = """
import json, sys
from sim.scenario.schema import Scenario
from sim.verify import firm_histories, simulate_days
asked = {name: Scenario.model_validate_json(text) for name, text in json.load(sys.stdin).items()}
print(json.dumps({name: firm_histories(simulate_days(setting, 3, firms=[0])) for name, setting in asked.items()}))
"""
RULES = (
    {"kind": "ban", "channels": ["im", "group"], "strength": 0.8},
    {"kind": "substitute", "tool": "project_tool", "strength": 0.5},
    {"kind": "quiet_hours", "mode": "hold", "strength": 0.5},
    {"kind": "emergency_line", "quota_per_week": 2},
    {"kind": "daily_cap", "hours": 9},
    {"kind": "monitoring"},
)
WAYS = {"today": tiny()} | {f"rules without {off}": tiny(levers=RULES, off=[off], seed=5) for off in ("m4", "m8")}


@pytest.fixture(scope="module")
def there() -> dict[str, dict[str, str]]:
    """Histories of three days of ten people, from a process where compilation is the other way."""
    asked = json.dumps({name: setting.model_dump_json() for name, setting in WAYS.items()})
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1" if COMPILED else "0"}
    command = [sys.executable, "-c", OTHER_WAY]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.smallworld
@pytest.mark.parametrize("name", WAYS)
def test_compilation_changes_no_bit(name: str, there: dict[str, dict[str, str]]) -> None:
    """Today, and a ban, held deliveries and a cap in force from the first day, with a mechanism off."""
    here = firm_histories(ran(WAYS[name], 3, firms=[0], log_share=1.0))
    assert {str(number): digest for number, digest in here.items()} == there[name]


# --- what a rule does not reach, it does not change -----------------------------------------------------------------


def test_firms_out_of_scope_are_the_same_to_the_bit(today: Workplace, known: dict[int, str]) -> None:
    """And every firm in scope is changed."""
    free = firm_histories(today)
    scope = made(RULED).in_scope
    reached = {int(firm.number): bool(hit) for firm, hit in zip(today.world.firm, scope, strict=True)}
    assert 2 <= sum(reached.values()) <= len(reached) - 2
    assert {number: free[number] != known[number] for number in free} == reached


SCOPE = {"share": 0.6}
NO_OPS: dict[str, dict[str, object]] = {
    "an announcement": {"kind": "placebo", "scope": SCOPE},
    "a ban of strength 0": {"kind": "ban", "channels": ["im", "group"], "strength": 0.0, "scope": SCOPE},
    "quiet hours of strength 0": {"kind": "quiet_hours", "mode": "hold", "strength": 0.0},
    "a ban for a role that nobody drawn has": {
        "kind": "ban", "channels": ["im"], "scope": {"roles": ["engineer"], "industries": ["finance"]},
    },
    "an emergency line where nothing is closed": {"kind": "emergency_line", "quota_per_week": 2},
    "a project tool where nothing is closed": {"kind": "substitute", "tool": "project_tool"},
    "a cap that nobody reaches": {"kind": "daily_cap", "hours": 24},
    "a ban for none of the firms drawn": {"kind": "ban", "channels": ["im"], "scope": {"share": 1e-9}},
}  # fmt: skip


@pytest.mark.parametrize("name", NO_OPS)
def test_a_rule_without_content_changes_no_bit(name: str, today: Workplace) -> None:
    """The placebo's effect is zero, not small."""
    assert firm_histories(ran(scenario(people=120, levers=[NO_OPS[name]]), log_share=1.0)) == firm_histories(today)


def test_a_no_op_beside_a_rule_changes_no_bit(known: dict[int, str]) -> None:
    """Whether it stands before the rule or after it."""
    for levers in ((NO_OPS["an announcement"], *BAN), (*BAN, NO_OPS["a ban of strength 0"])):
        assert firm_histories(ran(scenario(people=120, levers=levers), log_share=1.0)) == known


def test_the_order_of_levers_changes_no_bit(known: dict[int, str]) -> None:
    """The stronger value holds in each column, whichever comes first."""
    assert firm_histories(ran(scenario(people=120, levers=BAN[::-1]), log_share=1.0)) == known


def test_looking_changes_no_bit(known: dict[int, str]) -> None:
    """Tables taken on the way, agents read, and a smaller sample of messages logged."""
    model = made(RULED, log_share=1.0)
    for _ in range(4):
        model.run_for(7)
        model.person_week()
        model.messages()
        model.agents.select(lambda person: person.burnt_out)
    assert firm_histories(model) == known
    model.recorder.logs.clear()
    assert firm_histories(model) == firm_histories(ran(RULED))


# --- additions ------------------------------------------------------------------------------------------------------


def test_one_firm_more_leaves_the_others_as_they_were(known: dict[int, str]) -> None:
    """By number of firm, and by a larger economy."""
    numbers = sorted(known)
    assert firm_histories(ran(RULED, firms=numbers[:-1], log_share=1.0)) == {n: known[n] for n in numbers[:-1]}
    larger = firm_histories(ran(scenario(people=300, levers=BAN), log_share=1.0))
    assert len(larger) > len(known)
    assert {number: larger[number] for number in numbers} == known


def test_one_person_more_in_some_firms_leaves_other_firms_as_they_were() -> None:
    """Firms at the largest size get one seat more; all others keep their histories."""
    small, large = (ran(scenario(people=200, sizes=(12, 0.5, 5, most)), log_share=1.0) for most in (14, 15))
    one, other = firm_histories(small), firm_histories(large)
    sizes = [{int(firm.number): int(firm.people) for firm in model.world.firm} for model in (small, large)]
    common = one.keys() & other.keys()
    grown = {number for number in common if sizes[0][number] != sizes[1][number]}
    assert 2 <= len(grown) <= len(common) - 2
    assert {number for number in common if one[number] != other[number]} == grown


def crowd(size: int) -> World:
    """One firm of a given size."""
    key, parameters = economy_key(7, 0), made(scenario()).parameters
    return populate(key, 2, {"beijing": 1.0}, {"internet": 1.0}, (size, 0.0, 2, 200), parameters, 50, firms=[0])


@pytest.mark.parametrize("size", [6, 10, 23, 40])
def test_one_person_more_leaves_everybody_else_s_draws(size: int) -> None:
    """Traits, contacts, chats and role of everybody who was there before; but somebody may now lead the newcomer."""
    one, other = crowd(size), crowd(size + 1)
    assert (one.person.key == other.person.key[:size]).all()
    led = {"manages", "led_size", "role", "led_chat", "own_team_chat", "team_size"}
    fields = (*Seat._fields, *State._fields)
    assert {name for name in fields if (one.person[name] != other.person[name][:size]).any()} <= led
    roles = one.person.role != other.person.role[:size]
    assert roles.sum() <= 1, "only a last one without a team may become a manager"

    def chats(w: World, i: int) -> list[int]:
        """Project chats by their number among the projects."""
        return [int(c) - int(w.firm[0].teams) for c in w.own_chat[w.own_from[i] : w.own_from[i + 1]]]

    assert all(chats(one, i) == chats(other, i) for i in range(size))


def test_one_person_more_leaves_the_days_of_people_who_do_not_meet() -> None:
    """Without messages, talk and norms, nobody's fortnight depends on a colleague more: what was drawn stays drawn."""
    alone = {"off": ["m1", "m4", "m6", "m8", "m14", "m15", "m17"], "weeks": 2}
    one, other = (ran(scenario(people=20, sizes=(size, 0.0, 5, 40), **alone), firms=[0]) for size in (22, 23))
    assert ledger_totals(one)[:, L.sent].sum() == 0
    kept = one.world.person.role == other.world.person.role[:22]
    assert kept.sum() >= 21
    assert (ledger_totals(one)[kept] == ledger_totals(other)[:22][kept]).all()
    for name in ("fatigue", "exhaustion_state", "cynicism", "efficacy", "anxiety", "detachment", "sleep"):
        assert (one.world.person[name][kept] == other.world.person[name][:22][kept]).all()


def test_another_seed_or_replicate_is_another_world() -> None:
    """Nothing of a history is shared: the tests above could fail."""
    base = firm_histories(ran(scenario(weeks=1)))
    for changed in (ran(scenario(weeks=1, seed=2)), ran(scenario(weeks=1), replicate=1)):
        assert not set(firm_histories(changed).values()) & set(base.values())


# --- what pairing is for --------------------------------------------------------------------------------------------


def _means(setting: Scenario) -> np.ndarray:
    """Worked hours a week of each firm."""
    model = ran(setting)
    worked = ledger_totals(model)[:, L.office_task_seconds : L.home_resume_seconds + 1].sum(axis=1)
    firm = model.world.person.firm
    return np.bincount(firm, worked) / np.bincount(firm)


def test_paired_differences_vary_far_less_than_unpaired_ones() -> None:
    """Variance of the effect on worked hours over firms: paired less than a fifth of the sum of the two variances.

    With about 70 firms the ratio of two variances has a relative standard error of about 0.24; a true ratio of 1, which
    unpaired worlds have, would have to fall by five standard errors on the log scale: false alarm below 1e-9.
    """
    rule: Mapping[str, object] = {"kind": "contact_prohibition"}
    base, paired = _means(scenario(people=900)), _means(scenario(people=900, levers=[rule]))
    unpaired = _means(scenario(people=900, levers=[rule], seed=2))
    size = min(len(base), len(unpaired))
    ratio = (paired - base).var() / (base.var() + paired.var())
    assert (paired != base).all()
    assert ratio < 0.2
    assert (unpaired[:size] - base[:size]).var() / (base.var() + paired.var()) > 0.5
