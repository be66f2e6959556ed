"""Rules about time and channels, column by column: nothing where nothing is ruled, and the right sign where it is.

Rows of rules are written directly, so that each column stands alone. Worlds are pairs on the same draws; who has to
obey for a test to say something does so by ``compliance_base``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from sim.behaviour.answering import channel_by_morning
from sim.behaviour.hours import alerts_are_quiet, shifted_opening, within
from sim.core.columns import (
    CALL,
    CHANNELS,
    CLOSABLE,
    DELIVERED,
    GROUP,
    IM,
    MAIL,
    OFF,
    READ,
    SENT,
    SHADOW,
    TOOL,
    L,
    Ledger,
    R,
)
from sim.core.units import DAY, HOUR
from sim.engine.day import send_home
from sim.engine.end_of_day import perhaps_leave
from sim.engine.state import NEVER, named
from sim.engine.timing import next_opening
from sim.model import Workplace
from sim.verify import firm_histories, imbalances, ledger_totals
from tests.worlds import by_name, events, made, ran, scenario, summed, tiny

OBEDIENT, LAWLESS = {"compliance_base": 1.0}, {"compliance_base": 0.0}
LIVELY = {"initiative_manager": 0.6, "initiative_staff": 0.3, "urgent_share": 0.3}
HONEST = {"evade": 0.0, "evade_urgent": 0.0}
IMPATIENT = {"switch_open": 1.0}  # nobody waits for the morning, and so writes what will go by a channel closed now
NIGHT = {"quiet_from": 20 * 60, "quiet_to": 7 * 60}
MINUTE = pl.col("second") % DAY / 60
CHANNEL = pl.col("channel")
INSIDE = pl.col("sender") >= 0  # not from outside the firm
UNRULED = ["m14", "m17"]  # what is said cannot be held or closed, and people outside take private ways of their own
URGENT = pl.col("urgent") == 1


def under(
    raw: Mapping[str, float] | None = None,
    *,
    weeks: int = 2,
    log: bool = False,
    people: int = 60,
    off: Sequence[str] = (),
    **columns: float,
) -> Workplace:
    """Run an economy under these columns of the rules from the first day on; all keep the hours of their firm."""
    setting = scenario(people=people, weeks=weeks, off=off, parameters={"hours_spread": 0.0, **(raw or {})})
    return with_rules(made(setting, log_share=1.0 if log else 0.0), 7 * weeks, **columns)


def with_rules(model: Workplace, days: int, **columns: float) -> Workplace:
    """Run a model under rules."""
    for name, value in columns.items():
        model.plan.rule[0][:, getattr(R, name)] = value
    model.plan.rule[0][:, R.in_force] = 1.0
    model.run_for(days)
    assert imbalances(model) == dict.fromkeys(imbalances(model), 0)
    return model


def sent(model: Workplace) -> pl.DataFrame:
    """Events of messages that were sent by people of the model."""
    return events(model).filter((pl.col("event") == SENT) & INSIDE)


def opening(model: Workplace) -> np.ndarray:
    """Second of the day at which each person's firm opens."""
    return model.world.firm[model.world.person.firm].opening


def test_nothing_is_read_before_it_was_sent() -> None:
    """Turns of people who search and write at length run past midnight: what they write belongs to the next day."""
    late = {"search_minutes": 60.0, "handling_sigma": 1.5, "home_chance": 1.0, "evening_clock": 22.5}
    model = ran(scenario(people=60, weeks=3, seed=2), raw=late, log_share=1.0)
    found = events(model).select("message", "event", "second")
    sent, read = (found.filter(pl.col("event") == event).drop("event") for event in (SENT, READ))
    both = read.join(sent, on="message", suffix="_sent")
    assert both.filter(pl.col("second_sent") % DAY < HOUR / 6).height > 0
    assert both.filter(pl.col("second") < pl.col("second_sent")).is_empty()


# --- nothing ruled --------------------------------------------------------------------------------------------------

# none closes private messengers
BY_SYSTEM = {f"{system}_{name}": 1.0 for system in ("system", "system_off") for name in CLOSABLE[:-1]}
ALONE: dict[str, dict[str, float]] = {
    "a rule in force without content": {},
    "a window in which nothing is ruled": {**NIGHT, "quiet_days": 1.0},
    "closed by the system where nothing is closed": BY_SYSTEM,
    "caps that nobody reaches": {"daily_cap": 1_440.0, "weekly_cap": 10_080.0},
    "what would count for caps that are not there": {"cap_total": 1.0},
    "what would break rests that are not there": {"rest_total": 1.0},
    "rounds where no alert is kept back": {"batch_rounds": 4.0},
    "a line where nothing is closed": {"emergency": 1.0, "emergency_quota": 3.0},
    "substitutes where nothing is closed": {"tool": 1.0, "messenger": 1.0},
    "limits that nobody reaches": {"group_limit": 100.0, "mention_limit": 500.0},
    "protected hours in the night": {"focus_from": 60.0, "focus_to": 120.0},
    "shared hours all day": {"core_from": 0.0, "core_to": 1_440.0},
}


