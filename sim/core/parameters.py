"""The parameter table: name, value, unit, range, meaning, source, mechanism and neutral value.

The engine reads the values as one vector, indexed by ``Q``. A mechanism is switched off by setting its parameters to
their neutral values, so no code branches on it and its effect is exactly zero. Sources: ``[E1]``, ``[E2]`` and so on are sections
of ``docs/evidence.md``; ``[report 1.3]`` is a section of the report; ``assumption`` means that nothing better is known;
``tuned`` that the value was moved, within its range, towards the ``report`` targets (see ``calibration/``).
"""

from collections import namedtuple
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.core.errors import InputError, nearest

MECHANISMS: dict[str, str] = {
    "m1_work": "work makes messages",
    "m2_attention": "alerts interrupt, people check by themselves",
    "m3_overload": "beyond capacity a smaller share is answered and messages are skimmed",
    "m4_after_hours": "messages outside hours are seen and acted on",
    "m5_on_call": "being expected to be available hurts by itself; obligation hurts more than choice",
    "m6_norms": "expectations follow managers, peers and the promotion contest",
    "m7_strain": "fatigue, detachment, exhaustion, cynicism, anxiety and sleep follow work and rest",
    "m8_waiting": "blocked work waits or goes on by default; strain slows and spoils work",
    "m9_overtime": "backlog is worked off late at the office or at home",
    "m10_compliance": "firms and people obey rules as far as fear and habit go; closed channels are evaded",
    "m11_home": "work spills over to the home, in both directions",
    "m12_watching": "monitoring lowers trust and sharing and raises anxiety a little",
    "m13_leaving": "burnout raises absence and exits; newcomers need time",
    "m14_talking": "meetings, walk-overs and calls carry work too; an archive answers some questions",
    "m15_dates": "work has due dates and is handed on; orders of the evening move to the morning or lapse",
    "m16_unfinished": "work left undone and messages missed strain; interruptions leave attention behind",
    "m17_outsiders": "customers, parents and suppliers write at hours of their own, which no firm's rule changes",
    "m18_looking": "each look at messages costs something by itself",
}


type Parameters = Any  # the table as the engine and the rules read it: ``p.name``


class Parameter(NamedTuple):
    """A parameter; ``off`` is the neutral value that it takes when its mechanism is off."""

    name: str
    value: float
    unit: str
    low: float
    high: float
    meaning: str
    source: str
    mechanism: str = ""
    off: float | None = None


