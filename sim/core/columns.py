"""Vocabulary of the model: enumerations, and every state column with its unit.

Fields are defined only here. ``sim.engine.state`` builds the engine's records from them, and tables, figures and pages
use the same names.
"""

from typing import NamedTuple

ROLES = ("manager", "engineer", "knowledge", "sales_service", "teacher", "clerical")
CHANNELS = ("im", "group", "mail", "tool", "call", "shadow", "talk")
CLOSABLE = CHANNELS[:-1]  # channels that a rule can close; nobody can close talking
KINDS = ("question", "answer", "assignment", "status_request", "broadcast", "chatter")
EVENTS = ("sent", "delivered", "read", "answered", "buried", "cleared")

MANAGER, ENGINEER, KNOWLEDGE, SALES_SERVICE, TEACHER, CLERICAL = range(len(ROLES))
IM, GROUP, MAIL, TOOL, CALL, SHADOW, TALK = range(len(CHANNELS))
QUESTION, ANSWER, ASSIGNMENT, STATUS_REQUEST, BROADCAST, CHATTER = range(len(KINDS))
SENT, DELIVERED, READ, ANSWERED, BURIED, CLEARED = range(len(EVENTS))

OFF, OFFICE, HOME = range(3)  # where a person's time goes: free, at the workplace, or working at home
FREE, READY, BLOCKED, FAULTY = range(4)  # a task's slot: empty, workable, waiting for an answer or for a verdict


class State(NamedTuple):
    """Real-valued columns of a person: traits, then dynamic states, then today's decisions."""

    workload: int  # trait, multiple of the standard amount of arriving work
    activity: int  # trait, standard deviations of its logarithm, behind work, messages, questions, answers, being asked
    volume: int  # from activity, multiple of the standard messaging rate
    asking: int  # from activity, multiple of the standard number of questions of a task
    answering: int  # from activity, multiple of the standard chance of answers and announcements that nobody waits for
    asked: int  # from activity, weight with which the person is asked
    segmentation: int  # trait, wish to keep work and home apart, 0..1
    refuses: int  # trait, refuses work messages outside hours: 1 or 0
    muted: int  # trait, share of group chats muted, 0..1
    voice: int  # trait, uniform rank 0..1 in complaining and in keeping to rules: 0 the first, 1 the last to do so
    exhaustion_trait: int  # trait, standard deviations
    fatigue: int  # fast state, standard deviations
    fatigue_week: int  # mean of fatigue over the days of this week so far
    detachment: int  # state, 0..1
    detachment_week: int  # mean of detachment over the days of this week so far
    exhaustion_state: int  # slow state, standard deviations
    cynicism: int  # slow state with trait, standard deviations
    efficacy: int  # slow state, standard deviations
    anxiety: int  # state with trait, standard deviations
    anxiety_trait: int  # trait, standard deviations
    trust: int  # slow state, 0..1
    informed: int  # state, known share of what one should know of the others' work, 0..1
    time_pressure: int  # state, from work left undone at the end of the last days of work, standard deviations
    conflict: int  # work-family conflict, 0..1
    enrichment: int  # work-family enrichment, 0..1
    partner_strain: int  # 0..1, 0 without a partner
    expectation: int  # perceived expectation to be available outside hours, 0..1
    demand: int  # availability that a manager expects of reports outside hours, 0..1
    belief: int  # 1 if a manager believes that no reply at the weekend is irresponsible, otherwise 0
    burden: int  # messages received on a working day, as a moving average over a few days
    response: int  # share of the requests that came in free time that were acted on then, as a moving average, 0..1
    sleep: int  # minutes of sleep in the last night
    speed: int  # today's nominal seconds of work per second of focus
    check_work: int  # today's chance to take up a moment of self-interruption at work, 0..1
    check_off: int  # today's chance to look at messages at a moment outside hours, 0..1
    act_logit: int  # today's log-odds of acting on a plain after-hours message
    free_logit: int  # the same without any expectation
    initiative: int  # today's chance to start work messages at a moment outside hours, 0..1
    usual_demand: int  # trait, what a manager expected on the first day, 0..1
    usual_initiative: int  # a manager's chance to have reason for this, whatever the rules, 0..1; 0 for others
    care: int  # today's chance that a finished task is faulty, before other causes, 0..1
    sharing: int  # today's factor of the chance to answer, by trust and monitoring
    answers_kept: int  # today's share of the usual chance to answer that remains under the load, 0..1
    questions_kept: int  # the same for questions
    follows_kept: int  # the same for answers in a thread
    skims: int  # today's share of the usual reading time that a group message gets, 0..1
    use_of_rights: int  # share of the feared penalty for silence that a right in use takes away today, 0..1
    felt: int  # today's felt pressure to be available outside hours, 0..1
    rank: int  # this week's uniform rank in keeping to rules, 0..1: 0 the first, 1 the last to obey
    margin: int  # minutes below a weekly cap at which the person stops this week
    cut: int  # minutes by which a cap shortened the last stay after contract hours
    trained: int  # remaining effect of a training on what may be expected, 0..1
    outside_rate: int  # mean number of messages that outsiders write on a day like today
    outside_passed: int  # share of today's outside messages that has come with the next of them


