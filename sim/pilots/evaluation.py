"""Evaluation of a roll-out from survey and payroll, beside the effect that only the simulation knows.

The evaluator has one world, a panel survey and the payrolls (``sim.pilots.survey``), and compares treated firms with
others (``sim.pilots.estimators``). The truth comes from pairs: the same firms in both worlds, in the same weeks and
weighted by treated people. Bias is estimate less truth. Each replicate is an economy with parameters of its own, and so
has a panel, estimates and a truth of its own.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from sim.comparing.effects import without_nan
from sim.core.errors import InputError
from sim.core.parameter_sets import DEFAULT
from sim.core.parameters import Q, values
from sim.levers.lever import Scope
from sim.outcomes import BY_NAME, Outcome, Reals, as_arrays, firm_sums, half_width, influences, leave_one_out
from sim.pilots.estimators import STAGGERED, Estimate, EventStudy, check_others, fit
from sim.pilots.rollout import OTHER_CITIES, REFUSERS, SAME_CITY, cohorts, months_of, roll_out
from sim.pilots.survey import MEASURES, Schedule, Survey, panel, payroll, periods, person_weeks, survey, waves
from sim.runs.progress import EVALUATING, Report
from sim.runs.simulation import Frames
from sim.scenario.parameter_draws import Source, drawn
from sim.scenario.schema import Scenario
from sim.stats.ordered import ordered_sum

ALL, LATER, NONE = "all", "later_firms", "none"
FIRM = ("replicate", "firm")
TRUTH = ("truth", "truth_low", "truth_high")


class Plan(NamedTuple):
    """How a roll-out is evaluated."""

    every: int = 1  # months of a period
    phase: str | None = None  # whose start counts as the start of treatment; None for the first lever
    anticipation: int = 0  # periods before the start that are not used as the time before
    how: Survey = survey()


class Pair(NamedTuple):
    """A scenario and its counterfactual, simulated with common random numbers."""

    tables: Frames  # person_week with both worlds, people, firms
    scenario: Scenario
    counterfactual: Scenario
    draws: Source = DEFAULT  # parameters of each replicate


def evaluate(pair: Pair, plan: Plan, report: Report = lambda *_: None) -> dict[str, pl.DataFrame]:
    """Evaluate a roll-out by survey and by payroll, and compare the estimates with the truth.

    Returns ``estimates`` (by replicate, outcome, source, estimator and control group), ``event_study`` (by replicate,
    outcome, source, control group and period) and ``firms``; ``docs/tables.md`` lists their columns. ``report`` is
    called after each analysis. ``InputError`` if nobody of a replicate is treated, or not after the
    first wave, or all at once.
    """
    asked, usable = knowledge(pair, plan)
    economies = by_replicate(pair.scenario, asked, usable)
    estimates: list[dict[str, Any]] = []
    paths: list[dict[str, Any]] = []
    count = len(MEASURES) * sum(len(list(analyses(firms))) for firms in economies)
    for number, firms in enumerate(economies):
        here = {name: pair.tables[name].lazy().filter(replicate=number) for name in ("person_week", "people")}
        for row, path in _estimates(pair._replace(tables=here), firms, asked, plan):
            labels = {"scenario": pair.scenario.name, "replicate": number}
            estimates.append(labels | row)
            paths += [labels | step for step in path]
            report(EVALUATING, len(estimates), count)
    return {
        "estimates": without_nan(
            pl.DataFrame(estimates, infer_schema_length=None, schema_overrides={"covers": pl.Boolean})
        ),
        "event_study": without_nan(pl.DataFrame(paths, infer_schema_length=None)),
        "firms": cohorts(usable.drop("cohort"), pair.scenario.calendar.start, 1).rename({"cohort": "start_month"}),
    }


def _estimates(
    pair: Pair, firms: pl.DataFrame, asked: Schedule, plan: Plan
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield each estimate in one economy with the steps of its event study, if it is one."""
    name = pair.scenario.name
    sources = {
        "survey": (panel(pair.tables, name, plan.how, asked), waves(asked)),
        "payroll": (payroll(pair.tables, name, asked), periods(asked)),
    }
    for source, (frame, weeks) in sources.items():
        prepared = _prepared(frame, firms)
        for outcome in (each for where, each in MEASURES if where == source):
            truths: dict[bool, _Truth] = {}
            labels = {"outcome": outcome, "unit": BY_NAME[outcome].unit, "source": source}
            for estimator, controls in analyses(firms):
                data = prepared.filter(_compared(controls))
                fitted = fit(data, outcome, estimator, plan.anticipation, cities=estimator == "extended")
                early = controls == LATER and estimator in STAGGERED
                if early not in truths:
                    there = _not_yet_treated(firms, weeks, plan.anticipation) if early else (firms, weeks)
                    truths[early] = _Truth.of(pair, *there, BY_NAME[outcome])
                known = truths[early]
                true = known.average(fitted.path or known.shares(data.drop_nulls(outcome)))
                row = labels | {"estimator": estimator, "controls": controls} | _row(fitted.estimate, true)
                steps = _event_study(fitted.path, known, plan) if fitted.path and estimator == "sun_abraham" else ()
                yield row, [labels | {"controls": controls} | step for step in steps]


