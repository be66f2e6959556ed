# ruff: noqa: E501  (a table: one parameter, one row)
"""What an evaluator has instead of the truth: answers of a panel of people, and the payroll of their firms.

The panel asks a sample of each firm's people about the last week of a period. Answers are missing, more often those of
the burnt out; who leaves is followed by another respondent; scales are noisy, hours rounded, short moments of work
forgotten. Payroll holds recorded hours of everybody without error, and no unrecorded work. ``TABLE`` gives the size of
all errors; none of them changes what is simulated.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from sim.core import draws
from sim.core.errors import InputError, nearest
from sim.core.parameters import Parameter
from sim.engine.people import economy_key
from sim.outcomes import BY_NAME, WORKED, Reals, column, mean
from sim.runs.simulation import Frames
from sim.stats.sampling import Keys, children, normals, uniforms

_ = Parameter
TABLE: tuple[Parameter, ...] = (
    _("people_per_firm", 20, "people", 1, 100_000, "people asked in each firm; all of them in smaller firms", "assumption: the size of the survey, for the evaluator to choose"),
    _("nonresponse", 0.25, "share", 0, 0.95, "answers missing in a wave, of people who are not burnt out", "assumption"),
    _("burnt_out_nonresponse", 1.2, "ratio", 0.2, 3, "how much likelier an answer of somebody burnt out is missing", "assumption"),
    _("dropout", 0.01, "per month", 0, 0.5, "people who stop taking part for good, beside those who leave their firm", "assumption"),
    _("retest", 0.8, "correlation", 0.3, 1, "agreement of a scale of exhaustion or cynicism with itself after two to four weeks", "[E3] exhaustion, 2-4 weeks: about .8, from memory: MBI manual"),
    _("hours_error", 3.0, "h/week", 0, 20, "spread of the error in reported hours of a week", "assumption"),
    _("hours_rounding", 1.0, "h/week", 0, 5, "step to which hours are rounded, 0 for none", "assumption"),
    _("latent_recall", 0.9, "share", 0, 1.5, "share of unrecorded hours that is remembered", "assumption"),
    _("yes_forgotten", 0.05, "share", 0, 0.5, "people who worked on a message after hours in the week and say no", "assumption"),
    _("no_exaggerated", 0.02, "share", 0, 0.5, "people who did not and say yes", "assumption"),
)  # fmt: skip
del _

SURVEY_OUTCOMES = ("share_burnt_out", "exhaustion", "after_hours_share", "total_hours", "latent_overtime")
PAYROLL_OUTCOMES = ("recorded_overtime", "total_hours")
MEASURES = tuple(("survey", name) for name in SURVEY_OUTCOMES) + tuple(("payroll", name) for name in PAYROLL_OUTCOMES)
SCALES = ("exhaustion", "cynicism")
PERSON = ("replicate", "firm", "person")

# draws about a seat (who is asked), about a person in it (who takes part), and about one answer
ASKED = 0
QUITS = 0
ANSWERS, ERROR_EXHAUSTION, ERROR_CYNICISM, ERROR_HOURS, MISREPORTS, ERROR_LATENT = range(6)


type Survey = Mapping[str, float]  # sizes and errors of a survey: the values of ``TABLE``, some of them changed


def survey(changes: Mapping[str, float] | None = None) -> Survey:
    """Return the values of ``TABLE`` with some changed; ``InputError`` if a name is unknown or out of range."""
    rows = {row.name: row for row in TABLE}
    for name, value in (changes or {}).items():
        if name not in rows:
            raise InputError(f"survey: unknown parameter '{name}'{nearest(name, rows)}")
        row = rows[name]
        if not row.low <= value <= row.high:
            raise InputError(f"survey: {name} = {value:g} must lie between {row.low:g} and {row.high:g} ({row.unit})")
        if row.unit == "people" and value % 1:
            raise InputError(f"survey: {name} = {value:g} must be a whole number")
    return {name: float((changes or {}).get(name, row.value)) for name, row in rows.items()}


NO_ERRORS = {
    "nonresponse": 0, "dropout": 0, "retest": 1, "hours_error": 0, "hours_rounding": 0, "latent_recall": 1,
    "yes_forgotten": 0, "no_exaggerated": 0,
}  # fmt: skip


class Schedule(NamedTuple):
    """When people are asked, of which run, and what counts as burnt out."""

    months: pl.DataFrame  # week, month, last: from ``rollout.months_of``
    every: int  # months of a period; there is one wave in each, at its end
    seed: int  # of the run whose people are asked
    cutoffs: Sequence[float]  # by replicate: burnt out above this mean of exhaustion and cynicism, in sd


def waves(asked: Schedule) -> pl.DataFrame:
    """List ``week`` and ``period`` of the questionnaires: the last week of each completely simulated period."""
    last_month = pl.col("month").max() % asked.every == asked.every - 1
    by_period = asked.months.group_by((pl.col("month") // asked.every).alias("period"))
    return by_period.agg(pl.col("week").max(), whole=last_month).filter("whole").drop("whole").sort("period")


def periods(asked: Schedule) -> pl.DataFrame:
    """Assign ``week`` to ``period``, without incomplete periods."""
    weeks = asked.months.select("week", (pl.col("month") // asked.every).alias("period"))
    return weeks.filter(pl.col("period").is_in(waves(asked)["period"].implode()))


def panel(tables: Frames, world: str, how: Survey, asked: Schedule) -> pl.DataFrame:
    """Survey a panel of people in one world; one row per answer.

    ``person`` is the seat, ``generation`` counts those who left it before, and ``respondent`` numbers both together, as
    a successor is another respondent. ``weight`` is people of the firm per person asked. Columns of ``SURVEY_OUTCOMES``
    are null where a question does not apply.
    """
    chosen = _sample(tables, how, asked.seed)
    rows = _states(tables, world, chosen, asked)
    keys = children(rows["person_key"].to_numpy(), rows["generation"].to_numpy())
    answer = children(keys, rows["period"].to_numpy())
    there = _responds(rows, keys, answer, how, asked.every)
    answers = _answers(rows, answer, how, asked.cutoffs).filter(there)
    return answers.select(*PERSON, "generation", "respondent", "period", "weight", *SURVEY_OUTCOMES)


def survey_key(seed: int, replicate: int) -> Keys:
    """Return the key of all draws of surveys and pilots in an economy."""
    return children(economy_key(seed, replicate), draws.SURVEY_KEY)


def _sample(tables: Frames, how: Survey, seed: int) -> pl.DataFrame:
    """Choose the seats that are asked: those with the lowest draws of each firm."""
    people = tables["people"].lazy().select(pl.col(PERSON).cast(pl.Int64)).collect()
    keys = np.empty(people.height, np.uint64)
    for number in people["replicate"].unique():
        mine = people["replicate"].to_numpy() == number
        firm = children(survey_key(seed, int(number)), people["firm"].to_numpy()[mine])
        keys[mine] = children(firm, people["person"].to_numpy()[mine])
    most, size = int(how["people_per_firm"]), pl.len().over("replicate", "firm")
    frame = people.with_columns(
        pl.Series("person_key", keys),
        pl.Series("draw", uniforms(keys, ASKED)),
        weight=size / pl.min_horizontal(size, pl.lit(most)),
    )
    return frame.filter(pl.col("draw").rank("ordinal").over("replicate", "firm") <= most).drop("draw")


def _states(tables: Frames, world: str, chosen: pl.DataFrame, asked: Schedule) -> pl.DataFrame:
    """Return the true states and actions of the people asked, in the weeks asked about."""
    outcomes = [BY_NAME[name] for name in SURVEY_OUTCOMES if name not in ("share_burnt_out", "exhaustion")]
    mine = person_weeks(tables, world).join(chosen.lazy(), on=PERSON)
    generation = pl.col("exits").cast(pl.Int64).cum_sum().over(PERSON, order_by="week")
    kept = mine.with_columns(generation.alias("generation")).join(waves(asked).lazy(), on="week")
    asks = [pl.when(each.denominator > 0).then(each.numerator / each.denominator).alias(each.name) for each in outcomes]
    rows = kept.select(
        *PERSON, "period", "weight", "person_key", "generation", "burnt_out", *map(column, SCALES), *asks
    )
    respondent = pl.struct(*PERSON, "generation").rank("dense").cast(pl.Int64).alias("respondent")
    return rows.collect().sort(*PERSON, "period").with_columns(respondent)


def _responds(rows: pl.DataFrame, person: Keys, answer: Keys, how: Survey, every: int) -> pl.Series:
    """Return which answers exist: the person has not dropped out since they were first asked, and answers this time."""
    asked = rows.select(pl.col("period") - pl.col("period").min().over(*PERSON, "generation"))["period"].to_numpy()
    with np.errstate(divide="ignore"):
        stays = np.log(uniforms(person, QUITS)) / np.log1p(-how["dropout"]) if how["dropout"] else np.inf
    burden = np.where(rows["burnt_out"].to_numpy(), how["burnt_out_nonresponse"], 1.0)
    missing = np.minimum(how["nonresponse"] * burden, 1.0)
    return pl.Series((uniforms(answer, ANSWERS) >= missing) & (asked * every < stays))


def _answers(rows: pl.DataFrame, answer: Keys, how: Survey, cutoffs: Sequence[float]) -> pl.DataFrame:
    """Turn true states into answers, with errors."""
    replicate = rows["replicate"].to_numpy()
    economies, place = np.unique(replicate, return_inverse=True)

    def scale(name: str, number: int) -> Reals:
        """Add noise so that the answers of a replicate correlate with themselves by ``how["retest"]``."""
        true = rows[name].to_numpy()
        spread = np.array([true[replicate == each].std() for each in economies])[place]
        return true + spread * np.sqrt(1.0 / how["retest"] - 1.0) * normals(answer, number)

    def hours(true: Reals, number: int) -> Reals:
        """Add noise and round."""
        said = np.maximum(true + how["hours_error"] * normals(answer, number), 0.0)
        return np.round(said / how["hours_rounding"]) * how["hours_rounding"] if how["hours_rounding"] else said

    exhaustion, cynicism = scale("exhaustion", ERROR_EXHAUSTION), scale("cynicism", ERROR_CYNICISM)
    latent = rows["latent_overtime"].to_numpy()
    total = rows["total_hours"].to_numpy() - (1.0 - how["latent_recall"]) * latent
    draw = uniforms(answer, MISREPORTS)
    acted = rows["after_hours_share"]
    says = np.where(acted.fill_null(0.0).to_numpy() > 0, draw >= how["yes_forgotten"], draw < how["no_exaggerated"])
    cutoff = np.asarray(cutoffs)[replicate]
    return rows.with_columns(
        pl.Series("share_burnt_out", (0.5 * (exhaustion + cynicism) > cutoff).astype(np.float64)),
        pl.Series("exhaustion", exhaustion),
        pl.when(pl.Series(acted.is_not_null())).then(pl.Series(says.astype(np.float64))).alias("after_hours_share"),
        pl.Series("total_hours", hours(total, ERROR_HOURS)),
        pl.Series("latent_overtime", hours(how["latent_recall"] * latent, ERROR_LATENT)),
    )


def person_weeks(tables: Frames, world: str) -> pl.LazyFrame:
    """Return the person-weeks of a world after the warm-up, with keys of 64 bits."""
    mine = tables["person_week"].lazy().filter((pl.col("world").cast(pl.String) == world) & (pl.col("week") >= 0))
    return mine.with_columns(pl.col(*PERSON, "week").cast(pl.Int64))


def payroll(tables: Frames, world: str, asked: Schedule, exact: bool = False) -> pl.DataFrame:
    """Return the payroll of every firm and period: ``weight`` (people) and means per person and week.

    ``total_hours`` are recorded hours here, other than in a survey, unless it is ``exact``.
    """
    mine = person_weeks(tables, world).join(periods(asked).lazy(), on="week")
    recorded = BY_NAME["recorded_overtime"].numerator
    hours = WORKED if exact else WORKED - column("latent_overtime_minutes")
    sums = mine.group_by("replicate", "firm", "period").agg(
        pl.col("person").n_unique().cast(pl.Float64).alias("weight"),
        mean(recorded).alias("recorded_overtime"),
        mean(hours / 60).alias("total_hours"),
    )
    return sums.sort("replicate", "firm", "period").collect()
