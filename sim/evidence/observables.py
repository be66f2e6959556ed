# ruff: noqa: E501  (a table: one observable, one row)
"""Observables: what can be computed for a target, from sums over person-weeks or from differences between people."""

import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
import polars as pl

from sim.core.units import YEAR_WEEKS
from sim.evidence.quantities import QUANTITIES, Reals, gini
from sim.outcomes import AT_WORK, BY_NAME, MESSAGES, ONE, OVERTIME, WORKDAYS, WORKED, column

NO_OVERTIME = 5.0  # minutes a workday up to which a respondent would report none


class Observable(NamedTuple):
    """A ratio of sums, or two ratios compared by their ratio, relative change (ratio less 1) or difference."""

    unit: str
    definition: str
    numerator: pl.Expr
    denominator: pl.Expr
    against: tuple[pl.Expr, pl.Expr] | None = None
    how: Literal["", "ratio", "relative", "difference"] = ""
    world: str = ""  # world of the first ratio, if not the one that is observed
    other_world: str = ""  # world of the second

    def ratios(self, world: str) -> list[tuple[str, pl.Expr, pl.Expr]]:
        """Return the ratios as (world, numerator, denominator); ``world`` is used where the observable names none."""
        first = (self.world or world, self.numerator, self.denominator)
        return [first, (self.other_world or world, *self.against)] if self.against else [first]


