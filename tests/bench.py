"""Measure the engine and what its users wait for, side by side in one run: ``make bench``.

Work of one thread is measured in processor time, which another program on the machine disturbs little; threads, starts
and commands are measured on the clock. Memory is measured in processes of their own, by a peak that is set back before.
Aims are printed as met or not met, with the figures; with ``--strict`` (``make bench STRICT=1``) one that is not met is
an exit code of 1. ``make bench PARTS="twin threads"`` measures these alone.
"""

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.aims import AIMS, Lines
from tests.bench_clone import Clone, CommandError, against_before, ratio
from tests.memory import peak, reset, resident

SIZES = (1_000, 10_000, 100_000)  # people
WEEKS = {1_000: 12, 10_000: 4, 100_000: 1}  # measured, after a first one
ROUNDS = 9  # of one against two threads
LARGE = (100_000, 1_000_000)  # people of economies that are simulated in slices


# ---- what is measured


def engine_of(people: int, threads: int = 1, firms: Sequence[int] | None = None, first: bool = False) -> Any:
    """Make a model of today's rules without warm-up, perhaps with the mechanisms that the first model has."""
    from sim.model import Workplace
    from sim.scenario.loading import load

    scenario = load("status_quo")
    run = scenario.run.model_copy(update={"people": people, "warmup_days": 0, "settling_weeks": 0})
    scenario = scenario.model_copy(update={"run": run})
    if first:
        from tests.golden import values_of_first

        scenario = scenario.model_copy(update={"parameters": values_of_first()})
    return Workplace(scenario, parameters="point", threads=threads, firms=firms)


def delivered(engine: Any) -> int:
    """Messages delivered in the week that has just ended; a message to a group is delivered to each of its members."""
    from sim.core.columns import L

    return int(engine.recorder.ledgers[-1][:, L.received].sum())


def timed(work: Callable[[], Any], clock: Callable[[], float]) -> float:
    begin = clock()
    work()
    return clock() - begin


def week(engine: Any) -> float:
    """Processor time of a week, in nanoseconds for each message delivered."""
    seconds = timed(lambda: engine.run_for(7), time.process_time)
    return 1e9 * seconds / delivered(engine)


def firms_of_all_sizes() -> list[int]:
    """Every eighth firm, by size, of an economy of 1,000 people."""
    firm = engine_of(1_000).world.firm
    return firm.number[firm.people.argsort(kind="stable")][3::8].tolist()


def against_twin() -> tuple[float, float, int]:
    """Nanoseconds per message of engine and twin in the second week of the same world, and its messages."""
    from tests.twin.world import Twin

    firms = firms_of_all_sizes()
    engines = [engine_of(1_000, firms=firms) for _ in range(7)]
    twin = Twin(engines[0], logs=False)
    for engine in engines:
        engine.run_for(7)
    quick = statistics.median(week(engine) for engine in engines)
    for _ in range(7):
        twin.step()
    twin.close_week()
    seconds = timed(lambda: [twin.step() for _ in range(7)], time.process_time)
    messages = sum(sums["received"] for sums in twin.close_week())
    if messages != delivered(engines[0]):
        raise SystemExit("engine and twin disagree: run `make test` first")
    return quick, 1e9 * seconds / messages, messages


def one_size(people: int) -> dict[str, float]:
    """Measure one size in a process of its own."""
    from sim.engine.state import bytes_per_person

    engine_of(20).run_for(1)
    reset()
    before = resident()
    drawn = -time.perf_counter()
    engine = engine_of(people)
    drawn += time.perf_counter()
    engine.run_for(7)
    each, messages, seconds = [], 0, 0.0
    for _ in range(WEEKS[people]):
        each.append(week(engine))
        messages += delivered(engine)
        seconds += each[-1] * delivered(engine) / 1e9
    most = peak()
    actual = len(engine.people_agents)
    return {
        "people": actual, "ns": statistics.median(each), "messages": messages / seconds,
        "person_day": seconds / (7 * actual * WEEKS[people]), "arrays": bytes_per_person(engine.world),
        "grown": (most - before) / actual, "peak": most, "drawn": drawn,
    }  # fmt: skip


