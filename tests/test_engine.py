"""The engine: no reference counting, memory in proportion to people, clear words where something does not fit."""

import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numba
import numpy as np
import pytest
from scipy import stats

import sim
from sim.core.columns import OFF, L
from sim.core.compiled import COMPILED, ENGINE, fingerprint
from sim.core.errors import EngineError, InputError
from sim.core.parameters import values
from sim.core.sources import imported_by, marked
from sim.engine import ahead
from sim.engine.people import cumulative, economy_key, populate
from sim.engine.records import LINE
from sim.engine.simulate import simulate
from sim.engine.state import HELD, MESSAGE, PERSON, bytes_per_person, scratch
from sim.model import Workplace
from sim.verify import firm_histories, ledger_totals
from tests.twin import chance
from tests.twin.world import Twin
from tests.worlds import made, ran, scenario, tiny

ROOT = Path(sim.__file__).resolve().parent.parent

# --- machine code ---------------------------------------------------------------------------------------------------


def machine_code(model: Workplace) -> list[bytes]:
    """The object files of ``simulate`` from the cache on disk: with the names of all functions that they call."""
    assert model.time > 0
    folder = Path(simulate.stats.cache_path)  # type: ignore[attr-defined]
    return [path.read_bytes() for path in folder.glob("simulate.simulate-*.code")]


