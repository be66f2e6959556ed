"""The study of what drives a scenario's results: its runs, and the tables for the report and the figures."""

from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sim.comparing.effects import without_nan
from sim.outcomes import BY_NAME, Reals
from sim.report.sensitivity import print_sensitivity
from sim.runs.evaluations import Evaluator
from sim.runs.executor import results_as_completed
from sim.runs.progress import SHARING
from sim.sensitivity.campaign import Exploration, Figure, Order, explore
from sim.sensitivity.indices import SobolIndices, sobol_indices
from sim.sensitivity.pairs import EFFECT
from sim.studies.study import Findings, Setup, publish, scenario_facts

KIND = "sensitivity"


def analyse(what: Order, people: float, evaluator: Evaluator, setup: Setup) -> None:
    """Simulate the missing runs, and store and print which parameters drive the results.

    ``people`` is the mean number of people in firms that the rules reach. Raises ``ResultsError`` if figures could not
    be drawn; the tables are then complete.
    """

    def found(_: Path) -> Findings:
        runs = explore(what, evaluator)
        scenario = what.pair.scenario
        facts = scenario_facts([scenario], what.pair.reference or scenario, what.draws) | _about(what, people, runs)
        return Findings(tables(what, runs, evaluator), facts)

    publish(setup, found, print_sensitivity)


def _about(what: Order, people: float, found: Exploration) -> dict[str, Any]:
    """Return the manifest's facts on the analysis."""
    scenario = what.pair.scenario
    return {
        "kind": KIND,
        "scenario": scenario.name,
        "offhours": version("offhours"),
        "salib": version("SALib"),
        "warmup_days": scenario.run.warmup_days,
        "people_reached": round(people, 1),
        "trajectories": what.trajectories,
        "points": len(found.filling.unit) if found.filling else 0,
        "runs": sum(len(part.unit) for part in found.stages),
        "failed": sum(part.failed for part in found.stages),
        "varied": [factor.name for factor in what.factors],
        "kept": [what.factors[k].name for k in found.kept],
    }


def tables(what: Order, found: Exploration, evaluator: Evaluator) -> dict[str, pl.DataFrame]:
    """Build all tables: ``parameters``, ``screening``, ``indices``, ``outcomes`` and ``runs``.

    ``screening`` has a row per parameter and figure, ``indices`` the same for parameters that reached the second stage.
    ``outcomes`` describes how each figure varied and how good its emulator is. ``runs`` has raw data for other methods.
    """
    known: dict[Figure, SobolIndices | None] = {}
    if found.kept and found.filling:
        unit = np.concatenate([part.unit[:, [part.varied.index(k) for k in found.kept]] for part in found.stages])
        economies = np.concatenate([part.economies for part in found.stages])
        of_one = partial(_shares_of, unit, economies, what.seed % 2**31)
        tasks = [(figure, found.values(figure)) for figure in what.figures]
        known = dict.fromkeys(what.figures)
        for done, (figure, each) in enumerate(results_as_completed(evaluator.executor, of_one, tasks), 1):
            known[figure] = each
            evaluator.progress(SHARING, done, len(tasks))
    made = {
        "parameters": pl.DataFrame([factor.about for factor in what.factors]),
        "screening": pl.concat([_screening(what, found, figure) for figure in what.figures]),
        "outcomes": pl.DataFrame([_outcome(found, figure, known.get(figure)) for figure in what.figures]),
        "runs": runs(what, found),
    }
    kept, numbers = [what.factors[k].name for k in found.kept], ("first", "first_half", "total", "total_half")
    parts = [
        pl.DataFrame({
            **_facts(figure), "parameter": kept, **{key: getattr(each, key) for key in numbers},
            "emulator_good": each.good,
        })
        for figure, each in known.items() if each
    ]  # fmt: skip
    if parts:
        made["indices"] = pl.concat(parts)
    return {name: without_nan(frame) for name, frame in made.items()}


def _shares_of(
    unit: Reals, economies: np.ndarray, seed: int, task: tuple[Figure, Reals]
) -> tuple[Figure, SobolIndices | None]:
    """Compute the Sobol indices of a task, a figure with its values; workers call this."""
    figure, values = task
    return figure, sobol_indices(unit, values, economies, seed)


