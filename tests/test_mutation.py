"""Faults are planted as they should be: all kinds, each with a name of its own, and found where they matter."""

import os
import signal
from typing import Any

import pytest

from tests.mutation import __main__ as mutation
from tests.mutation.mutants import Mutant, mutants_of
from tests.rulebook import disagreement


@pytest.fixture(scope="module")
def made() -> dict[str, Mutant]:
    return {
        mutant.name: mutant
        for module in ("behaviour.compliance", "behaviour.scales")
        for mutant in mutants_of(f"sim.{module}")
    }


@pytest.mark.parametrize(
    "change",
    [
        "scales.clip: x < low -> x >= low",
        "scales.clip: high if x > high else x -> x",
        "scales.approach: -1.0 / days -> -1.0 * days",
        "scales.approach: state - target -> target",
        "scales.chance: -log_odds -> log_odds",
        "compliance.obeys: closure >= 2.0 or closure * compliance > rank -> closure * compliance > rank",
        "compliance.obeys: closure * compliance > rank -> closure * compliance >= rank",
        "compliance.dares: 1.0 -> 1.01",
        "compliance.dares: 1.0 - rank -> rank",
    ],
)
def test_a_fault_of_each_kind_is_made_and_found(made: dict[str, Mutant], change: str) -> None:
    mutant = made[f"behaviour.{change}"]
    sound = mutant.rule.__code__
    assert disagreement(mutant.rule) is None
    mutant.plant()
    try:
        assert disagreement(mutant.rule) is not None
    finally:
        mutant.rule.__code__ = sound
    assert disagreement(mutant.rule) is None


def test_names_last_while_lines_move(made: dict[str, Mutant]) -> None:
    for module in ("sim.behaviour.compliance", "sim.engine.sanctions"):
        mutants = mutants_of(module)
        assert len({mutant.name for mutant in mutants}) == len(mutants) > 100
        assert [mutant.name for mutant in mutants if os.sep in mutant.name.split(":")[0]] == []


def test_statements_and_branches_are_left_out_and_forced() -> None:
    names = {mutant.name for mutant in mutants_of("sim.engine.delivery")}
    assert "engine.delivery.bring: person.ledger.cleared_held += 1 -> pass" in names
    assert "engine.delivery.bring: if to < 0 -> if True" in names
    assert "engine.delivery.bring: person.hired * DAY > message.sent -> person.hired * DAY >= message.sent" in names
    assert (
        "engine.delivery.acts: u < chance(own + odds_of_message(w, p, person, message)) -> "
        + ("u >= chance(own + odds_of_message(w, p, person, message))")
        in names
    )
    assert [name for name in names if name.startswith("engine.delivery.acts: u <") and "-> u <=" in name] == []
    assert "engine.delivery.hold: min(firm.held_at, due) -> max(firm.held_at, due)" in names


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_fault_that_hangs_is_ended_after_the_time_of_the_world_it_hangs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever time slower worlds would be given."""
    mutant = mutants_of("sim.engine.norms")[0]
    there = frozenset((str(mutant.module.__file__), line) for line in mutant.lines)

    def endless(name: str) -> Any:
        while True:
            pass

    worlds = {str(seconds): mutation.Sound("", (b"",), there, seconds) for seconds in (0.0, 1e6)}
    monkeypatch.setattr(mutation, "built", endless)
    monkeypatch.setattr(mutation, "AT_LEAST", 0.1)
    assert mutation.fates([mutant], worlds, 1) == {mutant.name: -signal.SIGPROF}
