"""Write the pages that are lists: parameters, tables, scenarios, fits, claims, the study and where the answer turns.

``python -m docs.generate`` writes them from the sources that the engine reads; with folders of results behind it, the
tables from runs too: the worked example from one of ``pilot_ban``, the fit from one of ``make targets`` at the point,
the claims from one with the set ``surveyed``, the answer from one of ``offhours study``, and where it turns from one of
``offhours regions``. What a column is and in which unit is taken from the comments of ``sim/core/columns.py``, the
outcomes and the store; only what stands in none of them is said here. A test fails while a page is out of date.
"""

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from docs import chinese, claims, study, study_zh
from docs.fits import fits_page
from docs.map import keep, map_page
from docs.scenario_list import scenarios_page
from sim.comparing.comparison import ACCOUNTS
from sim.core.columns import (
    CHANNELS,
    EVENTS,
    KINDS,
    ROLES,
    WEEKLY_STATES,
    Firm,
    Ledger,
    Rule,
    Seat,
    State,
    table_name,
)
from sim.core.parameters import MECHANISMS, TABLE, Parameter
from sim.outcomes import HEADLINES, OUTCOMES, written
from sim.report.numbers import full_name, measured, size
from sim.report.run import minutes_sentences, relative
from sim.runs.results import Results, read, unit_of
from sim.scenario.countries import home

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent / "sim"
EVIDENCE = HERE / "evidence.md"

FIELD = re.compile(r"    (\w+): int(?:  # (.*))?")
HEADING = re.compile(r"    # (.+)")
ROW = re.compile(r'    _\("(\w+)"')
MARKS = "<!-- from a run, by `python -m docs.generate FOLDER` -->", "<!-- end of what is from a run -->"
FROM_RUN = re.compile(f"{re.escape(MARKS[0])}(.*?){re.escape(MARKS[1])}", re.DOTALL)
CITED = re.compile(r"\[(E\d+)\]")

Rows = Sequence[tuple[str, ...]]

KEYS = {
    "world": "name of the rules in force: the scenario's, or that of what it is compared with",
    "replicate": "number of the economy, from 0",
    "firm": "number of the firm in its economy",
    "person": "number of the seat in its firm; a leaver is replaced in the same seat",
    "week": "7 days from Monday on; weeks below 0 are the warm-up, which no outcome counts",
}

PEOPLE = {
    "replicate": KEYS["replicate"],
    "firm": KEYS["firm"],
    "person": KEYS["person"],
    "role": ", ".join(ROLES),
    "is_manager": "whether somebody reports to this person",
    "partner": "whether the person lives with a partner",
    "segmentation": "preference for keeping work and home apart",
    "workload": "arriving work",
    "volume": "messaging rate",
    "activity": "activity (sd of its logarithm); it drives messages, questions, answers and being asked",
}

FIRMS = {
    "replicate": KEYS["replicate"],
    "firm": KEYS["firm"],
    "city": ", ".join(home().cities) + "; in another country its own",
    "industry": ", ".join(home().trades) + "; in another country its own",
    "size": "people in the firm",
    "in_scope": "whether some lever of the scenario reaches somebody in the firm at some time",
    "pays_hidden_overtime": "whether latent overtime is paid too; this does not change behaviour",
    "fines_yuan": "fines up to the end of the run",
    "inspections": "inspections up to the end of the run",
    "complaints": "complaints up to the end of the run, by people and by a union",
    "orders": "orders up to the end of the run, each instead of a fine",
    "weight": "how many firms of the economy it represents; above 1 for the sampled firms that no rule reaches",
}

