"""By which channel a message goes under the rules in force, and from when on it can be found (M10).

The order: is the channel closed, and does the writer keep to it; if so the way round, or the morning; then the
prohibition of contact, the emergency line, reminders and held delivery; then the fixed hours of mail. Who keeps to a
closed channel takes none that is closed: where nothing is open the message is not sent, and counted.
"""

import numpy as np

from sim import draws
from sim.behaviour.answering import channel_by_morning
from sim.behaviour.obeying import obeys
from sim.columns import CALL, GROUP, IM, MAIL, SHADOW, TOOL, F, L, P, R, S
from sim.compiled import rule
from sim.engine.state import Reals, World
from sim.engine.timing import mail_round, next_opening, quiet, quiet_end
from sim.parameters import Q
from sim.randomness import uniform


@rule
def usual_channel(p: Reals, message: np.uint64, group: int, urgent: int) -> int:
    """Channel by which a message would go if everything were open.

    Parameters
    ----------
    p : Reals
        Parameters.
    message : np.uint64
        Its identity.
    group : int
        1 for a group chat.
    urgent : int
        1 if urgent.

    Returns
    -------
    int
        IM, GROUP, MAIL or CALL.
    """
    if group == 1:
        return GROUP
    u = uniform(message, draws.BY_CHANNEL)
    if urgent == 1 and u < p[Q.call_share]:
        return CALL
    return MAIL if u > 1.0 - p[Q.mail_share] else IM


@rule
def breach(w: World, i: int) -> None:
    """Book that somebody broke a rule.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    """
    w.ledger[i, L.breaches] += 1
    w.firm[w.seat[i, P.firm], F.breaches] += 1.0


@rule
def closure_of(w: World, i: int, channel: int, still: bool) -> float:
    """Find how far a channel is closed for a person now.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the writer.
    channel : int
        Channel.
    still : bool
        In the quiet window.

    Returns
    -------
    float
        0 if it is open, 1 if it is closed, 2 if it does not exist.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    closed = r[R.closed_im + channel]
    return max(closed, r[R.off_im + channel]) if still else closed


@rule
def keeps_to(w: World, i: int, channel: int, closure: float) -> bool:
    """Tell whether a person does not use a closed channel: because the system has closed it, or out of obedience.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the writer.
    channel : int
        Channel; private ones no system can close.
    closure : float
        How far it is closed, above 0.

    Returns
    -------
    bool
        True if the channel is not used.
    """
    f = w.seat[i, P.firm]
    by_system = w.rule[w.firm_rule[f], w.seat[i, P.role], R.technical]
    if channel != SHADOW and uniform(w.seat_key[i], draws.BY_SYSTEM) < by_system:
        return True
    return obeys(closure, w.firm[f, F.compliance], w.real[i, S.voice])


@rule
def line_is_free(w: World, i: int) -> bool:
    """Tell whether a person may use the emergency line.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the writer.

    Returns
    -------
    bool
        True while the week's quota lasts; never where there are no calls.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    there = r[R.emergency] > 0.0 and r[R.closed_call] < 2.0
    return there and w.seat[i, P.emergency] < int(r[R.emergency_quota])


@rule
def call_in_emergency(w: World, i: int) -> int:
    """Book a call by the emergency line.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the writer.

    Returns
    -------
    int
        CALL.
    """
    w.seat[i, P.emergency] += 1
    w.ledger[i, L.emergency_calls] += 1
    return CALL


@rule
def evades(w: World, p: Reals, i: int, urgent: int, message: np.uint64, closure: float, still: bool) -> bool:
    """Decide whether a message that meets a closed channel goes by a private one, and book it.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the writer.
    urgent : int
        1 if urgent.
    message : np.uint64
        Its identity.
    closure : float
        Closure of the usual channel; nobody evades one that does not exist.
    still : bool
        In the quiet window.

    Returns
    -------
    bool
        True if it goes by the shadow channel; where that is closed as well, this is a breach.
    """
    wish = p[Q.evade_urgent] if urgent == 1 else p[Q.evade]
    if closure >= 2.0 or uniform(message, draws.EVADES) >= wish:
        return False
    shut = closure_of(w, i, SHADOW, still)
    if shut > 0.0:
        if keeps_to(w, i, SHADOW, shut):
            return False
        breach(w, i)
    w.ledger[i, L.evasions] += 1
    return True


@rule
def detour(
    w: World,
    p: Reals,
    i: int,
    off: bool,
    still: bool,
    urgent: int,
    group: int,
    message: np.uint64,
    closure: float,
) -> int:
    """Channel taken at once by somebody who keeps to a closed one (M10).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the writer.
    off : bool
        Outside contract hours.
    still : bool
        In the quiet window.
    urgent : int
        1 if urgent.
    group : int
        1 for a group chat.
    message : np.uint64
        Its identity.
    closure : float
        Closure of the usual channel; 2 if it does not exist.

    Returns
    -------
    int
        CALL by the emergency line, SHADOW in evasion, TOOL or MAIL as substitutes, in contract hours at last CALL; -1
        if it waits.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    if urgent == 1 and group == 0 and line_is_free(w, i):
        return call_in_emergency(w, i)
    if evades(w, p, i, urgent, message, closure, still):
        return SHADOW
    if (off or still) and uniform(message, draws.SWITCHES) >= p[Q.switch_open]:
        return -1
    by_tool = uniform(message, draws.SUBSTITUTE) < max(r[R.tool], r[R.messenger])
    if by_tool and closure_of(w, i, TOOL, still) == 0.0 and not (off and r[R.messenger] > 0.0):
        return TOOL
    if closure_of(w, i, MAIL, still) == 0.0:
        return MAIL
    if group == 0 and not off and not still and closure_of(w, i, CALL, still) == 0.0:
        return CALL
    return -1


@rule
def by_morning(w: World, i: int, usual: int, group: int) -> int:
    """Channel of a message that waits, chosen among those that are open in contract hours.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the writer.
    usual : int
        Channel by which it would have gone.
    group : int
        1 for a group chat.

    Returns
    -------
    int
        The channel, or -1 if none is open.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    return channel_by_morning(
        usual,
        group,
        r[R.closed_im + usual] == 0.0,
        r[R.closed_im] == 0.0,
        r[R.closed_tool] == 0.0 and max(r[R.tool], r[R.messenger]) > 0.0,
        r[R.closed_mail] == 0.0,
        r[R.closed_call] == 0.0,
    )


