"""Windows of the day: whether a minute lies within one, and when a person's day starts."""

from sim.behaviour.scales import clip
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.units import HOUR, MINUTE


@rule
def within(minute: float, start: float, end: float) -> bool:
    """Whether a minute of the day lies in a window, which may go past midnight; never if both ends are the same."""
    if start <= end:
        return start <= minute < end
    return minute >= start or minute < end


@rule
def alerts_are_quiet(minute: float, focus_from: float, focus_to: float, core_from: float, core_to: float) -> bool:
    """Whether no alert may interrupt at work: in protected hours, and outside of shared hours where there are some."""
    return within(minute, focus_from, focus_to) or (core_from != core_to and not within(minute, core_from, core_to))


@rule
def shifted_opening(p: Parameters, opening: float, flexible: float, u: float) -> int:
    """Second of the day at which contract hours start for somebody who may shift them by ``flexible`` minutes.

    ``opening`` is the firm's, in seconds; ``u`` is the person's own draw, which decides where in that span.
    """
    shifted = opening + MINUTE * flexible * (2.0 * u - 1.0)
    return int(clip(shifted, HOUR * p.flexible_earliest, HOUR * p.flexible_latest))


@rule
def length_of_day(p: Parameters, usual: float, part_time: int) -> int:
    """Seconds from start to end of contract hours: the firm's, break included, or a part-time day without one."""
    return int(HOUR * p.part_time_hours) if part_time == 1 else int(usual)
