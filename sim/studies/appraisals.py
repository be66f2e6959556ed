"""Studies of a roll-out: its evaluation by survey and payroll, the power of pilots, and the report's dimensions."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from sim.core.errors import InputError, ResultsError
from sim.figures.words import phrase
from sim.pilots.evaluation import Pair, Plan, by_replicate, evaluate, knowledge
from sim.pilots.pilot import PilotDraws, Size, power, stock, stock_firms
from sim.pilots.survey import survey
from sim.report.evaluation import print_evaluation, print_power
from sim.report.progress import show_progress
from sim.report.scorecard import Coefficient, fill, print_card
from sim.runs import results as store
from sim.runs.progress import EVALUATING, SIZING
from sim.runs.simulation import check_reach, side_by_side
from sim.scenario.schema import Scenario
from sim.studies.study import Findings, Report, Setup, announce_worlds, publish, scenario_facts, simulated_worlds

CARRIED_FACTS = ("counterfactual", "titles", "start", "seed", "people", "weeks", "replicates", "phases", "uncertainty")


def evaluate_rollout(scenario: Scenario, reference: Scenario, plan: Plan, setup: Setup) -> None:
    """Evaluate a roll-out as an evaluator would; save and print the estimates beside the truth.

    ``reference`` is the counterfactual that defines the truth.
    """
    asked, firms = knowledge(Pair({}, scenario, reference, setup.draws), plan)  # refused before anything is simulated
    by_replicate(scenario, asked, firms)
    facts = {"kind": "evaluation", **_pilot_facts(plan)}

    def made(pair: Pair) -> dict[str, pl.DataFrame]:
        with show_progress(setup.notes, {EVALUATING: phrase("progress", "evaluating")}) as report:
            return evaluate(pair, plan, report)

    _analyse_pair(scenario, reference, setup, facts, made, print_evaluation)


def power_of_pilots(
    scenario: Scenario, reference: Scenario, plan: Plan, sizes: Sequence[Size], how: PilotDraws, setup: Setup
) -> None:
    """Find the power of pilots by size; save and print it.

    ``plan`` says how a pilot is evaluated, ``how`` how many are drawn and what happens to cities. Raises ``InputError``
    if it also says how many people are asked, as ``sizes`` do.
    """
    if plan.how["people_per_firm"] != survey()["people_per_firm"]:
        raise InputError(
            "survey: people_per_firm: in pilots --people-per-firm says how many people are asked in a firm"
        )

    def made(pair: Pair) -> dict[str, pl.DataFrame]:
        taken = stock(pair, plan, sorted({size.months for size in sizes}))
        with show_progress(setup.notes, {SIZING: phrase("progress", "pilots")}) as report:
            return {"design": power(taken, sizes, how, report)}

    stock_firms(Pair({}, scenario, reference, setup.draws), plan, [size.months for size in sizes])
    facts = {"kind": "design", **_pilot_facts(plan), **how._asdict()}
    _analyse_pair(scenario, reference, setup, facts, made, print_power)


def _pilot_facts(plan: Plan) -> dict[str, Any]:
    """Return the facts of a manifest on how pilots are evaluated."""
    return {
        "every_months": plan.every, "from_phase": plan.phase, "anticipation": plan.anticipation,
        "survey": plan.how,
    }  # fmt: skip


def _analyse_pair(
    scenario: Scenario,
    reference: Scenario,
    setup: Setup,
    facts: dict[str, Any],
    made: Callable[[Pair], dict[str, pl.DataFrame]],
    report: Report,
) -> None:
    """Simulate both worlds unless cached, analyse them with ``made``, and publish the tables."""
    everyone = [reference, scenario]

    def found(draft: Path) -> Findings:
        announce_worlds(everyone, setup)
        check_reach(scenario, setup.draws)
        base, world = simulated_worlds(everyone, setup)
        tables = made(Pair(side_by_side(world, base), scenario, reference, setup.draws))
        about = scenario_facts([scenario], reference, setup.draws) | {"scenario": scenario.name}
        return Findings(tables, about | facts)

    publish(setup, found, report)


def fill_scorecard(folder: Path, known: Mapping[str, Coefficient], setup: Setup) -> None:
    """Fill in the scorecards of the scenarios in a results folder; save and print them.

    ``known`` are coefficients that the user supplies. ``ResultsError`` if the folder has no effects, because nothing
    was compared.
    """
    results = store.read(folder)
    if "effects" not in results.tables or results.manifest["kind"] not in ("run", "comparison"):
        readings = results.manifest.get("readings", ())  # those of a search have no folders
        sets = ", ".join(str(folder.with_name(each["folder"])) for each in readings if "folder" in each)
        needed = f"{folder}: a scorecard needs a run that is compared with another, or a comparison"
        raise ResultsError(f"{needed}: {sets}" if sets else needed)
    card, manifest = fill(results.tables["effects"], known), results.manifest
    facts = {key: manifest[key] for key in CARRIED_FACTS if key in manifest} | {
        "kind": "scorecard",
        "scenarios": card["scenario"].unique(maintain_order=True).to_list(),
        "from": folder.name,
        "coefficients": {name: each._asdict() for name, each in known.items()},
        "resolved": {"country": store.country_of(manifest) or None},
    }
    if "titles" not in facts:  # a single run, whose resolved scenario has them
        name, resolved = str(manifest["scenario"]), manifest["resolved"]
        facts["titles"] = {name: {"en": resolved["title"], "zh": resolved.get("title_zh", "")}}
        facts["phases"] = {name: manifest.get("phases", [])}
    publish(setup, lambda draft: Findings({"scorecard": card}, facts), print_card)