@pytest.mark.smallworld
@pytest.mark.parametrize("which", ALONE)
def test_what_rules_nothing_changes_no_bit(which: str) -> None:
    """Every column at 0, or without the one that it qualifies, or where it cannot bind: the same firm of ten."""
    free = ran(tiny(), 2, firms=[0], log_share=1.0)
    ruled = with_rules(made(tiny(), firms=[0], log_share=1.0), 2, **ALONE[which])
    assert firm_histories(ruled) == firm_histories(free)


RULES: dict[str, dict[str, float]] = {
    "window": {**NIGHT, "off_im": 1.0, "system_off_im": 1.0},
    "held": {"hold": 1.0},
    "cap": {"daily_cap": 500.0},
    "total": {"daily_cap": 500.0, "cap_total": 1.0},
    "daily rest": {"daily_rest": 960.0},
    "rest in all": {"daily_rest": 720.0, "rest_total": 1.0},
    "weekly rest": {"weekly_rest": 4_200.0},
    "rounds": {"batching": 1.0, "batch_rounds": 3.0},
    "groups": {"group_limit": 1.0},
    "marks": {"mention_limit": 1.0},
    "focus": {"focus_from": 600.0, "focus_to": 720.0},
    "core": {"core_from": 600.0, "core_to": 720.0},
    "shift": {"flexible": 60.0},
}


@pytest.mark.parametrize("which", RULES)
def test_each_rule_changes_something_in_firms_of_the_role_that_it_reaches_and_nothing_elsewhere(which: str) -> None:
    """Ruled for engineers only: most firms that have some differ; those without are the same to the bit."""
    setting = scenario(
        people=120, weeks=2, parameters={**OBEDIENT, **LIVELY}, industries={"internet": 0.5, "public": 0.5}
    )
    free, ruled = made(setting, log_share=1.0), made(setting, log_share=1.0)
    engineers = 1
    for name, value in RULES[which].items():
        ruled.plan.rule[0][engineers, getattr(R, name)] = value
    ruled.plan.rule[0][engineers, R.in_force] = 1.0
    for model in (free, ruled):
        model.run_for(14)
    w = free.world
    reached = {int(w.firm[f].number) for f in w.person[w.person.role == engineers].firm}
    known, now = firm_histories(free), firm_histories(ruled)
    changed = {number for number in known if known[number] != now[number]}
    assert changed <= reached
    assert len(changed) > 0.5 * len(reached) > 0
    assert len(reached) < len(known)


# --- windows --------------------------------------------------------------------------------------------------------


