"""What a message does to somebody, whether it is answered, and whether one is written."""

import math

from sim.behaviour.scales import clip, share
from sim.core.columns import CALL, IM, MAIL, TOOL
from sim.core.compiled import rule
from sim.core.elementary import exp, log
from sim.core.parameters import Parameters


@rule
def alert_interrupts(p: Parameters, intrusiveness: float, heard: float) -> float:
    """Chance that an alert takes a person away from a task (M2), if a share ``heard`` of alerts is not kept back."""
    return p.react * intrusiveness * heard


@rule
def own_looks(p: Parameters, kept_back: float, given_up: float) -> float:
    """Chance to look at a moment at work (M2, M18): more while alerts are kept back, less what is given up."""
    return share(p.check_moment * (1.0 + p.look_more * kept_back)) * (1.0 - given_up)


@rule
def group_intrusiveness(p: Parameters, direct: float) -> float:
    """Intrusiveness of a group message by a channel that carries direct messages too (M2): never above a direct one."""
    return direct * (p.intrusive_group / p.intrusive_im) if p.intrusive_group < p.intrusive_im else direct


@rule
def kept_under_load(p: Parameters, load: float, spared: float) -> float:
    """Share of the usual chance of an answer that is left under a load in messages a day (M3).

    What matters least is dropped first: ``spared``, 0..1, says how far this kind of message is spared.
    """
    strain = log(1.0 + exp(p.overload_power * log((load + 1.0) / p.overload_messages)))
    return exp(-(1.0 - spared) * strain)


@rule
def follow_up(p: Parameters, depth: int) -> float:
    """Chance at low load that an answer is answered again (M1), by the answers in its line of the thread, itself one.

    The first answer often closes a matter; a conversation that goes on has the same chance at each step: lengths are
    geometric.
    """
    if depth >= p.thread_most:
        return 0.0
    return p.follow_up if depth <= 1 else p.follow_deep


@rule
def skim(p: Parameters, load: float) -> float:
    """Share of the usual reading time that a group message gets under a load in messages a day (M3)."""
    return clip(1.0 - 0.5 * load / p.skim_messages, p.skim_floor, 1.0)


@rule
def pressure(expectation: float, disconnect: float) -> float:
    """Felt pressure to be available: the expectation, less the share of a right to disconnect that is used."""
    return expectation * (1.0 - disconnect)


@rule
def check_log_odds(p: Parameters, felt: float, segmentation: float, refuses: float) -> float:
    """Log-odds of looking at messages at a moment outside hours (M4): by pressure, wish to keep apart and refusal."""
    apart = p.check_off_wish * p.act_segmentation
    return p.check_off_base + p.check_off_expectation * felt - apart * segmentation + p.act_refusal * refuses


@rule
def act_log_odds(p: Parameters, felt: float, segmentation: float, refuses: float) -> float:
    """Log-odds of acting on a plain message outside hours (M4)."""
    return p.act_base + p.act_expectation * felt - p.act_segmentation * segmentation + p.act_refusal * refuses


@rule
def message_log_odds(p: Parameters, boss: float, urgent: float, receipt: float, group: float) -> float:
    """Log-odds that a message adds (M4): from the own manager, urgent, with a read receipt, to a group; each 0..1."""
    return p.act_manager * boss + p.act_urgent * urgent + p.act_receipt * receipt + p.act_group * group


@rule
def initiative(base: float, demand: float, example: float, right: float, own: float, refuses: float) -> float:
    """Chance per moment (half an hour) to start work messages outside hours (M4, M6).

    ``base`` is the chance at an average ``demand`` of 0.5; ``example`` is the restraint that a rule asks of managers,
    ``right`` that by a right not to answer; ``own`` is the person's messaging rate as a multiple of the usual one.
    """
    return share(base * 2.0 * demand * (1.0 - example) * (1.0 - right) * math.sqrt(own) * (1.0 - refuses))


@rule
def evening_factor(p: Parameters, hour: float, free_day: bool) -> float:
    """Writing at an hour outside contract hours, relative to other hours of a working day (M4)."""
    bump = p.evening_bump if p.evening_from <= hour < p.evening_to else 1.0
    return bump * (p.weekend_factor if free_day else 1.0)


@rule
def channel_by_morning(usual: int, group: int, usual_open: bool, im: bool, tool: bool, mail: bool, call: bool) -> int:
    """Channel of a message that found none open and waits (M10): its own if that opens, or else the next best.

    The flags say what will be open; -1 if nothing is, and the message is not sent.
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
