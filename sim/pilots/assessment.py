"""Evaluations, power analyses and scorecards, from simulation to a results folder with tables, text and figures."""

import time
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from sim.comparing.study import (
    SUMMARY,
    Manner,
    announce,
    check_drawn,
    described,
    gathered,
    illustrated,
    note,
    uncertainty,
)
from sim.comparing.summary import WIDTH, parameters_drawn
from sim.core.errors import ResultsError
from sim.files import storage as files
from sim.pilots.appraisal import print_evaluation, print_power
from sim.pilots.evaluation import Pair, Plan, evaluate, observed
from sim.pilots.pilot import Draws, Size, power, stock, stocked
from sim.report.scorecard import Coefficient, fill, print_card
from sim.runs import results as store
from sim.runs.simulation import check_reach, side_by_side
from sim.scenario.schema import Scenario

SECONDS_BETWEEN_NOTES = 10.0

type Report = Callable[[str, int, int], None]
type Printer = Callable[[Console], None]


def assess(scenario: Scenario, reference: Scenario, plan: Plan, manner: Manner) -> None:
    """Evaluate a roll-out as an evaluator would; save and print the estimates beside the truth.

    ``reference`` is the counterfactual that defines the truth.
    """

    def made(pair: Pair) -> dict[str, pl.DataFrame]:
        return evaluate(pair, plan, _reports(manner, "Evaluating"))

    observed(Pair({}, scenario, reference, manner.draws), plan)  # refused before anything is simulated
    facts = {
        "every_months": plan.every, "from_phase": plan.phase, "anticipation": plan.anticipation,
        "survey": plan.how._asdict(),
    }  # fmt: skip
    tables, manifest = _simulated(scenario, reference, manner, "evaluation", facts, made)
    print_evaluation(manner.output, tables, manifest, scenario.title)


def size_up(
    scenario: Scenario, reference: Scenario, plan: Plan, sizes: Sequence[Size], how: Draws, manner: Manner
) -> None:
    """Find the power of pilots by size; save and print it.

    ``plan`` says how a pilot is evaluated, ``how`` how many are drawn and what happens to cities.
    """

    def made(pair: Pair) -> dict[str, pl.DataFrame]:
        taken = stock(pair, plan, sorted({size.months for size in sizes}))
        return {"design": power(taken, sizes, how, _reports(manner, "Drawing pilots"))}

    stocked(Pair({}, scenario, reference, manner.draws), plan, [size.months for size in sizes])
    facts = {"every_months": plan.every, "survey": plan.how._asdict(), **how._asdict()}
    tables, manifest = _simulated(scenario, reference, manner, "design", facts, made)
    print_power(manner.output, tables["design"], manifest, scenario.title)


def _simulated(
    scenario: Scenario,
    reference: Scenario,
    manner: Manner,
    kind: str,
    facts: Mapping[str, Any],
    made: Callable[[Pair], dict[str, pl.DataFrame]],
) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """Simulate both worlds unless cached, analyse them with ``made``, and write the results folder."""
    started = time.monotonic()
    with store.replacing(manner.folder) as draft:
        announce([reference, scenario], manner)
        check_reach(scenario, manner.draws)
        worlds = gathered([reference, scenario], manner)
        tables = made(Pair(side_by_side(worlds[1], worlds[0]), scenario, reference, manner.draws))
        seconds = round(time.monotonic() - started, 1)
        known = (
            described([scenario], reference)
            | uncertainty(manner)
            | {
                "kind": kind,
                "scenario": scenario.name,
                **facts,
                "seconds": seconds,
            }
        )
        manifest = store.write(draft, tables, known)
        _write_summary(draft, kind, tables, manifest, scenario.title)
        failure = illustrated(draft, tables, manifest, manner)
    check_drawn(failure, manner)
    return tables, manifest


def _write_summary(
    draft: Path, kind: str, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], title: str
) -> None:
    """Write what is printed into the results folder as well."""
    words = StringIO()
    console = Console(file=words, width=WIDTH)
    if kind == "evaluation":
        print_evaluation(console, tables, manifest, title)
    else:
        print_power(console, tables["design"], manifest, title)
    files.write_text(draft / SUMMARY, words.getvalue())


def _reports(manner: Manner, doing: str) -> Report:
    """Return a callback that prints progress at most once in ``SECONDS_BETWEEN_NOTES``."""
    last = -SECONDS_BETWEEN_NOTES

    def report(what: str, done: int, of_all: int) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN_NOTES:
            last = time.monotonic()
            note(manner, f"{doing}: {done} of {of_all} done; now {what}")

    return report


def score(folder: Path, known: Mapping[str, Coefficient], manner: Manner) -> None:
    """Fill in the scorecards of the scenarios in a results folder; save and print them.

    ``known`` are coefficients that the user supplies. ``ResultsError`` if the folder has no effects, because nothing
    was compared.
    """
    results = store.read(folder)
    if "effects" not in results.tables:
        raise ResultsError(f"{folder} holds no table of effects: a scorecard needs a run that is compared with another")
    card = fill(results.tables["effects"], known)
    manifest = results.manifest
    kept = ("counterfactual", "titles", "start", "seed", "people", "weeks", "replicates", "phases", "uncertainty")
    facts = {key: manifest[key] for key in kept if key in manifest}
    facts |= {"kind": "scorecard", "scenarios": card["scenario"].unique(maintain_order=True).to_list()}
    facts |= {"from": folder.name, "coefficients": {name: each._asdict() for name, each in known.items()}}
    if isinstance(facts.get("phases"), list):  # of a single run
        facts["phases"] = {str(manifest["scenario"]): facts["phases"]}
    named = _titles(manifest)
    titles = {name: each["en"] for name, each in named.items()}
    with store.replacing(manner.folder) as draft:
        written = store.write(draft, {"scorecard": card}, facts | {"titles": named})
        words = StringIO()
        print_card(Console(file=words, width=WIDTH), card, titles, parameters_drawn(facts))
        files.write_text(draft / SUMMARY, words.getvalue())
        failure = illustrated(draft, {"scorecard": card}, written, manner)
    print_card(manner.output, card, titles, parameters_drawn(facts))
    check_drawn(failure, manner)


def _titles(manifest: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the titles of scenarios in all languages; those of a single run are in its resolved scenario."""
    titles = dict(manifest.get("titles", {}))
    if not titles and isinstance(resolved := manifest.get("resolved"), Mapping) and "title" in resolved:
        titles = {str(manifest["scenario"]): {"en": str(resolved["title"]), "zh": str(resolved.get("title_zh", ""))}}
    return titles
