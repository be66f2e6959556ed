"""The rules of behaviour once more, each written from its formula in ``docs/odd.md`` and from nothing else.

Names and arguments are those of ``sim.behaviour``, so that the two can be compared rule by rule; ``p`` has the
parameters by name. Sums and products run from left to right as the protocol prints them, which the code does too:
results agree to the bit, but for ``kept_under_load``, where the code takes the power by way of logarithms (``CLOSE``).
Exponentials and logarithms have the engine's bits; ``tests/test_elementary.py`` compares them with those of 40 digits.
"""

import math
from typing import Any

from sim.core.columns import CALL, CLERICAL, IM, MAIL, MANAGER, SALES_SERVICE, SHADOW, TEACHER, TOOL
from tests.twin.elementary import exp, log

CLOSE = 1e-12  # relative difference that is allowed in ``kept_under_load``: some roundings of a power
NO_CHANNEL = -1
type Parameters = Any


# ---- signs that recur


def clip(x: float, low: float, high: float) -> float:
    """[x] between low and high."""
    return max(min(x, high), low)


def share(x: float) -> float:
    """[x] between 0 and 1."""
    return max(min(x, 1.0), 0.0)


def chance(log_odds: float) -> float:
    """σ."""
    return 1.0 / (1.0 + exp(-log_odds))


def approach(state: float, target: float, days: float) -> float:
    """A night's way of a state towards its target."""
    return target + (state - target) * exp(-1.0 / days)


# ---- unlike people


def by_activity(p: Parameters, trait: float, exponent: float) -> float:
    """min(e^(sz) e^(−s²/2), m), with s = κ σ."""
    s = exponent * p.activity_sigma
    return min(exp(s * trait) * exp(-0.5 * s * s), p.activity_most)


def follow_up(p: Parameters, depth: int) -> float:
    """f1 for the first answer and f2 for later ones, until the thread is at its longest."""
    if depth < p.thread_most:
        return p.follow_deep if depth > 1 else p.follow_up
    return 0.0


# ---- M2 attention, M3 overload


def alert_interrupts(p: Parameters, intrusiveness: float, heard: float) -> float:
    """P = r ι (1 − b), with 1 − b as ``heard``."""
    return p.react * intrusiveness * heard


def own_looks(p: Parameters, kept_back: float, given_up: float) -> float:
    """[P0 (1 + λ b)] between 0 and 1, times 1 − ℓ."""
    return share(p.check_moment * (1.0 + p.look_more * kept_back)) * (1.0 - given_up)


def group_intrusiveness(p: Parameters, direct: float) -> float:
    """ι of the channel × ι of group chats / ι of instant messages, or ι of the channel if that would be more."""
    return direct * (p.intrusive_group / p.intrusive_im) if p.intrusive_im > p.intrusive_group else direct


def kept_under_load(p: Parameters, load: float, spared: float) -> float:
    """K = (1 + ((L + 1) / C)^γ)^−(1 − ζ)."""
    return (1.0 + ((load + 1.0) / p.overload_messages) ** p.overload_power) ** -(1.0 - spared)


def skim(p: Parameters, load: float) -> float:
    """[1 − L / (2 C)] between f and 1."""
    return clip(1.0 - load / (2.0 * p.skim_messages), p.skim_floor, 1.0)


# ---- M4 after hours


def pressure(expectation: float, disconnect: float) -> float:
    """e = E (1 − d)."""
    return expectation * (1.0 - disconnect)


def act_log_odds(p: Parameters, felt: float, segmentation: float, refuses: float) -> float:
    """β0 + βE e − βS s + βR ρ: what lies in the person."""
    return p.act_base + p.act_expectation * felt - p.act_segmentation * segmentation + p.act_refusal * refuses


def check_log_odds(p: Parameters, felt: float, segmentation: float, refuses: float) -> float:
    """The same with γ0 and γE, and γS βS in place of βS."""
    wish = p.check_off_wish * p.act_segmentation * segmentation
    return p.check_off_base + p.check_off_expectation * felt - wish + p.act_refusal * refuses


def message_log_odds(p: Parameters, boss: float, urgent: float, receipt: float, group: float) -> float:
    """βM m + βU u + βC c + βG g: what lies in the message."""
    return p.act_manager * boss + p.act_urgent * urgent + p.act_receipt * receipt + p.act_group * group


