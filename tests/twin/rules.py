"""The rules of behaviour once more, each written from its formula in ``docs/odd.md`` and from nothing else.

Names and arguments are those of ``sim.behaviour``, so that the two can be compared rule by rule. Sums and products run
from left to right as the protocol prints them, which the code does too: results agree to the bit, but for
``answer_chance``, where the code takes the power by way of logarithms (``CLOSE``).
"""

import math

from sim.core.columns import CALL, CLERICAL, IM, MAIL, MANAGER, SALES_SERVICE, TOOL

CLOSE = 1e-12  # relative difference that is allowed in ``answer_chance``: some roundings of a power
NO_CHANNEL = -1


# ---- signs that recur


def clip(x: float, low: float, high: float) -> float:
    """[x] between low and high."""
    return max(min(x, high), low)


def chance(log_odds: float) -> float:
    """σ."""
    return 1.0 / (1.0 + math.exp(-log_odds))


def approach(state: float, target: float, days: float) -> float:
    """A night's way of a state towards its target."""
    return target + (state - target) * math.exp(-1.0 / days)


# ---- M2 attention, M3 overload


def alert_interrupts(react: float, intrusiveness: float, heard: float) -> float:
    """P = r ι (1 − b), with 1 − b as ``heard``."""
    return react * intrusiveness * heard


def group_intrusiveness(direct: float, im: float, group: float) -> float:
    """ι of the channel × ι of group chats / ι of instant messages, or ι of the channel if that would be more."""
    return direct * (group / im) if im > group else direct


def answer_chance(base: float, load: float, capacity: float, power: float, spared: float, sharing: float) -> float:
    """P = a h (1 + ((L + 1) / C)^γ)^−(1 − ζ)."""
    return base * sharing * (1.0 + ((load + 1.0) / capacity) ** power) ** -(1.0 - spared)


def skim(load: float, capacity: float, floor: float) -> float:
    """[1 − L / (2 C)] between f and 1."""
    return clip(1.0 - load / (2.0 * capacity), floor, 1.0)


# ---- M4 after hours


def pressure(expectation: float, disconnect: float) -> float:
    """e = E (1 − d)."""
    return expectation * (1.0 - disconnect)


def act_log_odds(
    base: float,
    by_expectation: float,
    by_segmentation: float,
    by_refusal: float,
    felt: float,
    segmentation: float,
    refuses: float,
) -> float:
    """β0 + βE e − βS s + βR ρ: what lies in the person."""
    return base + by_expectation * felt - by_segmentation * segmentation + by_refusal * refuses


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
    """βM m + βU u + βC c + βG g: what lies in the message."""
    return by_manager * from_manager + by_urgency * urgent + by_receipt * receipt + by_group * group


def initiative(base: float, demand: float, example: float, own: float, refuses: float) -> float:
    """[2 ι D (1 − x) (1 − ρ) √v] between 0 and 1."""
    return clip(2.0 * base * demand * (1.0 - example) * (1.0 - refuses) * math.sqrt(own), 0.0, 1.0)


# ---- M5 on call, M6 norms


def detachment_target(
    felt: float, obligated: float, chosen: float, by_expectation: float, by_obligated: float, by_chosen: float
) -> float:
    """d* = [1 − δE e − δO hO − δC hC] between 0 and 1."""
    return clip(1.0 - by_expectation * felt - by_obligated * obligated - by_chosen * chosen, 0.0, 1.0)


def felt_norm(share: float, tipping: float, steepness: float) -> float:
    """σ(κ (ā − θ))."""
    return 1.0 / (1.0 + math.exp(-(steepness * (share - tipping))))


def by_culture(culture: float) -> float:
    """0.08 k."""
    return 0.08 * culture


