"""Checks, on the user's own machine, that runs are reproducible and that the accounts balance.

Each line printed is a claim just tested. A history is everything that a firm leaves behind: people and their states,
inboxes, tasks, weeks, and every event of every message. Before hashing, rows are counted from the firm's first person,
so the hash does not depend on the other firms of the economy.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.cells import set_cell_size
from rich.console import Console
from rich.text import Text

from sim.core.columns import BLOCKED, FAULTY, FREE, L
from sim.core.compiled import COMPILED
from sim.core.errors import EngineError
from sim.core.parameter_sets import POINT
from sim.engine.copies import missing_copies
from sim.engine.records import Table, table
from sim.engine.state import EVENT, HELD, INBOX, TIES, sums
from sim.figures.words import label, phrase, say, translate
from sim.model import Workplace
from sim.scenario.schema import Scenario

_ROWS = ("row", "manager", "team_first", "led_first", *(f"tie{n}" for n in range(TIES)))
_CHATS = ("own_team_chat", "led_chat")
_LOG_ALL = 1.0  # share of messages logged
_WEEK = 7
_START = date(2026, 1, 5)
_CHILD_CODE = "from sim.verify import serve_histories; serve_histories()"


class Claim(NamedTuple):
    """A tested claim; ``compared`` and ``broken`` are in the language of the command."""

    name: str
    compared: str
    broken: str  # empty if the claim holds


def firm_histories(model: Workplace) -> dict[int, str]:
    """Return the SHA-256 of each firm's history by firm number; the model must be between two days."""
    events = np.concatenate([table(0, EVENT), *model.recorder.logs]).view(Table)
    firm_of_event = model.world.person.firm[events.person]
    return {
        int(firm.number): _firm_history(model, f, events[firm_of_event == f]) for f, firm in enumerate(model.world.firm)
    }


def _firm_history(model: Workplace, f: int, events: Table) -> str:
    """Hash the state, weeks and events of one firm."""
    w = model.world
    firm = w.firm[f : f + 1].copy()
    first, people, chats = int(firm.first[0]), int(firm.people[0]), int(firm.chat_first[0])
    mine = slice(first, first + people)
    person = _from_first(_from_first(w.person[mine], _ROWS, first), _CHATS, chats)
    person.firm = 0
    person.rules = 0
    for name in ("inbox", "answers"):
        _messages_from_first(person[name], first)
    _recipients_from_first(person["orders"], first, chats)
    held = w.held[HELD * first : HELD * (first + people)].copy()
    _messages_from_first(held, first)
    for name in ("first", "team_first", "chat_first"):
        firm[name] = 0
    parts = [
        firm,
        person,
        w.wake[mine],
        w.outsider[mine],
        w.chat_sent[chats : chats + int(firm.chats[0])],
        w.hours[f],
        held,
        *(ledger[mine] for ledger in model.recorder.ledgers),
        *(state[mine] for state in model.recorder.states),
        _from_first(events, ("person", "sender"), first),
    ]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def _from_first(records: Table, names: Sequence[str], first: int) -> Table:
    """Copy records, with the row or chat numbers in ``names`` counted from the firm's first."""
    relative = records.copy()
    for name in names:
        relative[name] -= np.where(relative[name] >= 0, first, 0).astype(relative[name].dtype)
    return relative


def _messages_from_first(messages: Table, first: int) -> None:
    """Renumber senders from the firm's first row, in place; unused slots keep their values."""
    written = (messages["key"] != 0) & (messages["outside"] == 0)
    messages["sender"] -= np.where(written, first, 0).astype(np.int32)
    messages["to"] = 0  # redundant: the owner of the list


def _recipients_from_first(messages: Table, first: int, chats: int) -> None:
    """Renumber senders and recipients, people or chats, from the firm's first, in place, except in unused slots."""
    written = messages["key"] != 0
    messages["sender"] -= np.where(written, first, 0).astype(np.int32)
    messages["to"] += np.where(written, np.where(messages["to"] < 0, chats, -first), 0).astype(np.int32)


def ledger_totals(model: Workplace) -> NDArray[np.int64]:
    """Sum the ledger of each person since the first day, (people, columns of ``Ledger``), in its own units."""
    total = sums(model.world)
    for ledger in model.recorder.ledgers:
        total += ledger
    return total


