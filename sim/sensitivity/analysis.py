"""Run a sensitivity analysis and write its results folder."""

import time
from collections.abc import Mapping
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from rich.console import Console

from sim.core.errors import OffhoursError
from sim.files import storage as files
from sim.report.plots import draw_all
from sim.report.sensitivity import print_sensitivity
from sim.runs import results as store
from sim.runs.evaluations import Evaluator
from sim.runs.identity import engine_version
from sim.scenario.parameter_draws import stated
from sim.scenario.schema import Scenario
from sim.sensitivity.campaign import Found, Order, explored
from sim.sensitivity.tables import tables
from sim.studies.study import described

KIND = "sensitivity"
SUMMARY = "summary.txt"
WIDTH = 120


class Setup(NamedTuple):
    """The scenario analysed, and where and how results are written."""

    scenario: Scenario
    reference: Scenario | None
    people_reached: float
    folder: Path
    figures: bool
    language: str = "en"


def analyse(what: Order, about: Setup, evaluator: Evaluator) -> str:
    """Run what is missing and write tables, summary and figures.

    Returns why figures could not be drawn, empty if nothing failed or none were wanted; the tables are written in any
    case.
    """
    began = time.monotonic()
    found = explored(what, evaluator)
    made = tables(what, found)
    facts = _facts(what, about, found) | {"seconds": round(time.monotonic() - began, 1)}
    with store.replacing(about.folder) as draft:
        store.write(draft, made, facts)
        results = store.read(draft)
        files.write_text(draft / SUMMARY, summary(results.tables, results.manifest))
        if not about.figures:
            store.keep_figures(draft, about.folder)
            return ""
        try:
            draw_all(draft, results.tables, results.manifest, about.language)
        except OffhoursError as error:
            return str(error)
    return ""


def summary(made: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any]) -> str:
    """Write what ``print_sensitivity`` prints as plain text."""
    page = StringIO()
    print_sensitivity(Console(file=page, width=WIDTH), made, manifest)
    return page.getvalue()


def _facts(what: Order, about: Setup, found: Found) -> dict[str, Any]:
    """Return the manifest's facts."""
    scenario = about.scenario
    return {
        "kind": KIND,
        "scenario": scenario.name,
        **described([scenario], about.reference or scenario),
        "uncertainty": stated(what.draws),
        "offhours": version("offhours"),
        "salib": version("SALib"),
        "engine": engine_version(),
        "warmup_days": scenario.run.warmup_days,
        "people_reached": round(about.people_reached, 1),
        "trajectories": what.trajectories,
        "points": len(found.filling.unit) if found.filling else 0,
        "runs": sum(len(part.unit) for part in found.runs),
        "failed": sum(part.failed for part in found.runs),
        "varied": [factor.name for factor in what.factors],
        "kept": [what.factors[k].name for k in found.kept],
    }