SUMS = {
    "off_seconds": "not working: evenings, nights, days off, the midday break",
    "office_task_seconds": "at the workplace, on tasks",
    "office_message_seconds": "at the workplace, reading and writing messages",
    "office_search_seconds": "at the workplace, looking for something before asking for it",
    "office_resume_seconds": "at the workplace, getting back into a task after an interruption",
    "office_talk_seconds": "at the workplace, work talk in person or by phone, including walking over and dialling",
    "office_meeting_seconds": "at the workplace, in meetings",
    "office_idle_seconds": "at the workplace, with nothing to work on",
    "home_task_seconds": "away from the workplace, on tasks",
    "home_message_seconds": "away from the workplace, with messages, including getting back into the matter",
    "home_search_seconds": "away from the workplace, looking for something before asking for it",
    "home_resume_seconds": "away from the workplace, getting back into a task after an interruption",
    "recorded_overtime_seconds": "worked at the workplace outside contract hours",
    "latent_overtime_seconds": "worked elsewhere outside contract hours, on no record",
    "rest_day_overtime_seconds": "worked at weekends and on other rest days, all of it latent overtime",
    "statutory_overtime_seconds": "worked on statutory holidays, all of it latent overtime",
    "hidden_overtime_seconds": (
        "spent outside contract hours, away from the workplace, on messages and on what they asked to be done at once"
    ),
    "obligated_seconds": "part of hidden overtime in free time that depends on the expectation",
    "chosen_seconds": "part of hidden overtime in free time that needs no expectation, including messages started",
    "waiting_seconds": "waits of blocked tasks that ended in the week, by an answer or by default",
    "cycle_seconds": "time from arrival to end, over the tasks that ended",
    "arrived_work_seconds": "nominal work of the tasks that arrived, and of outsiders' matters answered",
    "output_seconds": "nominal work of the tasks that ended and of outsiders' matters answered, without lost work",
    "rework_seconds": "nominal work to be redone because of a fault",
    "spoiled_seconds": "nominal work lost in tasks that passed with a fault",
    "dropped_work_seconds": "nominal work of the tasks for which the desk had no space",
    "late_seconds": "nominal work lost in tasks that ended after their due date",
    "assigned_work_seconds": "part of the arrived work that was ordered by message, counted when the message is read",
    "handed_work_seconds": "part of the arrived work that colleagues handed on, counted when the message is read",
    "lapsed_work_seconds": "nominal work of orders that lapsed, for all their recipients; it never arrived",
    "desk_growth_seconds": "nominal size of the tasks on the desk, less the size a week ago",
    "contract_output_seconds": "part of the output made in contract hours",
    "recorded_output_seconds": "part of the output made in recorded overtime; the rest was made in latent overtime",
    "paid_output_seconds": "part of the output made in contract hours and in the paid shares of overtime",
    "tasks_arrived": "tasks that arrived, as planned or by message",
    "tasks_done": "tasks that ended",
    "tasks_dropped": "tasks for which the desk had no space",
    "tasks_late": "tasks that ended after their due date",
    "hand_offs": "finished tasks that were handed to a colleague",
    "assignments_deferred": "times that an order or a hand-off was postponed to another working day",
    "assignments_lapsed": "orders, and hand-offs of leavers, that never went out",
    "chases": "status requests read, sent to the person with most overdue work",
    "questions": "moments at which a task needs information that the person must look for",
    "unblocked": "waits that ended with an answer",
    "reasked": "questions asked a second time",
    "referred": "questions whose answer named somebody else to ask",
    "defaults": "waits that ended without an answer, with a decision by default",
    "exceptions": "tasks found faulty at their end",
    "switches": "changes of activity: to a message or to another task",
    "interruptions": "times that a message interrupted a task",
    "checks": "self-interruptions and rounds to look at messages",
    "looking_seconds": "part of the message time: looks at messages without reading, and alerts not acted on",
    "backlog_seconds": "work ready to be done at the end of workdays",
    "open_questions": "own questions and exceptions without an answer at the end of workdays",
    "overdue_tasks": "tasks past their due date at the end of workdays",
    "found": "questions that a search answered, so that nobody was asked",
    "talks": "things said by phone or in person that the other heard at once",
    "missed": "things said by phone or in person that did not reach the other at once",
    "settled": "waits of blocked tasks that ended in a meeting",
    "given_in_meetings": "orders and hand-offs kept back and then given in a meeting",
    "meetings": "meetings attended",
    "dropped_meetings": "meetings not attended because of a rule",
    "sent": "messages sent; a group message counts once",
    "received": "messages delivered to the inbox",
    "read": "messages read",
    "answered": "messages answered",
    "buried": "messages that sank unread out of reach",
    "cleared": "unread messages removed because the recipient left",
    "forgotten": "postponed answers that were never written",
    "cleared_held": "held messages whose recipient had left",
    "reply_seconds": "time from delivery to answer, over the answers",
    "after_sent": "messages sent outside contract hours, including while staying late",
    "after_received": "messages that arrived outside contract hours",
    "after_requests": "messages that arrived outside contract hours and asked for something",
    "after_acted": "messages read and dealt with in free time",
    "after_days": "days with any work on messages in free time",
    "long_days": "days with more than ten hours of work",
    "workdays": "days on which the person came to work",
    "absent_days": "working days off: sickness and leave",
    "short_rests": "`rests` shorter than eleven hours",
    "rest_seconds": "total length of the `rests`, each counted as 16 hours at most",
    "rests": "rests before a day of work: the longest stretch without work since the last one",
    "sleep_minutes": "minutes of sleep",
    "breaches": "messages by a closed channel or against a prohibition of contact; days, weeks and rests beyond their "
    "limits; days with obligated work in free time of somebody who has a right not to answer",
    "evasions": "messages sent by a private channel because the usual one was closed",
    "postponed": "messages that waited for the end of a quiet window or the next opening because of a rule",
    "unsent": "messages that found no open channel, except lapsed orders and messages kept for another day",
    "substituted": "messages sent by a tool instead of a closed channel, or mailed at a fixed hour",
    "summarised": "group messages read with summaries available",
    "not_held": "messages delivered at once because there was no space to hold them",
    "outside_received": "messages from outside the firm delivered to the inbox",
    "outside_answered": "answers sent to people outside the firm",
    "outside_wait_seconds": "time from the outsider's message to the answer, over these answers",
    "outside_after_seconds": "part of hidden overtime spent on messages from outside the firm",
    "outside_moved": "messages from outside sent by a private channel because the usual one was closed or silent",
    "outside_shut_out": "messages from outside that found no channel",
    "outside_lost_seconds": "nominal work lost because outsiders were answered late",
    "exits": "people who left their seat for good",
    "burnt_out_days": "days that ended above the burnout cut-off",
    "emergency_calls": "calls on an emergency line that a rule opens",
    "complaints": "complaints about breaches; a union's are booked with the head of the firm",
    "inspections": "inspections of the firm, booked with its head",
    "orders": "orders to the firm, booked with its head",
    "paid_overtime_seconds": "paid part of recorded and latent overtime",
    "wage_fen": "pay for the contract hours of all working days, including leave and sickness",
    "overtime_pay_fen": "pay for paid overtime",
    "tool_cost_fen": "tools provided because of a rule",
    "training_cost_fen": "training because of a rule",
    "monitoring_cost_fen": "monitoring because of a rule",
    "emergency_cost_fen": "emergency calls",
    "fines_fen": "the person's part of a fine on the firm",
    "exit_cost_fen": "replacing the person who left this seat",
    "subsidy_fen": "incentive paid to the firm for this person",
    "enforcement_cost_fen": "the person's part of the public cost of inspections and complaints at the firm",
    **{f"sent_{name}": f"messages sent by {name}" for name in CHANNELS},
    **{f"after_seconds_{name}": f"part of hidden overtime spent on messages that came by {name}" for name in CHANNELS},
}

UNSAID = {
    "firm": "row of the firm",
    "role": f"number of the role, in the order {', '.join(ROLES)}",
    "led_size": "members of the team led, 0 if none",
    **dict.fromkeys((f"tie{n}" for n in range(1, 10)), "another of these contacts"),
    "session_end": "second at which that work ends",
    "interrupted_today": "interruptions",
    "inspections": "inspections so far",
    "complaints": "complaints so far",
    "focus_to": "minute of the day at which protected time ends",
}

FLAGS = {
    "burnt_out": "mean of exhaustion and cynicism above `burnout_cutoff`",
    "exhausted": "exhaustion above `exhaustion_cutoff`",
    "anxious": "anxiety above `anxiety_cutoff`",
}

HOURS = {
    "world": KEYS["world"],
    "replicate": KEYS["replicate"],
    "in_scope": "true: summed over the firms that some lever of the scenario reaches; false: over the others",
    "under_rule": "true: summed over blocks of weeks wholly in the window with the rule in force; false: over others",
    "hour_of_week": "0 is Monday from midnight to one o'clock",
    "channel": ", ".join(CHANNELS),
    "weeks": "number of weeks in the sum",
    "messages": "messages sent in these weeks, all after the warm-up",
}

