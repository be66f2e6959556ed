"""The study of what to measure next: its runs, its tables, and a draft of the questions and log queries."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from sim.files import storage as files
from sim.learning.measurements import Measurement
from sim.learning.tables import UNIT, Runs, tables
from sim.learning.worlds import MEASURED, Worlds
from sim.report.learning import print_learning
from sim.runs.evaluations import Evaluator, short_hash
from sim.runs.identity import version_of
from sim.scenario.countries import YUAN
from sim.scenario.parameter_draws import Draws
from sim.scenario.schema import content_hash
from sim.sensitivity.pairs import ECONOMY
from sim.studies.study import Findings, Setup, publish, scenario_facts

KIND = "learning"
MODULE = "learning/worlds"  # this module and its imports determine the results of runs
WAVE = 1  # for all runs
OUTCOMES = ("share_burnt_out", "exhaustion", "unpaid_overtime", "output_per_hour", "employer_cost")  # default
ECONOMIES = 2  # per draw
DRAFT = "questionnaire.md"
HEADINGS = {
    "question": ("Questions", "问卷题目"),
    "log": ("Log queries", "日志查询"),
    "panel": ("Panel", "追踪调查"),
    "trial": ("Trial", "试验"),
}


class Order(NamedTuple):
    """Specification of a study, which decides the identity of its runs."""

    worlds: Worlds
    outcomes: tuple[str, ...]
    measurements: tuple[Measurement, ...]
    draws: Draws
    size: int  # number of draws simulated
    folder: Path  # where runs are stored

    @property
    def place(self) -> Path:
        """Folder of the runs, named by a hash of all that decides their results (not the number of draws)."""
        rules = [content_hash(each) for each in (self.worlds.reference, *self.worlds.scenarios)]
        decides = rules, self.worlds.reference.run.model_dump(), self.draws.sha256, version_of(MODULE)
        return self.folder / f"learning-{short_hash(*decides)}"


def simulated(what: Order, evaluator: Evaluator) -> Runs:
    """Simulate the missing runs, and leave out draws with a failed run."""
    numbers = range(ECONOMIES * what.size)
    parameters = [{**what.draws.rows[number // ECONOMIES], ECONOMY: float(number)} for number in numbers]
    found = evaluator.outputs(what.place, WAVE, what.worlds, parameters, what.worlds.reference.run.seed)
    pairs = zip(found[::ECONOMIES], found[1::ECONOMIES], strict=True)
    kept = [(row, (one, other)) for row, (one, other) in zip(what.draws.rows, pairs, strict=False) if one and other]
    names = tuple(each.name for each in what.worlds.scenarios)
    worlds = (what.worlds.reference, *what.worlds.scenarios)
    fixed = set.intersection(*(set(each.parameters) for each in worlds))
    free = [{name: value for name, value in row.items() if name not in fixed} for row, _ in kept]
    return Runs(names, tuple(pair for _, pair in kept), tuple(free))


def learn(what: Order, evaluator: Evaluator, setup: Setup) -> None:
    """Simulate the missing runs, and store and print which measurements would narrow the effects most."""

    def found(draft: Path) -> Findings:
        runs = simulated(what, evaluator)
        worlds = what.worlds
        made = tables(runs, what.outcomes, what.measurements, worlds.reference.run.seed % 2**31)
        files.write_text(draft / DRAFT, questionnaire(what.measurements, worlds.reference.country.currency))
        return Findings(made, scenario_facts(worlds.scenarios, worlds.reference, what.draws) | _facts(what, runs))

    publish(setup, found, print_learning)


def _facts(what: Order, runs: Runs) -> dict[str, Any]:
    """Return the manifest's facts on the analysis."""
    return {
        "kind": KIND,
        "offhours": version("offhours"),
        "draws": what.size,
        "failed": what.size - len(runs.found),
        "runs": ECONOMIES * what.size,
        "people_reached": round(runs.people / ECONOMIES, 1),
        "replicates": ECONOMIES * what.size,
        "measurements": [each.model_dump(mode="json") for each in what.measurements],
    }


def questionnaire(listed: Sequence[Measurement], currency: str = YUAN) -> str:
    """Return a Markdown draft of the questions and log queries in both languages, with costs in ``currency``."""
    parts = ["# Draft of the measurements · 测量草案"]
    definitions = {outcome.name: outcome.definition for outcome in MEASURED}
    for kind, heads in HEADINGS.items():
        mine = [each for each in listed if each.kind == kind]
        if mine:
            parts.append("## " + " · ".join(heads))
        for each in mine:
            sizes = ", ".join(f"{size:,} ({each.cost(size):,.0f} {currency})" for size in each.sizes)
            parts += [f"### {each.title} · {each.title_zh}", f"Sizes · 规模: {sizes}. {each.cost_source}."]
            for number, item in enumerate(each.items, 1):
                means = f": {definitions[item.of]}" if item.of in definitions else ""
                parts.append(
                    f"{number}. {item.text}\n\n   {item.text_zh}\n\n   Measures `{item.of}` ({UNIT[item.of]}){means}. "
                    f"Error of an answer {item.error:g}, in common {item.bias:g}. {item.source}."
                )
    return "\n\n".join(parts) + "\n"
