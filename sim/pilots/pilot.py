"""Power of a pilot: how often an evaluation with so many cities, firms and months would find the effect.

Simulating each pilot would take hours. Pilots are drawn instead from a stock of simulated firms that the rules reach,
each with two histories, with and without the rules: firms with replacement, people within a firm without. A pilot has
firms of one replicate, which have the same parameters; the true effect is the mean over these. As a stock is itself a
sample, a pilot much larger than it looks more certain than it would be.

A pilot is analysed by the difference in differences of firm means, weighted by people. With complete panels and one
start that is exactly the two-way regression of ``sim.pilots.estimators``.
"""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import stdtrit
from scipy.stats import binomtest

from sim.comparing.effects import without_nan
from sim.core.errors import InputError
from sim.outcomes import BY_NAME, Reals, mean
from sim.pilots.evaluation import FIRM, Pair, Plan, knowledge
from sim.pilots.survey import MEASURES, NO_ERRORS, PERSON, Schedule, panel, payroll, survey, survey_key, waves
from sim.runs.progress import SIZING, Report
from sim.stats.sampling import children, normals, uniforms

PILOTS = 2**40  # key of all pilots, beyond the numbers of firms
FIRM_DRAW, SHOCK_DRAW, PEOPLE_DRAW = 0, 1, 2
POWER = 0.8  # of the detectable effect
LEAST_FIRMS = 12  # firms that a stock needs at least in each replicate
MOST_PEOPLE = 1_000_000  # people asked with the rules, whose draws fit into memory


class Size(NamedTuple):
    """A pilot: some cities with the rules, and as many without."""

    cities: int
    firms: int  # in each city
    months: int  # after the start
    people_per_firm: int


class PilotDraws(NamedTuple):
    """How pilots are drawn and assessed."""

    replications: int = 400  # pilots of each size
    city_shock: float = 0.0  # spread of events of a whole city, in standard deviations of a firm's change


class Stock(NamedTuple):
    """Firms with two histories each, by replicate."""

    edges: NDArray[np.int64]  # (replicates + 1,) where each replicate's firms start among all
    sizes: Reals  # (firms,) people
    first: NDArray[np.int64]  # (firms + 1,) where each firm's people start among all
    changes: dict[tuple[str, str, int], list[Reals]]  # by source, outcome and months: with the rules, without
    truth: dict[tuple[str, str, int], Reals]  # by the same, (replicates,): mean effect by people
    seed: int
    before: int  # periods before the start
    every: int  # months of a period
    differs: bool  # whether the histories of a firm differ before the start

    @property
    def replicates(self) -> int:
        """Number of replicates, of which pilots are drawn in turn."""
        return len(self.edges) - 1


def stock(pair: Pair, plan: Plan, months: Sequence[int]) -> Stock:
    """Make the stock of firms that the rules reach, for pilots of some months after the start.

    ``InputError`` as in ``stock_firms``.
    """
    asked, reached = stock_firms(pair, plan, months)
    everybody = {**plan.how, "people_per_firm": 1e9}
    exact = {**survey(NO_ERRORS), "people_per_firm": 1e9}
    worlds = (pair.scenario.name, pair.counterfactual.name)
    said, true = (
        [_since(panel(pair.tables, world, how, asked), reached, plan) for world in worlds] for how in (everybody, exact)
    )
    paid, worked = (
        [_since(payroll(pair.tables, world, asked, exact=way), reached, plan) for world in worlds]
        for way in (False, True)
    )
    everyone = pair.tables["people"].lazy().select(pl.col(PERSON).cast(pl.Int64)).collect()
    people = everyone.join(reached.select("row", *FIRM), on=FIRM).sort("row", "person")
    people = people.with_columns(generation=pl.lit(0, pl.Int64))  # nobody joins the panel later
    first = np.searchsorted(people["row"].to_numpy(), np.arange(reached.height + 1))
    edges = np.searchsorted(reached["replicate"].to_numpy(), np.arange(pair.scenario.run.replicates + 1))
    changes, truth = {}, {}
    sizes = reached["size"].to_numpy().astype(np.float64)
    before = waves(asked).filter(pl.col("period") < pl.lit(reached["cohort"].min()) - plan.anticipation).height
    sources = {
        "survey": (said, true, people, ("row", "person", "generation")),
        "payroll": (paid, worked, reached, ("row",)),
    }
    for month, (source, outcome) in product(months, MEASURES):
        until, (seen, exactly, order, keys) = month // plan.every, sources[source]
        changes[source, outcome, month] = [_mean_changes(frame, outcome, until, order, keys) for frame in seen]
        truth[source, outcome, month] = _effects(exactly, outcome, until, sizes, edges)
    early = [
        [each.filter(pl.col("since") < 0).drop("respondent", strict=False) for each in both] for both in (true, worked)
    ]
    differs = not all(one.equals(other) for one, other in early)
    return Stock(edges, sizes, first, changes, truth, asked.seed, before, plan.every, differs)


