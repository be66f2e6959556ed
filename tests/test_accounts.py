"""Accounts balance: messages, tasks, work, the seconds of the clock; tables of one run agree; states stay inside."""

from collections import Counter, defaultdict
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.core.columns import (
    ANSWERED,
    BURIED,
    CHANNELS,
    CLEARED,
    DELIVERED,
    FREE,
    READ,
    SENT,
    Firm,
    L,
    Ledger,
    State,
    table_name,
)
from sim.core.parameters import MECHANISMS, TABLE
from sim.core.units import DAY
from sim.engine.state import HELD, LATER, TASKS
from sim.levers.kinds import FirmLever, kinds
from sim.model import Workplace
from sim.runs.simulation import firm_weeks
from sim.scenario.countries import home
from sim.verify import imbalances, ledger_totals
from tests.rules import any_lever
from tests.worlds import column, day_of, events, ran, scenario, summed, tiny

SHARES = (
    "segmentation", "refuses", "muted", "voice", "detachment", "detachment_week", "trust", "conflict", "enrichment",
    "partner_strain", "expectation", "demand", "belief", "response", "check_work", "check_off", "initiative", "care",
    "sharing", "rank", "use_of_rights",
)  # fmt: skip


def balanced(model: Workplace) -> None:
    """Every account of every person."""
    assert imbalances(model) == dict.fromkeys(imbalances(model), 0)