def initiative(base: float, demand: float, example: float, right: float, own: float, refuses: float) -> float:
    """[2 ι D (1 − x) (1 − y) (1 − ρ) √v] between 0 and 1."""
    return share(2.0 * base * demand * (1.0 - example) * (1.0 - right) * (1.0 - refuses) * math.sqrt(own))


def evening_factor(p: Parameters, hour: float, free_day: bool) -> float:
    """The bump in its hours, times the factor of free days."""
    factor = p.evening_bump if p.evening_from <= hour < p.evening_to else 1.0
    return factor * p.weekend_factor if free_day else factor


# ---- M5 on call, M6 norms


def detachment_target(
    p: Parameters, felt: float, obligated: float, chosen: float, session: float, pressed: float
) -> float:
    """d* = [1 − δE e − δO hO − δC hC − δS hS − δT q] between 0 and 1."""
    left = 1.0
    for weight, size in (
        (p.detach_expectation, felt), (p.detach_obligated, obligated), (p.detach_chosen, chosen),
        (p.detach_session, session), (p.detach_pressure, pressed),
    ):  # fmt: skip
        left -= weight * size
    return share(left)


def felt_norm(p: Parameters, acted: float) -> float:
    """σ(κ (ā − θ))."""
    return 1.0 / (1.0 + exp(-(p.norm_steepness * (acted - p.norm_tipping))))


def start_expectation(p: Parameters, culture: float) -> float:
    """[E0 + nK k] between 0 and 1."""
    return share(p.start_expectation + p.culture_expectation * culture)


def expectation_target(p: Parameters, culture: float, demand: float, peers: float, own: float, firm: float) -> float:
    """E* = [n0 + nK k + nM D + nP σ + nC max(ā − a, 0) + nF π] between 0 and 1."""
    expected = p.norm_base + p.culture_expectation * culture
    parts = (
        (p.norm_manager, demand), (p.norm_peers, felt_norm(p, peers)), (p.norm_contest, max(0.0, peers - own)),
        (p.norm_pressure, firm),
    )  # fmt: skip
    for weight, size in parts:
        expected += weight * size
    return share(expected)


def expectation_days(p: Parameters, now: float, target: float) -> float:
    """τ up if it rises, τ down if not."""
    return p.norm_down_days if target <= now else p.norm_up_days


def start_demand(p: Parameters, belief: float) -> float:
    """[D0 + DB B + DR a0] between 0 and 1."""
    return share(p.demand_base + p.demand_belief * belief + p.demand_response * p.start_team_response)


def obeyed(p: Parameters, compliance: float) -> float:
    """φ = max(O − O0, 0) / (1 − O0)."""
    return (compliance - p.compliance_base) / (1.0 - p.compliance_base) if compliance > p.compliance_base else 0.0


def demand_target(
    p: Parameters, belief: float, response: float, strict: float, compliance: float, trained: float
) -> float:
    """D* = [(D0 + DB B + DR ā) (1 − ν ζ φ) (1 − νT T)] between 0 and 1."""
    demand = p.demand_base + p.demand_belief * belief + p.demand_response * response
    kept = 1.0 - p.norm_rule * strict * obeyed(p, compliance)
    return share(demand * kept * (1.0 - p.demand_training * trained))


# ---- M7 strain and recovery, M12 watching, M16 unfinished work


def time_pressure_target(p: Parameters, backlog: float, unanswered: float, overdue: float) -> float:
    """q* = κB (B − B0) + κQ (Q − Q0) + κV (V − V0)."""
    parts = (
        (p.pressure_backlog, backlog - p.usual_backlog), (p.pressure_open, unanswered - p.usual_open),
        (p.pressure_overdue, overdue - p.usual_overdue),
    )  # fmt: skip
    return parts[0][0] * parts[0][1] + parts[1][0] * parts[1][1] + parts[2][0] * parts[2][1]


def sleep_minutes(p: Parameters, rest: float, late: float, pressed: float) -> float:
    """z = [z0 + z1 ([R between R− and R+] − R0) − z2 l − z3 q] between z− and z+."""
    rested = clip(rest, p.rest_least, p.rest_most) - p.rest_usual
    slept = p.sleep_base + p.sleep_slope * rested - p.sleep_late * late
    return clip(slept - p.sleep_pressure * pressed, p.sleep_least, p.sleep_most)


