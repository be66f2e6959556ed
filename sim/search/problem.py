"""The problem of a search: a scenario, levers with their ranges, and demands on the effects."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.core.errors import InputError, nearest
from sim.outcomes import BY_NAME, Outcome, Reals
from sim.scenario.parameter_draws import Draws
from sim.scenario.schema import Scenario
from sim.sweeps import parameter_paths as addresses
from sim.sweeps.design import Axis, Design, Draft, axis_mistakes

USUAL = ("exhaustion=0", "unpaid_overtime=0", "output=-1%", "employer_cost=1%")
NAME = "search"
BLOCK = 4  # number of points that share a draw and an economy


class Demand(NamedTuple):
    """A demand: the effect on an outcome must be better than ``worst``."""

    outcome: Outcome
    worst: float  # in the outcome's unit, or relative to the absolute level without the rule
    relative: bool

    @property
    def sign(self) -> float:
        """Factor that makes an effect a loss: 1 where lower is better, −1 where higher is."""
        return -float(self.outcome.direction)

    def bound(self, level: float) -> float:
        """Return the worst effect in the outcome's unit, given its level without the rule."""
        return self.worst * abs(level) if self.relative else self.worst


class Problem(NamedTuple):
    """Specification of a search."""

    scenario: Scenario
    reference: Scenario
    axes: tuple[Axis, ...]  # the levers
    whole: frozenset[str]  # addresses of levers that take whole numbers
    demands: tuple[Demand, ...]  # their outcomes are the objectives
    readings: Mapping[str, Draws | None]  # sets of parameters, by name
    points: int  # simulated under each parameter set; every ``BLOCK`` of them share a draw
    rules: int  # number of rules kept from the front
    confirm: int  # number of draws of the fresh simulations of these rules

    @property
    def blocks(self) -> int:
        """Number of draws, and of economies, of the points."""
        return -(-self.points // BLOCK)

    @property
    def outcomes(self) -> list[str]:
        """Names of the objectives."""
        return [each.outcome.name for each in self.demands]

    @property
    def columns(self) -> list[str]:
        """Names of the levers in tables, as in ``quiet_hours.from_hour``."""
        return [axis.name.removeprefix("levers.") for axis in self.axes]

    def unit(self, values: Reals) -> Reals:
        """Map values of the levers, (rules, levers), to the unit cube."""
        low, high = self._ends
        return (values - low) / (high - low)

    def values(self, unit: Reals) -> Reals:
        """Map the unit cube to values of the levers, rounded to a hundredth of a range or finer."""
        low, high = self._ends
        found = low + unit * (high - low)
        for k, axis in enumerate(self.axes):
            decimals = 0 if axis.name in self.whole else max(2 - math.floor(math.log10(high[k] - low[k])), 0)
            found[:, k] = np.clip(np.round(found[:, k], decimals), low[k], high[k])
        return found

    @property
    def _ends(self) -> tuple[Reals, Reals]:
        low, high = np.array([(axis.low, axis.high) for axis in self.axes], float).T
        return low, high


def read_levers(texts: Sequence[str], scenario: Scenario) -> tuple[tuple[Axis, ...], frozenset[str]]:
    """Parse levers with ranges, as in ``quiet_hours.from_hour=18:23``; also return which of them are whole numbers.

    Raises ``InputError`` for a range that cannot be parsed, an unknown lever, or a value that the scenario rejects.
    """
    data = scenario.model_dump(mode="json")
    values = {name: addresses.value_at(data, name) for name in addresses.addresses(data) if addresses.of_lever(name)}
    there = [name for name, value in values.items() if isinstance(value, int | float) and not isinstance(value, bool)]
    if not texts:
        listed = ", ".join(f"{name.removeprefix('levers.')}={values[name]:.12g}" for name in there)
        raise InputError(f"--lever: name one or more of {scenario.name}: {listed or 'it has no levers with numbers'}")
    axes = [_axis(text, there, scenario.name) for text in texts]
    if len({axis.name for axis in axes}) < len(axes):
        raise InputError("--lever: a lever is named twice")
    design = Design(name=NAME, title=NAME, method="lhs", points=1, axes=tuple(axes))
    draft = Draft(design, {scenario.name: data}, {}, set(), None)
    mistakes = [
        f"--lever {texts[number]}: {re.sub(r'^axes.*?: ', '', text)}"
        for number, axis in enumerate(axes)
        for _, text in axis_mistakes(draft, number, axis)
    ]
    if mistakes:
        raise InputError("\n".join(mistakes))
    return tuple(axes), frozenset(draft.whole)


def _axis(text: str, there: Sequence[str], scenario: str) -> Axis:
    found = re.fullmatch(r"\s*([^=\s]+)\s*=\s*([^:\s]+)\s*:\s*([^:\s]+)\s*", text)
    ends = [_number(part) for part in found.groups()[1:]] if found else []
    if not found or None in ends:
        raise InputError(f"--lever {text}: a lever with its range is needed, as in quiet_hours.from_hour=18:23")
    low, high = (float(end) for end in ends if end is not None)
    name = found[1] if found[1].startswith("levers.") else f"levers.{found[1]}"
    if name not in there:
        bare = [each.removeprefix("levers.") for each in there]
        raise InputError(f"--lever {text}: {scenario} has no such number{nearest(name.removeprefix('levers.'), bare)}")
    if low >= high:
        raise InputError(f"--lever {text}: {high:g} must be above {low:g}")
    return Axis(name=name, low=low, high=high)


def _number(text: str) -> float | None:
    """Read a finite number; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read_demands(texts: Sequence[str]) -> tuple[Demand, ...]:
    """Parse demands as in ``output=-1%``, by default ``USUAL``; raise ``InputError`` for bad ones or fewer than two."""
    found = tuple(_demand(text) for text in texts or USUAL)
    if len({each.outcome.name for each in found}) < max(len(found), 2):
        raise InputError("--demand: two outcomes or more are needed, each of them once, as in --demand output=-1%")
    return found


def _demand(text: str) -> Demand:
    name, sign, written = (part.strip() for part in text.partition("="))
    worst = _number(written.removesuffix("%"))
    if not sign or worst is None:
        raise InputError(f"--demand {text}: an outcome and its worst effect are needed, as in output=-1%")
    rankable = [each.name for each in BY_NAME.values() if each.direction]
    if name not in rankable:
        why = "neither direction is better" if name in BY_NAME else "no such outcome"
        raise InputError(f"--demand {text}: {why}{nearest(name, rankable)}")
    relative = written.endswith("%")
    return Demand(BY_NAME[name], worst / 100 if relative else worst, relative)