class Weekly(NamedTuple):
    """A state that tables store at the end of each week: its unit and meaning."""

    unit: str
    meaning: str


WEEKLY_STATES: dict[str, Weekly] = {
    "exhaustion": Weekly("sd", "trait and changing part together"),
    "cynicism": Weekly("sd", "distance from work"),
    "efficacy": Weekly("sd", "sense of getting the work done"),
    "anxiety": Weekly("sd", "trait and changing part together"),
    "fatigue": Weekly("sd", "mean over the days of the week"),
    "detachment": Weekly("0..1", "from work in free time; mean over the days of the week"),
    "informed": Weekly("0..1", "share of what one should know of the others' work"),
    "time_pressure": Weekly("sd", "by work ready, questions open and tasks overdue at the end of a day of work"),
    "trust": Weekly("0..1", "in the firm"),
    "conflict": Weekly("0..1", "between work and family"),
    "enrichment": Weekly("0..1", "of family life by work"),
    "partner_strain": Weekly("0..1", "strain of the partner; 0 for those who live alone"),
    "expectation": Weekly("0..1", "perceived expectation to be available outside hours"),
    "demand": Weekly("0..1", "what a manager expects of reports outside hours; null for others"),
    "response": Weekly("0..1", "requests acted on in free time, of those that came then, as remembered"),
    "use_of_rights": Weekly("0..1", "share of the feared penalty for silence that a right in use takes away"),
    "compliance": Weekly("0..1", "of the firm: readiness to obey the rules in force"),
    "fear": Weekly("0..1", "of the firm: chance to be found out times the weight of the sanction"),
}


