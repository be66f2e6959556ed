"""The study of what drives a scenario's results: its runs, tables, summary and figures."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from sim.report.sensitivity import print_sensitivity
from sim.runs.evaluations import Evaluator
from sim.scenario.parameter_draws import stated
from sim.scenario.schema import Scenario
from sim.sensitivity.campaign import Found, Order, explored
from sim.sensitivity.tables import tables
from sim.studies.study import Findings, Manner, described, published

KIND = "sensitivity"


def analyse(
    what: Order, scenario: Scenario, reference: Scenario | None, people: float, evaluator: Evaluator, manner: Manner
) -> None:
    """Run what is missing, and store and print which parameters drive the results.

    ``people`` are those in firms that the rules reach, on average. Raises ``ResultsError`` if figures could not be
    drawn, last: the tables are complete.
    """

    def found(_: Path) -> Findings:
        runs = explored(what, evaluator)
        facts = described([scenario], reference or scenario) | _facts(what, scenario, people, runs)
        return Findings(tables(what, runs), facts)

    published(manner, found, print_sensitivity)


def _facts(what: Order, scenario: Scenario, people: float, found: Found) -> dict[str, Any]:
    """Return the manifest's facts on the analysis."""
    return {
        "kind": KIND,
        "scenario": scenario.name,
        "uncertainty": stated(what.draws),
        "offhours": version("offhours"),
        "salib": version("SALib"),
        "warmup_days": scenario.run.warmup_days,
        "people_reached": round(people, 1),
        "trajectories": what.trajectories,
        "points": len(found.filling.unit) if found.filling else 0,
        "runs": sum(len(part.unit) for part in found.runs),
        "failed": sum(part.failed for part in found.runs),
        "varied": [factor.name for factor in what.factors],
        "kept": [what.factors[k].name for k in found.kept],
    }
