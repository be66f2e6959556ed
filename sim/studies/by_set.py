"""A study from a design file: several comparisons, each under several parameter sets, combined in one folder.

Missing worlds are simulated first, one economy at a time, by any backend; stored ones are reused. Then each comparison
is analysed under each set into a results folder of its own, unless that folder exists already.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import polars as pl
from rich.console import Console

from sim.comparing.robustness import combined_readings, drivers
from sim.engine.settling import Settled
from sim.figures.words import phrase
from sim.model import Workplace, drawn_firms
from sim.report.numbers import written
from sim.report.progress import duration
from sim.report.robustness import print_readings, print_study
from sim.runs import results as store
from sim.runs.beginnings import Beginnings, first_week
from sim.runs.cache import IDENTITY_DIGITS, Library
from sim.runs.executor import Executor, results_as_completed
from sim.runs.identity import identity
from sim.runs.progress import Report
from sim.runs.results import Results
from sim.runs.simulation import live
from sim.scenario.loading import changed, focused
from sim.scenario.parameter_draws import Draws, drawn
from sim.scenario.schema import Scenario
from sim.studies.comparisons import publish_comparison
from sim.studies.designs import CheckedDesign, ComparisonJob
from sim.studies.study import Findings, Setup, print_note, publish

KIND = "study"
COMMON_FACTS = ("counterfactual", "engine", "seed", "people", "weeks")  # equal in a study's parts under several sets
GROUP_KINDS = ("manager", "role", "industry")
GROUP_OUTCOMES = ("share_burnt_out", "exhaustion", "unpaid_overtime", "latent_overtime")  # stored by group, too
PROBE_YEARS = 0.5
PROBE_ECONOMIES = 16  # largest number of economies whose people are counted
ANALYSIS_SECONDS = 3.5  # processor seconds to compare one scenario of 1,200 people under one set


class MissingWorlds(NamedTuple):
    """Worlds of one replicate that are missing in a library."""

    library: Path
    base: Scenario
    worlds: tuple[Scenario, ...]
    draws: Draws | None
    number: int

    @property
    def person_weeks(self) -> int:
        """Number of person-weeks to simulate."""
        run = self.base.run
        begun = sum(map(first_week, self.worlds[1:]))  # of which the first has simulated these weeks
        return run.people * ((run.weeks + run.warmup_days // 7) * len(self.worlds) - begun)


def missing_worlds(jobs: Sequence[ComparisonJob], library: Path) -> list[MissingWorlds]:
    """List the worlds to simulate, each once even if several comparisons need it."""
    known = {path.name.rpartition("-")[2] for path in library.glob("*-r*-*")}
    tasks = []
    for job in jobs:
        base, *others = focused([job.reference, *job.others])
        for draws in job.sets.values():
            for number in range(base.run.replicates):
                keys = {
                    identity(drawn(each, draws, number), number)[:IDENTITY_DIGITS]: each for each in (base, *others)
                }
                worlds = tuple(each for key, each in keys.items() if key not in known)
                known |= keys.keys()
                if worlds:
                    tasks.append(MissingWorlds(library, base, worlds, draws, number))
    return tasks


def simulate_worlds(task: MissingWorlds) -> int:
    """Simulate and store the worlds of a task, copying firms beyond the rules from its base; return their number."""
    library = Library(task.library, draws=task.draws, beginnings=Beginnings(task.worlds))
    for world in task.worlds:
        library.world(world, task.number, None if world is task.base else task.base)
    return len(task.worlds)


def measured_speed(scenario: Scenario, draws: Draws | None) -> float:
    """Measure the speed of one processor in person-weeks per second, without compiling and settling."""
    without = scenario.model_copy(update={"levers": ()})
    short = changed(without, years=min(PROBE_YEARS, scenario.run.years), replicates=1)
    one, rest, people, seconds = drawn(short, draws, 0), list[Settled](), 0, 0.0

    def settled(model: Workplace) -> Settled:
        """Settle once, for both passes."""
        if not rest:
            rest.append(model.settled)
        return rest[0]

    for _ in range(2):
        began = process_time()
        people = next(rows.height for name, rows in list(live(one, settled=settled)) if name == "people")
        seconds = process_time() - began
    return people * (short.run.weeks + short.run.warmup_days // 7) / seconds


def cost_estimate(draft: CheckedDesign, tasks: Sequence[MissingWorlds], workers: int) -> list[str]:
    """Describe the size of a study, what is missing, and how long it takes at a speed measured now."""
    job = draft.jobs[0]
    worlds = sum(len(task.worlds) for task in tasks)
    every = sum((1 + len(each.others)) * len(each.sets) * each.reference.run.replicates for each in draft.jobs)
    analyses = sum(len(each.others) * len(each.sets) for each in draft.jobs)
    size = {"name": draft.design.name, "comparisons": len(draft.jobs), "worlds": f"{worlds:,}", "all": f"{every:,}"}
    for key in ("people", "replicates"):  # which references may set
        each = sorted({getattr(job.reference.run, key) for job in draft.jobs})
        size[key] = "–".join(f"{number:,}" for number in dict.fromkeys((each[0], each[-1])))
    lines = [phrase("study", "size", **size)]
    if not tasks:
        return lines
    draws, run = next(iter(job.sets.values())), job.reference.run
    speed, economies = measured_speed(job.reference, draws), min(run.replicates, PROBE_ECONOMIES)
    # Firms are drawn until they hold the people asked for, and small economies hold many more.
    people = float(drawn_firms(drawn(job.reference, draws, 0), range(economies))["size"].sum()) / economies
    seconds = people / run.people * sum(task.person_weeks for task in tasks) / speed
    hours = written((seconds + ANALYSIS_SECONDS * analyses) / 3600, "")
    time = duration(seconds / workers + ANALYSIS_SECONDS * analyses)
    return [*lines, phrase("study", "cost", hours=hours, workers=workers, time=time, pace=f"{speed:,.0f}")]


def publish_study(
    draft: CheckedDesign, tasks: Sequence[MissingWorlds], executor: Executor, progress: Report, setup: Setup
) -> None:
    """Simulate what is missing, analyse each comparison under each set, and combine all in ``setup.folder``."""
    done, every = 0, sum(len(task.worlds) for task in tasks)
    for count in results_as_completed(executor, simulate_worlds, tasks):
        done += count
        progress(draft.design.name, done, every)
    parts = {job.name: _publish_comparisons(job, setup) for job in draft.jobs}

    def found(draft_folder: Path) -> Findings:
        tables: dict[str, list[pl.DataFrame]] = {}
        for job in draft.jobs:
            for name, table in _side_by_side(job, parts[job.name], draft.design.outcomes).items():
                tables.setdefault(name, []).append(table.select(pl.lit(job.name).alias("comparison"), pl.all()))
        whole = {name: pl.concat(rows, how="diagonal_relaxed") for name, rows in tables.items()}
        return Findings(whole, _study_facts(draft, parts))

    publish(setup, found, print_study)


def _publish_comparisons(job: ComparisonJob, setup: Setup) -> dict[str, Results]:
    """Publish the comparison under each set, unless its folder has the same results of this version."""
    found = {}
    for name, draws in job.sets.items():
        folder = setup.folder.with_name(f"{setup.folder.name}_{job.name}_{name}")
        how = setup._replace(folder=folder, draws=draws, output=Console(file=io.StringIO()), verified={})
        said = phrase("study", "analysing", name=job.name, set=name, folder=folder)
        found[name] = publish_comparison(job.others, job.reference, how, ranked_on=job.ranked_on, said=said)
    return found


def _side_by_side(job: ComparisonJob, parts: Mapping[str, Results], outcomes: Sequence[str]) -> dict[str, pl.DataFrame]:
    """Combine the tables of a comparison under all sets."""
    shown, everybody = pl.col("outcome").is_in(outcomes), pl.col("group") == "all"
    some = pl.col("group_kind").is_in(GROUP_KINDS) & pl.col("outcome").is_in(GROUP_OUTCOMES)
    joint = combined_readings({name: part.tables for name, part in parts.items()})
    draws = _stack_sets(parts, "draws", shown)
    found = {
        "effects": _stack_sets(parts, "effects", everybody & shown),
        "groups": _stack_sets(parts, "effects", some),
        "persons": _stack_sets(parts, "persons", everybody),
        "phases": _stack_sets(parts, "phases", everybody & shown),
        **{name: joint[name].filter(shown) for name in ("readings", "ranking", "conclusions", "best")},
        "draws": draws,
    }
    if all(job.sets.values()):
        rows = {name: each.rows for name, each in job.sets.items() if each}
        fixed = {each.name: each.parameters.keys() & job.reference.parameters.keys() for each in job.others}
        found["drivers"] = drivers(draws, rows, job.reference.run.seed, fixed)
    return {name: table for name, table in found.items() if not table.is_empty()}


def _stack_sets(parts: Mapping[str, Results], table: str, chosen: pl.Expr) -> pl.DataFrame:
    """Stack a table of all sets, with the set in a first column; empty if there is none."""
    there = {name: part.tables[table].filter(chosen) for name, part in parts.items() if table in part.tables}
    if not there:
        return pl.DataFrame()
    return pl.concat(rows.select(pl.lit(name).alias("reading"), pl.all()) for name, rows in there.items())


def _study_facts(draft: CheckedDesign, parts: Mapping[str, Mapping[str, Results]]) -> dict[str, Any]:
    """Return the manifest's facts on a study: its design and, for each comparison, the facts for figures and pages."""
    kept = (
        "scenarios", "counterfactual", "titles", "phases", "start", "seed", "people", "weeks", "replicates", "engine",
        "ground",
    )  # fmt: skip
    comparisons, countries = {}, []
    for name, readings in parts.items():
        manifests = {reading: part.manifest for reading, part in readings.items()}
        first = next(iter(manifests.values()))
        groups = {each: first["resolved"][each]["group"] for each in first["scenarios"]}
        countries.append(store.country_of(first))
        comparisons[name] = {key: first[key] for key in kept} | {
            "groups": groups,
            "resolved": {"country": countries[-1]} | _set_besides_rules(first["resolved"]),
            "readings": {
                reading: {"sha256": each["uncertainty"]["sha256"], "draws": each["uncertainty"]["draws"]}
                | {"seconds": each["seconds"], "folder": readings[reading].folder.name}
                for reading, each in manifests.items()
            },
        }
    alike = all(country == countries[0] for country in countries)
    place = {"resolved": {"country": countries[0]}} if alike else {}
    return {"kind": KIND, "design": draft.design.model_dump(mode="json"), "comparisons": comparisons, **place}


