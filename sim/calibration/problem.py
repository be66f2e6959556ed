"""The calibration targets, on their scales and with their errors."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.calibration.scales import Scale, scale_of
from sim.calibration.simulator import CUTOFF_SCORES, VISIBLE
from sim.core.errors import InputError
from sim.evidence.observables import OBSERVABLES, UNITS
from sim.evidence.targets import TargetSet
from sim.outcomes import Reals


class Problem(NamedTuple):
    """Reported figures of the calibrated targets as arrays."""

    names: tuple[str, ...]
    scales: tuple[Scale, ...]
    value: Reals  # as reported, in the targets' units
    error: Reals  # one sd of survey and model together, in the targets' units
    shares: tuple[tuple[str, float], ...] = ()  # cut-offs and the shares of people above them

    @property
    def aim(self) -> Reals:
        """The reported figures on their scales."""
        return np.array([float(scale.transform(at)) for scale, at in zip(self.scales, self.value, strict=True)])

    @property
    def spread(self) -> Reals:
        """One sd of survey and model together, on the scales."""
        rows = zip(self.scales, self.value, self.error, strict=True)
        return np.array([scale.spread(at, error) for scale, at, error in rows])

    def transform(self, outputs: Reals) -> Reals:
        """Transform simulated figures, (..., targets) in their units, to the scales."""
        return np.stack([scale.transform(outputs[..., k]) for k, scale in enumerate(self.scales)], axis=-1)

    def inverse(self, values: Reals) -> Reals:
        """Transform figures, (..., targets) on the scales, to their units."""
        return np.stack([scale.inverse(values[..., k]) for k, scale in enumerate(self.scales)], axis=-1)


def problem_of(targets: TargetSet, discrepancy: float = 1.0) -> Problem:
    """Select the calibrated targets and the cut-offs from a set of targets.

    ``discrepancy`` multiplies the model's discrepancy: 0 trusts the model fully, 2 halves the trust. Raises
    ``InputError`` if nothing is calibrated, a target needs a world other than today's, or no cut-off determines a
    target of that role.
    """
    fitted = [target for target in targets.target if target.role == "calibrated"]
    if not fitted:
        raise InputError(f"{targets.name}: no target has the role 'calibrated': there is nothing to fit to")
    mistakes = []
    for target in fitted:
        shape = OBSERVABLES.get(target.observable)  # none for quantities of a message log
        if shape is not None and target.observable not in VISIBLE:
            other = shape.world or shape.other_world
            mistakes.append(
                f"{targets.name}: {target.observable} needs the world '{other}' beside today's; its role cannot be "
                "'calibrated', make it 'checked'"
            )
    shares = []
    for target in (target for target in targets.target if target.role == "cutoff"):
        cutoff = next((name for name, (_, _, seen) in CUTOFF_SCORES.items() if seen == target.observable), "")
        if not cutoff:
            mistakes.append(f"{targets.name}: no cut-off decides {target.observable}; its role cannot be 'cutoff'")
        shares.append((cutoff, float(target.value or 0.0)))
    if mistakes:
        raise InputError("\n".join(mistakes))
    error = [
        np.hypot(target.error or 0.0, discrepancy * target.discrepancy) / np.sqrt(target.weight) for target in fitted
    ]
    names = tuple(target.observable for target in fitted)
    return Problem(
        names,
        tuple(scale_of(name, UNITS[name]) for name in names),
        np.array([float(target.value or 0.0) for target in fitted]),
        np.array(error, dtype=np.float64),
        tuple(sorted(shares)),
    )


def outputs_of(rows: Sequence[dict[str, float]], names: Sequence[str]) -> Reals:
    """Return named figures of simulations as (simulations, figures)."""
    return np.array([[row[name] for name in names] for row in rows], dtype=np.float64).reshape(len(rows), len(names))