def _share(condition: pl.Expr, among: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return numerator and denominator of the share of person-weeks in ``among`` that meet a condition."""
    return (condition & among).cast(pl.Float64), among.cast(pl.Float64)


def _ratio_of(name: str, among: pl.Expr | None = None) -> tuple[pl.Expr, pl.Expr]:
    """Return an outcome's numerator and denominator, for the person-weeks in ``among`` if it is given."""
    outcome = BY_NAME[name]
    if among is None:
        return outcome.numerator, outcome.denominator
    part = among.cast(pl.Float64)
    return outcome.numerator * part, outcome.denominator * part


def _by_thirds(name: str, third: str) -> tuple[tuple[pl.Expr, pl.Expr], tuple[pl.Expr, pl.Expr]]:
    """Return an outcome's ratio for the highest and for the lowest third of people."""
    return _ratio_of(name, pl.col(third) == 2), _ratio_of(name, pl.col(third) == 0)


def _observables() -> dict[str, Observable]:
    """Define what can be computed for a target, by the names that files of targets use."""
    service = pl.col("role") == "sales_service"
    teacher = (pl.col("role") == "teacher") & AT_WORK
    internet = pl.col("industry") == "internet"
    manager = pl.col("is_manager").cast(pl.Boolean)
    staff = ~manager & AT_WORK
    daily = pl.when(WORKDAYS > 0).then(OVERTIME / WORKDAYS)
    hidden, recorded = BY_NAME["hidden_overtime"], BY_NAME["recorded_overtime"]
    anxious, rested = _by_thirds("share_anxious", "after_third"), _by_thirds("sleep_minutes", "after_third")
    torn, enriched = _by_thirds("conflict", "after_third"), _by_thirds("enrichment", "after_third")
    broken = _by_thirds("output_per_paid_hour", "interruption_third")
    thirds = "the third of people with most after-hours minutes against the third with fewest, nothing held constant"
    classes = {
        "overtime_none": (daily < NO_OVERTIME, "less than 5 minutes, which nobody would report"),
        "overtime_below_1h": ((daily >= NO_OVERTIME) & (daily < 60), "less than 1 h"),
        "overtime_1_to_2h": ((daily >= 60) & (daily < 120), "1 to 2 h"),
        "overtime_2_to_3h": ((daily >= 120) & (daily < 180), "2 to 3 h"),
        "overtime_above_3h": (daily >= 180, "3 h and more"),
    }
    same = ("after_hours_share", "long_week_share", "share_burnt_out", "share_exhausted", "share_anxious",
            "switch_interval", "message_minutes", "coordination_share")  # fmt: skip
    week = "overtime per workday, as the mean of the week: "
    return {
        **{name: Observable(BY_NAME[name].unit, BY_NAME[name].definition, *_ratio_of(name)) for name in same},
        **{name: Observable("share", week + text, *_share(mask, AT_WORK)) for name, (mask, text) in classes.items()},
        "hidden_overtime_year": Observable(
            "h/year", "message work outside hours, away from the office, per person", YEAR_WEEKS * hidden.numerator, ONE
        ),
        "total_overtime_year": Observable(
            "h/year", "all overtime per person, recorded and latent", YEAR_WEEKS * OVERTIME / 60, ONE
        ),
        "weekly_hours": Observable(
            "h/week", "hours worked, in weeks with work", WORKED / 60 * AT_WORK.cast(pl.Float64), AT_WORK.cast(pl.Float64)
        ),
        "daily_orders_share": Observable(
            "share", "staff who get as many after-hours requests as they have workdays in the week",
            *_share(column("after_requests") >= WORKDAYS, staff),
        ),
        "share_exhausted_service": Observable("share", "above the cut-off, sales and service", *_ratio_of("share_exhausted", service)),
        "exhausted_ratio_service": Observable(
            "ratio", "exhausted in sales and service, over all",
            *_ratio_of("share_exhausted", service), _ratio_of("share_exhausted"), "ratio",
        ),
        "obligated_share": Observable(
            "share", "of message work outside hours, what would not have been done without the expectation",
            column("obligated_minutes"), column("obligated_minutes") + column("chosen_minutes"),
        ),
        "hidden_overtime_without_expectation": Observable(
            "relative", "message work outside hours in a world without expectations, against this one",
            hidden.numerator, ONE, (hidden.numerator, ONE), "relative", world="no_expectation",
        ),
        "recorded_overtime_with_tool": Observable(
            "relative", "recorded overtime here, against the world without instant messaging",
            recorded.numerator, ONE, (recorded.numerator, ONE), "relative", other_world="no_instant_messaging",
        ),
        "anxious_risk_ratio": Observable("ratio", f"share above the anxiety cut-off, {thirds}", *anxious[0], anxious[1], "ratio"),
        "sleep_of_heavy_users": Observable("relative", f"minutes of sleep, {thirds}", *rested[0], rested[1], "relative"),
        "conflict_of_heavy_users": Observable("0..1", f"work-family conflict, {thirds}", *torn[0], torn[1], "difference"),
        "enrichment_of_heavy_users": Observable("0..1", f"enrichment, {thirds}", *enriched[0], enriched[1], "difference"),
        "output_under_interruption": Observable(
            "relative", "output per paid hour, the third of people with most interruptions against that with fewest",
            *broken[0], broken[1], "relative",
        ),
        "engineers_sleep": Observable(
            "h/night", "mean sleep of engineers",
            BY_NAME["sleep_minutes"].numerator / 60 * (pl.col("role") == "engineer").cast(pl.Float64),
            7 * (pl.col("role") == "engineer").cast(pl.Float64),
        ),
        "anxious_gap_internet": Observable(
            "share", "share above the anxiety cut-off, internet firms less all others",
            *_ratio_of("share_anxious", internet), _ratio_of("share_anxious", ~internet), "difference",
        ),
        "teachers_long_messages": Observable(
            "share", "person-weeks of teachers with more than two hours a day in messages",
            *_share(MESSAGES > 120 * WORKDAYS, teacher),
        ),
        "managers_after_hours_ratio": Observable(
            "ratio", "managers with a message outside hours in the week, over staff",
            *_ratio_of("after_hours_share", manager), _ratio_of("after_hours_share", ~manager), "ratio",
        ),
    }  # fmt: skip


OBSERVABLES: dict[str, Observable] = _observables()


class BetweenPeople(NamedTuple):
    """An observable of differences between people: its inputs and its formula."""

    unit: str
    definition: str
    of: tuple[str, ...]  # of ``MEANS``
    how: Callable[..., Any]


def correlation(one: Reals, other: Reals) -> float:
    """Return Pearson's correlation; NaN if one of both is constant."""
    spread = float(one.std() * other.std())
    return float(((one - one.mean()) * (other - other.mean())).mean()) / spread if spread > 0 else float("nan")


MEANS = {  # of a person's weeks
    "expectation": pl.col("expectation"),
    "detachment": pl.col("detachment"),
    "hidden": pl.col("hidden_overtime_minutes"),
    "sent": pl.col("sent"),
    "overtime": OVERTIME / 60,
}
_ = BetweenPeople
BETWEEN_PEOPLE: dict[str, BetweenPeople] = {
    "expectation_with_hidden_overtime": _("correlation", "over people, of the expectation with hidden overtime", ("expectation", "hidden"), correlation),
    "hidden_overtime_with_detachment": _("correlation", "over people, of hidden overtime with detachment", ("hidden", "detachment"), correlation),
    "gini_of_messages_sent": _("0..1", "Gini coefficient over people of messages sent", ("sent",), gini),
    "spread_of_overtime": _("h/week", "standard deviation over people of their mean overtime, recorded and latent", ("overtime",), np.std),
}  # fmt: skip
del _

DIFFERENCES = ("log_reply_load", *(name for name, each in OBSERVABLES.items() if each.how == "difference"))
"""Observables that may be negative, whatever their unit."""
LIMITS = {  # of values in a unit; in others they are 0 or above
    "share": (0.0, 1.0), "0..1": (0.0, 1.0), "correlation": (-1.0, 1.0), "-1..1": (-1.0, 1.0),
    "relative": (-1.0, math.inf), "log": (-math.inf, math.inf),
}  # fmt: skip
INPUTS = {"belief_share": "share", "pays_share": "share"}
UNITS: dict[str, str] = {name: each.unit for name, each in (OBSERVABLES | BETWEEN_PEOPLE | QUANTITIES).items()}
"""Units of ``OBSERVABLES`` and ``BETWEEN_PEOPLE``, from person-weeks, and of ``QUANTITIES``, from a message log."""


def possible_range(name: str, unit: str) -> tuple[float, float]:
    """Return the least and the greatest value that an observable can have in its unit."""
    return (-math.inf, math.inf) if name in DIFFERENCES else LIMITS.get(unit, (0.0, math.inf))
