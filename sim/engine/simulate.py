"""The engine's one door: whole days of whole firms, compiled.

Firms do not meet, so each is carried through all the days asked for before the next one starts: its state stays in
the processor's cache, and threads can take firms in any order.
"""

import numpy as np

from sim.core.columns import OFF
from sim.core.compiled import kernel
from sim.engine.day import minutes_of_day, send_home
from sim.engine.end_of_day import night
from sim.engine.messages import firm_rows
from sim.engine.records import Table
from sim.engine.start_of_day import dawn
from sim.engine.state import DAY, Whole, World


@kernel
def simulate(w: World, parameters: Table, firms: Whole, first_day: int, last_day: int, limit: np.uint64) -> int:
    """Carry firms through days: dawn, the minutes of the day, midnight, night.

    Parameters
    ----------
    w : World
        All arrays; outbox, notes, log and tally belong to this call alone.
    parameters : Table
        Parameters by name, one row.
    firms : Whole
        Rows of the firms.
    first_day : int
        First day.
    last_day : int
        Day after the last.
    limit : np.uint64
        A message is logged if its draw lies below.

    Returns
    -------
    int
        0, or the number of an error: 1 too many notes, 2 outbox full, 3 a turn that does not end.
    """
    p = parameters[0]
    tally = w.tally[0]
    tally.limit = limit
    tally.log = 0
    for n in range(len(firms)):
        tally.outbox = 0
        tally.notes = 0
        tally.error = 0
        first, last = firm_rows(w, firms[n])
        for day in range(first_day, last_day):
            dawn(w, p, firms[n], day)
            minutes_of_day(w, p, firms[n], day)
            if tally.error != 0:
                return int(tally.error)
            for i in range(first, last):
                send_home(w, p, w.person[i], (day + 1) * DAY)
            night(w, p, firms[n], day)
    return 0


def nobody_works(w: World) -> bool:
    """Say whether all people are free, as they are between two days.

    Parameters
    ----------
    w : World
        All arrays.

    Returns
    -------
    bool
        True between days.
    """
    return bool((w.person.place == OFF).all())
