"""Tables of the variance and regret that measurements would remove, from the figures of all draws."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from sim.comparing.effects import without_nan
from sim.core.parameters import CUTOFFS
from sim.evidence.observables import UNITS
from sim.learning import value
from sim.learning.measurements import OF_TODAY, Measurement
from sim.learning.worlds import EFFECT, MEASURED, PEOPLE, TODAY, figure
from sim.outcomes import BY_NAME, Reals

PER = 10_000.0  # amount in the currency per which the removed regret is reported
FALSE_ALARMS = 0.05
OBSERVABLES = {
    "observable": pl.String, "unit": pl.String, **dict.fromkeys(("mean", "sd", "chance_sd"), pl.Float64),
    "resolved": pl.Boolean, "person_sd": pl.Float64,
}  # fmt: skip
ASSUMPTIONS = {
    **dict.fromkeys(("scenario", "outcome", "parameter"), pl.String), **dict.fromkeys(("share", "half"), pl.Float64),
    **dict.fromkeys(("rises", "beyond_chance"), pl.Boolean),
}  # fmt: skip
UNIT = {**UNITS, **{outcome.name: outcome.unit for outcome in MEASURED}}


class Runs(NamedTuple):
    """Figures of all draws, each on two economies."""

    scenarios: tuple[str, ...]
    found: tuple[tuple[Mapping[str, float], Mapping[str, float]], ...]  # (draws, economies)
    drawn: tuple[Mapping[str, float], ...]  # (draws,) parameters that the worlds do not set

    def figures(self, names: Sequence[str]) -> Reals:
        """Return figures, (draws, 2, figures), without the draws in which one of them is not finite."""
        values, known = self._values(names)
        return values[known]

    def with_parameters(self, names: Sequence[str]) -> tuple[Reals, dict[str, Reals]]:
        """Return the result of ``figures`` and, by name, the parameters that differ between its draws."""
        values, known = self._values(names)
        columns = {name: np.array([row[name] for row in self.drawn]) for name in self.drawn[0]}
        return values[known], {name: column[known] for name, column in columns.items() if np.ptp(column) > 0}

    def _values(self, names: Sequence[str]) -> tuple[Reals, np.ndarray]:
        """Return figures of all draws, (draws, 2, figures), and in which draws all of them are finite."""
        values = np.array([[[each.get(name, np.nan) for name in names] for each in pair] for pair in self.found])
        return values, np.isfinite(values).all(axis=(1, 2))

    @property
    def people(self) -> float:
        """Mean number of people in both economies of a draw together."""
        return float(np.mean([sum(each[PEOPLE] for each in pair) for pair in self.found]))


def tables(runs: Runs, outcomes: Sequence[str], listed: Sequence[Measurement], seed: int) -> dict[str, pl.DataFrame]:
    """Build the tables ``learning``, ``effects``, ``assumptions`` and ``observables``.

    ``learning`` has a row for each scenario, outcome, measurement and size. Within a scenario and outcome, the largest
    share of the variance removed comes first. Items that do not differ between draws beyond chance are left out. Shares
    are null if no item is left, or if the effect itself does not differ beyond chance.
    """
    effects = {name: runs.figures([figure(EFFECT, name, each) for each in runs.scenarios]) for name in outcomes}
    rows = [row for name in outcomes for each in listed for row in _rows(runs, name, effects[name], each, seed)]
    order = ["scenario", "outcome", "share", "cost_yuan"]
    learning = pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col("share").fill_nan(-1.0))
    learning = pl.concat(
        part.sort(order[2:], descending=[True, False], maintain_order=True)
        for part in learning.partition_by(order[:2], maintain_order=True)
    ).with_columns(pl.when(pl.col("share") >= 0).then("share"))
    made = {
        "learning": learning,
        "effects": pl.concat(_effects(runs.scenarios, name, effects[name]) for name in outcomes),
        "assumptions": pl.concat(_assumptions(runs, name) for name in outcomes),
        "observables": _observables(runs, listed),
    }
    return {name: without_nan(frame) for name, frame in made.items()}


def _observed_figures(each: Measurement, scenario: str) -> list[str]:
    """Name the figures that a measurement observes."""
    what, of = (TODAY, "") if each.kind in OF_TODAY else (each.kind, scenario)
    return [figure(what, item.of, of) for item in each.items]


def error_of(each: Measurement, size: int, chance: Reals, people: float) -> Reals:
    """Return the error covariance, (items, items), of a measurement of ``size`` people.

    ``chance`` is the covariance, by chance, of today's means of the items over ``people`` simulated people. It includes
    differences between firms. It scales to the sampling error because people are asked in firms.
    """
    answers = np.array([item.error**2 for item in each.items]) / (each.answers * size)
    biases = np.array([item.bias**2 for item in each.items])
    return chance * people / (each.effective * size) + np.diag(answers + biases)


def _rows(runs: Runs, outcome: str, effects: Reals, each: Measurement, seed: int) -> list[dict[str, object]]:
    """Return the rows of the table ``learning`` for one outcome and measurement, by scenario and size.

    A panel or trial observes one scenario: each scenario has its own, at full cost.
    """
    count, found = len(runs.scenarios), []
    directions = [BY_NAME[outcome].direction] * count
    known = any(directions) and value.beyond_chance(effects).any()
    # Chance around a draw's effect can only raise the mean of a maximum (Jensen), whatever is skewed.
    both = _chance_free(effects), effects.mean(axis=1)
    now, most = (value.expected_gain(each, directions) if known else np.nan for each in both)
    names = [figure(EFFECT, outcome, name) for name in runs.scenarios]
    today = runs.figures([figure(TODAY, item.of) for item in each.items])
    chance = value.covariances(today).chance
    for side in [runs.scenarios] if each.kind in OF_TODAY else [(name,) for name in runs.scenarios]:
        seen = runs.figures([*names, *_observed_figures(each, side[0])])
        telling = value.beyond_chance(seen) & (len(today) >= value.LEAST_DRAWS)
        sure, items = telling[:count], np.flatnonzero(telling[count:])
        about = value.regress(seen[:, :, telling], int(sure.sum())) if sure.any() and len(items) else None
        for size in each.sizes:
            shares, half, exact = np.full((3, count), np.nan)
            removed = np.nan
            if about:
                error = error_of(each, size, chance, runs.people)[np.ix_(items, items)]
                shares[sure], means = value.preposterior(about, error)
                exact[sure] = about.shares
                half[sure] = value.half_widths(seen[:, :, telling], error, int(sure.sum()), seed)
                removed = np.minimum(value.expected_gain(_chance_free(seen[:, :, :count], means), directions), now)
            for place, name in enumerate(runs.scenarios):
                if name in side:
                    found.append(
                        {
                            "scenario": name, "outcome": outcome, "unit": BY_NAME[outcome].unit,
                            "measurement": each.name, "title": each.title, "title_zh": each.title_zh,
                            "kind": each.kind, "size": size, "cost_yuan": each.cost(size),
                            "share": float(shares[place]), "half": float(half[place]),
                            "share_exact": float(exact[place]), "regret_now": now, "regret_most": most,
                            "regret_after": now - removed,
                            "removed_per_10000_yuan": removed * PER / max(each.cost(size), 1.0),
                            "draws": len(seen), "items_used": len(items) if about else 0,
                        }
                    )  # fmt: skip
    return found


def _chance_free(seen: Reals, known: Reals | None = None) -> Reals:
    """Return effects without chance, (draws, effects): their mean if chance hides them, else ``known`` if given."""
    sure = value.beyond_chance(seen)
    draws = np.tile(_mean(seen), (len(seen), 1))
    if sure.any():
        draws[:, sure] = value.without_chance(seen[:, :, sure]) if known is None else known
    return draws


def _effects(scenarios: Sequence[str], outcome: str, seen: Reals) -> pl.DataFrame:
    """Tabulate how the effects of scenarios on an outcome vary between draws and by chance."""
    parts, about = value.covariances(seen), BY_NAME[outcome]
    facts = {"outcome": outcome, "unit": about.unit, "better": about.better, "draws": len(seen)}
    spread = _spread(seen, parts)
    effects = _chance_free(seen)
    above = effects > value.ALIKE * np.abs(effects).max(axis=0, initial=0.0)  # rounding moves effects of exactly zero
    higher = np.where(spread["resolved"], above.sum(axis=0) / max(len(seen), 1), np.nan)
    return pl.DataFrame({"scenario": list(scenarios), **facts} | spread | {"higher": higher})


def _assumptions(runs: Runs, outcome: str) -> pl.DataFrame:
    """Tabulate by scenario how much of the variance of an effect goes with each parameter, largest share first."""
    seen, found = runs.with_parameters([figure(EFFECT, outcome, name) for name in runs.scenarios])
    columns = {name: column for name, column in found.items() if name not in CUTOFFS}
    parts = []
    for place, name in enumerate(runs.scenarios):
        shares = [value.explained_by(seen[:, :, place], column) for column in columns.values()]
        facts: dict[str, Any] = {"scenario": name, "outcome": outcome, "parameter": list(columns)}
        facts |= {key: [getattr(each, key) for each in shares] for key in ("share", "half", "rises")}
        facts["beyond_chance"] = [each.p_value * len(columns) < FALSE_ALARMS for each in shares]  # over the whole list
        parts.append(
            pl.DataFrame(facts, ASSUMPTIONS).sort("share", descending=True, nulls_last=True, maintain_order=True)
        )
    return pl.concat(parts)


def _observables(runs: Runs, listed: Sequence[Measurement]) -> pl.DataFrame:
    """Tabulate how today's value of each item varies between draws, by chance, and between people."""
    parts = []
    for name in dict.fromkeys(item.of for each in listed for item in each.items):
        seen = runs.figures([figure(TODAY, name)])
        if len(seen) >= value.LEAST_DRAWS:
            found = value.covariances(seen)
            person = np.sqrt(np.diag(found.chance) * runs.people)
            facts = {"observable": [name], "unit": UNIT[name]} | _spread(seen, found) | {"person_sd": person}
            parts.append(pl.DataFrame(facts))
    return pl.concat(parts) if parts else pl.DataFrame(schema=OBSERVABLES)


def _mean(seen: Reals) -> Reals:
    """Return the means of figures over draws, (figures,); NaN without draws."""
    return seen.mean(axis=(0, 1)) if len(seen) else np.full(seen.shape[2], np.nan)


def _spread(seen: Reals, parts: value.Covariances) -> dict[str, Reals]:
    """Return mean, standard deviation between draws and by chance, and whether draws differ beyond chance."""
    between, chance = (np.sqrt(np.maximum(np.diag(part), 0.0)) for part in parts)
    return {"mean": _mean(seen), "sd": between, "chance_sd": chance, "resolved": value.beyond_chance(seen)}
