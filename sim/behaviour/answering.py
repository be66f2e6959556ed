"""Whether a message interrupts, is answered or acted on, and whether people write one."""

import math

from sim.behaviour.scales import clip, share
from sim.core.columns import CALL, IM, MAIL, TOOL
from sim.core.compiled import rule
from sim.core.elementary import exp, log
from sim.core.parameters import Parameters


@rule
def alert_interrupts(p: Parameters, intrusiveness: float, heard: float) -> float:
    """Chance that an alert takes a person away from a task (M2) [E2]; ``heard`` is the share not kept back by rules."""
    return p.react * intrusiveness * heard


@rule
def own_looks(p: Parameters, kept_back: float, given_up: float) -> float:
    """Chance to check messages at one moment at work (M2, M18) [E1, E2].

    ``kept_back`` is the share of alerts held back, which people partly replace by looking; ``given_up`` lowers the
    chance.
    """
    return share(p.check_moment * (1.0 + p.look_more * kept_back)) * (1.0 - given_up)


@rule
def group_intrusiveness(p: Parameters, direct: float) -> float:
    """Intrusiveness, 0..1, of a group message in a channel for direct messages (M2): at most ``direct``. Assumption."""
    return direct * (p.intrusive_group / p.intrusive_im) if p.intrusive_group < p.intrusive_im else direct


@rule
def kept_under_load(p: Parameters, load: float, spared: float) -> float:
    """Share of the usual chance of an answer that remains under a load in messages a day (M3) [E1].

    The least important messages are dropped first: at ``spared`` = 1 the load does not matter, at 0 it matters fully.
    """
    strain = log(1.0 + exp(p.overload_power * log((load + 1.0) / p.overload_messages)))
    return exp(-(1.0 - spared) * strain)


@rule
def follow_up(p: Parameters, depth: int) -> float:
    """Chance, at low load, that an answer is answered in turn (M1) [E1].

    ``depth`` counts the answers in this line of the thread, this one included. The first answer often closes a matter;
    later ones all have the same chance, so lengths of threads are geometric.
    """
    if depth >= p.thread_most:
        return 0.0
    return p.follow_up if depth <= 1 else p.follow_deep


@rule
def skim(p: Parameters, load: float) -> float:
    """Share of the usual reading time that a group message gets under a load in messages a day (M3) [E1]."""
    return clip(1.0 - 0.5 * load / p.skim_messages, p.skim_floor, 1.0)


@rule
def pressure(expectation: float, disconnect: float) -> float:
    """Felt pressure to be available, 0..1: the expectation less the share that a right to disconnect takes away."""
    return expectation * (1.0 - disconnect)


@rule
def check_log_odds(p: Parameters, felt: float, segmentation: float, refuses: float) -> float:
    """Log-odds of checking messages at one moment outside hours (M4) [E3].

    Felt pressure raises it. The wish to separate work and home (``segmentation``) and refusing on principle change it
    too.
    """
    apart = p.check_off_wish * p.act_segmentation
    return p.check_off_base + p.check_off_expectation * felt - apart * segmentation + p.act_refusal * refuses


@rule
def act_log_odds(p: Parameters, felt: float, segmentation: float, refuses: float) -> float:
    """Log-odds of acting on an ordinary message outside hours (M4) [E3]; inputs as in ``check_log_odds``."""
    return p.act_base + p.act_expectation * felt - p.act_segmentation * segmentation + p.act_refusal * refuses


@rule
def message_log_odds(p: Parameters, boss: float, urgent: float, receipt: float, group: float) -> float:
    """Log-odds that features of a message, each 0..1, add to acting on it (M4) [E1, E3, E6]."""
    return p.act_manager * boss + p.act_urgent * urgent + p.act_receipt * receipt + p.act_group * group


@rule
def initiative(base: float, demand: float, example: float, right: float, own: float, refuses: float) -> float:
    """Chance per half hour to start work messages outside hours (M4, M6). Assumption.

    ``base`` is the chance at an average ``demand`` of 0.5. ``example`` is the restraint that a rule asks of managers,
    ``right`` the restraint by a right not to answer, ``own`` the person's messaging rate as a multiple of the usual
    rate.
    """
    return share(base * 2.0 * demand * (1.0 - example) * (1.0 - right) * math.sqrt(own) * (1.0 - refuses))


@rule
def evening_factor(p: Parameters, hour: float, free_day: bool) -> float:
    """Factor for writing at an hour outside contract hours; 1 at other hours of a working day (M4) [E1]."""
    bump = p.evening_bump if p.evening_from <= hour < p.evening_to else 1.0
    return bump * (p.weekend_factor if free_day else 1.0)


@rule
def channel_by_morning(usual: int, group: int, usual_open: bool, im: bool, tool: bool, mail: bool, call: bool) -> int:
    """Channel of a message that found every channel closed and waits (M10): its usual one, or else the next best.

    The flags say which channels will be open. The result is -1 if none will be: then the message is not sent.
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