def stock_firms(pair: Pair, plan: Plan, months: Sequence[int]) -> tuple[Schedule, pl.DataFrame]:
    """Return the waves and the firms of a stock, from the scenarios alone.

    Firms have ``size``, ``cohort`` and ``row`` in the stock. ``InputError`` if the rules reach fewer than 12 firms in a
    replicate, or the run is too short for the months.
    """
    asked, firms = knowledge(pair, plan)
    reached = firms.filter(pl.col("cohort").is_not_null()).select(pl.col(FIRM).cast(pl.Int64), "size", "cohort")
    counts = np.bincount(reached["replicate"].to_numpy(), minlength=pair.scenario.run.replicates)
    if (fewest := counts.min()) < LEAST_FIRMS:
        raise InputError(
            f"{pair.scenario.name}: the rules reach {fewest} firms of replicate {counts.argmin()}; a stock to draw "
            f"pilots from needs {LEAST_FIRMS} or more in each: use more people"
        )
    last = int(waves(asked)["period"].to_numpy().max())
    longest = (last - int(reached["cohort"].to_numpy().max()) + 1) * plan.every
    if wrong := [month for month in months if not plan.every <= month <= longest or month % plan.every]:
        raise InputError(
            f"months {wrong[0]}: the run shows {plan.every} to {longest} months after the start, in steps of "
            f"{plan.every}; for longer pilots simulate more --years"
        )
    return asked, reached.sort(FIRM).with_row_index("row")


