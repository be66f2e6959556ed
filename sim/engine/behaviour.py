"""The rules of behaviour: small pure functions of scalars, to be read, doubted and changed.

Times are minutes unless the name says seconds; states are standard deviations or lie between 0 and 1, as their
columns say (``sim.columns.State``). What each parameter means, its range and its source stand in ``sim.parameters``.
The engine compiles these functions; without compilation they are plain Python.
"""

import math

from sim.columns import CALL, CLERICAL, IM, MAIL, MANAGER, SALES_SERVICE, TOOL
from sim.compiled import rule


@rule
def clip(x: float, low: float, high: float) -> float:
    """Keep a value inside bounds.

    Parameters
    ----------
    x : float
        The value.
    low : float
        Lower bound, same unit.
    high : float
        Upper bound, same unit.

    Returns
    -------
    float
        The nearest value inside.
    """
    return low if x < low else (high if x > high else x)


@rule
def chance(log_odds: float) -> float:
    """Turn log-odds into a chance.

    Parameters
    ----------
    log_odds : float
        Any real number.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return 1.0 / (1.0 + math.exp(-log_odds))


@rule
def approach(state: float, target: float, days: float) -> float:
    """Move a state for one day towards where it is drawn (exponential approach).

    Parameters
    ----------
    state : float
        Value today.
    target : float
        Value at which it would settle.
    days : float
        Time constant.

    Returns
    -------
    float
        Value tomorrow.
    """
    return target + (state - target) * math.exp(-1.0 / days)


# --- attention (M2) and overload (M3) -------------------------------------------------------------------------------


@rule
def alert_interrupts(react: float, intrusiveness: float, heard: float) -> float:
    """Chance that an alert takes a person away from a task at work (M2).

    Parameters
    ----------
    react : float
        Chance for an alert of full intrusiveness.
    intrusiveness : float
        Of the channel, 0..1.
    heard : float
        1, or for a group chat the share not muted.

    Returns
    -------
    float
        Chance, 0..1.
    """
    return react * intrusiveness * heard


@rule
def answer_chance(base: float, load: float, capacity: float, power: float, spared: float, sharing: float) -> float:
    """Chance that a message which wants an answer gets one (M3): what matters least is dropped first.

    Parameters
    ----------
    base : float
        Chance at low load, by the kind of message.
    load : float
        Messages received on a usual working day.
    capacity : float
        Load at which the chance has halved.
    power : float
        Steepness of the fall.
    spared : float
        How far this kind of message is spared from the fall, 0..1.
    sharing : float
        Readiness to share, 0..1 (M12).

    Returns
    -------
    float
        Chance, 0..1.
    """
    strain = math.log(1.0 + math.exp(power * math.log((load + 1.0) / capacity)))
    return base * sharing * math.exp(-(1.0 - spared) * strain)


@rule
def skim(load: float, capacity: float, floor: float) -> float:
    """Share of the usual reading time that a group message gets under load (M3).

    Parameters
    ----------
    load : float
        Messages received today.
    capacity : float
        Load that halves the reading time.
    floor : float
        Share that is left at least.

    Returns
    -------
    float
        Between the floor and 1.
    """
    return clip(1.0 - 0.5 * load / capacity, floor, 1.0)


# --- after hours (M4, M5) -------------------------------------------------------------------------------------------


@rule
def pressure(expectation: float, disconnect: float) -> float:
    """Felt pressure to be available outside hours.

    Parameters
    ----------
    expectation : float
        Perceived expectation, 0..1.
    disconnect : float
        Share of the feared penalty for silence taken away by a right that is used, 0..1 (``use_of_rights``).

    Returns
    -------
    float
        Between 0 and 1.
    """
    return expectation * (1.0 - disconnect)


@rule
def act_log_odds(
    base: float,
    by_expectation: float,
    by_segmentation: float,
    by_refusal: float,
    felt: float,
    segmentation: float,
    refuses: float,
) -> float:
    """Log-odds of acting on a plain message outside hours (M4).

    Parameters
    ----------
    base : float
        Log-odds of somebody of whom nothing is expected.
    by_expectation : float
        Log-odds added by full pressure.
    by_segmentation : float
        Log-odds taken away by the full wish to keep work and home apart.
    by_refusal : float
        Log-odds added, below 0, by refusal on principle.
    felt : float
        Pressure, 0..1.
    segmentation : float
        That wish, 0..1.
    refuses : float
        1 for somebody who refuses.

    Returns
    -------
    float
        Log-odds.
    """
    return base + by_expectation * felt - by_segmentation * segmentation + by_refusal * refuses


@rule
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
    """Log-odds that a message adds by who sent it and how (M4).

    Parameters
    ----------
    by_manager : float
        Log-odds for the own manager as sender.
    from_manager : float
        1 if the own manager sent it.
    by_urgency : float
        Log-odds for urgency.
    urgent : float
        1 if urgent.
    by_receipt : float
        Log-odds for a read receipt.
    receipt : float
        1 if the sender will see that it was read.
    by_group : float
        Log-odds for being one of many recipients.
    group : float
        1 for a group chat.

    Returns
    -------
    float
        Log-odds.
    """
    return by_manager * from_manager + by_urgency * urgent + by_receipt * receipt + by_group * group


@rule
def initiative(base: float, demand: float, example: float, own: float, refuses: float) -> float:
    """Chance per moment (half an hour) to start work messages outside hours: the daily decision of a manager (M4, M6).

    Parameters
    ----------
    base : float
        Chance at average demand.
    demand : float
        What this person expects of others outside hours, 0..1; average 0.5.
    example : float
        Restraint asked of managers by a rule, 0..1.
    own : float
        Messaging rate of the person, multiple of the standard.
    refuses : float
        1 for somebody who refuses work outside hours.

    Returns
    -------
    float
        Chance, 0..1.
    """
    return clip(base * 2.0 * demand * (1.0 - example) * math.sqrt(own) * (1.0 - refuses), 0.0, 1.0)


# --- norms (M6) -----------------------------------------------------------------------------------------------------


@rule
def felt_norm(share: float, tipping: float, steepness: float) -> float:
    """How strongly a behaviour of peers is felt as a norm, rising steeply around a tipping share (M6).

    Parameters
    ----------
    share : float
        Share of the peers' after-hours requests that they act on, 0..1.
    tipping : float
        Share at which half of the norm is felt.
    steepness : float
        Steepness of the rise.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return chance(steepness * (share - tipping))