def imbalances(model: Workplace) -> dict[str, int]:
    """Compare inflows with outflows and stocks; return the largest deviation of any person by account.

    Deviations are in seconds, messages, tasks, questions or days, and all must be 0. The model must have run from its
    first day, and must be between two days.
    """
    w, total = model.world, ledger_totals(model)
    days = round(model.time)
    numbers = np.arange(INBOX)
    newest = w.person.tail[:, None] - 1
    reachable = newest - (newest - numbers) % INBOX >= w.person.head[:, None]
    unread = ((w.person.inbox["unread"] == 1) & reachable).sum(axis=1)
    state = w.person.tasks["state"]
    on_desk, waits = state != FREE, (state == BLOCKED) | (state == FAULTY)
    led = w.person.manager >= 0
    channels = slice(L.sent_im, L.sent_talk + 1)
    accounts = {
        "seconds of the clock": total[:, : L.home_resume_seconds + 1].sum(axis=1) - w.person.clock,
        "days at work or absent": total[:, L.workdays] + total[:, L.absent_days] - w.workday[:days].sum(),
        "messages written": w.person.written - total[:, [L.sent, L.unsent]].sum(axis=1),
        "copies of messages by channel": np.abs(missing_copies(w)).max(axis=1),
        "messages sent by channel": total[:, L.sent] - total[:, channels].sum(axis=1),
        "messages received": total[:, L.received] - total[:, [L.read, L.buried, L.cleared]].sum(axis=1) - unread,
        "tasks": total[:, L.tasks_arrived] - total[:, [L.tasks_done, L.tasks_dropped]].sum(axis=1) - on_desk.sum(1),
        "seconds of work": total[:, L.arrived_work_seconds]
        - total[:, [L.output_seconds, L.late_seconds, L.spoiled_seconds, L.dropped_work_seconds]].sum(axis=1)
        - np.where(on_desk, w.person.tasks["effort"], 0).sum(axis=1),
        "growth of the desk": total[:, L.desk_growth_seconds] - w.person.desk_work,
        "output by hours": np.maximum(
            total[:, [L.contract_output_seconds, L.recorded_output_seconds]].sum(axis=1) - total[:, L.output_seconds], 0
        ),
        "questions and exceptions": np.where(
            led,
            total[:, [L.questions, L.exceptions]].sum(axis=1)
            - total[:, [L.unblocked, L.defaults, L.found]].sum(axis=1)
            - waits.sum(axis=1),
            0,
        ),
        "hidden overtime by obligation or choice": np.maximum(
            total[:, [L.obligated_seconds, L.chosen_seconds]].sum(axis=1) - total[:, L.hidden_overtime_seconds], 0
        ),
    }
    return {name: int(np.abs(deviation).max()) for name, deviation in accounts.items()}


def _economy(people: int, levers: Sequence[dict[str, Any]] = (), firm: int = 12) -> Scenario:
    """Build an economy of small firms without warm-up."""
    return Scenario.model_validate(
        {
            "name": "verify",
            "title": "A small economy for proofs",
            "calendar": {"start": _START},
            "run": {"people": people, "years": 0.1, "replicates": 1, "seed": 1, "warmup_days": 0},
            "population": {"firm_size_median": firm, "firm_size_sigma": 0.5, "firm_size_min": 5, "firm_size_max": 40},
            "levers": levers,
        }
    )


_SCOPE = {"industries": ["internet", "finance", "education"]}


