"""The end of a firm's day: strain and recovery, norms, leaving, and on Sundays the week.

The order for a firm: close everybody's time; move due dates of people who were away; on Sundays, the week's pay and
desks; strain and sleep, and answers given; expectations, from the manager's demand of the day before; demands; who
leaves; on Sundays, the firm's obedience.
"""

from sim.behaviour.working import exit_rate
from sim.core import draws
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import child, uniform
from sim.core.units import DAY, WEEK, YEAR_DAYS
from sim.engine.dates import wait_for
from sim.engine.messages import firm_rows
from sim.engine.norms import demand_more_or_less, expect
from sim.engine.payroll import cost_of_leaving, settle
from sim.engine.people import draw_follower, rest_before
from sim.engine.reading import clear_desk
from sim.engine.sanctions import enforce
from sim.engine.state import Person, World
from sim.engine.tasks import weigh_desk
from sim.engine.timing import is_in_today
from sim.engine.wellbeing import begin_week, is_burnt_out, recover


@rule
def perhaps_leave(w: World, p: Parameters, person: Person, day: int) -> None:
    """Let a person leave for good; a new person takes the seat the next morning (M13)."""
    if uniform(person.day_key, draws.EXIT) < exit_rate(p, is_burnt_out(p, person)) / YEAR_DAYS:
        person.ledger.exits += 1
        person.ledger.exit_cost_fen += cost_of_leaving(w, p, person)
        clear_desk(w, person, (day + 1) * DAY)
        person.key = child(person.key, draws.NEXT_PERSON_KEY)
        person.generation += 1
        draw_follower(w, p, person)
        rest_before(person, (day + 1) * DAY)
        person.hired = day + 1
        begin_week(person)


@rule
def night(w: World, p: Parameters, f: int, day: int) -> None:
    """End a firm's day, in the order given at the top of this file."""
    first, last = firm_rows(w, f)
    sunday = day % WEEK == WEEK - 1
    for i in range(first, last):
        if w.workday[day] == 1 and not is_in_today(w.person[i]):
            wait_for(w, w.person[i])
    if sunday:
        for i in range(first, last):
            settle(w, p, w.person[i], day)
            weigh_desk(w.person[i])
    for i in range(first, last):
        recover(w, p, w.person[i], day)
    for i in range(first, last):
        expect(w, p, w.person[i])
    for i in range(first, last):
        if w.person[i].manages == 1:
            demand_more_or_less(w, p, w.person[i])
    for i in range(first, last):
        perhaps_leave(w, p, w.person[i], day)
    if sunday:
        enforce(w, p, f, day)