@rule
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
    """Expectation towards which a person's perception moves (M6).

    Parameters
    ----------
    base : float
        Expectation that nobody causes.
    culture : float
        Pressure of the firm, shifts the whole, standard deviations.
    by_manager : float
        Weight of the manager.
    demand : float
        What the manager expects, 0..1.
    by_peers : float
        Weight of the peers.
    norm : float
        Felt norm of the peers, 0..1.
    by_contest : float
        Pull of the promotion contest.
    lead : float
        By how much the peers answer more than oneself, 0..1.
    by_firm : float
        Weight of what the firm demands openly.
    demanded : float
        Availability that the firm demands on top of its culture, 0..1.

    Returns
    -------
    float
        Between 0 and 1.
    """
    felt = base + 0.08 * culture + by_manager * demand + by_peers * norm + by_contest * lead + by_firm * demanded
    return clip(felt, 0.0, 1.0)


@rule
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
    """What a manager comes to expect of the team outside hours (M6, M10).

    Parameters
    ----------
    base : float
        Demand of a manager without that belief, if nobody answered.
    by_belief : float
        Added by the belief that silence at the weekend is irresponsible.
    belief : float
        1 for a manager who holds it.
    by_response : float
        Weight of what the manager gets.
    response : float
        Share of the team's after-hours requests acted on, 0..1.
    by_rule : float
        Share that a fully enforced rule takes away.
    strict : float
        The strictest rule in force against contact, 0..1.
    obeyed : float
        How far the firm's readiness has risen above that without enforcement, 0..1.
    by_training : float
        Share that a full training takes away.
    trained : float
        What is left of the training, 0..1.

    Returns
    -------
    float
        Between 0 and 1.
    """
    wanted = base + by_belief * belief + by_response * response
    return clip(wanted * (1.0 - by_rule * strict * obeyed) * (1.0 - by_training * trained), 0.0, 1.0)


# --- work (M8) ------------------------------------------------------------------------------------------------------


@rule
def working_speed(
    exhaustion: float, fatigue: float, by_exhaustion: float, by_fatigue: float, experience: float
) -> float:
    """Nominal work done per time spent (M8, M13).

    Parameters
    ----------
    exhaustion : float
        Standard deviations.
    fatigue : float
        Standard deviations.
    by_exhaustion : float
        Slowing per standard deviation of exhaustion.
    by_fatigue : float
        Slowing per standard deviation of fatigue.
    experience : float
        Speed of a rested person of this tenure, 0..1.

    Returns
    -------
    float
        At least 0.3; 1 for an average rested and experienced person.
    """
    return clip(experience * (1.0 - by_exhaustion * exhaustion - by_fatigue * fatigue), 0.3, 1.3)