def _since(frame: pl.DataFrame, reached: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Add ``since``, the periods from each firm's start, and leave out those in which it is anticipated."""
    joined = frame.join(reached.select("row", *FIRM, "cohort"), on=FIRM, maintain_order="left")
    since = joined.with_columns((pl.col("period") - pl.col("cohort")).alias("since"))
    return since.filter(~pl.col("since").is_between(-plan.anticipation, -1))


def _mean_changes(frame: pl.DataFrame, outcome: str, until: int, order: pl.DataFrame, keys: tuple[str, ...]) -> Reals:
    """Return the mean after less the mean before the start, in the order of ``order``; NaN if one is missing."""
    means = frame.group_by(keys).agg(
        mean(pl.col(outcome).filter(pl.col("since").is_between(0, until - 1))).alias("after"),
        mean(pl.col(outcome).filter(pl.col("since") < 0)).alias("before"),
    )
    both = order.select(keys).join(means, on=keys, how="left", maintain_order="left")
    return (both["after"] - both["before"]).fill_null(np.nan).to_numpy()


def _effects(frames: Sequence[pl.DataFrame], outcome: str, until: int, sizes: Reals, edges: NDArray[np.int64]) -> Reals:
    """Average the difference between the worlds after the start over the firms of each replicate, by people."""
    after = [
        frame.filter(pl.col("since").is_between(0, until - 1)).group_by("row").agg(mean(pl.col(outcome))).sort("row")
        for frame in frames
    ]
    difference = after[0][outcome].to_numpy() - after[1][outcome].to_numpy()
    weights = np.where(np.isnan(difference), 0.0, sizes)  # of a firm on leave nothing is known that is asked at work
    sums = [np.add.reduceat(each, edges[:-1]) for each in (np.nan_to_num(difference) * weights, weights)]
    with np.errstate(invalid="ignore"):
        means: Reals = sums[0] / sums[1]
    return means


def power(taken: Stock, sizes: Sequence[Size], how: PilotDraws, report: Report = lambda *_: None) -> pl.DataFrame:
    """Draw pilots of each size; count how often the effect is found, and an effect where there is none.

    One row per size, outcome and source; ``docs/tables.md`` lists the columns. Months must be among those of the stock.
    ``report`` is called before each size and at the end.
    """
    rows = []
    for number, size in enumerate(sizes):
        report(SIZING, number, len(sizes))
        pilots = [_pilot(taken, size, draw, how.city_shock) for draw in range(how.replications)]
        for source, outcome in MEASURES:
            found = np.array([pilot[source, outcome] for pilot in pilots])
            rows.append(_summary(found, taken, size, source, outcome) | {"city_shock": how.city_shock})
    report(SIZING, len(sizes), len(sizes))
    return without_nan(pl.DataFrame(rows, infer_schema_length=None))


def grid(cities: Sequence[int], firms: Sequence[int], months: Sequence[int], people: Sequence[int]) -> list[Size]:
    """Combine cities with the rules, firms per city, months after the start and people asked per firm.

    Raises ``InputError`` if the largest pilot asks more than ``MOST_PEOPLE``.
    """
    if (asked := max(cities) * max(firms) * max(people)) > MOST_PEOPLE:
        text = f"{asked:,} people would be asked in a pilot, and at most {MOST_PEOPLE:,} can be"
        raise InputError(f"--cities, --firms, --people-per-firm: {text}")
    return [Size(*each) for each in product(cities, firms, months, people)]


def _pilot(taken: Stock, size: Size, draw: int, shock: float) -> dict[tuple[str, str], tuple[Reals, Reals]]:
    """Draw a pilot and analyse it: with the rules, and as a placebo in which nobody is treated.

    Replicates take turns. Events of a city have the spread ``shock``, in standard deviations of a firm's change without
    the rules in the pilot's replicate.
    """
    start, end = taken.edges[draw % taken.replicates :][:2]
    pilot = children(children(survey_key(taken.seed, 0), PILOTS), draw)
    city = children(children(pilot, np.arange(2))[:, None], np.arange(size.cities))
    slot = children(city[:, :, None], np.arange(size.firms)).ravel()
    which = start + (uniforms(slot, FIRM_DRAW) * (end - start)).astype(np.int64)
    treated = np.repeat([True, False], size.cities * size.firms)
    place = np.repeat(np.arange(2 * size.cities), size.firms)
    people, owner = _sampled(taken, slot, which, size.people_per_firm)
    found = {}
    for number, (source, outcome) in enumerate(MEASURES):
        changes = taken.changes[source, outcome, size.months]
        of_people = source == "survey"
        ruled, unruled = (_means(each[people], owner, len(slot)) if of_people else each[which] for each in changes)
        usual = unruled if of_people else changes[1][start:end]
        spread = shock * np.nanstd(usual) if shock and not np.isnan(usual).all() else 0.0
        events = (spread * normals(city, SHOCK_DRAW + 10 * (1 + number))).ravel()[place]
        weight = taken.sizes[which]
        found[source, outcome] = (
            did_estimate(np.where(treated, ruled, unruled) + events, weight, treated, place),
            did_estimate(unruled + events, weight, treated, place),
        )
    return found


def _sampled(
    taken: Stock, slot: NDArray[np.uint64], which: NDArray[np.int64], most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Choose the people asked in each firm, those with the lowest draws: their rows, and the slots of their firms."""
    counts = (taken.first[1:] - taken.first[:-1])[which]
    owner = np.repeat(np.arange(len(slot)), counts)
    inside = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    chance = uniforms(children(slot[owner], inside), PEOPLE_DRAW)
    order = np.lexsort((chance, owner))  # owners stay in order, so that ``inside`` also numbers the ranks within them
    kept = inside < most
    return (taken.first[which][owner] + inside[order])[kept], owner[kept]


def _means(values: Reals, owner: NDArray[np.int64], slots: int) -> Reals:
    """Average over the people of each slot who answered before and after; NaN if none did."""
    there = ~np.isnan(values)
    count = np.bincount(owner[there], minlength=slots)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Reals = np.bincount(owner[there], values[there], minlength=slots) / count
    return mean


def did_estimate(change: Reals, weight: Reals, treated: NDArray[np.bool_], city: NDArray[np.int64]) -> Reals:
    """Estimate the difference in differences of firms, with jackknife errors by firm and by city.

    All arguments are (firms,): change of the firm's mean (NaN: left out), people, whether it is treated, number of its
    city. Returns the estimate, then standard error and degrees of freedom by firm and by city. Degrees of freedom are
    the effective clusters on both sides, less two; an error is NaN if a side has a single cluster, all if one has none.
    """
    there = ~np.isnan(change)
    change, weight, treated, city = change[there], weight[there], treated[there], city[there]
    if treated.all() or not treated.any():
        return np.full(5, np.nan)
    found = [0.0]  # then, for each kind of cluster, the jackknife: squares of what leaving out one does
    for clusters in (np.arange(len(change)), np.unique(city, return_inverse=True)[1]):
        value, squares, freedom = 0.0, 0.0, 0.0
        for side, sign in ((treated, 1.0), (~treated, -1.0)):
            share = np.bincount(clusters[side], weight[side] / weight[side].sum())
            total = np.bincount(clusters[side], change[side] * weight[side] / weight[side].sum())
            share, total = share[share > 0], total[share > 0]
            value += sign * total.sum()
            alone = len(share) < 2
            squares += np.nan if alone else (((total - share * total.sum()) / (1.0 - share)) ** 2).sum()
            freedom += 1.0 / (share**2).sum() - 1.0
        number = clusters.max() + 1
        found[0] = value
        found += [np.sqrt(squares * (number - 1) / number), max(freedom, 1.0)]
    return np.array(found)


def _summary(found: Reals, taken: Stock, size: Size, source: str, outcome: str) -> dict[str, float | int | str]:
    """Summarise pilots of one size; ``found`` is (pilots, with rules and placebo, results of ``did_estimate``)."""
    real, placebo = found[:, 0], found[:, 1]
    truths = taken.truth[source, outcome, size.months]
    effect = truths[np.arange(len(real)) % taken.replicates]
    shares: dict[str, float] = {}
    for cluster, error in (("", 1), ("city_", 3)):
        (finds, holds), (rejects, _) = _hits(real, effect, error), _hits(placebo, np.zeros(len(placebo)), error)
        for name, hits in (("power", finds), ("coverage", holds), ("rejects_placebo", rejects)):
            shares |= _wilson(f"{cluster}{name}", hits)
    there = ~np.isnan(real[:, 1])
    known = real[there]
    off = known[:, 0] - effect[there]
    return {
        **size._asdict(),
        "outcome": outcome,
        "source": source,
        "unit": BY_NAME[outcome].unit,
        "effect": truths.mean(),
        "effect_least": truths.min(),
        "effect_most": truths.max(),
        "estimate": known[:, 0].mean() if len(known) else np.nan,
        "bias": off.mean() if len(known) else np.nan,
        "error": known[:, 1].mean() if len(known) else np.nan,
        "spread": off.std(ddof=1) if len(known) > 1 else np.nan,
        "mde": _detectable(real, effect, 1),
        "city_mde": _detectable(real, effect, 3),
        **shares,
        "pilots": len(known),
        "stock": len(taken.sizes),
        "months_before": taken.before * taken.every,
        "differs_before": taken.differs,
    }


def _detectable(found: Reals, effect: Reals, error: int) -> float:
    """Return the effect of either sign that 80 % of pilots would find; ``error`` is as in ``_hits``."""
    value, effect, half = _with_errors(found, effect, error)
    off = value - effect
    return float(np.quantile([half - off, half + off], POWER)) if len(off) else np.nan


def _hits(found: Reals, effect: Reals, error: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return in which pilots the interval excludes zero, and in which it covers the pilot's true effect.

    ``error`` is the column of the standard error, 1 by firm and 3 by city; pilots without one are left out.
    """
    value, effect, half = _with_errors(found, effect, error)
    return np.abs(value) > half, np.abs(value - effect) <= half


def _with_errors(found: Reals, effect: Reals, error: int) -> tuple[Reals, Reals, Reals]:
    """Return estimates, effects and half widths of the intervals of the pilots that have an error."""
    there = ~np.isnan(found[:, error])
    value, size, freedom = found[there][:, [0, error, error + 1]].T
    return value, effect[there], stdtrit(np.maximum(freedom, 1.0), 0.975) * size


def _wilson(name: str, hits: NDArray[np.bool_]) -> dict[str, float]:
    """Return a share with its 95 % Monte Carlo interval (Wilson)."""
    if not len(hits):
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"), np.nan)
    ends = binomtest(int(hits.sum()), len(hits)).proportion_ci(method="wilson")
    return {name: float(hits.mean()), f"{name}_low": float(ends.low), f"{name}_high": float(ends.high)}
