"""Strain: time pressure, sleep, detachment, fatigue, burnout, efficacy, anxiety and trust.

States are in standard deviations, except detachment and trust (0..1) and sleep (minutes).
"""

from sim.behaviour.scales import clip, share
from sim.core.compiled import rule
from sim.core.elementary import log
from sim.core.parameters import Parameters
from sim.core.units import MINUTE


@rule
def time_pressure_target(p: Parameters, backlog: float, unanswered: float, overdue: float) -> float:
    """Time pressure (M16): hours of backlog, unanswered questions, overdue tasks, each less the usual amount [E4]."""
    ready = p.pressure_backlog * (backlog - p.usual_backlog)
    waits = p.pressure_open * (unanswered - p.usual_open)
    return ready + waits + p.pressure_overdue * (overdue - p.usual_overdue)


@rule
def sleep_minutes(p: Parameters, rest: float, late: float, pressed: float) -> float:
    """Minutes of sleep (M7, M16), from minutes of rest and time pressure; ``late`` is 1 after messages in bed [E3]."""
    rested = clip(rest, p.rest_least, p.rest_most)
    slept = p.sleep_base + p.sleep_slope * (rested - p.rest_usual) - p.sleep_late * late
    return clip(slept - p.sleep_pressure * pressed, p.sleep_least, p.sleep_most)


@rule
def detachment_target(
    p: Parameters, felt: float, obligated: float, chosen: float, session: float, pressed: float
) -> float:
    """Detachment, 0..1 (M5, M16) [E3]: lowered by felt pressure, hours of messages and home work, and time pressure."""
    disturbed = 1.0 - p.detach_expectation * felt - p.detach_obligated * obligated - p.detach_chosen * chosen
    return share(disturbed - p.detach_session * session - p.detach_pressure * pressed)


@rule
def fatigue_target(
    p: Parameters, hours: float, interruptions: float, sleep: float, detachment: float, conflict: float, pressed: float
) -> float:
    """Fatigue (M7, M16), relative to a usual day [E2, E3, E4].

    ``hours`` worked, ``interruptions``, minutes of ``sleep`` and ``detachment`` count by their difference from usual
    values. Conflict at home and time pressure add to it.
    """
    usual = (
        p.fatigue_hours * (hours - p.usual_hours)
        + p.fatigue_interruption * (interruptions - p.usual_interruptions)
        + p.fatigue_sleep * (p.sleep_needed - sleep) / MINUTE
        + p.fatigue_detachment * (p.usual_detachment - detachment)
    ) + p.conflict_feedback * conflict
    return usual + p.fatigue_pressure * pressed


@rule
def exhaustion_target(p: Parameters, fatigue: float, detachment: float, emotional: float) -> float:
    """Changing part of exhaustion (M7) [E3, E4]; ``emotional`` labour is 1 in sales and service, otherwise 0."""
    return (
        p.exhaustion_fatigue * fatigue + p.exhaustion_detachment * (1.0 - detachment) + p.exhaustion_emotion * emotional
    )


@rule
def cynicism_target(p: Parameters, exhaustion: float, trust: float) -> float:
    """Cynicism (M7) [E7]: exhaustion and lost trust raise it."""
    return p.cynicism_exhaustion * exhaustion + p.cynicism_trust * (p.trust_base - trust)


@rule
def burnout(exhaustion: float, cynicism: float) -> float:
    """Burnout score (M7): the mean of exhaustion and cynicism."""
    return 0.5 * (exhaustion + cynicism)


@rule
def efficacy_target(p: Parameters, done: float) -> float:
    """Efficacy (M7); ``done`` is a day's output as a multiple of the work that usually arrives. Assumption."""
    return p.efficacy_output * (clip(done, 0.0, p.efficacy_most) - 1.0)


@rule
def missing_out(p: Parameters, kept_back: float, silence: float, segmentation: float) -> float:
    """Fear of missing out (M7, M16) [E2].

    It rises with the share of alerts ``kept_back`` at work and with ``silence`` outside hours, less for people who want
    to separate work and home (``segmentation``).
    """
    return (kept_back + p.missing_out * silence) * (1.0 + p.missing_out_apart * (1.0 - 2.0 * segmentation))


@rule
def anxiety_target(
    p: Parameters, trait: float, felt: float, watched: float, missed: float, unanswered: float, load: float
) -> float:
    """Anxiety (M7, M12, M16) [E2, E3, E7].

    The sum of a trait, felt pressure, felt monitoring, fear of missing out, open questions, and message load.
    """
    nervous = trait + p.anxiety_expectation * felt + p.watch_anxiety * watched + p.anxiety_silence * missed
    used = log((load + 1.0) / (p.usual_burden + 1.0))
    return nervous + p.anxiety_waiting * (unanswered - p.usual_open) + p.anxiety_use * used


@rule
def trust_target(p: Parameters, watched: float) -> float:
    """Trust in the employer, 0..1 (M12) [E7]: felt monitoring lowers it."""
    return share(p.trust_base - p.watch_trust * watched)


@rule
def felt_monitoring(p: Parameters, archive: float, monitoring: float, limit: float, notice: float) -> float:
    """Felt monitoring, 0..1 (M12) [E7]: archived chats plus a rule, reduced by limits and by notice, each 0..1."""
    strength = share(p.watch_archive * archive + monitoring) * (1.0 - limit)
    return strength * (1.0 - p.watch_notice * notice)