MESSAGES = {
    "world": KEYS["world"],
    "replicate": KEYS["replicate"],
    "firm": KEYS["firm"],
    "message": "identity, in hexadecimal; the same message has the same identity in both worlds",
    "thread": "identity of the message that began the thread",
    "sender": "person who sent it; null for somebody outside the firm",
    "recipient": "person who received it; a group message has a row for each recipient",
    "channel": ", ".join(CHANNELS),
    "kind": ", ".join(KINDS),
    "urgent": "whether it is marked or felt as urgent",
    "group": "whether it was sent to a group chat",
    "sent": "when it was written",
    "delivered": "when it reached the inbox; later than `sent` if it was held",
    "read": "when it was read; null if never",
    "answered": "when it was answered; null if never",
    "buried": "when it sank unread out of reach; null if never",
    "cleared": "when it was removed unread because the recipient left; null if never",
}

EFFECTS = {
    "scenario": ("name", "the scenario"),
    "counterfactual": ("name", "what it is compared with"),
    "group": ("name", "all, managers, staff, a role, an industry, a size of firms or a city"),
    "group_kind": ("name", "all, manager, role, industry, size or city"),
    "window": ("text", "weeks that are compared"),
    "outcome": ("name", "see [Outcomes](#outcomes)"),
    "family": ("name", "burnout, overtime, efficiency, messaging, home, rules or money"),
    "unit": ("text", "unit of the values"),
    "better": ("text", "lower, higher, or empty where neither direction is better by itself"),
    "baseline": ("unit of the outcome", "value in the counterfactual"),
    "scenario_value": ("unit of the outcome", "value in the scenario"),
    "difference": ("unit of the outcome", "scenario less counterfactual, with common random numbers"),
    "mean": (
        "unit of the outcome",
        "mean of the posterior, adjusted by the parameters of all draws where that narrows it",
    ),
    "mean_low": ("unit of the outcome", "lower end of the 95 % interval of `mean`, over the draws and firms simulated"),
    "mean_high": ("unit of the outcome", "upper end"),
    "low": ("unit of the outcome", "2.5 % quantile of the posterior, over firms and parameters"),
    "low_50": ("unit of the outcome", "25 % quantile"),
    "median": ("unit of the outcome", "50 % quantile"),
    "high_50": ("unit of the outcome", "75 % quantile"),
    "high": ("unit of the outcome", "97.5 % quantile: the upper end of the 95 % interval"),
    "share_lower": ("share", "share of the posterior below zero; 0 if exactly none is, or if nothing can fall"),
    "share_higher": ("share", "share of the posterior above zero"),
    "low_error": (
        "unit of the outcome",
        "standard error of `low` by the choice of draws, for everybody only; null below 16 draws",
    ),
    "high_error": ("unit of the outcome", "the same of `high`"),
    "half_chance": (
        "unit of the outcome",
        "half the width of the interval by chance alone; null for point parameters",
    ),
    "half_parameters": (
        "unit of the outcome",
        "half the width of the interval by parameters alone; null for point parameters and single replicates",
    ),
    "correlation": ("1", "correlation of the two worlds over firms"),
    "variance_ratio": (
        "1",
        "variance of the unpaired difference over the variance of the paired one; infinite for equal worlds",
    ),
    "firms": ("firms", "firms compared"),
    "people": ("people", "people compared"),
    "relative": ("share", "difference over the absolute value of the baseline; null for scores (sd)"),
    "relative_low": ("share", "`low` over the absolute value of the baseline"),
    "relative_high": ("share", "`high` over the absolute value of the baseline"),
    "spill": (
        "unit of the outcome",
        "largest difference in a firm that no rule of either world reaches; must be 0; null if every firm is in scope",
    ),
    "p_value": (
        "1",
        "two-sided p-value of no difference at another draw, below 0.05 where the 95 % interval excludes zero; not "
        "that of the mean over draws; 1 for exactly no difference",
    ),
    "p_holm": ("1", "`p_value` by Holm's method over all scenarios and outcomes of the family; null for groups"),
    "low_simultaneous": (
        "unit of the outcome",
        "lower end of the interval that holds simultaneously for all of that family",
    ),
    "high_simultaneous": ("unit of the outcome", "upper end"),
}

DISPLACEMENT = {
    "world": ("name", KEYS["world"]),
    "window": ("text", "weeks that are compared"),
    "channel": ("name", f"{', '.join(CHANNELS)}, or all"),
    "recorded": (
        "true or false",
        "whether an archive records it: not calls, private messengers and talk; null for all",
    ),
    "minutes_per_person_week": ("minutes", "hidden overtime on messages that came by this channel"),
    "difference": (
        "minutes",
        "scenario less counterfactual; this and the columns below are null in rows of the counterfactual",
    ),
    "low": ("minutes", "lower end of its 95 % interval, over firms and parameters"),
    "high": ("minutes", "upper end"),
    "half_chance": ("minutes", EFFECTS["half_chance"][1]),
    "half_parameters": ("minutes", EFFECTS["half_parameters"][1]),
    "displaced": (
        "1",
        "in the row all: minutes gained by some channels per minute lost by others; null if none clearly lost minutes",
    ),
    "displaced_low": ("1", "lower end of its 95 % interval"),
    "displaced_high": ("1", "upper end"),
    "displaced_half_chance": ("1", EFFECTS["half_chance"][1]),
    "displaced_half_parameters": ("1", EFFECTS["half_parameters"][1]),
}

WORK = {
    "scenario": EFFECTS["scenario"],
    "account": ("name", ", ".join(one.name for one in ACCOUNTS)),
    "side": ("name", "came or went (their sums are equal in each world), or beside (in neither sum)"),
    "unit": EFFECTS["unit"],
    "better": EFFECTS["better"],
    "baseline": (
        "h/week",
        "nominal hours per person-week in the counterfactual; a single world has `value` instead",
    ),
    "scenario_value": ("h/week", "the same in the scenario's world"),
    "difference": ("h/week", "scenario less counterfactual"),
    "low": ("h/week", "lower end of the 95 % interval of the difference, or of the value, over firms and parameters"),
    "high": ("h/week", "upper end"),
    "window": EFFECTS["window"],
}
DRIFT = {
    "scenario": EFFECTS["scenario"],
    "world": ("name", "world that drifts: the counterfactual, or the scenario if there is no comparison"),
    **{name: EFFECTS[name] for name in ("outcome", "family", "unit", "better")},
    "first": (
        "unit of the outcome",
        "value in the first quarter of a year (in a shorter run, the first half), in the firms of the effects",
    ),
    "last": ("unit of the outcome", "value in the last quarter, or half"),
    "change": ("unit of the outcome", "`last` less `first`"),
    "low": ("unit of the outcome", "lower end of its 95 % interval, over firms and parameters"),
    "high": ("unit of the outcome", "upper end"),
    "relative": ("share", "change over the absolute value of `first`; null for scores (sd)"),
    "window": ("text", "weeks of both values"),
    "firms": EFFECTS["firms"],
}
LEVELS = {
    **{
        name: EFFECTS[name]
        for name in ("scenario", "group", "group_kind", "window", "outcome", "family", "unit", "better")
    },
    "value": ("unit of the outcome", "over all firms and all weeks after the warm-up"),
    **{name: EFFECTS[name] for name in ("low", "low_50", "median", "high_50", "high")},
    "half_chance": EFFECTS["half_chance"],
    "half_parameters": EFFECTS["half_parameters"],
    "firms": ("firms", "firms simulated"),
    "people": ("people", "people simulated"),
}

