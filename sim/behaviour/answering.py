"""What a message does to somebody, whether it is answered, and whether one is written."""

import math

from sim.behaviour.scales import clip
from sim.core.columns import CALL, IM, MAIL, TOOL
from sim.core.compiled import rule


@rule
def alert_interrupts(react: float, intrusiveness: float, heard: float) -> float:
    """Chance that an alert takes a person away from a task at work (M2).

    Parameters
    ----------
    react : float
        Chance for an alert of full intrusiveness.
    intrusiveness : float
        Of the channel, 0..1.
    heard : float
        Share of alerts that no rule keeps back, 0..1.

    Returns
    -------
    float
        Chance, 0..1.
    """
    return react * intrusiveness * heard


@rule
def group_intrusiveness(direct: float, im: float, group: float) -> float:
    """Intrusiveness of a group message by a channel that carries direct messages too (M2): never above a direct one.

    Parameters
    ----------
    direct : float
        Of a direct message by this channel, 0..1.
    im : float
        Of a direct instant message, 0..1.
    group : float
        Of a message in a group chat, 0..1.

    Returns
    -------
    float
        As far below ``direct`` as a group chat lies below instant messages, 0..1.
    """
    return direct * (group / im) if group < im else direct


@rule
def answer_chance(base: float, load: float, capacity: float, power: float, spared: float, sharing: float) -> float:
    """Chance that a message which wants an answer gets one (M3): what matters least is dropped first.

    Parameters
    ----------
    base : float
        Chance at low load, by the kind of message.
    load : float
        Messages received on a usual working day.
    capacity : float
        Load at which the chance has halved.
    power : float
        Steepness of the fall.
    spared : float
        How far this kind of message is spared from the fall, 0..1.
    sharing : float
        Readiness to share, 0..1 (M12).

    Returns
    -------
    float
        Chance, 0..1.
    """
    strain = math.log(1.0 + math.exp(power * math.log((load + 1.0) / capacity)))
    return base * sharing * math.exp(-(1.0 - spared) * strain)


@rule
def skim(load: float, capacity: float, floor: float) -> float:
    """Share of the usual reading time that a group message gets under load (M3).

    Parameters
    ----------
    load : float
        Messages received today.
    capacity : float
        Load that halves the reading time.
    floor : float
        Share that is left at least.

    Returns
    -------
    float
        Between the floor and 1.
    """
    return clip(1.0 - 0.5 * load / capacity, floor, 1.0)


@rule
def pressure(expectation: float, disconnect: float) -> float:
    """Felt pressure to be available outside hours.

    Parameters
    ----------
    expectation : float
        Perceived expectation, 0..1.
    disconnect : float
        Share of the feared penalty for silence taken away by a right that is used, 0..1 (``use_of_rights``).

    Returns
    -------
    float
        Between 0 and 1.
    """
    return expectation * (1.0 - disconnect)


@rule
def act_log_odds(
    base: float,
    by_expectation: float,
    by_segmentation: float,
    by_refusal: float,
    felt: float,
    segmentation: float,
    refuses: float,
) -> float:
    """Log-odds of acting on a plain message outside hours (M4).

    Parameters
    ----------
    base : float
        Log-odds of somebody of whom nothing is expected.
    by_expectation : float
        Log-odds added by full pressure.
    by_segmentation : float
        Log-odds taken away by the full wish to keep work and home apart.
    by_refusal : float
        Log-odds added, below 0, by refusal on principle.
    felt : float
        Pressure, 0..1.
    segmentation : float
        That wish, 0..1.
    refuses : float
        1 for somebody who refuses.

    Returns
    -------
    float
        Log-odds.
    """
    return base + by_expectation * felt - by_segmentation * segmentation + by_refusal * refuses


@rule
def message_log_odds(
    by_manager: float,
    from_manager: float,
    by_urgency: float,
    urgent: float,
    by_receipt: float,
    receipt: float,
    by_group: float,
    group: float,
) -> float:
    """Log-odds that a message adds by who sent it and how (M4).

    Parameters
    ----------
    by_manager : float
        Log-odds for the own manager as sender.
    from_manager : float
        1 if the own manager sent it.
    by_urgency : float
        Log-odds for urgency.
    urgent : float
        1 if urgent.
    by_receipt : float
        Log-odds for a read receipt.
    receipt : float
        1 if the sender will see that it was read.
    by_group : float
        Log-odds for being one of many recipients.
    group : float
        1 for a group chat.

    Returns
    -------
    float
        Log-odds.
    """
    return by_manager * from_manager + by_urgency * urgent + by_receipt * receipt + by_group * group


@rule
def initiative(base: float, demand: float, example: float, own: float, refuses: float) -> float:
    """Chance per moment (half an hour) to start work messages outside hours: the daily decision of a manager (M4, M6).

    Parameters
    ----------
    base : float
        Chance at average demand.
    demand : float
        What this person expects of others outside hours, 0..1; average 0.5.
    example : float
        Restraint asked of managers by a rule, 0..1.
    own : float
        Messaging rate of the person, multiple of the standard.
    refuses : float
        1 for somebody who refuses work outside hours.

    Returns
    -------
    float
        Chance, 0..1.
    """
    return clip(base * 2.0 * demand * (1.0 - example) * math.sqrt(own) * (1.0 - refuses), 0.0, 1.0)


@rule
def channel_by_morning(usual: int, group: int, usual_open: bool, im: bool, tool: bool, mail: bool, call: bool) -> int:
    """Channel of a message that found none open and waits: its own if that is open then, or else the next best (M10).

    Parameters
    ----------
    usual : int
        Channel by which it would have gone.
    group : int
        1 for a group chat.
    usual_open : bool
        Whether that channel is open then.
    im : bool
        Whether instant messages are open then.
    tool : bool
        Whether a project tool or internal messenger is at hand and open.
    mail : bool
        Whether mail is open.
    call : bool
        Whether calls are open.

    Returns
    -------
    int
        The channel, or -1 if nothing is open: the message is not sent.
    """
    if usual_open:
        return usual
    if im and group == 0:
        return IM
    if tool:
        return TOOL
    if mail:
        return MAIL
    return CALL if call and group == 0 else -1
