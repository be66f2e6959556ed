"""Work has dates and depends on others: what goes first, what lateness costs, what an evening postpones (M15)."""

from sim.core.compiled import rule
from sim.core.elementary import exp
from sim.core.parameters import Parameters
from sim.core.units import HOUR, MINUTE


@rule
def priority(p: Parameters, arrived: float, due: float) -> float:
    """Second by which tasks are ordered, the least first: between that of arrival and that by which it is due."""
    return arrived + p.due_order * (due - arrived)


@rule
def late_share(p: Parameters, days: float) -> float:
    """Share of a piece of work that is lost if it is finished so many days after its date."""
    return p.late_loss * (1.0 - exp(-days / p.late_days)) if days > 0.0 else 0.0


@rule
def recall_seconds(p: Parameters, waited: float) -> float:
    """Time to recall a task after so many seconds of waiting for an answer: little if the wait was short (M15)."""
    return MINUTE * p.recall_minutes * (1.0 - exp(-waited / (HOUR * p.recall_hours)))


@rule
def own_share(p: Parameters) -> float:
    """Share of the work that arrives by itself; the rest is handed on, so that hand-offs leave its amount as it is."""
    term = 1.0
    pieces = 1.0
    for _ in range(int(p.chain_most)):
        term = term * p.hand_on
        pieces = pieces + term
    return 1.0 / pieces


@rule
def deferred(p: Parameters, lapse: float, u: float) -> bool:
    """Whether what was not ordered in the evening is ordered on the next working day; a share ``lapse`` is not."""
    return u < p.defer_share * (1.0 - lapse)


@rule
def lapses(p: Parameters, u: float) -> bool:
    """Whether an order that a rule keeps back is given up."""
    return u >= 1.0 - p.lapse_share