SCORECARD = {
    "observable": ("name", "what is computed"),
    "claims": ("text", "claims of the report that state it; see `calibration/claims.toml`"),
    "unit": ("text", "unit of the values"),
    "observed": ("unit of the observable", "value in the run"),
    "half_width": ("unit of the observable", "half the width of its 95 % interval, over firms and parameters"),
    "reported": ("unit of the observable", "value in the report or survey"),
    "low": ("unit of the observable", "lower end of the band that counts as agreement"),
    "high": ("unit of the observable", "upper end"),
    "tolerance": ("unit of the observable", "half the width of the band"),
    "within": ("true or false", "whether it agrees; null if no agreement is claimed or the value is unknown"),
    "role": ("name", "calibrated, cutoff, checked, input or not_used"),
    "weight": ("1", "weight in the fit"),
    "confidence": ("text", "H, M, L or X: how well the figure is supported"),
    "source": ("text", "section of the report, or survey"),
    "note": ("text", "caveats"),
}

TENSIONS = {
    "claims": ("text", "claims in tension with each other"),
    "tension": ("text", "the two statements that are compared"),
    "first": ("see unit", "one number"),
    "second": ("see unit", "the other"),
    "distance": ("see unit", "gap that no parameter can close; 0 if both can hold; null without a common unit"),
    "unit": ("text", "unit of the numbers"),
    "observed": ("see unit", "value in the run, if it can be computed"),
}

RANKING = {
    "outcome": EFFECTS["outcome"],
    "family": EFFECTS["family"],
    "unit": EFFECTS["unit"],
    "better": ("text", "lower or higher"),
    "scenario": ("name", "the rule set, the reference included"),
    "mean": ("unit of the outcome", "on the common firms and weeks"),
    "probability_best": ("1", "share of draws in which it is best; ties share it"),
    "expected_rank": ("1", "1 is best; ties share ranks"),
    "regret": ("unit of the outcome", "how much worse than the best, mean over draws"),
    "regret_high": ("unit of the outcome", "95 % quantile of the same over draws"),
    "firms": ("firms", "firms in which all rule sets are compared"),
    "window": ("text", "weeks in which they are compared"),
    "basis": ("text", "how the firms were chosen"),
    "draws": ("count", "number of draws of what `over` names"),
    "over": ("text", "what probabilities and regrets are over: `firms`, or `firms and parameters`"),
}

PERSONS = {
    **{
        name: EFFECTS[name]
        for name in ("scenario", "group", "group_kind", "outcome", "family", "unit", "better", "window")
    },
    "share_better": ("share", "people whose gain exceeds the threshold; null where neither direction is better"),
    "share_worse": ("share", "people whose loss exceeds the threshold"),
    "share_same": ("share", "all other people"),
    "p10": ("unit of the outcome", "10 % quantile of the difference over people"),
    "p50": ("unit of the outcome", "median of the difference over people"),
    "p90": ("unit of the outcome", "90 % quantile of the difference over people"),
    "mean": ("unit of the outcome", "mean difference"),
    "threshold": (
        "unit of the outcome",
        "a tenth of the standard deviation between people of a replicate under the reference",
    ),
    "people": ("people", "people who kept their seat and have the outcome in both worlds"),
    **{
        f"{name}_{end}": (unit, text)
        for name, unit in (("share_better", "share"), ("share_worse", "share"), ("mean", "unit of the outcome"))
        for end, text in (
            ("low", f"lower end of the 95 % interval of `{name}`, over firms and parameters"),
            ("high", "upper end"),
            ("half_chance", EFFECTS["half_chance"][1]),
            ("half_parameters", EFFECTS["half_parameters"][1]),
        )
    },
}

WEEKLY = {
    "scenario": EFFECTS["scenario"],
    "set": ("name", "reached: firms in scope; others: firms that no rule of either world reaches"),
    "week": ("weeks since day 0", KEYS["week"]),
    "outcome": EFFECTS["outcome"],
    "rule": ("unit of the outcome", "value in the scenario"),
    "without": ("unit of the outcome", "value in the reference"),
    "half": ("unit of the outcome", "half the width of the 95 % interval of the difference, over firms and parameters"),
    "half_chance": EFFECTS["half_chance"],
    "half_parameters": EFFECTS["half_parameters"],
}

EXPLANATION = {
    "scenario": EFFECTS["scenario"],
    "mechanism": ("name", "switched off in both worlds; all: none is; expectation: nobody acts on what is expected"),
    "outcome": EFFECTS["outcome"],
    "family": EFFECTS["family"],
    "unit": EFFECTS["unit"],
    "better": EFFECTS["better"],
    "window": EFFECTS["window"],
    "firms": EFFECTS["firms"],
    "effect": ("unit of the outcome", "paired difference without the mechanism; the level where nothing is compared"),
    "low": ("unit of the outcome", "lower end of its 95 % interval, over firms and parameters"),
    "high": ("unit of the outcome", "upper end"),
    "contribution": ("unit of the outcome", "effect with everything on less this effect; null in the rows all"),
    "contribution_low": ("unit of the outcome", "lower end of its 95 % interval, paired by firm"),
    "contribution_high": ("unit of the outcome", "upper end"),
    "half_chance": EFFECTS["half_chance"],
    "half_parameters": EFFECTS["half_parameters"],
    "share": ("share", "contribution over the effect with everything on; null if the sign of that effect is unclear"),
}

PARAMETERS_INTRO = """
# Parameters

Every arguable number in the rules of the model, with its unit, its range and its source. The
equations are in the [protocol](odd.md), the evidence in [Evidence](evidence.md); `[report 2.1]` is a section of the
report. `offhours parameters` prints the same table.

A scenario changes a value in its table `[parameters]`. An unknown name, or a value outside the range, is
rejected. The range says which values are arguable, not which are likely.
"""

