"""The only entry to the compiled engine: whole days of whole firms.

Firms do not interact, so each is simulated through all days before the next one starts. Its state then stays in the
processor's cache, and threads can take firms in any order.
"""

import numpy as np

from sim.core.compiled import kernel
from sim.core.units import DAY
from sim.engine.day import minutes_of_day, send_home
from sim.engine.end_of_day import night
from sim.engine.messages import firm_rows
from sim.engine.records import Table
from sim.engine.start_of_day import dawn
from sim.engine.state import Whole, World


@kernel
def simulate(w: World, parameters: Table, firms: Whole, first_day: int, last_day: int, limit: np.uint64) -> int:
    """Simulate firms from the first day to before the last: start of day, its minutes, midnight, end of day.

    The arrays of ``w`` listed in ``SCRATCH`` belong to this call alone. A message is logged if its draw is below
    ``limit``. Returns 0 or the number of an error (``sim.engine.messages``).
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
