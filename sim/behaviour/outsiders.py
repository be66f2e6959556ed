"""When customers, parents and business partners write, what they expect, and what late answers cost (M17)."""

from sim.behaviour.scales import share
from sim.core.columns import IM, MAIL, MANAGER, SALES_SERVICE, SHADOW, TEACHER
from sim.core.compiled import rule
from sim.core.elementary import exp, log
from sim.core.parameters import Parameters


@rule
def outside_rate(p: Parameters, role: int, volume: float, free_day: bool) -> float:
    """Messages a day from outside the firm, by role, messaging rate (``volume``, 1 = usual) and kind of day [E10]."""
    daily, kept = 0.0, 1.0
    if role == SALES_SERVICE:
        daily, kept = p.outside_service, p.outside_free_service
    elif role == TEACHER:
        daily, kept = p.outside_teacher, p.outside_free_teacher
    elif role == MANAGER:
        daily, kept = p.outside_manager, p.outside_free_manager
    return daily * volume * (kept if free_day else 1.0)


@rule
def outside_gap(rate: float, u: float) -> float:
    """Share of a day's outside messages between two of them: exponential with mean 1 / ``rate``, from a draw ``u``."""
    return -log(u) / rate


@rule
def outside_hour(p: Parameters, role: int, passed: float) -> float:
    """Hour of the day by which a share ``passed``, 0..1, of the day's outside messages has come [E10]."""
    evening = p.outside_evening_service
    if role == TEACHER:
        evening = p.outside_evening_teacher
    elif role == MANAGER:
        evening = p.outside_evening_manager
    by_day = 1.0 - evening
    if passed < by_day:
        return p.outside_from + (p.outside_dusk - p.outside_from) * (passed / by_day)
    return p.outside_dusk + (p.outside_until - p.outside_dusk) * ((passed - by_day) / evening)


@rule
def outsiders_pull(p: Parameters, felt: float) -> float:
    """Log-odds that an outsider's expectation adds to acting outside hours, on top of pressure in the firm [E10].

    Outsiders expect an answer whatever the firm's norm; only a share ``outside_firm`` follows the felt pressure.
    """
    return p.act_expectation * (1.0 - p.outside_firm) * (p.outside_expectation - felt)


@rule
def outsiders_channel(own: int, own_open: bool, mail: bool, im: bool, shadow: bool) -> int:
    """Channel an outsider takes: the usual one if it ever opens, or else mail, platform, private channel; or -1."""
    if own_open:
        return own
    if mail:
        return MAIL
    if im:
        return IM
    return SHADOW if shadow else -1


@rule
def custom_kept(p: Parameters, role: int, channel: int, hours: float) -> float:
    """Share kept of the work in an outsider's matter after ``hours``; 1 outside sales and service [E10]."""
    if role != SALES_SERVICE:
        return 1.0
    patience = p.outside_patience_mail_hours if channel == MAIL else p.outside_patience_hours
    return 1.0 - p.outside_custom * (1.0 - exp(-hours / patience))


@rule
def work_besides(p: Parameters, outside: float, usual: float) -> float:
    """Share of the usual other work for a person who serves ``outside`` outsiders a day. Assumption.

    ``usual`` is the work that arrives on a usual day, in minutes.
    """
    return share(1.0 - outside * p.outside_worth / usual)