SWITCHES_INTRO = """\
A value with evidence that was then moved counts as *tuned*: by hand, within its range, towards the `report`
targets (`make targets`). See [Limits](limits.md).

## Switches

`[mechanisms]` in a scenario switches a mechanism off: its parameters take the neutral values below, so that it has
exactly no effect.
"""

TABLES_INTRO = """
# Tables

What a run leaves in `results/NAME/`, column by column. Tables are Parquet. Units, numbers of rows and checksums are
in `manifest.json` too; `make fsck FOLDER=results/NAME` compares them. [Reading results](reading-results.md) explains
how to interpret them, and [Extending](extending.md#ask-the-tables) how to query them.

`NAME` is the scenario. `make targets` writes `results/targets/`, and a comparison one folder for all its scenarios.

A table is a file `TABLE.parquet`, except `person_week`, which is a folder of files, `person_week/world=NAME/`: it is
too large for one file, and often for memory. `pl.read_parquet("results/NAME/person_week")` reads all of it, with the
name of the world in the column `world`; `pl.scan_parquet` queries it without loading it.

Worlds are stored in `results/worlds/`, one folder for each replicate of each world, so that none is simulated twice.
The person-weeks of a results folder are links to the files there. They use disk space once, and they remain when the
library is emptied.

Intervals cover chance (which firms were drawn) and, where parameters are drawn too, parameters. `half_chance` and
`half_parameters` are the half-widths of the intervals by either alone. Both are null for point parameters, whose
intervals cover chance alone.
"""

OUTCOMES_INTRO = """\
## Outcomes

An outcome is a ratio of two sums over the people and weeks that are compared. *Better* is empty where neither direction
is better by itself.
"""

COLUMNS_INTRO = """\
## Columns of the engine

The arrays of the engine while a world runs. The columns of a person are attributes of the Mesa agents: see
[Extending](extending.md). Weekly sums (`Ledger`) are the table `person_week` above, there in minutes.
"""

BASIS = {
    "a cut-off that a target sets": lambda source: "set by" in source,
    "tuned towards the `report` targets": lambda source: "tuned" in source,
    "an assumption": lambda source: source.startswith("assumption"),
    "published evidence": lambda source: source.startswith("[E"),
    "the report alone": lambda source: source.startswith("[report"),
    "a law, a definition or the model's structure": lambda source: True,
}


def marked(source: str) -> str:
    """Say which page a list comes from, for those who would edit it."""
    return f"<!-- Written by `python -m docs.generate` from {source}; what is changed here is lost. -->"