def fatigue_target(
    p: Parameters, hours: float, interruptions: float, sleep: float, detachment: float, conflict: float, pressed: float
) -> float:
    """f* = φH (h − h0) + φI (n − n0) + φZ (z* − z) / 60 + φD (d0 − d) + φC c + φT q."""
    tired = p.fatigue_hours * (hours - p.usual_hours)
    tired += p.fatigue_interruption * (interruptions - p.usual_interruptions)
    tired += p.fatigue_sleep * (p.sleep_needed - sleep) / 60.0
    tired += p.fatigue_detachment * (p.usual_detachment - detachment)
    tired += p.conflict_feedback * conflict
    return tired + p.fatigue_pressure * pressed


def exhaustion_target(p: Parameters, fatigue: float, detachment: float, emotional: float) -> float:
    """x* = ξF f + ξD (1 − d) + ξE ε."""
    return (
        p.exhaustion_fatigue * fatigue + p.exhaustion_detachment * (1.0 - detachment) + p.exhaustion_emotion * emotional
    )


def cynicism_target(p: Parameters, exhaustion: float, trust: float) -> float:
    """y* = υX x + υT (t0 − t)."""
    return p.cynicism_exhaustion * exhaustion + p.cynicism_trust * (p.trust_base - trust)


def burnout(exhaustion: float, cynicism: float) -> float:
    """The mean of exhaustion and cynicism."""
    return (exhaustion + cynicism) / 2.0


def efficacy_target(p: Parameters, done: float) -> float:
    """ε (min(g, g+) − 1)."""
    return p.efficacy_output * (clip(done, 0.0, p.efficacy_most) - 1.0)


def missing_out(p: Parameters, kept_back: float, silence: float, segmentation: float) -> float:
    """M = (b + μO o) (1 + μS (1 − 2s))."""
    return (kept_back + p.missing_out * silence) * (1.0 + p.missing_out_apart * (1.0 - 2.0 * segmentation))


def anxiety_target(
    p: Parameters, trait: float, felt: float, watched: float, missed: float, unanswered: float, load: float
) -> float:
    """Trait + αE e + αW m + αB M + αQ (Q − Q0) + αL ln((L + 1) / (L0 + 1))."""
    anxiety = trait
    anxiety += p.anxiety_expectation * felt
    anxiety += p.watch_anxiety * watched
    anxiety += p.anxiety_silence * missed
    anxiety += p.anxiety_waiting * (unanswered - p.usual_open)
    return anxiety + p.anxiety_use * log((load + 1.0) / (p.usual_burden + 1.0))


def trust_target(p: Parameters, watched: float) -> float:
    """t* = t0 − tW m, between 0 and 1."""
    return share(p.trust_base - p.watch_trust * watched)


def felt_monitoring(p: Parameters, archive: float, monitoring: float, limit: float, notice: float) -> float:
    """m = [wA A + M] between 0 and 1, × (1 − limit) (1 − relief × share announced)."""
    return share(p.watch_archive * archive + monitoring) * (1.0 - limit) * (1.0 - p.watch_notice * notice)


# ---- M8 waiting, M9 overtime, M11 home, M13 leaving


def fault_chance(p: Parameters, exhaustion: float) -> float:
    """[φ0 + φX max(x, 0)] between 0 and 1."""
    return share(p.fault_chance + p.fault_exhaustion * max(exhaustion, 0.0))


def fault_uninformed(p: Parameters, informed: float) -> float:
    """φK (1 − k)."""
    return p.fault_uninformed * (1.0 - informed)


def informed_target(p: Parameters, news: float, meetings: float) -> float:
    """k* = [(b + κM μ) / b0] between 0 and 1."""
    return share((news + p.news_meeting * meetings) / p.usual_news)


def fault_by_default(p: Parameters, care: float, defaults: int) -> float:
    """Care + φD for each decision by default."""
    return care + p.default_risk * float(defaults)


def fault_of_interrupted(p: Parameters, risk: float, interrupted: float) -> float:
    """[P + φI (n − n0)] between 0 and 1."""
    return share(risk + p.fault_interrupted * (interrupted - p.usual_interrupted))


def working_speed(p: Parameters, exhaustion: float, fatigue: float, experience: float) -> float:
    """y = [t (1 − ψX x − ψF f)] between y− and y+."""
    speed = experience * (1.0 - p.slow_exhaustion * exhaustion - p.slow_fatigue * fatigue)
    return clip(speed, p.speed_least, p.speed_most)