@rule
def experience(tenure_days: float, newcomer: float, days: float) -> float:
    """Usefulness by tenure (M13).

    Parameters
    ----------
    tenure_days : float
        Days since hire.
    newcomer : float
        Speed on the first day, share of a full one.
    days : float
        Time constant of learning.

    Returns
    -------
    float
        Between ``newcomer`` and 1.
    """
    return 1.0 - (1.0 - newcomer) * math.exp(-max(tenure_days, 0.0) / days)


@rule
def fault_chance(base: float, by_exhaustion: float, exhaustion: float) -> float:
    """Chance that a finished task is faulty, before decisions by default (M8).

    Parameters
    ----------
    base : float
        Chance for an average person.
    by_exhaustion : float
        Added per standard deviation of exhaustion.
    exhaustion : float
        Standard deviations.

    Returns
    -------
    float
        Chance, 0..1.
    """
    return clip(base + by_exhaustion * max(exhaustion, 0.0), 0.0, 1.0)


@rule
def stay_minutes(backlog: float, share: float, by_culture: float, felt: float, longest: float) -> float:
    """How long a person stays at the office after hours (M9).

    Parameters
    ----------
    backlog : float
        Minutes of work that lie ready.
    share : float
        Share of it worked off today.
    by_culture : float
        Minutes added at full expectation.
    felt : float
        Pressure, 0..1.
    longest : float
        Upper bound.

    Returns
    -------
    float
        Minutes, 0 to the upper bound.
    """
    return clip(share * backlog + by_culture * felt, 0.0, longest)


@rule
def home_minutes(backlog: float, share: float, segmentation: float, longest: float) -> float:
    """How long a person works at home on what is left (M9).

    Parameters
    ----------
    backlog : float
        Minutes of work that lie ready.
    share : float
        Share of it taken home by somebody without a wish to keep apart.
    segmentation : float
        Wish to keep work and home apart, 0..1.
    longest : float
        Upper bound.

    Returns
    -------
    float
        Minutes, 0 to the upper bound.
    """
    return clip(share * backlog * (1.0 - 0.5 * segmentation), 0.0, longest)


# --- rules and obedience (M10) --------------------------------------------------------------------------------------


@rule
def obeys(closure: float, compliance: float, rank: float) -> bool:
    """Whether a person keeps to a closed channel (M10).

    Parameters
    ----------
    closure : float
        How far the rule is in force, 0..1; 2 means that the channel does not exist.
    compliance : float
        Readiness of the firm, 0..1.
    rank : float
        The person's own threshold, 0..1.

    Returns
    -------
    bool
        True if the channel is not used.
    """
    return closure >= 2.0 or closure * compliance > rank


@rule
def dares(anonymous: float, rank: float) -> float:
    """How far a person dares to complain (M10).

    Parameters
    ----------
    anonymous : float
        How far complaints need no name, 0..1.
    rank : float
        The person's rank, 0..1: the outspoken have low ranks.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return (0.25 + 0.75 * anonymous) * (1.0 - rank)


@rule
def weight_of_money(yuan: float, scale: float) -> float:
    """How much an amount is felt: less and less for each further yuan.

    Parameters
    ----------
    yuan : float
        Per employee of the firm.
    scale : float
        Amount that is felt at 63 % of what a very large one is.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return 1.0 - math.exp(-yuan / scale)


@rule
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
    """How much a firm minds being found in breach (M10).

    Parameters
    ----------
    by_order : float
        Weight of an upheld breach by itself.
    by_fine : float
        Weight of a very large fine.
    fine : float
        Yuan per employee of the firm.
    scale : float
        See ``weight_of_money``.
    order_first : float
        How far the first upheld breach brings an order and no fine, 0..1.
    left : float
        What is then left of the weight, share.
    by_publicity : float
        Weight of being named in public.
    publicity : float
        How far breaches are made public, 0..1.

    Returns
    -------
    float
        Between 0 and 1.
    """
    minded = by_order + by_fine * weight_of_money(fine, scale)
    return clip(minded * (1.0 - order_first * (1.0 - left)) + by_publicity * publicity, 0.0, 1.0)


