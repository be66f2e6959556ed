"""The steps of every study: simulate or reuse worlds, then publish tables, figures and summary together."""

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from rich.console import Console

from sim.core.errors import OffhoursError, ResultsError
from sim.core.parameter_sets import POINT
from sim.figures.words import language_in_force, phrase, say, speaking, translate
from sim.files import storage as files
from sim.report.console import as_text, line
from sim.report.progress import show_progress
from sim.runs import results as store
from sim.runs import reuse
from sim.runs.cache import Library, StoredWorld
from sim.runs.identity import engine_version
from sim.runs.progress import COMPILING, DRAWING, SETTLING, reporting_compilation
from sim.runs.results import country_of
from sim.runs.simulation import World
from sim.scenario.parameter_draws import Draws, stated
from sim.scenario.schema import Scenario, added_code, content_hash

MOST_NAMES = 3  # largest number of worlds named in a line of progress


class Setup(NamedTuple):
    """Settings of a study."""

    folder: Path  # of the results
    library: Path  # of worlds
    threads: int
    figures: bool
    notes: Console  # for progress
    output: Console  # for results
    verified: dict[str, StoredWorld]  # worlds of the library already read, by identity
    language: str  # of the figures
    draws: Draws | None  # parameters of each replicate; None for the table's


class Findings(NamedTuple):
    """Results of a study: tables, facts for the manifest, and tables linked from the cache (see ``store.link``)."""

    tables: Mapping[str, pl.DataFrame | pl.LazyFrame]
    facts: Mapping[str, Any]
    linked: Mapping[str, Sequence[Mapping[str, Any]]] = {}


type Report = Callable[[Console, Mapping[str, pl.DataFrame], Mapping[str, Any], Path], None]


def publish(
    setup: Setup,
    found: Callable[[Path], Findings],
    report: Report,
    summary: Report | None = None,
    facts: Mapping[str, Any] | None = None,
) -> store.Results:
    """Compute the findings of a study, write them with summary and figures into its results folder, and print them.

    ``found`` gets the draft of the folder, into which it may link tables. The folder is replaced only when everything
    is done, so a failure leaves earlier results untouched. ``summary`` is the report for ``summary.txt`` if that
    differs from the printed one. ``facts`` are the facts of the findings, if known in advance: if the folder has sound
    results with these facts by this version, nothing is computed; results are printed and missing figures drawn.
    Raises ``ResultsError`` last if figures failed: the tables took minutes and are complete.
    """
    if facts and (made := reuse.stored_results(setup.folder, facts)):
        print_note(setup, phrase("step", "there", folder=setup.folder))
        with files.writing(setup.folder, "; earlier results are as they were"):
            _write_summary(setup.folder, made, setup, summary or report)
        failure = _draw_figures(setup.folder, made.tables, made.manifest, setup)
    else:
        started = time.monotonic()
        with store.replacing(setup.folder) as draft:
            findings = found(draft)
            took = {"seconds": round(time.monotonic() - started, 1)}
            store.write(draft, findings.tables, {**took, **findings.facts}, findings.linked)
            made = store.read(draft)
            _write_summary(draft, made, setup, summary or report)
            failure = _draw_figures(draft, made.tables, made.manifest, setup)
            if said := reuse.keep_derived(draft, setup.folder):
                print_note(setup, translate(said))
    _print_report(made, setup, report)
    if failure:
        raise ResultsError(
            f"figures could not be drawn: {failure}; the tables are complete, "
            f"`offhours plot {shlex.quote(str(setup.folder))}` tries again"
        )
    return made._replace(folder=setup.folder.absolute())


def _write_summary(folder: Path, made: store.Results, setup: Setup, summary: Report) -> None:
    """Write ``summary.txt`` in the language in force."""
    with speaking(language_in_force(), country_of(made.manifest)):
        text = as_text(summary, made.tables, made.manifest, Path(setup.folder.name))
    if not (file := folder / store.SUMMARY).is_file() or file.read_text(encoding="utf-8") != text:
        files.write_text(file, text)


def _print_report(made: store.Results, setup: Setup, report: Report) -> None:
    with speaking(language_in_force(), country_of(made.manifest)):
        report(setup.output, made.tables, made.manifest, setup.folder)


