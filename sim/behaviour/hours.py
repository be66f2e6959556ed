"""Windows of the day: whether a minute lies within one."""

from sim.behaviour.scales import clip
from sim.core.compiled import rule


@rule
def within(minute: float, start: float, end: float) -> bool:
    """Whether a minute of the day lies in a window.

    Parameters
    ----------
    minute : float
        Minute of the day.
    start : float
        First minute of the window.
    end : float
        Minute after its last; before ``start`` if it goes past midnight.

    Returns
    -------
    bool
        False everywhere if both ends are the same.
    """
    if start <= end:
        return start <= minute < end
    return minute >= start or minute < end


@rule
def alerts_are_quiet(minute: float, focus_from: float, focus_to: float, core_from: float, core_to: float) -> bool:
    """Whether no alert may interrupt at work: in protected hours, and outside of shared hours where there are some.

    Parameters
    ----------
    minute : float
        Minute of the day.
    focus_from : float
        Start of protected hours.
    focus_to : float
        Their end.
    core_from : float
        Start of shared hours.
    core_to : float
        Their end; the same as their start if there are none.

    Returns
    -------
    bool
        True if alerts are kept quiet.
    """
    return within(minute, focus_from, focus_to) or (core_from != core_to and not within(minute, core_from, core_to))


@rule
def shifted_opening(opening: float, flexible: float, u: float) -> int:
    """Start of the contract hours of somebody who may shift the working day.

    Parameters
    ----------
    opening : float
        Second of the day at which the firm opens.
    flexible : float
        Minutes by which the day may be shifted either way.
    u : float
        The person's own draw, 0..1: where in that span the person starts.

    Returns
    -------
    int
        Second of the day, between 5:00 and 14:00.
    """
    return int(clip(opening + 60.0 * flexible * (2.0 * u - 1.0), 18_000.0, 50_400.0))
