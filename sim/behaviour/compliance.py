"""Who obeys a rule, who dares to use a right, and what fear and money add."""

import math

from sim.behaviour.scales import clip
from sim.core.compiled import rule


@rule
def obeys(closure: float, compliance: float, rank: float) -> bool:
    """Whether a person keeps to a closed channel (M10).

    Parameters
    ----------
    closure : float
        How far the rule is in force, 0..1; 2 means that the channel does not exist.
    compliance : float
        Readiness of the firm, 0..1.
    rank : float
        The person's own threshold, 0..1.

    Returns
    -------
    bool
        True if the channel is not used.
    """
    return closure >= 2.0 or closure * compliance > rank


@rule
def dares(anonymous: float, rank: float) -> float:
    """How far a person dares to complain (M10).

    Parameters
    ----------
    anonymous : float
        How far complaints need no name, 0..1.
    rank : float
        The person's rank, 0..1: the outspoken have low ranks.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return (0.25 + 0.75 * anonymous) * (1.0 - rank)


@rule
def weight_of_money(yuan: float, scale: float) -> float:
    """How much an amount is felt: less and less for each further yuan.

    Parameters
    ----------
    yuan : float
        Per employee of the firm.
    scale : float
        Amount that is felt at 63 % of what a very large one is.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return 1.0 - math.exp(-yuan / scale)


@rule
def weight_of_sanction(
    by_order: float,
    by_fine: float,
    fine: float,
    scale: float,
    order_first: float,
    left: float,
    by_publicity: float,
    publicity: float,
) -> float:
    """How much a firm minds being found in breach (M10).

    Parameters
    ----------
    by_order : float
        Weight of an upheld breach by itself.
    by_fine : float
        Weight of a very large fine.
    fine : float
        Yuan per employee of the firm.
    scale : float
        See ``weight_of_money``.
    order_first : float
        How far the first upheld breach brings an order and no fine, 0..1.
    left : float
        What is then left of the weight, share.
    by_publicity : float
        Weight of being named in public.
    publicity : float
        How far breaches are made public, 0..1.

    Returns
    -------
    float
        Between 0 and 1.
    """
    minded = by_order + by_fine * weight_of_money(fine, scale)
    return clip(minded * (1.0 - order_first * (1.0 - left)) + by_publicity * publicity, 0.0, 1.0)


@rule
def found_out(inspections: float, complaints: float) -> float:
    """Chance that a firm which breaks a rule is found out within a year, as the firm sees it (M10).

    Parameters
    ----------
    inspections : float
        Inspections a year.
    complaints : float
        Complaints a year that the firm has to reckon with.

    Returns
    -------
    float
        Chance, 0..1.
    """
    return 1.0 - math.exp(-(inspections + complaints))


@rule
def readiness(base: float, by_fear: float, fear: float, lure: float) -> float:
    """A firm's readiness to obey, towards which it moves (M10).

    Parameters
    ----------
    base : float
        Readiness without any enforcement.
    by_fear : float
        How fast it rises with fear.
    fear : float
        Perceived weight of a sanction, 0..1.
    lure : float
        Push by incentive and training, 0 or more.

    Returns
    -------
    float
        Between ``base`` and 1.
    """
    return 1.0 - (1.0 - base) * math.exp(-by_fear * fear - lure)


@rule
def use_of_rights(
    base: float,
    by_union: float,
    union: float,
    by_complaint: float,
    complaint: float,
    daring: float,
    by_fear: float,
    fear: float,
) -> float:
    """How far people use a right not to answer: what protects them brings part of the unused right into use (M10).

    Parameters
    ----------
    base : float
        Use of a right that nothing protects, share.
    by_union : float
        Part of the unused right that a union brings into use.
    union : float
        1 if there is one.
    by_complaint : float
        Part that an open channel of complaint brings into use.
    complaint : float
        Openness of the channel, 0..1.
    daring : float
        How far the person dares to complain, 0..1.
    by_fear : float
        How fast the unused part falls with the firm's fear of a sanction.
    fear : float
        That fear, 0..1.

    Returns
    -------
    float
        Between ``base`` and 1.
    """
    unused = (1.0 - base) * (1.0 - by_union * union) * (1.0 - by_complaint * complaint * daring)
    return 1.0 - unused * math.exp(-by_fear * fear)
