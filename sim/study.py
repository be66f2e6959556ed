"""A study: worlds on the same draws, simulated, compared, stored, drawn and summed up in one results folder."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from rich.console import Console

from sim import store, summary
from sim.compare import displacement, effects, levels
from sim.compiled import is_cached
from sim.errors import OffhoursError, ResultsError
from sim.parameters import TABLE, values
from sim.progress import shown
from sim.run import Tables, World, check_reach, side_by_side, simulate
from sim.schema import Scenario, content_hash
from sim.targets import OBSERVABLES, SETS, load_targets, observe, print_scorecard, scorecard, tensions

SUMMARY = "summary.txt"
BULKY = ("person_week", "message_sample")  # not needed once they are stored
NO_EXPECTATION = {"act_expectation": 0.0, "check_off_expectation": 0.0}  # nobody acts on what is expected of him


class Manner(NamedTuple):
    """How a study is done."""

    folder: Path  # of its results
    threads: int
    figures: bool
    notes: Console  # what is happening
    output: Console  # what came out


class Made(NamedTuple):
    """A scenario that has been simulated, compared and written down."""

    tables: Tables
    manifest: dict[str, Any]


def study(others: Sequence[Scenario], reference: Scenario | None, manner: Manner) -> None:
    """Simulate scenarios and what they are compared with, and keep and show what came out.

    The results replace earlier ones when everything is done; whatever fails before leaves those as they were.

    Parameters
    ----------
    others : Sequence[Scenario]
        Scenarios, all on the economy of ``reference``; several get a folder each.
    reference : Scenario | None
        What each of them is compared with; None for a single world.
    manner : Manner
        How it is done.

    Raises
    ------
    ResultsError
        After everything else is done, if figures could not be drawn: the work of minutes is not thrown away for them.
    """
    worlds = [reference, *others] if reference else list(others)
    with store.replacing(manner.folder) as draft:
        _announce(worlds, manner)
        for scenario in others:
            check_reach(scenario)
        made = []
        started = time.monotonic()
        with shown(manner.notes, [world.name for world in worlds]) as progress:
            base = simulate(reference, manner.threads, progress, others) if reference else None
            for scenario in others:
                world = simulate(scenario, manner.threads, progress, base=base)
                facts = describe(scenario, reference) | {"seconds": round(time.monotonic() - started, 1)}
                made.append(_write(_place(draft, scenario.name, others), world, base, facts))
                del world  # before the next one is simulated
        if len(made) > 1:
            _write_overview(draft, made)
        failures = [_illustrate(_place(draft, each.manifest["scenario"], others), each, manner) for each in made]
    for each in made:
        _show(each, _place(manner.folder, each.manifest["scenario"], others), manner.output)
    if any(failures):
        reasons = "; ".join(failure for failure in failures if failure)
        raise ResultsError(
            f"figures could not be drawn: {reasons}; the tables are complete, "
            f"`offhours plot {manner.folder}` tries again"
        )


def _place(folder: Path, name: str, others: Sequence[Scenario]) -> Path:
    """Give each of several scenarios a folder of its own."""
    return folder / name if len(others) > 1 else folder


def _note(manner: Manner, text: str) -> None:
    """Say what is happening."""
    manner.notes.print(text, markup=False, highlight=False, soft_wrap=True)


def _announce(worlds: Sequence[Scenario], manner: Manner) -> None:
    """Say what is going to be done, and why it may take a while before it starts."""
    run = worlds[0].run
    _note(
        manner,
        f"Simulating {' and '.join(world.name for world in worlds)}: {run.people:,} people, {run.years:g} years, "
        f"{run.replicates} replicates, {manner.threads} threads",
    )
    if not is_cached():
        _note(manner, "Compiling the engine for this machine first; this takes about a minute, and only once")


def describe(scenario: Scenario, reference: Scenario | None) -> dict[str, Any]:
    """State what was simulated, for the manifest.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    reference : Scenario | None
        What it is compared with.

    Returns
    -------
    dict[str, Any]
        Names, resolved scenarios and their hashes, phases, all parameters, seed, sizes and the time of day.
    """
    worlds = [scenario, reference] if reference else [scenario]
    vector = values(scenario.parameters, scenario.mechanisms)
    return {
        "scenario": scenario.name,
        "counterfactual": reference.name if reference else None,
        "sha256": {world.name: content_hash(world) for world in worlds},
        "resolved": scenario.model_dump(mode="json"),
        "resolved_counterfactual": reference.model_dump(mode="json") if reference else None,
        "phases": [phase._asdict() for phase in scenario.phases],
        "parameters": {row.name: float(value) for row, value in zip(TABLE, vector, strict=True)},
        "seed": scenario.run.seed,
        "people": scenario.run.people,
        "weeks": scenario.run.weeks,
        "replicates": scenario.run.replicates,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _write(folder: Path, world: World, base: World | None, facts: Mapping[str, Any]) -> Made:
    """Compare, write the tables, and keep what figures and summary need."""
    tables = side_by_side(world, base)
    if base:
        tables["effects"] = effects(tables, world.scenario, base.scenario)
        tables["displacement"] = displacement(tables, world.scenario, base.scenario)
    else:
        tables["levels"] = levels(tables, world.scenario)
    manifest = store.write(folder, tables, facts)
    return Made({name: table for name, table in tables.items() if name not in BULKY}, manifest)


def _illustrate(folder: Path, made: Made, manner: Manner) -> str:
    """Write the summary of a scenario and draw its figures; say why if that fails."""
    place = Path(made.manifest["scenario"])
    if "effects" in made.tables:
        text = summary.summary_text(made.tables["effects"], made.tables["displacement"], made.manifest, place)
    else:
        text = summary.levels_text(made.tables["levels"], made.manifest, place)
    (folder / SUMMARY).write_text(text, encoding="utf-8")
    if not manner.figures:
        return ""
    from sim.plots import draw_all  # noqa: PLC0415  (who draws nothing does not load the drawing library)

    _note(manner, f"Drawing the figures of {made.manifest['scenario']}")
    try:
        draw_all(folder, made.tables, made.manifest)
    except OffhoursError as error:
        return str(error)
    return ""


def _show(made: Made, folder: Path, output: Console) -> None:
    """Print what came out of a scenario."""
    if "effects" in made.tables:
        summary.print_summary(output, made.tables["effects"], made.tables["displacement"], made.manifest, folder)
    else:
        summary.print_levels(output, made.tables["levels"], made.manifest, folder)


def _write_overview(draft: Path, made: Sequence[Made]) -> None:
    """Write the effects of all scenarios of a comparison into one table."""
    tables = {name: pl.concat([each.tables[name] for each in made]) for name in ("effects", "displacement")}
    first = made[0].manifest
    facts = {key: first[key] for key in ("counterfactual", "seed", "people", "weeks", "replicates", "written")}
    store.write(draft, tables, {"scenarios": [each.manifest["scenario"] for each in made], **facts})


def hold_against_targets(today: Scenario, without_messaging: Scenario, chosen: str, manner: Manner) -> None:
    """Simulate today's rules and the two worlds that some targets need beside them, and print the table of targets.

    Parameters
    ----------
    today : Scenario
        The status quo.
    without_messaging : Scenario
        The world without instant messaging, on the same economy.
    chosen : str
        The set of targets to print; both sets are stored.
    manner : Manner
        How it is done.
    """
    unmoved = today.model_copy(update={"name": "no_expectation", "parameters": {**today.parameters, **NO_EXPECTATION}})
    worlds = [today, without_messaging, unmoved]
    sets = {name: load_targets(name) for name in SETS}
    with store.replacing(manner.folder) as draft:
        _announce(worlds, manner)
        with shown(manner.notes, [world.name for world in worlds]) as progress:
            made = [simulate(world, manner.threads, progress) for world in worlds]
        tables = {
            "people": made[0].people,
            "firms": made[0].firms,
            "person_week": pl.concat([world.person_week for world in made]),
        }
        cards = {name: scorecard(tables, each, today.name) for name, each in sets.items()}
        pulling = tensions(observe(tables, list(OBSERVABLES), today.name))
        store.write(draft, {**cards, "tensions": pulling}, describe(today, None))
        with (draft / SUMMARY).open("w", encoding="utf-8") as file:
            for name, each in sets.items():
                print_scorecard(Console(file=file, width=summary.WIDTH), cards[name], each.title)
    print_scorecard(manner.output, cards[chosen], sets[chosen].title, pulling)
