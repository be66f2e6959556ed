"""Tables of a search: the rules of the front, their trade-offs, the choices, and conditions of failure."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from scipy.special import stdtrit

from sim.comparing.effects import without_nan
from sim.outcomes import Reals
from sim.search.problem import Problem
from sim.search.robustness import Box, Metrics, failure_box, metrics
from sim.search.surfaces import Fit, errors_afresh
from sim.search.worlds import Pairs
from sim.sweeps.emulation import Errors
from sim.sweeps.regions import FUNCTIONS

NONE, ALL = "none", "all"  # the world without a rule; the worst over all parameter sets
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
JUDGED, CONDITIONED = 128, 500  # draws for the metrics of rules, and for conditions of failure
SIDES = (0.025, 0.975)


class Reading(NamedTuple):
    """Simulations and emulators under one parameter set."""

    pairs: Pairs
    names: Sequence[str]  # of parameters
    draws: Reals  # (draws, parameters)
    fits: Sequence[tuple[Fit, Errors]]
    moved: Sequence[bool]  # whether levers move each objective beyond chance

    @property
    def emulators(self) -> list[Fit]:
        """The emulators of all objectives."""
        return [fit for fit, _ in self.fits]

    @property
    def draw_correlations(self) -> Reals:
        """Correlations of what draws share beyond levers and parameters, (objectives, objectives).

        They are computed over the draws in which every objective is known at some point.
        """
        draws = [np.unique(self.pairs.draws[np.isfinite(column)]) for column in self.pairs.differences.T]
        there = functools.reduce(np.intersect1d, draws)
        common = [
            fit.process.draw_residuals[np.isin(mine, there)] for fit, mine in zip(self.emulators, draws, strict=True)
        ]
        with np.errstate(invalid="ignore", divide="ignore"):
            found = np.array(np.nan_to_num(np.corrcoef(common)) if len(there) > 1 else np.eye(len(common)))
        np.fill_diagonal(found, 1.0)
        return found


def losses(problem: Problem, known: Reading, unit: Reals, draws: int) -> Reals:
    """Predict the mean losses of rules over the first ``draws`` draws, (rules, objectives)."""
    parameters = known.draws[:draws]
    signs = [demand.sign for demand in problem.demands]
    means = [fit.mean(unit, parameters).mean(axis=1) for fit in known.emulators]
    return np.column_stack([sign * mean for sign, mean in zip(signs, means, strict=True)])


def bounds(problem: Problem, known: Reading) -> Reals:
    """Return the bounds that losses must stay below, (objectives,)."""
    levels = zip(problem.demands, known.pairs.levels, strict=True)
    return np.array([demand.sign * demand.bound(level) for demand, level in levels])


def tables(
    problem: Problem, known: Mapping[str, Reading], values: Reals, fresh: Mapping[str, Pairs],
    on_front: Mapping[str, Any], seed: int,
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """Build all tables about the rules with these values of the levers, (rules, levers).

    ``on_front`` says for each parameter set which rules are on its front.
    """
    unit, names = problem.unit(values), list(LETTERS[: len(values)])
    front: list[pl.DataFrame] = []
    trades: list[dict[str, Any]] = []
    checks: list[dict[str, Any]] = []
    fates: dict[str, Metrics] = {}
    for reading, about in known.items():
        rng = np.random.default_rng(seed)
        drawn = _drawn(about, unit, about.draws[:JUDGED], rng)
        signed = np.stack([demand.sign * each for demand, each in zip(problem.demands, drawn, strict=True)], axis=-1)
        fate = fates[reading] = metrics(
            signed.transpose(0, 2, 1, 3).reshape(-1, *signed.shape[1::2]), bounds(problem, about)
        )
        front.append(_front(problem, reading, fate, values, names, on_front[reading]))
        for k in range(len(problem.demands)):
            shared = {"reading": reading, **_named(problem, k), "level": float(about.pairs.levels[k])}
            trades += [shared | row for row in _trades(problem, about, fate, unit, names, k, drawn[k], fresh[reading])]
        checks += _checks(problem, reading, about, fresh[reading])
    choices = pl.DataFrame(_choices(fates, names))
    conditions, failing = _conditions(problem, known, unit, fresh, names, choices, seed)
    made = {
        "front": pl.concat(front), "trade_offs": pl.DataFrame(trades, infer_schema_length=None), "choices": choices,
        "conditions": conditions, "failing": failing, "checks": pl.DataFrame(checks),
    }  # fmt: skip
    return {name: without_nan(frame) for name, frame in made.items()}


def _drawn(known: Reading, unit: Reals, parameters: Reals, rng: np.random.Generator) -> list[Reals]:
    """Draw effects on all objectives, (functions, rules, draws) each, including what each draw shares."""
    constant = rng.multivariate_normal(np.zeros(len(known.fits)), known.draw_correlations, (FUNCTIONS, len(parameters)))
    return [
        fit.functions(unit, parameters, rng) + fit.process.shares(unit, constant[..., k], rng)
        for k, fit in enumerate(known.emulators)
    ]


def _named(problem: Problem, k: int) -> dict[str, Any]:
    outcome = problem.demands[k].outcome
    return {"outcome": outcome.name, "unit": outcome.unit, "better": outcome.better}


def _front(
    problem: Problem, reading: str, fate: Metrics, values: Reals, names: Sequence[str], mine: Sequence[bool]
) -> pl.DataFrame:
    """Tabulate the rules, with the world without a rule as the last row."""
    levers = np.vstack([values, np.full(values.shape[1], np.nan)])
    return pl.DataFrame({
        "reading": reading, "rule": [*names, NONE], **dict(zip(problem.columns, levers.T, strict=True)),
        "on_front": [*map(bool, mine), False], "undominated": fate.undominated, "satisfying": fate.satisfying,
        "regret": fate.largest_regret,
    })  # fmt: skip


def _trades(
    problem: Problem, known: Reading, fate: Metrics, unit: Reals, names: Sequence[str], k: int, drawn: Reals,
    fresh: Pairs,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield the row of each rule for one objective: the effect as predicted and as simulated afresh."""
    fit, there = known.emulators[k], problem.unit(fresh.levers)
    quantile = fit.quantiles[1]
    worst = problem.demands[k].bound(known.pairs.levels[k])
    for place, rule in enumerate(names):
        low, high = np.quantile(drawn[:, place], SIDES)
        mine = (np.abs(there - unit[place]) < 1e-9).all(axis=1) & np.isfinite(fresh.differences[:, k])
        seen = fresh.differences[mine, k]
        row = {
            "rule": rule, "effect": float(drawn[:, place].mean()), "low": float(low), "high": float(high),
            "worst": float(worst), "meets": float(fate.meets[place, k]), "regret": float(fate.regret[place, k]),
            "regret_high": float(fate.regret_high[place, k]), "simulations": len(seen),
        }  # fmt: skip
        if len(seen) > 1:
            half = stdtrit(len(seen) - 1, SIDES[1]) * seen.std(ddof=1) / np.sqrt(len(seen))
            means = fit.functions(unit[[place]], fresh.parameters[mine], np.random.default_rng(0)).mean(axis=(1, 2))
            scatter = float(fit.process.scatter(unit[[place]])[0])
            expected, reach = float(means.mean()), quantile * np.sqrt(means.var() + scatter / len(seen))
            row |= {"fresh": float(seen.mean()), "fresh_low": seen.mean() - half, "fresh_high": seen.mean() + half}
            row |= {"expected": expected, "inside": bool(abs(seen.mean() - expected) <= reach)}
        yield row


