"""How people differ: one heavy-tailed trait, and how far each thing that people do goes with it."""

from sim.core.compiled import rule
from sim.core.elementary import exp
from sim.core.parameters import Parameters


@rule
def by_activity(p: Parameters, trait: float, exponent: float) -> float:
    """Multiple of the usual that a person does of something, with mean 1 over people.

    ``trait`` is activity in standard deviations of its logarithm; ``exponent`` says how far the thing goes with it.
    """
    sigma = exponent * p.activity_sigma
    return min(exp(sigma * trait) * exp(-0.5 * sigma * sigma), p.activity_most)
