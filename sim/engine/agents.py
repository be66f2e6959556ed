"""Mesa agents as views of rows: the arrays are the truth, an agent names one row of them.

``Manager.initiative_today`` is a daily decision that may be overridden in plain Python; see ``docs/extending.md``.
"""

from typing import TYPE_CHECKING, Any

import mesa

from sim.behaviour.answering import initiative
from sim.behaviour.strain import burnout
from sim.core.columns import CITIES, INDUSTRIES, ROLES, Seat, State
from sim.core.errors import InputError
from sim.core.parameters import Q
from sim.levers import plugins as added

if TYPE_CHECKING:
    from sim.model import Workplace


class _Column:
    """An attribute of an agent that lies in a column."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, agent: "Employee | None", owner: type) -> Any:
        if agent is None:
            return self
        return agent.model.world.person[self.name][agent.row].item()

    def __set__(self, agent: "Employee", value: float) -> None:
        agent.model.world.person[self.name][agent.row] = value


class Employee(mesa.Agent):
    """A person: every column of ``State`` and ``Seat`` is an attribute; assigning to it changes the person.

    Parameters
    ----------
    model : Workplace
        The model.
    row : int
        Row of the person.
    """

    model: "Workplace"

    def __init__(self, model: "Workplace", row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def exhaustion(self) -> float:
        """Exhaustion, trait and state together, in standard deviations."""
        return float(self.exhaustion_trait + self.exhaustion_state)

    @property
    def burnt_out(self) -> bool:
        """Whether the burnout score lies above the cut-off."""
        return bool(burnout(self.exhaustion, self.cynicism) > self.model.parameters[Q.burnout_cutoff])

    @property
    def role_name(self) -> str:
        """Role, in words."""
        return ROLES[self.role]

    @property
    def city(self) -> str:
        """City of the firm."""
        return CITIES[int(self.model.world.firm.city[self.firm])]

    @property
    def industry(self) -> str:
        """Industry of the firm."""
        return INDUSTRIES[int(self.model.world.firm.industry[self.firm])]

    @property
    def boss(self) -> "Employee | None":
        """The manager, or None for the head of the firm."""
        row = int(self.manager)
        return self.model.people_agents[row] if row >= 0 else None


for _name in (*State._fields, *Seat._fields):
    setattr(Employee, _name, _Column(_name))


class Manager(Employee):
    """A person with reports."""

    @property
    def team_members(self) -> list[Employee]:
        """The direct members of the team led."""
        return self.model.people_agents[self.led_first : self.led_first + self.led_size]

    def initiative_today(self) -> float:
        """Decide how readily to write to people outside hours today.

        Returns
        -------
        float
            Chance per half-hourly moment outside hours, 0..1; the same number that the engine would use.
        """
        rule = self.model.world.rules[self.model.world.firm.rules[self.firm], self.role]
        base = self.model.parameters[Q.initiative_manager]
        return float(initiative(base, self.demand, rule.example, self.volume, self.refuses))


def add_manager(name: str, manager: type[Manager]) -> None:
    """Add a kind of managers, for the key ``managers`` of scenario files.

    Parameters
    ----------
    name : str
        Its name in scenario files.
    manager : type[Manager]
        A subclass that overrides ``initiative_today``, defined in a file.

    Raises
    ------
    InputError
        If it is something else, has no file, or bears the name of another kind.
    """
    if not (isinstance(manager, type) and issubclass(manager, Manager)):
        raise InputError(f"'{name}': a kind of managers is a subclass of sim.engine.agents.Manager")
    if name == added.PLAIN:
        raise InputError(f"'{name}' is the name of the managers of the engine; choose another one")
    added.remember(added.managers, name, manager)


def manager_class(name: str) -> type[Manager]:
    """Find a kind of managers.

    Parameters
    ----------
    name : str
        Its name in a scenario, checked already.

    Returns
    -------
    type[Manager]
        The class.
    """
    return Manager if name == added.PLAIN else added.managers[name].item
