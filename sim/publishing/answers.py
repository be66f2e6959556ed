"""What a page answers, by the kind of results; of runs and comparisons here."""

from collections.abc import Callable, Mapping
from typing import Any

from sim.core.errors import ResultsError
from sim.figures.context import Setting, Tables, overview, setting
from sim.figures.effect import any_stated
from sim.figures.words import phrase, say
from sim.publishing.answer import Answer, limits
from sim.publishing.kinds import (
    of_calibration,
    of_evaluation,
    of_log,
    of_observed,
    of_others,
    of_search,
    of_sweep,
    touched,
)
from sim.publishing.sections import how_sure, who_gains
from sim.report.intervals import parameters_drawn
from sim.report.organisation import sources
from sim.report.plain import plain
from sim.report.plots import REGISTRY


def of_run(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for a run."""
    run = setting(manifest)
    question = phrase("page", "question_run" if run.paired else "question_alone", **_names(run))
    answer = _compared(tables, manifest, run, question)
    if "taken" not in tables:
        return answer
    sentences, grid = touched(tables, manifest["log"], run.name(run.scenario))
    return answer._replace(
        sentences=[sentences[0], *answer.sentences],
        who=[*answer.who, grid],
        sure=[*answer.sure, *sources(tables, manifest)],
        limits=[*answer.limits, *limits("log")],
    )


def of_comparison(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for a comparison."""
    run = overview(manifest)
    key = "question_best" if len(run.scenarios) > 1 else "question_run"
    return _compared(tables, manifest, run, phrase("page", key, **_names(run)))


def _names(run: Setting) -> dict[str, str]:
    """Return the names of the rule sets and of the reference."""
    rules = say("list").join(map(run.name, run.scenarios or (run.scenario,)))
    return {"rules": rules, "reference": run.name(run.counterfactual)}


def _compared(tables: Tables, manifest: Mapping[str, Any], run: Setting, question: str) -> Answer:
    """Answer for worlds that are compared, or for one that is compared with nothing."""
    sentences = plain(tables, manifest)
    if "effects" not in tables:
        return Answer(run.title, question, sentences, limits=limits("model"))
    sure, grids = how_sure(tables, run)
    return Answer(run.title, question, sentences, who_gains(tables, run), sure, grids, limits("model", "compared"))


ANSWERS: Mapping[str, Callable[[Tables, Mapping[str, Any]], Answer]] = {
    **dict.fromkeys(REGISTRY, of_others),
    "run": of_run,
    "comparison": of_comparison,
    "sweep": of_sweep,
    "calibration": of_calibration,
    "evaluation": of_evaluation,
    "search": of_search,
    "touched": of_log,
    "log": of_observed,
}


def answered(name: str, tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for results of any kind, of the folder ``name``; raises ``ResultsError`` if their kind has no report."""
    kind = str(manifest.get("kind") or ("comparison" if manifest.get("scenarios") else "run"))
    if kind not in ANSWERS:
        known = ", ".join(ANSWERS)
        raise ResultsError(f"{name}: there is no report of results of the kind '{kind}'; there are of {known}")
    answer = ANSWERS[kind](tables, manifest)
    parameters = parameters_drawn(manifest, any_stated(tables))
    return answer._replace(sure=[*answer.sure, *([parameters] if parameters else [])])
