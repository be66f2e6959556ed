"""Measure the engine, side by side in one run: ``make bench``.

Work of one thread is measured in processor time, which another program on the machine disturbs little; threads and
starts are measured on the clock. Nothing here can fail: aims are printed as met or not met, with the figures.
"""

import json
import os
import platform
import resource
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
from rich.table import Table

SIZES = (1_000, 10_000, 100_000)  # people
WEEKS = {1_000: 12, 10_000: 4, 100_000: 1}  # measured, after a first one
ROUNDS = 9  # of one against two threads
AIMS = {
    "twin": 100.0,
    "growth": 1.5,
    "threads": 1.8,
    "help": 0.3,
    "overhead": 5.0,
    "again": 5.0,
    "read": 2.0,
    "workers": 1.85,
    "driver": 1.1,
}


# ---- what is measured


def engine_of(people: int, threads: int = 1, firms: Sequence[int] | None = None) -> Any:
    """Make a model of today's rules without warm-up."""
    from sim.model import Workplace
    from sim.scenario import load

    scenario = load("status_quo")
    run = scenario.run.model_copy(update={"people": people, "warmup_days": 0})
    return Workplace(scenario.model_copy(update={"run": run}), threads=threads, firms=firms)


def delivered(engine: Any) -> int:
    """Messages delivered in the week that has just ended; a message to a group is delivered to each of its members."""
    from sim.columns import L

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
    from sim.engine.state import G

    place = engine_of(1_000).world.place
    return place[place[:, G.size].argsort(kind="stable"), G.number][3::8].tolist()


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
    """Measure one size in a process of its own, whose peak of memory is then its own."""
    from sim.engine.state import bytes_per_person

    unit = 1 if sys.platform == "darwin" else 1024
    engine_of(20).run_for(1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    drawn = -time.perf_counter()
    engine = engine_of(people)
    drawn += time.perf_counter()
    engine.run_for(7)
    each, messages, seconds = [], 0, 0.0
    for _ in range(WEEKS[people]):
        each.append(week(engine))
        messages += delivered(engine)
        seconds += each[-1] * delivered(engine) / 1e9
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    actual = len(engine.people_agents)
    return {
        "people": actual, "ns": statistics.median(each), "messages": messages / seconds,
        "person_days": 7 * actual * WEEKS[people] / seconds, "arrays": bytes_per_person(engine.world),
        "grown": (peak - before) / actual, "peak": peak, "drawn": drawn,
    }  # fmt: skip


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
    command = [sys.executable, "-m", "tests.bench", *arguments]
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


def verdict(met: bool, aim: str) -> str:
    return f"[green]aim met[/] ({aim})" if met else f"[red]aim not met[/] ({aim})"


def main() -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)
    begin = time.perf_counter()
    console.print(machine() + "\n", markup=False)
    table = Table("", "measured", "ratio", "aim", title="Speed of the engine", title_justify="left")

    def row(what: str, measured: str, ratio: str = "", aim: str = "") -> None:
        table.add_row(what, measured, ratio, aim)
        console.print(f"[dim]{time.perf_counter() - begin:4.0f} s[/]  {what}: {measured}  {ratio} {aim}")

    with tempfile.TemporaryDirectory() as cache:
        os.environ["OFFHOURS_CACHE"] = cache  # for this process and those that it starts
        cold, cached = start_seconds(), min(start_seconds() for _ in range(3))
        row(
            "start to first simulated day",
            f"{cold:.1f} s cold, {cached:.2f} s cached",
            f"compiles {cold - cached:.1f} s",
        )
        helped = help_seconds()
        row("offhours --help", f"{helped:.2f} s", "", verdict(helped < AIMS["help"], f"below {AIMS['help']:g} s"))
        report_twin(row)
        report_sizes(row)
        report_threads(row)
        report_sweeps(row)
    console.print()
    console.print(table)
    console.print(f"{time.perf_counter() - begin:.0f} seconds in all")


def report_twin(row: Callable[..., None]) -> None:
    quick, slow, messages = against_twin()
    row(
        "engine against plain twin", f"{quick:.0f} and {slow:,.0f} ns a message, {messages:,} messages",
        f"{slow / quick:.0f} times", verdict(slow / quick >= AIMS["twin"], f"at least {AIMS['twin']:g} times"),
    )  # fmt: skip