def publish_under_each_set(sets: Mapping[str, Draws | None], setup: Setup, each: Callable[[Setup], Results]) -> None:
    """Run a study under each of at least two parameter sets, and combine the results in one more folder.

    ``each`` runs the study and prints nothing. Its folder is that of ``setup`` with the name of the set appended. The
    combined folder has the names of all sets.
    """
    base, parts = setup.folder, {}
    for place, (name, draws) in enumerate(sets.items()):
        folder = base.with_name(f"{base.name}_{name}")
        which = {"number": place + 1, "all": len(sets), "name": name, "folder": folder}
        print_note(setup, phrase("step", "under_set", **which))
        parts[name] = each(setup._replace(folder=folder, draws=draws, output=Console(file=io.StringIO())))

    def found(draft: Path) -> Findings:
        readings = [
            {
                "name": name, "folder": part.folder.name, "replicates": int(part.manifest["replicates"]),
                "draws": len(draws.rows) if draws else None, "sha256": draws.sha256 if draws else None,
                "precision": part.manifest.get("precision", ""),
            }
            for (name, part), draws in zip(parts.items(), sets.values(), strict=True)
        ]  # fmt: skip
        facts = {"kind": "readings", "readings": readings, **_common_facts(parts)}
        return Findings(combined_readings({name: part.tables for name, part in parts.items()}), facts)

    together = setup._replace(folder=base.with_name("_".join([base.name, *sets])), draws=None)
    publish(together, found, print_readings)


def _common_facts(parts: Mapping[str, store.Results]) -> dict[str, Any]:
    """Return the facts shared by all results, for the manifest; ``seconds`` are summed, ``replicates`` the fewest."""
    manifests = [part.manifest for part in parts.values()]
    first = manifests[0]
    alone = (first["resolved"], first.get("resolved_counterfactual"))
    resolved = first["resolved"] if "scenarios" in first else {each["name"]: each for each in alone if each}
    names = first.get("scenarios") or [first["scenario"]]
    titles = {name: {"en": each["title"], "zh": each["title_zh"]} for name, each in resolved.items()}
    return {key: first[key] for key in COMMON_FACTS} | {
        "scenarios": list(names),
        "titles": first.get("titles", titles),
        "start": resolved[names[0]]["calendar"]["start"],
        "resolved": {"country": store.country_of(first)} | _set_besides_rules(resolved),
        "replicates": min(int(each["replicates"]) for each in manifests),
        "seconds": sum(each["seconds"] for each in manifests),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _set_besides_rules(resolved: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the parameters and mechanisms that worlds set, for ``assuming``."""
    return {name: {part: each[part] for part in ("parameters", "mechanisms")} for name, each in resolved.items()}
