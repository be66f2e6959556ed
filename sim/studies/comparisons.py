"""Studies that compare worlds: a run with its reference, several scenarios, mechanisms, and survey figures."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from sim.comparing import ablation
from sim.comparing.basis import basis_of, weeks_in_force
from sim.comparing.comparison import all_tables, displacement, drift, work
from sim.comparing.effects import REFERENCE_FIRMS, contrasts, effects, sums_of
from sim.comparing.precision import Precision, until_precise
from sim.core.parameters import TABLE, values
from sim.evidence.agreement import scorecard
from sim.evidence.observables import OBSERVABLES
from sim.evidence.observed import observe
from sim.evidence.targets import SETS, load_targets
from sim.evidence.tensions import tensions
from sim.figures.words import label, phrase
from sim.outcomes import BY_NAME, SHOWN
from sim.report.comparison import print_comparison, print_explanation
from sim.report.run import print_run, print_summary
from sim.report.targets import print_targets
from sim.runs.results import Results
from sim.runs.simulation import check_reach, named, side_by_side
from sim.scenario.loading import focused
from sim.scenario.schema import Scenario, added_code, content_hash
from sim.studies.study import (
    Findings,
    Report,
    Setup,
    announce_worlds,
    open_library,
    print_note,
    publish,
    run_facts,
    scenario_facts,
    simulated_worlds,
)

MOST_NAMES = 3  # largest number of names in the name of a folder


def folder_name(reference: str, others: Sequence[str]) -> str:
    """Name the results folder of a comparison: by all names if they are few, else by number and hash."""
    if 1 + len(others) <= MOST_NAMES:
        return "_".join(["compare", reference, *others])
    digest = hashlib.sha256("\0".join([reference, *others]).encode()).hexdigest()
    return f"compare_{reference}_and_{len(others)}_{digest[:6]}"


def publish_run(
    scenario: Scenario,
    reference: Scenario | None,
    setup: Setup,
    beside: Findings | None = None,
    report: Report = print_run,
    summary: Report | None = None,
) -> Results:
    """Simulate and publish a scenario and its reference (None for a single world), with further findings ``beside``.

    ``summary`` is the report for ``summary.txt``, as in ``publish``; by default ``print_summary`` without ``beside``.
    """
    everyone = focused([reference, scenario] if reference else [scenario])
    reference, scenario = everyone[0] if reference else None, everyone[-1]
    facts = {**_run_manifest(scenario, reference, setup), **(beside.facts if beside else {})}

    def found(draft: Path) -> Findings:
        announce_worlds(everyone, setup)
        if reference:
            check_reach(scenario, setup.draws)
        worlds = simulated_worlds(everyone, setup)
        weeks = weeks_in_force(scenario, reference, range(scenario.run.weeks)) if reference else ()
        tables: dict[str, pl.DataFrame | pl.LazyFrame]
        tables = dict(side_by_side(worlds[-1], worlds[0] if reference else None, weeks))
        drawn = setup.draws is not None
        if reference:
            offsets = setup.draws.offsets(scenario, scenario.run.replicates) if setup.draws else None
            both = {**tables, REFERENCE_FIRMS: named(worlds[0], "firms")}
            tables["effects"] = effects(both, scenario, reference, uncertain=drawn, offsets=offsets)
            tables["displacement"] = displacement(tables, scenario, reference, drawn)
        else:
            tables["levels"] = contrasts(tables, scenario, None, uncertain=drawn)
        tables["work"] = work(tables, scenario, reference, drawn)
        if (moving := drift(tables, scenario, reference, drawn)) is not None:
            tables["drift"] = moving
        del tables["person_week"]  # it is linked
        if beside:
            tables.update(beside.tables)
        return Findings(tables, facts, {"person_week": open_library(setup).link_person_weeks(draft, everyone)})

    known = None if beside else facts
    return publish(setup, found, report, summary or (None if beside else print_summary), known)


def _run_manifest(scenario: Scenario, reference: Scenario | None, setup: Setup) -> dict[str, Any]:
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
        **run_facts(scenario, setup.draws),
    }


def publish_comparison(
    others: Sequence[Scenario], reference: Scenario, setup: Setup, wanted: Precision | None = None,
    ranked_on: str = "", said: str = "",
) -> Results:  # fmt: skip
    """Compare scenarios with ``reference`` on its economy, and publish that; print ``said`` if it has to be computed.

    ``wanted`` holds half-widths of intervals up to which replicates are added; None keeps the scenarios' number.
    ``ranked_on`` names the scenario on whose firms they are ranked, by default the firms that all reach.
    """
    known = comparison_facts(focused([reference, *others]), setup, ranked_on)

    def found(draft: Path) -> Findings:
        everyone, reached, drawn = focused([reference, *others]), "", setup.draws is not None
        if said:
            print_note(setup, said)
        announce_worlds(everyone, setup)
        for scenario in everyone[1:]:
            check_reach(scenario, setup.draws)
        if wanted:
            everyone, reached = until_precise(
                everyone,
                wanted,
                lambda worlds: simulated_worlds(worlds, setup),
                lambda text: print_note(setup, text),
                drawn,
            )
        base, *worlds = simulated_worlds(everyone, setup)
        tables = all_tables(worlds, base, drawn, ranked_on)
        facts = comparison_facts(everyone, setup, ranked_on, reached)
        return Findings(tables, facts, {"person_week": open_library(setup).link_person_weeks(draft, everyone)})

    return publish(setup, found, print_comparison, facts=None if wanted else known)


def comparison_facts(everyone: Sequence[Scenario], setup: Setup, ranked_on: str, reached: str = "") -> dict[str, Any]:
    """Return the manifest's facts on a comparison with the first scenario; ``reached`` is the precision reached."""
    own = {"kind": "comparison", "precision": reached, "ground": ranked_on}
    return scenario_facts(everyone[1:], everyone[0], setup.draws) | own