def listed(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Write a Markdown table and an empty line."""
    lines = [head, ["---"] * len(head), *rows]
    return [*(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines), ""]


def basis(row: Parameter) -> str:
    """Say what a parameter's value rests on, the weakest word of its source first."""
    return next(name for name, holds in BASIS.items() if holds(row.source))


def evidence_links() -> dict[str, str]:
    """Find the sections of the evidence, by their number."""
    headings = re.findall(r"^## (E\d+) (.+)$", EVIDENCE.read_text(encoding="utf-8"), re.MULTILINE)
    return {number: f"evidence.md#{slug(f'{number} {title}')}" for number, title in headings}


def slug(heading: str) -> str:
    """Turn a heading into its anchor, as forges and the documentation builder do."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def cited(source: str, links: dict[str, str]) -> str:
    """Link the sections of the evidence in a source."""
    return CITED.sub(lambda match: f"[{match[1]}]({links[match[1]]})", source)


def sections() -> list[tuple[str, list[str]]]:
    """Read how the table of parameters is divided, from its comments."""
    found: list[tuple[str, list[str]]] = []
    for line in (SOURCES / "core" / "parameters.py").read_text(encoding="utf-8").splitlines():
        if heading := HEADING.fullmatch(line):
            found.append((heading[1], []))
        elif row := ROW.match(line):
            found[-1][1].append(row[1])
    return [(title, names) for title, names in found if names]


def parameters_page() -> str:
    """Write the page of parameters.

    Returns
    -------
    str
        Markdown.
    """
    rows = {row.name: row for row in TABLE}
    links = evidence_links()
    counts = [(name, str(sum(basis(row) == name for row in TABLE))) for name in BASIS]
    switches = ((f"`{name}`", text, neutral(name)) for name, text in MECHANISMS.items())
    lines = [
        marked("sim/core/parameters.py"),
        *PARAMETERS_INTRO.splitlines(),
        "",
        f"## What the {len(TABLE)} values rest on",
        "",
        *listed(("rests on", "parameters"), counts),
        *SWITCHES_INTRO.splitlines(),
        "",
        *listed(("switch", "mechanism", "neutral values"), switches),
    ]
    for title, names in sections():
        heading = title if title[0] == "M" and title[1].isdigit() else title.capitalize()
        table = [described(rows[name], links) for name in names]
        lines += [f"## {heading}", "", *listed(("parameter", "value", "unit", "range", "meaning", "source"), table)]
    return "\n".join(lines)


def neutral(mechanism: str) -> str:
    """List a switch's parameters with the values that make it do nothing."""
    return ", ".join(f"`{row.name}` {row.off:g}" for row in TABLE if row.mechanism == mechanism and row.off is not None)


def described(row: Parameter, links: dict[str, str]) -> tuple[str, ...]:
    """Write a parameter's cells."""
    span = f"{row.low:g} to {row.high:g}"
    return f"`{row.name}`", f"{row.value:g}", row.unit, span, row.meaning, cited(row.source, links)


def comments(kind: type) -> dict[str, str]:
    """Read what the comments of ``sim/core/columns.py`` say of each field of a class; empty for a field without one."""
    text = (SOURCES / "core" / "columns.py").read_text(encoding="utf-8")
    body = text.split(f"class {kind.__name__}(", 1)[1].split("\n\n\n", 1)[0]
    return {name: said for name, said in FIELD.findall(body)}


def meanings(kind: type) -> list[tuple[str, ...]]:
    """Describe the columns of the engine, by their comment or else by what is said of them here."""
    return [(f"`{name}`", said or unsaid(name)) for name, said in comments(kind).items()]


def unsaid(name: str) -> str:
    """Describe a column that has no comment of its own."""
    if name in UNSAID:
        return UNSAID[name]
    rule, _, channel = name.partition("_")
    return {
        "closed": f"closure of {channel} at all times, 0..1; 2 where the channel does not exist",
        "off": f"share of a closure of {channel} in force in the quiet window only, 0..1",
        "system": f"share of people for whom the system closes {channel} where a rule does, 0..1",
    }[rule]


def person_week() -> dict[str, tuple[str, str]]:
    """Describe the table of person-weeks: unit and definition by column."""
    found = plain(KEYS)
    for name in Ledger._fields:
        column = table_name(name)
        kind = pl.Float32() if column != name else pl.Int32()
        found[column] = (unit_of(column, kind), SUMS[name])
    found |= {name: tuple(state) for name, state in WEEKLY_STATES.items()}
    found |= {name: (unit_of(name, pl.Boolean()), text) for name, text in FLAGS.items()}
    return found


TYPES: dict[str, pl.DataType] = {
    **dict.fromkeys(("world", "role", "city", "industry", "channel", "kind", "message", "thread"), pl.String()),
    **dict.fromkeys(("is_manager", "partner", "in_scope", "pays_hidden_overtime", "urgent", "group"), pl.Boolean()),
    **dict.fromkeys(("segmentation", "workload", "volume", "activity", "fines_yuan", "weight"), pl.Float64()),
}


def plain(columns: dict[str, str], times: Sequence[str] = ()) -> dict[str, tuple[str, str]]:
    """Add to definitions the units that the store writes."""
    kinds = {name: pl.Datetime() if name in times else TYPES.get(name, pl.Int64()) for name in columns}
    return {name: (unit_of(name, kinds[name]), text) for name, text in columns.items()}


def stored() -> dict[str, tuple[str, dict[str, tuple[str, str]]]]:
    """Describe every stored table: what a row is, and unit and definition by column.

    Returns
    -------
    dict[str, tuple[str, dict[str, tuple[str, str]]]]
        By the name of the table.
    """
    return {
        "effects": ("One row per group and outcome: the comparison.", EFFECTS),
        "displacement": (
            "One row per world and channel: after-hours work on messages that came. In comparisons, `scenario` comes "
            "first.",
            DISPLACEMENT,
        ),
        "work": (
            "One row per account of the work: what came, what became of it, what never came.",
            WORK,
        ),
        "drift": (
            "One row per slow outcome, in comparisons per scenario: how far today moves by itself. A run of one week "
            "has none.",
            DRIFT,
        ),
        "levels": (
            "One row per group and outcome, instead of effects where nothing is compared.",
            LEVELS,
        ),
        "people": ("One row per person, as at the end of the run; in comparisons in each `world`.", plain(PEOPLE)),
        "firms": (
            "One row per firm, as at the end of the run, in the scenario's world; in comparisons in each `world`. "
            "After `size`, evaluations have only the rules' `start` and `start_month`, and the kind of `controls`.",
            plain(FIRMS),
        ),
        "person_week": (
            "One row per world, person and week: sums over the week, then states at its end. Times are minutes, and "
            "money is yuan, or the currency of the scenario's country: then names end with that, as in `wage_euro`.",
            person_week(),
        ),
        "firm_week": (
            "One row per world, firm and week. Times and counts of `person_week` are summed; states and the three "
            "shares are means over people, in the same columns.",
            {
                **{name: person_week()[name] for name in ("world", "replicate", "firm", "week")},
                "n_people": (unit_of("n_people", pl.Int32()), "people in the firm"),
            },
        ),
        "hours": (
            "One row per world, scope, hour of the week and channel, under the rule and before. In comparisons, "
            "`scenario` comes first.",
            plain(HOURS),
        ),
        "message_sample": (
            "One row per sampled message and recipient. A small run keeps all messages, a large one a sample that is "
            "drawn by the identity of the message, so that both worlds keep the same ones.",
            plain(MESSAGES, times=EVENTS),
        ),
    }


def held_against() -> dict[str, tuple[str, dict[str, tuple[str, str]]]]:
    """Describe the tables that ``make targets`` stores, as ``stored`` does."""
    return {
        "report": ("One row per target of the `report` set.", SCORECARD),
        **{
            name: (f"One row per target of the `{name}` set; the same columns as `report`.", {})
            for name in ("surveyed", "audited")
        },
        "tensions": ("One row per contradiction in the figures themselves.", TENSIONS),
    }


READINGS = {
    "reading": ("name", "set of parameters: surveyed, report, audited, point or the name of a file of draws"),
    "scenario": EFFECTS["scenario"],
    "counterfactual": ("name", "what it is compared with; null where nothing is"),
    **{name: EFFECTS[name] for name in ("outcome", "family", "unit", "better", "window", "firms", "people")},
    "baseline": (
        "unit of the outcome",
        "value in the counterfactual; null where there is none, as difference and p_holm",
    ),
    "scenario_value": EFFECTS["scenario_value"],
    "difference": EFFECTS["difference"],
    "low": ("unit of the outcome", "lower end of the 95 % interval of the difference, or of the value without one"),
    "high": ("unit of the outcome", "upper end"),
    "half_chance": EFFECTS["half_chance"],
    "half_parameters": EFFECTS["half_parameters"],
    "p_holm": EFFECTS["p_holm"],
    "apart": ("unit of the outcome", "difference (or value) less that under the first set; null for the first set"),
    "apart_low": ("unit of the outcome", "lower end of its 95 % interval, the intervals of both taken as independent"),
    "apart_high": ("unit of the outcome", "upper end"),
}
CONCLUSION = {
    "conclusion": (
        "name",
        "holds: clear and the same under all sets; only: clear under some, none against; contradict: clear and "
        "different; unclear: clear under none; zero: exactly no effect under all",
    ),
    "says": ("text", "lower or higher, or the best rule; of a contradiction that of each set"),
    "under": ("text", "sets that identify it"),
}
CONCLUSIONS = {
    **{name: EFFECTS[name] for name in ("scenario", "outcome", "family", "unit", "better")},
    **CONCLUSION,
    "apart": (
        "true or false",
        "whether the interval of the difference excludes zero between two sets that say unlike things of the sign",
    ),
}
DRIVERS = {
    "comparison": ("name", "name of the comparison in the design"),
    "scenario": EFFECTS["scenario"],
    "outcome": EFFECTS["outcome"],
    "parameter": ("name", "a parameter that differs between draws"),
    "draws": ("number", "draws of all sets in which the rule reaches somebody"),
    "correlation": ("−1 to 1", "of the ranks of effect and parameter, each within a set"),
    "limit": ("0 to 1", "what the largest of all parameters exceeds by chance in one case of twenty"),
    "low_third": ("unit of the outcome", "mean effect in the third of draws with the lowest values of the parameter"),
    "high_third": ("unit of the outcome", "the same in the third with the highest values"),
    "lower_in_low": ("1", "share of effects below zero in the third of draws with the lowest values"),
    "lower_in_high": ("1", "the same in the third with the highest values"),
}
BEST = {
    "reading": READINGS["reading"],
    **{name: RANKING[name] for name in ("outcome", "family", "unit", "better")},
    "best": ("name", "rule set that is most probably the best; all that are exactly as good"),
    "probability": ("1", "that it is the best; a set identifies the best from 0.95 on"),
    **CONCLUSION,
}


def laid_side_by_side() -> dict[str, tuple[str, dict[str, tuple[str, str]]]]:
    """Describe the tables that comparisons and explanations add, as ``stored`` does."""
    return {
        "ranking": ("One row per outcome and rule set: who is best.", RANKING),
        "persons": ("One row per scenario, group and outcome: who gains and who loses, chance included.", PERSONS),
        "draws": (
            "One row per scenario, replicate and outcome: the difference in each draw by itself, on the firms and "
            "weeks of `effects`.",
            {
                "scenario": EFFECTS["scenario"],
                "replicate": ("number", "number of the economy, which has the draw of that number"),
                "outcome": EFFECTS["outcome"],
                "baseline": ("unit of the outcome", "value in the counterfactual"),
                "difference": ("unit of the outcome", "value in the scenario less that"),
            },
        ),
        "phases": (
            "One row per scenario with phases, phase, group and outcome: as `effects`, on the firms that the phase "
            "reaches, in the weeks in which its rules are fully in force and no later phase is in force there. "
            "Levers that the reference has too belong to no phase. "
            "`p_holm` and the simultaneous intervals are over all phases, too.",
            {
                "scenario": EFFECTS["scenario"],
                "phase": ("name", "label of the phase"),
                **{name: about for name, about in EFFECTS.items() if name not in ("scenario", "spill")},
            },
        ),
        "weekly": ("One row per scenario, set of firms, week and outcome: time lines.", WEEKLY),
        "readings": (
            "One row per set of parameters, scenario and outcome, of everybody: several sets side by side. Beside it "
            "lies `ranking`, with the set in a first column `reading`.",
            READINGS,
        ),
        "conclusions": ("One row per scenario and outcome: what the sets say together of the sign.", CONCLUSIONS),
        "best": ("One row per outcome and set: the best rule, and what the sets say together of it.", BEST),
        "drivers": (
            "One row per comparison of a study, scenario, outcome and parameter, from `offhours study`: the three "
            "parameters with which the effect goes most closely over the draws of all sets. The other tables of a "
            "study are those of its comparisons, with `comparison` and `reading` as first columns; `groups` has the "
            "rows of `effects` by rank, role and industry.",
            DRIVERS,
        ),
        "explanation": ("One row per mechanism and outcome, from `offhours explain`.", EXPLANATION),
    }


def appraised() -> dict[str, tuple[str, dict[str, tuple[str, str]]]]:
    """Describe the tables of `offhours evaluate` and `offhours design`, as ``stored`` does."""
    measured = {
        "scenario": EFFECTS["scenario"],
        "replicate": ("number", "from 0 on; each is an economy with parameters of its own, and has a panel of its own"),
        "outcome": EFFECTS["outcome"],
        "unit": EFFECTS["unit"],
        "source": ("name", "survey or payroll"),
    }
    estimate = {
        "estimate": ("unit of the outcome", "what the evaluator finds"),
        "low": ("unit of the outcome", "lower end of its 95 % interval, over firms"),
        "high": ("unit of the outcome", "upper end"),
    }
    truth = {
        "truth": ("unit of the outcome", "paired difference in the same firms and periods, weighted by treated people"),
        "truth_low": ("unit of the outcome", "lower end of its 95 % interval, over firms"),
        "truth_high": ("unit of the outcome", "upper end"),
    }
    controls = {"controls": ("name", "the firms that are compared with: other_cities, same_city, refusers, all, …")}
    shares = {
        name: ("1", text)
        for prefix, errors in (("", "clustered by firm"), ("city_", "clustered by city"))
        for what, meaning in (
            ("power", f"pilots whose interval excludes zero, errors {errors}"),
            ("coverage", f"pilots whose interval covers the true effect of their replicate, errors {errors}"),
            ("rejects_placebo", f"pilots without any rule that find an effect, errors {errors}"),
        )
        for name, text in (
            (f"{prefix}{what}", meaning),
            (f"{prefix}{what}_low", "lower end of its 95 % interval over pilots (Wilson)"),
            (f"{prefix}{what}_high", "upper end"),
        )
    }
    return {
        "estimates": (
            "One row per replicate, outcome, source, estimator and control group, from `offhours evaluate`. Beside it "
            "lies `firms`, with the start and the control group of each.",
            {
                **measured,
                "estimator": ("name", "extended, sun_abraham, twfe, before_after or after_only"),
                **controls,
                **estimate,
                "city_low": ("unit of the outcome", "lower end of its 95 % interval, over cities"),
                "city_high": ("unit of the outcome", "upper end"),
                **truth,
                "bias": ("unit of the outcome", "estimate less truth"),
                "covers": ("true or false", "whether the interval over firms covers the truth; null without interval"),
                "p_before": ("1", "p of no drift before the start; null where it cannot be tested"),
                "n_firms": ("firms", "in the analysis"),
                "n_treated": ("firms", "of these, reached"),
                "n_cities": ("count", "cities of these firms"),
                "n_people": ("people", "who answered; for a payroll, which is not asked, as `n_firms`"),
            },
        ),
        "event_study": (
            "One row per replicate, outcome, source, control group and month from the start, by Sun and Abraham.",
            {
                **measured,
                **controls,
                "period": ("months", "since the start; the last one before it is zero by construction"),
                **estimate,
                **truth,
            },
        ),
        "design": (
            "One row per size of pilot, outcome and source, from `offhours design`.",
            {
                "cities": ("count", "with the rules; there are as many without"),
                "firms": ("firms", "in each city"),
                "months": ("months", "after the start"),
                "people_per_firm": ("people", "asked in each firm"),
                "outcome": EFFECTS["outcome"],
                "source": measured["source"],
                "unit": EFFECTS["unit"],
                "effect": ("unit of the outcome", "true effect, mean over replicates"),
                "effect_least": ("unit of the outcome", "the lowest of a replicate"),
                "effect_most": ("unit of the outcome", "the highest of a replicate"),
                "estimate": ("unit of the outcome", "mean over pilots"),
                "bias": ("unit of the outcome", "mean of estimate less true effect of the replicate"),
                "error": ("unit of the outcome", "standard error that pilots state, by firm; mean"),
                "spread": ("unit of the outcome", "standard deviation of estimate less true effect, over pilots"),
                "mde": (
                    "unit of the outcome",
                    "effect of either sign that 80 % of the pilots would find",
                ),
                "city_mde": ("unit of the outcome", "the same by their errors clustered by city"),
                **shares,
                "pilots": ("count", "drawn that have an interval"),
                "stock": ("firms", "with two histories, of which pilots are drawn; all replicates"),
                "months_before": ("months", "before the start"),
                "differs_before": (
                    "true, false",
                    "whether firms differ from themselves without the rules before the start that counts, by an "
                    "earlier phase: then `effect` is of everything, and `estimate` of what changes",
                ),
                "city_shock": ("1", "spread of events of whole cities, in standard deviations of a firm's change"),
            },
        ),
    }


def tables_page() -> str:
    """Write the page of tables.

    Returns
    -------
    str
        Markdown.
    """
    lines = [marked("sim/core/columns.py, sim/outcomes.py and docs/generate.py"), *TABLES_INTRO.splitlines(), ""]
    for name, (what, columns) in (stored() | laid_side_by_side() | appraised() | held_against()).items():
        lines += [f"## {name}", "", what, ""]
        if columns:
            table = ((f"`{column}`", unit, text) for column, (unit, text) in columns.items())
            lines += listed(("column", "unit", "definition"), table)
    lines += [
        *OUTCOMES_INTRO.splitlines(),
        "",
        f"Headlines: {', '.join(f'`{name}`' for name in HEADLINES)}.",
        "",
        *listed(
            ("outcome", "family", "unit", "better", "definition"),
            ((f"`{row.name}`", row.family, row.unit, row.better, row.definition) for row in OUTCOMES),
        ),
        *COLUMNS_INTRO.splitlines(),
        "",
    ]
    for kind, what in (
        (State, "State: a person, real numbers"),
        (Seat, "Seat: a person, whole numbers"),
        (Firm, "Firm: real numbers"),
        (Rule, "Rule: what is in force for a firm and a role; 0 where nothing is ruled"),
    ):
        lines += [f"### {what}", "", *listed(("column", "meaning"), meanings(kind))]
    return "\n".join(lines)


def chinese_page() -> str:
    """Write the Chinese page on results, with the worked example of the English one.

    Returns
    -------
    str
        Markdown.
    """
    english = FROM_RUN.split((HERE / "reading-results.md").read_text(encoding="utf-8"))[1]
    before, _, after = FROM_RUN.split((HERE / chinese.PAGE).read_text(encoding="utf-8"))
    return chinese.worked_example(english, before + MARKS[0], MARKS[1] + after)


PAGES = {
    "parameters.md": parameters_page,
    "tables.md": tables_page,
    "scenarios.md": scenarios_page,
    "fits.md": fits_page,
    "map.md": map_page,
    "study.md": study.study_page,
    "zh/study.md": study_zh.study_page,
    chinese.PAGE: chinese_page,
    "claims.md": claims.claims_page,
}


def example(results: Results) -> list[str]:
    """Write the table of the worked example.

    Parameters
    ----------
    results : Results
        The run that the page shows.

    Returns
    -------
    list[str]
        Markdown: the headline outcomes, who was compared, and where the minutes went.
    """
    found = {row["outcome"]: row for row in results.tables["effects"].filter(group="all").to_dicts()}
    head = ("outcome", "status quo", "pilot ban", "relative", "difference", "95 % interval", "lower")
    first = found[HEADLINES[0]]
    return [
        *listed(head, (compared(found[name]) for name in chinese.SHOWN)),
        f"*{first['people']} people in {first['firms']} firms in scope, {first['window']}.*",
        "",
        *(f"- {line}" for line in minutes_sentences(results.tables["displacement"])),
    ]


def compared(row: dict[str, Any]) -> tuple[str, ...]:
    """Write an effect's cells."""
    unit = row["unit"]
    low, high = (written(row[end], unit, signed=True) for end in ("low", "high"))
    return (
        full_name(row["outcome"]) + ("" if unit == "share" else f", {unit}"),
        written(row["baseline"], unit),
        written(row["scenario_value"], unit),
        relative(row),
        written(row["difference"], unit, signed=True),
        f"{low} to {high}",
        written(row["share_lower"], "share"),
    )


def fit(results: Results) -> list[str]:
    """Write the table of the targets.

    Parameters
    ----------
    results : Results
        From ``make targets``.

    Returns
    -------
    list[str]
        Markdown: every target of the set ``report`` that the model can be compared with.
    """
    head = ("role", "observable", "unit", "model", "± 95 %", "reported", "band", "within")
    rows = results.tables["report"].filter(pl.col("observed").is_not_null()).to_dicts()
    run = results.manifest["resolved"]["run"]
    command = claims.sized_command(results.manifest["uncertainty"]["name"], run)
    return [*listed(head, (held(row) for row in rows)), f"*`{command}`.*"]


def held(row: dict[str, Any]) -> tuple[str, ...]:
    """Write a target's cells."""
    name, unit = row["observable"], row["unit"]
    low, high = (None if row[end] is None else measured(name, row[end], unit) for end in ("low", "high"))
    band = f"{low} to {high}" if low and high else f"{low} or more" if low else f"{high} or less" if high else "–"
    return (
        row["role"],
        name.replace("_", " "),
        unit,
        measured(name, row["observed"], unit),
        size(row["half_width"], unit),
        measured(name, row["reported"], unit),
        band,
        {True: "yes", False: "no", None: "–"}[row["within"]],
    )


def storing(results: Results) -> Callable[[Results], None] | None:
    """Return what stores the tables of a page from such results, if one is made of them."""
    manifest = results.manifest
    if manifest.get("kind") == "targets" and manifest["uncertainty"]["name"] != "point":
        return claims.keep
    return {"regions": keep, "study": study.keep}.get(manifest.get("kind", ""))


def main() -> None:
    """Write the pages; with folders of results as arguments, the tables that come from runs as well."""
    found = [read(Path(folder)) for folder in sys.argv[1:]]
    kinds = [(results, storing(results)) for results in found]
    for results, kept in kinds:
        if kept:
            kept(results)
    for results in (each for each, kept in kinds if not kept):
        held_up = "report" in results.tables
        path = HERE / ("limits.md" if held_up else "reading-results.md")
        before, _, after = FROM_RUN.split(path.read_text(encoding="utf-8"))
        block = "\n".join(fit(results) if held_up else example(results))
        path.write_text("\n\n".join((before + MARKS[0], block, MARKS[1] + after)), encoding="utf-8")
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
