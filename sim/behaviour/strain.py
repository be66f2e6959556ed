"""Sleep, detachment, fatigue, exhaustion: where they are drawn, day by day."""

from sim.behaviour.scales import clip
from sim.core.compiled import rule


@rule
def sleep_minutes(base: float, slope: float, rest: float, late_loss: float, late: float) -> float:
    """Sleep in the night (M7).

    Parameters
    ----------
    base : float
        Minutes at a rest of 13 hours.
    slope : float
        Minutes gained per minute of rest.
    rest : float
        Minutes between the end of work and its next start.
    late_loss : float
        Minutes lost by messages before bed.
    late : float
        1 if messages were looked at in the last hour.

    Returns
    -------
    float
        Minutes, between 180 and 600.
    """
    return clip(base + slope * (clip(rest, 360.0, 960.0) - 780.0) - late_loss * late, 180.0, 600.0)


@rule
def detachment_target(
    felt: float, obligated: float, chosen: float, by_expectation: float, by_obligated: float, by_chosen: float
) -> float:
    """Detachment from work towards which a person moves (M5).

    Parameters
    ----------
    felt : float
        Pressure to be available, 0..1, also on an evening without messages.
    obligated : float
        Hours worked today by obligation outside hours.
    chosen : float
        Hours worked today by choice outside hours.
    by_expectation : float
        Loss by full pressure.
    by_obligated : float
        Loss per hour.
    by_chosen : float
        Loss per hour.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return clip(1.0 - by_expectation * felt - by_obligated * obligated - by_chosen * chosen, 0.0, 1.0)


@rule
def fatigue_target(
    hours: float,
    interruptions: float,
    sleep: float,
    detachment: float,
    by_hours: float,
    by_interruption: float,
    by_sleep: float,
    by_detachment: float,
) -> float:
    """Fatigue towards which a person moves (M7).

    Parameters
    ----------
    hours : float
        Hours worked today.
    interruptions : float
        Interruptions today.
    sleep : float
        Minutes slept.
    detachment : float
        0..1.
    by_hours : float
        Per hour beyond six and a half, the mean of a week of 45 hours with its free days.
    by_interruption : float
        Per interruption.
    by_sleep : float
        Per hour short of seven.
    by_detachment : float
        By its full lack.

    Returns
    -------
    float
        Standard deviations; 0 for an average day of work with enough sleep.
    """
    return (
        by_hours * (hours - 6.5)
        + by_interruption * (interruptions - 20.0)
        + by_sleep * (420.0 - sleep) / 60.0
        + by_detachment * (0.7 - detachment)
    )


@rule
def exhaustion_target(
    fatigue: float, detachment: float, emotional: float, by_fatigue: float, by_detachment: float, by_emotion: float
) -> float:
    """Exhaustion towards which a person moves, besides the trait (M7).

    Parameters
    ----------
    fatigue : float
        Standard deviations.
    detachment : float
        0..1.
    emotional : float
        1 for emotional labour (sales and service).
    by_fatigue : float
        Per standard deviation.
    by_detachment : float
        By its full lack.
    by_emotion : float
        For emotional labour.

    Returns
    -------
    float
        Standard deviations.
    """
    return by_fatigue * fatigue + by_detachment * (1.0 - detachment) + by_emotion * emotional


@rule
def burnout(exhaustion: float, cynicism: float) -> float:
    """Burnout score: the mean of exhaustion and cynicism (M7).

    Parameters
    ----------
    exhaustion : float
        Standard deviations.
    cynicism : float
        Standard deviations.

    Returns
    -------
    float
        Standard deviations.
    """
    return 0.5 * (exhaustion + cynicism)


@rule
def felt_monitoring(monitoring: float, notice: float, relief: float) -> float:
    """Monitoring as it is felt (M12).

    Parameters
    ----------
    monitoring : float
        Strength, 0..1.
    notice : float
        Share that is announced and explained, 0..1.
    relief : float
        How much full notice takes away, 0..1.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return monitoring * (1.0 - relief * notice)