def publish_explanation(scenario: Scenario, reference: Scenario | None, switches: Sequence[str], setup: Setup) -> None:
    """Attribute an effect to mechanisms, or a level if ``reference`` is None."""
    pair = focused([reference, scenario] if reference else [scenario])
    reference, scenario = pair[0] if reference else None, pair[-1]

    def found(draft: Path) -> Findings:
        if reference:
            check_reach(scenario, setup.draws)
        sums, basis, outcomes = {}, None, [BY_NAME[name] for name in SHOWN]
        for place, mechanism in enumerate((ablation.ALL, *switches)):
            which = {"number": place + 1, "all": len(switches) + 1, "name": label("mechanism", mechanism)}
            print_note(setup, phrase("step", "everything" if mechanism == ablation.ALL else "without", **which))
            worlds = simulated_worlds([ablation.switched_off(each, mechanism) for each in pair], setup)
            tables = side_by_side(worlds[-1], worlds[0] if reference else None)
            basis = basis or basis_of(tables, scenario, reference)
            sums[mechanism] = sums_of(tables, [world.name for world in worlds], outcomes, basis)
        assert basis is not None
        table = ablation.contributions(scenario.name, sums, basis, outcomes, setup.draws is not None)
        facts = scenario_facts([scenario], reference or scenario, setup.draws) | {
            "kind": "explanation",
            "scenario": scenario.name,
            "counterfactual": reference.name if reference else None,
            "switches": list(switches),
            "remainder": ablation.remainders(table),
        }
        return Findings({"explanation": table}, facts)

    publish(setup, found, print_explanation)


def publish_target_comparison(today: Scenario, without_messaging: Scenario, chosen: str, setup: Setup) -> None:
    """Compare today's scenario with all sets of calibration targets, and print the scorecard of the ``chosen`` set.

    Some targets need two more worlds: one without messaging and one in which nobody acts on expectations.
    """
    unmoved = ablation.switched_off(today, ablation.EXPECTATION).model_copy(update={"name": "no_expectation"})
    worlds = [today, without_messaging, unmoved]

    def found(draft: Path) -> Findings:
        announce_worlds(worlds, setup)
        made = simulated_worlds(worlds, setup)
        tables = dict(side_by_side(made[0]))
        tables["person_week"] = pl.concat([named(world, "person_week") for world in made])
        uncertain = setup.draws is not None
        cards = {name: scorecard(tables, load_targets(name), today.name, uncertain) for name in SETS}
        pulling = tensions(observe(tables, list(OBSERVABLES), today.name))
        facts = _run_manifest(today, None, setup) | {"kind": "targets"}
        return Findings({**cards, "tensions": pulling}, facts)

    publish(setup, found, lambda *about: print_targets(*about, chosen), lambda *about: print_targets(*about, *SETS))
