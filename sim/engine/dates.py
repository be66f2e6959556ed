"""Due dates: when contract hours close, when new work is due, and how dates move for people who are away (M15)."""

from sim.core.columns import FREE
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.units import DAY, HOUR
from sim.engine.state import INBOX, Person, World
from sim.engine.timing import next_opening


@rule
def closing(w: World, person: Person, day: int) -> int:
    """Return the second at which a firm's contract hours close on a day."""
    return day * DAY + int(w.firm[person.firm].opening) + int(w.firm[person.firm].day_seconds)


@rule
def next_closing(w: World, p: Parameters, person: Person) -> int:
    """Return the second at which contract hours close on the person's next working day."""
    return closing(w, person, next_opening(w, p, person, person.clock) // DAY)


@rule
def days_on(w: World, day: int, days: int) -> int:
    """Return the day that is so many working days after a day, or the last day of the calendar if that is earlier."""
    left, last = days, len(w.workday) - 1
    while left > 0 and day < last:
        day += 1
        left -= w.workday[day]
    return day


@rule
def due_date(w: World, p: Parameters, person: Person, second: int, days: int) -> int:
    """Return the second by which new work is due: so many working days after the first close that is far enough off.

    Returns 0 if work has no dates.
    """
    if p.due_days <= 0.0:
        return 0
    day, last = second // DAY, len(w.workday) - 1
    earliest = second + int(HOUR * p.urgent_hours)
    while day < last and (w.workday[day] == 0 or closing(w, person, day) < earliest):
        day += 1
    return closing(w, person, days_on(w, day, days))


@rule
def moved_on(w: World, due: int) -> int:
    """Move a due date by one working day, if there is a date."""
    day = due // DAY
    return due + DAY * (days_on(w, day, 1) - day) if due > 0 else 0


@rule
def wait_for(w: World, person: Person) -> None:
    """Move all due dates by one working day of absence: of tasks, and of unread or kept orders."""
    for task in person.tasks:
        if task.state != FREE:
            task.due = moved_on(w, int(task.due))
    for number in range(person.head, person.tail):
        message = person.inbox[number % INBOX]
        message.wanted = moved_on(w, int(message.wanted))
    for k in range(person.kept):
        person.orders[k].wanted = moved_on(w, int(person.orders[k].wanted))
