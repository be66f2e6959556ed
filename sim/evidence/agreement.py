"""Agreement of a run with a set of targets: the scorecard."""

from typing import Any

import numpy as np
import polars as pl

from sim.evidence.observables import INPUTS, UNITS
from sim.evidence.observed import LOG, Observed, observe
from sim.evidence.targets import Target, TargetSet
from sim.outcomes import Tables


def scorecard(
    tables: Tables, target_set: TargetSet, world: str = "status_quo", uncertain: bool = False
) -> pl.DataFrame:
    """Compare a run with a set of targets; one row per target, with the columns of ``_SCORECARD``.

    ``half_width`` is half of the 95 % interval of ``observe``, ``tolerance`` half of the band; ``within`` is null where
    agreement is not claimed or not known. ``tables`` are ``person_week``, ``people`` and ``firms`` of one run.
    """
    wanted = [target.observable for target in target_set.target if target.role != "input"]
    names = list(dict.fromkeys(wanted))
    observed = observe(tables, names, world, target_set.log, uncertain)
    rows = [_score(target, observed.get(target.observable)) for target in target_set.target]
    return pl.DataFrame(rows, schema=_SCORECARD, orient="row").with_columns(pl.col(pl.Float64).fill_nan(None))


_SCORECARD = {
    **dict.fromkeys(("observable", "claims", "unit"), pl.String),
    **dict.fromkeys(("observed", "half_width", "reported", "low", "high", "tolerance"), pl.Float64),
    **{"within": pl.Boolean, "role": pl.String, "weight": pl.Float64},
    **dict.fromkeys(("confidence", "source", "note"), pl.String),
}


def _score(target: Target, observed: Observed | None) -> dict[str, Any]:
    """Score one target; inputs of the model have no observed value."""
    low, high, reason = target.low, target.high, _why_not_scored(target, observed)
    return {
        "observable": target.observable,
        "claims": ", ".join(target.claims),
        "unit": INPUTS[target.observable] if observed is None else UNITS[target.observable],
        "observed": observed.value if observed else None,
        "half_width": observed.half if observed else None,
        "reported": target.value,
        "low": low,
        "high": high,
        "tolerance": (high - low) / 2 if low is not None and high is not None else None,
        "within": within(observed.value, low, high) if observed and not reason else None,
        "role": target.role,
        "weight": target.weight,
        "confidence": target.confidence,
        "source": f"report {target.section}" if target.section else target.source,
        "note": "; ".join(filter(None, (reason, target.note))),
    }


def _why_not_scored(target: Target, observed: Observed | None) -> str:
    """Return the reason why no agreement is claimed; empty if it is claimed."""
    if observed is None:
        return "an input of the model, not a result"
    if observed.missing == LOG:
        return "needs all messages: see `offhours observe --model`"
    if observed.missing:
        return f"not simulated here: needs the world '{observed.missing}' beside this one"
    return {"cutoff": "sets the cut-off: no agreement claimed", "not_used": "for comparison only"}.get(target.role, "")


def within(value: float, low: float | None, high: float | None) -> bool | None:
    """Return whether a value lies in a band, None without either; a band that only fixes a sign excludes zero."""
    if np.isnan(value) or (low is None and high is None):
        return None
    if (low, high) in ((0.0, None), (None, 0.0)) and value == 0:
        return False
    return (low is None or value >= low) and (high is None or value <= high)