@rule
def found_out(inspections: float, complaints: float) -> float:
    """Chance that a firm which breaks a rule is found out within a year, as the firm sees it (M10).

    Parameters
    ----------
    inspections : float
        Inspections a year.
    complaints : float
        Complaints a year that the firm has to reckon with.

    Returns
    -------
    float
        Chance, 0..1.
    """
    return 1.0 - math.exp(-(inspections + complaints))


@rule
def readiness(base: float, by_fear: float, fear: float, lure: float) -> float:
    """A firm's readiness to obey, towards which it moves (M10).

    Parameters
    ----------
    base : float
        Readiness without any enforcement.
    by_fear : float
        How fast it rises with fear.
    fear : float
        Perceived weight of a sanction, 0..1.
    lure : float
        Push by incentive and training, 0 or more.

    Returns
    -------
    float
        Between ``base`` and 1.
    """
    return 1.0 - (1.0 - base) * math.exp(-by_fear * fear - lure)


@rule
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
    """How far people use a right not to answer: what protects them brings part of the unused right into use (M10).

    Parameters
    ----------
    base : float
        Use of a right that nothing protects, share.
    by_union : float
        Part of the unused right that a union brings into use.
    union : float
        1 if there is one.
    by_complaint : float
        Part that an open channel of complaint brings into use.
    complaint : float
        Openness of the channel, 0..1.
    daring : float
        How far the person dares to complain, 0..1.
    by_fear : float
        How fast the unused part falls with the firm's fear of a sanction.
    fear : float
        That fear, 0..1.

    Returns
    -------
    float
        Between ``base`` and 1.
    """
    unused = (1.0 - base) * (1.0 - by_union * union) * (1.0 - by_complaint * complaint * daring)
    return 1.0 - unused * math.exp(-by_fear * fear)


@rule
def channel_by_morning(usual: int, group: int, usual_open: bool, im: bool, tool: bool, mail: bool, call: bool) -> int:
    """Channel of a message that found none open and waits: its own if that is open then, or else the next best (M10).

    Parameters
    ----------
    usual : int
        Channel by which it would have gone.
    group : int
        1 for a group chat.
    usual_open : bool
        Whether that channel is open then.
    im : bool
        Whether instant messages are open then.
    tool : bool
        Whether a project tool or internal messenger is at hand and open.
    mail : bool
        Whether mail is open.
    call : bool
        Whether calls are open.

    Returns
    -------
    int
        The channel, or -1 if nothing is open: the message is not sent.
    """
    if usual_open:
        return usual
    if im and group == 0:
        return IM
    if tool:
        return TOOL
    if mail:
        return MAIL
    return CALL if call and group == 0 else -1


# --- windows of the day ---------------------------------------------------------------------------------------------


@rule
def within(minute: float, start: float, end: float) -> bool:
    """Whether a minute of the day lies in a window.

    Parameters
    ----------
    minute : float
        Minute of the day.
    start : float
        First minute of the window.
    end : float
        Minute after its last; before ``start`` if it goes past midnight.

    Returns
    -------
    bool
        False everywhere if both ends are the same.
    """
    if start <= end:
        return start <= minute < end
    return minute >= start or minute < end


@rule
def alerts_are_quiet(minute: float, focus_from: float, focus_to: float, core_from: float, core_to: float) -> bool:
    """Whether no alert may interrupt at work: in protected hours, and outside of shared hours where there are some.

    Parameters
    ----------
    minute : float
        Minute of the day.
    focus_from : float
        Start of protected hours.
    focus_to : float
        Their end.
    core_from : float
        Start of shared hours.
    core_to : float
        Their end; the same as their start if there are none.

    Returns
    -------
    bool
        True if alerts are kept quiet.
    """
    return within(minute, focus_from, focus_to) or (core_from != core_to and not within(minute, core_from, core_to))


@rule
def shifted_opening(opening: float, flexible: float, u: float) -> int:
    """Start of the contract hours of somebody who may shift the working day.

    Parameters
    ----------
    opening : float
        Second of the day at which the firm opens.
    flexible : float
        Minutes by which the day may be shifted either way.
    u : float
        The person's own draw, 0..1: where in that span the person starts.

    Returns
    -------
    int
        Second of the day, between 5:00 and 14:00.
    """
    return int(clip(opening + 60.0 * flexible * (2.0 * u - 1.0), 18_000.0, 50_400.0))


# --- strain and recovery (M7), home (M11), watching (M12) -----------------------------------------------------------


