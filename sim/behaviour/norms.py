"""What people think that others do, and what is expected of them."""

from sim.behaviour.scales import chance, clip
from sim.core.compiled import rule


@rule
def felt_norm(share: float, tipping: float, steepness: float) -> float:
    """How strongly a behaviour of peers is felt as a norm, rising steeply around a tipping share (M6).

    Parameters
    ----------
    share : float
        Share of the peers' after-hours requests that they act on, 0..1.
    tipping : float
        Share at which half of the norm is felt.
    steepness : float
        Steepness of the rise.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return chance(steepness * (share - tipping))


@rule
def by_culture(culture: float) -> float:
    """How far a firm's culture shifts what its people expect (M6): an assumption.

    Parameters
    ----------
    culture : float
        Pressure of the firm, standard deviations.

    Returns
    -------
    float
        Share of expectation, of which 0..1 is the whole range.
    """
    return 0.08 * culture


@rule
def expected_availability(
    base: float,
    culture: float,
    by_manager: float,
    demand: float,
    by_peers: float,
    norm: float,
    by_contest: float,
    lead: float,
    by_firm: float,
    demanded: float,
) -> float:
    """Expectation towards which a person's perception moves (M6).

    Parameters
    ----------
    base : float
        Expectation that nobody causes.
    culture : float
        Pressure of the firm, shifts the whole, standard deviations.
    by_manager : float
        Weight of the manager.
    demand : float
        What the manager expects, 0..1.
    by_peers : float
        Weight of the peers.
    norm : float
        Felt norm of the peers, 0..1.
    by_contest : float
        Pull of the promotion contest.
    lead : float
        By how much the peers answer more than oneself, 0..1.
    by_firm : float
        Weight of what the firm demands openly.
    demanded : float
        Availability that the firm demands on top of its culture, 0..1.

    Returns
    -------
    float
        Between 0 and 1.
    """
    felt = base + by_culture(culture) + by_manager * demand + by_peers * norm + by_contest * lead + by_firm * demanded
    return clip(felt, 0.0, 1.0)


@rule
def demanded_availability(
    base: float,
    by_belief: float,
    belief: float,
    by_response: float,
    response: float,
    by_rule: float,
    strict: float,
    obeyed: float,
    by_training: float,
    trained: float,
) -> float:
    """What a manager comes to expect of the team outside hours (M6, M10).

    Parameters
    ----------
    base : float
        Demand of a manager without that belief, if nobody answered.
    by_belief : float
        Added by the belief that silence at the weekend is irresponsible.
    belief : float
        1 for a manager who holds it.
    by_response : float
        Weight of what the manager gets.
    response : float
        Share of the team's after-hours requests acted on, 0..1.
    by_rule : float
        Share that a fully enforced rule takes away.
    strict : float
        The strictest rule in force against contact, 0..1.
    obeyed : float
        How far the firm's readiness has risen above that without enforcement, 0..1.
    by_training : float
        Share that a full training takes away.
    trained : float
        What is left of the training, 0..1.

    Returns
    -------
    float
        Between 0 and 1.
    """
    wanted = base + by_belief * belief + by_response * response
    return clip(wanted * (1.0 - by_rule * strict * obeyed) * (1.0 - by_training * trained), 0.0, 1.0)