class Seat(NamedTuple):
    """Integer columns of a person; those used in every turn come first, to share cache lines."""

    clock: int  # second up to which the person's time is accounted, from the start of the run
    place: int  # OFF, OFFICE or HOME
    contract_start: int  # second at which today's contract hours start; the midnight on a day off
    contract_end: int  # second at which they end; the same midnight on a day off
    rest_from: int  # second at which work last ended
    best_rest: int  # seconds: longest rest since the last working day
    worked_today: int  # seconds
    alert: int  # inbox number of the message to handle next, -1 if none
    alert_at: int  # second at which it is handled
    head: int  # inbox: number of the oldest entry
    tail: int  # inbox: number after the newest entry
    disturbed: int  # alerts left alone since the last turn on a task
    awaited: int  # inbox number of the last answer for which a task waited, -1 if none
    browse: int  # messages that may still be read at this check
    load: int  # messages received today
    focus: int  # 1 while working on a task
    task: int  # slot of the task in hand, -1 if none
    engaged: int  # slot of the task last worked on without interruption, -1 after anything else
    check: int  # second of the next moment of self-interruption
    later: int  # answers put off
    later_at: int  # second at which the first of them is due, or NEVER
    kept: int  # orders and hand-offs kept for another working day
    firm: int
    role: int
    manages: int  # 1 if somebody reports to this person
    bed: int  # second of tonight's bedtime
    manager: int  # row of the manager, -1 for the head
    team: int  # number of the team inside the firm that this person leads, -1 for none
    own_team_chat: int  # number of the chat of the own team
    led_chat: int  # number of the chat of the team led, -1 for none
    team_first: int  # row of the first member of the own team
    team_size: int  # members of the own team, without its manager
    led_first: int  # row of the first member of the team led, -1 if none
    led_size: int
    tie0: int  # rows of contacts anywhere in the firm, the closest first
    tie1: int
    tie2: int
    tie3: int
    tie4: int
    tie5: int
    tie6: int
    tie7: int
    tie8: int
    tie9: int
    partner: int  # 1 if living with a partner
    generation: int  # number of people who held this seat before
    hired: int  # day of hire, may be negative
    start: int  # second of the next arrival at work today, or NEVER
    lunch: int  # second of today's midday break, NEVER once it has been taken
    leave: int  # second of today's planned departure
    stayed: int  # 1 once the length of the stay after hours has been decided
    session: int  # second at which tonight's work at home starts, or NEVER
    session_end: int
    block: int  # number of the next ten-minute block of the day for such a moment
    hurry: int  # 1 while making up for an interruption of the task
    seen: int  # inbox number up to which the person has looked tonight
    requests: int  # requests of today that came in free time
    responses: int  # requests acted on in free time today
    obligated_today: int  # seconds
    chosen_today: int  # seconds
    interrupted_today: int
    late_check: int  # 1 if messages were looked at in the last hour before bed
    met_today: int  # output seconds today
    emergency: int  # emergency calls used this week
    worked_week: int  # seconds worked this week
    recorded_week: int  # recorded seconds worked this week
    overtime_today: int  # recorded seconds outside contract hours today
    arrived: int  # 1 once the person has come to work today
    office_today: int  # seconds recorded at the office today
    left_at: int  # second at which the person last left the office
    round_at: int  # second of the next round of kept-back alerts today, or NEVER
    marks: int  # messages marked urgent today
    unanswered: int  # own questions and exceptions that were open at the end of the last day of work
    outside_number: int  # number of the next message from outside today
    talking: int  # 1 if the message handled next is spoken
    meeting_at: int  # second at which the next meeting of today begins, or NEVER
    meeting_end: int  # second at which it ends
    meeting: int  # number of this meeting among those of the person's day
    met_week: int  # seconds of meetings attended this week
    news_today: int  # messages to groups read today that bring news
    meetings_today: int  # meetings attended today
    desk_work: int  # seconds: nominal size of the tasks on the desk at the end of last week
    overdue_tasks: int  # tasks on the desk this morning that were past their due date
    part_time: int  # 1 if contract hours are those of part time
    site: int  # number of the first team at the site where the person works
    written: int  # messages written by all holders of the seat since the first day, including those not sent


