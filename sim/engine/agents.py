"""Mesa agents as views: the data are in arrays, and an agent refers to one row of them.

``Manager.initiative_today`` is a daily decision that plain Python may override; see ``docs/extending.md``.
"""

from numbers import Real
from typing import TYPE_CHECKING, Any

from sim.behaviour.answering import initiative
from sim.behaviour.compliance import dares, unwritten, use_of_rights
from sim.behaviour.strain import burnout
from sim.core.columns import ROLES, Seat, State
from sim.core.errors import InputError
from sim.core.hosting import mesa
from sim.core.parameters import Q
from sim.engine.state import named
from sim.levers import plugins as added

if TYPE_CHECKING:
    from sim.model import Workplace


class _Column:
    """An attribute of an agent that is stored in a column."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, agent: "Employee | None", owner: type) -> Any:
        if agent is None:
            return self
        return agent.model.world.person[self.name][agent.row].item()

    def __set__(self, agent: "Employee", value: float) -> None:
        person = agent.model.world.person
        if self.name == "role":  # the role decides whose rules apply
            person["rules"][agent.row] += value - person["role"][agent.row]
        person[self.name][agent.row] = value


class Employee(mesa.Agent):
    """A person. Every column of ``State`` and ``Seat`` is an attribute; assigning to it changes the person."""

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
        """Whether the burnout score is above the cut-off."""
        return bool(burnout(self.exhaustion, self.cynicism) > self.model.parameters[Q.burnout_cutoff])

    @property
    def role_name(self) -> str:
        """Role, in words."""
        return ROLES[self.role]

    @property
    def city(self) -> str:
        """City of the firm."""
        return self.model.setting.country.cities[int(self.model.world.firm.city[self.firm])]

    @property
    def industry(self) -> str:
        """Industry of the firm."""
        return self.model.setting.country.trades[int(self.model.world.firm.industry[self.firm])]

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
        """Return how readily the manager writes to people outside hours today: chance per half-hourly moment, 0..1."""
        world, p = self.model.world, named(self.model.parameters)[0]
        firm = world.firm[self.firm]
        rule = world.rules[world.person[self.row].rules]
        union = float(world.rules[world.person[firm.first].rules].union > firm.union)
        use = use_of_rights(p, union, rule.complaint, dares(p, rule.anonymous, self.voice), firm.fear)
        right = unwritten(p, rule.disconnect * use)
        return float(initiative(p.initiative_manager, self.demand, rule.example, right, self.volume, self.refuses))


def decided(manager: Manager) -> float:
    """Ask a manager, which may run a user's code, for the initiative of the day."""
    chance: Any = manager.initiative_today()
    if not (isinstance(chance, Real) and 0.0 <= float(chance) <= 1.0):
        raise InputError(f"{type(manager).__name__}.initiative_today: {chance!r} is no chance from 0 to 1")
    return float(chance)


def add_manager(name: str, manager: type[Manager]) -> None:
    """Register a kind of managers under a name for the key ``managers`` of scenario files.

    ``manager`` is a subclass that overrides ``initiative_today`` and is defined in a file. Raises ``InputError`` for
    anything else, and for a name that is taken.
    """
    if not (isinstance(manager, type) and issubclass(manager, Manager)):
        raise InputError(f"'{name}': a kind of managers is a subclass of sim.engine.agents.Manager")
    if name == added.PLAIN:
        raise InputError(f"'{name}' is the name of the managers of the engine; choose another one")
    added.remember(added.managers, name, manager)


def manager_class(name: str) -> type[Manager]:
    """Return the class of a kind of managers; the name was checked before."""
    return Manager if name == added.PLAIN else added.managers[name].item