def expected_availability(
    base: float,
    culture: float,
    by_manager: float,
    demand: float,
    by_peers: float,
    norm: float,
    by_contest: float,
    lead: float,
    by_firm: float,
    demanded: float,
) -> float:
    """E* = [n0 + 0.08 k + nM D + nP σ + nC max(ā − a, 0) + nF π] between 0 and 1."""
    expected = base + 0.08 * culture
    for weight, size in ((by_manager, demand), (by_peers, norm), (by_contest, lead), (by_firm, demanded)):
        expected += weight * size
    return clip(expected, 0.0, 1.0)


def demanded_availability(
    base: float,
    by_belief: float,
    belief: float,
    by_response: float,
    response: float,
    by_rule: float,
    strict: float,
    obeyed: float,
    by_training: float,
    trained: float,
) -> float:
    """D* = [(D0 + DB B + DR ā) (1 − ν ζ φ) (1 − νT T)] between 0 and 1."""
    demand = base + by_belief * belief + by_response * response
    return clip(demand * (1.0 - by_rule * strict * obeyed) * (1.0 - by_training * trained), 0.0, 1.0)


# ---- M7 strain and recovery, M12 watching


def sleep_minutes(base: float, slope: float, rest: float, late_loss: float, late: float) -> float:
    """z = [z0 + z1 ([R between 360 and 960] − 780) − z2 l] between 180 and 600."""
    return clip(base + slope * (clip(rest, 360.0, 960.0) - 780.0) - late_loss * late, 180.0, 600.0)


def fatigue_target(
    hours: float,
    interruptions: float,
    sleep: float,
    detachment: float,
    by_hours: float,
    by_interruption: float,
    by_sleep: float,
    by_detachment: float,
) -> float:
    """f* without conflict: φH (h − 6.5) + φI (n − 20) + φZ (420 − z) / 60 + φD (0.7 − d)."""
    tired = by_hours * (hours - 6.5)
    tired += by_interruption * (interruptions - 20.0)
    tired += by_sleep * (420.0 - sleep) / 60.0
    return tired + by_detachment * (0.7 - detachment)


def exhaustion_target(
    fatigue: float, detachment: float, emotional: float, by_fatigue: float, by_detachment: float, by_emotion: float
) -> float:
    """x* = ξF f + ξD (1 − d) + ξE ε."""
    return by_fatigue * fatigue + by_detachment * (1.0 - detachment) + by_emotion * emotional


def burnout(exhaustion: float, cynicism: float) -> float:
    """The mean of exhaustion and cynicism."""
    return (exhaustion + cynicism) / 2.0


def felt_monitoring(monitoring: float, notice: float, relief: float) -> float:
    """Strength × (1 − relief × share announced)."""
    return monitoring * (1.0 - relief * notice)


# ---- M8 waiting, M9 overtime, M13 leaving


def fault_chance(base: float, by_exhaustion: float, exhaustion: float) -> float:
    """[φ0 + φX max(x, 0)] between 0 and 1."""
    return clip(base + by_exhaustion * max(exhaustion, 0.0), 0.0, 1.0)


def working_speed(
    exhaustion: float, fatigue: float, by_exhaustion: float, by_fatigue: float, experience: float
) -> float:
    """y = [t (1 − ψX x − ψF f)] between 0.3 and 1.3."""
    return clip(experience * (1.0 - by_exhaustion * exhaustion - by_fatigue * fatigue), 0.3, 1.3)


def experience(tenure_days: float, newcomer: float, days: float) -> float:
    """t = 1 − (1 − t0) e^(−days / τ), with no day before the first."""
    return 1.0 - (1.0 - newcomer) * math.exp(-max(0.0, tenure_days) / days)


def stay_minutes(backlog: float, share: float, by_culture: float, felt: float, longest: float) -> float:
    """[ωB B + ωE e] between 0 and ω_max."""
    return clip(share * backlog + by_culture * felt, 0.0, longest)


def home_minutes(backlog: float, share: float, segmentation: float, longest: float) -> float:
    """[η B (1 − s / 2)] between 0 and η_max."""
    return clip(share * backlog * (1.0 - segmentation / 2.0), 0.0, longest)