class Ledger(NamedTuple):
    """Weekly sums per person: seconds for times, fen for money, counts otherwise."""

    off_seconds: int
    office_task_seconds: int
    office_message_seconds: int
    office_search_seconds: int
    office_resume_seconds: int
    office_talk_seconds: int
    office_meeting_seconds: int
    office_idle_seconds: int
    home_task_seconds: int
    home_message_seconds: int
    home_search_seconds: int
    home_resume_seconds: int
    recorded_overtime_seconds: int
    latent_overtime_seconds: int
    rest_day_overtime_seconds: int
    statutory_overtime_seconds: int
    hidden_overtime_seconds: int
    obligated_seconds: int
    chosen_seconds: int
    waiting_seconds: int
    cycle_seconds: int
    arrived_work_seconds: int
    output_seconds: int
    rework_seconds: int
    spoiled_seconds: int
    dropped_work_seconds: int
    late_seconds: int
    assigned_work_seconds: int
    handed_work_seconds: int
    lapsed_work_seconds: int
    desk_growth_seconds: int
    contract_output_seconds: int
    recorded_output_seconds: int
    paid_output_seconds: int
    tasks_arrived: int
    tasks_done: int
    backlog_seconds: int
    open_questions: int
    overdue_tasks: int
    tasks_dropped: int
    tasks_late: int
    hand_offs: int
    assignments_deferred: int
    assignments_lapsed: int
    chases: int
    questions: int
    unblocked: int
    reasked: int
    referred: int
    defaults: int
    exceptions: int
    switches: int
    interruptions: int
    checks: int
    looking_seconds: int
    found: int
    talks: int
    missed: int
    settled: int
    given_in_meetings: int
    meetings: int
    dropped_meetings: int
    sent: int
    received: int
    read: int
    answered: int
    buried: int
    cleared: int
    forgotten: int
    cleared_held: int
    reply_seconds: int
    sent_im: int
    sent_group: int
    sent_mail: int
    sent_tool: int
    sent_call: int
    sent_shadow: int
    sent_talk: int
    after_sent: int
    after_received: int
    after_requests: int
    after_acted: int
    after_seconds_im: int
    after_seconds_group: int
    after_seconds_mail: int
    after_seconds_tool: int
    after_seconds_call: int
    after_seconds_shadow: int
    after_seconds_talk: int
    after_days: int
    long_days: int
    workdays: int
    absent_days: int
    short_rests: int
    rest_seconds: int
    rests: int
    sleep_minutes: int
    breaches: int
    evasions: int
    postponed: int
    unsent: int
    substituted: int
    summarised: int
    not_held: int
    outside_received: int
    outside_answered: int
    outside_wait_seconds: int
    outside_after_seconds: int
    outside_moved: int
    outside_shut_out: int
    outside_lost_seconds: int
    exits: int
    burnt_out_days: int
    emergency_calls: int
    complaints: int
    inspections: int
    orders: int
    paid_overtime_seconds: int
    wage_fen: int
    overtime_pay_fen: int
    tool_cost_fen: int
    training_cost_fen: int
    monitoring_cost_fen: int
    emergency_cost_fen: int
    fines_fen: int
    exit_cost_fen: int
    subsidy_fen: int
    enforcement_cost_fen: int


class Firm(NamedTuple):
    """Real-valued columns of a firm."""

    compliance: int  # readiness to obey the rules in force, 0..1
    fear: int  # fear of a sanction for a breach: chance to be found out times its weight, 0..1
    culture: int  # trait: pressure to be available, standard deviations
    opening: int  # seconds of the day at which contract hours start
    pays: int  # 1 if hidden overtime is paid
    archive: int  # 1 if chats are archived
    adoption: int  # uniform rank 0..1 for scopes that reach a share of the firms
    breaches: int  # detectable breaches in the current week
    fines: int  # yuan of fines so far
    complaints: int
    inspections: int
    union: int  # uniform rank 0..1; the firm has a union if a rule's union strength is above it
    monitored: int  # felt strength of monitoring, 0..1
    orders: int  # orders so far: first upheld breaches, which brought no fine
    clean: int  # weeks since the last upheld breach, at most 52
    day_seconds: int  # seconds from start to end of contract hours, including the midday break
    break_seconds: int  # seconds of the midday break