_ = Parameter
TABLE: tuple[Parameter, ...] = (
    # population
    _("span_median", 5.5, "people", 2, 15, "median number of direct team members of a manager", "[E1] span of control: median 5-6"),
    _("span_sigma", 0.6, "log", 0.1, 1.2, "spread of the span of control", "[E1] 13 % of managers have 25 or more"),
    _("groups_median", 12.0, "chats", 2, 30, "median number of work group chats per person", "[report 3.1] and [E1] survey of 2,002 users"),
    _("groups_sigma", 0.63, "log", 0.1, 1.2, "spread of the number of group chats", "[E1] 15 % above 23 chats"),
    _("muted_share", 0.60, "share", 0, 1, "mean share of group chats muted", "[E1] 74.6 % mute some; tuned"),
    _("muted_spread", 0.5, "share", 0, 1, "width of the spread of muting over people", "assumption"),
    _("workload_sigma", 0.08, "log", 0, 0.6, "spread of the arriving work over people besides that by activity", "assumption: both together 0.12"),
    _("partner_share", 0.7, "share", 0, 1, "people living with a partner", "assumption"),
    _("belief_share", 0.56, "share", 0, 1, "managers who hold that silence at the weekend is irresponsible", "[report 2.1]"),
    _("pays_share", 0.12, "share", 0, 1, "firms that pay for hidden overtime", "[report 1.3]"),
    _("archive_share", 0.3, "share", 0, 1, "firms that archive chats", "assumption; [report 4.2] names the product"),
    _("culture_sigma", 0.5, "log-odds", 0, 2, "spread of availability pressure over firms", "assumption"),
    _("start_expectation", 0.53, "0..1", 0, 1, "expectation before the warm-up", "near where it settles"),
    _("start_response", 0.33, "share", 0, 1, "answers outside hours before the warm-up", "near where it settles"),
    _("start_exhaustion", 0.68, "sd", -2, 4, "changing part of exhaustion before the warm-up", "near where it settles"),
    _("span_least", 2.0, "people", 1, 10, "smallest team", "assumption"),
    _("span_most", 25.0, "people", 10, 100, "largest team", "[E1] 13 % of managers have 25 or more"),
    _("tenure_least", 30.0, "days", 0, 365, "shortest tenure on the first day", "assumption"),
    _("tenure_spread", 1500.0, "days", 0, 10000, "tenures on the first day spread evenly over so many days more", "assumption"),
    _("culture_expectation", 0.08, "1 per sd", 0, 0.5, "how far a firm's culture shifts what its people expect", "assumption"),
    _("start_fatigue", 0.5, "sd", -2, 4, "fatigue before the warm-up", "near where it settles"),
    _("start_detachment", 0.6, "0..1", 0, 1, "detachment before the warm-up", "near where it settles"),
    _("start_conflict", 0.2, "0..1", 0, 1, "conflict between work and family before the warm-up", "near where it settles"),
    _("start_burden", 100.0, "messages a day", 0, 1000, "usual load before the warm-up", "near where it settles"),
    _("start_team_response", 0.5, "share", 0, 1, "what a manager gets from the team outside hours before the warm-up", "assumption"),
    _("start_exhaustion_sd", 0.4, "sd", 0, 2, "spread of the changing part of exhaustion before the warm-up", "assumption"),
    _("start_cynicism_sd", 0.3, "sd", 0, 2, "spread of cynicism besides the trait, before it is scaled, before the warm-up", "assumption"),
    _("start_cynicism", 0.43, "sd", -2, 4, "cynicism before the warm-up", "near where it settles"),
    # hours of the day
    _("day_hours", 9.0, "hours", 5, 10, "contract hours from start to end, the midday break included", "law: eight hours [E5], and a break of one"),
    _("break_minutes", 60.0, "minutes", 0, 120, "midday break", "assumption"),
    _("break_clock", 12.0, "hour of the day", 10, 15, "earliest start of the break", "assumption"),
    _("break_after", 2.0, "hours", 0, 6, "work before the break, at least", "assumption"),
    _("opening_clock", 8.5, "hour of the day", 5, 10, "earliest opening of a firm", "assumption"),
    _("opening_step", 30.0, "minutes", 0, 60, "distance of the usual openings", "assumption"),
    _("opening_choices", 3.0, "openings", 1, 5, "how many usual openings there are", "assumption"),
    _("arrival_spread", 15.0, "minutes", 0, 120, "people come within so many minutes after their opening", "assumption"),
    _("flexible_earliest", 5.0, "hour of the day", 0, 9, "earliest start of a shifted working day", "assumption"),
    _("flexible_latest", 14.0, "hour of the day", 9, 14, "latest start of a shifted working day", "assumption"),
    _("rest_margin", 60.0, "minutes", 0, 480, "a rest may delay the start of work until so long before the end of contract hours", "assumption"),
    _("mail_round_hours", 2.0, "hours", 0.5, 8, "distance of the rounds in which scheduled mail is delivered", "assumption"),
    _("wake_clock", 7.0, "hour of the day", 4, 10, "hour before which nobody sees an alert", "assumption"),
    _("moment_clock", 7.5, "hour of the day", 4, 10, "hour before which nobody interrupts free time by oneself", "assumption"),
    _("bed_clock", 23.0, "hour of the day", 20, 23.2, "earliest bedtime", "assumption"),
    _("bed_spread", 45.0, "minutes", 0, 47, "spread of bedtime over people and days", "assumption"),
    _("bed_messages", 60.0, "minutes", 0, 240, "time before bed in which looking at messages costs sleep", "[E3] late phone use"),
    _("evening_clock", 20.0, "hour of the day", 17, 23, "earliest start of an evening's work at home", "assumption"),
    _("evening_pause", 90.0, "minutes", 0, 480, "pause between leaving the office and work at home, at least", "assumption"),
    _("session_spread", 90.0, "minutes", 0, 480, "spread of the start of an evening's work at home", "assumption"),
    _("session_least", 15.0, "minutes", 0, 120, "shortest session of work at home that is begun", "assumption"),
    _("stay_least", 5.0, "minutes", 0, 120, "shortest stay at the office after hours", "assumption"),
    _("free_day_clock", 10.0, "hour of the day", 6, 16, "earliest work on a free day", "assumption"),
    _("free_day_spread", 6.0, "hours", 0, 12, "spread of the start of work on free days", "assumption"),
    # channels
    _("intrusive_im", 1.0, "0..1", 0, 1, "intrusiveness of an instant message", "[E2] reference"),
    _("intrusive_group", 0.5, "0..1", 0, 1, "of a group message", "assumption"),
    _("intrusive_mail", 0.25, "0..1", 0, 1, "of a mail", "[E2] mail is polled"),
    _("intrusive_tool", 0.2, "0..1", 0, 1, "of a note in a project tool", "assumption"),
    _("intrusive_call", 1.0, "0..1", 0, 1, "of a call", "assumption"),
    _("intrusive_shadow", 1.0, "0..1", 0, 1, "of a private message", "assumption"),
    _("cost_im", 1.0, "ratio", 0.2, 5, "time to handle an instant message, relative", "reference"),
    _("cost_group", 1.0, "ratio", 0.2, 5, "of a group message", "reference"),
    _("cost_mail", 1.4, "ratio", 0.2, 5, "of a mail", "[E1] median reply of 43 words against 5 as mode"),
    _("cost_tool", 1.15, "ratio", 0.2, 5, "of a note in a project tool", "assumption"),
    _("cost_call", 2.0, "ratio", 0.2, 5, "of a call", "assumption"),
    _("cost_shadow", 1.0, "ratio", 0.2, 5, "of a private message", "assumption"),
    # M1 work
    _("tasks_per_day", 5.2, "tasks", 0.5, 11, "mean number of tasks that arrive per working day", "tuned to hours of work"),
    _("task_minutes", 42.0, "minutes", 5, 120, "median focused minutes of a task", "assumption"),
    _("task_sigma", 0.7, "log", 0, 1.5, "spread of task sizes", "assumption; heavy tail"),
    _("questions_per_task", 0.8, "questions", 0, 3, "mean number of points at which a task blocks on a question", "assumption", "m1_work", 0.0),
    _("ask_manager", 0.25, "share", 0, 1, "questions that go to the manager", "assumption"),
    _("ask_team", 0.5, "share", 0, 1, "questions that go to a team mate; the rest to contacts outside the team", "assumption"),
    _("fault_chance", 0.04, "chance", 0, 0.5, "chance that a finished task is found faulty, before strain and defaults", "[E8] verification failure", "m1_work", 0.0),
    _("announce", 0.25, "chance", 0, 1, "chance that a finished task is announced in the team's chat", "assumption", "m1_work", 0.0),
    _("manager_messages", 17.0, "messages a day", 0, 40, "assignments, requests and broadcasts started by a manager at work", "assumption", "m1_work", 0.0),
    _("staff_messages", 9.0, "messages a day", 0, 40, "group messages and chatter started by others at work", "tuned to minutes in messages", "m1_work", 0.0),
    _("assignment_share", 0.3, "share", 0, 0.5, "messages that a manager starts which assign work to one person", "assumption"),
    _("status_share", 0.3, "share", 0, 0.5, "messages that a manager starts which ask one person how things stand; the rest goes to groups", "assumption"),
    _("project_share", 0.5, "share", 0, 1, "messages started for a group that go to a project's chat; the rest to the team's", "assumption"),
    _("broadcast_share", 0.4, "share", 0, 1, "others' group messages that tell all; the rest is chatter", "assumption"),
    _("assignment_minutes", 23.0, "minutes", 1, 120, "median work in an assignment sent by message", "tuned to hidden overtime"),
    _("assignment_sigma", 0.7, "log", 0, 1.5, "spread of that work", "assumption"),
    _("group_orders", 0.3, "share", 0, 1, "managers' group messages that order work from everybody", "[E1] 56.6 % of leaders give orders in group chats"),
    _("urgent_share", 0.12, "share", 0, 1, "messages marked or felt as urgent", "assumption"),
    _("confirm_share", 0.15, "share", 0, 1, "broadcasts that ask for a confirmation", "[report 3.1] receipt on demand"),
    _("follow_up", 0.3, "chance", 0, 0.9, "chance that the first answer in a thread is answered again", "[E1] threads geometric with mean 2-4", "m1_work", 0.0),
    _("mail_share", 0.15, "share", 0, 1, "direct messages that go by mail from the start", "assumption"),
    _("call_share", 0.25, "share", 0, 1, "urgent direct messages that go by call from the start", "assumption"),
    _("read_seconds", 36.0, "seconds", 1, 300, "median time to take in a direct message", "[E2] one to two minutes with the answer"),
    _("skim_seconds", 12.0, "seconds", 1, 300, "median time to take in a group message", "[E1] most are skimmed in under a minute"),
    _("write_seconds", 78.0, "seconds", 1, 600, "median time to write a message", "[E2] handling one to two minutes"),
    _("handling_sigma", 0.7, "log", 0, 1.5, "spread of reading and writing times", "assumption"),
    _("search_minutes", 7.5, "minutes", 0, 60, "median search before a question is asked", "tuned to coordination share", "m1_work", 0.0),
    _("reply_question", 0.92, "chance", 0, 1, "chance that a question is answered at low load", "assumption; direct questions"),
    _("reply_status", 0.85, "chance", 0, 1, "the same for a status request", "assumption"),
    _("reply_assignment", 0.7, "chance", 0, 1, "chance that an assignment is acknowledged", "assumption"),
    _("reply_broadcast", 0.6, "chance", 0, 1, "chance that a broadcast that asks for it is confirmed", "assumption"),
    _("reply_chatter", 0.1, "chance", 0, 1, "chance that chatter is answered", "assumption"),
    _("answer_now", 0.75, "chance", 0, 1, "chance that an answer is given at once rather than later", "[E1] mixture with weight 0.45 for mail"),
    _("answer_later_minutes", 120.0, "minutes", 5, 1440, "median delay of an answer that is put off", "[E1] slow component, median 300 min for mail"),
    _("answer_later_sigma", 1.3, "log", 0.1, 2.5, "spread of that delay", "[E1] 1.5 for mail"),
    # M2 attention
    _("react", 0.7, "chance", 0, 1, "chance that a visible alert of full intrusiveness interrupts", "[E2] 70 % react within 6 s", "m2_attention", 0.0),
    _("check_moment", 0.5, "chance", 0, 1, "chance to take up a moment of self-interruption (one each ten minutes)", "[E1] 74-77 checks a day, 41 % by oneself"),
    _("moments_per_day", 50.0, "moments", 10, 200, "moments of self-interruption in a usual working day, over which the messages started by oneself are spread", "structure: one each ten minutes"),
    _("first_look", 3.0, "ratio", 1, 20, "messages taken on arrival and at a round of held alerts, relative to those of a check", "assumption"),
    _("resume_most", 20.0, "minutes", 1, 120, "longest lag after an interruption", "assumption"),
    _("patience", 10.0, "messages", 1, 100, "messages taken from the inbox at one check", "assumption"),
    _("resume_seconds", 70.0, "seconds", 0, 600, "median lag until an interrupted task is going again", "[E2] 60-90 s", "m2_attention", 0.0),
    _("resume_sigma", 1.0, "log", 0, 2, "spread of that lag", "[E2]"),
    _("displace", 0.25, "chance", 0, 1, "chance that another task is taken up after an interruption", "[E2] 25 %", "m2_attention", 0.0),
    _("hurry_gain", 0.05, "share", 0, 0.3, "how much faster work goes after an interruption", "[E2] interrupted work is faster", "m2_attention", 0.0),
    # M3 overload
    _("overload_messages", 40.0, "messages a day", 10, 1e300, "load at which the chance of an answer has halved", "[E1] reply share falls at least threefold from 10 to 100", "m3_overload", 1e300),
    _("overload_power", 1.8, "1", 0.5, 4, "steepness of that fall", "[E1]"),
    _("overload_spared", 0.85, "share", 0, 1, "how far questions are spared from that fall", "assumption; [E1] least-effort replies go first"),
    _("overload_days", 3.0, "working days", 0.5, 30, "memory of the load", "assumption"),
    _("skim_messages", 160.0, "messages a day", 10, 1e300, "load at which group messages get half of their reading time", "assumption; [E1] most are skimmed", "m3_overload", 1e300),
    _("skim_floor", 0.4, "share", 0.05, 1, "reading time left to a group message under heavy load", "[E1] shorter answers under load", "m3_overload", 1.0),
    # M4 after hours
    _("see_off", 0.7, "chance", 0, 1, "chance that an alert of full intrusiveness is seen outside hours", "[E1] attentive 12 h a day", "m4_after_hours", 0.0),
    _("check_off_base", -1.2, "log-odds", -8, 4, "looking at messages at a moment (each half hour) outside hours, if nothing is expected", "tuned"),
    _("check_off_expectation", 2.6, "log-odds", 0, 8, "effect of the expectation on it", "[E3] rho = .45"),
    _("check_off_allowed", 1.0, "share", 0, 1, "whether messages are looked at outside hours at all", "structure", "m4_after_hours", 0.0),
    _("act_base", -0.55, "log-odds", -8, 4, "acting on a plain message outside hours, if nothing is expected", "tuned"),
    _("act_expectation", 3.4, "log-odds", 0, 8, "effect of the expectation on it", "[E3] rho = .45"),
    _("act_segmentation", 1.2, "log-odds", 0, 6, "effect of the wish to keep work and home apart", "[E3] rho = -.20"),
    _("check_off_wish", 0.5, "1", 0, 2, "effect of this wish on looking at messages, as a part of its effect on acting", "assumption"),
    _("refuse_share", 0.21, "share", 0, 0.5, "people who refuse work messages outside hours on principle", "[E1] 15.3 % refuse; tuned to any action in a week"),
    _("act_refusal", -5.0, "log-odds", -10, 0, "effect of that refusal", "assumption"),
    _("reentry_minutes", 4.3, "minutes", 0, 30, "median time to get back into a matter outside hours before acting on it", "[E2] resuming takes minutes; tuned to hidden overtime", "m4_after_hours", 0.0),
    _("act_manager", 0.9, "log-odds", 0, 6, "effect of the manager as sender", "[E3] 26 % must answer the supervisor"),
    _("act_urgent", 1.2, "log-odds", 0, 6, "effect of urgency", "[E6] 31 % of overtime by emergencies"),
    _("act_receipt", 0.4, "log-odds", 0, 3, "effect of read receipts", "[E1] read cues create pressure"),
    _("act_group", -1.3, "log-odds", -6, 0, "effect of being one of many recipients", "[E1] list size dominates"),
    _("assignment_now", 0.8, "chance", 0, 1, "chance that an assignment acted on outside hours is done at once", "assumption"),
    _("reaction_minutes", 4.0, "minutes", 0.5, 120, "median delay of acting on an alert outside hours", "[E1] mode 2, median 6 min"),
    _("reaction_sigma", 1.1, "log", 0, 2, "spread of that delay", "[E1]"),
    _("initiative_manager", 0.46, "chance", 0, 1, "chance per moment (half hour) that a manager with average demand writes outside hours", "[E1] 35.8 % near-daily orders; tuned", "m4_after_hours", 0.0),
    _("initiative_staff", 0.05, "chance", 0, 1, "the same for others", "assumption", "m4_after_hours", 0.0),
    _("weekend_factor", 0.45, "share", 0, 1, "the same at weekends, relative", "[E1] 20 % of weekend-active before noon"),
    _("evening_from", 20.5, "hour of the day", 17, 21, "start of the hours of that peak", "[E1] third peak near 22 h"),
    _("evening_to", 22.5, "hour of the day", 21, 24, "end of the hours of that peak", "[E1] third peak near 22 h"),
    _("evening_bump", 1.6, "ratio", 0.2, 5, "writing around 21-22 h relative to other moments outside hours", "[E1] third peak near 22 h"),
    # M5 on call
    _("detach_expectation", 0.45, "1", 0, 2, "loss of detachment by full expectation, without any message", "[E3] expectation net of time on mail", "m5_on_call", 0.0),
    _("detach_obligated", 0.25, "per hour", 0, 2, "loss of detachment per hour of work by obligation", "[E3] rho = -.38", "m5_on_call", 0.0),
    _("detach_chosen", 0.05, "per hour", 0, 2, "loss of detachment per hour of work by choice", "[E3] pressure against choice"),
    # M6 norms
    _("norm_manager", 0.45, "weight", 0, 1, "weight of the manager in the perceived expectation", "[E6] staff of long-hours managers work up to 19 % more", "m6_norms", 0.0),
    _("norm_peers", 0.35, "weight", 0, 1, "weight of the peers", "[E6] peer hours", "m6_norms", 0.0),
    _("norm_contest", 0.25, "weight", 0, 1, "pull of the promotion contest towards those who answer more", "[E6] 15 % of overtime from involution", "m6_norms", 0.0),
    _("norm_base", 0.12, "1", 0, 1, "expectation that nobody causes", "assumption"),
    _("norm_steepness", 9.0, "1", 0, 40, "steepness with which peers' behaviour becomes a norm", "[E6] tipping near a quarter of committed people"),
    _("norm_tipping", 0.40, "share", 0, 1, "share of peers at which half of the norm is felt", "[E6] observed 10-40 %"),
    _("norm_up_days", 20.0, "days", 1, 1000, "time constant of rising expectations", "assumption; ratchet"),
    _("norm_down_days", 60.0, "days", 1, 1000, "time constant of falling expectations", "assumption; ratchet"),
    _("demand_days", 30.0, "days", 1, 1000, "time constant of what managers expect", "assumption"),
    _("demand_belief", 0.35, "1", 0, 1, "how much more a manager expects who holds silence irresponsible", "[report 2.1]", "m6_norms", 0.0),
    _("demand_base", 0.25, "1", 0, 1, "what the others expect if nobody answered", "assumption"),
    _("demand_response", 0.4, "1", 0, 1, "how much of what they get managers come to expect", "assumption", "m6_norms", 0.0),
    _("norm_rule", 0.5, "1", 0, 1, "share of a manager's demand that a fully enforced rule takes away", "[E5] rules without enforcement barely move it", "m6_norms", 0.0),
    _("norm_pressure", 0.5, "weight", 0, 1, "expectation added by full pressure of the firm, on top of its culture", "assumption", "m6_norms", 0.0),
    _("demand_training", 0.2, "share", 0, 1, "share of a manager's demand that a full training takes away", "assumption; [E5] nudges and rules of thumb: some effect", "m6_norms", 0.0),
    _("training_days", 180.0, "days", 1, 3650, "time constant with which a training is forgotten", "assumption"),
    _("response_days", 10.0, "days", 1, 365, "memory of the own and the peers' answers outside hours", "assumption"),
    # M7 strain
    _("fatigue_days", 2.0, "days", 0.5, 5, "time constant of fatigue", "[E3] 1-3 days"),
    _("fatigue_hours", 0.22, "sd per hour", 0, 1, "fatigue per hour worked beyond six and a half, the mean of a week of 45 hours with its free days", "[E4] dose-response in hours", "m7_strain", 0.0),
    _("usual_hours", 6.5, "hours", 0, 12, "hours worked per day at which they add no fatigue", "mean of a week of 45 hours with its free days"),
    _("usual_interruptions", 20.0, "a day", 0, 200, "interruptions at which they add no fatigue", "assumption"),
    _("usual_detachment", 0.7, "0..1", 0, 1, "detachment at which it adds no fatigue", "assumption"),
    _("sleep_needed", 420.0, "minutes", 300, 600, "sleep at which it adds no fatigue", "[E3] seven hours"),
    _("sleep_least", 180.0, "minutes", 0, 360, "shortest sleep", "assumption"),
    _("sleep_most", 600.0, "minutes", 420, 900, "longest sleep", "assumption"),
    _("rest_usual", 780.0, "minutes", 360, 960, "rest to which the usual sleep belongs", "[E3] rest 13.1 h"),
    _("rest_least", 360.0, "minutes", 0, 660, "rest below which sleep falls no more", "assumption"),
    _("rest_most", 960.0, "minutes", 660, 1440, "rest above which sleep grows no more", "assumption"),
    _("rest_clock", 11.0, "hour of the day", 7, 14, "hour at which a rest before a free morning ends for sleep", "assumption"),
    _("fatigue_interruption", 0.006, "sd each", 0, 0.1, "fatigue per interruption", "[E2] stress after 20 min", "m7_strain", 0.0),
    _("fatigue_sleep", 0.35, "sd per hour", 0, 2, "fatigue per hour of sleep short of seven", "[E3] 15 min sleep and 3.4 points of fatigue per hour of rest", "m7_strain", 0.0),
    _("fatigue_detachment", 0.5, "sd", 0, 3, "fatigue kept by full lack of detachment", "[E3] rho = -.42", "m7_strain", 0.0),
    _("detachment_days", 4.0, "days", 1, 14, "time constant of detachment", "[E3] 2-14 days"),
    _("exhaustion_days", 120.0, "days", 30, 720, "time constant of the changing part of exhaustion", "[E3] months"),
    _("exhaustion_fatigue", 0.55, "sd per sd", 0, 3, "exhaustion kept up by fatigue", "[E4] workload rho .5-.65", "m7_strain", 0.0),
    _("exhaustion_detachment", 0.9, "sd", 0, 3, "exhaustion kept up by lack of detachment", "[E3] rho about -.36", "m7_strain", 0.0),
    _("exhaustion_emotion", 0.32, "sd", 0, 1, "extra exhaustion in sales and service", "[report 2.2] 42 against 35 %", "m7_strain", 0.0),
    _("exhaustion_trait_sd", 0.7, "sd", 0, 2, "spread of the stable trait: about half of the variance", "[E3] one-year stability .6"),
    _("cynicism_days", 180.0, "days", 30, 720, "time constant of cynicism", "[E3] months"),
    _("cynicism_exhaustion", 0.6, "sd per sd", 0, 2, "cynicism that follows exhaustion", "[E4]", "m7_strain", 0.0),
    _("cynicism_trust", 0.8, "sd", 0, 3, "cynicism by lack of trust", "[E7]", "m7_strain", 0.0),
    _("efficacy_days", 60.0, "days", 10, 720, "time constant of efficacy", "assumption"),
    _("efficacy_output", 0.6, "sd per share", 0, 3, "efficacy from getting the day's work done", "assumption", "m7_strain", 0.0),
    _("efficacy_most", 2.0, "ratio", 1, 5, "work done in a day, relative to the usual, above which efficacy grows no more", "assumption"),
    _("anxiety_days", 14.0, "days", 2, 90, "time constant of the changing part of anxiety", "[E3] affect 3-14 days"),
    _("anxiety_expectation", 0.9, "sd", 0, 3, "anxiety by full expectation", "[E3] expectation, anxiety, health", "m7_strain", 0.0),
    _("anxiety_silence", 0.15, "sd", 0, 2, "anxiety when alerts are all cut off", "[E2] no alerts: more anxiety", "m7_strain", 0.0),
    _("anxiety_trait_sd", 0.7, "sd", 0, 2, "spread of the stable trait", "assumption"),
    _("sleep_base", 400.0, "minutes", 300, 520, "sleep at a rest of 13 hours", "[E3] rest 13.1 h; 70 % of young workers under 7 h"),
    _("sleep_slope", 0.25, "minutes per minute", 0, 1, "sleep gained by rest", "[E3] 15 min per hour", "m7_strain", 0.0),
    _("sleep_late", 12.0, "minutes", 0, 60, "sleep lost by looking at messages before bed", "[E3] late phone use", "m7_strain", 0.0),
    _("burnout_cutoff", 0.63, "sd", -3, 5, "mean of exhaustion and cynicism above which a person counts as burnt out", "set by [report 2.2] 45 %"),
    _("exhaustion_cutoff", 0.99, "sd", -3, 5, "exhaustion above which a person counts as exhausted", "set by [report 2.2] 35 %"),
    _("anxiety_cutoff", 0.68, "sd", -3, 5, "anxiety above which a person counts as anxious", "set by [report 2.2] 41 %"),
    # M8 waiting
    _("wait_minutes", 240.0, "minutes", 10, 4800, "median wait until a question is asked again or decided by default", "[E8] unanswered queries time out"),
    _("wait_sigma", 0.6, "log", 0, 2, "spread of that wait", "assumption"),
    _("exception_wait", 2.0, "ratio", 0.1, 10, "wait for a verdict on a faulty task, relative to that for an answer", "assumption"),
    _("reask", 0.5, "chance", 0, 1, "chance that an unanswered question is asked again", "[report 3.2] repeat follow-up"),
    _("default_risk", 0.22, "chance", 0, 1, "added chance of a fault per decision by default", "[E8] default decisions, rework", "m8_waiting", 0.0),
    _("rework_share", 0.35, "share", 0, 1, "share of a faulty task that is done again", "[E8]"),
    _("spoil_share", 0.5, "share", 0, 1, "share of a faulty task that is lost if it is let pass", "[E8]", "m8_waiting", 0.0),
    _("verdict_rework", 0.6, "chance", 0, 1, "chance that the manager has a faulty task done again", "[E8] rework, correct, ignore"),
    _("speed_least", 0.3, "ratio", 0.05, 1, "slowest work, relative to an average person", "assumption"),
    _("speed_most", 1.3, "ratio", 1, 3, "fastest work, relative to an average person", "assumption"),
    _("slow_exhaustion", 0.04, "share per sd", 0, 0.3, "work slowed by exhaustion", "[E4] r = -.17", "m8_waiting", 0.0),
    _("slow_fatigue", 0.05, "share per sd", 0, 0.3, "work slowed by fatigue", "[E4] output flattens beyond 49 h", "m8_waiting", 0.0),
    _("fault_exhaustion", 0.02, "chance per sd", 0, 0.2, "faults added by exhaustion", "[E4]", "m8_waiting", 0.0),
    # M9 overtime
    _("stay_share", 0.5, "share", 0, 1, "share of the backlog worked off late at the office", "tuned to overtime", "m9_overtime", 0.0),
    _("stay_culture", 92.0, "minutes", 0, 120, "staying late because it is expected, at full expectation", "[E6] 41 % forced by culture; tuned", "m9_overtime", 0.0),
    _("stay_max", 210.0, "minutes", 0, 400, "longest stay", "assumption"),
    _("home_share", 0.18, "share", 0, 1, "share of the remaining backlog taken home", "tuned", "m9_overtime", 0.0),
    _("home_max", 150.0, "minutes", 0, 400, "longest session at home", "assumption"),
    _("home_chance", 0.55, "chance", 0, 1, "chance to work at home if there is something left and nothing keeps apart", "tuned", "m9_overtime", 0.0),
    _("home_apart", 0.5, "share", 0, 1, "part of the work taken home that goes with the wish to keep work and home apart", "assumption"),
    _("home_segmentation", 0.5, "share", 0, 1, "part of this chance that goes with the wish to keep work and home apart", "assumption"),
    # M10 compliance
    _("compliance_base", 0.55, "share", 0, 1, "readiness to obey a rule that nobody enforces", "assumption; [E5] weak effect of rules without fines"),
    _("compliance_fear", 2.0, "per unit", 0, 20, "how fast readiness rises with fear", "assumption; [E5] deterrence would take a chance of 78 to 88 % to be found out", "m10_compliance", 0.0),
    _("compliance_incentive", 0.1, "1", 0, 1, "readiness that a large incentive adds, as fear does", "assumption; [E5] rated below nudges", "m10_compliance", 0.0),
    _("compliance_training", 0.1, "1", 0, 1, "readiness that a full training adds, as fear does", "assumption", "m10_compliance", 0.0),
    _("compliance_days", 30.0, "days", 1, 365, "time constant of a firm's readiness", "assumption"),
    _("fear_days", 90.0, "days", 1, 1000, "time constant of fear", "assumption"),
    _("fear_fine", 0.75, "0..1", 0, 1, "weight of a fine that is so high that more of it would not matter", "assumption"),
    _("fear_scale", 300.0, "yuan per employee", 10, 100000, "money at which 63 % of its full weight is felt: a fine, or an incentive", "assumption; [E5] fines from 60 to some 1,000 yuan per employee of a firm of a hundred"),
    _("fear_order", 0.1, "0..1", 0, 1, "weight of an upheld breach by itself, without a fine", "assumption"),
    _("fear_publicity", 0.15, "0..1", 0, 1, "weight added if upheld breaches are made public", "assumption"),
    _("fear_ordered", 0.5, "share", 0, 1, "what is left of the weight where a first breach brings an order only", "assumption; [E5] Australia: a fine only after an order"),
    _("fear_visit", 0.25, "share", 0, 1, "jump of fear at an inspection, share of the weight", "assumption"),
    _("right_base", 0.05, "share", 0, 1, "use of a right that nothing protects", "assumption; [E5] France: agreements in 1 to 4 % of firms a year"),
    _("right_union", 0.5, "share", 0, 1, "part of the unused right that comes into use where there is a union", "assumption; prior from nothing to nearly all", "m10_compliance", 0.0),
    _("right_complaint", 0.5, "share", 0, 1, "the same by an open channel of complaint, for somebody who dares to use it", "assumption", "m10_compliance", 0.0),
    _("right_fear", 1.0, "per unit", 0, 20, "how fast the unused part falls with the firm's fear", "assumption", "m10_compliance", 0.0),
    _("dare_named", 0.25, "share", 0, 1, "how far people dare to complain under their name, relative to without", "assumption"),
    _("union_complaints", 4.0, "per firm and year", 0, 52, "complaints by a union while there are breaches", "assumption", "m10_compliance", 0.0),
    _("complaint_rate", 0.15, "per person and year", 0, 5, "complaints of an outspoken person about breaches where the channel is open", "assumption", "m10_compliance", 0.0),
    _("evade", 0.25, "chance", 0, 1, "chance that a message that meets a closed channel goes by a private one", "assumption", "m10_compliance", 0.0),
    _("evade_urgent", 0.6, "chance", 0, 1, "the same for an urgent message without emergency line", "assumption", "m10_compliance", 0.0),
    _("switch_open", 0.5, "chance", 0, 1, "chance that a message kept from its channel after hours goes by another open one at once", "[report 6.2] substitutes carry traffic too", "m10_compliance", 0.0),
    # M11 home
    _("conflict_days", 7.0, "days", 1, 60, "time constant of work-family conflict", "[E3] 3-7 days"),
    _("conflict_hours", 0.12, "per hour", 0, 1, "conflict per hour of obligated work outside hours", "[E3] rho = .32", "m11_home", 0.0),
    _("conflict_late", 0.10, "per hour", 0, 1, "conflict per hour of recorded overtime", "[E7] evening work", "m11_home", 0.0),
    _("conflict_strain", 0.08, "per sd", 0, 1, "conflict by fatigue", "[E3] beta = .08 each way", "m11_home", 0.0),
    _("conflict_feedback", 0.08, "sd", 0, 1, "fatigue by conflict", "[E3] beta = .08 each way", "m11_home", 0.0),
    _("enrichment_chosen", 0.10, "per hour", 0, 1, "enrichment per hour of chosen work outside hours", "[E7] positive path", "m11_home", 0.0),
    _("enrichment_efficacy", 0.05, "per sd", 0, 1, "enrichment by efficacy", "[E7]", "m11_home", 0.0),
    _("partner_conflict", 0.5, "1", 0, 2, "partner's strain by conflict", "[E7] r about .2-.3", "m11_home", 0.0),
    _("partner_enrichment", 0.25, "1", 0, 2, "relief of the partner by enrichment", "[E7]", "m11_home", 0.0),
    # M12 watching
    _("watch_anxiety", 0.11, "sd", 0, 1, "anxiety by full monitoring", "[E7] r = .11", "m12_watching", 0.0),
    _("watch_trust", 0.15, "1", 0, 1, "trust lost by full monitoring", "[E7]", "m12_watching", 0.0),
    _("watch_sharing", 0.05, "share", 0, 1, "answers withheld under full monitoring", "[E7] near zero on performance", "m12_watching", 0.0),
    _("watch_notice", 0.5, "share", 0, 1, "how much of this notice and support take away", "[E7] field experiment", "m12_watching", 0.0),
    _("watch_archive", 0.5, "0..1", 0, 1, "how strongly archived chats are felt as monitoring, with a full rule of monitoring as 1", "assumption"),
    _("trust_days", 60.0, "days", 5, 720, "time constant of trust", "assumption"),
    _("trust_base", 0.7, "1", 0, 1, "trust without monitoring", "assumption"),
    # M13 leaving
    _("absence_rate", 0.02, "per working day", 0, 0.2, "chance of a day's sickness absence", "assumption", "m13_leaving", 0.0),
    _("absence_burnout", 1.6, "ratio", 1, 5, "the same if burnt out, relative", "[E4] R = .23", "m13_leaving", 1.0),
    _("exit_rate", 0.12, "per year", 0, 1, "exits of who is not burnt out", "[E11] 17.9 % a year in all, of whom the burnt out leave at the ratio below: derived", "m13_leaving", 0.0),
    _("exit_burnout", 2.1, "ratio", 1, 6, "the same if burnt out, relative", "[E4] 2.1 [1.3, 3.3]", "m13_leaving", 1.0),
    _("pool_share", 1.0, "share", 0, 1, "followers who are of the kind of who left: as many come from other firms as go there", "[E11] those who change jobs are not average; the rest enters from school", "m13_leaving", 0.0),
    _("newcomer_strain", 0.7, "share", 0, 1, "strain that such a follower brings along, of the strain of who left", "[E11] newcomers and changers are burnt out more often, and content at first", "m13_leaving", 0.0),
    _("newcomer_speed", 0.6, "share", 0.1, 1, "speed of a newcomer", "assumption", "m13_leaving", 1.0),
    _("newcomer_days", 90.0, "days", 5, 720, "time constant of becoming useful", "assumption"),
    _("leave_days", 5.0, "working days", 0, 25, "length of the yearly leave", "law: five days up to ten years of service"),
    # M14 talking
    # M15 dates
    # M16 unfinished work
    _("pressure_days", 1.5, "days", 0.5, 14, "time constant of time pressure, in days on which somebody works", "assumption; a day or two"),
    _("pressure_backlog", 0.1, "sd per hour", 0, 0.5, "time pressure per hour of work that lies ready at the end of a day", "[E4] challenges and strain rho = .40, for a spread of 3.9 h between ends of days", "m16_unfinished", 0.0),
    _("pressure_open", 0.4, "sd each", 0, 1.5, "time pressure per own question or exception that is open at the end of a day", "[E4] hindrances and strain rho = .56, for a spread of 1.35", "m16_unfinished", 0.0),
    _("pressure_overdue", 0.4, "sd each", 0, 1.5, "time pressure per task past its due date at the end of a day", "assumption: that of an open question", "m16_unfinished", 0.0),
    _("usual_backlog", 3.0, "hours", 0, 40, "work ready at the end of a day at which it makes no pressure", "mean of the model before this mechanism"),
    _("usual_open", 1.5, "questions", 0, 24, "open questions at the end of a day at which they make no pressure and do not worry", "mean of the model before this mechanism"),
    _("usual_overdue", 0.0, "tasks", 0, 24, "overdue tasks at the end of a day at which they make no pressure", "assumption"),
    _("detach_pressure", 0.05, "1 per sd", 0, 0.3, "loss of detachment by time pressure", "[E3] unfinished tasks lower detachment at the weekend; size an assumption", "m16_unfinished", 0.0),
    _("detach_session", 0.05, "per hour", 0, 0.5, "loss of detachment per hour of work at home on tasks", "[E3] work at the weekend lowers detachment; size as of chosen messages", "m16_unfinished", 0.0),
    _("fatigue_pressure", 0.3, "sd per sd", 0, 1, "fatigue by time pressure", "[E4] demands cut, exhaustion beta = -.16 in a year: most of rho is not causal", "m7_strain", 0.0),
    _("sleep_pressure", 4.0, "minutes per sd", 0, 30, "sleep lost by time pressure", "[E3] unfinished tasks, rumination, sleep; size an assumption", "m7_strain", 0.0),
    _("conflict_pressure", 0.02, "per sd", 0, 0.2, "conflict at home by time pressure above the usual", "assumption; worry about work at home", "m11_home", 0.0),
    _("missing_out", 0.5, "ratio", 0, 1, "fear of missing out where messages are cut off outside hours, relative to alerts kept back at work", "assumption; nobody has measured a rule that holds for all", "m16_unfinished", 0.0),
    _("missing_out_apart", 1.0, "1", 0, 1, "how far those miss out more who want work and home together: at 1 twice as much, and those who want them apart not at all", "[E2] most looks without alerts by those who fear to miss out; size an assumption", "m16_unfinished", 0.0),
    _("anxiety_waiting", 0.05, "sd each", 0, 0.5, "anxiety per own open question beyond the usual", "assumption", "m16_unfinished", 0.0),
    _("anxiety_use", 0.15, "sd per log unit", 0, 0.6, "anxiety by the messages that a person gets, relative to the usual", "[E3] use of smartphones and anxiety r = .22; half of it, for it is no trial", "m16_unfinished", 0.0),
    _("usual_burden", 95.0, "messages a day", 1, 1000, "load at which it adds no anxiety", "median of the model before this mechanism"),
    _("fault_interrupted", 0.005, "chance each", 0, 0.05, "added chance of a fault per interruption of a task beyond the usual: part of the attention stays with what came before", "[E2] errors of sequence doubled in the laboratory, others and whole tasks not: small", "m16_unfinished", 0.0),
    _("usual_interrupted", 1.5, "interruptions a task", 0, 50, "interruptions of a finished task to which the chance of a fault belongs", "mean of the model before this mechanism"),
    # M17 outsiders
    _("outside_service", 7.0, "messages a day", 0, 60, "messages that customers write to a person in sales and service on a working day", "[E10] 750 million people served a day by 104 million users of a platform", "m17_outsiders", 0.0),
    _("outside_teacher", 1.8, "messages a day", 0, 60, "messages that parents write to a teacher on a working day", "[E10] parents write daily to 14 % of teachers: derived", "m17_outsiders", 0.0),
    _("outside_manager", 1.5, "messages a day", 0, 60, "messages that suppliers, clients and partners write to a manager on a working day", "assumption", "m17_outsiders", 0.0),
    _("outside_evening_service", 0.15, "share", 0, 0.8, "of the customers' messages of a day, those after the working day", "assumption"),
    _("outside_evening_teacher", 0.16, "share", 0, 0.8, "the same of parents", "[E10] mail in the evening reaches 63 % of teachers: derived"),
    _("outside_evening_manager", 0.15, "share", 0, 0.8, "the same of partners", "assumption"),
    _("outside_free_service", 0.4, "ratio", 0, 1.5, "customers' messages on a free day, relative to a working day", "assumption"),
    _("outside_free_teacher", 0.33, "ratio", 0, 1.5, "the same of parents", "[E10] mail at weekends reaches 58 % of teachers: derived"),
    _("outside_free_manager", 0.2, "ratio", 0, 1.5, "the same of partners", "assumption"),
    _("outside_from", 8.0, "hour of the day", 5, 12, "hour from which outsiders write", "assumption"),
    _("outside_dusk", 18.0, "hour of the day", 15, 20, "hour at which their evening begins", "assumption"),
    _("outside_until", 22.0, "hour of the day", 20.5, 23.9, "hour at which they stop", "assumption"),
    _("outside_private", 0.3, "share", 0, 1, "outsiders' messages that come by private channels from the start", "assumption"),
    _("outside_mail", 0.2, "share", 0, 1, "of the others, those that come by mail; the rest by the platform of instant messages", "assumption"),
    _("outside_expectation", 0.6, "0..1", 0, 1, "availability outside hours that outsiders expect", "[E10] 57 % of teachers are expected to answer; 64 % of customers on short channels grant an hour"),
    _("outside_firm", 0.3, "share", 0, 1, "part of what drives an answer to an outsider that goes with the expectation in the firm", "assumption"),
    _("outside_moves", 0.5, "chance", 0, 1, "chance that an outsider who meets a closed or silent channel takes a private one", "assumption"),
    _("outside_worth", 2.5, "minutes", 0, 60, "nominal work in an outsider's matter", "assumption: what reading and answering take"),
    _("outside_custom", 0.1, "share", 0, 1, "share of it that is lost in the end by waiting, in sales and service", "assumption"),
    _("outside_patience_hours", 2.2, "hours", 0.1, 100, "time constant of that loss on short channels", "[E10] 64 % accept an hour"),
    _("outside_patience_mail_hours", 23.0, "hours", 0.1, 200, "the same for mail", "[E10] 77 % accept six hours"),
    # M18 looking
    _("look_seconds", 20.0, "seconds", 0, 120, "time that a look at messages takes by itself, on arrival, at a round and of one's own accord", "[E2] a check lasts under 30 s", "m18_looking", 0.0),
    _("look_all", 0.25, "chance", 0, 1, "chance that a look at work empties the inbox", "assumption", "m18_looking", 0.0),
    _("look_awaited", 0.5, "chance", 0, 1, "chance that a look at work begins with the answer that a task waits for, if it has come", "assumption; messengers show who has written", "m18_looking", 0.0),
    _("look_more", 0.1, "share", 0, 1, "how much more often people look by themselves while alerts are kept back", "[E2] trial: as often as before; laboratory: more often", "m18_looking", 0.0),
    _("look_lag", 0.25, "share", 0, 1, "lag after a look of one's own accord in the midst of a task, relative to that after an interruption", "assumption; such looks come at breaks that people choose", "m18_looking", 0.0),
    _("round_interrupts", 1.0, "chance", 0, 1, "chance that a round in the midst of a task interrupts as an alert does", "assumption", "m18_looking", 0.0),
    _("inhibition_seconds", 3.0, "seconds", 0, 30, "time lost at work by an alert that is noticed and left alone", "[E2] an alert left alone disturbs as much as use; size an assumption", "m18_looking", 0.0),
    # unlike people
    _("activity_sigma", 1.0, "log", 0, 1.2, "spread of activity over people: one trait behind messages, work, questions, answers and being asked", "[E1] volumes heavy-tailed over people, 0.8-1.0: the upper end, for group chats level it"),
    _("activity_most", 8.0, "ratio", 1, 50, "largest multiple of the usual that activity can make of anything", "assumption"),
    _("activity_messages", 1.0, "exponent", 0, 1.5, "how far messages of one's own accord go with activity", "reference: [E1] is about messages sent"),
    _("activity_work", 0.09, "exponent", 0, 1, "how far arriving work goes with activity", "assumption: about half of the variance of arriving work"),
    _("activity_questions", 0.8, "exponent", 0, 1.5, "how far the number of questions goes with activity", "assumption; bounded by the three questions of a task"),
    _("activity_answers", 1.0, "exponent", 0, 1.5, "how far answers that nobody waits for go with activity, and announcing what is done", "assumption"),
    _("activity_asked", 1.0, "exponent", 0, 2, "how far being asked goes with activity: hubs", "[E1] 3-5 % of staff give 20-35 % of collaboration"),
    _("ties", 10.0, "people", 1, 10, "contacts of a person anywhere in the firm", "[E1] ten mutual contacts, the median among 430 people"),
    _("tie_decay", 0.8, "ratio", 0.1, 1, "weight of a contact as somebody to ask, relative to the contact before", "assumption"),
    _("break_spread", 120.0, "minutes", 0, 180, "breaks start within so many minutes after the earliest start, by person and day", "assumption; [E1] 12 % of the messages of office logs fall into the hour from noon"),
    _("hours_spread", 30.0, "minutes", 0, 120, "people shift their contract hours by up to so many minutes without any rule", "assumption"),
    _("thread_most", 40.0, "answers", 1, 100, "answers in a thread after which nobody follows up", "assumption: out of the way; [E1] threads geometric"),
    _("follow_deep", 0.7, "chance", 0, 0.95, "chance that the answer to an answer is answered again, and so on", "[E1] threads geometric with mean 2-4", "m1_work", 0.0),
    _("follow_spared", 0.85, "share", 0, 1, "how far answers within a thread are spared from the fall under load", "assumption: as questions are, for a conversation goes on"),
    # graded obedience
    _("obedience_spread", 0.35, "share", 0, 1, "weight of the week in how ready a person is to keep to rules, the rest being a trait", "assumption; [E5] standing rules are broken now and then: short rests in Germany by 18 % at least monthly", "m10_compliance", 0.0),
    _("cap_margin", 60.0, "minutes", 0, 600, "mean distance below a weekly cap at which who keeps to it stops; a fifth of it below a daily one", "assumption; [E5] at most 12 % of weeks lie exactly at a limit", "m10_compliance", 0.0),
    _("cap_home", 0.5, "share", 0, 1, "share of the work cut by a cap that may be taken home like other work; the rest stays on the desk", "assumption; [E5] 13 % work unpaid overtime in Britain, among teachers 38 %", "m10_compliance", 1.0),
    _("right_senders", 0.3, "share", 0, 1, "messages that are not started outside hours because of a right not to answer, where it is used in full", "assumption; [E5] no effect size was found", "m10_compliance", 0.0),
    _("right_channel", 0.4, "share", 0, 1, "chat messages outside hours that are turned into mail, or wait, where such a right is used in full; the urgent become calls", "assumption", "m10_compliance", 0.0),
    _("right_later", 0.5, "share", 0, 1, "of these, those that are set to go out in the morning; the rest is mailed at once", "assumption"),
    # money
    _("wage_manager", 102.0, "yuan per hour", 5, 5000, "pay of managers per contract hour", "[E9] 203,014 yuan a year of 2,000 paid hours"),
    _("wage_professional", 74.0, "yuan per hour", 5, 5000, "of engineers, knowledge workers and teachers", "[E9] 148,046 yuan a year"),
    _("wage_service", 51.0, "yuan per hour", 5, 5000, "of sales and service", "assumption: that of all occupations; [E9] 102,452 yuan a year"),
    _("wage_clerical", 47.0, "yuan per hour", 5, 5000, "of clerical staff", "[E9] 93,189 yuan a year"),
    _("paid_hours", 2000.0, "hours a year", 500, 4000, "contract hours paid in a year, leave and sickness included", "[E9]"),
    _("overtime_rate", 1.5, "ratio", 1, 5, "pay of a paid hour of overtime, relative to a contract hour", "law: 150 % on working days [E5]"),
    _("paid_recorded", 0.6, "share", 0, 1, "recorded overtime that is paid without any rule", "[E4] 40.5 % of those who work overtime get nothing for it"),
    _("exit_cost", 0.5, "years of pay", 0, 5, "cost of replacing somebody who leaves", "[E9] half to twice a year's pay: the lower end"),
)  # fmt: skip
del _

