"""Sleep, detachment, fatigue, exhaustion, cynicism, efficacy, anxiety and trust: where they would settle.

States are standard deviations, but for detachment and trust (0..1) and sleep (minutes).
"""

from sim.behaviour.scales import clip, share
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.units import MINUTE


@rule
def sleep_minutes(p: Parameters, rest: float, late: float) -> float:
    """Sleep in a night (M7), by the minutes between work and its next start; ``late`` is 1 after messages in bed."""
    rested = clip(rest, p.rest_least, p.rest_most)
    return clip(
        p.sleep_base + p.sleep_slope * (rested - p.rest_usual) - p.sleep_late * late, p.sleep_least, p.sleep_most
    )


@rule
def detachment_target(p: Parameters, felt: float, obligated: float, chosen: float) -> float:
    """Detachment from work (M5): less by felt pressure, also without any message, and by hours worked off hours."""
    return share(1.0 - p.detach_expectation * felt - p.detach_obligated * obligated - p.detach_chosen * chosen)


@rule
def fatigue_target(
    p: Parameters, hours: float, interruptions: float, sleep: float, detachment: float, conflict: float
) -> float:
    """Fatigue (M7): hours, interruptions, sleep and detachment against what is usual, and conflict at home."""
    return (
        p.fatigue_hours * (hours - p.usual_hours)
        + p.fatigue_interruption * (interruptions - p.usual_interruptions)
        + p.fatigue_sleep * (p.sleep_needed - sleep) / MINUTE
        + p.fatigue_detachment * (p.usual_detachment - detachment)
    ) + p.conflict_feedback * conflict


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
def anxiety_target(p: Parameters, trait: float, felt: float, watched: float, silenced: float) -> float:
    """Anxiety (M7, M12): trait, felt pressure, felt monitoring, and alerts that are cut off, each 0..1."""
    return trait + p.anxiety_expectation * felt + p.watch_anxiety * watched + p.anxiety_silence * silenced


@rule
def trust_target(p: Parameters, watched: float) -> float:
    """Trust in the employer (M12), by felt monitoring."""
    return p.trust_base - p.watch_trust * watched


@rule
def felt_monitoring(p: Parameters, archive: float, monitoring: float, limit: float, notice: float) -> float:
    """Monitoring as it is felt (M12): archived chats and a rule, less by limits and by notice, each 0..1."""
    strength = share(p.watch_archive * archive + monitoring) * (1.0 - limit)
    return strength * (1.0 - p.watch_notice * notice)
