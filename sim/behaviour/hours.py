"""Times of the day: windows, quiet hours, and a person's contract hours."""

from sim.behaviour.scales import clip
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.units import HOUR, MINUTE


@rule
def within(minute: float, start: float, end: float) -> bool:
    """Whether a minute lies in a window of the day, which may pass midnight and is empty if both ends are equal."""
    if start <= end:
        return start <= minute < end
    return minute >= start or minute < end


@rule
def alerts_are_quiet(minute: float, focus_from: float, focus_to: float, core_from: float, core_to: float) -> bool:
    """Whether alerts may not interrupt at work: in focus hours, or outside core hours if there are any (M2)."""
    return within(minute, focus_from, focus_to) or (core_from != core_to and not within(minute, core_from, core_to))


@rule
def shifted_opening(p: Parameters, opening: float, flexible: float, u: float) -> int:
    """Second of the day at which a person's contract hours start, if ``flexible`` minutes of shift are allowed (M9).

    ``opening`` is the firm's, in seconds. The person's own uniform draw ``u`` places the start earlier or later.
    """
    shifted = opening + MINUTE * flexible * (2.0 * u - 1.0)
    return int(clip(shifted, HOUR * p.flexible_earliest, HOUR * p.flexible_latest))


@rule
def length_of_day(p: Parameters, usual: float, part_time: int) -> int:
    """Seconds from start to end of contract hours: the firm's with its break, or a part-time day without one [E12]."""
    return int(HOUR * p.part_time_hours) if part_time == 1 else int(usual)
