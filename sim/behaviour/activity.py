"""How people differ: one heavy-tailed trait, and how strongly each kind of activity varies with it."""

from sim.core.compiled import rule
from sim.core.elementary import exp
from sim.core.parameters import Parameters


@rule
def by_activity(p: Parameters, trait: float, exponent: float) -> float:
    """Factor by which a person does more or less of something than usual; its mean over people is 1 [E1].

    ``trait`` is activity in standard deviations of its logarithm. ``exponent`` is 0 if all people do equally much.
    """
    sigma = exponent * p.activity_sigma
    return min(exp(sigma * trait) * exp(-0.5 * sigma * sigma), p.activity_most)