ROWS = {row.name: row for row in TABLE}
Q: Any = namedtuple("Q", list(ROWS))(*range(len(TABLE)))  # positions, by name


ROLE_MIX: dict[str, dict[str, float]] = {  # shares of roles among those who lead nobody, by industry: assumptions
    "internet": {"engineer": 0.5, "knowledge": 0.25, "sales_service": 0.15, "clerical": 0.1},
    "finance": {"knowledge": 0.4, "sales_service": 0.4, "engineer": 0.1, "clerical": 0.1},
    "education": {"teacher": 0.7, "knowledge": 0.15, "clerical": 0.15},
    "manufacturing": {"engineer": 0.25, "knowledge": 0.3, "sales_service": 0.2, "clerical": 0.25},
    "public": {"knowledge": 0.5, "clerical": 0.5},
    "services": {"sales_service": 0.6, "knowledge": 0.2, "clerical": 0.2},
}


def values(overrides: Mapping[str, float], mechanisms: Mapping[str, bool]) -> NDArray[np.float64]:
    """Return the parameter vector in the order of ``TABLE``, with overrides and switched-off mechanisms applied.

    Mechanisms that are not named are on. Raises ``InputError`` for an unknown name or a value out of range.
    """
    for name in mechanisms:
        if name not in MECHANISMS:
            raise InputError(f"unknown mechanism '{name}'{nearest(name, MECHANISMS)}")
    for name, value in overrides.items():
        if name not in ROWS:
            raise InputError(f"unknown parameter '{name}'{nearest(name, ROWS)}")
        row = ROWS[name]
        if not row.low <= value <= row.high:
            raise InputError(f"parameter '{name}' = {value} lies outside [{row.low:g}, {row.high:g}] {row.unit}")
    vector = np.array([overrides.get(row.name, row.value) for row in TABLE], dtype=np.float64)
    for row in TABLE:
        if row.off is not None and not mechanisms.get(row.mechanism, True):
            vector[getattr(Q, row.name)] = row.off
    return vector