def sliced(people: int) -> dict[str, float]:
    """Simulate and write a week of an economy in slices, in a process of its own."""
    from sim.runs.cache import Library
    from sim.scenario.loading import load

    scenario = load("status_quo")
    run = {"people": people, "years": 7 / 365, "warmup_days": 0, "settling_weeks": 0, "replicates": 1}
    scenario = scenario.model_copy(update={"run": scenario.run.model_copy(update=run)})
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), threads=os.cpu_count() or 1)
        seconds = timed(lambda: library.world(scenario, 0), time.perf_counter)
    return {"seconds": seconds, "peak": peak()}


def by_threads() -> dict[int, tuple[float, float]]:
    """Seconds by the clock per week of one and of two threads, and the processors that they got.

    The same weeks of the same world, turn by turn; medians.
    """
    engines = {threads: engine_of(10_000, threads=threads) for threads in (1, 2)}
    weeks: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
    for _ in range(ROUNDS + 1):
        for threads, engine in engines.items():
            busy = time.process_time()
            seconds = timed(lambda engine=engine: engine.run_for(7), time.perf_counter)
            weeks[threads].append((seconds, (time.process_time() - busy) / seconds))
    settled = {
        threads: zip(*found[1:], strict=True) for threads, found in weeks.items()
    }  # the first fetches the memory
    return {threads: (statistics.median(clock), statistics.median(got)) for threads, (clock, got) in settled.items()}


# ---- in other processes


