"""The mutation run: plant one fault at a time into the rules, and see whether it is found.

``python -m tests.mutation`` takes all mutants of ``sim.behaviour`` and a fixed sample of those of the engine's
decisions, without those listed as equivalent; ``--full`` takes all. A mutant of a rule of behaviour is first asked at
some points what it says, against the protocol's formula (``tests.rulebook``). What is left runs in small worlds, day by
day, against what the engine and its twin agree on there; what the quickest of them do not tell apart meets the tests
that ask rules one by one, and then the others. Each mutant runs in a process of its own, without compilation.

A mutant that cannot be found because nothing follows from it stands in ``equivalent.toml`` with the reason. One that
stands there and is found, or is no longer made, is an error; so is a rule of behaviour with a mutant that survives, and
a share of the engine's below ``ENOUGH``.
"""

import argparse
import io
import os
import signal
import sys
import time
import tomllib
import warnings
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import pytest

from sim.core.compiled import COMPILED
from sim.model import Workplace
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.worlds import DAYS, WORLDS, built
from tests.rulebook import disagreement
from tests.twin.agreement import differences, digest
from tests.twin.world import Twin

BEHAVIOUR = (
    "activity", "answering", "compliance", "dates", "home", "hours", "norms", "outsiders", "scales", "strain",
    "talking", "working",
)  # fmt: skip
ENGINE = (
    "day", "delivery", "messages", "self_interruption", "start_of_day", "end_of_day", "norms", "payroll", "attendance",
    "dates", "looking", "meetings", "outsiders", "questions", "reading", "routing", "sanctions", "talking", "tasks",
    "timing", "wellbeing",
)  # fmt: skip
SAMPLE = 150  # of how many mutants of the engine one is taken
ENOUGH = 0.75  # share of the engine's mutants that must be found
PATIENCE = (
    20.0  # times the processor time of the sound engine in a world, after which a mutant counts as one that hangs
)
AT_LEAST = 2.0  # seconds of it
FEW = 9  # worlds that a mutant meets before the tests that ask rules one by one, which take as long as some more
ASKED = 300.0  # seconds of it for the tests that ask rules one by one
LISTED = Path(__file__).with_name("equivalent.toml")
ONE_BY_ONE = "tests/test_delivery.py"  # asks rules for what hardly ever happens in a small world
SURVIVED, BY_FORMULA, BY_WORLD, BY_TEST = 0, 11, 12, 13  # exit codes of the process of a mutant


class Sound(NamedTuple):
    """A small world of the sound engine: what each day left, and the lines that were run."""

    name: str
    days: tuple[bytes, ...]
    lines: frozenset[tuple[str, int]]
    seconds: float  # of processor time


def lived(name: str) -> Sound:
    """Live a world with the sound engine, and see that the twin agrees."""
    lines: set[tuple[str, int]] = set()

    def seen(code: object, line: int) -> object:
        lines.add((code.co_filename, line))  # type: ignore[attr-defined]
        return sys.monitoring.DISABLE

    watch = sys.monitoring
    watch.use_tool_id(watch.COVERAGE_ID, "mutants")
    watch.register_callback(watch.COVERAGE_ID, watch.events.LINE, seen)
    watch.set_events(watch.COVERAGE_ID, watch.events.LINE)
    watch.restart_events()
    engine, spent = built(name), 0.0
    twin, days = Twin(engine), []
    for _ in range(DAYS):
        started = time.process_time()
        engine.run_for(1)
        events = list(engine.recorder.logs)
        days.append(digest(engine))
        spent += time.process_time() - started
        engine.recorder.logs.extend(events)
        twin.step()
        if difference := next(differences(engine, twin), ""):
            break
    watch.set_events(watch.COVERAGE_ID, 0)
    watch.free_tool_id(watch.COVERAGE_ID)
    assert not difference, f"{name}, day {len(days)}: {difference}"
    return Sound(name, tuple(days), frozenset(lines), spent)


def days_of(engine: Workplace) -> Iterable[bytes]:
    """Live day by day, and tell what each left."""
    for _ in range(DAYS):
        engine.run_for(1)
        yield digest(engine)


def fate(mutant: Mutant, worlds: list[Sound]) -> int:
    """See whether a mutant is found; in a process of its own, for it changes the rules."""
    give(AT_LEAST)
    mutant.plant()
    try:
        if of_behaviour(mutant) and disagreement(mutant.rule) is not None:
            return BY_FORMULA
    except Exception:
        return BY_FORMULA
    few, others = worlds[:FEW], worlds[FEW:]
    if differs(few):
        return BY_WORLD
    give(ASKED)
    if not of_behaviour(mutant) and not passes():
        return BY_TEST
    return BY_WORLD if differs(others) else SURVIVED


def differs(worlds: Iterable[Sound]) -> bool:
    """Whether a world goes another way than that of the sound engine, or ends in an error."""
    for sound in worlds:
        give(AT_LEAST + PATIENCE * sound.seconds)
        try:
            if any(ours != theirs for ours, theirs in zip(days_of(built(sound.name)), sound.days, strict=True)):
                return True
        except Exception:
            return True
    return False


