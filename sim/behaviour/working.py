"""Speed, faults, staying on, taking work home, and what an hour is paid."""

import math

from sim.behaviour.scales import clip
from sim.core.columns import CLERICAL, MANAGER, SALES_SERVICE
from sim.core.compiled import rule


@rule
def working_speed(
    exhaustion: float, fatigue: float, by_exhaustion: float, by_fatigue: float, experience: float
) -> float:
    """Nominal work done per time spent (M8, M13).

    Parameters
    ----------
    exhaustion : float
        Standard deviations.
    fatigue : float
        Standard deviations.
    by_exhaustion : float
        Slowing per standard deviation of exhaustion.
    by_fatigue : float
        Slowing per standard deviation of fatigue.
    experience : float
        Speed of a rested person of this tenure, 0..1.

    Returns
    -------
    float
        At least 0.3; 1 for an average rested and experienced person.
    """
    return clip(experience * (1.0 - by_exhaustion * exhaustion - by_fatigue * fatigue), 0.3, 1.3)


@rule
def experience(tenure_days: float, newcomer: float, days: float) -> float:
    """Usefulness by tenure (M13).

    Parameters
    ----------
    tenure_days : float
        Days since hire.
    newcomer : float
        Speed on the first day, share of a full one.
    days : float
        Time constant of learning.

    Returns
    -------
    float
        Between ``newcomer`` and 1.
    """
    return 1.0 - (1.0 - newcomer) * math.exp(-max(tenure_days, 0.0) / days)


@rule
def fault_chance(base: float, by_exhaustion: float, exhaustion: float) -> float:
    """Chance that a finished task is faulty, before decisions by default (M8).

    Parameters
    ----------
    base : float
        Chance for an average person.
    by_exhaustion : float
        Added per standard deviation of exhaustion.
    exhaustion : float
        Standard deviations.

    Returns
    -------
    float
        Chance, 0..1.
    """
    return clip(base + by_exhaustion * max(exhaustion, 0.0), 0.0, 1.0)


@rule
def stay_minutes(backlog: float, share: float, by_culture: float, felt: float, longest: float) -> float:
    """How long a person stays at the office after hours (M9).

    Parameters
    ----------
    backlog : float
        Minutes of work that lie ready.
    share : float
        Share of it worked off today.
    by_culture : float
        Minutes added at full expectation.
    felt : float
        Pressure, 0..1.
    longest : float
        Upper bound.

    Returns
    -------
    float
        Minutes, 0 to the upper bound.
    """
    return clip(share * backlog + by_culture * felt, 0.0, longest)


@rule
def home_minutes(backlog: float, share: float, segmentation: float, longest: float) -> float:
    """How long a person works at home on what is left (M9).

    Parameters
    ----------
    backlog : float
        Minutes of work that lie ready.
    share : float
        Share of it taken home by somebody without a wish to keep apart.
    segmentation : float
        Wish to keep work and home apart, 0..1.
    longest : float
        Upper bound.

    Returns
    -------
    float
        Minutes, 0 to the upper bound.
    """
    return clip(share * backlog * (1.0 - 0.5 * segmentation), 0.0, longest)


@rule
def hourly_wage(role: int, manager: float, professional: float, service: float, clerical: float) -> float:
    """Pay of a contract hour, by role.

    Parameters
    ----------
    role : int
        Number of the role.
    manager : float
        Yuan per hour, for managers.
    professional : float
        Yuan per hour, for engineers, knowledge workers and teachers.
    service : float
        Yuan per hour, for sales and service.
    clerical : float
        Yuan per hour, for clerical staff.

    Returns
    -------
    float
        Yuan per hour.
    """
    if role == MANAGER:
        return manager
    if role == SALES_SERVICE:
        return service
    return clerical if role == CLERICAL else professional


@rule
def paid_share(without: float, by_rule: float) -> float:
    """Share of some overtime that is paid: a rule adds to what is paid anyway.

    Parameters
    ----------
    without : float
        Share paid without the rule, 0..1.
    by_rule : float
        Share of the rest that the rule makes firms pay, 0..1.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return without + (1.0 - without) * by_rule
