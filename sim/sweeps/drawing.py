"""Figures of a sweep from its stored tables. Nothing is simulated; rows are read if tables are missing or outdated."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from sim.core.errors import InputError, ResultsError, nearest
from sim.figures.responses import SEVERAL
from sim.files.storage import read_table, writing
from sim.report.plots import DOTS_PER_INCH, draw_all
from sim.runs.results import Results, Tables
from sim.sweeps.effects import EFFECTS, RESPONSES, store_tables, tables_outdated
from sim.sweeps.folder import Sweep, mean_sizes, open_sweep
from sim.sweeps.monitor import state_of
from sim.sweeps.parameter_paths import SEEDS

MOST_MAPS = 3  # pairs of axes with a heat map for one scenario; with several, one map each
SIDES = {"axis": "by", "place": "by_place", "level": "by_level", "name": "by_name"}
KEPT = (
    "command",
    "commit",
    "written",
    "code_sha256",
    "versions",
    "parameters",
)  # facts of a folder, as in its manifest
SWAPPED = SIDES | {there: here for here, there in SIDES.items()}  # curves along the second axis of a pair


def draw(
    folder: Path, language: str = "en", chosen: Sequence[str] | None = None, dots: int = DOTS_PER_INCH, width: str = ""
) -> list[Path]:
    """Draw the figures of a sweep into its subfolder ``figures`` and return the sorted paths.

    By default all scenarios are drawn; ``width`` is that of ``draw_all``. The list is empty if nothing was varied or
    all runs failed. Raises ``ResultsError`` if there are no rows yet.
    """
    tables, manifest = shown_tables(open_sweep(folder), chosen)
    if tables["responses"].is_empty():
        return []
    return draw_all(folder, tables, manifest, language, chosen, dots=dots, width=width)


def as_results(folder: Path) -> Results:
    """Read a sweep in the form of a results folder, for display.

    Raises ``ResultsError`` as ``stored_tables`` does, or if nothing was varied.
    """
    found = stored_tables(folder)
    if found.tables["responses"].is_empty():
        raise ResultsError(f"{folder}: nothing was varied in this sweep, so there is nothing to show")
    return found


def stored_tables(folder: Path) -> Results:
    """Read the tables of a sweep that figures need, and how many runs failed.

    Raises ``ResultsError`` if there are no rows yet, or all runs failed.
    """
    sweep = open_sweep(folder)
    tables, manifest = shown_tables(sweep)
    if tables["effects"].is_empty():
        raise ResultsError(f"{folder}: all runs of this sweep have failed, so there is nothing to show")
    state = state_of(sweep)
    kept = {key: sweep.manifest[key] for key in KEPT if key in sweep.manifest} | {"drawn": sweep.drawn}
    runs = {"planned": state.planned, "done": state.done, "failed": sum(state.failed.values()), "reason": state.reason}
    return Results(folder.absolute(), {**manifest, **kept, "runs": runs}, Tables(tables, folder))


def shown_tables(
    sweep: Sweep, chosen: Sequence[str] | None = None
) -> tuple[dict[str, pl.DataFrame], dict[str, object]]:
    """Read ``effects``, ``responses`` and ``axes`` as figures need them, and facts as in a manifest.

    Tables made from other runs than the present ones, such as after a driver was killed, are made again. Raises
    ``ResultsError`` for missing or damaged tables, and ``InputError`` for a scenario that is not in the sweep.
    """
    folder = sweep.folder
    if tables_outdated(sweep):
        with writing(folder):
            store_tables(folder)
    try:
        effects, responses = (read_table(folder / name) for name in (EFFECTS, RESPONSES))
    except FileNotFoundError:
        raise ResultsError(f"{folder} has no tables yet: run the sweep to its end, or go on with it") from None
    except OSError as error:
        raise ResultsError(f"{folder}: its tables cannot be read: {error.strerror}") from error
    names = responses["scenario"].unique(maintain_order=True).to_list()
    for name in chosen or ():
        if name not in names:
            raise InputError(f"--scenario {name}: this sweep holds no such scenario{nearest(name, names)}")
    if chosen:
        responses = responses.filter(pl.col("scenario").is_in(chosen))
        effects = effects.filter(pl.col("scenario").is_in(chosen) | pl.col("is_reference"))
    pair = pl.concat_str("axis", "by", separator="_")
    several = responses["scenario"].n_unique() > 1
    pairs = responses.select(pair).to_series().drop_nulls().unique(maintain_order=True).to_list()
    drawn = pl.when(pair.is_in(pairs[: 1 if several else MOST_MAPS])).then(pair)
    responses = responses.with_columns(pair=pl.concat_str("scenario", drawn, separator="_") if several else drawn)
    turned = responses.filter(pl.col("by").is_not_null()).rename(SWAPPED).with_columns(pair=pl.lit(None, pl.String))
    responses = pl.concat([responses, turned.select(responses.columns)])
    mine = sweep.plan.conditions.filter(~pl.col("is_reference"))
    axes = pl.DataFrame(sweep.plan.axes, infer_schema_length=None)
    if axes.height:  # an axis with a single value was not varied
        axes = axes.filter([mine[name].n_unique() > 1 for name in axes["column"]])
    return {"effects": effects, "responses": responses, "axes": axes}, _about(sweep, effects)


def _about(sweep: Sweep, effects: pl.DataFrame) -> dict[str, object]:
    """Describe the design to the figures."""
    plan, own = sweep.plan, effects.filter(~pl.col("is_reference"))
    mine = plan.conditions.filter(~pl.col("is_reference"))
    names = own["scenario"].unique().to_list() or mine["scenario"].unique().to_list()  # the second if all runs failed
    scenarios = [name for name in plan.bases if name in names]
    partners = sorted({str(data["name"]) for base, data in plan.bases.items() if base.endswith("|") and data})
    compared = own["reference"].count() > 0
    first = next((data for data in plan.bases.values() if data), {})
    varied = [mine[axis["column"]] for axis in plan.axes if axis["name"] == SEEDS]
    seeds = "–".join(dict.fromkeys(f"{seed:.0f}" for each in varied for seed in (each.min(), each.max())))
    worlds = [data for data in plan.bases.values() if "title" in data]  # includes references
    titles = {str(data["name"]): {"en": data["title"], "zh": data.get("title_zh", "")} for data in worlds}
    return {
        "kind": "sweep",
        "method": plan.method,
        "resolved": {"country": first.get("country")},
        "heading": plan.titles,
        "scenarios": scenarios,
        "counterfactual": (partners[0] if len(partners) == 1 else SEVERAL) if compared else scenarios[0],
        "titles": titles,
        "conditions": mine.filter(pl.col("scenario").is_in(names)).height,
        "replicates": sweep.replicates,
        "measured": mean_sizes(sweep),
        "seed": seeds if varied else first.get("run", {}).get("seed", 0),
        "engine": plan.version,
    }
