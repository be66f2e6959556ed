"""Dates of work: when contract hours close, and by when what comes now is due (M15)."""

from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.units import DAY, HOUR
from sim.engine.state import Person, World
from sim.engine.timing import next_opening


@rule
def closing(w: World, p: Parameters, person: Person, day: int) -> int:
    """Find when a firm's contract hours close on a day."""
    return day * DAY + int(w.firm[person.firm].opening) + int(w.firm[person.firm].day_seconds)


@rule
def next_closing(w: World, p: Parameters, person: Person) -> int:
    """Find when contract hours close on the next day on which the person works."""
    return closing(w, p, person, next_opening(w, p, person, person.clock) // DAY)


@rule
def due_date(w: World, p: Parameters, person: Person, second: int, days: int) -> int:
    """Find by when something that comes now is due: so many working days after the first close that is far enough off.

    The calendar ends with a day that counts as any. Gives 0 where nothing has a date.
    """
    if p.due_days <= 0.0:
        return 0
    day, last = second // DAY, len(w.workday) - 1
    earliest = second + int(HOUR * p.urgent_hours)
    while day < last and (w.workday[day] == 0 or closing(w, p, person, day) < earliest):
        day += 1
    left = days
    while left > 0 and day < last:
        day += 1
        left -= w.workday[day]
    return closing(w, p, person, day)