def hurried(p: Parameters, speed: float, hurry: int) -> float:
    """y (1 + η) in a task that was interrupted."""
    return speed * (1.0 + p.hurry_gain * float(hurry))


def experience(p: Parameters, tenure_days: float) -> float:
    """t = 1 − (1 − t0) e^(−days / τ), with no day before the first."""
    return 1.0 - (1.0 - p.newcomer_speed) * exp(-max(0.0, tenure_days) / p.newcomer_days)


def stay_minutes(p: Parameters, backlog: float, felt: float, due: float) -> float:
    """[ωB B + ωE e + ωD (D − D0)] between 0 and ω_max."""
    return clip(p.stay_share * backlog + p.stay_culture * felt + p.stay_due * (due - p.usual_due), 0.0, p.stay_max)


def home_chance(p: Parameters, segmentation: float) -> float:
    """η0 (1 − ηS s)."""
    return p.home_chance * (1.0 - p.home_segmentation * segmentation)


def home_minutes(p: Parameters, backlog: float, segmentation: float) -> float:
    """[η B (1 − ηA s)] between 0 and η_max."""
    return clip(p.home_share * backlog * (1.0 - p.home_apart * segmentation), 0.0, p.home_max)


def conflict_target(p: Parameters, obligated: float, overtime: float, fatigue: float, pressed: float) -> float:
    """c* = [cH hO + cL hR + cF max(f, 0) + cT max(q, 0)] between 0 and 1."""
    clash = p.conflict_hours * obligated + p.conflict_late * overtime + p.conflict_strain * max(0.0, fatigue)
    return share(clash + p.conflict_pressure * max(0.0, pressed))


def enrichment_target(p: Parameters, chosen: float, efficacy: float) -> float:
    """[eH hC + eE efficacy] between 0 and 1."""
    return share(p.enrichment_chosen * chosen + p.enrichment_efficacy * efficacy)


def partner_strain_target(p: Parameters, conflict: float, enrichment: float) -> float:
    """[pC c − pE enrichment] between 0 and 1."""
    return share(p.partner_conflict * conflict - p.partner_enrichment * enrichment)


def absence_chance(p: Parameters, burnt_out: bool) -> float:
    """The rate, times the ratio of the burnt out."""
    return p.absence_rate * p.absence_burnout if burnt_out else p.absence_rate


def exit_rate(p: Parameters, burnt_out: bool) -> float:
    """The rate, times the ratio of the burnt out."""
    return p.exit_rate * p.exit_burnout if burnt_out else p.exit_rate


def brought_along(p: Parameters, drawn: float, left: float) -> float:
    """x0 + ϱ (x − x0)."""
    return drawn + p.newcomer_strain * (left - drawn)


def shifted_opening(p: Parameters, opening: float, flexible: float, u: float) -> int:
    """Δ (2u − 1) minutes after the firm's opening, between the earliest and the latest hour, in whole seconds."""
    return int(
        clip(opening + 60.0 * flexible * (2.0 * u - 1.0), p.flexible_earliest * 3_600.0, p.flexible_latest * 3_600.0)
    )


# ---- M15 dates and hand-offs


def priority(p: Parameters, arrived: float, due: float) -> float:
    """a + δ (d − a)."""
    return arrived + p.due_order * (due - arrived)


def late_share(p: Parameters, days: float) -> float:
    """ℓ (1 − e^(−t/τ)), and nothing in time."""
    return p.late_loss * (1.0 - exp(-max(days, 0.0) / p.late_days))


def recall_seconds(p: Parameters, waited: float) -> float:
    """m (1 − e^(−w/τ)), m in minutes and τ in hours."""
    return 60.0 * p.recall_minutes * (1.0 - exp(-waited / (3_600.0 * p.recall_hours)))


def own_share(p: Parameters) -> float:
    """1 / (1 + h + h² + … + h^L)."""
    powers = [1.0]
    while len(powers) <= int(p.chain_most):
        powers.append(powers[-1] * p.hand_on)
    pieces = 0.0
    for power in powers:
        pieces += power
    return 1.0 / pieces


def deferred(p: Parameters, lapse: float, u: float) -> bool:
    """u < π (1 − λ)."""
    return u < p.defer_share * (1.0 - lapse)


def lapses(p: Parameters, u: float) -> bool:
    """u ≥ 1 − λ."""
    return not u < 1.0 - p.lapse_share


# ---- M10 obedience


