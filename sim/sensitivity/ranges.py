"""Parameters that are varied, their ranges, and the default outcomes.

A range given by the user takes precedence. Otherwise a parameter with a prior is varied over its central nine tenths,
and any other between half and double its value, within the limits of the parameter table.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.calibration.priors import Prior, Priors
from sim.core.errors import InputError, nearest
from sim.core.parameters import ROWS, TABLE
from sim.outcomes import HEADLINES, Reals

LOW, HIGH = 0.05, 0.95  # quantiles of a prior between which a parameter is varied
OUTCOMES = (*HEADLINES, "message_minutes", "reply_minutes", "conflict", "employer_cost")  # default
LEAST = 2  # parameters; a single one has nothing to be compared with


class Factor(NamedTuple):
    """A parameter that is varied, as a function of the unit interval."""

    name: str
    low: float
    high: float
    prior: Prior | None = None
    origin: str = "given"  # source of the range: prior, given or table

    def values(self, unit: Reals) -> Reals:
        """Map the unit interval to values: quantiles of the prior if there is one, else linear."""
        if self.prior:
            return self.prior.quantile(LOW + (HIGH - LOW) * unit)
        return np.clip(self.low + (self.high - self.low) * unit, self.low, self.high)

    @property
    def about(self) -> dict[str, Any]:
        """Row of this parameter in the table ``parameters``."""
        row = ROWS[self.name]
        return {
            "parameter": self.name, "unit": row.unit, "table": row.value, "low": self.low, "high": self.high,
            "origin": self.origin, "meaning": row.meaning,
        }  # fmt: skip


def factors(wanted: Sequence[str], everything: bool, priors: Priors, fixed: Mapping[str, float]) -> tuple[Factor, ...]:
    """Choose the parameters to vary, in the order of the table.

    ``wanted`` holds names, or names with a range as in ``evade=0.1:0.4``. If it is empty, parameters that are free in
    every calibration are varied; ``everything`` means all. Parameters in ``fixed`` belong to the scenario's rules.
    Raises ``InputError`` with every unknown, repeated or fixed name and every range that is empty or too wide, or if
    too few parameters remain.
    """
    known = {prior.parameter: prior for prior in (*priors.fitted, *priors.unfitted)}
    given: dict[str, Factor] = {}
    mistakes = []
    for text in wanted:
        try:
            found = _read(text, known, fixed)
            if found.name in given:
                raise InputError(f"--parameter {text}: '{found.name}' is named twice")
            given[found.name] = found
        except InputError as error:
            mistakes.append(str(error))
    if mistakes:
        raise InputError("\n".join(mistakes))
    usual = [name for name, prior in known.items() if not prior.only_with]
    names = [row.name for row in TABLE] if everything else list(given or usual)
    chosen = {name: given.get(name) or _default_factor(name, known) for name in names if name not in fixed}
    found_all = tuple(chosen[row.name] for row in TABLE if row.name in chosen)
    if len(found_all) < LEAST:
        raise InputError(f"at least {LEAST} parameters must be varied: with one there is nothing to compare")
    return found_all


def _read(text: str, known: Mapping[str, Prior], fixed: Mapping[str, float]) -> Factor:
    """Parse one ``--parameter`` option."""
    name, sign, span = (part.strip() for part in text.partition("="))
    if name not in ROWS:
        raise InputError(f"--parameter {text}: unknown parameter '{name}'{nearest(name, ROWS)}")
    if name in fixed:
        raise InputError(
            f"--parameter {text}: the scenario sets '{name}' itself, to {fixed[name]:g}; that is one of its rules"
        )
    row, usual = ROWS[name], _default_factor(name, known)
    if not sign:
        return usual
    try:
        low, high = (float(end) for end in span.split(":"))
    except ValueError:
        raise InputError(
            f"--parameter {text}: a range is two numbers, as in {name}={usual.low:g}:{usual.high:g}"
        ) from None
    if not low < high:
        raise InputError(f"--parameter {text}: the range is empty: {low:g} is not below {high:g}")
    if not (row.low <= low and high <= row.high):
        raise InputError(f"--parameter {text}: the table allows {row.low:g} to {row.high:g} ({row.unit})")
    return Factor(name, low, high)


def _default_factor(name: str, known: Mapping[str, Prior]) -> Factor:
    """Return a parameter with its default range; raise ``InputError`` if this range is empty."""
    if name in known:
        prior = known[name]
        low, high = prior.quantile(np.array([LOW, HIGH]))
        return Factor(name, float(low), float(high), prior, "prior")
    row = ROWS[name]
    ends = sorted((row.value / 2, row.value * 2))
    low, high = max(row.low, ends[0]), min(row.high, ends[1])
    if low < high:
        return Factor(name, low, high, origin="table")
    if math.isfinite(row.high - row.low) and row.low < row.high:
        return Factor(name, row.low, row.high, origin="table")
    raise InputError(f"parameter '{name}': the range in the table is empty; give one, as in --parameter {name}=0:1")


def parameter_values(chosen: Sequence[Factor], unit: Reals) -> list[dict[str, float]]:
    """Map (points, parameters) in the unit cube to values by name, one dictionary per point."""
    columns = {factor.name: factor.values(unit[:, k]) for k, factor in enumerate(chosen)}
    return [{name: float(values[n]) for name, values in columns.items()} for n in range(len(unit))]


def unit_cube(count: int) -> dict[str, Any]:
    """Describe the unit cube to SALib."""
    return {"num_vars": count, "names": [str(k) for k in range(count)], "bounds": [[0.0, 1.0]] * count}
