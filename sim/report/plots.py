"""Figures of a results folder, drawn only from its stored tables.

The kind of folder and its tables determine which figures are drawn. Each is written as PNG for screens and as SVG with
outlined letters for print; equal tables give files that are equal to the byte.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from matplotlib.figure import Figure

from sim.core.errors import InputError, ResultsError, nearest
from sim.figures.agreeing import draw_discrepancy, draw_seeds
from sim.figures.context import Setting, Tables, campaign, overview, setting
from sim.figures.displacement import draw_displacement
from sim.figures.effect_over_time import draw_course
from sim.figures.evaluated import draw_estimates, draw_event_study
from sim.figures.explanation import draw_explanation
from sim.figures.fit import draw_coverage, draw_predictive, draw_target_card
from sim.figures.flows import draw_flows
from sim.figures.fonts import check
from sim.figures.forest import draw_effects
from sim.figures.forests import draw_forest
from sim.figures.frontier import draw_frontier
from sim.figures.heatmap import draw_heatmap
from sim.figures.posterior import draw_directions, draw_marginals, draw_pairs
from sim.figures.power import draw_power
from sim.figures.ranking import draw_ranking, draw_regret
from sim.figures.readings import draw_best, draw_reading, draw_readings
from sim.figures.responses import CHIEF, draw_levels, draw_map, draw_panels, draw_response
from sim.figures.scorecard import draw_scorecard, draw_scorecards
from sim.figures.sensitivity import draw_moves, draw_screening, draw_shares
from sim.figures.style import styled
from sim.figures.subgroups import draw_who
from sim.figures.timeline import draw_timeline
from sim.figures.winners import draw_groups, draw_winners
from sim.figures.words import speaking
from sim.files import storage as files
from sim.runs.results import FIGURES

Draw = Callable[[Tables, Setting], Figure]

NO_DATE: dict[str, dict[str, Any]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
DOTS_PER_INCH = 200


class Drawing(NamedTuple):
    """A figure that a kind of folder may have, and the conditions for drawing it."""

    draw: Draw
    needs: tuple[str, ...] = ()  # tables required
    paired: bool = False  # requires a counterfactual
    several: bool = False  # requires several scenarios
    over: tuple[str, str] = ("", "")  # table and column: one figure per value, from its rows
    only: tuple[str, ...] = ()  # values of that column to draw, if any is present


REGISTRY: dict[str, dict[str, Drawing]] = {
    "run": {
        "timeline": Drawing(draw_timeline),
        "heatmap": Drawing(draw_heatmap),
        "effects": Drawing(draw_effects, paired=True),
        "displacement": Drawing(draw_displacement, paired=True),
        "flows": Drawing(draw_flows, paired=True),
        "course": Drawing(draw_course, paired=True),
        "who": Drawing(draw_who, paired=True),
    },
    "comparison": {
        "forest": Drawing(draw_forest, ("effects",)),
        "frontier": Drawing(draw_frontier, ("effects",)),
        "ranking": Drawing(draw_ranking, ("ranking",)),
        "regret": Drawing(draw_regret, ("ranking",)),
        "winners": Drawing(draw_winners, ("persons",), several=True),
    },
    "readings": {
        "readings": Drawing(draw_readings, ("conclusions",), several=True),
        "best": Drawing(draw_best, ("ranking", "best")),
    },
    "explanation": {"explanation": Drawing(draw_explanation)},
    "evaluation": {
        "event_study": Drawing(draw_event_study, ("event_study",)),
        "estimates": Drawing(draw_estimates, ("estimates",)),
    },
    "design": {"power": Drawing(draw_power)},
    "sensitivity": {
        "moves": Drawing(draw_moves, ("screening",)),
        "screening": Drawing(draw_screening, ("screening",)),
        "shares": Drawing(draw_shares, ("indices",)),
    },
    "calibration": {
        "marginals": Drawing(draw_marginals, ("parameters", "prior", "posterior")),
        "pairs": Drawing(draw_pairs, ("parameters", "posterior")),
        "directions": Drawing(draw_directions, ("directions", "loadings")),
        "target_card": Drawing(draw_target_card, ("card",)),
        "predictive": Drawing(draw_predictive, ("predictive", "card")),
        "coverage": Drawing(draw_coverage, ("ranks",)),
        "seeds": Drawing(draw_seeds, ("seeds",)),
        "discrepancy": Drawing(draw_discrepancy, ("discrepancy",)),
    },
    "agreement": {"campaigns": Drawing(draw_seeds, ("agreement",))},
    "scorecard": {"scorecards": Drawing(draw_scorecards, several=True)},
    "sweep": {
        "response": Drawing(draw_response, paired=True, over=("responses", "axis")),
        "levels": Drawing(draw_levels, over=("responses", "axis")),
        "map": Drawing(draw_map, over=("responses", "pair")),
        "panels": Drawing(draw_panels, several=True, over=("responses", "outcome"), only=CHIEF),
    },
}
EACH: dict[str, dict[str, Drawing]] = {  # drawn per scenario, into a folder of its name
    "comparison": {
        "flows": Drawing(draw_flows, ("displacement",)),
        "course": Drawing(draw_course, ("weekly",)),
        "winners": Drawing(draw_groups, ("persons",)),
    },
    "readings": {"readings": Drawing(draw_reading, ("conclusions",))},
    "scorecard": {"scorecard": Drawing(draw_scorecard)},
}
TOLD_BY = {"run": setting, "calibration": campaign, "agreement": campaign}  # reader of the manifest; default: overview
MOST_PARTS = 24  # figures per name
FEW = 8  # with more scenarios than this, only chosen ones get figures of their own


def kind_of(manifest: Mapping[str, Any]) -> str:
    """Return the key of ``REGISTRY`` for a manifest; raises ``ResultsError`` if there are no figures of that kind."""
    kind = str(manifest.get("kind") or ("comparison" if manifest.get("scenarios") else "run"))
    if kind not in REGISTRY:
        raise ResultsError(f"there are no figures of results of the kind '{kind}'; there are of {', '.join(REGISTRY)}")
    return kind


def figures(
    tables: Tables, manifest: Mapping[str, Any], language: str = "en", chosen: Sequence[str] | None = None
) -> Iterator[tuple[str, Figure]]:
    """Draw the figures of a results folder, yielding name and figure.

    Names of figures about one scenario start with its name and a slash; they are drawn for the ``chosen`` scenarios, by
    default for all if there are at most ``FEW``. ``language`` is ``en`` or ``zh``. Raises ``InputError`` if a chosen
    scenario is not in the results.
    """
    check(language)
    kind = kind_of(manifest)
    with styled(), speaking(language):
        about = TOLD_BY.get(kind, overview)(manifest)
    for name in chosen or ():
        if name not in about.scenarios:
            raise InputError(f"--scenario {name}: these results hold no such scenario{nearest(name, about.scenarios)}")
    for name, drawing in REGISTRY[kind].items():
        if _fits(drawing, tables, about):
            for part, chosen_tables in _parts(drawing, tables):
                with styled(), speaking(language):
                    figure = drawing.draw(chosen_tables, about)
                yield f"{name}_{part}" if part else name, figure
    alone = chosen if chosen is not None else about.scenarios if len(about.scenarios) <= FEW else ()
    for scenario in alone:
        for name, drawing in EACH.get(kind, {}).items():
            if _fits(drawing, tables, about):
                with styled(), speaking(language):
                    figure = drawing.draw(tables, about.about(scenario))
                yield f"{scenario}/{name}", figure


def _fits(drawing: Drawing, tables: Tables, about: Setting) -> bool:
    """Return whether the tables and worlds that a figure needs are present."""
    there = all(need in tables for need in drawing.needs)
    return there and (about.paired or not drawing.paired) and (len(about.scenarios) > 1 or not drawing.several)


def _parts(drawing: Drawing, tables: Tables) -> Iterator[tuple[str, Tables]]:
    """Yield the values of a column that each have a figure, with the tables filtered to them."""
    name, column = drawing.over
    if not name:
        yield "", tables
        return
    found = [str(value) for value in tables[name][column].drop_nulls().unique(maintain_order=True)]
    for value in [each for each in found if each in drawing.only] or found[:MOST_PARTS]:
        yield value, {**tables, name: tables[name].filter(pl.col(column) == value)}


def draw_all(
    folder: Path,
    tables: Tables,
    manifest: Mapping[str, Any],
    language: str = "en",
    chosen: Sequence[str] | None = None,
) -> list[Path]:
    """Draw the figures of a folder into its subfolder ``figures``, and return the files, sorted; see ``figures``.

    Raises ``ResultsError`` if a table, column or manifest entry is missing or a file cannot be written, and
    ``InputError`` for an unknown scenario or a language without fonts.
    """
    target = folder / FIGURES
    paths = []
    try:
        for name, figure in figures(tables, manifest, language, chosen):
            with styled(), speaking(language):
                paths += [save(figure, target / f"{name}.{kind}") for kind in NO_DATE]
    except OSError as error:
        raise ResultsError(f"cannot write figures into {target}: {error.strerror or error}") from error
    return sorted(paths)


def save(figure: Figure, path: Path) -> Path:
    """Write a figure atomically as .png or .svg; call it inside ``styled`` and ``speaking``, as when drawing."""
    kind = path.suffix[1:]
    content = BytesIO()
    figure.savefig(content, format=kind, dpi=DOTS_PER_INCH, metadata=NO_DATE[kind], facecolor="white")
    files.write(path, lambda draft: draft.write(content.getvalue()))
    return path
