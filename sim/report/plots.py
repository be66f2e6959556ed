"""Figures of a results folder, drawn only from its stored tables.

The kind of folder and its tables determine which figures are drawn. Each is written as PNG for screens and as SVG with
outlined letters for print; equal tables give files that are equal to the byte.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from matplotlib.figure import Figure

from sim.core.errors import InputError, ResultsError, nearest
from sim.figures import (
    displacement,
    evaluation,
    explanation,
    fit,
    forest,
    frontier,
    heatmap,
    learning,
    posterior,
    readings,
    regions,
    responses,
    scorecard,
    search,
    sensitivity,
    timeline,
    traffic,
    winners,
)  # fmt: skip
from sim.figures.context import Setting, Tables, campaign, logged, overview, setting
from sim.figures.sheet import LANDSCAPE, ONE_COLUMN, TWO_COLUMNS, TooNarrow, layout_fault, max_width, untitled
from sim.figures.style import styled
from sim.figures.words import phrase, say, speaking, translate
from sim.files import storage as files
from sim.report.console import Facts
from sim.runs.progress import DRAWING, Report
from sim.runs.results import FIGURES, country_of
from sim.stats.ranks import undecided

Draw = Callable[[Tables, Setting], Figure]

FORMATS: dict[str, dict[str, Any]] = {  # the same picture is the same file; harder compression makes no smaller PNG
    "png": {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 3}},
    "svg": {"metadata": {"Date": None, "Creator": None}},
    "pdf": {"metadata": {"CreationDate": None, "Creator": None, "Producer": None}},
}
DOTS_PER_INCH = 200
WIDTHS = {"one_column": ONE_COLUMN, "two_columns": TWO_COLUMNS, "landscape": LANDSCAPE}  # inches, of pages in a paper
COLUMNS = ("one_column", "two_columns")


class Drawing(NamedTuple):
    """A figure that a kind of folder may have, and the conditions for drawing it."""

    draw: Draw
    needs: tuple[str, ...] = ()  # tables required
    paired: bool = False  # requires a counterfactual
    several: bool = False  # requires several scenarios
    over: tuple[str, str] = ("", "")  # table and column: one figure per value, from its rows
    only: tuple[str, ...] = ()  # values of that column to draw, if any is present
    chances: bool = False  # requires a ranking that states chances
    shows: Callable[[Tables], bool] = lambda _: True  # of its tables: whether there is something to draw


REGISTRY: dict[str, dict[str, Drawing]] = {  # a figure below NAME is drawn for each scenario
    "run": {
        "timeline": Drawing(timeline.draw_timeline),
        "heatmap": Drawing(heatmap.draw_heatmap),
        "effects": Drawing(forest.draw_effects, paired=True),
        "displacement": Drawing(displacement.draw_displacement, paired=True),
        "course": Drawing(timeline.draw_course, paired=True),
        "who": Drawing(forest.draw_who, paired=True),
        "touched": Drawing(traffic.draw_touched, ("touched",)),
    },
    "touched": {"touched": Drawing(traffic.draw_touched, ("touched",))},
    "log": {"traffic": Drawing(traffic.draw_traffic, ("shapes",))},
    "comparison": {
        "forest": Drawing(forest.draw_forest, ("effects",)),
        "frontier": Drawing(frontier.draw_frontier, ("effects",)),
        "ranking": Drawing(winners.draw_ranking, ("ranking",), chances=True),
        "regret": Drawing(winners.draw_regret, ("ranking",), chances=True),
        "winners": Drawing(winners.draw_winners, ("persons",), several=True),
        "NAME/course": Drawing(timeline.draw_course, ("weekly",)),
        "NAME/winners": Drawing(winners.draw_groups, ("persons",)),
    },
    "readings": {
        "readings": Drawing(readings.draw_readings, ("conclusions",), several=True),
        "best": Drawing(readings.draw_best, ("ranking", "best"), chances=True),
        "NAME/readings": Drawing(readings.draw_reading, ("conclusions",)),
    },
    "explanation": {"explanation": Drawing(explanation.draw_explanation)},
    "evaluation": {
        "event_study": Drawing(evaluation.draw_event_study, ("event_study",)),
        "estimates": Drawing(evaluation.draw_estimates, ("estimates",)),
    },
    "design": {"power": Drawing(evaluation.draw_power)},
    "sensitivity": {
        "moves": Drawing(sensitivity.draw_moves, ("screening",)),
        "screening": Drawing(sensitivity.draw_screening, ("screening",)),
        "shares": Drawing(sensitivity.draw_shares, ("indices",)),
    },
    "learning": {
        "NAME/learning": Drawing(learning.draw_learning, ("learning",)),
        "NAME/bought": Drawing(learning.draw_bought, ("learning",)),
    },
    "search": {
        "front": Drawing(search.draw_front, ("front", "trade_offs"), over=("front", "reading")),
        "trade_offs": Drawing(search.draw_trade_offs, ("front", "trade_offs"), over=("front", "reading")),
        "fails": Drawing(
            search.draw_fails, ("conditions", "failing"), over=("failing", "rule"), shows=search.anything_tells
        ),
    },
    "calibration": {
        "marginals": Drawing(posterior.draw_marginals, ("parameters", "prior", "posterior")),
        "pairs": Drawing(posterior.draw_pairs, ("parameters", "posterior")),
        "directions": Drawing(posterior.draw_directions, ("directions", "loadings")),
        "target_card": Drawing(fit.draw_target_card, ("card",)),
        "predictive": Drawing(fit.draw_predictive, ("predictive", "card")),
        "coverage": Drawing(fit.draw_coverage, ("ranks",)),
        "seeds": Drawing(posterior.draw_seeds, ("seeds",)),
        "discrepancy": Drawing(posterior.draw_discrepancy, ("discrepancy",)),
    },
    "agreement": {"campaigns": Drawing(posterior.draw_seeds, ("agreement",))},
    "scorecard": {
        "scorecards": Drawing(scorecard.draw_scorecards, several=True),
        "NAME/scorecard": Drawing(scorecard.draw_scorecard),
    },
    "sweep": {
        "response": Drawing(partial(responses.draw_along, change=True), paired=True, over=("responses", "axis")),
        "levels": Drawing(partial(responses.draw_along, change=False), over=("responses", "axis")),
        "map": Drawing(responses.draw_map, over=("responses", "pair")),
        "panels": Drawing(responses.draw_panels, several=True, over=("responses", "outcome"), only=responses.CHIEF),
    },
    "regions": {"regions": Drawing(regions.draw_regions, ("maps", "regions"), over=("turns", "scenario"))},
}
READERS = {"run": setting, "calibration": campaign, "agreement": campaign, "log": logged}  # others: overview
MOST_PARTS = 24  # figures per name
FEW = 8  # with more scenarios than this, only chosen ones get figures of their own


def all_drawn(folder: Path, tables: Tables, manifest: Facts) -> bool:
    """Return whether a results folder has a picture of each of its figures, in any language."""
    return all((folder / FIGURES / f"{each.name}.png").is_file() for each in planned(tables, manifest))


def kind_of(manifest: Facts) -> str:
    """Return the kind of results; a manifest without a kind is of a run or a comparison."""
    return str(manifest.get("kind") or ("comparison" if manifest.get("scenarios") else "run"))


class Planned(NamedTuple):
    """A figure that is still to be drawn."""

    name: str
    draw: Draw
    tables: Tables
    about: Setting


def planned(
    tables: Tables, manifest: Facts, language: str = "en", chosen: Sequence[str] | None = None
) -> list[Planned]:
    """List the figures of a results folder without drawing them; arguments and errors are those of ``figures``."""
    kind = kind_of(manifest)
    if kind not in REGISTRY:
        raise ResultsError(f"there are no figures of results of the kind '{kind}'; there are of {', '.join(REGISTRY)}")
    with styled(), speaking(language, country_of(manifest)):
        about = READERS.get(kind, overview)(manifest)
    held = about.scenarios or (about.scenario,) * bool(about.scenario)
    for name in chosen or ():
        if name not in held:
            raise InputError(f"--scenario {name}: these results hold no such scenario{nearest(name, held)}")
    alone = chosen if chosen is not None else about.scenarios if len(about.scenarios) <= FEW else ()
    return [
        Planned(name.replace("NAME", scenario) + f"_{part}" * bool(part), drawing.draw, chosen_tables, mine)
        for scenario, mine in (("", about), *((each, about.about(each)) for each in alone))
        for name, drawing in REGISTRY[kind].items()
        if name.startswith("NAME/") == bool(scenario) and _fits(drawing, tables, about)
        for part, chosen_tables in _parts(drawing, tables)
        if drawing.shows(chosen_tables)
    ]


def figures(
    tables: Tables, manifest: Facts, language: str = "en", chosen: Sequence[str] | None = None
) -> Iterator[tuple[str, Figure]]:
    """Draw the figures of a results folder, yielding name and figure.

    Names of figures about one scenario start with its name and a slash; they are drawn for the ``chosen`` scenarios, by
    default for all if there are at most ``FEW``. ``language`` is ``en`` or ``zh``. Raises ``InputError`` if a chosen
    scenario is not in the results, and ``ResultsError`` if there are no figures of their kind.
    """
    for each in planned(tables, manifest, language, chosen):
        with styled(), speaking(language, country_of(manifest)):
            figure = each.draw(each.tables, each.about)
        yield each.name, figure


def _fits(drawing: Drawing, tables: Tables, about: Setting) -> bool:
    """Return whether the tables, worlds and chances that a figure needs are present."""
    there = all(need in tables for need in drawing.needs)
    there = there and not (drawing.chances and undecided(tables["ranking"]))
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
    manifest: Facts,
    language: str = "en",
    chosen: Sequence[str] | None = None,
    *,
    report: Report | None = None,
    dots: int = DOTS_PER_INCH,
    width: str = "",
) -> list[Path]:
    """Draw the figures of a folder into its subfolder ``figures``, and return the files, sorted; see ``figures``.

    ``report`` is told how many are done; ``dots`` is the number of pixels per inch of PNG. With a ``width``, a key of
    ``WIDTHS``, they are laid out for it, into a folder of that name; what cannot be read there is left out with a
    warning. Raises ``ResultsError`` if a table, column or manifest entry is missing or a file cannot be written, and
    ``InputError`` for an unknown scenario.
    """
    target = folder / FIGURES / width
    paths, left_out = [], {}
    todo = planned(tables, manifest, language, chosen)
    try:
        for done, each in enumerate(todo):
            if report:
                report(DRAWING, done, len(todo))
            with styled(), speaking(language, country_of(manifest)):
                figure, why = at_width(each, WIDTHS[width]) if width else (each.draw(each.tables, each.about), "")
                if figure:
                    paths += [save(figure, target / f"{each.name}.{kind}", dots) for kind in ("png", "svg")]
                left_out[each.name] = why
        with speaking(language):
            warn(f"{FIGURES}/{width}", width, left_out)
    except OSError as error:
        raise ResultsError(f"cannot write figures into {target}: {error.strerror or error}") from error
    return sorted(paths)


def at_width(each: Planned, inches: float, bare: bool = False) -> tuple[Figure | None, str]:
    """Draw a figure for a width, with title and caption unless ``bare``; None and the reason if it is unreadable there.

    Call it inside ``styled`` and ``speaking``, and save it there.
    """
    with max_width(inches), untitled(bare):
        try:
            figure = each.draw(each.tables, each.about)
        except TooNarrow:
            return None, "its panels would have no space"
        why = layout_fault(figure)
    return (None, why) if why else (figure, "")


def warn(folder: str, width: str, left_out: Mapping[str, str], bare: bool = False) -> None:
    """Warn about figures that are left out at a width, once for each reason; ``left_out`` maps figures to reasons."""
    for why in sorted({why for why in left_out.values() if why}):
        listed = say("list").join(figure for figure, mine in left_out.items() if mine == why)
        about = {"folder": folder, "inches": WIDTHS[width], "figures": listed, "why": translate(why)}
        logging.getLogger(__name__).warning(phrase("export", "untitled" if bare else "titled", **about))


def save(figure: Figure, path: Path, dots: int = DOTS_PER_INCH) -> Path:
    """Write a figure atomically as .png, .svg or .pdf; call it inside ``styled`` and ``speaking``, as when drawing."""
    content = encoded(figure, path.suffix[1:], dots)
    files.write(path, lambda draft: draft.write(content))
    return path


def encoded(figure: Figure, kind: str, dots: int = DOTS_PER_INCH) -> bytes:
    """Return a figure as a file of one of ``FORMATS``."""
    content = BytesIO()
    figure.savefig(content, format=kind, dpi=dots, facecolor="white", **FORMATS[kind])
    return content.getvalue()
