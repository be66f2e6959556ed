"""The Mesa model: agents as views of rows, decisions overridden in plain Python, events and phases on their days."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import mesa
import numpy as np
import pytest
from mesa.time import Schedule

from sim.core.columns import ROLES, Seat, State
from sim.core.errors import EngineError, InputError
from sim.engine.agents import Employee, Manager
from sim.engine.state import Rules, sums
from sim.model import Workplace
from sim.verify import firm_histories
from tests.worlds import START, column, made, ran, scenario, summed, tiny

# --- agents ---------------------------------------------------------------------------------------------------------


@pytest.mark.smallworld
def test_agents_are_views_of_rows(ten: Workplace) -> None:
    """Every column of every person, by name; employees and managers are agents of Mesa."""
    assert isinstance(ten, mesa.Model)
    assert len(ten.agents) == len(ten.world.person) == 10
    for row, person in enumerate(ten.people_agents):
        assert isinstance(person, mesa.Agent)
        assert isinstance(person, Manager) == bool(ten.world.person[row].manages)
        assert person.exhaustion == ten.world.person[row].exhaustion_trait + ten.world.person[row].exhaustion_state
        for name in (*State._fields, *Seat._fields):
            assert getattr(person, name) == ten.world.person[name][row], name


def test_agents_can_be_selected_and_asked(today: Workplace) -> None:
    """Mesa's own tools for sets of agents."""
    managers = today.agents.select(agent_type=Manager)
    assert len(managers) == today.world.person.manages.sum() > 3
    tired = today.agents.select(lambda person: person.exhaustion > 1.0)
    assert 0 < len(tired) < len(today.agents)
    assert all(person.exhaustion > 1.0 for person in tired)
    person = today.world.person
    mean = float((person.exhaustion_trait + person.exhaustion_state).mean())
    assert np.mean(today.agents.get("exhaustion")) == pytest.approx(mean)
    assert set(today.agents.get("role_name")) <= set(ROLES)
    assert {type(person) for person in today.agents} == {Employee, Manager}


def test_agents_know_whom_they_work_with(today: Workplace) -> None:
    """Team members report to the manager who leads them; the head of a firm has no manager; firms do not mix."""
    for manager in today.agents.select(agent_type=Manager):
        assert len(manager.team_members) == manager.led_size
        assert all(member.boss is manager for member in manager.team_members)
        assert {(member.firm, member.city, member.industry) for member in manager.team_members} == {
            (manager.firm, manager.city, manager.industry)
        }
    heads = today.agents.select(lambda person: person.boss is None)
    assert len(heads) == len(today.world.firm)


def test_burnt_out_is_what_the_tables_say(today: Workplace) -> None:
    """The agent's property, the last week of the table, and the cut-off, all by one rule."""
    last = today.person_week().tail(len(today.agents))
    assert [person.burnt_out for person in today.people_agents] == last["burnt_out"].to_list()


def test_assigning_to_an_agent_changes_the_person() -> None:
    """A manager who expects nothing from now on is that row of the array, and writes less."""
    model = made(scenario(weeks=2))
    for manager in model.agents.select(agent_type=Manager):
        manager.demand = 0.0
    assert (column(model, "demand")[model.world.person.manages == 1] == 0.0).all()
    model.run_for(14)
    assert firm_histories(model) != firm_histories(ran(scenario(weeks=2)))


def test_who_gets_another_role_comes_under_the_rules_for_it() -> None:
    """At once, and from then on; nobody else does."""
    lever = {"kind": "absent", "channels": ["im"], "scope": {"roles": ["clerical"]}}
    model = made(scenario(levers=[lever, {"kind": "contact_prohibition", "start": START + timedelta(7)}]))
    clerical, manager = ROLES.index("clerical"), ROLES.index("manager")
    other = next(person for person in model.people_agents if person.role != clerical)
    for role in (clerical, manager):
        other.role = role
        person = model.world.person
        assert ((model.world.rules[person.rules].closed_im > 0.0) == (person.role == clerical)).all()
        model.run_for(8)


# --- a decision overridden ------------------------------------------------------------------------------------------


class Restrained(Manager):
    """Never writes to anybody outside hours."""

    def initiative_today(self) -> float:
        return 0.0


class AsBefore(Manager):
    """Asks the model for its own decision."""

    def initiative_today(self) -> float:
        return super().initiative_today()


class Kind(Manager):
    """Holds back as soon as the team is tired: a decision that looks at other people."""

    def initiative_today(self) -> float:
        tired = np.mean([member.exhaustion for member in self.team_members] or [0.0])
        return 0.0 if tired > 0.5 else super().initiative_today()


