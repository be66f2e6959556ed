"""What people write and work on."""

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.core.columns import ANSWER, ASSIGNMENT, BLOCKED, FAULTY, QUESTION, READY, STATUS_REQUEST

if TYPE_CHECKING:
    from tests.twin.person import Person

DAY = 86_400  # seconds
INBOX, LATER, TASKS, KEPT = 128, 32, 24, 32  # messages shown, answers put off, tasks on a desk, orders kept
NOTES = 32  # messages written in one turn
NEVER = math.inf


@dataclass(eq=False, slots=True)
class Chat:
    """A group chat."""

    members: "list[Person]"


@dataclass(eq=False, slots=True)
class Message:
    """One message, whoever gets it."""

    key: int
    thread: int
    sender: "Person | None"  # None for somebody outside the firm
    to: "Person | Chat | None"
    kind: int
    sent: int
    urgent: bool = False
    depth: int = 0  # earlier messages in its line of the thread
    work: int = 0  # seconds of work that it brings
    wanted: int = 0  # second by which that is due, 0 for none
    steps: int = 0  # hand-offs before it
    chases: bool = False  # asks for what is overdue
    to_be_confirmed: bool = False
    reply_by: int | None = None  # channel of the message that it answers
    said: int | None = None  # channel by which it is said and not written
    channel: int = -1
    due: int = 0  # second from which it can be found
    length: int = 0  # thousandths of the usual time that reading it takes
    tries: int = 0  # visits and calls in vain, of what is said
    outside: int | None = None  # of an answer to an outsider: the second at which that had written

    @property
    def home(self) -> "Person":
        """Somebody of the firm in which the message is."""
        return self.to if self.sender is None else self.sender

    @property
    def group(self) -> bool:
        return isinstance(self.to, Chat)

    @property
    def is_answer(self) -> bool:
        return self.kind == ANSWER

    @property
    def asks(self) -> bool:
        """Whether somebody in the firm asks for something."""
        return self.sender is not None and (self.kind in (QUESTION, ASSIGNMENT, STATUS_REQUEST) or self.to_be_confirmed)

    @property
    def code(self) -> int:
        """Kind, channel and flags in one number, as in the engine's log."""
        flags = 256 * self.urgent + 512 * self.group + 1024 * self.to_be_confirmed
        return self.kind + 16 * self.channel + flags + 2048 * self.depth


@dataclass(eq=False, slots=True)
class Letter:
    """A message as it lies in one person's inbox."""

    message: Message
    here: int  # second of delivery
    number: int  # in the order of delivery
    open: bool = True
    counted: bool = False  # a request that came in free time


class Inbox:
    """The last messages that a person got; what no longer fits is buried."""

    def __init__(self) -> None:
        self.letters: deque[Letter] = deque()
        self.delivered = 0
        self.looked_to = 0  # number up to which the person has looked today, outside hours

    def push_out(self) -> Letter | None:
        """Make space for one more, and give what falls out."""
        return self.letters.popleft() if len(self.letters) == INBOX else None

    def put(self, message: Message, now: int) -> Letter:
        letter = Letter(message, now, self.delivered)
        self.delivered += 1
        self.letters.append(letter)
        return letter

    def oldest_open(self) -> Letter | None:
        """Drop what has been dealt with from the front."""
        while self.letters and not self.letters[0].open:
            self.letters.popleft()
        return self.letters[0] if self.letters else None

    def look_on(self) -> Iterator[Letter]:
        """Go through what has not been looked at today; each letter given counts as looked at."""
        for letter in self.letters:
            if letter.number >= self.looked_to:
                self.looked_to = letter.number + 1
                yield letter


@dataclass(eq=False, slots=True)
class Kept:
    """An order or a hand-off that waits for a moment at work."""

    message: Message
    since: int  # second from which it may go
    written: bool


@dataclass(eq=False, slots=True)
class Later:
    """An answer that is put off."""

    message: Message
    due: int
    here: int  # second of delivery of what is to be answered


class LaterList(list[Later]):
    """What a person keeps for later; there is space for few."""

    def keep(self, item: Later) -> bool:
        if len(self) == LATER:
            return False
        self.append(item)
        return True

    def first_due(self, now: int) -> Later | None:
        return next((item for item in self if item.due <= now), None)


@dataclass(eq=False, slots=True)
class Meeting:
    """A meeting to which a person belongs."""

    start: int
    end: int
    host: "Person"  # who leads the team, or the firm
    number: int  # among the person's of a day


@dataclass(eq=False, slots=True)
class Task:
    """A piece of work that needs focus and may need answers."""

    key: int
    size: int  # nominal seconds
    questions: int
    arrived: int
    state: int = READY
    done: int = 0  # nominal seconds
    asked: int = 0
    thread: int = 0  # that it waits for
    since: int = 0  # second at which it was set aside
    deadline: int = 0
    reasked: bool = False
    referred: bool = False  # somebody else is to be asked
    passed_on: bool = False  # the present question has been sent on
    waited: int = 0  # seconds of a wait that is over and has not been made up for
    defaults: int = 0
    attempt: int = 0
    due: int = 0  # second by which it should be done, 0 for none
    interrupted: int = 0  # times that an alert or a round has taken its owner away from it
    steps: int | None = 0  # hand-offs before it; an order has none and is not handed on
    chased: bool = False  # somebody has asked for it
    made: dict[str, int] = field(default_factory=lambda: {"contract": 0, "recorded": 0, "latent": 0})

    @property
    def next_point(self) -> int:
        """Nominal seconds at which the next question comes up, or the end."""
        if self.asked >= self.questions:
            return self.size
        return self.size * (self.asked + 1) // (self.questions + 1)

    @property
    def draws(self) -> int:
        """Whose draws decide about the present question."""
        return self.thread if self.passed_on else self.key

    @property
    def number(self) -> int:
        return 0 if self.passed_on else self.asked - 1

    def is_late(self, now: int) -> bool:
        return self.due > 0 and self.due < now

    @property
    def waits(self) -> bool:
        return self.state in (BLOCKED, FAULTY)


@dataclass(eq=False, slots=True)
class Desk:
    """A fixed number of places for tasks; a new task takes the first free place."""

    places: list[Task | None] = field(default_factory=lambda: [None] * TASKS)

    def __iter__(self) -> Iterator[Task]:
        return (task for task in self.places if task is not None)

    def put(self, task: Task) -> bool:
        if None not in self.places:
            return False
        self.places[self.places.index(None)] = task
        return True

    def remove(self, task: Task) -> None:
        self.places[self.places.index(task)] = None

    def backlog(self) -> int:
        """Nominal seconds of work that lie ready."""
        return sum(task.size - task.done for task in self if task.state == READY)

    def most_pressing(self, order: Callable[[float, float], float], but: Task | None = None) -> Task | None:
        """What was asked for, then by ``order`` of arrival and date; the one excepted only if there is no other."""
        ready = [task for task in self if task.state == READY]
        others = [task for task in ready if task is not but]

        def rank(task: Task) -> tuple[bool, float]:
            return not task.chased, order(float(task.arrived), float(task.due or task.arrived))

        return min(others or ready, key=rank, default=None)

    def late(self, now: int) -> list[Task]:
        """Tasks whose date has passed."""
        return [task for task in self if task.is_late(now)]

    def overdue(self, now: int) -> Task | None:
        return next((task for task in self if task.waits and task.deadline <= now), None)

    def waiting_for(self, thread: int) -> Task | None:
        return next((task for task in self if task.waits and task.thread == thread), None)
