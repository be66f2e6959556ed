"""The Mesa model of the twin: it takes over the drawn population and lives day after day."""

from types import SimpleNamespace

import mesa

from sim.columns import CHANNELS, Firm, P, R, Rule
from sim.engine.state import G
from sim.model import Workplace
from sim.parameters import Q
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
        self.rule_sets = [[_rule(row) for row in roles.tolist()] for roles in engine.plan.rule]
        self.changes = {day: sets.tolist() for day, sets in engine.plan.changes.items()}
        self.days_done = 0
        chats = [Chat([]) for _ in world.chat_from[1:]]
        self.firms = [self._found(engine, f, chats) for f in range(len(world.place))]
        people = [person for firm in self.firms for person in firm.people]
        for chat, first, last in zip(chats, world.chat_from, world.chat_from[1:], strict=False):
            chat.members = [people[row] for row in world.chat_member[first:last]]

    def _found(self, engine: Workplace, f: int, chats: list[Chat]) -> Company:
        world = engine.world
        columns = dict(zip(Firm._fields, world.firm[f].tolist(), strict=True))
        firm = Company(self, int(world.firm_key[f]), columns)
        first, size = int(world.place[f, G.first]), int(world.place[f, G.size])
        firm.people = [
            Person(self, firm, row, int(world.seat_key[row]), world.real[row].tolist())
            for row in range(first, first + size)
        ]
        leads = world.team_row[world.place[f, G.team_first] :][: world.place[f, G.teams]].tolist()

        def at(row: int) -> Person:
            return firm.people[row - first]

        def chat(number: int) -> Chat | None:
            return chats[number] if number >= 0 else None

        for person in firm.people:
            seat = world.seat[person.row].tolist()
            person.role, person.manages, person.partner = seat[P.role], seat[P.manages] == 1, seat[P.partner] == 1
            person.hired, person.generation = seat[P.hired], seat[P.generation]
            person.manager = at(seat[P.manager]) if seat[P.manager] >= 0 else None
            person.team = [at(seat[P.team_first] + n) for n in range(seat[P.team_size])]
            person.led = [at(seat[P.led_first] + n) for n in range(seat[P.led_size])]
            if seat[P.team] >= 0:
                person.below = [at(row) for row in leads[5 * seat[P.team] + 1 :][:5]]
            person.ties = [at(seat[P.tie0 + n]) for n in range(4)]
            person.team_chat, person.led_chat = chat(seat[P.own_team_chat]), chat(seat[P.led_chat])
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
    rule.closed = [row[R.closed_im + channel] for channel in range(len(CHANNELS))]
    rule.off = [row[R.off_im + channel] for channel in range(len(CHANNELS))]
    return rule