def by_replicate(scenario: Scenario, asked: Schedule, firms: pl.DataFrame) -> list[pl.DataFrame]:
    """Split the firms that an evaluator knows by replicate; ``InputError`` if one allows no comparison."""
    economies = [firms.filter(replicate=number) for number in range(scenario.run.replicates)]
    last = waves(asked)["period"].max()
    for number, mine in enumerate(economies):
        if mine["cohort"].null_count() == mine.height:
            raise InputError(
                f"{scenario.name}: the rules reach no firm of replicate {number} that has a time before: "
                "use more people"
            )
        if mine.filter(pl.col("cohort") <= last).is_empty():
            raise InputError(
                f"{scenario.name}: the rules reach no firm of replicate {number} before the panel ends: "
                "use more --years"
            )
        _, controls = next(analyses(mine))
        compared = mine.filter(_compared(controls))["cohort"]
        if compared.n_unique() == 1 and _differs(scenario):
            raise InputError(
                f"{scenario.name}: the rules reach all firms of replicate {number} at the same time, or all but one: "
                "there is nobody to compare with; use more people"
            )
        check_others(compared)
    return economies


def _differs(scenario: Scenario) -> bool:
    """Return whether rules may reach some firms later than others, or never."""
    scopes = [part.scope for lever in scenario.levers for part in lever.parts()]
    return len({lever.start for lever in scenario.levers}) > 1 or any(scope != Scope() for scope in scopes)


def knowledge(pair: Pair, plan: Plan) -> tuple[Schedule, pl.DataFrame]:
    """Return what an evaluator knows before any answer: the waves, and the firms with the period of treatment.

    ``cohort`` is null for untreated firms; firms without a wave before their start, and what they anticipate of it, are
    left out, as they have no time before. The tables of ``pair`` are not used. ``InputError`` if the run is shorter
    than two periods or no treated firm is left.
    """
    scenario = pair.scenario
    start = scenario.calendar.start
    drawings = [drawn(scenario, pair.draws, number) for number in range(scenario.run.replicates)]
    cutoffs = [float(values(each.parameters, each.mechanisms)[Q.burnout_cutoff]) for each in drawings]
    months = months_of(start, range(scenario.run.weeks))
    asked = Schedule(months, plan.every, scenario.run.seed, cutoffs)
    shown = waves(asked)["period"]
    if len(shown) < 2:
        raise InputError(
            f"{scenario.name}: the run is shorter than two periods of {plan.every} months: use more --years"
        )
    firms = cohorts(roll_out(scenario, pair.counterfactual, plan.phase, pair.draws), start, plan.every)
    usable = firms.filter(pl.col("cohort").is_null() | (pl.col("cohort") - plan.anticipation > shown.min()))
    if usable["cohort"].null_count() == usable.height:
        raise InputError(
            f"{scenario.name}: every firm that is reached is reached before the second wave: there is no time before; "
            "let the rules start later, ask more often, or lessen the anticipation"
        )
    return asked, usable


