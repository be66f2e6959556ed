"""Made-up tables of a calibration, as figures read them."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
from scipy.special import ndtr

from sim.calibration.diagnostics import agreement, directions, loadings, parameter_table, prior_table
from sim.calibration.priors import Priors, load_priors
from sim.calibration.problem import problem_of
from sim.evidence.targets import load_targets

WORLDS = 54
ABOUT = {
    "kind": "calibration", "targets": "report", "title": "The report at its word", "seed": 7, "simulations": 528,
    "draws": 1000,
}  # fmt: skip


def priors_of(targets: str) -> Priors:
    return load_priors().for_targets(problem_of(load_targets(targets)).names)


def posterior(priors: Priors, seed: int) -> np.ndarray:
    """Draws in the unit cube: two pairs tied together, a few parameters known, the rest as before."""
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((1000, len(priors.fitted)))
    for one, other, tie in ((0, 4, -0.85), (2, 9, 0.7), (3, 5, -0.4)):
        points[:, other] = tie * points[:, one] + np.sqrt(1 - tie**2) * points[:, other]
    points[:, ::3] = 0.5 * points[:, ::3] + 0.3
    return ndtr(points)


def calibration(targets: str = "report") -> dict[str, pl.DataFrame]:
    """Make the tables of a calibration."""
    priors, rng = priors_of(targets), np.random.default_rng(3)
    unit, again = posterior(priors, 1), posterior(priors, 2)
    fit: Any = SimpleNamespace(sample=SimpleNamespace(unit=unit), other_seed=SimpleNamespace(unit=again))
    draws, others = (pl.DataFrame(priors.values(each), schema=priors.names) for each in (unit, again))
    ranks = rng.random((WORLDS, len(priors.names)))
    return {
        "parameters": parameter_table(fit, priors),
        "directions": directions(fit, priors),
        "loadings": loadings(fit, priors),
        "prior": prior_table(priors),
        "posterior": draws,
        "seeds": agreement(draws, others),
        "ranks": pl.DataFrame(
            {
                "world": np.repeat(np.arange(WORLDS), len(priors.names)),
                "parameter": list(priors.names) * WORLDS,
                "rank": ranks.ravel(),
            }
        ),
        "discrepancy": discrepancy(draws),
    } | targets_of(targets, rng)


def discrepancy(draws: pl.DataFrame, factors: tuple[float, ...] = (0.0, 1.0, 2.0)) -> pl.DataFrame:
    """Make posteriors that get wider with the discrepancy."""
    rows = []
    for factor in factors:
        for name in draws.columns:
            values = draws[name].to_numpy()
            mean, sd = float(values.mean()), float(values.std())
            low, high = (mean + (end - mean) * (0.6 + 0.4 * factor) for end in np.quantile(values, (0.05, 0.95)))
            gap = 0.3 * (factor - 1.0)
            rows.append({"factor": factor, "parameter": name, "mean": mean + gap * sd, "sd": sd, "low": low + gap * sd,
                         "high": high + gap * sd, "contraction": 0.2, "gap": gap})  # fmt: skip
    return pl.DataFrame(rows)


def targets_of(targets: str, rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Make the card and the simulations before and after; the third target is missed, the fourth by far."""
    cells, seen = [], []
    for number, target in enumerate(load_targets(targets).target):
        if target.role not in ("calibrated", "checked") or target.value is None:
            continue
        sd = float(np.hypot(target.error or 0.1 * abs(target.value), target.discrepancy))
        off = {2: 1.6, 3: -4.2}.get(number, 0.3)
        middle = target.value + off * sd
        inside = (target.low is None or middle >= target.low) and (target.high is None or middle <= target.high)
        fitted = target.role == "calibrated"
        cells.append(
            {
                "observable": target.observable, "unit": unit_of(target.observable), "role": target.role, "claims": "",
                "reported": target.value, "low": target.low, "high": target.high, "error": target.error,
                "discrepancy": target.discrepancy, "observed": middle, "observed_low": middle - sd,
                "observed_high": middle + sd, "within": inside, "chance": 0.4 if fitted else None,
                "tension": 0.8 * off if fitted else None, "open": 0.8 * off * sd if fitted else None,
            }
        )  # fmt: skip
        if fitted:
            for when, count, wide in (("prior", 128, 6.0), ("posterior", 64, 0.8)):
                values = middle + wide * sd * rng.standard_normal(count)
                seen += [{"when": when, "observable": target.observable, "value": float(each)} for each in values]
    return {"card": pl.DataFrame(cells, infer_schema_length=None), "predictive": pl.DataFrame(seen)}


def unit_of(observable: str) -> str:
    from sim.evidence.observables import UNITS

    return UNITS[observable]


def two_campaigns() -> dict[str, pl.DataFrame]:
    """Make the table of two campaigns that are compared."""
    priors = priors_of("report")
    first, second = (pl.DataFrame(priors.values(posterior(priors, seed)), schema=priors.names) for seed in (1, 9))
    return {"agreement": agreement(first, second)}