def _checks(problem: Problem, reading: str, known: Reading, fresh: Pairs) -> Iterator[dict[str, Any]]:
    """Yield the errors of each emulator, at points left out and in fresh simulations."""
    for k, anew in enumerate(errors_afresh(problem, known.emulators, fresh)):
        used = ", ".join(known.names[n] for n in known.emulators[k].chosen)
        for kind, errors in (("left_out", known.fits[k][1]), ("fresh", anew)):
            half, most = errors.inside
            yield {
                "reading": reading, **_named(problem, k), "parameters": used, "kind": kind, "moved": known.moved[k],
                "points": errors.points,
                "error": errors.error, "explained": errors.explained, "inside_50": half, "inside_95": most,
            }  # fmt: skip


def _choices(fates: Mapping[str, Metrics], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Choose a rule by each criterion under each parameter set, and by the worst case over several sets."""
    parts = {reading: (fate.satisfying, fate.largest_regret, fate.undominated) for reading, fate in fates.items()}
    if len(parts) > 1:
        satisfying, regret, undominated = (np.stack(each) for each in zip(*parts.values(), strict=True))
        parts[ALL] = satisfying.min(axis=0), regret.max(axis=0), undominated.min(axis=0)
    rules = [*names, NONE]
    for reading, (satisfying, regret, undominated) in parts.items():
        orders = {"satisfying": np.lexsort((regret, -satisfying)), "regret": np.lexsort((-satisfying, regret))}
        for criterion, order in orders.items():
            best = int(order[0])
            yield {
                "reading": reading, "criterion": criterion, "rule": rules[best], "satisfying": float(satisfying[best]),
                "regret": float(regret[best]), "undominated": float(undominated[best]),
            }  # fmt: skip


def _conditions(
    problem: Problem, known: Mapping[str, Reading], unit: Reals, fresh: Mapping[str, Pairs], names: Sequence[str],
    choices: pl.DataFrame, seed: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """Tabulate the conditions under which each chosen rule fails, and the chance of failing at each draw.

    A rule without such a condition has one row without a parameter.
    """
    rows, points = [], []
    for rule in [name for name in names if name in choices["rule"]]:
        place = names.index(rule)
        for reading, about in known.items():
            used = sorted({n for fit in about.emulators for n in fit.chosen})
            parameters = about.draws[:CONDITIONED]
            drawn = _drawn(about, unit[[place]], parameters, np.random.default_rng(seed))
            limits = bounds(problem, about)
            met = [d.sign * each[:, 0] < limit for d, each, limit in zip(problem.demands, drawn, limits, strict=True)]
            fails = 1.0 - np.all(met, axis=0).mean(axis=0)
            box = failure_box(parameters[:, used], fails)
            head = {"reading": reading, "rule": rule, "fails": float(fails.mean()), "draws": len(fails)}
            seen = _failures_afresh(problem, about, fresh[reading], unit[place], used, box)
            listed = [about.names[n] for n in used]
            rows += [head | seen | part for part in _box_rows(box, listed)]
            columns = {name: parameters[:, n] for name, n in zip(listed, used, strict=True)}
            points.append(pl.DataFrame({"reading": reading, "rule": rule, "chance": fails, **columns}))
    schema = {
        "reading": pl.String, "rule": pl.String, "fails": pl.Float64, "draws": pl.Int64, "parameter": pl.String,
        **dict.fromkeys(("low", "high", "coverage", "density", "elsewhere", "share"), pl.Float64),
        **dict.fromkeys(("fresh_inside", "failed_inside", "fresh_outside", "failed_outside"), pl.Int64),
    }  # fmt: skip
    blank = {"reading": pl.String, "rule": pl.String, "chance": pl.Float64}
    return pl.DataFrame(rows, schema=schema), pl.concat(points or [pl.DataFrame(schema=blank)], how="diagonal")


def _box_rows(box: Box | None, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    if box is None:
        yield {}
        return
    facts = box._asdict()
    for k, bounds in facts.pop("bounds").items():
        low, high = (float(end) if np.isfinite(end) else None for end in bounds)
        yield {"parameter": names[k], "low": low, "high": high, **facts}


def _failures_afresh(
    problem: Problem, known: Reading, fresh: Pairs, at: Reals, used: Sequence[int], box: Box | None
) -> dict[str, int]:
    """Count the fresh simulations of a rule, and its failures in them, inside and outside a box."""
    mine = (np.abs(problem.unit(fresh.levers) - at) < 1e-9).all(axis=1) & np.isfinite(fresh.differences).all(axis=1)
    signs = np.array([demand.sign for demand in problem.demands])
    failed = ~(signs * fresh.differences[mine] < bounds(problem, known)).all(axis=1)
    inside = box.holds(fresh.parameters[mine][:, used]) if box else np.zeros(len(failed), bool)
    return {
        "fresh_inside": int(inside.sum()), "failed_inside": int(failed[inside].sum()),
        "fresh_outside": int((~inside).sum()), "failed_outside": int(failed[~inside].sum()),
    }  # fmt: skip