@rule
def postpone(w: World, i: int, second: int, still: bool) -> int:
    """Book that a message waits until the quiet window is over, or for the next opening.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the writer.
    second : int
        When it was written.
    still : bool
        In the quiet window.

    Returns
    -------
    int
        Second from which it can be found.
    """
    w.ledger[i, L.postponed] += 1
    return quiet_end(w, i, second) if still else next_opening(w, i, second)


@rule
def past_closures(
    w: World,
    p: Reals,
    i: int,
    channel: int,
    off: bool,
    still: bool,
    urgent: int,
    group: int,
    second: int,
    message: np.uint64,
) -> tuple[int, int]:
    """Take a message past closed channels: break the rule, or take the way round, or wait.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the writer.
    channel : int
        Usual channel.
    off : bool
        Outside contract hours.
    still : bool
        In the quiet window.
    urgent : int
        1 if urgent.
    group : int
        1 for a group chat.
    second : int
        When it is written.
    message : np.uint64
        Its identity.

    Returns
    -------
    tuple[int, int]
        Channel taken, -1 if there is none, and second from which the message can be found.
    """
    closure = closure_of(w, i, channel, still)
    if closure <= 0.0:
        return channel, second
    if not keeps_to(w, i, channel, closure):
        breach(w, i)
        return channel, second
    taken = detour(w, p, i, off, still, urgent, group, message, closure)
    due = second
    if taken < 0:
        taken = by_morning(w, i, channel, group)
        if taken >= 0:
            due = postpone(w, i, second, still)
    if taken == TOOL:
        w.ledger[i, L.substituted] += 1
    return taken, due


@rule
def past_quiet_hours(
    w: World,
    i: int,
    channel: int,
    off: bool,
    still: bool,
    urgent: int,
    group: int,
    second: int,
    message: np.uint64,
) -> tuple[int, int]:
    """Take a message past a prohibition of contact, reminders, held delivery and a messenger that keeps hours.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the writer.
    channel : int
        Channel so far.
    off : bool
        Outside contract hours.
    still : bool
        In the quiet window.
    urgent : int
        1 if urgent.
    group : int
        1 for a group chat.
    second : int
        When it is written.
    message : np.uint64
        Its identity.

    Returns
    -------
    tuple[int, int]
        Channel taken, and second from which the message can be found.
    """
    f = w.seat[i, P.firm]
    r = w.rule[w.firm_rule[f], w.seat[i, P.role]]
    banned = r[R.contact_ban] if off else 0.0
    held = still and uniform(message, draws.HELD) < r[R.hold]
    kept = off and channel == TOOL and r[R.messenger] > 0.0
    if channel != CALL and urgent == 1 and group == 0 and (banned > 0.0 or held or kept) and line_is_free(w, i):
        return call_in_emergency(w, i), second
    waits = urgent == 0 and obeys(banned, w.firm[f, F.compliance], w.real[i, S.voice])
    if banned > 0.0 and not waits and channel != CALL:
        breach(w, i)
    if waits:
        return channel, postpone(w, i, second, False)
    if still and urgent == 0 and uniform(message, draws.NUDGED) < r[R.nudge]:
        return channel, postpone(w, i, second, True)
    if channel != CALL and held:
        return channel, quiet_end(w, i, second)
    return channel, next_opening(w, i, second) if kept else second


@rule
def obey(
    w: World, p: Reals, i: int, channel: int, off: bool, urgent: int, group: int, second: int, message: np.uint64
) -> tuple[int, int]:
    """Take a message past the rules in force (M10), in the order that the head of this file states.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the writer.
    channel : int
        Usual channel.
    off : bool
        Outside contract hours.
    urgent : int
        1 if urgent.
    group : int
        1 for a group chat.
    second : int
        When it is written.
    message : np.uint64
        Its identity.

    Returns
    -------
    tuple[int, int]
        Channel taken, -1 if none is open, and second from which the message can be found.
    """
    r = w.rule[w.firm_rule[w.seat[i, P.firm]], w.seat[i, P.role]]
    still = quiet(w, i, second)
    channel, due = past_closures(w, p, i, channel, off, still, urgent, group, second, message)
    if channel < 0:
        return -1, second
    if (off or still) and channel != SHADOW and due == second:
        channel, due = past_quiet_hours(w, i, channel, off, still, urgent, group, second, message)
    if channel == MAIL and urgent == 0 and due == second and uniform(message, draws.SCHEDULED) < r[R.scheduled]:
        due = mail_round(w, i, second)
        w.ledger[i, L.substituted] += 1
    return channel, due
