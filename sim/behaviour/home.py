"""Spill-over between work and home, in both directions (M11)."""

from sim.behaviour.scales import share
from sim.core.compiled import rule
from sim.core.parameters import Parameters


@rule
def conflict_target(p: Parameters, obligated: float, overtime: float, fatigue: float, pressed: float) -> float:
    """Work-family conflict, 0..1, from hours of obligated work and overtime, fatigue, time pressure [E3, E7]."""
    tired = p.conflict_hours * obligated + p.conflict_late * overtime + p.conflict_strain * max(fatigue, 0.0)
    return share(tired + p.conflict_pressure * max(pressed, 0.0))


@rule
def enrichment_target(p: Parameters, chosen: float, efficacy: float) -> float:
    """Enrichment of home life by work, 0..1, from hours of chosen work outside hours and efficacy [E7]."""
    return share(p.enrichment_chosen * chosen + p.enrichment_efficacy * efficacy)


@rule
def partner_strain_target(p: Parameters, conflict: float, enrichment: float) -> float:
    """Strain of the partner, 0..1: conflict raises it and enrichment lowers it [E7]."""
    return share(p.partner_conflict * conflict - p.partner_enrichment * enrichment)