def obeys(closure: float, compliance: float, rank: float) -> bool:
    """κ O > q, or κ = 2."""
    return True if closure == 2.0 else closure * compliance > rank


def silence(hold: float, closure: float, banned: float, system: float, compliance: float) -> float:
    """o = the largest of: held, 1 − (1 − by system) (1 − κ O), κ of the prohibition × O."""
    by_system = system if closure > 0.0 else 0.0
    return max(hold, 1.0 - (1.0 - by_system) * (1.0 - closure * compliance), banned * compliance)


def rank_of_week(p: Parameters, trait: float, week: float) -> float:
    """The distribution function of m = (1 − w) q0 + w v, the sum of two uniform amounts with widths a ≥ b."""
    w = p.obedience_spread
    m, a, b = (1.0 - w) * trait + w * week, max(w, 1.0 - w), min(w, 1.0 - w)
    if b <= m <= a:
        return (m - b / 2.0) / a
    outside = m if m < b else 1.0 - m
    area = outside * outside / (2.0 * b * a)
    return area if m < b else 1.0 - area


def margin_below_cap(p: Parameters, u: float) -> float:
    """−μ ln u."""
    return p.cap_margin * -log(u)


def may_go_home(p: Parameters, backlog: float, cut: float) -> float:
    """max(B − (1 − g) c, 0)."""
    return max(0.0, backlog - (1.0 - p.cap_home) * cut)


def unwritten(p: Parameters, use: float) -> float:
    """y = yR d."""
    return p.right_senders * use


def spared(p: Parameters, use: float) -> float:
    """yK d."""
    return p.right_channel * use


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


def dares(p: Parameters, anonymous: float, rank: float) -> float:
    """d = (d0 + (1 − d0) anonymity) (1 − q)."""
    return (p.dare_named + (1.0 - p.dare_named) * anonymous) * (1.0 - rank)


def use_of_rights(p: Parameters, union: float, complaint: float, daring: float, fear: float) -> float:
    """u = 1 − (1 − u0) (1 − uU U) (1 − uC c d) e^(−uF F)."""
    unprotected = (1.0 - p.right_base) * (1.0 - p.right_union * union)
    return 1.0 - unprotected * (1.0 - p.right_complaint * complaint * daring) * exp(-p.right_fear * fear)


def weight_of_money(p: Parameters, yuan: float) -> float:
    """m(x) = 1 − e^(−x / s)."""
    return 1.0 - exp(-yuan / p.fear_scale)


def weight_of_sanction(p: Parameters, fine: float, order_first: float, publicity: float) -> float:
    """W = [(fO + fX m(x)) (1 − ω (1 − f1)) + fP P] between 0 and 1."""
    felt = 1.0 - exp(-fine / p.fear_scale)
    ordered = 1.0 - order_first * (1.0 - p.fear_ordered)
    return share((p.fear_order + p.fear_fine * felt) * ordered + p.fear_publicity * publicity)


def found_out(inspections: float, complaints: float) -> float:
    """1 − e^−Λ."""
    return 1.0 - exp(-(inspections + complaints))


def readiness_target(p: Parameters, fear: float, incentive: float, trained: float) -> float:
    """O* = 1 − (1 − O0) e^(−χ F − (χI m(x) + χT T))."""
    lure = p.compliance_incentive * (1.0 - exp(-incentive / p.fear_scale)) + p.compliance_training * trained
    return 1.0 - (1.0 - p.compliance_base) * exp(-p.compliance_fear * fear - lure)


# ---- M17 the world outside


def outside_rate(p: Parameters, role: int, volume: float, free_day: bool) -> float:
    """Λ = λ v on working days, λ v w on free days, for the roles to whom outsiders write."""
    daily = {SALES_SERVICE: p.outside_service, TEACHER: p.outside_teacher, MANAGER: p.outside_manager}.get(role, 0.0)
    free = {
        SALES_SERVICE: p.outside_free_service, TEACHER: p.outside_free_teacher, MANAGER: p.outside_free_manager
    }  # fmt: skip
    return daily * volume * free.get(role, 1.0) if free_day else daily * volume


def outside_gap(rate: float, u: float) -> float:
    """−ln u / Λ."""
    return -log(u) / rate