def give(seconds: float) -> None:
    """Let this process be ended after so much more processor time."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def passes() -> bool:
    """Whether the tests that ask rules one by one find nothing, in this process."""
    with redirect_stdout(io.StringIO()):
        return pytest.main([ONE_BY_ONE, "-q", "-x", "-n0", "-p", "no:cacheprovider"]) == pytest.ExitCode.OK


def reaching(mutant: Mutant, worlds: Mapping[str, Sound]) -> list[Sound]:
    """Choose the worlds that come to the place of a mutant, the quickest first."""
    places = {(str(mutant.module.__file__), line) for line in mutant.lines}
    return sorted((sound for sound in worlds.values() if places & sound.lines), key=lambda sound: sound.seconds)


def fates(mutants: list[Mutant], worlds: Mapping[str, Sound], at_once: int) -> dict[str, int]:
    """Run all mutants, some at once; give the exit code of each, or -1 for one that hangs."""
    running: dict[int, str] = {}
    found: dict[str, int] = {}
    todo = mutants[::-1]
    while todo or running:
        while todo and len(running) < at_once:
            mutant = todo.pop()
            process = os.fork()
            if process == 0:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # warnings of a broken engine
                os._exit(fate(mutant, reaching(mutant, worlds)))
            running[process] = mutant.name
        process, status = os.wait()
        name = running.pop(process)
        found[name] = os.waitstatus_to_exitcode(status)
        if found[name] not in (SURVIVED, BY_FORMULA, BY_WORLD, BY_TEST, -signal.SIGPROF):
            raise SystemExit(f"{name}: its process ended with {found[name]}")
    return found


def of_behaviour(mutant: Mutant) -> bool:
    """Whether a mutant is one of a rule of behaviour."""
    return mutant.module.__name__.startswith("sim.behaviour.")


def sampled(mutant: Mutant) -> bool:
    """Whether a mutant is in the sample; by its name, so that others do not change it."""
    return of_behaviour(mutant) or zlib.crc32(mutant.name.encode()) % SAMPLE == 0


def main() -> int:
    """Run, print the share that is found by module, and say what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("--full", action="store_true", help="all mutants, instead of a sample of the engine's")
    parser.add_argument("--only", help="mutants whose name starts with this")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    assert not COMPILED, "set NUMBA_DISABLE_JIT=1: rules are changed as plain functions"
    warnings.filterwarnings("ignore", "This process .* is multi-threaded")  # pools of libraries that no mutant uses
    started = time.monotonic()
    modules = [f"sim.behaviour.{name}" for name in BEHAVIOUR] + [f"sim.engine.{name}" for name in ENGINE]
    every = [mutant for module in modules for mutant in mutants_of(module)]
    with LISTED.open("rb") as file:
        listed: dict[str, str] = {one["mutant"]: one["reason"] for one in tomllib.load(file)["equivalent"]}
    chosen = [mutant for mutant in every if options.full or sampled(mutant)]
    chosen = [mutant for mutant in chosen if mutant.name.startswith(options.only or "")]
    found = fates([mutant for mutant in chosen if of_behaviour(mutant)], {}, options.processes)
    todo = [mutant for mutant in chosen if not found.get(mutant.name)]
    equivalent = [mutant for mutant in todo if mutant.name in listed and (of_behaviour(mutant) or not options.full)]
    found |= {mutant.name: SURVIVED for mutant in equivalent}
    todo = [mutant for mutant in todo if mutant not in equivalent]
    if todo:
        assert passes(), f"{ONE_BY_ONE} fails without a fault"
        with ProcessPoolExecutor(options.processes, get_context("fork")) as others:
            worlds = dict(zip(WORLDS, others.map(lived, WORLDS), strict=True))
        print(f"{len(worlds)} small worlds, in which engine and twin agree: {_spent(started)}", flush=True)
        found |= fates(todo, worlds, options.processes)
    wrong = [f"listed as equivalent, but no longer made: {name}" for name in listed.keys() - {m.name for m in every}]
    wrong += [f"listed as equivalent, but found: {name}" for name in listed if found.get(name)]
    return report(chosen, found, listed, wrong, _spent(started))


def report(
    mutants: list[Mutant], found: Mapping[str, int], listed: Mapping[str, str], wrong: list[str], spent: str
) -> int:
    """Print how many are found, by module, and the survivors."""
    by_module: dict[str, list[str]] = defaultdict(list)
    for mutant in mutants:
        by_module[mutant.module.__name__.removeprefix("sim.")].append(mutant.name)
    print(f"{'module':24}{'made':>7}{'found':>7}{'listed':>8}{'left':>6}{'share':>9}")
    sums: dict[str, Counter[str]] = {"behaviour": Counter(), "engine": Counter()}
    for module, names in by_module.items():
        left = [name for name in names if found[name] == SURVIVED and name not in listed]
        counts = Counter(
            made=len(names), found=sum(found[name] != SURVIVED for name in names), left=len(left),
            listed=sum(name in listed for name in names),
        )  # fmt: skip
        sums[module.split(".")[0]] += counts
        print(row(module, counts))
        if module.startswith("behaviour."):
            wrong += [f"survives: {name}" for name in left]
        else:
            print(*(f"    survives: {name}" for name in left), sep="\n") if left else None
    for package, counts in sums.items():
        print(row(package, counts))
    engine = sums["engine"]
    if engine["made"] and share(engine) < ENOUGH:
        wrong.append(f"of the engine's mutants {share(engine):.1%} are found, not {ENOUGH:.0%}")
    print(f"{sum(code < 0 for code in found.values())} of those found hang. {spent}.")
    print(*wrong, sep="\n")
    return 1 if wrong else 0


def _spent(started: float) -> str:
    """Say how long it took, and how long processors were busy with it."""
    return f"{time.monotonic() - started:.0f} s, {sum(os.times()[:4]):.0f} s of processors"


def share(counts: Counter[str]) -> float:
    """Share of the mutants, without those that are listed as equivalent, that is found."""
    return counts["found"] / max(counts["found"] + counts["left"], 1)


def row(name: str, counts: Counter[str]) -> str:
    """Write a line of the table."""
    return (
        f"{name:24}{counts['made']:7}{counts['found']:7}{counts['listed']:8}{counts['left']:6}{share(counts):9.1%}"
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