class Rule(NamedTuple):
    """Rules that the engine applies, one row per distinct rule set and role; 0 everywhere means no rule."""

    closed_im: int  # share of a closure in force at all times, 0..1; 2 for a channel that does not exist
    closed_group: int
    closed_mail: int
    closed_tool: int
    closed_call: int
    closed_shadow: int
    off_im: int  # share of a closure in force in the quiet window only, 0..1
    off_group: int
    off_mail: int
    off_tool: int
    off_call: int
    off_shadow: int
    system_im: int  # share of people for whom the system always closes it; they cannot break the rule, 0..1
    system_group: int
    system_mail: int
    system_tool: int
    system_call: int
    system_off_im: int  # share of people for whom the system closes the channel in the quiet window, 0..1
    system_off_group: int
    system_off_mail: int
    system_off_tool: int
    system_off_call: int
    quiet_from: int  # minutes of the day: start of the quiet window; same as quiet_to: outside contract hours
    quiet_to: int  # minutes of the day: its end
    quiet_days: int  # days of the window: 0 every day, 1 working days, 2 free days
    hold: int  # share of messages in the quiet window that are held until it ends, 0..1
    nudge: int  # share of plain messages in the quiet window that a reminder makes wait for its end, 0..1
    disconnect: int  # share of the feared penalty for silence that the right takes away where it is used, 0..1
    contact_ban: int  # degree to which contact outside hours is a breach, 0..1
    tool: int  # share of messages kept from their channel that go by a project tool instead, 0..1
    scheduled: int  # share of mail that is sent at fixed hours, 0..1
    messenger: int  # the same as tool, for an internal messenger that keeps hours, 0..1
    summary: int  # share of reading time in groups saved by summaries, 0..1
    emergency: int  # emergency line for urgent calls, 0..1
    emergency_quota: int  # calls per person and week
    emergency_cost: int  # yuan per call
    tool_cost: int  # yuan per person and month, for all tools
    daily_cap: int  # minutes of work a day, 0 for no cap
    weekly_cap: int  # minutes of work a week, 0 for no cap
    opt_out: int  # share of people whom the weekly cap does not bind because they agreed to work longer, 0..1
    cap_total: int  # 1 if the caps bind total time, 0 if they bind recorded time
    daily_rest: int  # minutes of rest between two days of work, 0 for no rule
    weekly_rest: int  # minutes of unbroken rest in a week, 0 for no rule
    rest_total: int  # 1 if rests bind messages and work at home too, 0 if they bind recorded time
    receipts_off: int  # degree to which read receipts are switched off, 0..1
    batching: int  # share of alerts at work kept back until people look or a round comes, 0..1
    batch_rounds: int  # rounds a working day for held-back alerts or looks, 0 for none
    looks_given_up: int  # share of looks of one's own accord at work that move to the rounds, 0..1
    group_limit: int  # most group chats per person that stay open, 0 for no limit
    mention_limit: int  # most messages a person and day that may be marked urgent, 0 for no limit
    focus_from: int  # minutes of the day: start of protected time
    focus_to: int  # minutes of the day: its end
    core_from: int  # minutes of the day: start of core hours, outside of which no answer is expected at work
    core_to: int  # minutes of the day: its end
    meeting_free_days: int  # weekdays without meetings: the sum of 1 for Monday, 2 for Tuesday, 4 and so on; 0 for all
    meeting_free_from: int  # minutes of the day: start of the time without meetings; equal to its end if there is none
    meeting_free_to: int  # minutes of the day: its end
    meeting_limit: int  # most minutes of meetings a person and week, 0 for no limit
    flexible: int  # minutes by which a person may shift the working day
    pay_recorded: int  # share of recorded overtime that is paid, 0..1, beyond what firms pay anyway
    pay_latent: int  # share of latent overtime that is recognised and paid, 0..1
    pay_rate: int  # multiple of the hourly wage for overtime
    incentive: int  # yuan per employee and year for a firm without a known breach
    training: int  # strength of a training on what may be expected, 0..1
    training_cost: int  # yuan per employee and year
    example: int  # managers' own restraint outside hours, 0..1
    pressure: int  # availability that the firm demands on top of its culture, 0..1
    inspection: int  # inspections per firm and year
    complaint: int  # openness of a complaint channel, 0..1
    anonymous: int  # degree to which complaints need no name, 0..1
    union: int  # share of firms with a union or works council, 0..1
    fine: int  # yuan per upheld breach and employee
    fine_firm: int  # yuan per upheld breach and firm
    order_first: int  # share of the fine that an order replaces at the first upheld breach, 0..1
    publicity: int  # degree to which upheld breaches are made public, 0..1
    inspection_cost: int  # yuan of public money per inspection or complaint handled
    monitoring: int  # extra monitoring, 0..1
    notice: int  # share of monitoring that is announced and explained, 0..1
    monitoring_limit: int  # share of all monitoring that a rule removes, 0..1
    monitoring_cost: int  # yuan per person and month
    in_force: int  # 1 while any lever reaches this person


S = State(*range(len(State._fields)))
L = Ledger(*range(len(Ledger._fields)))
R = Rule(*range(len(Rule._fields)))


def table_name(column: str) -> str:
    """Return the name of a ledger column in the tables, where seconds become minutes and fen become yuan."""
    if column.endswith("_fen"):
        return column.removesuffix("_fen") + "_yuan"
    return column.replace("_seconds", "_minutes")
