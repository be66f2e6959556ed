"""Figures of a results folder, drawn from its stored tables: a picture never starts a simulation.

Which figures there are follows from the kind of the folder and from its tables. Every figure is written as PNG, to be
read on a screen, and as SVG with letters as outlines, to be printed. The same tables give the same files, to the byte.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from matplotlib.figure import Figure

from sim import files
from sim.errors import InputError, ResultsError, nearest
from sim.figures.agreeing import draw_discrepancy, draw_seeds
from sim.figures.card import draw_scorecard, draw_scorecards
from sim.figures.course import draw_course
from sim.figures.displacement import draw_displacement
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
from sim.figures.sensitivity import draw_moves, draw_screening, draw_shares
from sim.figures.setting import Setting, Tables, campaign, overview, setting
from sim.figures.style import styled
from sim.figures.timeline import draw_timeline
from sim.figures.who import draw_who
from sim.figures.winners import draw_groups, draw_winners
from sim.figures.words import speaking
from sim.store import FIGURES

Draw = Callable[[Tables, Setting], Figure]

NO_DATE: dict[str, dict[str, Any]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
DOTS_PER_INCH = 200


class Drawing(NamedTuple):
    """A figure that a kind of folder may have."""

    draw: Draw
    needs: tuple[str, ...] = ()  # drawn only where all of these tables are
    paired: bool = False  # drawn only where two worlds are compared
    several: bool = False  # drawn only where several scenarios are compared
    over: tuple[str, str] = ("", "")  # a table and its column: a figure for each value there, of these rows alone
    only: tuple[str, ...] = ()  # of these values, if any of them is there


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
EACH: dict[str, dict[str, Drawing]] = {  # drawn for every scenario by itself, in a folder of its name
    "comparison": {
        "flows": Drawing(draw_flows, ("displacement",)),
        "course": Drawing(draw_course, ("weekly",)),
        "winners": Drawing(draw_groups, ("persons",)),
    },
    "readings": {"readings": Drawing(draw_reading, ("conclusions",))},
    "scorecard": {"scorecard": Drawing(draw_scorecard)},
}
TOLD_BY = {"run": setting, "calibration": campaign, "agreement": campaign}  # how a manifest is read; else overview
MOST_PARTS = 24  # figures of one name
FEW = 8  # scenarios that all get figures of their own; of more, those that are asked for


def kind_of(manifest: Mapping[str, Any]) -> str:
    """Say what kind of folder a manifest belongs to.

    Parameters
    ----------
    manifest : Mapping[str, Any]
        A manifest.

    Returns
    -------
    str
        A key of ``REGISTRY``.

    Raises
    ------
    ResultsError
        If there are no figures of that kind.
    """
    kind = str(manifest.get("kind") or ("comparison" if manifest.get("scenarios") else "run"))
    if kind not in REGISTRY:
        raise ResultsError(f"there are no figures of results of the kind '{kind}'; there are of {', '.join(REGISTRY)}")
    return kind


def figures(
    tables: Tables, manifest: Mapping[str, Any], language: str = "en", chosen: Sequence[str] | None = None
) -> Iterator[tuple[str, Figure]]:
    """Draw the figures of a results folder, one after the other.

    Parameters
    ----------
    tables : Tables
        Its tables, for a run ``effects``, ``firm_week``, ``hours``, ``displacement`` and ``firms``.
    manifest : Mapping[str, Any]
        Its manifest; see ``sim.figures.setting``.
    language : str
        Of all words: ``en`` or ``zh``.
    chosen : Sequence[str] | None
        Scenarios that get figures of their own; by default all, if they are few.

    Yields
    ------
    tuple[str, Figure]
        Name and figure; a run of a single world has no comparison to draw. Names of figures of one scenario begin with
        its name and a slash.

    Raises
    ------
    InputError
        If a chosen scenario is not among those compared.
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
    """Say whether there is something to draw."""
    there = all(need in tables for need in drawing.needs)
    return there and (about.paired or not drawing.paired) and (len(about.scenarios) > 1 or not drawing.several)


def _parts(drawing: Drawing, tables: Tables) -> Iterator[tuple[str, Tables]]:
    """List the values that have a figure each, with the tables of each; most figures are drawn once."""
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
    """Draw the figures of a results folder and write them into its subfolder ``figures``.

    Parameters
    ----------
    folder : Path
        Results folder.
    tables : Tables
        Its tables.
    manifest : Mapping[str, Any]
        Its manifest.
    language : str
        Of all words: ``en`` or ``zh``.
    chosen : Sequence[str] | None
        Scenarios that get figures of their own; by default all, if they are few.

    Returns
    -------
    list[Path]
        The files, sorted.

    Raises
    ------
    ResultsError
        If a table, a column or a part of the manifest is missing, or a file cannot be written. A language that cannot
        be written here, or a scenario that is not there, is an error of the input.
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
    """Write a figure beside its place and put it there when it is complete.

    Parameters
    ----------
    figure : Figure
        Drawn inside ``styled`` and ``speaking``; call this inside them too.
    path : Path
        A file whose name ends in .png or .svg.

    Returns
    -------
    Path
        The same path.
    """
    kind = path.suffix[1:]
    content = BytesIO()
    figure.savefig(content, format=kind, dpi=DOTS_PER_INCH, metadata=NO_DATE[kind], facecolor="white")
    files.write(path, lambda draft: draft.write(content.getvalue()))
    return path
