"""Tables of a sensitivity analysis, from which everything is printed and drawn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from sim.calibration.scales import Reals
from sim.outcomes import BY_NAME
from sim.sensitivity.campaign import Figure, Found, Order, Runs
from sim.sensitivity.indices import Shares, shares
from sim.sensitivity.pairs import EFFECT


def tables(what: Order, found: Found) -> dict[str, pl.DataFrame]:
    """Build all tables: ``parameters``, ``screening``, ``indices``, ``outcomes`` and ``runs``.

    ``screening`` and ``indices`` have a row per parameter and figure, the latter only of parameters that exceeded
    chance and if Sobol points were simulated. ``outcomes`` says how each figure varied and how good its emulator is;
    ``runs`` is the raw data for other methods.
    """
    figures: list[Figure] = [(measure, outcome) for measure in what.measures for outcome in what.outcomes]
    unit, economies = _together(found)
    known = {figure: _shares(found, figure, unit, economies, what.seed) for figure in figures} if found.kept else {}
    made = {
        "parameters": pl.DataFrame([factor.about for factor in what.factors]),
        "screening": pl.concat([_screening(what, found, figure) for figure in figures]),
        "outcomes": pl.DataFrame([_outcome(found, figure, known.get(figure)) for figure in figures]),
        "runs": runs(what, found),
    }
    parts = [_indices(what, found, figure, each) for figure, each in known.items() if each]
    if parts:
        made["indices"] = pl.concat(parts)
    return {name: frame.with_columns(pl.col(pl.Float64).fill_nan(None)) for name, frame in made.items()}


def _facts(figure: Figure) -> dict[str, str]:
    """Return the columns that identify a figure."""
    outcome = BY_NAME[figure[1]]
    return {"measure": figure[0], "outcome": outcome.name, "family": outcome.family, "unit": outcome.unit}


def _screening(what: Order, found: Found, figure: Figure) -> pl.DataFrame:
    """Tabulate the screening of one figure, one row per parameter."""
    screen, steps = found.screens[figure], what.trajectories
    total = float(np.nansum(screen.mu_star))
    return pl.DataFrame(
        {
            **_facts(figure),
            "parameter": [factor.name for factor in what.factors],
            "mu": screen.mu,
            "mu_star": screen.mu_star,
            "half": screen.half,
            "sigma": screen.sigma,
            "sigma_chance": screen.chance,
            "chance_bound": screen.bound,
            "above_chance": [
                bool(above) if np.isfinite(bound) else None
                for above, bound in zip(screen.above, screen.bound, strict=True)
            ],
            "share": screen.mu_star / total if total else np.zeros(len(what.factors)),
            "steps": screen.steps.astype(np.int64),
            "steps_lost": steps - screen.steps.astype(np.int64),
        },
        schema_overrides={"above_chance": pl.Boolean},
        strict=False,
    )


def _together(found: Found) -> tuple[Reals, np.ndarray]:
    """Pool all runs: positions of the kept parameters, and economies."""
    unit = [found.steps.unit[:, list(found.kept)], found.others.unit[:, list(found.kept)]]
    if found.filling:
        unit.append(found.filling.unit)
    return np.concatenate(unit), np.concatenate([part.economies for part in found.runs])


def _values(found: Found, figure: Figure) -> Reals:
    """Return a figure of all runs, in the order of ``_together``."""
    return np.concatenate([part.values(figure) for part in found.runs])


def _shares(found: Found, figure: Figure, unit: Reals, economies: np.ndarray, seed: int) -> Shares | None:
    """Compute the indices of one figure; None without a second stage."""
    if not found.filling:
        return None
    return shares(unit, _values(found, figure), economies, seed % 2**31)


def _indices(what: Order, found: Found, figure: Figure, each: Shares) -> pl.DataFrame:
    """Tabulate the indices of one figure, one row per kept parameter."""
    return pl.DataFrame(
        {
            **_facts(figure),
            "parameter": [what.factors[k].name for k in found.kept],
            "first": each.first,
            "first_half": each.first_half,
            "total": each.total,
            "total_half": each.total_half,
            "emulator_good": each.good,
        }
    )


def chance_between(found: Found, figure: Figure) -> float:
    """Return the variance between economies at equal parameters, from first points simulated on two economies.

    NaN if none of these succeeded on both.
    """
    count, long, _ = found.design.shape
    gap = found.others.values(figure) - found.steps.values(figure).reshape(count, long)[:, 0]
    gap = gap[np.isfinite(gap)]
    return float((gap**2).mean() / 2.0) if len(gap) else np.nan


def _outcome(found: Found, figure: Figure, each: Shares | None) -> dict[str, Any]:
    """Return how much one figure varied, how much of that is chance, and how good its emulator is."""
    filling = found.filling.values(figure) if found.filling else _values(found, figure)
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
        "explained": each.seen if each else np.nan,
        "beyond_90": each.beyond if each else np.nan,
        "emulator_good": each.good if each else None,
    }


def runs(what: Order, found: Found) -> pl.DataFrame:
    """List all runs: stage, trajectory, economy, parameters, and figures as columns ``measure/outcome``.

    A parameter that a run does not vary is null.
    """
    names = [factor.name for factor in what.factors]
    long = found.design.shape[1]
    stages: Sequence[tuple[str, Runs, Sequence[int]]] = [
        ("trajectory", found.steps, range(len(names))),
        ("other economy", found.others, range(len(names))),
        *([("filling", found.filling, found.kept)] if found.filling else []),
    ]
    parts = []
    for stage, part, varied in stages:
        columns: dict[str, Any] = {name: np.full(len(part.unit), np.nan) for name in names}
        for place, k in enumerate(varied):
            columns[names[k]] = what.factors[k].values(part.unit[:, place])
        first = {"trajectory": np.arange(len(part.unit)) // long, "other economy": part.economies - len(found.design)}
        facts = {
            "stage": stage,
            "trajectory": first.get(stage, np.full(len(part.unit), -1)).astype(np.int64),
            "economy": part.economies * what.replicates,
            "failed": [row is None for row in part.found],
        }
        given = {
            "/".join(figure): part.values(figure)
            for figure in ((measure, outcome) for measure in what.measures for outcome in what.outcomes)
        }
        parts.append(pl.DataFrame({**facts, **columns, **given}))
    return pl.concat(parts).with_columns(pl.col("trajectory").replace(-1, None))
