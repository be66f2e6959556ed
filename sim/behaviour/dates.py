"""Due dates and hand-offs: order of tasks, loss by lateness, recall, and orders postponed from the evening (M15)."""

from sim.core.compiled import rule
from sim.core.elementary import exp
from sim.core.parameters import Parameters
from sim.core.units import HOUR, MINUTE


@rule
def priority(p: Parameters, arrived: float, due: float) -> float:
    """Second by which tasks are ordered, the smallest first: a weighted mean of arrival and due date. Assumption."""
    return arrived + p.due_order * (due - arrived)


@rule
def late_share(p: Parameters, days: float) -> float:
    """Share of a piece of work that is lost if it is finished ``days`` after its due date. Assumption."""
    return p.late_loss * (1.0 - exp(-days / p.late_days)) if days > 0.0 else 0.0


@rule
def recall_seconds(p: Parameters, waited: float) -> float:
    """Seconds needed to recall a task after ``waited`` seconds for an answer: few after a short wait (M15) [E2]."""
    return MINUTE * p.recall_minutes * (1.0 - exp(-waited / (HOUR * p.recall_hours)))


@rule
def own_share(p: Parameters) -> float:
    """Share of the usual tasks that arrive on their own; hand-offs add the rest. Assumption."""
    term = 1.0
    pieces = 1.0
    for _ in range(int(p.chain_most)):
        term = term * p.hand_on
        pieces = pieces + term
    return 1.0 / pieces


@rule
def deferred(p: Parameters, lapse: float, u: float) -> bool:
    """Whether an order not given in the evening is given the next working day; a share ``lapse`` is not (M15) [E14]."""
    return u < p.defer_share * (1.0 - lapse)


@rule
def lapses(p: Parameters, u: float) -> bool:
    """Whether an order that a rule delays is given up, from a uniform draw ``u`` (M15) [E14]."""
    return u >= 1.0 - p.lapse_share