def _ban_levers(days: int) -> tuple[dict[str, Any], ...]:
    """Build for some firms enforcement, a ban from a third of the run on, and held messages from half of it on."""
    third, half = (_START + timedelta(days=number) for number in (days // 3, days // 2 + 1))
    return (
        {"kind": "ban", "channels": ["im", "group"], "start": third, "ramp_days": days // 4, "scope": _SCOPE},
        {"kind": "quiet_hours", "mode": "hold", "start": half, "strength": 0.5, "scope": _SCOPE},
        {"kind": "enforcement", "inspections_per_year": 4, "complaint": 1.0, "fine_yuan": 300, "scope": _SCOPE},
    )


def simulate_days(scenario: Scenario, days: int, threads: int = 1, firms: Sequence[int] | None = None) -> Workplace:
    """Simulate some days with every message event logged, at the table's parameter values."""
    model = Workplace(scenario, parameters=POINT, threads=threads, firms=firms, log_share=_LOG_ALL)
    model.run_for(days)
    return model


def histories_in_processes(
    scenario: Scenario, days: int, shares: Sequence[Sequence[int]], surroundings: dict[str, str] | None = None
) -> dict[int, str]:
    """Simulate shares of the firms concurrently, each in its own process, and return all histories by firm number.

    ``surroundings`` are extra environment variables. Raises ``RuntimeError`` with the errors of a process that fails.
    """
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent), **(surroundings or {})}
    text = scenario.model_dump_json()

    def asked(firms: Sequence[int]) -> dict[str, str]:
        """Simulate some firms in a process, and return their histories."""
        request = json.dumps({"scenario": text, "days": days, "firms": list(firms)})
        command = [sys.executable, "-P", "-c", _CHILD_CODE]
        done = subprocess.run(command, input=request, capture_output=True, text=True, env=environment, check=False)
        if done.returncode:
            raise RuntimeError(f"a process of the comparison failed:\n{done.stderr}")
        return json.loads(done.stdout)

    with ThreadPoolExecutor(len(shares)) as pool:
        return {int(number): digest for found in pool.map(asked, shares) for number, digest in found.items()}


def serve_histories() -> None:
    """Answer ``histories_in_processes``: read a request from standard input, and print histories as JSON."""
    request = json.load(sys.stdin)
    scenario = Scenario.model_validate_json(request["scenario"])
    print(json.dumps(firm_histories(simulate_days(scenario, request["days"], firms=request["firms"]))))


def claims_in_process(people: int = 150, days: int = 4 * _WEEK, firm: int = 12) -> Iterator[Claim]:
    """Test the claims that need no other process; an ``EngineError`` ends the run and becomes the last claim.

    ``people`` is the size of the economy, ``firm`` that of the median firm, and ``days`` the length of each run.
    """
    ban = _ban_levers(days)
    placebo = ({"kind": "placebo", "start": ban[0]["start"], "scope": _SCOPE}, {**ban[0], "strength": 0.0})
    ruled, free = _economy(people, ban, firm), _economy(people, firm=firm)
    try:
        yield from _claims_of_runs(ruled, free, _economy(people, placebo, firm), days)
    except EngineError as error:
        yield Claim("engine", phrase("claim", "engine"), translate(str(error)))


def _claims_of_runs(ruled: Scenario, free: Scenario, placebo: Scenario, days: int) -> Iterator[Claim]:
    """Test the accounts, and pairs of runs that must be identical in all or some firms."""
    daily = Workplace(ruled, parameters=POINT, log_share=_LOG_ALL)
    wrong: dict[str, str] = {}
    for day in range(days):
        daily.run_for(1)
        off = {name: by for name, by in imbalances(daily).items() if by}
        wrong |= {name: phrase("claim", "off", name=label("account", name), by=off[name], day=day) for name in off}
    listed = say("list").join(label("account", name) for name in imbalances(daily))
    yield Claim("accounts", phrase("claim", "accounts", names=listed), say("list").join(wrong.values()))
    whole = simulate_days(ruled, days)
    known = firm_histories(whole)
    size = {"firms": len(known), "people": len(whole.agents), "days": days}
    yield _equality_claim("split", known, firm_histories(daily), days=days)
    yield _equality_claim("threads", known, firm_histories(simulate_days(ruled, days, threads=2)), **size)
    half = simulate_days(ruled, days // 2)
    second = Workplace(ruled, parameters=POINT, log_share=_LOG_ALL)
    second.restore(half.snapshot())
    second.run_for(days - days // 2)
    yield _equality_claim("restart", known, firm_histories(second))
    until = ruled.model_copy(update={"levers": [each for each in ruled.levers if (each.start or _START) <= _START]})
    third = Workplace(ruled, parameters=POINT, log_share=_LOG_ALL)
    begun = min(third.first_change, days - 1)
    third.restore(simulate_days(until, begun).snapshot())
    third.run_for(days - begun)
    yield _equality_claim("beginning", known, firm_histories(third))
    usual = firm_histories(simulate_days(free, days))
    yield _scope_claim(whole, known, usual)
    announced = firm_histories(simulate_days(placebo, days))
    yield _equality_claim("placebo", usual, announced)


def _all_claims() -> Iterator[Claim]:
    """Test all claims, one after the other."""
    yield from claims_in_process()
    days, ruled = 4 * _WEEK, _economy(150, _ban_levers(4 * _WEEK))
    known = firm_histories(simulate_days(ruled, days))
    numbers = sorted(known)
    shares = (numbers[::2], numbers[1::2])
    there = histories_in_processes(ruled, days, shares)
    yield _equality_claim("processes", known, there)
    yield _compilation_claim()


def _equality_claim(name: str, one: dict[int, str], other: dict[int, str], **sizes: int) -> Claim:
    """Claim that two sets of histories are equal."""
    differing = sorted(number for number in one.keys() | other.keys() if one.get(number) != other.get(number))
    broken = phrase("claim", "differ", firms=", ".join(map(str, differing))) if differing else ""
    return Claim(name, phrase("claim", name, **sizes), broken)


def _scope_claim(ruled: Workplace, known: dict[int, str], free: dict[int, str]) -> Claim:
    """Claim that a rule changes some firm in its scope, and no bit of any other firm."""
    reached = set(ruled.world.firm.number[ruled.in_scope].tolist())
    beyond = {number: digest for number, digest in known.items() if number not in reached}
    claim = _equality_claim("scope", beyond, {number: free[number] for number in beyond}, firms=len(beyond))
    if not claim.broken and not any(known[number] != free[number] for number in reached):
        return claim._replace(broken=phrase("claim", "unchanged"))
    return claim


def _compilation_claim() -> Claim:
    """Claim that compiled and plain Python rules give identical results."""
    days = 4
    small = _economy(20, _ban_levers(days)[1:])
    first = [0]
    here = firm_histories(simulate_days(small, days, firms=first))
    there = histories_in_processes(small, days, [first], {"NUMBA_DISABLE_JIT": "1" if COMPILED else "0"})
    return _equality_claim("compilation", here, there, days=days)


def verify(console: Console) -> bool:
    """Test and print every claim; return True if all hold."""
    console.print(phrase("claim", "at_table", set=POINT), highlight=False, soft_wrap=True)
    sound = True
    for name, compared, broken in _all_claims():
        sound = sound and not broken
        mark = ("✗ ", "bold red") if broken else ("✓ ", "green")
        head = set_cell_size(label("claim_name", name), 13)
        console.print(Text.assemble(mark, (head, "bold"), compared), soft_wrap=True)
        if broken:
            console.print(Text(f"  {broken}", "red"), soft_wrap=True)
    return sound