def shifted_opening(opening: float, flexible: float, u: float) -> int:
    """Δ (2u − 1) minutes after the firm's opening, between 5:00 and 14:00, in whole seconds."""
    return int(clip(opening + 60.0 * flexible * (2.0 * u - 1.0), 5.0 * 3_600.0, 14.0 * 3_600.0))


# ---- M10 obedience


def obeys(closure: float, compliance: float, rank: float) -> bool:
    """κ O > q, or κ = 2."""
    return True if closure == 2.0 else closure * compliance > rank


def within(minute: float, start: float, end: float) -> bool:
    """From the start on and before the end; past midnight where the end is the earlier; never where they are equal."""
    if end < start:
        return not end <= minute < start
    return minute >= start and minute < end


def alerts_are_quiet(minute: float, focus_from: float, focus_to: float, core_from: float, core_to: float) -> bool:
    """In protected hours, and outside of shared hours where there are some."""
    if within(minute, focus_from, focus_to):
        return True
    return False if core_from == core_to else not within(minute, core_from, core_to)


def channel_by_morning(usual: int, group: int, usual_open: bool, im: bool, tool: bool, mail: bool, call: bool) -> int:
    """The own channel, or else the first that is open of instant message, tool, mail, call; groups by tool or mail."""
    direct = group == 0
    choices = ((usual, usual_open), (IM, im and direct), (TOOL, tool), (MAIL, mail), (CALL, call and direct))
    return next((channel for channel, is_open in choices if is_open), NO_CHANNEL)


def dares(anonymous: float, rank: float) -> float:
    """d = (1/4 + 3/4 anonymity) (1 − q)."""
    return (1.0 / 4.0 + 3.0 / 4.0 * anonymous) * (1.0 - rank)


def use_of_rights(
    base: float,
    by_union: float,
    union: float,
    by_complaint: float,
    complaint: float,
    daring: float,
    by_fear: float,
    fear: float,
) -> float:
    """u = 1 − (1 − u0) (1 − uU U) (1 − uC c d) e^(−uF F)."""
    unprotected = (1.0 - base) * (1.0 - by_union * union)
    return 1.0 - unprotected * (1.0 - by_complaint * complaint * daring) * math.exp(-by_fear * fear)


def weight_of_money(yuan: float, scale: float) -> float:
    """m(x) = 1 − e^(−x / s)."""
    return 1.0 - math.exp(-yuan / scale)


def weight_of_sanction(
    by_order: float,
    by_fine: float,
    fine: float,
    scale: float,
    order_first: float,
    left: float,
    by_publicity: float,
    publicity: float,
) -> float:
    """W = [(fO + fX m(x)) (1 − ω (1 − f1)) + fP P] between 0 and 1."""
    felt = 1.0 - math.exp(-fine / scale)
    return clip(
        (by_order + by_fine * felt) * (1.0 - order_first * (1.0 - left)) + by_publicity * publicity, 0.0, 1.0
    )  # fmt: skip


def found_out(inspections: float, complaints: float) -> float:
    """1 − e^−Λ."""
    return 1.0 - math.exp(-(inspections + complaints))


def readiness(base: float, by_fear: float, fear: float, lure: float) -> float:
    """O* = 1 − (1 − O0) e^(−χ F − lure)."""
    return 1.0 - (1.0 - base) * math.exp(-by_fear * fear - lure)


# ---- money


def hourly_wage(role: int, manager: float, professional: float, service: float, clerical: float) -> float:
    """The wage of managers, of sales and service, of clerical staff, and of everybody else."""
    return {MANAGER: manager, SALES_SERVICE: service, CLERICAL: clerical}.get(role, professional)


def paid_share(without: float, by_rule: float) -> float:
    """What is paid anyway, and of the rest what a rule adds."""
    return without + (1.0 - without) * by_rule