def analyses(firms: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield estimators and control groups: the main pair, then other sound ones and the classical mistakes.

    ``firms`` has ``controls``, from ``roll_out``; a control group needs two firms.
    """
    counts = dict(firms.filter(pl.col("controls").is_not_null()).group_by("controls").len().iter_rows())
    groups = [name for name in (OTHER_CITIES, SAME_CITY, REFUSERS) if counts.get(name, 0) > 1]
    if sum(counts.values()) > 1:
        groups.append(ALL)
    main = groups[0] if groups else LATER
    for controls in groups or [LATER]:
        yield "extended", controls
    yield "sun_abraham", main
    yield "twfe", main
    if main != LATER:
        yield "after_only", main
    yield "before_after", NONE


def _compared(controls: str) -> pl.Expr:
    """Select the firms of an analysis."""
    reached = pl.col("cohort").is_not_null()
    if controls in (NONE, LATER):
        return reached
    return pl.lit(True) if controls == ALL else reached | (pl.col("controls") == controls)


def _not_yet_treated(firms: pl.DataFrame, weeks: pl.DataFrame, anticipation: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Select the firms and weeks of an effect for which the firms reached last are the controls."""
    last = pl.lit(firms["cohort"].max())
    return firms.filter(pl.col("cohort") < last), weeks.filter(pl.col("period") < last - anticipation)


def _prepared(frame: pl.DataFrame, firms: pl.DataFrame) -> pl.DataFrame:
    """Add cluster, city, controls and cohort to a panel, in its order; the units of payrolls are firms."""
    cluster = firms.select(pl.col(FIRM).cast(pl.Int64), "city", "controls", "cohort").with_row_index("cluster")
    joined = frame.join(cluster, on=FIRM, maintain_order="left")
    return (
        joined.rename({"respondent": "unit"}) if "respondent" in joined.columns else joined.with_columns(unit="cluster")
    )


class _Truth(NamedTuple):
    """The paired effect on the treated firms by period from the start."""

    periods: Reals  # (periods,)
    difference: Reals  # (periods,)
    without: Reals  # (firms, periods): leaving out one firm
    weights: Reals  # (firms, periods): what each firm weighs

    @classmethod
    def of(cls, pair: Pair, firms: pl.DataFrame, weeks: pl.DataFrame, outcome: Outcome) -> "_Truth":
        """Compare the worlds for the treated firms, in the weeks that the evaluator sees."""
        treated = firms.filter(pl.col("cohort").is_not_null()).select(pl.col(FIRM).cast(pl.Int64), "cohort").lazy()
        sides, order = [], pl.DataFrame()
        for world in (pair.counterfactual.name, pair.scenario.name):
            rows = person_weeks(pair.tables, world).join(weeks.lazy(), on="week").join(treated, on=FIRM)
            rows = rows.with_columns((pl.col("period") - pl.col("cohort")).alias("since"))
            sums = firm_sums(rows, [outcome], (*FIRM, "since"))
            if order.is_empty():
                order = sums.select(FIRM).unique().join(sums.select("since").unique(), how="cross")
                order = order.sort(*FIRM, "since")
            full = order.join(sums, on=(*FIRM, "since"), how="left", maintain_order="left").fill_null(0)
            sides.append(as_arrays(full, [outcome]))
        periods = order["since"].unique().sort().to_numpy()
        numerators, denominators = (
            np.stack([side[which] for side in sides]).reshape(2, -1, len(periods)) for which in (0, 1)
        )
        value, without = leave_one_out(numerators, denominators)
        return cls(periods, value[1] - value[0], without[1] - without[0], denominators.sum(axis=0).astype(np.float64))

    def average(self, path: EventStudy) -> tuple[float, float, float]:
        """Average over periods with the weights of the evaluator: value and 95 % interval over firms."""
        share = np.array([path.share[path.periods == period].sum() for period in self.periods])
        used = share > 0
        known = ~np.isnan(self.without[:, used])  # no firm is left in a period that a single one reaches
        with np.errstate(invalid="ignore"):
            without = np.nan_to_num(self.without[:, used]) @ share[used] / (known @ share[used])
        return _interval(self.difference[used] @ share[used], without, self.weights[:, used].sum(axis=1))

    def at(self, period: int) -> tuple[float, float, float]:
        """Return the effect in one period: value and 95 % interval over firms."""
        place = int(np.flatnonzero(self.periods == period)[0])
        return _interval(self.difference[place], self.without[:, place], self.weights[:, place])

    def shares(self, data: pl.DataFrame) -> EventStudy:
        """Weigh the periods by the treated people in a panel, for estimators without effects by period."""
        since = data.with_columns((pl.col("period") - pl.col("cohort")).alias("since")).filter(pl.col("since") >= 0)
        mass = since.group_by("since", maintain_order=True).agg(ordered_sum(pl.col("weight"))).sort("since")
        share = mass["weight"].to_numpy() / mass["weight"].sum()
        empty = np.zeros(0)
        return EventStudy(mass["since"].to_numpy(), empty, empty, share, np.nan)


def _interval(value: float, without: Reals, weights: Reals) -> tuple[float, float, float]:
    """Return a value and its 95 % interval, from values that each lack one firm and the weights of the firms."""
    half = half_width(influences(np.array([value]), without[:, None]), weights[:, None].astype(np.int64))[0]
    return float(value), float(value - half), float(value + half)


def _row(estimate: Estimate, true: tuple[float, float, float]) -> dict[str, float | int | bool | None]:
    """Combine an estimate with the truth, (value, low, high), in a row of ``estimates``; no interval covers nothing."""
    low, high = estimate.interval
    city_low, city_high = estimate.city_interval
    return {
        "estimate": estimate.value,
        **{"low": low, "high": high, "city_low": city_low, "city_high": city_high},
        **dict(zip(TRUTH, true, strict=True)),
        "bias": estimate.value - true[0],
        "covers": bool(low <= true[0] <= high) if np.isfinite(high - low) else None,
        "p_before": estimate.p_before,
        "n_firms": estimate.firms,
        "n_treated": estimate.treated,
        "n_cities": estimate.cities,
        "n_people": estimate.units,
    }


def _event_study(path: EventStudy, known: _Truth, plan: Plan) -> Iterator[dict[str, float | int]]:
    """Yield the rows of the event study, with zero in the base period."""
    found = {-1 - plan.anticipation: (0.0, 0.0)}
    found |= dict(zip(path.periods.tolist(), zip(path.effect.tolist(), path.half.tolist(), strict=True), strict=True))
    for period, (effect, half) in sorted(found.items()):
        ends = {"low": effect - half, "high": effect + half}
        truth = dict(zip(TRUTH, known.at(period), strict=True))
        yield {"period": period * plan.every, "estimate": effect, **ends, **truth}