def outside_hour(p: Parameters, role: int, passed: float) -> float:
    """Evenly from the first hour to dusk, and from dusk to the last."""
    evening = {TEACHER: p.outside_evening_teacher, MANAGER: p.outside_evening_manager}
    after = evening.get(role, p.outside_evening_service)
    if passed >= 1.0 - after:
        return p.outside_dusk + (p.outside_until - p.outside_dusk) * ((passed - (1.0 - after)) / after)
    return p.outside_from + (p.outside_dusk - p.outside_from) * (passed / (1.0 - after))


def outsiders_pull(p: Parameters, felt: float) -> float:
    """βE (1 − f) (X − e)."""
    return p.act_expectation * (1.0 - p.outside_firm) * (p.outside_expectation - felt)


def outsiders_channel(own: int, own_open: bool, mail: bool, im: bool, shadow: bool) -> int:
    """The own channel, or else the first of mail, platform and private channel that is ever open."""
    choices = ((own, own_open), (MAIL, mail), (IM, im), (SHADOW, shadow))
    return next((channel for channel, is_open in choices if is_open), NO_CHANNEL)


def custom_kept(p: Parameters, role: int, channel: int, hours: float) -> float:
    """1 − c (1 − e^(−t / T)) in sales and service, and 1 elsewhere."""
    if role == SALES_SERVICE:
        patience = {MAIL: p.outside_patience_mail_hours}.get(channel, p.outside_patience_hours)
        return 1.0 - p.outside_custom * (1.0 - exp(-hours / patience))
    return 1.0


def work_besides(p: Parameters, outside: float, usual: float) -> float:
    """[1 − Λ ω / U] between 0 and 1."""
    return share(1.0 - outside * p.outside_worth / usual)


# ---- money


def hourly_wage(p: Parameters, role: int) -> float:
    """The wage of managers, of sales and service, of clerical staff, and of everybody else."""
    wages = {MANAGER: p.wage_manager, SALES_SERVICE: p.wage_service, CLERICAL: p.wage_clerical}
    return wages.get(role, p.wage_professional)


def paid_share(without: float, by_rule: float) -> float:
    """What is paid anyway, and of the rest what a rule adds."""
    return without + (1.0 - without) * by_rule


# ---- M14 talking


def talk_chance(p: Parameters, urgent: float, near: float, closed: float) -> float:
    """A σ(τ0 + τU u + τN n + τC c)."""
    return p.talk_allowed * chance(p.talk_base + p.talk_urgent * urgent + p.talk_near * near + p.talk_closed * closed)


def call_share(p: Parameters, near: float) -> float:
    """cF + (cN − cF) n."""
    return p.call_far + (p.call_near - p.call_far) * near


def heard_share(p: Parameters, by_call: bool, answer: bool) -> float:
    """hA of an answer, hC of a call, hT of who comes in person."""
    return p.answer_heard if answer else (p.call_heard if by_call else p.talk_heard)


def knows(p: Parameters, shown: bool) -> float:
    """k, or k (1 − d) where nothing shows who does what."""
    return p.asked_knows if shown else p.asked_knows * (1.0 - p.knows_hidden)


def by_size(p: Parameters, rate: float, people: float, growth: float) -> float:
    """max(μ (1 + g ln(n / n0)), 0)."""
    return max(0.0, rate * (1.0 + growth * log(people / p.usual_people)))


def meeting_start(p: Parameters, opening: float, day: float, pause: float, length: float, u: float) -> int:
    """The share u of the seconds from a to b at which it would not cut into the break; of none the last."""
    a = opening + 60.0 * p.meeting_after
    b = max(a, opening + day - length)
    break_from = max(3_600.0 * p.break_clock, opening + 3_600.0 * p.break_after)
    morning = max(0.0, min(break_from - length, b) - a)
    noon = max(a, min(break_from + pause, b)) if break_from - length < b else b
    share = (morning + b - noon) * u
    return int(a + share if share < morning else noon + share - morning)


def length_of_day(p: Parameters, usual: float, part_time: int) -> int:
    """Seconds from start to end of contract hours."""
    return int(3_600 * p.part_time_hours if part_time else usual)


def overtime_price(p: Parameters, by_rule: float, working: float, rest: float, statutory: float) -> float:
    """Paid overtime in seconds of contract pay: each kind of day at its rate, or at that of a rule if it is higher."""
    price = 0.0
    for rate, seconds in ((p.overtime_rate, working), (p.rest_day_rate, rest), (p.statutory_day_rate, statutory)):
        price += max(rate, by_rule) * seconds
    return price
