"""Agreement of a run with a set of targets: the scorecard."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from sim.evidence.observables import INPUTS, UNITS
from sim.evidence.observed import LOG, Observed, observe
from sim.evidence.quantities import QUANTITIES
from sim.evidence.targets import Target, TargetSet
from sim.outcomes import Tables


def scorecard(tables: Tables, target_set: TargetSet, world: str = "status_quo") -> pl.DataFrame:
    """Compare a run with a set of targets; one row per target, with the columns of ``_SCORECARD``.

    ``half_width`` is that of the 95 % interval over firms, ``spread`` the standard deviation between replicates (and so
    between their parameters), ``tolerance`` half of the band; ``within`` is null where agreement is not claimed or not
    known. ``tables`` are ``person_week``, ``people`` and ``firms`` of one run.
    """
    wanted = [target.observable for target in target_set.target if target.role != "input"]
    names = list(dict.fromkeys(wanted))
    observed = observe(tables, names, world, target_set.log)
    spread = _spread(tables, [name for name in names if name not in QUANTITIES], world)
    rows = [
        _scored(target, observed.get(target.observable)) | {"spread": spread.get(target.observable)}
        for target in target_set.target
    ]
    return pl.DataFrame(rows, schema=_SCORECARD, orient="row").with_columns(pl.col(pl.Float64).fill_nan(None))


_SCORECARD = {
    "observable": pl.String,
    "claims": pl.String,
    "unit": pl.String,
    "observed": pl.Float64,
    "half_width": pl.Float64,
    "spread": pl.Float64,
    "reported": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "tolerance": pl.Float64,
    "within": pl.Boolean,
    "role": pl.String,
    "weight": pl.Float64,
    "confidence": pl.String,
    "source": pl.String,
    "note": pl.String,
}


def _spread(tables: Tables, names: Sequence[str], world: str) -> dict[str, float]:
    """Return the standard deviation of observables between replicates; empty if there is one replicate only."""
    numbers = tables["firms"].lazy().select(pl.col("replicate").unique().sort()).collect()["replicate"]
    if len(numbers) < 2 or not names:
        return {}
    parts = [
        {name: tables[name].lazy().filter(replicate=number) for name in ("person_week", "people", "firms")}
        for number in numbers
    ]
    values = [[shown.value for shown in observe(part, names, world).values()] for part in parts]
    return dict(zip(names, np.std(values, axis=0, ddof=1).tolist(), strict=True))


def _scored(target: Target, observed: Observed | None) -> dict[str, Any]:
    """Score one target; inputs of the model have no observed value."""
    low, high = target.low, target.high
    note = [target.note] if target.note else []
    within = None
    if observed is None:
        note.insert(0, "an input of the model, not a result")
    elif observed.missing == LOG:
        note.insert(0, "needs all messages: see `offhours observe --model`")
    elif observed.missing:
        note.insert(0, f"not simulated here: needs the world '{observed.missing}' beside this one")
    elif target.role == "cutoff":
        note.insert(0, "sets the cut-off: no agreement claimed")
    elif target.role == "not_used":
        note.insert(0, "for comparison only")
    elif not np.isnan(observed.value) and (low is not None or high is not None):
        within = _holds(observed.value, low, high)
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
        "within": within,
        "role": target.role,
        "weight": target.weight,
        "confidence": target.confidence,
        "source": f"report {target.section}" if target.section else target.source,
        "note": "; ".join(note),
    }


def _holds(value: float, low: float | None, high: float | None) -> bool:
    """Return whether a value lies in a band; a band that only fixes a sign excludes zero."""
    if (low, high) in ((0.0, None), (None, 0.0)) and value == 0:
        return False
    return (low is None or value >= low) and (high is None or value <= high)
