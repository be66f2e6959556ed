"""The Mesa model: it draws the population, hosts the agents, schedules phases as Mesa events and calls the engine.

A step is a day: ``step()`` simulates one. ``run_for(days)`` lets the engine run ahead in blocks of whole days, which
end at the next change of rules, at the end of a week or when the time is up, so that the state seen from outside is
always current. Once a decision is overridden or an own event is scheduled, every block is a single day.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property, partial
from numbers import Integral
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import polars as pl

from sim.core.columns import ROLES
from sim.core.errors import EngineError, InputError
from sim.core.hosting import mesa
from sim.core.parameter_sets import DEFAULT
from sim.core.parameters import values
from sim.core.units import years_of
from sim.engine.agents import Employee, Manager, decided
from sim.engine.agents import manager_class as managers_of
from sim.engine.copies import check_copies
from sim.engine.policy import plan, reached_by
from sim.engine.pool import Pool
from sim.engine.record import Recorder, firm_table
from sim.engine.settling import (
    MEASURED,
    Measured,
    Settled,
    at_rest,
    hasten,
    measured,
    of_week,
    other_days,
    start,
    states_of,
)
from sim.engine.state import SCRATCH, World, ruled
from sim.levers.plugins import PLAIN
from sim.population import peopled, populated, slices, weights_of
from sim.scenario.economy import Calendar
from sim.scenario.loading import loaded
from sim.scenario.parameter_draws import Source, drawn, resolved
from sim.scenario.schema import Scenario

_OWN = (*SCRATCH, "rules")  # arrays of a model that no other may continue with
_MOST_SETTLING = 3  # times the weeks that a scenario asks for
_SETTLED_PEOPLE = 500_000  # at rest whose states are kept in memory, some 60 MB; a world's replicates are lived in turn
_SETTLED: dict[str, Settled] = {}
_SETTLING = Lock()  # of that table


class Workplace(mesa.Model):
    """Firms, their people and the rules in force.

    Parameters
    ----------
    scenario : str | Path | Scenario
        What to simulate: a scenario, or its name or file.
    replicate : int
        Number of the replicate, from 0; each is an independent population.
    parameters : Source
        Parameter set for values that the scenario does not set: ``surveyed``, ``report``, ``audited``, ``point`` (the
        table), a file, or draws. Replicate k uses draw k. The attribute ``setting`` is the scenario with these values.
    threads : int
        Threads over firms; results do not depend on them.
    firms : Iterable[int] | None
        Numbers of the firms to simulate instead of the whole economy, or those of ``slices`` with their weights.
    log_share : float
        Share of messages whose events are logged, 0..1.
    log_from : int
        First day to log, counted from the start of the warm-up.
    manager_class : type[Manager] | None
        Agent class of people with reports; override ``initiative_today`` there. Default: the one the scenario names.
    employee_class : type[Employee]
        Agent class of everybody else.

    Raises
    ------
    InputError
        If ``replicate`` or ``threads`` is no whole number from 0 or 1 on, a number in ``firms`` lies below
        0, ``log_share`` is no share, or there is no such scenario.
    """

    def __init__(
        self,
        scenario: str | Path | Scenario,
        *,
        replicate: int = 0,
        parameters: Source = DEFAULT,
        threads: int = 1,
        firms: Iterable[int] | None = None,
        log_share: float = 0.0,
        log_from: int = 0,
        manager_class: type[Manager] | None = None,
        employee_class: type[Employee] = Employee,
    ) -> None:
        counts: tuple[tuple[str, Any, int], ...] = (("replicate", replicate, 0), ("threads", threads, 1))
        for name, number, least in counts:
            if not isinstance(number, Integral):
                raise InputError(f"{name}: {number!r}: must be a whole number")
            if number < least:
                raise InputError(f"{name}: {number}: must be at least {least}")
        if not 0.0 <= log_share <= 1.0:
            raise InputError(f"log_share: {log_share}: must be a share from 0 to 1")
        scenario = loaded(scenario)
        super().__init__(rng=np.random.default_rng(scenario.run.seed))  # for Mesa only; the model never draws from it
        self.draws = resolved(parameters)
        scenario = drawn(scenario, self.draws, replicate)
        self.setting = scenario
        self.replicate = replicate
        self.parameters = values(scenario.parameters, scenario.mechanisms)
        self.days_total = scenario.run.warmup_days + scenario.run.days
        self.first_date: date = scenario.calendar.start - timedelta(days=scenario.run.warmup_days)
        self.weights = firms if isinstance(firms, Mapping) else weights_of(scenario, replicate)
        chosen = (self.weights or None) if firms is None else sorted({*firms})
        if chosen and min(chosen) < 0:
            raise InputError(f"firms: {min(chosen)}: must be at least 0")
        world = populated(scenario, replicate, chosen, self.first_date, self.days_total)
        manager_class = manager_class or managers_of(scenario.managers)
        self.plan = plan(scenario.levers, world, self.first_date, self.days_total, scenario.country)
        self.in_scope = _scope_of(scenario, world)
        self.world: World = world._replace(rules=ruled(self.plan.rule))
        self._change(self.plan.changes[0])
        self._log_limit = np.uint64(min(int(log_share * 2.0**64), 2**64 - 1))
        self.log_from = log_from
        self.keeps_all = log_share >= 1.0  # whether the events of all messages are logged, not of a sample
        self._pool = Pool(self.world, threads, log_share)
        self.recorder = Recorder(self.world, scenario, self.first_date, self.parameters)
        self._done = 0
        self._until = 0
        self._single_days = False
        self._changes = {day: partial(self._change, sets) for day, sets in self.plan.changes.items() if day > 0}
        for day, change in self._changes.items():  # kept, as Mesa has only weak references
            super().schedule_event(change, at=float(day))
        managers = self.world.person.manages == 1
        self.people_agents = [
            (manager_class if leads else employee_class)(self, row) for row, leads in enumerate(managers)
        ]
        overriding = manager_class.initiative_today is not Manager.initiative_today
        self._deciders = [agent for agent in self.people_agents if isinstance(agent, Manager)] if overriding else []

    def _change(self, sets: np.ndarray) -> None:
        """Put a set of rules in force in each firm."""
        person = self.world.person
        person.rules = len(ROLES) * sets[person.firm] + person.role

    def schedule_event(self, function: Callable[..., Any], **when: Any) -> Any:
        """Schedule an own event (``at`` or ``after`` in days, see Mesa); from then on the engine runs day by day."""
        self._single_days = True
        return super().schedule_event(function, **when)

    def schedule_recurring(self, *arguments: Any, **keywords: Any) -> Any:
        """Schedule a recurring own event (see Mesa); from then on the engine runs day by day."""
        self._single_days = True
        return super().schedule_recurring(*arguments, **keywords)

    def run_for(self, duration: float) -> None:
        """Advance by ``duration`` days; fractions are dropped."""
        self._until = int(self.time + duration)
        super().run_for(duration)

    def step(self) -> None:
        """Simulate a day, unless the engine has already run ahead of it."""
        day = round(self.time) - 1
        if day < self._done:
            return
        if day == 0 and self.setting.run.settling_weeks:
            start(self.world, self.settled)
        if day >= self.days_total:
            self.running = False
            return
        end = self._block_end(day)
        for manager in self._deciders:
            self.world.person.override[manager.row] = decided(manager)
        limit = self._log_limit if day >= self.log_from else np.uint64(0)
        self._pool.run(self.world, self.parameters, day, end, limit, self.recorder.add_log)
        check_copies(self.world, day, end)
        self._done = end
        if end % 7 == 0:
            self.recorder.close_week(end // 7 - 1)

    def _block_end(self, day: int) -> int:
        """Return the day before which the engine must stop."""
        if self._single_days or self._deciders:
            return day + 1
        changes = [d for d in (*self.plan.changes, self.log_from) if d > day]
        return min([max(self._until, day + 1), day - day % 7 + 7, self.days_total, *changes])

    @property
    def first_change(self) -> int:
        """Day on which rules first change; the end of the run if they never do."""
        return min((day for day in self.plan.changes if day > 0), default=self.days_total)

    @property
    def settling_key(self) -> str:
        """What decides where people come to rest: the same for all scenarios of one economy."""
        parts = (self.setting.country, self.setting.population, self.setting.parameters, self.setting.mechanisms)
        run = self.setting.run
        return repr((*parts, run.people, run.seed, run.reach, run.settling_weeks, self.replicate))

    @cached_property
    def settled(self) -> Settled:
        """Where the people of the whole economy come to rest without any rule, the same for all scenarios of it.

        If the test of drift (``sim.engine.settling``) fails, settling goes on, for ``_MOST_SETTLING`` times as long at
        most.
        """
        key = self.settling_key
        mine = {int(number) for number in self.world.firm.number}
        rest = _SETTLED.get(key)
        if rest is None or not mine <= set(rest.numbers):
            whole = {number for part in slices(self.setting, self.replicate) for number in part}
            key = key if mine <= whole else f"{key} {sorted(mine)}"  # other firms may change how long it takes
            rest = _SETTLED.get(key) or self._settle(self.setting.run.settling_weeks, mine)
            with _SETTLING:
                _SETTLED[key] = rest
                while sum(len(each.states) for each in _SETTLED.values()) > _SETTLED_PEOPLE and len(_SETTLED) > 1:
                    del _SETTLED[next(iter(_SETTLED))]
        return rest

    def _settle(self, weeks: int, mine: set[int]) -> Settled:
        """Let the economy, and other firms of this model, come to rest."""
        run = {"years": years_of(_MOST_SETTLING * weeks), "warmup_days": 0, "settling_weeks": 0}
        today = {"levers": (), "managers": PLAIN, "calendar": Calendar()}
        scenario = self.setting.model_copy(update=today | {"run": self.setting.run.model_copy(update=run)})
        parts = slices(scenario, self.replicate, mine)
        whole = self._resting(scenario, parts[0], weeks) if len(parts) == 1 else None
        while True:  # slices are not all kept: if they still drift, they live once more, for longer
            found = []
            for part in parts:
                found.append(next(whole or self._resting(scenario, part, weeks)))
                if not whole:
                    gc.collect()  # a model and its agents refer to each other
            rest = at_rest(found, weeks)
            if rest.rests or weeks + MEASURED > scenario.run.weeks:
                return rest
            weeks += MEASURED

    def _resting(self, scenario: Scenario, firms: Iterable[int], weeks: int) -> Iterator[Measured]:
        """Let some firms come to rest, yielding what is measured after so many weeks, and again and again later."""
        threads = self._pool.threads
        model = Workplace(scenario, replicate=self.replicate, parameters=None, threads=threads, firms=firms)
        model.parameters = hasten(model.parameters)
        other_days(model.world)
        model.run_for(7 * (weeks - MEASURED))
        while True:
            weekly = []
            for _ in range(MEASURED):
                days = []
                for _ in range(7):
                    model.run_for(1)
                    days.append(states_of(model.world))
                weekly.append(of_week(days))
                model.recorder.forget()
            yield measured(model.world, weekly)

    def firms_with_rules_of(self, other: Scenario) -> list[int]:
        """Return the numbers of firms out of scope that have the same rules every day in another scenario.

        The list is empty if the scenarios differ in anything but their levers.
        """
        other = drawn(other, self.draws, self.replicate)
        if not same_but_levers(self.setting, other):
            return []
        theirs = plan(other.levers, self.world, self.first_date, self.days_total, self.setting.country)
        same = ~self.in_scope
        for day in sorted({*self.plan.changes, *theirs.changes}):
            same &= (self.plan.on(day) == theirs.on(day)).all(axis=(1, 2))
        return [int(number) for number in self.world.firm.number[same]]

    def people(self) -> pl.DataFrame:
        """Return one row per person; columns are described in ``docs/tables.md``."""
        return self.recorder.people(self.replicate)

    def firms(self) -> pl.DataFrame:
        """Return one row per firm: ``in_scope`` if some lever reaches it, ``weight`` for how many firms it stands."""
        return firm_table(self.world, self.setting.country, self.replicate, self.in_scope, self.weights)

    def person_week(self) -> pl.DataFrame:
        """Return one row per person and finished week; weeks below 0 are warm-up."""
        return self.recorder.person_week(self.setting.name, self.replicate)

    def hours(self) -> pl.DataFrame:
        """Count messages sent after the warm-up, one row per scope, hour of the week and channel."""
        return self.recorder.hours(self.setting.name, self.replicate, self.in_scope)

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the tables from which outcomes are computed: ``person_week``, ``people`` and ``firms``."""
        return {"person_week": self.person_week(), "people": self.people(), "firms": self.firms()}

    def messages(self) -> pl.DataFrame:
        """Return the logged messages, one row per message and recipient."""
        return self.recorder.messages(self.setting.name, self.replicate)

    def snapshot(self) -> dict[str, Any]:
        """Copy the state between two days: the arrays by name, ``day``, and what is ``recorded``."""
        arrays = {name: array.copy() for name, array in self.world._asdict().items() if name not in _OWN}
        return {"day": self._done, "recorded": self.recorder.record(), **arrays}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Continue from a snapshot of another model of the same scenario, or of one with the same rules until then.

        Raises ``EngineError`` if the populations differ in size, or if this model has already run.
        """
        if self.time > 0 or len(snapshot["person"]) != len(self.world.person):
            raise EngineError("a snapshot can be restored only into a fresh model of the same population")
        for name, array in self.world._asdict().items():
            if name in _OWN:
                continue
            if name not in snapshot or array.shape != snapshot[name].shape:
                raise EngineError(f"a snapshot of another population: '{name}' is missing or of another size")
            array[...] = snapshot[name]
        self.recorder.resume(snapshot["recorded"])
        self._change(self.plan.changes[0])
        self._done = snapshot["day"]
        super().run_for(snapshot["day"])


def same_but_levers(one: Scenario, other: Scenario) -> bool:
    """Return whether two scenarios with their parameters differ in nothing but levers and labels."""
    parts = ("country", "calendar", "run", "population", "parameters", "mechanisms", "managers")
    return all(getattr(one, part) == getattr(other, part) for part in parts)


def drawn_firms(scenario: Scenario, replicates: Iterable[int] = (0,)) -> pl.DataFrame:
    """Return the table of firms of some economies with whom levers reach, simulating nothing.

    ``scenario`` must already contain its parameters.
    """
    found = []
    for number in replicates:
        for part in slices(scenario, number):
            world = peopled(scenario, number, sorted(part))
            found.append(firm_table(world, scenario.country, number, _scope_of(scenario, world), part))
    return pl.concat(found)


def _scope_of(scenario: Scenario, world: World) -> np.ndarray:
    """Mark the firms in which anything is other than under no rule; managers of another kind affect every firm."""
    if scenario.managers != PLAIN:
        return np.ones(len(world.firm), bool)
    return reached_by(scenario.levers, world, scenario.country)
