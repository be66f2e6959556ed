"""A firm, its calendar, its log and the order of its day."""

from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING

from tests.twin import night, outsiders, post
from tests.twin.person import Person
from tests.twin.things import DAY, Message

if TYPE_CHECKING:
    from tests.twin.world import Twin

type Event = tuple[int, int, int, int, int, int, int]


class Company:
    """Some people, and the rules that they are under."""

    def __init__(self, model: "Twin", key: int, columns: dict[str, float]) -> None:
        self.model, self.key = model, key
        self.__dict__.update(columns)
        self.people: list[Person] = []
        self.rules: list[SimpleNamespace] = []  # in force, by role
        self.outbox: list[Message] = []
        self.held: list[Message] = []  # until they are due
        self.hours: Counter[tuple[int, int]] = Counter()  # messages sent, by hour of the week and channel
        self.events: list[Event] = []

    def log(self, event: int, person: Person, second: int, message: Message) -> None:
        if self.model.logs:
            sender = -1 if message.sender is None else message.sender.row
            self.events.append((event, person.row, second, message.code, sender, message.key, message.thread))

    def minutes(self, day: int) -> Iterator[int]:
        """Ends of the minutes of a day, but for quarters of an hour in which nothing is due."""
        for end in range(day * DAY + 900, (day + 1) * DAY + 900, 900):
            due = any(person.wake < end or person.outsider < end for person in self.people)
            due = due or any(message.sent < end for message in self.outbox)
            if due or any(message.due < end for message in self.held):
                yield from range(end - 840, end + 60, 60)

    def live(self, day: int) -> None:
        """Morning, the minutes of the day, midnight, night."""
        night.watch(self)
        for person in self.people:
            person.rule = self.rules[person.role]
        for person in self.people:
            night.wake_up(person, day)
        for until in self.minutes(day):
            for person in self.people:
                while person.wake < until:
                    person.turn()
                while person.outsider < until:
                    outsiders.write(person)
            post.deliver(self, until)
            post.hand_out(self, until)
        post.keep_overnight(self)
        for person in self.people:
            person.end_day((day + 1) * DAY)
        night.fall(self, day)
