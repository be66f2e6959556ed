"""Who obeys a rule, who uses a right, and what fear of sanctions and money change (M10)."""

from sim.behaviour.scales import share
from sim.core.compiled import rule
from sim.core.elementary import exp, log
from sim.core.parameters import Parameters


@rule
def obeys(closure: float, compliance: float, rank: float) -> bool:
    """Whether a person complies with a closed channel or another limit (M10). Assumption.

    ``closure`` is how far the rule is in force, 0..1, or 2 if the channel does not exist. ``compliance`` is the firm's
    readiness to obey and ``rank`` the person's own threshold, both 0..1.
    """
    return closure >= 2.0 or closure * compliance > rank


@rule
def silence(hold: float, closure: float, banned: float, system: float, compliance: float) -> float:
    """Share of contact outside hours that rules take from a person, as far as people obey them (M16). Assumption.

    ``hold``, ``closure`` and ``banned`` are the strengths of held delivery, a closed messenger and a prohibition of
    contact. A messenger that does not exist counts as 0. For a share ``system`` of people the system itself closes it.
    """
    by_system = system if closure > 0.0 else 0.0
    closed = 1.0 - (1.0 - by_system) * (1.0 - closure * compliance)
    return max(hold, closed, banned * compliance)


@rule
def rank_of_week(p: Parameters, trait: float, week: float) -> float:
    """Rank in keeping to rules this week, 0..1, by which the least willing to obey have the highest (M10) [E5].

    It mixes a lasting trait with a draw of the week, both uniform on 0..1, and turns the mixture into its own rank.
    Ranks are therefore uniform whatever the weight of the week (``obedience_spread``).
    """
    mixed = (1.0 - p.obedience_spread) * trait + p.obedience_spread * week
    large, small = max(p.obedience_spread, 1.0 - p.obedience_spread), min(p.obedience_spread, 1.0 - p.obedience_spread)
    if mixed < small:
        return mixed * mixed / (2.0 * small * large)
    if mixed > large:
        return 1.0 - (1.0 - mixed) * (1.0 - mixed) / (2.0 * small * large)
    return (mixed - 0.5 * small) / large


@rule
def margin_below_cap(p: Parameters, u: float) -> float:
    """Minutes a week below a cap at which a person who obeys it stops (M10): exponential, from a uniform ``u`` [E5]."""
    return p.cap_margin * -log(u)


@rule
def may_go_home(p: Parameters, backlog: float, cut: float) -> float:
    """Minutes of a backlog that may be taken home (M10) [E5]; part of the ``cut`` minutes lost to a cap stays."""
    return max(backlog - (1.0 - p.cap_home) * cut, 0.0)


@rule
def unwritten(p: Parameters, use: float) -> float:
    """Share of messages outside hours that a right not to answer keeps people from starting (M10). Assumption."""
    return p.right_senders * use


@rule
def spared(p: Parameters, use: float) -> float:
    """Chance that a chat message outside hours takes a less intrusive way because of that right (M10). Assumption."""
    return p.right_channel * use


@rule
def dares(p: Parameters, anonymous: float, rank: float) -> float:
    """How far a person dares to complain, 0..1 (M10): less if named or with a high ``rank``. Assumption."""
    return (p.dare_named + (1.0 - p.dare_named) * anonymous) * (1.0 - rank)


@rule
def weight_of_money(p: Parameters, yuan: float) -> float:
    """How strongly an amount in yuan per employee is felt, 0..1; each further yuan adds less. Assumption."""
    return 1.0 - exp(-yuan / p.fear_scale)


@rule
def weight_of_sanction(p: Parameters, fine: float, order_first: float, publicity: float) -> float:
    """How much a firm minds being found in breach, 0..1 (M10). Assumption.

    ``fine`` is in yuan per employee. ``order_first`` is how far the first upheld breach brings an order in place of a
    fine, ``publicity`` how far breaches are made public; both are 0..1.
    """
    minded = p.fear_order + p.fear_fine * weight_of_money(p, fine)
    return share(minded * (1.0 - order_first * (1.0 - p.fear_ordered)) + p.fear_publicity * publicity)


@rule
def found_out(inspections: float, complaints: float) -> float:
    """Chance that a firm in breach is found out within a year, from inspections and complaints per year."""
    return 1.0 - exp(-(inspections + complaints))


@rule
def readiness_target(p: Parameters, fear: float, incentive: float, trained: float) -> float:
    """A firm's readiness to obey, 0..1 (M10): fear, an incentive in yuan per employee and training raise it [E5]."""
    lure = p.compliance_incentive * weight_of_money(p, incentive) + p.compliance_training * trained
    return 1.0 - (1.0 - p.compliance_base) * exp(-p.compliance_fear * fear - lure)


@rule
def use_of_rights(p: Parameters, union: float, complaint: float, daring: float, fear: float) -> float:
    """Share, 0..1, in which people use a right not to answer (M10). Assumption.

    Without protection few use it. A union (0 or 1), a channel of complaint for those who dare to use it, and the firm's
    fear of a sanction each bring part of the unused right into use.
    """
    unused = (1.0 - p.right_base) * (1.0 - p.right_union * union) * (1.0 - p.right_complaint * complaint * daring)
    return 1.0 - unused * exp(-p.right_fear * fear)