@rule
def sleep_minutes(base: float, slope: float, rest: float, late_loss: float, late: float) -> float:
    """Sleep in the night (M7).

    Parameters
    ----------
    base : float
        Minutes at a rest of 13 hours.
    slope : float
        Minutes gained per minute of rest.
    rest : float
        Minutes between the end of work and its next start.
    late_loss : float
        Minutes lost by messages before bed.
    late : float
        1 if messages were looked at in the last hour.

    Returns
    -------
    float
        Minutes, between 180 and 600.
    """
    return clip(base + slope * (clip(rest, 360.0, 960.0) - 780.0) - late_loss * late, 180.0, 600.0)


@rule
def detachment_target(
    felt: float, obligated: float, chosen: float, by_expectation: float, by_obligated: float, by_chosen: float
) -> float:
    """Detachment from work towards which a person moves (M5).

    Parameters
    ----------
    felt : float
        Pressure to be available, 0..1, also on an evening without messages.
    obligated : float
        Hours worked today by obligation outside hours.
    chosen : float
        Hours worked today by choice outside hours.
    by_expectation : float
        Loss by full pressure.
    by_obligated : float
        Loss per hour.
    by_chosen : float
        Loss per hour.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return clip(1.0 - by_expectation * felt - by_obligated * obligated - by_chosen * chosen, 0.0, 1.0)


@rule
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
    """Fatigue towards which a person moves (M7).

    Parameters
    ----------
    hours : float
        Hours worked today.
    interruptions : float
        Interruptions today.
    sleep : float
        Minutes slept.
    detachment : float
        0..1.
    by_hours : float
        Per hour beyond six and a half, the mean of a week of 45 hours with its free days.
    by_interruption : float
        Per interruption.
    by_sleep : float
        Per hour short of seven.
    by_detachment : float
        By its full lack.

    Returns
    -------
    float
        Standard deviations; 0 for an average day of work with enough sleep.
    """
    return (
        by_hours * (hours - 6.5)
        + by_interruption * (interruptions - 20.0)
        + by_sleep * (420.0 - sleep) / 60.0
        + by_detachment * (0.7 - detachment)
    )


@rule
def exhaustion_target(
    fatigue: float, detachment: float, emotional: float, by_fatigue: float, by_detachment: float, by_emotion: float
) -> float:
    """Exhaustion towards which a person moves, besides the trait (M7).

    Parameters
    ----------
    fatigue : float
        Standard deviations.
    detachment : float
        0..1.
    emotional : float
        1 for emotional labour (sales and service).
    by_fatigue : float
        Per standard deviation.
    by_detachment : float
        By its full lack.
    by_emotion : float
        For emotional labour.

    Returns
    -------
    float
        Standard deviations.
    """
    return by_fatigue * fatigue + by_detachment * (1.0 - detachment) + by_emotion * emotional


@rule
def burnout(exhaustion: float, cynicism: float) -> float:
    """Burnout score: the mean of exhaustion and cynicism (M7).

    Parameters
    ----------
    exhaustion : float
        Standard deviations.
    cynicism : float
        Standard deviations.

    Returns
    -------
    float
        Standard deviations.
    """
    return 0.5 * (exhaustion + cynicism)


@rule
def felt_monitoring(monitoring: float, notice: float, relief: float) -> float:
    """Monitoring as it is felt (M12).

    Parameters
    ----------
    monitoring : float
        Strength, 0..1.
    notice : float
        Share that is announced and explained, 0..1.
    relief : float
        How much full notice takes away, 0..1.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return monitoring * (1.0 - relief * notice)


# --- money ----------------------------------------------------------------------------------------------------------


@rule
def hourly_wage(role: int, manager: float, professional: float, service: float, clerical: float) -> float:
    """Pay of a contract hour, by role.

    Parameters
    ----------
    role : int
        Number of the role.
    manager : float
        Yuan per hour, for managers.
    professional : float
        Yuan per hour, for engineers, knowledge workers and teachers.
    service : float
        Yuan per hour, for sales and service.
    clerical : float
        Yuan per hour, for clerical staff.

    Returns
    -------
    float
        Yuan per hour.
    """
    if role == MANAGER:
        return manager
    if role == SALES_SERVICE:
        return service
    return clerical if role == CLERICAL else professional


@rule
def paid_share(without: float, by_rule: float) -> float:
    """Share of some overtime that is paid: a rule adds to what is paid anyway.

    Parameters
    ----------
    without : float
        Share paid without the rule, 0..1.
    by_rule : float
        Share of the rest that the rule makes firms pay, 0..1.

    Returns
    -------
    float
        Between 0 and 1.
    """
    return without + (1.0 - without) * by_rule
