"""Run a study: simulate or reuse worlds, compare them, and write tables, figures and summary into a results folder."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from rich.console import Console

from sim.comparing import summary
from sim.comparing.effects import displacement, effects, levels
from sim.comparing.windows import weeks_in_force
from sim.core.errors import OffhoursError, ResultsError
from sim.core.parameter_sets import POINT
from sim.core.parameters import TABLE, values
from sim.evidence.agreement import print_scorecard, scorecard
from sim.evidence.observables import OBSERVABLES
from sim.evidence.observed import observe
from sim.evidence.targets import SETS, load_targets
from sim.evidence.tensions import tensions
from sim.files import storage as files
from sim.runs import results as store
from sim.runs.cache import Library, Stored
from sim.runs.identity import engine_version
from sim.runs.progress import shown
from sim.runs.simulation import World, check_reach, named, side_by_side
from sim.scenario.parameter_draws import Draws, parameters_line, stated
from sim.scenario.schema import Scenario, added_code, content_hash

SUMMARY = "summary.txt"
MOST_NAMED = 3  # worlds, in a line that says what is done
NO_EXPECTATION = {"act_expectation": 0.0, "check_off_expectation": 0.0}  # nobody acts on what is expected of them


class Manner(NamedTuple):
    """How a study is run."""

    folder: Path  # of its results
    library: Path  # of worlds
    threads: int
    figures: bool
    notes: Console  # what is happening
    output: Console  # what came out
    checked: dict[str, Stored]  # library worlds already read, by identity
    language: str  # of the figures
    draws: Draws | None  # parameters of each replicate; None for those of the table


def study(scenario: Scenario, reference: Scenario | None, manner: Manner) -> None:
    """Simulate a scenario and its reference (None for a single world), and write and print the results.

    The results folder is replaced only when everything is done, so a failure leaves earlier results untouched.
    """
    started = time.monotonic()
    names = [reference, scenario] if reference else [scenario]
    with store.replacing(manner.folder) as draft:
        announce(names, manner)
        if reference:
            check_reach(scenario, manner.draws)
        worlds = gathered(names, manner)
        tables: dict[str, pl.DataFrame | pl.LazyFrame] = {}
        weeks = weeks_in_force(scenario, reference, range(scenario.run.weeks)) if reference else ()
        tables |= side_by_side(worlds[-1], worlds[0] if reference else None, weeks)
        if reference:
            tables["effects"] = effects(tables, scenario, reference, uncertain=manner.draws is not None)
            tables["displacement"] = displacement(tables, scenario, reference, manner.draws is not None)
        else:
            tables["levels"] = levels(tables, scenario, uncertain=manner.draws is not None)
        facts = describe(scenario, reference) | uncertainty(manner)
        facts |= {"kind": "run", "seconds": round(time.monotonic() - started, 1)}
        del tables["person_week"]  # it is linked
        store.write(draft, tables, facts, {"person_week": linked(draft, names, manner)})
        made = store.read(draft)
        files.write_text(draft / SUMMARY, _text(made, Path(scenario.name)))
        failure = illustrated(draft, made.tables, made.manifest, manner)
    _show(made, manner)
    check_drawn(failure, manner)


def gathered(names: Sequence[Scenario], manner: Manner) -> list[World]:
    """Return worlds on the same economy in order, simulating those missing from the library with a progress bar each.

    Worlds after the first take over from it the firms that their rules do not affect.
    """
    pairs = [(names[0], None), *((name, names[0]) for name in names[1:])]
    library = shelf(manner)
    if all(library.has(name, number) for name in names for number in range(names[0].run.replicates)):
        return library.worlds(pairs)
    with shown(manner.notes, [world.name for world in names]) as progress:
        return replace(library, progress=progress).worlds(pairs)


def shelf(manner: Manner) -> Library:
    """Open the library of a study without progress reports, reusing what was checked before."""
    return Library(manner.library, manner.threads, checked=manner.checked, draws=manner.draws)


def linked(draft: Path, names: Sequence[Scenario], manner: Manner) -> list[dict[str, Any]]:
    """Link the person-weeks of library worlds into a results folder; returns the entries for ``store.write``."""
    return shelf(manner).linked(draft, names)


def note(manner: Manner, text: str) -> None:
    """Print a line of progress."""
    manner.notes.print(text, markup=False, highlight=False, soft_wrap=True)


def announce(worlds: Sequence[Scenario], manner: Manner) -> None:
    """Report what will be simulated, and which replicates are reused."""
    library, run = shelf(manner), worlds[0].run
    there = {world.name: sum(library.has(world, k) for k in range(run.replicates)) for world in worlds}
    missing = [world.name for world in worlds if there[world.name] < run.replicates]
    size = f"{run.people:,} people, {run.years:g} years, {run.replicates} replicates"
    source = f"; parameters: {manner.draws.name if manner.draws else POINT}"
    if missing:
        note(manner, f"Simulating {several(missing)}: {size}, {manner.threads} threads{source}")
    for count in sorted(set(there.values()) - {0}):
        some = "all" if count == run.replicates else f"{count} of"
        names = several([name for name in there if there[name] == count])
        note(manner, f"{names}: {some} {run.replicates} replicates are in {manner.library} and are used again")


def several(names: Sequence[str]) -> str:
    """Join up to three names, else give the first and the number of the others."""
    if len(names) > MOST_NAMED:
        return f"{names[0]} and {len(names) - 1} others"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def describe(scenario: Scenario, reference: Scenario | None) -> dict[str, Any]:
    """Return the manifest's facts on a run: scenarios, hashes, parameters, seed, sizes and time."""
    worlds = [scenario, reference] if reference else [scenario]
    vector = values(scenario.parameters, scenario.mechanisms)
    return {
        "kind": "run",
        "scenario": scenario.name,
        "counterfactual": reference.name if reference else None,
        "sha256": {world.name: content_hash(world) for world in worlds},
        "added_code": added_code(scenario),
        "resolved": scenario.model_dump(mode="json"),
        "resolved_counterfactual": reference.model_dump(mode="json") if reference else None,
        "phases": [phase._asdict() for phase in scenario.phases],
        "parameters": {row.name: float(value) for row, value in zip(TABLE, vector, strict=True)},
        "engine": engine_version(),
        "seed": scenario.run.seed,
        "people": scenario.run.people,
        "weeks": scenario.run.weeks,
        "replicates": scenario.run.replicates,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def described(others: Sequence[Scenario], reference: Scenario) -> dict[str, Any]:
    """Return the manifest's facts on a comparison: scenarios, titles, hashes, phases, seed, sizes and time."""
    worlds, run = [reference, *others], reference.run
    return {
        "scenarios": [scenario.name for scenario in others],
        "counterfactual": reference.name,
        "titles": {world.name: {"en": world.title, "zh": world.title_zh} for world in worlds},
        "sha256": {world.name: content_hash(world) for world in worlds},
        "resolved": {world.name: world.model_dump(mode="json") for world in worlds},
        "phases": {world.name: [phase._asdict() for phase in world.phases] for world in worlds},
        "start": reference.calendar.start.isoformat(),
        "engine": engine_version(),
        "seed": run.seed,
        "people": run.people,
        "weeks": run.weeks,
        "replicates": run.replicates,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def uncertainty(manner: Manner) -> dict[str, Any]:
    """Return the manifest's entry on the origin of the replicates' parameters."""
    return {"uncertainty": stated(manner.draws)}


def illustrated(folder: Path, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], manner: Manner) -> str:
    """Draw the figures and return why that failed, empty if it did not.

    Without ``manner.figures``, earlier figures are kept if they show the same numbers.
    """
    if not manner.figures:
        if said := store.keep_figures(folder, manner.folder):
            note(manner, said)
        return ""
    from sim.report.plots import REGISTRY, draw_all  # noqa: PLC0415  (loads the drawing library only when needed)

    if manifest["kind"] not in REGISTRY:
        return ""
    note(manner, f"Drawing the figures of {manner.folder.name}")
    try:
        draw_all(folder, tables, manifest, manner.language)
    except OffhoursError as error:
        return str(error)
    return ""


def check_drawn(reason: str, manner: Manner) -> None:
    """Raise ``ResultsError`` if figures failed; call it last, because the tables took minutes and are complete."""
    if reason:
        again = f"the tables are complete, `offhours plot {manner.folder}` tries again"
        raise ResultsError(f"figures could not be drawn: {reason}; {again}")


def _text(made: store.Results, place: Path) -> str:
    """Write the summary of a run as plain text."""
    if "effects" in made.tables:
        return summary.summary_text(made.tables["effects"], made.tables["displacement"], made.manifest, place)
    return summary.levels_text(made.tables["levels"], made.manifest, place)


def _show(made: store.Results, manner: Manner) -> None:
    """Print the summary of a run."""
    tables, manifest, output = made.tables, made.manifest, manner.output
    if "effects" in tables:
        summary.print_summary(output, tables["effects"], tables["displacement"], manifest, manner.folder)
    else:
        summary.print_levels(output, tables["levels"], manifest, manner.folder)


def hold_against_targets(today: Scenario, without_messaging: Scenario, chosen: str, manner: Manner) -> None:
    """Compare today's scenario with all sets of calibration targets, and print the scorecard of the ``chosen`` set.

    Some targets need two more worlds: one without messaging and one in which nobody acts on expectations.
    """
    unmoved = today.model_copy(update={"name": "no_expectation", "parameters": {**today.parameters, **NO_EXPECTATION}})
    worlds = [today, without_messaging, unmoved]
    sets = {name: load_targets(name) for name in SETS}
    said = parameters_line(stated(manner.draws), today.run.replicates)
    with store.replacing(manner.folder) as draft:
        announce(worlds, manner)
        made = gathered(worlds, manner)
        tables = side_by_side(made[0])
        tables["person_week"] = pl.concat([named(world, "person_week") for world in made])
        cards = {name: scorecard(tables, each, today.name) for name, each in sets.items()}
        pulling = tensions(observe(tables, list(OBSERVABLES), today.name))
        store.write(
            draft, {**cards, "tensions": pulling}, {"kind": "targets", **describe(today, None), **uncertainty(manner)}
        )
        words = StringIO()
        for name, each in sets.items():
            print_scorecard(Console(file=words, width=summary.WIDTH), cards[name], each.title, parameters=said)
        files.write_text(draft / SUMMARY, words.getvalue())
    print_scorecard(manner.output, cards[chosen], sets[chosen].title, pulling, said)
