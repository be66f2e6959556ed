"""The engine's one door: whole days of whole firms, compiled.

Firms do not meet, so each is carried through all the days asked for before the next one starts: its state stays in
the processor's cache, and threads can take firms in any order.
"""

import numpy as np

from sim.columns import OFF, P
from sim.compiled import kernel
from sim.engine.day import minutes_of_day, send_home
from sim.engine.messages import firm_rows
from sim.engine.mornings import dawn
from sim.engine.nights import night
from sim.engine.state import C_ERROR, C_LOG, C_NOTE, C_OUTBOX, DAY, Reals, Whole, World


@kernel
def simulate(w: World, p: Reals, firms: Whole, first_day: int, last_day: int, limit: np.uint64) -> int:
    """Carry firms through days: dawn, the minutes of the day, midnight, night.

    Parameters
    ----------
    w : World
        All arrays; outbox, notes, log and counts belong to this call alone.
    p : Reals
        Parameters.
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
    w.counts[C_LOG] = 0
    for n in range(len(firms)):
        w.counts[C_OUTBOX] = 0
        w.counts[C_NOTE] = 0
        w.counts[C_ERROR] = 0
        first, last = firm_rows(w, firms[n])
        for day in range(first_day, last_day):
            dawn(w, p, firms[n], day)
            minutes_of_day(w, p, firms[n], day, limit)
            if w.counts[C_ERROR] != 0:
                return int(w.counts[C_ERROR])
            for i in range(first, last):
                send_home(w, p, i, (day + 1) * DAY)
            night(w, p, firms[n], day, limit)
    return 0


def nobody_works(w: World) -> bool:
    """Tell whether all people are free, as they are between two days.

    Parameters
    ----------
    w : World
        All arrays.

    Returns
    -------
    bool
        True between days.
    """
    return bool((w.seat[:, P.place] == OFF).all())