def child(*arguments: str) -> str:
    """Run this file in another process and give what it prints."""
    command = [sys.executable, "-m", "tests.bench", "child", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def start_seconds() -> float:
    """From nothing to the end of the first simulated day of a few firms."""
    return timed(lambda: child("start"), time.perf_counter)


def help_seconds() -> float:
    command = [str(Path(sys.executable).with_name("offhours")), "--help"]
    return min(
        timed(lambda: subprocess.run(command, check=True, capture_output=True), time.perf_counter) for _ in range(5)
    )


# ---- what is printed


def machine() -> str:
    cpus = os.cpu_count() or 1
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    versions = ", ".join(f"{package} {version(package)}" for package in ("numba", "numpy", "mesa"))
    load = os.getloadavg()[0]
    busy = "  (busy: the figures by the clock will look worse than they are)" if load > 0.3 * cpus else ""
    return (
        f"{platform.system()} {platform.machine()}, {name}, {cpus} cores, load {load:.1f}{busy}\n"
        f"Python {platform.python_version()}, {versions}"
    )


def main(strict: bool = False, parts: Sequence[str] = ()) -> int:
    """Measure everything, or some parts, and give the exit code."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)
    console.print(machine() + "\n", markup=False)
    lines = Lines(console)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["OFFHOURS_CACHE"] = cache  # for this process and those that it starts
        for part in parts or PARTS:
            try:
                PARTS[part](lines)
            except CommandError as error:
                lines.fail(part, str(error))
    return lines.end(strict)


def report_starts(lines: Lines) -> None:
    """From nothing to the first day, compiled anew and not, and to the page of help."""
    cold, cached = start_seconds(), min(start_seconds() for _ in range(3))
    lines.row("start to first simulated day", f"compiles {cold - cached:.1f} s", cold=cold, cached=cached)
    lines.row("offhours --help", "", help=help_seconds())


def report_twin(lines: Lines) -> None:
    """Engine against the twin in plain Python."""
    quick, slow, messages = against_twin()
    what = f"{quick:.0f} and {slow:,.0f} ns a message, {messages:,} messages"
    lines.row("engine against plain twin", what, twin=slow / quick)


def report_before(lines: Lines) -> None:
    """Today's engine against that from which the records were made: the first model, with about as many messages."""
    with tempfile.TemporaryDirectory() as folder:
        found = against_before(Path(folder))
    what = "the history of this clone does not reach back to it"
    if found:
        (before, messages), (today, messages_today), (model, messages_of_model) = found
        what = (
            f"{today:.1f} and {before:.1f} µs, {messages_today:.2f} and {messages:.2f} messages a person and day; "
            f"today's model {model:.1f} µs, {messages_of_model:.2f} messages"
        )
    lines.row("the first model, by the engine before records", what, before=ratio(found))


def report_sizes(lines: Lines) -> None:
    """Go up and down the sizes, so that a slow spell of the machine does not fall on one of them alone."""
    order = (*SIZES, *SIZES[-2::-1])
    runs = [json.loads(child("size", str(people))) for people in order]
    found = {people: [run for run, size in zip(runs, order, strict=True) if size == people] for people in SIZES}
    base = statistics.median(run["person_day"] for run in found[SIZES[0]])
    for people in SIZES:
        run = {key: statistics.median(one[key] for one in found[people]) for key in found[people][0]}
        growth = {"growth": run["person_day"] / base} if people > SIZES[0] else {}
        lines.row(
            f"{run['people']:,.0f} people, one thread",
            f"{run['messages'] / 1e6:.2f} million messages, {1 / run['person_day']:,.0f} person-days a second",
            message=run["ns"], **growth,
        )  # fmt: skip
        whole = {"grown": run["grown"], "peak": run["peak"] / 1e6} if people == SIZES[-1] else {}
        lines.row(
            "  memory",
            f"peak {run['peak'] / 1e6:,.0f} MB; drawn in {run['drawn']:.1f} s",
            arrays=run["arrays"],
            **whole,
        )


def report_slices(lines: Lines) -> None:
    """A tenth of a million people and a million, for a week, in slices of firms."""
    few, many = (json.loads(child("sliced", str(people))) for people in LARGE)
    lines.row(
        f"{LARGE[1]:,} people for a week, in slices",
        f"{many['seconds']:.0f} s; peak {many['peak'] / 1e6:,.0f} MB, {few['peak'] / 1e6:,.0f} MB with {LARGE[0]:,}",
        flat=many["peak"] / few["peak"], peak=many["peak"] / 1e6,
    )  # fmt: skip


def unless_disturbed(name: str, figure: float, disturbed: bool) -> float:
    """Give a figure, or no number if it misses its aim and other programs took the processors meanwhile."""
    return math.nan if disturbed and not AIMS[name].met(figure) else figure


def report_threads(lines: Lines) -> None:
    """One thread against two."""
    (one, got_one), (two, got_two) = by_threads().values()
    lines.row(
        "one against two threads, 10,000 people",
        f"{one:.2f} and {two:.2f} s a week by the clock, on {got_one:.2f} and {got_two:.2f} processors",
        threads=unless_disturbed("threads", one / two, got_one < 0.95),
    )


# ---- sweeps


def swept(folder: Path, runs: int, workers: int, sleep: float = 0.0) -> tuple[float, Any]:
    """Seconds by the clock of a sweep of runs that simulate nothing, and its folder."""
    from sim.runs.executor import Local
    from tests.sweeps.helpers import driven, made, written

    axes: dict[str, Any] = {"x": [float(number) for number in range(99)]}
    design = written(folder, axes | ({"sleep": [sleep]} if sleep else {}), replicates=runs // 100)
    sweep = made(design, folder)
    return timed(lambda: driven(sweep, Local(workers)), time.perf_counter), sweep


def busy(numbers: range) -> int:
    """Keep a processor busy for about a tenth of a second."""
    return sum(number * number % 7 for number in numbers)


def by_workers() -> tuple[float, float]:
    """Seconds by the clock of the same work on one and on two local workers, medians of some turns."""
    from sim.runs.executor import Local

    found: dict[int, list[float]] = {1: [], 2: []}
    backends = {workers: Local(workers) for workers in found}
    tasks = [range(1_000_000)] * 40
    try:
        for backend in backends.values():
            list(backend.map(busy, [range(10)] * 4))  # workers are there
        for _ in range(3):
            for workers, backend in backends.items():
                found[workers].append(timed(lambda backend=backend: list(backend.map(busy, tasks)), time.perf_counter))
    finally:
        for backend in backends.values():
            backend.close()
    return statistics.median(found[1]), statistics.median(found[2])


def sweep_of(runs: int) -> dict[str, float]:
    """Measure a sweep in a process of its own: time, peak of the driver, resuming and reading."""
    import polars as pl

    from sim.runs.executor import Local
    from tests.sweeps.helpers import driven

    with tempfile.TemporaryDirectory() as folder:
        reset()
        seconds, sweep = swept(Path(folder), runs, 2)
        most = peak()
        again = timed(lambda: driven(sweep, Local(2)), time.perf_counter)
        files = str(sweep.folder / "runs" / "*.parquet")
        read = timed(lambda: pl.read_parquet(files), time.perf_counter)
        return {"runs": sweep.size, "seconds": seconds, "peak": most, "again": again, "read": read}


def report_sweeps(lines: Lines) -> None:
    """Overhead of a run, two workers against one, and a hundred thousand runs."""
    few, many = (json.loads(child("sweep", str(runs))) for runs in (1_000, 100_000))
    lines.row(
        f"sweep of {many['runs']:,.0f} runs that simulate nothing, two local workers",
        f"{many['seconds']:.1f} s, the start of workers included",
        overhead=2e3 * many["seconds"] / many["runs"],  # of each of two workers
    )
    lines.row("  gone on when complete, and read", "", again=many["again"], read=many["read"])
    lines.row(
        "  memory of the driver",
        f"{few['peak'] / 1e6:.0f} and {many['peak'] / 1e6:.0f} MB with {few['runs']:,.0f} and {many['runs']:,.0f} runs",
        driver_growth=many["peak"] / few["peak"], driver_memory=many["peak"] / 1e6,
    )  # fmt: skip
    one, two = by_workers()
    crowded = os.getloadavg()[0] > len(os.sched_getaffinity(0))
    workers = unless_disturbed("workers", one / two, crowded)
    busy_with = f", load {os.getloadavg()[0]:.1f}" if crowded else ""
    lines.row("one against two local workers", f"{one:.2f} and {two:.2f} s{busy_with}", workers=workers)


def coverage(replicates: int, firms: float) -> tuple[float, float]:
    """Shares of the intervals of a posterior, and of its mean, that hold made-up truths: 8,000 of each."""
    from tests.test_posterior import covered, studies

    shares = [
        covered(studies(replicates, firms, spread, 1.0, skew, 100, seed))[1]
        for spread in (1.0, 0.3) for skew in (False, True) for seed in range(20)
    ]  # fmt: skip
    return statistics.fmean(each["whole"] for each in shares), statistics.fmean(each["mean"] for each in shares)


def report_coverage(lines: Lines) -> None:
    """The usual draws of parameters, and few."""
    for replicates, firms in ((64, 2.7), (8, 10.0), (2, 2.0)):
        held, held_mean = coverage(replicates, firms)
        what = f"posteriors of {replicates} draws with {firms:g} firms each"
        lines.row(what, "intervals that hold made-up truths", held=held, held_mean=held_mean)


# ---- commands in a fresh clone


def report_clone(lines: Lines) -> None:
    """What a new user waits for: the README's commands."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Clone(Path(folder))
        first, again = clone.scenario()
        lines.row("first `make scenario SCENARIO=pilot_ban` in a fresh clone", "with setting up", scenario=first)
        lines.row("  the same again", "", scenario_again=again)
        lines.row("  then `make test`", "with installing what tests need", suite=clone.suite())


def report_wheel(lines: Lines) -> None:
    """A run from a wheel, in an environment of its own."""
    with tempfile.TemporaryDirectory() as folder:
        seconds, compiled = Clone(Path(folder)).wheel()
        lines.row("first run from a wheel", f"{seconds:.1f} s, two small worlds", compiled=compiled)


PARTS: dict[str, Callable[[Lines], None]] = {
    "starts": report_starts, "twin": report_twin, "before": report_before, "sizes": report_sizes,
    "slices": report_slices, "threads": report_threads, "sweeps": report_sweeps, "intervals": report_coverage,
    "clone": report_clone, "wheel": report_wheel,
}  # fmt: skip


def asked(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("python -m tests.bench", description="Measure the engine, each figure by its aim.")
    parser.add_argument("--strict", action="store_true", help="exit code 1 if an aim is not met")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"all, or some of: {', '.join(PARTS)}")
    options = parser.parse_args(words)
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"{unknown[0]} is no part; there are {', '.join(PARTS)}")
    return options


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["child", "start"]:
            engine_of(20).run_for(1)
        case ["child", "sweep", runs]:
            print(json.dumps(sweep_of(int(runs))))
        case ["child", "size", people]:
            print(json.dumps(one_size(int(people))))
        case ["child", "sliced", people]:
            print(json.dumps(sliced(int(people))))
        case words:
            sys.exit(main(**vars(asked(words))))