def report_sizes(row: Callable[..., None]) -> None:
    """Go up and down the sizes, so that a slow spell of the machine does not fall on one of them alone."""
    order = (*SIZES, *SIZES[-2::-1])
    runs = [json.loads(child("size", str(people))) for people in order]
    found = {people: [run for run, size in zip(runs, order, strict=True) if size == people] for people in SIZES}
    base = statistics.median(run["ns"] for run in found[SIZES[0]])
    for people in SIZES:
        run = {key: statistics.median(one[key] for one in found[people]) for key in found[people][0]}
        growth = run["ns"] / base
        row(
            f"{run['people']:,.0f} people, one thread",
            f"{run['ns']:.0f} ns a message; {run['messages'] / 1e6:.2f} million messages, "
            f"{run['person_days']:,.0f} person-days a second",
            f"{growth:.2f} times",
            verdict(growth < AIMS["growth"], f"below {AIMS['growth']:g} times") if people > SIZES[0] else "",
        )  # fmt: skip
        whole = f", {run['grown']:,.0f} with agents and tables" if people == SIZES[-1] else ""
        row(
            "  memory",
            f"{run['arrays']:,.0f} bytes of arrays a person{whole}; peak {run['peak'] / 1e6:,.0f} MB; "
            f"drawn in {run['drawn']:.1f} s",
        )


def report_threads(row: Callable[..., None]) -> None:
    (one, got_one), (two, got_two) = by_threads().values()
    aim = f"at least {AIMS['threads']:g} times"
    met = one / two >= AIMS["threads"]
    disturbed = got_one < 0.95 and not met
    row(
        "one against two threads, 10,000 people",
        f"{one:.2f} and {two:.2f} s a week by the clock, on {got_one:.2f} and {got_two:.2f} processors",
        f"{one / two:.2f} times",
        f"[yellow]cannot say[/] ({aim}): other programs took the processors" if disturbed else verdict(met, aim),
    )


# ---- sweeps


def swept(folder: Path, runs: int, workers: int, sleep: float = 0.0) -> tuple[float, Any]:
    """Seconds by the clock of a sweep of runs that simulate nothing, and its folder."""
    from sim.sweeps.backends import Local
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
    from sim.sweeps.backends import Local

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

    from sim.sweeps.backends import Local
    from tests.sweeps.helpers import driven

    unit = 1 if sys.platform == "darwin" else 1024
    with tempfile.TemporaryDirectory() as folder:
        seconds, sweep = swept(Path(folder), runs, 2)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
        again = timed(lambda: driven(sweep, Local(2)), time.perf_counter)
        files = str(sweep.folder / "runs" / "*.parquet")
        read = timed(lambda: pl.read_parquet(files), time.perf_counter)
        return {"runs": sweep.size, "seconds": seconds, "peak": peak, "again": again, "read": read}


def report_sweeps(row: Callable[..., None]) -> None:
    """Overhead of a run, two workers against one, and a hundred thousand runs."""
    few, many = (json.loads(child("sweep", str(runs))) for runs in (1_000, 100_000))
    each = 2e3 * many["seconds"] / many["runs"]  # of each of two workers
    row(
        f"sweep of {many['runs']:,.0f} runs that simulate nothing, two local workers",
        f"{many['seconds']:.1f} s, {each:.2f} ms of a worker for each run, its start included",
        "", verdict(each < AIMS["overhead"], f"below {AIMS['overhead']:g} ms"),
    )  # fmt: skip
    row("  gone on when complete", f"{many['again']:.2f} s; read by polars in {many['read']:.3f} s", "",
        verdict(many["again"] < AIMS["again"] and many["read"] < AIMS["read"], "seconds; below 2 s"))  # fmt: skip
    times = many["peak"] / few["peak"]
    row("  memory of the driver", f"{few['peak'] / 1e6:.0f} MB with {few['runs']:,.0f} runs, "
        f"{many['peak'] / 1e6:.0f} MB with {many['runs']:,.0f}", f"{times:.2f} times",
        verdict(times < AIMS["driver"], f"below {AIMS['driver']:g} times"))  # fmt: skip
    one, two = by_workers()
    met = one / two >= AIMS["workers"]
    crowded = not met and os.getloadavg()[0] > len(os.sched_getaffinity(0))
    aim = f"at least {AIMS['workers']:g} times"
    told = f"[yellow]cannot say[/] ({aim}): other programs took the processors" if crowded else verdict(met, aim)
    row("one against two local workers", f"{one:.2f} and {two:.2f} s", f"{one / two:.2f} times", told)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["start"]:
            engine_of(20).run_for(1)
        case ["sweep", runs]:
            print(json.dumps(sweep_of(int(runs))))
        case ["sweeps"]:
            report_sweeps(print)
        case ["size", people]:
            print(json.dumps(one_size(int(people))))
        case _:
            main()
