"""Speed, faults, staying on, taking work home, absence, leaving, and what an hour is paid."""

from sim.behaviour.scales import clip, share
from sim.core.columns import CLERICAL, MANAGER, SALES_SERVICE
from sim.core.compiled import rule
from sim.core.elementary import exp
from sim.core.parameters import Parameters


@rule
def working_speed(p: Parameters, exhaustion: float, fatigue: float, experience: float) -> float:
    """Nominal work done per time spent (M8, M13); 1 for an average rested and experienced person."""
    fresh = 1.0 - p.slow_exhaustion * exhaustion - p.slow_fatigue * fatigue
    return clip(experience * fresh, p.speed_least, p.speed_most)


@rule
def experience(p: Parameters, tenure_days: float) -> float:
    """Usefulness by tenure (M13), up to 1."""
    return 1.0 - (1.0 - p.newcomer_speed) * exp(-max(tenure_days, 0.0) / p.newcomer_days)


@rule
def hurried(p: Parameters, speed: float, hurry: int) -> float:
    """Speed in a task that was interrupted (M2): people hurry to make up for it."""
    return speed * (1.0 + p.hurry_gain * hurry)


@rule
def fault_chance(p: Parameters, exhaustion: float) -> float:
    """Chance that a finished task is faulty (M8), by exhaustion in standard deviations."""
    return share(p.fault_chance + p.fault_exhaustion * max(exhaustion, 0.0))


@rule
def fault_uninformed(p: Parameters, informed: float) -> float:
    """Chance of a fault added by what one does not know of the others' work (M14)."""
    return p.fault_uninformed * (1.0 - informed)


@rule
def informed_target(p: Parameters, news: float, meetings: float) -> float:
    """Share of what one should know of the others' work (M14), by a day's messages that tell a group, and meetings."""
    return share((news + p.news_meeting * meetings) / p.usual_news)


@rule
def fault_by_default(p: Parameters, care: float, defaults: int) -> float:
    """Chance of a fault in a task that went on by default so many times (M8)."""
    return care + p.default_risk * defaults


@rule
def fault_of_interrupted(p: Parameters, risk: float, interrupted: float) -> float:
    """Chance of a fault in a task that was interrupted so many times (M16): attention stays with what came between."""
    return share(risk + p.fault_interrupted * (interrupted - p.usual_interrupted))


@rule
def stay_minutes(p: Parameters, backlog: float, felt: float, due: float) -> float:
    """Minutes that a person stays after hours (M9, M15): for the backlog in minutes, because it is expected, for dates.

    ``due`` is what of the backlog is due by the next working day, in minutes.
    """
    return clip(p.stay_share * backlog + p.stay_culture * felt + p.stay_due * (due - p.usual_due), 0.0, p.stay_max)


@rule
def home_chance(p: Parameters, segmentation: float) -> float:
    """Chance to work at home in the evening (M9), by the wish to keep work and home apart."""
    return p.home_chance * (1.0 - p.home_segmentation * segmentation)


@rule
def home_minutes(p: Parameters, backlog: float, segmentation: float) -> float:
    """Minutes that a person works at home on the backlog in minutes (M9)."""
    return clip(p.home_share * backlog * (1.0 - p.home_apart * segmentation), 0.0, p.home_max)


@rule
def absence_chance(p: Parameters, burnt_out: bool) -> float:
    """Chance of a day's sickness absence (M13)."""
    return p.absence_rate * (p.absence_burnout if burnt_out else 1.0)


@rule
def exit_rate(p: Parameters, burnt_out: bool) -> float:
    """Exits per year (M13)."""
    return p.exit_rate * (p.exit_burnout if burnt_out else 1.0)


@rule
def brought_along(p: Parameters, drawn: float, left: float) -> float:
    """Strain with which a follower of the leaver's kind starts (M13): of a new start, and of what the leaver had."""
    return drawn + p.newcomer_strain * (left - drawn)


@rule
def hourly_wage(p: Parameters, role: int) -> float:
    """Pay of a contract hour in yuan, by role."""
    if role == MANAGER:
        return p.wage_manager
    if role == SALES_SERVICE:
        return p.wage_service
    return p.wage_clerical if role == CLERICAL else p.wage_professional


@rule
def paid_share(without: float, by_rule: float) -> float:
    """Share of some overtime that is paid: a rule makes firms pay a share of what is not paid anyway."""
    return without + (1.0 - without) * by_rule


@rule
def overtime_price(p: Parameters, by_rule: float, working: float, rest: float, statutory: float) -> float:
    """Seconds of contract pay that paid overtime costs, by the kind of day on which it was worked.

    ``working``, ``rest`` and ``statutory`` are its seconds on working days, days of rest and statutory holidays; the
    rate of a rule holds where it is higher than that of the day.
    """
    return (
        max(p.overtime_rate, by_rule) * working
        + max(p.rest_day_rate, by_rule) * rest
        + max(p.statutory_day_rate, by_rule) * statutory
    )
