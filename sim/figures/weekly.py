"""Weekly values of outcomes in both worlds, with the interval of their paired difference, smoothed or not.

The worlds share their random numbers, so the spread among firms says little about their difference; the interval is
therefore that of the paired difference. Smoothing adds numerators and denominators over neighbouring weeks before it
divides, which gives an outcome over a longer time, not a mean of ratios. It never crosses the first or last day of a
phase, so that no effect appears before its cause.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.core.columns import Ledger, table_name
from sim.core.errors import ResultsError
from sim.figures.context import Setting, Tables, firms_shown, table
from sim.outcomes import CLUSTER, FEWEST, Outcome, Reals, Whole, firm_sums, leave_one_out, weekly_arrays
from sim.stats.variance import ratio_difference, stacked_worlds, with_interval

KEYS = ("world", *CLUSTER, "week", "n_people")
SUMMED = {table_name(name) for name in Ledger._fields}  # all other columns are means over people
MIDDLE = 3.5  # days: a week is drawn at its middle
LONG = 156  # weeks; longer runs are smoothed
QUARTER = 13  # weeks in a window, of longer runs

Sums = tuple[Whole, Whole]  # numerators and denominators, (weeks, firms, outcomes) each


class Lines(NamedTuple):
    """Weekly values, (weeks, outcomes) each; NaN where there is no such firm."""

    weeks: Reals  # their middles, in days of the calendar (``date.toordinal``)
    rule: Reals
    without: Reals
    half: Reals  # half width of the interval of the paired difference; NaN over few firms, unless it is zero
    others: Reals

    @property
    def stated(self) -> bool:
        """Whether there are intervals, or none is missing."""
        return self.banded or not np.isnan(self.half).any()

    @property
    def banded(self) -> bool:
        """Whether some interval has a width that can be seen."""
        return bool((self.half > 0).any())


class Weeks(NamedTuple):
    """Sums of every week, before division."""

    numbers: NDArray[np.int64]
    days: Reals  # middles of the weeks, in days of the calendar
    rule: Sums
    without: Sums
    others: Sums | None
    replicates: Whole | None = None  # of the firms of the other two, where each has parameters of its own


def sums_of(tables: Tables, run: Setting, outcomes: Sequence[Outcome]) -> Weeks:
    """Sum numerators and denominators by week and firm, from week 0 on; a ``ResultsError`` if there is no such week.

    Columns of ``firm_week`` that are means over people are multiplied by ``n_people`` first: ratios weight people
    equally.
    """
    frame = table(tables, "firm_week", KEYS).filter(pl.col("week") >= 0)
    means = [name for name in frame.columns if name not in KEYS and name not in SUMMED]
    frame = frame.with_columns(pl.col(name).cast(pl.Float64) * pl.col("n_people") for name in means)
    # A denominator that is the same for every person-week counts people.
    people = pl.col("n_people").cast(pl.Float64)
    outcomes = [
        outcome if outcome.denominator.meta.root_names() else outcome._replace(denominator=outcome.denominator * people)
        for outcome in outcomes
    ]
    if frame.is_empty():
        raise ResultsError("the table 'firm_week' has no week after the warm-up, so there is nothing to draw")
    scope = table(tables, "firms", (*CLUSTER, "in_scope")).select(*CLUSTER, "in_scope").lazy()
    scope = scope.cast({key: frame.schema[key] for key in CLUSTER})
    sums = firm_sums(frame.lazy().join(scope, on=CLUSTER, how="left"), outcomes, ("world", "week", *CLUSTER))
    chosen = firms_shown(tables).select(CLUSTER).cast({key: sums.schema[key] for key in CLUSTER})
    inside, outside = (sums.join(chosen, on=CLUSTER, how=how) for how in ("semi", "anti"))
    numbers = sums["week"].unique().sort().to_numpy().astype(np.int64)
    return Weeks(
        numbers,
        np.asarray(run.day0.toordinal() + MIDDLE + 7.0 * numbers, dtype=np.float64),
        weekly_arrays(inside, run.scenario, outcomes, numbers),
        weekly_arrays(inside, run.counterfactual, outcomes, numbers),
        weekly_arrays(outside, run.scenario, outcomes, numbers) if outside.height else None,
        inside.select(CLUSTER).unique().sort(CLUSTER)["replicate"].to_numpy().astype(np.int64) if run.drawn else None,
    )


def stored_lines(tables: Tables, run: Setting, outcomes: Sequence[str], together: int = 1) -> Lines:
    """Read weekly values from the table ``weekly`` of a comparison; a ``ResultsError`` if it lacks the scenario.

    Values are averaged over ``together`` weeks, and so are half widths. The interval of the mean is conservative then:
    it is exact only if the deviations of all weeks are fully correlated. Weeks in which an outcome is undefined in
    either world do not count; a window without any other is unknown.
    """
    columns = ("rule", "without", "half")
    frame = table(tables, "weekly", ("scenario", "set", "week", "outcome", *columns))
    frame = frame.filter(pl.col("scenario") == run.scenario, pl.col("week") >= 0)
    numbers = np.sort(frame["week"].unique().to_numpy()).astype(np.int64)
    if not numbers.size:
        raise ResultsError(f"the table 'weekly' has no week of '{run.scenario}'")
    low, high = _windows(numbers, together, phase_breaks(run))

    def grid(which: str, column: str) -> Reals:
        found = np.full((numbers.size, len(outcomes)), np.nan)
        mine = frame.filter(pl.col("outcome").is_in(outcomes), set=which)
        for week, outcome, value in mine.select("week", "outcome", column).iter_rows():
            found[np.searchsorted(numbers, week), outcomes.index(outcome)] = np.nan if value is None else value
        return found

    days = np.asarray(run.day0.toordinal() + MIDDLE + 7.0 * numbers, dtype=np.float64)
    rule, without, half = (grid("reached", column) for column in columns)
    others = grid("others", "rule")
    if together > 1:
        both_known = np.isfinite(rule + without)
        rule, without, half = (_averaged(each, both_known, low, high) for each in (rule, without, half))
        others = _averaged(others, np.isfinite(others), low, high)
    return Lines(days, rule, without, half, others)


def _averaged(weeks: Reals, counted: NDArray[np.bool_], low: Whole, high: Whole) -> Reals:
    """Average the weeks of each window that are ``counted``; NaN where one of them is, or where there is none."""
    known = np.isfinite(weeks)
    count = _sum_weeks(counted.astype(np.float64), low, high)
    found = _sum_weeks(np.where(counted & known, weeks, 0.0), low, high)
    unknown = _sum_weeks((counted & ~known).astype(np.float64), low, high) > 0
    return np.where(unknown | (count == 0), np.nan, found / np.maximum(count, 1.0))


def weekly_lines(weeks: Weeks, together: int = 1, breaks: Sequence[int] = ()) -> Lines:
    """Divide the sums over windows of ``together`` weeks (odd), and compute intervals by the jackknife over firms.

    Windows shrink symmetrically towards the ends and towards ``breaks``, the weeks that begin a new segment.
    """
    low, high = _windows(weeks.numbers, together, breaks)

    def around(sums: Sums) -> Sums:
        return sums if together == 1 else (_sum_weeks(sums[0], low, high), _sum_weeks(sums[1], low, high))

    rule, without = around(weeks.rule), around(weeks.without)
    found = with_interval(ratio_difference, stacked_worlds(without, rule), weeks.replicates)
    shape = rule[0].shape[::2]
    half = found["half"].reshape(shape)
    if rule[0].shape[1] < FEWEST:
        half = np.where(half == 0, half, np.nan)
    ratios = found["ratios"].reshape(2, *shape)
    others = leave_one_out(*around(weeks.others))[0] if weeks.others else np.full_like(half, np.nan)
    return Lines(weeks.days, ratios[1], ratios[0], half, others)


def _sum_weeks[Values: (Reals, Whole)](weeks: Values, low: Whole, high: Whole) -> Values:
    sums = np.concatenate([np.zeros_like(weeks[:1]), weeks.cumsum(axis=0)])
    return sums[high] - sums[low]


def phase_breaks(run: Setting) -> list[int]:
    """Return the numbers of the weeks in which phases start or end."""
    days = {day.toordinal() - run.day0.toordinal() for phase in run.phases for day in (phase.start, phase.end)}
    return sorted({day // 7 for day in days})


def _windows(numbers: NDArray[np.int64], together: int, breaks: Sequence[int]) -> tuple[Whole, Whole]:
    """Return the first week of each window and the first after it, as indices into the list of weeks."""
    place = np.arange(numbers.size)
    edges = np.searchsorted(numbers, np.array(sorted(breaks), dtype=np.int64))
    edges = np.unique(np.concatenate([[0], edges, [numbers.size]]))
    segment = np.searchsorted(edges, place, side="right") - 1
    # As many weeks before as after: a window on one side only would bend the line at every edge.
    reach = np.minimum(np.minimum(place - edges[segment], edges[segment + 1] - 1 - place), together // 2)
    return (place - reach).astype(np.int64), (place + reach + 1).astype(np.int64)