def desk(model: Workplace) -> None:
    """What is kept beside the tasks follows from them: the last place that is taken, and where each next stops."""
    person = model.world.person
    task, taken = person.tasks, person.tasks["state"] != FREE
    assert (person.desk == np.where(taken, np.arange(1, TASKS + 1), 0).max(axis=1)).all()
    effort, asked, questions = (task[name].astype(np.int64) for name in ("effort", "asked", "questions"))
    stop = np.where(asked < questions, effort * (asked + 1) // (questions + 1), effort)
    assert (task["point"] == stop)[taken].all()


def bounded(model: Workplace) -> None:
    """No counter below zero, parts not above their wholes, states finite, shares between 0 and 1."""
    w, total = model.world, ledger_totals(model)
    assert (total >= 0).all(), [
        name for name, least in zip(Ledger._fields, total.min(axis=0), strict=True) if least < 0
    ]
    assert all(np.isfinite(w.person[name]).all() for name in State._fields)
    assert all(np.isfinite(w.firm[name]).all() for name in Firm._fields)
    for name in SHARES:
        values = column(model, name)
        assert ((values >= 0.0) & (values <= 1.0)).all(), name
    for name in ("compliance", "fear", "monitored", "adoption", "union"):
        assert ((w.firm[name] >= 0.0) & (w.firm[name] <= 1.0)).all(), name
    desk(model)
    office = total[:, L.office_task_seconds : L.office_idle_seconds + 1].sum(axis=1)
    at_home = total[:, L.home_task_seconds : L.home_resume_seconds + 1].sum(axis=1)
    assert (total[:, L.recorded_overtime_seconds] <= office).all()
    assert (total[:, L.latent_overtime_seconds] <= at_home).all()
    assert (total[:, L.hidden_overtime_seconds] <= total[:, L.latent_overtime_seconds]).all()
    after = total[:, L.after_seconds_im : L.after_seconds_talk + 1].sum(axis=1)
    assert (after <= total[:, L.hidden_overtime_seconds]).all()
    messages = total[:, L.office_message_seconds] + total[:, L.home_message_seconds]
    assert (total[:, L.looking_seconds] <= messages).all()
    for part, whole in (
        ("answered", "read"), ("after_sent", "sent"), ("after_received", "received"), ("short_rests", "rests"),
        ("after_requests", "after_received"), ("after_acted", "read"), ("reasked", "questions"),
        ("interruptions", "switches"), ("tasks_dropped", "tasks_arrived"), ("outside_received", "received"),
        ("outside_answered", "answered"), ("outside_after_seconds", "hidden_overtime_seconds"),
    ):  # fmt: skip
        assert (total[:, getattr(L, part)] <= total[:, getattr(L, whole)]).all(), (part, whole)
    assert (total[:, L.rests] == total[:, L.workdays]).all()
    days = round(model.time)
    nights = total[:, L.sleep_minutes] / max(days, 1)
    assert ((nights >= 180) & (nights <= 600)).all()
    assert (total[:, [L.after_days, L.long_days, L.burnt_out_days]] <= days).all()


def test_every_person_s_accounts_balance(today: Workplace, banned: Workplace) -> None:
    """Four weeks of 120 people, with and without a ban: to the second and to the message."""
    for model in (today, banned):
        assert model.world.person.clock.min() >= 28 * DAY
        assert ledger_totals(model)[:, L.sent].sum() > 50_000
        balanced(model)
        bounded(model)


@pytest.mark.smallworld
def test_the_accounts_of_a_tiny_firm_balance(ten: Workplace) -> None:
    """Three days of ten people, also where compilation is off."""
    assert ledger_totals(ten)[:, L.sent].sum() > 100
    balanced(ten)
    bounded(ten)


def test_the_accounts_balance_where_people_come_and_go() -> None:
    """Ten exits a person and year, under held deliveries: what leavers left unread or held counts as thrown away."""
    model = ran(scenario(levers=[{"kind": "quiet_hours", "mode": "hold"}]), raw={"exit_rate": 10.0})
    assert summed(model, "exits") > 20
    assert summed(model, "cleared") > 100
    assert summed(model, "cleared_held") > 0
    balanced(model)
    bounded(model)


def members(model: Workplace) -> list[frozenset[int]]:
    """The members of each chat."""
    w = model.world
    return [frozenset(w.chat_member[a:b].tolist()) for a, b in zip(w.chat_from, w.chat_from[1:], strict=False)]


def held(model: Workplace) -> list[tuple[int, int, int]]:
    """Messages that are held: message, sender, and recipient or chat as in a message's ``to``."""
    w = model.world
    places = [HELD * int(firm.first) + n for firm in w.firm for n in range(firm.held)]
    return [(int(w.held.key[n]), int(w.held.sender[n]), int(w.held.to[n])) for n in places]


@pytest.mark.parametrize("which", ["today", "banned", "quiet"])
def test_a_message_reaches_exactly_those_it_was_sent_to(which: str, request: pytest.FixtureRequest) -> None:
    """One person, or every member of a chat but the writer; delivered, still held, or for somebody who has left."""
    if which == "quiet":
        levers = [{"kind": "quiet_hours", "mode": "hold"}, {"kind": "substitute", "tool": "scheduled_mail"}]
        model = ran(scenario(levers=levers, parameters={"exit_rate": 0.0}), 26, log_share=1.0)
    else:
        model = request.getfixturevalue(which)
    assert model.recorder.log_lost == 0
    log = events(model)
    reached: dict[int, Counter[int]] = defaultdict(Counter)
    for message, person in log.filter(pl.col("event") == DELIVERED).select("message", "person").iter_rows():
        reached[message][person] += 1
    waiting = held(model)
    assert bool(waiting) == (which != "today")
    listed = members(model)
    for message, writer, to in waiting:
        reached[message] += Counter([to] if to >= 0 else listed[-1 - to] - {writer})
    chats = set(listed)
    lost = 0
    outsiders = log.filter((pl.col("event") == SENT) & (pl.col("sender") < 0))["thread"]
    served = (pl.col("event") == SENT) & (pl.col("sender") >= 0) & pl.col("thread").is_in(outsiders.implode())
    assert len(log.filter(served)) == summed(model, "outside_answered")
    log = log.filter(~served)  # what leaves the firm reaches nobody in it
    sent = log.filter(pl.col("event") == SENT)
    assert sent["message"].n_unique() == len(sent)
    for message, writer, group in sent.select("message", "sender", "group").iter_rows():
        people = reached.pop(message, Counter())
        assert set(people.values()) <= {1}
        if group:
            lost += 0 if frozenset(people) in chats or frozenset(people) | {writer} in chats else 1
        else:
            lost += 1 - len(people)
        assert writer not in people
    assert not reached, "delivered but never sent"
    assert lost <= summed(model, "cleared_held")
    assert lost == 0 or which == "banned"
    assert summed(model, "not_held") == 0
    assert summed(model, "unsent") == 0, "mail is always open"


def test_the_log_tells_what_the_ledger_counts(banned: Workplace) -> None:
    """Events of messages against the sums of each person, event by event."""
    log, total = events(banned), ledger_totals(banned)
    for event, name in (
        (SENT, "sent"), (DELIVERED, "received"), (READ, "read"), (BURIED, "buried"), (CLEARED, "cleared"),
    ):  # fmt: skip
        by_people = (pl.col("event") == event) & ((pl.col("sender") >= 0) | (event != SENT))
        by_person = np.bincount(log.filter(by_people)["person"], minlength=len(total))
        assert (by_person == total[:, getattr(L, name)]).all(), name
    answered = log.filter(pl.col("event") == ANSWERED)
    assert (np.bincount(answered["person"], minlength=len(total)) == total[:, L.answered]).all()
    for number, name in enumerate(CHANNELS):
        sent = log.filter((pl.col("event") == SENT) & (pl.col("channel") == number) & (pl.col("sender") >= 0))
        assert len(sent) == total[:, getattr(L, f"sent_{name}")].sum(), name


def test_nothing_happens_to_a_message_before_it_can(today: Workplace) -> None:
    """Sent, then delivered from the next minute on, then read, then answered; each once for each person."""
    table = today.messages()
    assert len(table) == table.select("message", "recipient", "firm").n_unique()
    assert table["sent"].null_count() == table["delivered"].null_count() == 0
    late = table.with_columns(wait=pl.col("delivered") - pl.col("sent"))["wait"].dt.total_seconds()
    assert late.min() > 0
    assert late.max() <= 1_200  # a minute, and what the turn in which it was written still took
    read, answers = table.drop_nulls("read"), table.drop_nulls("answered")
    assert len(read) > len(answers) > 1_000
    assert (read["read"] > read["delivered"]).all()
    assert answers["read"].null_count() == 0
    assert (answers["answered"] >= answers["read"]).all()
    spoken = answers["channel"].is_in(["call", "talk"])  # where question and answer are one conversation
    assert (answers.filter(~spoken)["answered"] > answers.filter(~spoken)["read"]).all()
    assert table.filter(pl.col("read").is_not_null() & pl.col("buried").is_not_null()).is_empty()


def test_the_tables_of_one_run_agree(banned: Workplace) -> None:
    """Person-weeks, firm-weeks, hours and the sums of the engine, column by column."""
    table, total = banned.person_week(), ledger_totals(banned)
    firms = firm_weeks(table)
    assert len(table) == 4 * len(total)
    assert firms["n_people"].sum() == len(table)
    for name, number in zip(Ledger._fields, L, strict=True):
        known = total[:, number].sum()
        written = table_name(name)
        per_unit = 60 if "_seconds" in name else 100 if name.endswith("_fen") else 1
        for frame in (table, firms):
            assert frame[written].cast(pl.Float64).sum() * per_unit == pytest.approx(known, rel=1e-6), written
    hours = banned.hours()
    assert hours["messages"].sum() == total[:, L.sent].sum()
    for name in CHANNELS:
        assert hours.filter(pl.col("channel") == name)["messages"].sum() == total[:, getattr(L, f"sent_{name}")].sum()
    assert table["exhaustion"].tail(len(total)).to_numpy() == pytest.approx(
        column(banned, "exhaustion_trait") + column(banned, "exhaustion_state"), abs=1e-6
    )
    assert (firms["compliance"] == firms["compliance"].clip(0, 1)).all()


def test_warm_up_weeks_are_numbered_below_zero() -> None:
    """Two weeks of warm-up and one after it: -2, -1, 0; hours count the last one only."""
    model = ran(scenario(people=20, weeks=1, warmup_days=14))
    table = model.person_week()
    assert table["week"].unique().sort().to_list() == [-2, -1, 0]
    assert model.hours()["messages"].sum() == table.filter(pl.col("week") == 0)["sent"].sum()


# --- any scenario ---------------------------------------------------------------------------------------------------

KNOBS = sorted(
    row.name
    for row in TABLE
    if row.high - row.low > 0 and row.name not in ("groups_sigma", "span_median", "span_sigma", "overload_messages")
)
BOUNDS = {row.name: (row.low, row.high) for row in TABLE}


@st.composite
def levers(draw: st.DrawFn) -> dict[str, Any]:
    """Any lever of the library, on any days of two weeks, for anybody."""
    start = draw(st.integers(0, 12))
    end = draw(st.none() | st.integers(start + 1, 20))
    lever = draw(any_lever())
    whole_firms = issubclass(kinds()[lever["kind"]], FirmLever) or any(key.startswith("fine") for key in lever)
    roles = [None] if whole_firms else [None, ["manager"]]
    return lever | {
        "start": day_of(start), "end": None if end is None else day_of(end),
        "ramp_days": draw(st.integers(0, 10)), "strength": draw(st.sampled_from([0.0, 0.3, 1.0])),
        "scope": {"share": draw(st.sampled_from([0.5, 1.0])), "roles": draw(st.sampled_from(roles))},
    }  # fmt: skip


def compatible(rules: list[dict[str, Any]]) -> bool:
    """Whether these levers may stand in one scenario; which may not is tested elsewhere."""
    made = [kinds()[rule["kind"]].model_validate(rule) for rule in rules]
    return not any(one.clashes(two) for one, two in combinations(made, 2))


knobs = st.dictionaries(st.sampled_from(KNOBS), st.floats(0.0, 1.0), max_size=6).map(
    lambda chosen: {name: BOUNDS[name][0] + x * (BOUNDS[name][1] - BOUNDS[name][0]) for name, x in chosen.items()}
)
worlds = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**62),
        "levers": st.lists(levers(), max_size=5).filter(compatible),
        "parameters": knobs,
        "off": st.sets(st.sampled_from([name.split("_")[0] for name in MECHANISMS]), max_size=4),
        "sizes": st.sampled_from([(10, 0.4, 3, 25), (2, 0.0, 2, 2), (40, 0.3, 30, 60)]),
        "industries": st.sampled_from(home().trades).map(lambda name: {name: 1.0}),
    }
)


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds)
def test_accounts_and_bounds_hold_in_any_scenario(world: dict[str, Any]) -> None:
    """Any levers, any parameters inside their ranges, any mechanisms off, firms of two to sixty people."""
    world["levers"] = [{key: value for key, value in lever.items() if value is not None} for lever in world["levers"]]
    model = ran(scenario(people=20, weeks=3, **world), 16, firms=[0, 1], log_share=1.0)
    assert (model.world.person.later <= LATER).all()
    assert (model.world.firm.held <= HELD * model.world.firm.people).all()
    balanced(model)
    bounded(model)
    received = ledger_totals(model)[:, L.received].sum()
    assert (events(model)["event"] == DELIVERED).sum() == received
    if len(model.agents) < 10:  # the table of more messages takes longer than the simulation
        assert len(model.messages()) == received


@pytest.mark.smallworld
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(levers_=st.lists(levers(), min_size=1, max_size=3).filter(compatible), parameters=knobs)
def test_accounts_and_bounds_hold_in_tiny_worlds(levers_: list[dict[str, Any]], parameters: dict[str, float]) -> None:
    """The same for a firm of ten for two days, also where compilation is off."""
    rules = [
        {key: value for key, value in lever.items() if value is not None and key not in ("start", "end", "ramp_days")}
        for lever in levers_
    ]
    model = ran(tiny(levers=rules, parameters=parameters), 2, firms=[0])
    balanced(model)
    bounded(model)
