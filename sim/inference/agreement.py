"""Whether two posteriors agree: of two seeds, of two campaigns, of two sets of targets."""

import numpy as np
import polars as pl
from scipy.stats import ks_2samp

from sim.inference.scales import Reals

SHARES = {"low": 0.05, "middle": 0.5, "high": 0.95}


def agreement(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Hold two posteriors against each other, parameter by parameter.

    Parameters
    ----------
    first : pl.DataFrame
        One row per draw, one column per parameter.
    second : pl.DataFrame
        The same of another posterior.

    Returns
    -------
    pl.DataFrame
        One row per parameter of both, in the order of the first: mean, sd and the quantiles of 5, 50 and 95 % of each;
        ``gap``, the distance of the means, and ``low_gap``, ``middle_gap`` and ``high_gap``, those of the quantiles,
        second less first in sd of both together; ``sd_ratio``, second over first; and ``apart``, the largest difference
        of the two distribution functions (of two samples of 1,000 draws of the same law, below 0.06 in 19 of 20 cases).
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
    """Describe draws."""
    quantiles = {key: float(np.quantile(values, share)) for key, share in SHARES.items()}
    return {"mean": float(values.mean()), "sd": float(values.std()), **quantiles}