@pytest.mark.parametrize("chance", [1.001, -0.1, float("nan"), None, "0.5"])
def test_a_decision_that_is_no_chance_is_an_error(chance: Any) -> None:
    class Odd(Manager):
        def initiative_today(self) -> float:
            return chance  # type: ignore[no-any-return]

    with pytest.raises(InputError, match=f"^Odd.initiative_today: {chance!r} is no chance from 0 to 1$"):
        ran(scenario(), manager_class=Odd)


def test_a_decision_overridden_in_python_counts() -> None:
    """Managers who never start messages outside hours: fewer of them, and less hidden overtime."""
    usual, restrained, kind = (ran(scenario(), manager_class=each) for each in (Manager, Restrained, Kind))
    assert (column(restrained, "initiative")[restrained.world.person.manages == 1] == 0.0).all()
    for name in ("after_sent", "after_requests", "hidden_overtime_seconds"):
        assert summed(restrained, name) < 0.9 * summed(usual, name), name
    assert summed(restrained, "after_sent") < summed(kind, "after_sent") < summed(usual, "after_sent")


@pytest.mark.parametrize("setting", [{}, {"levers": [{"kind": "manager_example", "strength": 0.6}]}])
def test_asking_for_the_model_s_own_decision_changes_no_bit(setting: dict[str, object]) -> None:
    """``super().initiative_today()`` is the engine's number, day by day, also under a rule that it heeds."""
    usual, asked = (ran(scenario(**setting), manager_class=each, log_share=1.0) for each in (Manager, AsBefore))
    asked.world.person.override[:] = np.nan
    assert firm_histories(asked) == firm_histories(usual)


@pytest.mark.smallworld
def test_a_decision_overridden_counts_in_a_tiny_world() -> None:
    """Also where compilation is off: nobody but the one manager could start messages outside hours."""
    quiet = {"parameters": {"initiative_staff": 0.0}}
    usual, restrained = (ran(tiny(**quiet), 3, firms=[0], manager_class=each) for each in (Manager, Restrained))
    assert summed(restrained, "after_sent") < summed(usual, "after_sent")


# --- time -----------------------------------------------------------------------------------------------------------


