"""Speed of work, faults, overtime, work at home, absence, exits and pay."""

from sim.behaviour.scales import clip, share
from sim.core.columns import CLERICAL, MANAGER, SALES_SERVICE
from sim.core.compiled import rule
from sim.core.elementary import exp
from sim.core.parameters import Parameters


@rule
def working_speed(p: Parameters, exhaustion: float, fatigue: float, experience: float) -> float:
    """Nominal work per time spent (M8, M13) [E4]; 1 for an average rested and experienced person."""
    fresh = 1.0 - p.slow_exhaustion * exhaustion - p.slow_fatigue * fatigue
    return clip(experience * fresh, p.speed_least, p.speed_most)


@rule
def experience(p: Parameters, tenure_days: float) -> float:
    """Speed of a person by tenure, as a share of full experience (M13). Assumption."""
    return 1.0 - (1.0 - p.newcomer_speed) * exp(-max(tenure_days, 0.0) / p.newcomer_days)


@rule
def hurried(p: Parameters, speed: float, hurry: int) -> float:
    """Speed in a task that was interrupted (``hurry`` = 1): people work faster to make up for it (M2) [E2]."""
    return speed * (1.0 + p.hurry_gain * hurry)


@rule
def fault_chance(p: Parameters, exhaustion: float) -> float:
    """Chance that a finished task is faulty (M8) [E4, E8], by exhaustion in standard deviations."""
    return share(p.fault_chance + p.fault_exhaustion * max(exhaustion, 0.0))


@rule
def fault_uninformed(p: Parameters, informed: float) -> float:
    """Chance of a fault added by not knowing of others' work (M14); ``informed`` is the share known. Assumption."""
    return p.fault_uninformed * (1.0 - informed)


@rule
def informed_target(p: Parameters, news: float, meetings: float) -> float:
    """Share known of what one should know of others' work (M14), from group messages and meetings. Assumption."""
    return share((news + p.news_meeting * meetings) / p.usual_news)


@rule
def fault_by_default(p: Parameters, care: float, defaults: int) -> float:
    """Chance of a fault in a task that went on without an answer ``defaults`` times (M8) [E8]."""
    return care + p.default_risk * defaults


@rule
def fault_of_interrupted(p: Parameters, risk: float, interrupted: float) -> float:
    """Chance of a fault in a task interrupted ``interrupted`` times (M16): attention stays elsewhere [E2]."""
    return share(risk + p.fault_interrupted * (interrupted - p.usual_interrupted))


@rule
def stay_minutes(p: Parameters, backlog: float, felt: float, due: float) -> float:
    """Minutes that a person stays after contract hours (M9, M15) [E6, E14].

    They grow with the ``backlog`` in minutes, with felt pressure, and with ``due``: the minutes of it that are due by
    the end of the next working day.
    """
    return clip(p.stay_share * backlog + p.stay_culture * felt + p.stay_due * (due - p.usual_due), 0.0, p.stay_max)


@rule
def home_chance(p: Parameters, segmentation: float) -> float:
    """Chance to work at home in the evening (M9), lower for people who want to separate work and home. Tuned."""
    return p.home_chance * (1.0 - p.home_segmentation * segmentation)


@rule
def home_minutes(p: Parameters, backlog: float, segmentation: float) -> float:
    """Minutes of work at home (M9) on a backlog in minutes, fewer for people who separate work and home. Tuned."""
    return clip(p.home_share * backlog * (1.0 - p.home_apart * segmentation), 0.0, p.home_max)


@rule
def absence_chance(p: Parameters, burnt_out: bool) -> float:
    """Chance of sickness absence on a working day (M13) [E4]."""
    return p.absence_rate * (p.absence_burnout if burnt_out else 1.0)


@rule
def exit_rate(p: Parameters, burnt_out: bool) -> float:
    """Exits per person and year (M13) [E4, E11]."""
    return p.exit_rate * (p.exit_burnout if burnt_out else 1.0)


@rule
def brought_along(p: Parameters, drawn: float, left: float) -> float:
    """Strain with which a follower like the leaver starts (M13), between a new start's and the leaver's [E11]."""
    return drawn + p.newcomer_strain * (left - drawn)


@rule
def hourly_wage(p: Parameters, role: int) -> float:
    """Pay of a contract hour in yuan, by role [E9]."""
    if role == MANAGER:
        return p.wage_manager
    if role == SALES_SERVICE:
        return p.wage_service
    return p.wage_clerical if role == CLERICAL else p.wage_professional


@rule
def paid_share(without: float, by_rule: float) -> float:
    """Share of overtime that is paid: ``without`` a rule, plus the share ``by_rule`` of what would go unpaid."""
    return without + (1.0 - without) * by_rule


@rule
def overtime_price(p: Parameters, by_rule: float, working: float, rest: float, statutory: float) -> float:
    """Seconds of contract pay that paid overtime costs, by the kind of day on which it was worked [E5, E9].

    ``working``, ``rest`` and ``statutory`` are seconds on working days, days of rest and statutory holidays.
    ``by_rule``, the rate set by a rule, applies where it is higher than that of the day.
    """
    return (
        max(p.overtime_rate, by_rule) * working
        + max(p.rest_day_rate, by_rule) * rest
        + max(p.statutory_day_rate, by_rule) * statutory
    )