def test_the_engine_counts_no_references(ten: Workplace) -> None:
    """``NRT_incref`` is an atomic operation: in a loop over people it would halve the speed and make threads wait.

    A control, compiled here, has it: the name would be found.
    """
    if not COMPILED:
        assert simulate is getattr(simulate, "py_func", simulate)
        return
    files = machine_code(ten)
    assert files
    assert all(b"simulate" in code and b"NRT_incref" not in code and b"NRT_decref" not in code for code in files)

    @numba.njit
    def control(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        y = x + 1.0
        return x, y

    control(np.zeros(3))
    assert any("NRT_incref" in text for text in control.inspect_llvm().values())


def test_what_setting_up_compiles_is_what_a_run_asks_for(ten: Workplace) -> None:
    """No kernel is compiled for other types than those of a run: else each first run would compile once more."""
    assert ten.time > 0
    names = [name.split(".") for name in marked(imported_by(*ENGINE), "kernel")]
    kernels = [getattr(import_module(f"sim.engine.{module}"), name) for module, name in names]
    before = [set(getattr(each, "overloads", "1")) for each in kernels]
    ahead.main()
    assert before == [set(getattr(each, "overloads", "1")) for each in kernels]
    assert all(before)


def test_the_code_cache_knows_every_source_of_the_engine() -> None:
    """The modules that hold rules are among the sources hashed; the command line is not, so that editing it is free."""
    names = {path.stem for path in imported_by(*ENGINE)}
    assert {"simulate", "day", "delivery", "reading", "messages", "tasks", "wellbeing", "answering"} <= names
    assert {"people", "parameters", "columns", "draws", "randomness", "state", "compiled"} <= names
    assert not names & {"cli", "model", "scenario", "plots", "verify"}
    assert len(fingerprint()) == 16


# --- memory ---------------------------------------------------------------------------------------------------------


def crowd(people: int) -> float:
    """Bytes for each person of an economy."""
    town = {"beijing": 1.0}
    sizes = (20.0, 0.5, 5, 60)
    parameters = values({}, {})
    return bytes_per_person(populate(economy_key(1, 0), people, town, {"internet": 1.0}, sizes, parameters, 800))


def test_memory_grows_in_proportion_to_people() -> None:
    """From 300 to 3,000 to 12,000 people: the same bytes a person within a tenth.

    They are a record with places of their own (8 KiB of inbox, 2 KiB each of answers and of orders put off), room for
    messages held, and less than 1,000 bytes for chats, counts by hour and the outbox. A record beyond 24 KiB would make
    a million people need more than 24 GB.
    """
    small, medium, large = (crowd(people) for people in (300, 3_000, 12_000))
    assert medium == pytest.approx(small, rel=0.1)
    assert large == pytest.approx(medium, rel=0.02)
    record, held = PERSON.itemsize, HELD * MESSAGE.itemsize
    assert record + held < large < record + held + 1_000
    assert large < 24 * 1_024


def test_people_spread_over_the_cache() -> None:
    """Records start with a cache line and take an odd number of them: else one field of many people crowds few sets."""
    person = made(tiny()).world.person
    assert person.ctypes.data % LINE == 0
    assert PERSON.itemsize % (2 * LINE) == LINE


@pytest.mark.smallworld
def test_a_run_allocates_nothing_that_stays() -> None:
    """Arrays are made once: their addresses and sizes are the same after three days."""
    model = made(tiny(), firms=[0])
    before = [(array.ctypes.data, array.nbytes) for array in model.world]
    model.run_for(3)
    assert [(array.ctypes.data, array.nbytes) for array in model.world] == before


# --- between days ---------------------------------------------------------------------------------------------------


@pytest.mark.smallworld
def test_between_days_everybody_is_free_and_every_clock_past_midnight(ten: Workplace) -> None:
    """What snapshots and events of one's own may rely on."""
    assert (ten.world.person.place == OFF).all()
    clocks = ten.world.person.clock
    assert (clocks >= 3 * 86_400).all()
    assert (clocks < 3 * 86_400 + 6 * 3_600).all()  # who works past midnight ends some time


def test_a_firm_that_nobody_is_in_a_hurry_in_costs_next_to_nothing() -> None:
    """Quiet days are skipped: four weeks without messages and work take less than a third of ordinary ones.

    They take an eighth; of each the quickest of three counts, lest a pause of the machine be taken for work.
    """
    taken: list[list[float]] = [[], []]
    for times, off in zip(3 * taken, 3 * (["m1", "m4"], []), strict=True):
        model = made(scenario(people=300, weeks=5, off=off), {"tasks_per_day": 0.0} if off else None)
        if off:
            model.world.workday[:] = 0
        model.run_for(7)
        begin = time.process_time()
        model.run_for(28)
        times.append(time.process_time() - begin)
    assert min(taken[0]) < min(taken[1]) / 3.0


# --- when something does not fit ------------------------------------------------------------------------------------


def with_little_room(outbox: int, log: int) -> Workplace:
    """A model whose scratch arrays are too small."""
    model = made(scenario(weeks=1), log_share=1.0)
    own = scratch(200, log)
    model._pool.scratch = [own | {"outbox": own["outbox"][:outbox]}]
    return model


def test_a_full_outbox_is_told_in_words() -> None:
    """With the days in which it happened; the arrays were not written beyond their end."""
    with pytest.raises(EngineError, match=r"days 0 to 6: .*outbox is full"):
        with_little_room(1, 10).run_for(7)


def test_a_full_outbox_in_a_thread_is_told_as_well() -> None:
    """The error of a thread is the error of the run."""
    model = made(scenario(weeks=1), threads=2)
    model._pool.scratch = [with_little_room(1, 10)._pool.scratch[0] for _ in range(2)]
    with pytest.raises(EngineError, match="outbox is full"):
        model.run_for(7)


def test_events_beyond_the_room_of_the_log_are_counted_and_change_nothing() -> None:
    """The sample is cut, the run is not."""
    model = with_little_room(5_000, 10)
    model.run_for(7)
    whole = ran(scenario(weeks=1), log_share=1.0)
    assert whole.recorder.log_lost == 0
    kept, all_events = len(model.recorder.events()), len(whole.recorder.events())
    assert model.recorder.log_lost == all_events - kept > 0
    model.recorder.logs, whole.recorder.logs = [], []
    assert firm_histories(model) == firm_histories(whole)


@pytest.mark.smallworld
def test_parameters_that_do_not_exist_or_lie_outside_are_refused() -> None:
    """With the nearest name, and with the range and its unit."""
    with pytest.raises(InputError, match=r"unknown parameter 'overlod_power'; did you mean 'overload_power'"):
        values({"overlod_power": 0.5}, {})
    with pytest.raises(InputError, match=r"'react' = 1.5 lies outside \[0, 1\] chance"):
        values({"react": 1.5}, {})
    with pytest.raises(InputError, match=r"unknown mechanism 'm1_werk'; did you mean 'm1_work'"):
        values({}, {"m1_werk": False})
    with pytest.raises(InputError, match=r"'react' = nan"):
        values({"react": float("nan")}, {})


@pytest.mark.smallworld
def test_populations_of_nobody_are_refused() -> None:
    """No firm asked for, or no weight anywhere."""
    with pytest.raises(InputError, match="no firm is left"):
        made(tiny(), firms=[])
    with pytest.raises(InputError, match="add up to nothing"):
        cumulative({"beijing": 0.0}, ("beijing", "shanghai"))


# --- no result rests on the mixer of the draws ----------------------------------------------------------------------


SMALL_FIRMS = scenario(people=160, weeks=1, sizes=(6, 0.3, 5, 12))
COUNTED = ("sent", "answered", "interruptions", "output_seconds", "office_task_seconds")
FELT = ("exhaustion_state", "expectation")


def means_of_engine() -> dict[str, np.ndarray]:
    """Means by firm after a week of the engine."""
    model = ran(SMALL_FIRMS)
    person, ledger = model.world.person, ledger_totals(model)
    of = {name: ledger[:, getattr(L, name)] for name in COUNTED} | {name: person[name] for name in FELT}
    count = np.bincount(person.firm)
    return {name: np.bincount(person.firm, values) / count for name, values in of.items()}


def means_of_twin(mixer: Callable[[int, int], int], monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """Means by firm after a week of the plain twin, whose days are drawn by a mixer."""
    monkeypatch.setattr(chance, "bits", mixer)
    twin = Twin(made(SMALL_FIRMS), logs=False)
    for _ in range(7):
        twin.step()
    of = {name: lambda person, name=name: person.ledger[name] for name in COUNTED}
    of |= {name: lambda person, name=name: getattr(person, name) for name in FELT}
    return {name: np.array([np.mean([*map(value, firm.people)]) for firm in twin.firms]) for name, value in of.items()}


@pytest.mark.slow
def test_both_mixers_tell_the_same_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """A week of the same firms, drawn twice: paired means by firm differ by less than 6 standard errors.

    The twin equals the engine to the bit, and can draw by another mixer. With 24 degrees of freedom |t| > 6 has a
    chance of 3.4e-6; seven outcomes: false alarm 2.4e-5.
    """
    one, other = means_of_engine(), means_of_twin(chance.hashed, monkeypatch)
    for name, by_firm in one.items():
        assert len(by_firm) >= 25
        test = stats.ttest_rel(by_firm, other[name])
        assert (by_firm != other[name]).any()
        assert abs(test.statistic) < 6.0, name
