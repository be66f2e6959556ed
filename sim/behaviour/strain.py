"""Where strain would settle: time pressure, sleep, detachment, fatigue, burnout, efficacy, anxiety and trust.

States are standard deviations, but for detachment and trust (0..1) and sleep (minutes).
"""

from sim.behaviour.scales import clip, share
from sim.core.compiled import rule
from sim.core.elementary import log
from sim.core.parameters import Parameters
from sim.core.units import MINUTE


@rule
def time_pressure_target(p: Parameters, backlog: float, unanswered: float, overdue: float) -> float:
    """Time pressure (M16): hours of work left ready, questions left open and tasks overdue, against what is usual."""
    ready = p.pressure_backlog * (backlog - p.usual_backlog)
    waits = p.pressure_open * (unanswered - p.usual_open)
    return ready + waits + p.pressure_overdue * (overdue - p.usual_overdue)


@rule
def sleep_minutes(p: Parameters, rest: float, late: float, pressed: float) -> float:
    """Sleep (M7, M16), by the minutes of rest and by time pressure; ``late`` is 1 after messages in bed."""
    rested = clip(rest, p.rest_least, p.rest_most)
    slept = p.sleep_base + p.sleep_slope * (rested - p.rest_usual) - p.sleep_late * late
    return clip(slept - p.sleep_pressure * pressed, p.sleep_least, p.sleep_most)


@rule
def detachment_target(
    p: Parameters, felt: float, obligated: float, chosen: float, session: float, pressed: float
) -> float:
    """Detachment from work (M5, M16): less by felt pressure, hours of messages and work at home, time pressure."""
    disturbed = 1.0 - p.detach_expectation * felt - p.detach_obligated * obligated - p.detach_chosen * chosen
    return share(disturbed - p.detach_session * session - p.detach_pressure * pressed)


@rule
def fatigue_target(
    p: Parameters, hours: float, interruptions: float, sleep: float, detachment: float, conflict: float, pressed: float
) -> float:
    """Fatigue (M7, M16): what differs from usual in a day and its night, conflict at home, and time pressure."""
    usual = (
        p.fatigue_hours * (hours - p.usual_hours)
        + p.fatigue_interruption * (interruptions - p.usual_interruptions)
        + p.fatigue_sleep * (p.sleep_needed - sleep) / MINUTE
        + p.fatigue_detachment * (p.usual_detachment - detachment)
    ) + p.conflict_feedback * conflict
    return usual + p.fatigue_pressure * pressed


@rule
def exhaustion_target(p: Parameters, fatigue: float, detachment: float, emotional: float) -> float:
    """Changing part of exhaustion (M7); ``emotional`` labour (sales and service) is 0 or 1."""
    return (
        p.exhaustion_fatigue * fatigue + p.exhaustion_detachment * (1.0 - detachment) + p.exhaustion_emotion * emotional
    )


@rule
def cynicism_target(p: Parameters, exhaustion: float, trust: float) -> float:
    """Cynicism (M7): it follows exhaustion and lost trust."""
    return p.cynicism_exhaustion * exhaustion + p.cynicism_trust * (p.trust_base - trust)


@rule
def burnout(exhaustion: float, cynicism: float) -> float:
    """Burnout score (M7)."""
    return 0.5 * (exhaustion + cynicism)


@rule
def efficacy_target(p: Parameters, done: float) -> float:
    """Efficacy (M7), by the work done in a day relative to what usually arrives."""
    return p.efficacy_output * (clip(done, 0.0, p.efficacy_most) - 1.0)


@rule
def missing_out(p: Parameters, kept_back: float, silence: float, segmentation: float) -> float:
    """Fear of missing out (M7, M16): alerts kept back at work, silence outside hours; less for who keeps work apart."""
    return (kept_back + p.missing_out * silence) * (1.0 + p.missing_out_apart * (1.0 - 2.0 * segmentation))


@rule
def anxiety_target(
    p: Parameters, trait: float, felt: float, watched: float, missed: float, unanswered: float, load: float
) -> float:
    """Anxiety (M7, M12, M16): trait, felt pressure and monitoring, fear of missing out, open questions, and load."""
    nervous = trait + p.anxiety_expectation * felt + p.watch_anxiety * watched + p.anxiety_silence * missed
    used = log((load + 1.0) / (p.usual_burden + 1.0))
    return nervous + p.anxiety_waiting * (unanswered - p.usual_open) + p.anxiety_use * used


@rule
def trust_target(p: Parameters, watched: float) -> float:
    """Trust in the employer (M12), by felt monitoring."""
    return share(p.trust_base - p.watch_trust * watched)


@rule
def felt_monitoring(p: Parameters, archive: float, monitoring: float, limit: float, notice: float) -> float:
    """Monitoring as it is felt (M12): archived chats and a rule, less by limits and by notice, each 0..1."""
    strength = share(p.watch_archive * archive + monitoring) * (1.0 - limit)
    return strength * (1.0 - p.watch_notice * notice)