def _draw_figures(folder: Path, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], setup: Setup) -> str:
    """Draw the figures and return the reason of a failure, empty on success.

    In English, the default language, nothing is drawn if all figures of the same results exist, in any language and
    drawn by the same version.
    """
    if not setup.figures:
        return ""
    from sim.report.plots import REGISTRY, all_drawn, draw_all  # noqa: PLC0415  (loads the drawing library only when needed)

    if manifest["kind"] not in REGISTRY:
        return ""
    same = setup.language == "en" and reuse.same_results(folder, setup.folder, reuse.VERSION_FACTS)
    if same and all_drawn(setup.folder, tables, manifest):
        return ""
    print_note(setup, phrase("step", "drawing", name=setup.folder.name))
    try:
        with show_progress(setup.notes, {DRAWING: phrase("progress", "figures")}) as report:
            draw_all(folder, tables, manifest, setup.language, report=report)
    except OffhoursError as error:
        return str(error)
    return ""


def simulated_worlds(names: Sequence[Scenario], setup: Setup) -> list[World]:
    """Return worlds on the same economy in order; simulate those missing from the library, each with a progress bar.

    Worlds after the first copy from it the firms that their rules do not affect.
    """
    pairs = [(names[0], None), *((name, names[0]) for name in names[1:])]
    library = open_library(setup)
    if all(library.has(name, number) for name in names for number in range(names[0].run.replicates)):
        return library.worlds(pairs)
    rows = {COMPILING: phrase("progress", "compiling"), SETTLING: phrase("progress", "settling")}
    rows |= {world.name: phrase("progress", "world", name=world.name) for world in names}
    with show_progress(setup.notes, rows) as progress, reporting_compilation(progress):
        worlds = replace(library, progress=progress).worlds(pairs)
    print_note(setup, phrase("step", "computing"))
    return worlds


def open_library(setup: Setup) -> Library:
    """Open the library of a study without progress reports, with the worlds verified before."""
    return Library(setup.library, setup.threads, verified=setup.verified, draws=setup.draws)


def print_note(setup: Setup, text: str) -> None:
    """Print a line of progress."""
    line(setup.notes, text, wrap=False)


def announce_worlds(worlds: Sequence[Scenario], setup: Setup) -> None:
    """Report what will be simulated, and which replicates are reused."""
    library, run = open_library(setup), worlds[0].run
    there = {world.name: sum(library.has(world, k) for k in range(run.replicates)) for world in worlds}
    missing = [world.name for world in worlds if there[world.name] < run.replicates]
    if missing:
        source = setup.draws.name if setup.draws else POINT
        about = {"people": f"{run.people:,}", "years": f"{run.years:g}", "replicates": run.replicates}
        print_note(
            setup,
            phrase("step", "simulating", names=listed_names(missing), threads=setup.threads, source=source, **about),
        )
    for count in sorted(set(there.values()) - {0}):
        some = phrase("step", "all" if count == run.replicates else "some", count=count)
        names = listed_names([name for name in there if there[name] == count])
        about = {"names": names, "some": some, "replicates": run.replicates, "folder": setup.library}
        print_note(setup, phrase("step", "reused", **about))


def listed_names(names: Sequence[str]) -> str:
    """Join up to ``MOST_NAMES`` names; otherwise return the first and the number of the others."""
    if len(names) > MOST_NAMES:
        return phrase("step", "others", name=names[0], count=len(names) - 1)
    both = phrase("step", "and")
    return both.join(filter(None, (say("list").join(names[:-1]), names[-1])))


def scenario_facts(others: Sequence[Scenario], reference: Scenario, draws: Draws | None) -> dict[str, Any]:
    """Return the manifest's facts on a comparison: scenarios, titles, hashes, phases, and ``run_facts``."""
    worlds = [reference, *others]
    return {
        "scenarios": [scenario.name for scenario in others],
        "counterfactual": reference.name,
        "titles": {world.name: {"en": world.title, "zh": world.title_zh} for world in worlds},
        "sha256": {world.name: content_hash(world) for world in worlds},
        "added_code": {name: sha256 for world in worlds for name, sha256 in added_code(world).items()},
        "resolved": {world.name: world.model_dump(mode="json") for world in worlds},
        "phases": {world.name: [phase._asdict() for phase in world.phases] for world in worlds},
        "start": reference.calendar.start.isoformat(),
        **run_facts(reference, draws),
    }


def run_facts(scenario: Scenario, draws: Draws | None) -> dict[str, Any]:
    """Return the manifest's facts on the size of a run, its parameters, the version of the engine, and the time."""
    run = scenario.run
    return {
        "engine": engine_version(),
        "seed": run.seed,
        "people": run.people,
        "weeks": run.weeks,
        "replicates": run.replicates,
        "uncertainty": stated(draws),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }
