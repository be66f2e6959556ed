"""Figures of a run, drawn from its stored tables: a picture never starts a simulation.

Every figure is written as PNG, to be read on a screen, and as SVG with letters as outlines, to be printed. The same
tables give the same files, to the byte.
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from sim.errors import ResultsError
from sim.figures.displacement import draw_displacement
from sim.figures.forest import draw_effects, draw_who
from sim.figures.heatmap import draw_heatmap
from sim.figures.sheet import Setting, Tables, setting
from sim.figures.style import styled
from sim.figures.timeline import draw_timeline

Draw = Callable[[Tables, Setting], Figure]

ALWAYS: dict[str, Draw] = {"timeline": draw_timeline, "heatmap": draw_heatmap}
COMPARED: dict[str, Draw] = {"effects": draw_effects, "displacement": draw_displacement, "who": draw_who}
NO_DATE: dict[str, dict[str, Any]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
DOTS_PER_INCH = 200


def figures(tables: Tables, manifest: Mapping[str, Any]) -> dict[str, Figure]:
    """Draw all figures of a run.

    Parameters
    ----------
    tables : Tables
        ``effects``, ``firm_week``, ``hours``, ``displacement`` and ``firms`` of a run.
    manifest : Mapping[str, Any]
        Its manifest; see ``sim.figures.sheet.setting``.

    Returns
    -------
    dict[str, Figure]
        Figures by name; a run of a single world has no comparison to draw.
    """
    run = setting(manifest)
    drawn = ALWAYS | (COMPARED if run.paired else {})
    with styled():
        return {name: draw(tables, run) for name, draw in drawn.items()}


def draw_all(folder: Path, tables: Tables, manifest: Mapping[str, Any]) -> list[Path]:
    """Draw all figures of a run and write them into the subfolder ``figures``.

    Parameters
    ----------
    folder : Path
        Results folder.
    tables : Tables
        Its tables.
    manifest : Mapping[str, Any]
        Its manifest.

    Returns
    -------
    list[Path]
        The files, sorted.

    Raises
    ------
    ResultsError
        If a table, a column or a part of the manifest is missing, or a file cannot be written.
    """
    target = folder / "figures"
    drawn = figures(tables, manifest)
    try:
        target.mkdir(parents=True, exist_ok=True)
        with styled():
            paths = [_save(figure, target / f"{name}.{kind}") for name, figure in drawn.items() for kind in NO_DATE]
    except OSError as error:
        raise ResultsError(f"cannot write figures into {target}: {error.strerror or error}") from error
    return sorted(paths)


def _save(figure: Figure, path: Path) -> Path:
    """Write a figure beside its place and put it there when it is complete."""
    kind = path.suffix[1:]
    with tempfile.TemporaryDirectory(prefix=".", suffix=".draft", dir=path.parent) as draft:
        unfinished = Path(draft) / path.name
        figure.savefig(unfinished, format=kind, dpi=DOTS_PER_INCH, metadata=NO_DATE[kind], facecolor="white")
        os.replace(unfinished, path)
    return path
