"""The end of a firm's day: strain and recovery, norms, leaving, and on Sundays the week.

The order of a night, for a firm: everybody's time is closed; on Sundays the week's pay; strain and sleep; what
everybody answered; norms from the peers' and the manager's values of the day before; who leaves; on Sundays the
firm's obedience.
"""

import numpy as np

from sim import draws
from sim.columns import L, P
from sim.compiled import rule
from sim.engine.messages import firm_rows
from sim.engine.norms import demand_more_or_less, expect
from sim.engine.payroll import cost_of_leaving, settle
from sim.engine.people import draw_person
from sim.engine.reading import clear_desk
from sim.engine.sanctions import enforce
from sim.engine.state import DAY, WEEKDAYS, Reals, World
from sim.engine.wellbeing import is_burnt_out, recover
from sim.parameters import Q
from sim.randomness import child, uniform
from sim.units import YEAR_DAYS


@rule
def perhaps_leave(w: World, p: Reals, i: int, day: int, limit: np.uint64) -> None:
    """Let a person leave for good; somebody new takes the seat the next morning (M13).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    day : int
        Day that ends.
    limit : np.uint64
        Bound of the logged sample.
    """
    rate = p[Q.exit_rate] * (p[Q.exit_burnout] if is_burnt_out(w, p, i) else 1.0)
    if uniform(w.day_key[i], draws.EXIT) < rate / YEAR_DAYS:
        w.ledger[i, L.exits] += 1
        w.ledger[i, L.exit_cost_fen] += cost_of_leaving(w, p, i)
        clear_desk(w, i, (day + 1) * DAY, limit)
        w.seat_key[i] = child(w.seat_key[i], draws.NEXT_PERSON_KEY)
        w.seat[i, P.generation] += 1
        draw_person(w, p, i)
        w.seat[i, P.hired] = day + 1


@rule
def night(w: World, p: Reals, f: int, day: int, limit: np.uint64) -> None:
    """End a firm's day, in the order that the head of this file states.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    f : int
        Row of the firm.
    day : int
        Day that ends.
    limit : np.uint64
        Bound of the logged sample.
    """
    first, last = firm_rows(w, f)
    sunday = day % WEEKDAYS == WEEKDAYS - 1
    if sunday:
        for i in range(first, last):
            settle(w, p, i, day)
    for i in range(first, last):
        recover(w, p, i, day)
    for i in range(first, last):
        expect(w, p, i)
    for i in range(first, last):
        if w.seat[i, P.manages] == 1:
            demand_more_or_less(w, p, i)
    for i in range(first, last):
        perhaps_leave(w, p, i, day, limit)
    if sunday:
        enforce(w, p, f, day)
