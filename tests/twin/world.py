"""The Mesa model of the twin: it takes over the drawn population and lives day after day."""

from types import SimpleNamespace

import mesa

from sim.core.columns import CHANNELS, CLOSABLE, Firm, R, Rule, State
from sim.core.parameters import Q
from sim.model import Workplace
from tests.twin.firm import Company
from tests.twin.person import Person
from tests.twin.things import Chat


class Twin(mesa.Model):
    """The same economy as an engine that has not started yet.

    Parameters
    ----------
    engine : Workplace
        Fresh model: population, parameters, calendar and rules by date are taken from it, and nothing else.
    logs : bool
        Whether the events of all messages are kept.
    """

    def __init__(self, engine: Workplace, logs: bool = True) -> None:
        super().__init__(rng=engine.setting.run.seed)
        self.logs = logs
        world = engine.world
        self.q = SimpleNamespace(**dict(zip(Q._fields, engine.parameters.tolist(), strict=True)))
        self.intrusiveness = [getattr(self.q, f"intrusive_{name}") for name in CHANNELS]
        self.cost = [getattr(self.q, f"cost_{name}") for name in CHANNELS]
        self.warmup_days = engine.setting.run.warmup_days
        self.workdays = [mark == 1 for mark in world.workday.tolist()]
        self.statutory = [mark == 1 for mark in world.statutory.tolist()]
        self.rule_sets = [[_rule(row) for row in roles.tolist()] for roles in engine.plan.rule]
        self.changes = {day: sets.tolist() for day, sets in engine.plan.changes.items()}
        self.days_done = 0
        chats = [Chat([]) for _ in world.chat_from[1:]]
        self.firms = [self._found(engine, f, chats) for f in range(len(world.firm))]
        people = [person for firm in self.firms for person in firm.people]
        for chat, first, last in zip(chats, world.chat_from, world.chat_from[1:], strict=False):
            chat.members = [people[row] for row in world.chat_member[first:last]]

    def _found(self, engine: Workplace, f: int, chats: list[Chat]) -> Company:
        world = engine.world
        columns = {name: float(world.firm[name][f]) for name in Firm._fields}
        firm = Company(self, int(world.firm.key[f]), columns)
        first, size = int(world.firm[f].first), int(world.firm[f].people)
        firm.people = [
            Person(self, firm, row, int(traits.key), [float(traits[name]) for name in State._fields])
            for row, traits in enumerate(world.person[first : first + size], first)
        ]
        leads = world.team_row[world.firm[f].team_first :][: world.firm[f].teams].tolist()

        def at(row: int) -> Person:
            return firm.people[row - first]

        def chat(number: int) -> Chat | None:
            return chats[number] if number >= 0 else None

        for person in firm.people:
            seat = world.person[person.row]
            person.role, person.partner = int(seat.role), bool(seat.partner == 1)
            person.part_time = bool(seat.part_time == 1)
            person.site = int(seat.site)
            person.manages = bool(seat.manages == 1)
            person.hired, person.generation = int(seat.hired), int(seat.generation)
            person.manager = at(int(seat.manager)) if int(seat.manager) >= 0 else None
            person.team = [at(int(seat.team_first) + n) for n in range(int(seat.team_size))]
            person.led = [at(int(seat.led_first) + n) for n in range(int(seat.led_size))]
            person.leads = int(seat.team)
            if int(seat.team) >= 0:
                person.below = [at(row) for row in leads[5 * int(seat.team) + 1 :][:5]]
            person.ties = [at(int(seat.ties[n])) for n in range(int(self.q.ties))]
            person.team_chat, person.led_chat = chat(int(seat.own_team_chat)), chat(int(seat.led_chat))
            own = world.own_chat[world.own_from[person.row] : world.own_from[person.row + 1]]
            person.chats = [chats[number] for number in own.tolist()]
        return firm

    def works(self, day: int) -> bool:
        """Whether a day is a working day; the calendar ends with one."""
        return self.workdays[day] if day < len(self.workdays) - 1 else True

    def step(self) -> None:
        """Live one day."""
        day = self.days_done
        sets = self.changes[max(start for start in self.changes if start <= day)]
        for firm, number in zip(self.firms, sets, strict=True):
            firm.rules = self.rule_sets[number]
            firm.live(day)
        self.days_done += 1
        if self.days_done == self.warmup_days:
            for firm in self.firms:
                firm.hours.clear()

    def close_week(self) -> list[dict[str, int]]:
        """Give everybody's sums and start new ones."""
        people = [person for firm in self.firms for person in firm.people]
        sums = [person.ledger for person in people]
        for person in people:
            person.ledger = dict.fromkeys(person.ledger, 0)
        return sums


def _rule(row: list[float]) -> SimpleNamespace:
    rule = SimpleNamespace(**dict(zip(Rule._fields, row, strict=True)))
    rule.closed = [row[R.closed_im + channel] for channel in range(len(CLOSABLE))]
    rule.off = [row[R.off_im + channel] for channel in range(len(CLOSABLE))]
    rule.system = row[R.system_im : R.system_call + 1]
    rule.system_off = row[R.system_off_im : R.system_off_call + 1]
    return rule