def _facts(figure: Figure) -> dict[str, str]:
    """Return the columns that identify a figure."""
    outcome = BY_NAME[figure[1]]
    return {"measure": figure[0], "outcome": outcome.name, "family": outcome.family, "unit": outcome.unit}


def _screening(what: Order, found: Exploration, figure: Figure) -> pl.DataFrame:
    """Tabulate the screening of one figure, one row per parameter."""
    screen = found.screens[figure]
    total, steps = float(np.nansum(screen.mu_star)), screen.steps.astype(np.int64)
    above = [
        bool(above) if np.isfinite(bound) else None for above, bound in zip(screen.above, screen.bound, strict=True)
    ]
    columns = {
        **_facts(figure),
        "parameter": [factor.name for factor in what.factors],
        **{key: getattr(screen, key) for key in ("mu", "mu_star", "half", "sigma")},
        "sigma_chance": screen.chance,
        "chance_bound": screen.bound,
        "above_chance": above,
        "share": screen.mu_star / (total or 1.0),
        "steps": steps,
        "steps_lost": what.trajectories - steps,
    }
    return pl.DataFrame(columns, schema_overrides={"above_chance": pl.Boolean}, strict=False)


def chance_between(found: Exploration, figure: Figure) -> float:
    """Estimate the variance between economies at equal parameters, from trajectories' first points on two economies.

    NaN if no first point succeeded on both.
    """
    count, long, _ = found.design.shape
    gap = found.others.values(figure) - found.steps.values(figure).reshape(count, long)[:, 0]
    gap = gap[np.isfinite(gap)]
    return float((gap**2).mean() / 2.0) if len(gap) else np.nan


def _outcome(found: Exploration, figure: Figure, each: SobolIndices | None) -> dict[str, Any]:
    """Return the row of one figure: how much it varied, how much of that is chance, and how good its emulator is."""
    filling = found.filling.values(figure) if found.filling else found.values(figure)
    seen = filling[np.isfinite(filling)]
    noise = chance_between(found, figure)
    spread = each.variance if each else np.nan
    low, middle, high = np.quantile(seen, (0.05, 0.5, 0.95)) if len(seen) else (np.nan,) * 3
    return {
        **_facts(figure),
        "better": BY_NAME[figure[1]].better,
        "runs": len(seen),
        "low": low,
        "middle": middle,
        "high": high,
        "above_zero": float((seen > 0).mean()) if len(seen) and found.filling and figure[0] == EFFECT else np.nan,
        "sd": float(np.sqrt(spread)),
        "chance_sd": float(np.sqrt(noise)),
        "chance_share": noise / (noise + spread) if noise + spread > 0 else np.nan,
        "explained": each.explained if each else np.nan,
        "beyond_90": each.beyond_90 if each else np.nan,
        "emulator_good": each.good if each else None,
    }


def runs(what: Order, found: Exploration) -> pl.DataFrame:
    """List all runs: stage, trajectory, economy, parameters, and figures as columns ``measure/outcome``.

    A parameter that a run does not vary is null.
    """
    names, long = [factor.name for factor in what.factors], found.design.shape[1]
    parts = []
    for part in found.stages:
        count = len(part.unit)
        trajectory = {"trajectory": np.arange(count) // long, "other economy": part.economies - len(found.design)}
        columns: dict[str, Any] = {
            "stage": part.stage,
            "trajectory": trajectory.get(part.stage, np.full(count, -1)).astype(np.int64),
            "economy": part.economies * what.pair.replicates,
            "failed": [row is None for row in part.found],
            **{name: np.full(count, np.nan) for name in names},
        }
        columns |= {names[k]: what.factors[k].values(part.unit[:, place]) for place, k in enumerate(part.varied)}
        parts.append(pl.DataFrame(columns | {"/".join(figure): part.values(figure) for figure in what.figures}))
    return pl.concat(parts).with_columns(pl.col("trajectory").replace(-1, None))
