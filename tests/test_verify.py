"""``offhours verify``: it finds everything in order, and it would find what is not."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from sim import verify
from sim.core.columns import GROUP, L, Ledger
from sim.core.errors import EngineError
from sim.engine.copies import check_copies
from sim.figures.words import words
from sim.model import Workplace
from tests import faults
from tests.faults import Fault
from tests.worlds import made, ran, scenario, tiny

ROOT = Path(__file__).resolve().parent.parent


def test_all_claims_hold_and_each_is_printed() -> None:
    """One line for each, with what was compared."""
    console = Console(width=200, file=io.StringIO(), record=True)
    assert verify.verify(console)
    lines = [line for line in console.export_text().splitlines() if line.startswith(("✓", "✗"))]
    assert len(lines) == 9
    assert all(line.startswith("✓") for line in lines)
    names = ("accounts", "threads", "processes", "split", "restart", "beginning", "scope", "placebo", "compilation")
    assert words()["claim_name"].keys() == {*names, "engine"}
    for name in names:
        assert sum(line.startswith(f"✓ {name}") for line in lines) == 1, name


def test_a_claim_that_does_not_hold_is_printed_and_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads that give one person one second more: ✗, the firm's number, and False."""
    honest = verify.simulate_days

    def dishonest(*arguments: object, threads: int = 1, **named: object) -> Workplace:
        model = honest(*arguments, threads=threads, **named)  # type: ignore[arg-type]
        if threads == 2:
            model.world.person[0].ledger.off_seconds += 1
        return model

    claims: list[verify.Claim] = []
    monkeypatch.setattr(verify, "simulate_days", dishonest)
    monkeypatch.setattr(verify.claims_in_process, "__defaults__", (faults.PEOPLE, faults.DAYS, faults.FIRM))
    monkeypatch.setattr(verify, "histories_in_processes", lambda scenario, days, shares, surroundings=None: {})
    monkeypatch.setattr(
        verify, "_all_claims", lambda each=verify._all_claims: iter(claims.append(c) or c for c in each())
    )
    console = Console(width=200, file=io.StringIO(), record=True)
    assert verify.verify(console) is False
    broken = {claim.name for claim in claims if claim.broken}
    assert broken == {"threads", "processes", "compilation"}
    text = console.export_text()
    assert "✗ threads" in text
    assert "firms that differ: 0\n" in text
    assert "✓ placebo" in text


ONE_BIT: dict[str, Callable[[Workplace], None]] = {
    "a state": lambda m: m.world.person.cynicism.__setitem__(3, np.nextafter(m.world.person[3].cynicism, 9.0)),
    "a clock": lambda m: m.world.person.clock.__setitem__(3, m.world.person[3].clock + 1),
    "a manager": lambda m: m.world.person.manager.__setitem__(3, 1),
    "a message's sender": lambda m: m.world.person[3].inbox[0].__setitem__("sender", 77),
    "a message's name": lambda m: m.world.person[3].inbox[0].__setitem__("key", 77),
    "an order that waits": lambda m: m.world.person[3].orders[0].__setitem__("to", 77),
    "a task": lambda m: m.world.person[3].tasks[0].__setitem__("done", 77),
    "a firm": lambda m: m.world.firm.fear.__setitem__(0, 1e-300),
    "a past week": lambda m: m.recorder.ledgers[0].__setitem__((3, L.sent), -1),
    "a past state": lambda m: m.recorder.states[0].__setitem__((3, 0), -7.0),
    "an event": lambda m: m.recorder.logs[0].second.__setitem__(5, 1),
    "a person": lambda m: m.world.person.key.__setitem__(3, 1),
    "an hour": lambda m: m.world.hours.__setitem__((0, 3, 1), 1),
    "a copy": lambda m: m.world.person[3].copies[0].__setitem__("refused", 9_999),
    "a chat": lambda m: m.world.chat_sent.__setitem__((2, 1), 9_999),
}  # fmt: skip


@pytest.fixture(scope="module")
def known() -> dict[int, str]:
    return verify.firm_histories(ran(tiny(), 7, firms=[0], log_share=1.0))


