"""What a page answers, for each kind of results: its question, sentences, tables and limits."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sim.figures.context import Setting, Tables, overview, setting
from sim.figures.words import phrase, say, words
from sim.publishing.sections import Grid, how_sure, who_gains
from sim.report.plain import plain


class Answer(NamedTuple):
    """What a page says of results, beside pictures, tables to download and where they come from."""

    title: str
    question: str
    sentences: Sequence[str]
    who: Sequence[Grid]
    sure: Sequence[str]  # paragraphs
    sure_grids: Sequence[Grid]
    limits: Sequence[str]


def of_run(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for a run."""
    run = setting(manifest)
    question = phrase("page", "question_run" if run.paired else "question_alone", **_names(run))
    return _compared(tables, manifest, run, question)


def of_comparison(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for a comparison."""
    run = overview(manifest)
    several = len(run.scenarios) > 1
    return _compared(
        tables, manifest, run, phrase("page", "question_best" if several else "question_run", **_names(run))
    )


def _names(run: Setting) -> dict[str, str]:
    """Return the names of the rule sets and of the reference."""
    rules = say("list").join(map(run.name, run.scenarios or (run.scenario,)))
    return {"rules": rules, "reference": run.name(run.counterfactual)}


def _compared(tables: Tables, manifest: Mapping[str, Any], run: Setting, question: str) -> Answer:
    """Answer for worlds that are compared, or for one that is compared with nothing."""
    sentences = plain(tables, manifest)
    if "effects" not in tables:
        return Answer(run.title, question, sentences, (), (), (), limits("model"))
    sure, grids = how_sure(tables, run)
    return Answer(run.title, question, sentences, who_gains(tables, run), sure, grids, limits("model", "compared"))


def limits(*kinds: str) -> list[str]:
    """Return the sentences on limits whose keys begin with one of these kinds."""
    keys = [key for kind in kinds for key in words()["page"] if key.startswith(f"limit_{kind}_")]
    return [phrase("page", key) for key in keys]


ANSWERS: Mapping[str, Callable[[Tables, Mapping[str, Any]], Answer]] = {
    "run": of_run,
    "comparison": of_comparison,
}