def test_time_is_days() -> None:
    """run_for, step and run_until move Mesa's clock by days, and every person's clock with it."""
    model = made(scenario())
    model.run_for(3)
    model.step()
    model.run_until(9)
    assert model.time == 9
    assert (model.world.person.clock // 86_400 == 9).all()
    assert firm_histories(model) == firm_histories(ran(scenario(), 9))


def test_the_run_ends_with_its_calendar() -> None:
    """Days after the last are not simulated, and the model says that it no longer runs."""
    model = ran(scenario(weeks=1))
    whole = firm_histories(model)
    model.run_for(2)
    assert firm_histories(model) == whole
    assert model.running is False


def test_events_of_one_s_own_see_the_state_of_their_day() -> None:
    """An event at day d comes after d whole days, and before the day that follows."""
    model = made(scenario())
    reference = {day: ran(scenario(), day).world for day in (5, 10, 12)}
    seen: list[float] = []

    def look() -> None:
        world = reference[round(model.time)]
        assert model.world.person.tobytes() == world.person.tobytes()
        seen.append(model.time)

    model.schedule_event(look, at=10.0)
    model.schedule_event(look, at=5.0)
    model.schedule_event(look, after=12)
    model.run_for(28)
    assert seen == [5.0, 10.0, 12.0]
    assert firm_histories(model) == firm_histories(ran(scenario()))


def test_events_of_one_s_own_change_what_comes_after() -> None:
    """A training on day 10, written as an event: nothing differs before, and something after."""

    def with_training(day: int | None) -> Workplace:
        model = made(scenario())

        def training() -> None:
            for manager in model.agents.select(agent_type=Manager):
                manager.belief = 0
                manager.demand = 0.0

        if day is not None:
            model.schedule_event(training, at=float(day))
        model.kept = training  # Mesa holds events weakly
        return model

    plain, trained = with_training(None), with_training(10)
    plain.run_for(10)
    trained.run_for(9)
    trained.run_for(1)
    assert (column(trained, "expectation") == column(plain, "expectation")).all()
    plain.run_for(18)
    trained.run_for(18)
    assert summed(trained, "after_sent") < summed(plain, "after_sent")


def test_recurring_events_come_as_often_as_they_should() -> None:
    """Each Monday's midnight, with the week just closed."""
    model = made(scenario())
    weeks: list[int] = []

    def count() -> None:
        weeks.append(len(model.recorder.weeks))

    model.schedule_recurring(count, Schedule(interval=7.0, start=7.0))
    model.run_for(28)
    assert weeks == [1, 2, 3, 4]
    assert firm_histories(model) == firm_histories(ran(scenario()))


# --- phases ---------------------------------------------------------------------------------------------------------


def strengths(levers: list[dict[str, object]], look: Callable[[Rules], float], warmup: int = 0) -> list[float]:
    """What the rules in force say at the beginning of each day."""
    model = made(scenario(weeks=4, warmup_days=warmup, levers=levers))
    found = []
    for _ in range(model.days_total):
        found.append(look(model.world.rules[model.world.person.rules[0]]))
        model.step()
    return found


def test_a_ban_is_in_force_from_its_first_day_to_the_day_before_its_end() -> None:
    """Day by day, without a ramp."""
    lever = {"kind": "ban", "channels": ["im"], "start": START + timedelta(7), "end": START + timedelta(20)}
    found = strengths([lever], lambda rule: float(rule.closed_im))
    assert found == [0.0] * 7 + [1.0] * 13 + [0.0] * 8


def test_a_ramp_grows_in_a_straight_line_from_the_first_day() -> None:
    """Four days to full strength 0.8, and the warm-up before day 0 counts for nothing."""
    lever = {"kind": "ban", "channels": ["im"], "start": START + timedelta(3), "ramp_days": 4, "strength": 0.8}
    found = strengths([lever], lambda rule: float(rule.closed_im), warmup=7)
    assert found == pytest.approx([0.0] * 10 + [0.2, 0.4, 0.6] + [0.8] * 22)


def test_phases_overlap_and_the_stronger_value_holds() -> None:
    """A weak rule for all the time, a stronger one for a week within it; some rule is in force throughout."""
    weak = {"kind": "quiet_hours", "mode": "hold", "strength": 0.3, "start": START + timedelta(5)}
    strong = weak | {"strength": 0.9, "start": START + timedelta(10), "end": START + timedelta(17)}
    for levers in ([weak, strong], [strong, weak]):
        found = strengths(levers, lambda rule: float(rule.hold))
        assert found == [0.0] * 5 + [0.3] * 5 + [0.9] * 7 + [0.3] * 11
        assert strengths(levers, lambda rule: float(rule.in_force)) == [0.0] * 5 + [1.0] * 23


def test_a_phase_changes_histories_from_its_first_day_only() -> None:
    """With a ban from day 10 on, days 0 to 9 are those of the world without, to the bit."""
    lever = {"kind": "absent", "channels": ["im"], "start": START + timedelta(10)}
    free, ruled = made(scenario()), made(scenario(levers=[lever]))
    for day in range(12):
        free.step()
        ruled.step()
        same = (sums(free.world) == sums(ruled.world)).all()
        assert same == (day < 10), day
    assert ruled.world.person.ledger["sent_im"].sum() < free.world.person.ledger["sent_im"].sum()


# --- refusals -------------------------------------------------------------------------------------------------------


def test_a_snapshot_fits_only_a_fresh_model_of_its_population() -> None:
    """Anything else is refused in words."""
    model = ran(scenario(weeks=2), 7)
    with pytest.raises(EngineError, match="fresh model of the same population"):
        model.restore(model.snapshot())
    with pytest.raises(EngineError, match="fresh model of the same population"):
        made(scenario(people=150)).restore(model.snapshot())


HOSTED = """
import sys
before = dict(sys.modules)
import sim.model
assert not {"pandas", "networkx", "scipy.spatial"} & (sys.modules.keys() - before.keys())
import random
import mesa
import networkx
space = mesa.discrete_space.Network(networkx.path_graph(4), random=random.Random(1))
assert space.find_nearest_cell(space[2].position) is space[2]
collector = mesa.DataCollector(model_reporters={"one": lambda model: 1})
collector.collect(mesa.Model(rng=1))
print(collector.get_model_vars_dataframe()["one"].tolist())
import pandas.api.types
assert mesa.datacollection.pd.DataFrame is pandas.DataFrame
assert all(sys.modules[name] is module for name, module in before.items())
"""


@pytest.mark.parametrize("first", ["", "import pandas, scipy.spatial", "import mesa"])
def test_what_mesas_tables_and_spaces_need_is_loaded_when_they_are_asked_for_and_not_before(first: str) -> None:
    """Nor is it another one than everybody's, whoever imports it first."""
    done = subprocess.run([sys.executable, "-c", first + HOSTED], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "[1]\n"), done.stderr