@pytest.mark.parametrize("name", ONE_BIT)
def test_a_history_notices_the_smallest_change(name: str, known: dict[int, str]) -> None:
    """Anything that a firm leaves behind, changed by the least that can be."""
    model = ran(tiny(), 7, firms=[0], log_share=1.0)
    assert verify.firm_histories(model) == known
    ONE_BIT[name](model)
    assert verify.firm_histories(model) != known


ACCOUNTS = {
    "seconds of the clock": L.office_idle_seconds,
    "days at work or absent": L.absent_days,
    "messages written": L.unsent,
    "messages sent by channel": L.sent_mail,
    "messages received": L.read,
    "tasks": L.tasks_done,
    "seconds of work": L.spoiled_seconds,
    "growth of the desk": L.desk_growth_seconds,
    "output by hours": L.contract_output_seconds,
    "questions and exceptions": L.defaults,
    "hidden overtime by obligation or choice": L.obligated_seconds,
}
COPIES = "copies of messages by channel"


@pytest.mark.smallworld
@pytest.mark.parametrize("name", ACCOUNTS)
def test_each_account_notices_one_unit(name: str, ten: Workplace) -> None:
    """One second, message, task or day too many in one column: that account, and no other, is off by one."""
    worker = 4
    column, before = ACCOUNTS[name], ten.world.person.ledger.copy()
    assert set(verify.imbalances(ten)) == {*ACCOUNTS, COPIES} == words()["account"].keys()
    own = ten.world.person[worker].ledger
    slack = {  # parts that may stay below their whole
        L.obligated_seconds: own.hidden_overtime_seconds - own.obligated_seconds - own.chosen_seconds,
        L.contract_output_seconds: own.output_seconds - own.contract_output_seconds - own.recorded_output_seconds,
    }
    try:
        ten.world.person.ledger[Ledger._fields[column]][worker] += 1 + slack.get(column, 0)
        assert {account: by for account, by in verify.imbalances(ten).items() if by} == {name: 1}
    finally:
        ten.world.person.ledger = before


@pytest.mark.smallworld
@pytest.mark.parametrize(("what", "missing"), [("sent", "1 lost"), ("delivered", "1 that"), ("refused", "1 that")])
def test_the_account_of_copies_notices_one_of_them_and_no_run_goes_on(what: str, missing: str, ten: Workplace) -> None:
    """One copy too many of what was sent, delivered or refused, for one person and channel: one sentence."""
    ten.world.person.copies[what][4, GROUP] += 1
    try:
        assert {name: by for name, by in verify.imbalances(ten).items() if by} == {COPIES: 1}
        with pytest.raises(EngineError, match=rf"^days 0 to 2: messages by group for the person of row 4: {missing}"):
            check_copies(ten.world, 0, 3)
    finally:
        ten.world.person.copies[what][4, GROUP] -= 1
    check_copies(ten.world, 0, 3)


def named(faults: Mapping[str, Fault]) -> dict[str, str]:
    return {name: fault.claim for name, fault in faults.items()}


def test_verify_finds_each_fault_that_is_planted_in_what_is_compiled() -> None:
    """Each by the claim that it breaks, in a process without compilation; without a fault these claims hold."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-m", "tests.faults"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[], named(faults.COMPILED)]


def test_verify_finds_each_fault_that_is_planted_in_what_calls_it() -> None:
    """Each by the claim that it breaks; without a fault all claims hold."""
    assert faults.found(faults.IN_PYTHON) == named(faults.IN_PYTHON)
    assert [claim.name for claim in faults.claims() if claim.broken] == []


def test_a_process_that_fails_says_why() -> None:
    """Its complaint is part of the error."""
    with pytest.raises(RuntimeError, match=r"a process of the comparison failed[\s\S]*no firm is left"):
        verify.histories_in_processes(tiny(), 1, [[]])


def test_histories_do_not_depend_on_the_rows_of_the_arrays() -> None:
    """The third firm alone in row 0, and behind two others."""
    alone, behind = (ran(scenario(), 7, firms=firms, log_share=1.0) for firms in ([2], [0, 1, 2]))
    assert verify.firm_histories(alone)[2] == verify.firm_histories(behind)[2]
    assert len(made(scenario(), firms=[2]).agents) < len(behind.agents)