@pytest.mark.smallworld
def test_windows_may_go_past_midnight() -> None:
    """The start belongs to them, the end does not; a window of no length is empty."""
    assert [within(m, 1_320.0, 420.0) for m in (1_319.0, 1_320.0, 0.0, 419.9, 420.0)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert [within(m, 540.0, 600.0) for m in (539.0, 540.0, 599.9, 600.0)] == [False, True, True, False]
    assert not any(within(m, 0.0, 0.0) for m in (0.0, 720.0))
    assert within(700.0, 0.0, 1_440.0)
    assert not alerts_are_quiet(700.0, 0.0, 0.0, 0.0, 0.0)
    assert alerts_are_quiet(700.0, 660.0, 720.0, 0.0, 0.0)
    assert alerts_are_quiet(700.0, 0.0, 0.0, 840.0, 960.0)
    assert not alerts_are_quiet(900.0, 0.0, 0.0, 840.0, 960.0)


def test_a_channel_is_closed_in_its_window_and_open_before_and_after() -> None:
    """Instant messages from 20:00 to 7:00, closed by the system: none then, also past midnight; some at 19:00."""
    closed = {f"off_{name}": 1.0 for name in ("im", "group")}
    raw = {**LIVELY, **IMPATIENT}
    free, ruled = (sent(under(raw, log=True, **more)) for more in ({}, {**NIGHT, **closed, **BY_SYSTEM}))
    by_im = CHANNEL.is_in([IM, GROUP])
    late, early = (MINUTE >= 1_200) | (MINUTE < 420), MINUTE.is_between(1_110, 1_199)
    assert len(free.filter(by_im & late)) > 100
    assert len(ruled.filter(by_im & late)) == 0
    assert len(ruled.filter(by_im & early)) > 100


def test_the_system_closes_only_what_its_own_rule_closes() -> None:
    """A tool that nobody has, closed by the system, leaves quiet hours to who obeys them."""
    paper = {**NIGHT, "off_im": 1.0, "off_group": 1.0, "closed_tool": 1.0}
    free, shut = (under(LIVELY, log=True, weeks=1, people=30, system_tool=share, **paper) for share in (0.0, 1.0))
    assert summed(free, "breaches") > 0
    assert firm_histories(shut) == firm_histories(free)


def test_what_the_system_closes_in_the_evening_is_by_day_closed_on_paper_only() -> None:
    """All people write by day against a ban that nobody obeys; in the quiet window nobody can."""
    paper = {**NIGHT, "closed_im": 1.0, "off_im": 1.0}
    free, shut = (sent(under(LIVELY, log=True, system_off_im=share, **paper)) for share in (0.0, 1.0))
    day, im = MINUTE.is_between(540, 1_080), CHANNEL == IM
    assert len(shut.filter(im & day)) > 0.8 * len(free.filter(im & day)) > 100
    assert len(free.filter(im & ((MINUTE >= 1_200) | (MINUTE < 420)))) > 0
    assert len(shut.filter(im & ((MINUTE >= 1_200) | (MINUTE < 420)))) == 0


def test_a_window_of_free_days_and_one_of_working_days_share_the_week() -> None:
    """Closed on working days only is open on Saturday, and the other way round; nights belong to their evening."""
    closed = {"off_im": 1.0, "system_off_im": 1.0, "quiet_from": 18 * 60, "quiet_to": 8 * 60}
    evening = {}
    for days in (0.0, 1.0, 2.0):
        found = sent(under({**LIVELY, **HONEST, **IMPATIENT}, log=True, weeks=4, quiet_days=days, **closed))
        found = found.filter(pl.col("second") >= DAY)  # nobody knows the evening before the first morning
        start = (pl.col("second") - 480 * 60) // DAY % 7  # the day on which the night started
        inside = (CHANNEL == IM) & ((MINUTE >= 1_080) | (MINUTE < 480))
        evening[days] = [len(found.filter(inside & condition)) for condition in (start < 5, start >= 5)]
    assert evening[0.0] == [0, 0]
    assert evening[1.0][0] == 0 < evening[1.0][1]
    assert evening[2.0][0] > 0 == evening[2.0][1]


def test_what_is_held_comes_at_the_end_of_its_window_and_nothing_is_lost() -> None:
    """From 20:00 to 7:00 on all days: deliveries stop at 20:01 and come at 7:01; none is missing.

    Talk, and what people outside write to private channels, is not held, and is left out.
    """
    free, ruled = (under(LIVELY, log=True, off=UNRULED, **more) for more in ({}, {"hold": 1.0, **NIGHT}))
    log = events(ruled)
    delivered = log.filter(pl.col("event") == DELIVERED)
    night = delivered.filter(((MINUTE > 1_205) | (MINUTE < 420)) & (CHANNEL != CALL))
    assert len(night) == 0
    assert len(delivered.filter(MINUTE.is_between(420, 421))) > 500
    assert summed(ruled, "not_held", "cleared_held") == 0
    direct = sent(ruled).filter(pl.col("group") == 0)
    waiting = int(ruled.world.firm.held.sum())
    missing = direct.join(delivered, on="message", how="anti")
    assert len(missing) <= waiting
    assert missing["second"].min() is None or missing["second"].min() >= 13 * DAY + 1_200 * 60
    assert summed(ruled, "after_acted") < summed(free, "after_acted")


def test_what_is_held_outside_own_hours_comes_at_the_next_opening() -> None:
    """Without a window: nothing but calls comes in the night or at the weekend, and nothing to anybody's free time.

    Neither talk among people who stayed late nor private channels of people outside: no rule holds these.
    """
    ruled = under(LIVELY, log=True, off=UNRULED, hold=1.0)
    delivered = events(ruled).filter((pl.col("event") == DELIVERED) & (CHANNEL != CALL))
    off = (MINUTE < 510) | (MINUTE > 1_120) | (pl.col("second") // DAY % 7 >= 5)
    assert len(delivered.filter(off)) == 0
    present = {"absence_rate": 0.0, "leave_days": 0.0}
    free, ruled = (under({**LIVELY, **present, "call_share": 0.0}, off=UNRULED, hold=share) for share in (0.0, 1.0))
    assert summed(free, "after_received") > 1_000
    assert summed(ruled, "after_received") < 0.01 * summed(free, "after_received")  # the last minute before the end


@pytest.mark.parametrize(("days", "written", "come"), [(1.0, 4, 5), (2.0, 6, 0)])
def test_what_is_held_outside_own_hours_on_some_days_comes_at_midnight_before_the_others(
    days: float, written: int, come: int
) -> None:
    """On working days: a Friday evening's on Saturday, as what is written then; on days off: a Sunday's on Monday."""
    ruled = under(LIVELY, log=True, off=UNRULED, hold=1.0, quiet_days=days)
    delivered = events(ruled).filter(pl.col("event") == DELIVERED)
    weekday, late = pl.col("second") // DAY % 7 == written, MINUTE >= 1_140
    ours = sent(ruled).filter(weekday & late & (pl.col("group") == 0) & (CHANNEL <= MAIL)).select("message")
    at = delivered.join(ours, on="message")["second"]
    assert len(at) > 5
    assert set(at // DAY % 7) == {come}
    assert (at % DAY <= 60).all()


def test_a_full_queue_delivers_at_once_and_says_so() -> None:
    """All held until the next opening, and more written on a Friday than there are places for: counted, none lost."""
    loud = {"manager_messages": 40.0, "staff_messages": 40.0, "initiative_manager": 1.0, "initiative_staff": 1.0}
    model = under(loud, log=True, weeks=1, hold=1.0, quiet_to=1_440.0)
    assert summed(model, "not_held") > 0
    direct = sent(model).filter(pl.col("group") == 0)
    delivered = events(model).filter(pl.col("event") == DELIVERED)
    assert len(direct.join(delivered, on="message", how="anti")) <= int(model.world.firm.held.sum())


def test_more_held_or_nudged_is_less_after_hours() -> None:
    """A half, then all, of the messages: fewer arrive outside hours, and reminders make more wait."""
    for name in ("hold", "nudge"):
        models = [under(LIVELY, **{name: share}) for share in (0.0, 0.5, 1.0)]
        received = [summed(model, "after_received") for model in models]
        assert received[0] > received[1] > received[2], name
        postponed = [summed(model, "postponed") for model in models]
        assert (postponed[0] < postponed[1] < postponed[2]) == (name == "nudge")


# --- closed channels ------------------------------------------------------------------------------------------------


def test_what_the_system_closes_cannot_be_broken_but_evaded() -> None:
    """The larger the share of people so bound, the fewer breaches; at all of them none; private ways stay open."""
    closed = {"closed_im": 1.0, "closed_group": 1.0}
    models = [under(system_im=share, system_group=share, **closed) for share in (0.0, 0.5, 1.0)]
    breaches = [summed(model, "breaches") for model in models]
    assert breaches[0] > breaches[1] > breaches[2] == 0
    assert summed(models[2], "sent_im", "sent_group") == 0
    assert summed(models[2], "evasions") > summed(models[0], "evasions") > 0


@pytest.mark.smallworld
def test_by_morning_the_best_open_channel_is_taken() -> None:
    """The usual one if it opens again, then instant message, tool, mail and call; groups do not call."""
    way = channel_by_morning
    assert way(GROUP, 1, True, True, True, True, True) == GROUP
    assert way(MAIL, 0, False, True, True, True, True) == IM
    assert way(GROUP, 1, False, True, True, True, True) == TOOL
    assert way(IM, 0, False, False, False, True, True) == MAIL
    assert way(IM, 0, False, False, False, False, True) == CALL
    assert way(GROUP, 1, False, False, False, False, True) == -1
    assert way(IM, 0, False, False, False, False, False) == -1


@pytest.mark.parametrize("open_too", ["im", "tool", "mail", "call", None])
def test_no_message_goes_by_a_channel_that_is_closed_to_its_writer(open_too: str | None) -> None:
    """All but one closed for everybody by the system and nobody evades: only that one is used; without any, none.

    Nobody talks, and nobody outside writes: no system closes what is said, and none their private channels. No order
    lapses in an evening (M15).
    """
    shut = {f"closed_{name}": 1.0 for name in ("im", "group", "mail", "tool", "call") if name != open_too}
    model = under({**LIVELY, **HONEST}, weeks=1, off=[*UNRULED, "m15"], tool=1.0, **BY_SYSTEM, **shut)
    used = {name for name in CHANNELS if summed(model, f"sent_{name}") > 0}
    assert used == ({open_too} if open_too else set())
    assert (summed(model, "unsent") > 0) == (open_too not in ("tool", "mail"))
    assert summed(model, "breaches") == 0


def test_what_is_closed_in_the_evening_goes_by_its_own_channel_in_the_morning() -> None:
    """Off hours closed and every message waits: sent by instant message, and found when the firm opens.

    But for orders that lapse (M15), talk, and what people outside write to private channels, which are left out.
    """
    shut = {f"off_{name}": 1.0 for name in ("im", "group", "mail", "tool", "call")}
    model = under({**LIVELY, **HONEST, "switch_open": 0.0}, log=True, off=[*UNRULED, "m15"], **BY_SYSTEM, **shut)
    assert summed(model, "postponed") > 100
    assert summed(model, "unsent", "breaches") == 0
    found = events(model).filter((pl.col("event") == DELIVERED) & ((MINUTE < 510) | (MINUTE > 1_120)))
    assert len(found) == 0
    assert summed(model, "sent_im") > 5 * summed(model, "sent_mail")


def test_a_private_channel_that_is_closed_is_taken_only_by_breaking_the_rule() -> None:
    """Who obeys does not evade; who does not, breaks two rules or none."""
    shut = {"closed_im": 1.0, "closed_group": 1.0}
    free, ruled = (under({"compliance_base": 0.7}, **shut, **more) for more in ({}, {"closed_shadow": 0.6}))
    assert 0 < summed(ruled, "evasions") < summed(free, "evasions")
    assert summed(ruled, "breaches") > summed(free, "breaches")


def test_the_emergency_line_is_counted_and_bound_by_its_quota() -> None:
    """Urgent matters past a closed channel, a prohibition or held delivery: more quota, more calls, never above it."""
    for stopped in ({"closed_im": 1.0}, {"hold": 1.0}, {"contact_ban": 1.0}):
        calls = []
        for quota in (0.0, 1.0, 20.0):
            model = under({**LIVELY, **OBEDIENT}, emergency=1.0, emergency_quota=quota, **stopped)
            by_week = np.array([ledger[:, L.emergency_calls].max() for ledger in model.recorder.ledgers])
            assert (by_week <= quota).all()
            calls.append(summed(model, "emergency_calls"))
        assert calls[0] == 0 < calls[1] < calls[2], stopped
    silent = under({**LIVELY, **OBEDIENT}, emergency=1.0, emergency_quota=20.0, closed_im=1.0, closed_call=2.0)
    assert summed(silent, "emergency_calls") == 0


def test_an_emergency_line_lets_urgent_matters_past_held_delivery() -> None:
    """Its calls arrive in the evening, and are no breach of a prohibition of contact."""
    line = {"emergency": 1.0, "emergency_quota": 50.0}
    without, with_line = (under({**LIVELY, **OBEDIENT}, contact_ban=1.0, **more) for more in ({}, line))
    assert summed(with_line, "breaches") < summed(without, "breaches")


def test_substitutes_are_counted_as_they_are_taken_up() -> None:
    """More at hand, more taken; summaries count where group messages are read with them."""
    for name, more in (("tool", {"closed_im": 1.0}), ("messenger", {"closed_im": 1.0}), ("scheduled", {})):
        used = [summed(under(OBEDIENT, **{name: share}, **more), "substituted") for share in (0.0, 0.4, 1.0)]
        assert used[0] == 0 < used[1] < used[2], name
    plain, short = under(), under(summary=0.5)
    assert summed(plain, "summarised") == 0 < summed(short, "summarised")
    assert summed(short, "office_message_seconds") < summed(plain, "office_message_seconds")


@pytest.mark.parametrize("rule", ["hold", "nudge"])
def test_an_internal_messenger_keeps_hours_also_where_a_quiet_window_ends_before_them(rule: str) -> None:
    """At 7:00, when what was written by mail comes, nothing comes by the tool; firms open from 8:30 on."""
    closed = {"closed_im": 1.0, "closed_group": 1.0, "messenger": 1.0}
    model = under({**LIVELY, **OBEDIENT, **IMPATIENT}, log=True, off=UNRULED, **closed, **NIGHT, **{rule: 1.0})
    early = events(model).filter((pl.col("event") == DELIVERED) & MINUTE.is_between(420, 510, closed="left"))["channel"]
    assert (early == MAIL).sum() > 100
    assert (early == TOOL).sum() == 0


# --- caps -----------------------------------------------------------------------------------------------------------

BUSY = {"stay_share": 0.8, "home_chance": 0.9, "home_share": 0.5, "tasks_per_day": 7.0}


def overtime(model: Workplace) -> tuple[int, int]:
    """Recorded and latent overtime, in seconds."""
    return summed(model, "recorded_overtime_seconds"), summed(model, "latent_overtime_seconds")


@pytest.mark.parametrize(("cap", "minutes"), [("daily_cap", (600.0, 500.0)), ("weekly_cap", (3_000.0, 2_500.0))])
def test_a_cap_on_recorded_time_cuts_it_and_moves_work_home(cap: str, minutes: tuple[float, float]) -> None:
    """Tighter is less recorded and more latent; on total time both go down."""
    raw = {**OBEDIENT, **BUSY}
    free, loose, tight = (overtime(under(raw, **{cap: each})) for each in (0.0, *minutes))
    assert free[0] > loose[0] > tight[0]
    assert free[1] < tight[1]
    total = overtime(under(raw, cap_total=1.0, **{cap: minutes[1]}))
    assert total[0] < free[0]
    assert total[1] < free[1]
    assert sum(total) < sum(tight)


def test_a_total_cap_that_is_kept_holds_to_the_message() -> None:
    """Nine hours in all: beyond what was in hand when they ended, nobody works longer, at the office or elsewhere."""
    model = under({**OBEDIENT, **BUSY}, weeks=1, daily_cap=540.0, cap_total=1.0)
    assert summed(model, "long_days") == 0
    assert summed(under({**OBEDIENT, **BUSY}, weeks=1, daily_cap=540.0), "long_days") > 0


@pytest.mark.parametrize(
    "columns",
    [
        {"daily_cap": 500.0}, {"weekly_cap": 2_500.0}, {"daily_cap": 500.0, "cap_total": 1.0}, {"daily_rest": 960.0},
        {"daily_rest": 780.0, "rest_total": 1.0}, {"weekly_rest": 4_100.0}, {"weekly_rest": 2_880.0, "rest_total": 1.0},
    ],
)  # fmt: skip
def test_hours_that_nobody_keeps_are_only_counted_as_broken(columns: dict[str, float]) -> None:
    """Where no firm obeys, nothing differs but the breaches; where all obey there are none; in between some."""
    free, ruled = under({**LAWLESS, **BUSY}), under({**LAWLESS, **BUSY}, **columns)
    other = (ledger_totals(free) != ledger_totals(ruled)).any(axis=0)
    assert {name for name, differs in zip(Ledger._fields, other, strict=True) if differs} == {"breaches"}
    half, kept = (under({**BUSY, "compliance_base": share}, **columns) for share in (0.5, 1.0))
    assert summed(ruled, "breaches") > summed(half, "breaches") > summed(kept, "breaches") == 0


@pytest.mark.smallworld
@pytest.mark.parametrize(("weekday", "rank", "breaches"), [(6, 1.0, 2), (5, 1.0, 1), (6, 0.0, 0)])
def test_a_cap_of_the_day_and_one_of_the_week_are_two_rules(weekday: int, rank: float, breaches: int) -> None:
    """Who works beyond both on a Sunday breaks both; on a Saturday the week is not over."""
    model = made(tiny(), firms=[0])
    w, person = model.world, model.world.person[2]
    w.rules.daily_cap, w.rules.weekly_cap = 60.0, 120.0
    w.firm.compliance, person.rank, person.clock, person.place = 0.5, rank, weekday * DAY + 20 * HOUR, OFF
    person.office_today, person.recorded_week = 2 * HOUR, 3 * HOUR
    send_home(w, named(model.parameters)[0], person, (weekday + 1) * DAY)
    assert person.ledger.breaches == breaches


@pytest.mark.smallworld
def test_who_takes_over_a_seat_begins_the_week_with_nothing() -> None:
    """Hours, meetings and emergency calls of the one who left bind nobody else; who stays keeps the own ones.

    Nor does a cap's cut of the leaver's last stay keep the follower's weekend free.
    """
    model = made(tiny(), firms=[0])
    w, person, p = model.world, model.world.person[2], named(model.parameters)[0]
    of_week = ("worked_week", "recorded_week", "met_week", "emergency")
    for rate, left in ((0.0, 5), (1e9, 0)):
        p.exit_rate = rate
        for name in (*of_week, "cut"):
            person[name] = 5
        person.rest_from, person.left_at, person.best_rest = 3 * DAY - 60, 3 * DAY - 3_600, 7 * HOUR
        perhaps_leave(w, p, person, 2)
        assert [int(person[name]) for name in (*of_week, "cut")] == 5 * [left]
        rests = int(person.rest_from), int(person.left_at), int(person.best_rest)
        kept = (3 * DAY - 60, 3 * DAY - 3_600, 7 * HOUR)
        assert rests == (kept if left else (3 * DAY - 6 * HOUR, 3 * DAY - 54 * HOUR, 0))


# --- rests ----------------------------------------------------------------------------------------------------------


def test_a_daily_rest_from_recorded_work_puts_the_start_off() -> None:
    """The longer, the later people come: less time at the office; messages at home go on."""
    raw = {**OBEDIENT, **BUSY}
    models = [under(raw, daily_rest=each) for each in (0.0, 14 * 60.0, 16 * 60.0)]
    office = [ledger_totals(model)[:, L.office_task_seconds : L.office_idle_seconds + 1].sum() for model in models]
    assert office[0] > office[1] > office[2]
    assert summed(models[2], "home_message_seconds") > 0.5 * summed(models[0], "home_message_seconds")
    assert summed(models[2], "workdays") == summed(models[0], "workdays")


def outside_in(model: Workplace, hours: float) -> int:
    """Messages read or written in the last hours before an opening."""
    log = events(model).filter((pl.col("event") == READ) | ((pl.col("event") == SENT) & INSIDE))
    rows, seconds = log["person"].to_numpy(), log["second"].to_numpy()
    work = model.world.workday
    until = np.array(
        [
            _until_opening(int(second), int(start), work)
            for second, start in zip(seconds, opening(model)[rows], strict=True)
        ]
    )
    return int((until < 3_600 * hours - 900).sum())  # what was in hand when the rest began may end in it


def _until_opening(second: int, start: int, work: np.ndarray) -> int:
    """Seconds to the next opening, far away in contract hours."""
    day = second // DAY
    if work[day] and 0 <= second - day * DAY - start < 32_400:
        return 1 << 40
    day += second - day * DAY >= start
    while not work[day]:
        day += 1
    return day * DAY + start - second


def test_a_daily_rest_from_all_work_is_free_of_messages_and_sessions() -> None:
    """Thirteen hours before the next opening nobody reads or writes; without the rule many do."""
    raw = {**OBEDIENT, **LIVELY, "stay_max": 60.0, "handling_sigma": 0.0, "assignment_now": 0.0}
    free, ruled = (under(raw, log=True, **more) for more in ({}, {"daily_rest": 780.0, "rest_total": 1.0}))
    assert outside_in(free, 13) > 500
    assert outside_in(ruled, 13) == 0
    assert summed(ruled, "hidden_overtime_seconds") < summed(free, "hidden_overtime_seconds")
    assert summed(ruled, "short_rests") == 0 < summed(free, "short_rests")


def test_a_night_is_the_rest_before_one_day_of_work_only() -> None:
    """On Tuesday night nobody has Monday night's rest as the longest since work began."""
    model = made(scenario(people=60, weeks=1))
    model.run_for(1)
    person, monday = model.world.person, model.world.person.rest_from.copy()
    model.run_for(1)
    night = DAY + person.contract_start % DAY - monday
    came = (person.arrived == 1) & (night > 8 * HOUR)
    assert came.sum() > 20
    assert (person.best_rest < night)[came].all()


def test_a_weekly_rest_from_all_work_frees_the_end_of_the_weekend_only() -> None:
    """Two days before Monday's opening without a message but one in hand; before it, and in evenings, life goes on."""
    raw = {**OBEDIENT, **LIVELY}
    free, ruled = (under(raw, log=True, **more) for more in ({}, {"weekly_rest": 2_880.0, "rest_total": 1.0}))
    weekend = pl.col("second") % (7 * DAY) >= 5 * DAY + 11 * 3_600
    acts = (pl.col("event") == READ) | ((pl.col("event") == SENT) & INSIDE)
    assert len(events(free).filter(weekend & acts)) > 100
    assert len(events(ruled).filter(weekend & acts)) == 0
    evening = acts & (MINUTE > 1_200) & (pl.col("second") // DAY % 7 < 4)
    assert len(events(ruled).filter(evening)) > 100


def test_a_weekly_rest_from_recorded_work_reaches_into_monday_only_if_it_is_longer_than_the_weekend() -> None:
    """35 hours lie between Friday and Monday anyway; seventy do not."""
    free, short, long_ = (under({**OBEDIENT, **BUSY}, weekly_rest=60.0 * each) for each in (0.0, 35.0, 70.0))
    assert (ledger_totals(short) == ledger_totals(free)).all()
    assert summed(long_, "office_task_seconds") < summed(free, "office_task_seconds")


# --- alerts, groups, marks, hours of the day ------------------------------------------------------------------------


def test_rounds_bring_back_what_collected_alerts_delay() -> None:
    """All alerts kept back: answers take longer; the more rounds, the sooner again, without one interruption.

    Nobody talks (M14): who is spoken to is interrupted under any rule about alerts. Nobody reaches for a message at
    home (M4), to take it up when work has begun.
    """
    slow = {"check_moment": 0.05, "answer_now": 1.0, "round_interrupts": 0.0}
    usual, collected, few, many = (
        under(slow, off=["m4", "m14"], batching=share, batch_rounds=rounds)
        for share, rounds in ((0, 0), (1, 0), (1, 2), (1, 8))
    )
    delay = [summed(m, "reply_seconds") / summed(m, "answered") for m in (usual, collected, few, many)]
    assert delay[0] < delay[1] > delay[2] > delay[3]
    assert summed(collected, "checks") < summed(few, "checks") < summed(many, "checks")
    assert summed(many, "interruptions") == 0


def test_a_limit_on_groups_leaves_fewer_group_messages_and_the_chats_of_the_teams() -> None:
    """The tighter, the fewer come; at one only the chats of teams are written to, and all their members get it."""
    models = [under(group_limit=each, log=True) for each in (0.0, 6.0, 3.0, 1.0)]
    in_groups = (pl.col("event") == DELIVERED) & (pl.col("group") == 1)
    received = [len(events(model).filter(in_groups)) for model in models]
    assert received[0] > received[1] > received[2] > 0
    w = models[3].world
    teams = {
        frozenset(w.chat_member[w.chat_from[chat] : w.chat_from[chat + 1]].tolist())
        for chat in (*w.person.own_team_chat, *w.person.led_chat)
        if chat >= 0
    }
    readers = events(models[3]).filter(in_groups).group_by("message", "sender").agg(pl.col("person"))
    assert all({*people, sender} in teams for _, sender, people in readers.iter_rows())


def test_marks_of_urgency_are_limited_by_the_day() -> None:
    """Nobody marks more than the limit; the rest is written all the same.

    Nobody talks (M14): what is said in person or by phone bears no mark and counts for no limit.
    """
    shares = []
    for limit in (0.0, 3.0, 1.0):
        found = sent(under(LIVELY, log=True, off=["m14"], mention_limit=limit))
        marks = found.filter(URGENT).group_by("person", pl.col("second") // DAY).len()["len"]
        assert limit == 0.0 or marks.max() <= limit
        shares.append(len(found.filter(URGENT)) / len(found))
    assert shares[0] > shares[1] > shares[2] > 0


def test_in_protected_hours_nothing_interrupts_and_nobody_checks() -> None:
    """The longer, the fewer interruptions and checks; all day, none but of who had already reached for it at home."""
    days = [(0.0, 0.0), (600.0, 720.0), (540.0, 900.0), (0.0, 1_440.0)]
    models = [under(focus_from=start, focus_to=end) for start, end in days]
    interruptions = [summed(model, "interruptions") for model in models]
    assert interruptions[0] > interruptions[1] > interruptions[2] > 100 * interruptions[3]
    checks = [summed(model, "checks") for model in models]
    assert checks[0] > checks[1] > checks[2] > checks[3]


def test_outside_of_shared_hours_nothing_interrupts_but_people_still_look() -> None:
    """The shorter the shared hours, the fewer interruptions; checks stay."""
    models = [under(core_from=start, core_to=end) for start, end in ((0.0, 0.0), (600.0, 960.0), (600.0, 720.0))]
    interruptions = [summed(model, "interruptions") for model in models]
    assert interruptions[0] > interruptions[1] > interruptions[2] > 0
    assert summed(models[2], "checks") > 0.8 * summed(models[0], "checks")


@pytest.mark.smallworld
def test_a_shifted_day_starts_within_its_span() -> None:
    """In the middle of the draw the firm's opening; at its ends so much earlier or later, between 5:00 and 14:00."""
    p = by_name()
    assert shifted_opening(p, 32_400.0, 0.0, 0.9) == 32_400
    assert shifted_opening(p, 32_400.0, 60.0, 0.5) == 32_400
    assert shifted_opening(p, 32_400.0, 60.0, 0.0) == 28_800
    assert shifted_opening(p, 32_400.0, 60.0, 1.0) == 36_000
    assert shifted_opening(p, 32_400.0, 600.0, 0.0) == 18_000
    assert shifted_opening(p, 32_400.0, 600.0, 1.0) == 50_400


def test_flexible_hours_spread_the_day_by_a_fixed_shift_and_leave_less_of_it_shared() -> None:
    """Each person starts at the same time each day; the wider, the more messages come outside the reader's hours."""
    models = [under(flexible=each, weeks=1, people=120) for each in (0.0, 60.0, 180.0)]
    p = by_name(hours_spread=0.0)
    starts = [np.array([next_opening(m.world, p, person, 0) for person in m.world.person]) % DAY for m in models]
    shift = [start - opening(models[0]) for start in starts]
    assert (shift[0] == 0).all()
    for each, most in zip(shift[1:], (3_600, 10_800), strict=True):
        assert abs(each).max() <= most
        assert each.std() > 0.4 * most
    assert np.allclose(shift[2], 3 * shift[1], atol=3)
    received = [summed(model, "after_received") for model in models]
    assert received[0] < received[1] < received[2]


def test_quiet_queues_cost_nothing_where_nothing_is_held() -> None:
    """Under today's rules no place of the queue is ever used."""
    model = ran(scenario(people=60, weeks=1))
    assert not model.world.held.key.any()
    assert (model.world.firm.held == 0).all()
    assert (model.world.person.round_at == NEVER).all()
    assert summed(model, "unsent", "substituted", "summarised", "not_held", "emergency_calls") == 0


def test_evaded_messages_are_not_bound_by_the_window() -> None:
    """Private channels carry what is held elsewhere: the rule does not reach them. Nobody talks at night."""
    model = under(
        {**OBEDIENT, **LIVELY, "evade": 1.0}, log=True, off=["m14"], off_im=1.0, off_group=1.0, hold=1.0, **NIGHT
    )
    late = events(model).filter((pl.col("event") == DELIVERED) & (MINUTE > 1_205))
    assert set(late["channel"]) <= {SHADOW, CALL}
    assert len(late) > 0
    assert TOOL not in set(late["channel"])


SCOPED: tuple[dict[str, Any], ...] = (
    {"kind": "quiet_hours", "mode": "hold", "from_hour": 20.0, "to_hour": 7.0},
    {"kind": "daily_cap", "hours": 9.0, "on": "total"},
    {"kind": "daily_rest", "hours": 13.0, "on": "total"},
    {"kind": "weekly_rest", "hours": 48.0, "on": "total"},
    {"kind": "batching", "rounds": 3},
    {"kind": "group_limits", "most": 3},
    {"kind": "mention_limits", "most": 2},
    {"kind": "focus_hours", "from_hour": 9.5, "to_hour": 11.0},
    {"kind": "flexible_hours", "hours": 1.0},
)


def test_firms_out_of_scope_of_rules_of_time_are_the_same_to_the_bit() -> None:
    """All levers of time at once, for half of the firms: exactly those change."""
    ruled = scenario(people=120, weeks=2, levers=[{**lever, "scope": {"share": 0.5}} for lever in SCOPED])
    free, there = (ran(setting, log_share=1.0) for setting in (scenario(people=120, weeks=2), ruled))
    hit = {int(firm.number): bool(reached) for firm, reached in zip(there.world.firm, there.in_scope, strict=True)}
    known, now = firm_histories(free), firm_histories(there)
    assert {number: known[number] != now[number] for number in known} == hit
    assert 2 <= sum(hit.values()) <= len(hit) - 2


def test_a_break_of_no_length_is_none() -> None:
    """Nobody comes back from it and looks at messages: each day at work has one look on arrival."""
    looks = {"look_seconds": 20.0, "check_moment": 0.0, "inhibition_seconds": 0.0}
    days, seconds = (
        summed(model, name)
        for model in [ran(scenario(weeks=1, off=["m17"], parameters=looks | {"break_minutes": 0.0}))]
        for name in ("workdays", "looking_seconds")
    )
    assert seconds == 20 * days > 0
