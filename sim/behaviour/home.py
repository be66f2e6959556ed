"""Work that spills over to the home, in both directions (M11)."""

from sim.behaviour.scales import share
from sim.core.compiled import rule
from sim.core.parameters import Parameters


@rule
def conflict_target(p: Parameters, obligated: float, overtime: float, fatigue: float, pressed: float) -> float:
    """Conflict between work and family, 0..1: obligated hours, hours of recorded overtime, fatigue, time pressure."""
    tired = p.conflict_hours * obligated + p.conflict_late * overtime + p.conflict_strain * max(fatigue, 0.0)
    return share(tired + p.conflict_pressure * max(pressed, 0.0))


@rule
def enrichment_target(p: Parameters, chosen: float, efficacy: float) -> float:
    """Enrichment of the home by work, 0..1: by hours chosen off hours, and efficacy."""
    return share(p.enrichment_chosen * chosen + p.enrichment_efficacy * efficacy)


@rule
def partner_strain_target(p: Parameters, conflict: float, enrichment: float) -> float:
    """Strain of the partner, 0..1."""
    return share(p.partner_conflict * conflict - p.partner_enrichment * enrichment)
