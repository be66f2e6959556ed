"""Add replicates until intervals are as narrow as required.

There are few looks. Each predicts the number needed from the widths so far, at most doubles it, and reuses earlier
replicates. Optional stopping makes coverage slightly lower than nominal, because stopping is likelier when the spread
happens to look small (``docs/comparing.md``). Parameter uncertainty does not shrink; the search ends if it alone is too
wide.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from scipy.special import stdtrit

from sim.comparing.basis import basis_of
from sim.comparing.effects import contrasts, replicates_of, sums_of
from sim.core.errors import InputError, nearest
from sim.figures.words import label, language_in_force, phrase, say, speaking
from sim.outcomes import BY_NAME, Outcome, Tables, written
from sim.runs.simulation import World, side_by_side
from sim.scenario.countries import YUAN
from sim.scenario.loading import resized
from sim.scenario.schema import Scenario
from sim.stats.variance import least_half_width, ratio_difference

LEAST_TO_GIVE_UP = 8  # replicates from which the part by parameters is known well enough to give up because of it

type Gather = Callable[[Sequence[Scenario]], list[World]]


class Precision(NamedTuple):
    """Target half width of each outcome, and the largest number of replicates."""

    half: Mapping[str, float]  # outcome to half width, in its unit
    most: int  # replicates


class Width(NamedTuple):
    """Half width of an interval and its parts, as multiples of the target."""

    half: float
    chance: float  # part that shrinks with replicates
    parameters: float  # part that does not; 0 if it is unknown
    text: str  # for messages
    least: float = 0.0  # bound below which no number of replicates can go

    def predicted(self, replicates: int, more: int) -> float:
        """Predict the half width at ``more`` replicates; the part by parameters shrinks only by its t quantile."""
        known = stdtrit(more - 1.0, 0.975) / stdtrit(replicates - 1.0, 0.975) if self.parameters else 1.0
        shrunk = math.hypot(self.chance * math.sqrt(replicates / more), self.parameters * known)
        return self.half * shrunk / (math.hypot(self.chance, self.parameters) or 1.0)  # a skew makes both differ


def read_precision(texts: Sequence[str], most: int, replicates: int, currency: str = YUAN) -> Precision | None:
    """Parse options such as ``share_burnt_out=0.01``; None if there are none.

    Raises ``InputError`` for an unknown or repeated outcome, a width that is not positive and finite, or ``most`` below
    ``replicates``. The messages give amounts in ``currency``.
    """
    half = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in BY_NAME:
            raise InputError(f"--precision {text}: unknown outcome '{name}'{nearest(name, BY_NAME)}")
        if name in half:
            raise InputError(f"--precision {text}: '{name}' is named twice")
        if not value:
            raise InputError(f"--precision {text}: an outcome and its half width are needed, as in {name}=0.01")
        try:
            half[name] = float(value)
        except ValueError:
            half[name] = math.nan
        if not 0 < half[name] < math.inf:
            unit = BY_NAME[name].unit.replace(YUAN, currency)
            raise InputError(f"--precision {text}: '{value}' is no half width above 0, in the outcome's unit ({unit})")
    if not half:
        return None
    if most < replicates:
        raise InputError(f"--max-replicates {most}: fewer than the {replicates} replicates to begin with")
    return Precision(half, most)


def until_precise(
    everyone: Sequence[Scenario], wanted: Precision, gather: Gather, note: Callable[[str], None], uncertain: bool = True
) -> tuple[list[Scenario], str]:
    """Add replicates until every interval is as narrow as wanted or no more are allowed.

    ``everyone`` starts with the reference. ``gather`` simulates the worlds that are missing; ``note`` reports progress.
    Returns the resized scenarios and a sentence on whether the target was reached, in the currency of their country.
    """
    with speaking(language_in_force(), everyone[0].country.model_dump(mode="json")):
        replicates = everyone[0].run.replicates
        if uncertain:
            replicates = max(replicates, min(2, wanted.most))  # one replicate cannot show the effect of parameters
        while True:
            here = [resized(scenario, replicates) for scenario in everyone]
            widths = list(_widths(gather(here), wanted, uncertain))
            worst = max(widths, key=lambda width: width.half)
            if worst.half <= 1.0:
                return here, phrase("step", "precision_met", replicates=replicates, listed=_listed(wanted))
            if replicates >= wanted.most:
                return here, phrase("step", "precision_missed", replicates=replicates, widest=worst.text)
            widest = max(widths, key=lambda width: width.least)
            if replicates >= LEAST_TO_GIVE_UP and widest.least > 1.0:
                return here, phrase("step", "precision_never", replicates=replicates, widest=widest.text)
            more = range(replicates + 1, min(wanted.most, 2 * replicates) + 1)
            enough_then = (n for n in more if all(width.predicted(replicates, n) <= 1.0 for width in widths))
            following = next(enough_then, more[-1])
            note(phrase("step", "precision_on", replicates=replicates, widest=worst.text, following=following))
            replicates = following


def _widths(worlds: Sequence[World], wanted: Precision, uncertain: bool) -> Iterator[Width]:
    """Yield the width of each interval for everybody in units of the target; infinite where there is no interval."""
    outcomes = [BY_NAME[name] for name in wanted.half]
    base, *others = worlds
    for world in others:
        tables = side_by_side(world, base)
        rows = contrasts(tables, world.scenario, base.scenario, outcomes, uncertain, apart=False)
        least = _least_halves(tables, world.scenario, base.scenario, outcomes) if uncertain else {}
        for row in rows.to_dicts():
            half = math.inf if row["low"] is None else (row["high"] - row["low"]) / 2
            name, target = row["outcome"], wanted.half[row["outcome"]]
            ends = {"half": _written(name, half), "wanted": _written(name, target)}
            key = "precision_width" if half < math.inf else "precision_none"
            text = phrase("step", key, scenario=world.name, outcome=label("outcome", name), **ends)
            parameters = row["half_parameters"] or 0.0
            chance = row["half_chance"] if row["half_chance"] is not None else half
            yield Width(half / target, chance / target, parameters / target, text, least.get(name, 0.0) / target)


def _least_halves(tables: Tables, scenario: Scenario, base: Scenario, outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the ``least_half_width`` of each outcome, for the same firms and weeks as its interval."""
    basis = basis_of(tables, scenario, base)
    sums = sums_of(tables, (base.name, scenario.name), outcomes, basis)
    found = least_half_width(ratio_difference, sums, replicates_of(basis.firms))
    return dict(zip((each.name for each in outcomes), found.tolist(), strict=True))


def _listed(wanted: Precision) -> str:
    each = {label("outcome", name): _written(name, half) for name, half in wanted.half.items()}
    return say("list").join(
        phrase("step", "precision_wanted", outcome=outcome, half=half) for outcome, half in each.items()
    )


def _written(outcome: str, half: float) -> str:
    unit = BY_NAME[outcome].unit
    return written(half, unit, signed=True).removeprefix("+") + ("" if unit == "share" else f" {label('unit', unit)}")
