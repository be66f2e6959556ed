"""Who obeys a rule, who dares to use a right, and what fear and money add."""

from sim.behaviour.scales import share
from sim.core.compiled import rule
from sim.core.elementary import exp, log
from sim.core.parameters import Parameters


@rule
def obeys(closure: float, compliance: float, rank: float) -> bool:
    """Whether a person keeps to a closed channel or another limit (M10).

    ``closure`` says how far the rule is in force, 0..1, or 2 if the channel does not exist; ``compliance`` is the
    firm's, and ``rank`` the person's own threshold, both 0..1.
    """
    return closure >= 2.0 or closure * compliance > rank


@rule
def silence(hold: float, closure: float, banned: float, system: float, compliance: float) -> float:
    """Share of contact outside hours that rules take from a person (M16): held, closed or prohibited, as far as obeyed.

    ``closure`` is that of the messenger, without one that does not exist: nobody misses out on that. ``system`` is
    the share of people for whom the system closes it.
    """
    by_system = system if closure > 0.0 else 0.0
    closed = 1.0 - (1.0 - by_system) * (1.0 - closure * compliance)
    return max(hold, closed, banned * compliance)


@rule
def rank_of_week(p: Parameters, trait: float, week: float) -> float:
    """Rank in keeping to rules this week (M10): a mixture of a trait and a draw of the week, each uniform from 0 to 1.

    The mixture is turned into its own rank, so that ranks are uniform at any weight of the week.
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
    """Minutes below a weekly cap at which who keeps to it stops this week (M10), by a uniform draw: exponential."""
    return p.cap_margin * -log(u)


@rule
def may_go_home(p: Parameters, backlog: float, cut: float) -> float:
    """Minutes of a backlog that may be taken home (M10): of what a cap has cut, a share stays on the desk."""
    return max(backlog - (1.0 - p.cap_home) * cut, 0.0)


@rule
def unwritten(p: Parameters, use: float) -> float:
    """Share of messages not started outside hours because of a right not to answer (M10), by how far it is used."""
    return p.right_senders * use


@rule
def spared(p: Parameters, use: float) -> float:
    """Chance that a chat message outside hours takes a less intrusive way because of such a right (M10)."""
    return p.right_channel * use


@rule
def dares(p: Parameters, anonymous: float, rank: float) -> float:
    """How far a person dares to complain (M10): less if complaints need a name; the outspoken have low ranks."""
    return (p.dare_named + (1.0 - p.dare_named) * anonymous) * (1.0 - rank)


@rule
def weight_of_money(p: Parameters, yuan: float) -> float:
    """How much an amount per employee is felt, 0..1: less and less for each further yuan."""
    return 1.0 - exp(-yuan / p.fear_scale)


@rule
def weight_of_sanction(p: Parameters, fine: float, order_first: float, publicity: float) -> float:
    """How much a firm minds being found in breach (M10), 0..1.

    ``fine`` is in yuan per employee; ``order_first`` says how far the first upheld breach brings an order and no fine,
    ``publicity`` how far breaches are made public.
    """
    minded = p.fear_order + p.fear_fine * weight_of_money(p, fine)
    return share(minded * (1.0 - order_first * (1.0 - p.fear_ordered)) + p.fear_publicity * publicity)


@rule
def found_out(inspections: float, complaints: float) -> float:
    """Chance that a firm in breach is found out within a year, by the number of inspections and complaints a year."""
    return 1.0 - exp(-(inspections + complaints))


@rule
def readiness_target(p: Parameters, fear: float, incentive: float, trained: float) -> float:
    """A firm's readiness to obey (M10): by fear, by an incentive in yuan per employee, and by training."""
    lure = p.compliance_incentive * weight_of_money(p, incentive) + p.compliance_training * trained
    return 1.0 - (1.0 - p.compliance_base) * exp(-p.compliance_fear * fear - lure)


@rule
def use_of_rights(p: Parameters, union: float, complaint: float, daring: float, fear: float) -> float:
    """How far people use a right not to answer (M10): what protects them brings part of the unused right into use.

    A union (0 or 1), an open channel of complaint for who dares, and the firm's fear of a sanction.
    """
    unused = (1.0 - p.right_base) * (1.0 - p.right_union * union) * (1.0 - p.right_complaint * complaint * daring)
    return 1.0 - unused * exp(-p.right_fear * fear)
