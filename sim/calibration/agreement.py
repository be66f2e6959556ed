"""Agreement of two posteriors, from two seeds, two campaigns or two sets of targets."""

import numpy as np
import polars as pl
from scipy.stats import ks_2samp

from sim.calibration.scales import Reals

SHARES = {"low": 0.05, "middle": 0.5, "high": 0.95}


def agreement(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Compare two posteriors, one row per draw and one column per parameter, in every parameter that both have.

    Gaps of means and quantiles are second less first, in pooled standard deviations; ``sd_ratio`` is second over first.
    ``apart`` is the Kolmogorov-Smirnov statistic: two samples of 1,000 draws of one distribution have less than 0.06 in
    19 of 20 cases.
    """
    rows = []
    for name in first.columns:
        if name not in second.columns:
            continue
        one, other = (frame[name].cast(pl.Float64).to_numpy() for frame in (first, second))
        both = max(float(np.sqrt((one.var() + other.var()) / 2)), 1e-12)
        a, b = _summary(one), _summary(other)
        gaps = {f"{key}_gap": (b[key] - a[key]) / both for key in SHARES}
        rows.append(
            {"parameter": name}
            | {f"first_{key}": value for key, value in a.items()}
            | {f"second_{key}": value for key, value in b.items()}
            | {"gap": (b["mean"] - a["mean"]) / both, **gaps}
            | {"sd_ratio": b["sd"] / max(a["sd"], 1e-12), "apart": float(ks_2samp(one, other).statistic)}
        )
    return pl.DataFrame(rows)


def _summary(values: Reals) -> dict[str, float]:
    """Return mean, sd and the quantiles of ``SHARES``."""
    quantiles = {key: float(np.quantile(values, share)) for key, share in SHARES.items()}
    return {"mean": float(values.mean()), "sd": float(values.std()), **quantiles}
