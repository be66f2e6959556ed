"""The model's own message log: simulated, reduced to what an archive would hold, and measured like a real one."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from pydantic import ValidationError

from sim.core.columns import CHANNELS, DELIVERED, SENT
from sim.core.errors import InputError
from sim.core.parameter_sets import DEFAULT
from sim.core.parameters import ROWS
from sim.core.units import years_of
from sim.evidence.quantities import DAY, Scope
from sim.evidence.quantities import ROWS as COLUMNS
from sim.evidence.traffic import Tally, measure
from sim.model import Workplace
from sim.scenario.economy import Hours, Population
from sim.scenario.parameter_draws import Source
from sim.scenario.schema import Scenario


def log_of_run(model: Workplace, scope: Scope) -> pl.DataFrame:
    """Extract the log of a finished run, as an archive of the channels in ``scope`` would hold it.

    The model must keep all messages (``log_share=1``), else ``InputError``; days before its ``log_from`` are left out.
    """
    if model.recorder.log_lost or not model.keeps_all:
        raise InputError("the model did not keep all its messages")
    events = model.recorder.events()
    start = model.log_from * DAY
    begin = int(np.datetime64(model.first_date, "s").astype(np.int64))
    sent = events.filter(pl.col("event") == SENT).select("message", pl.col("second").alias("sent"))
    leads = model.world.person.manages == 1
    channel = pl.col("channel").replace_strict(dict(enumerate(CHANNELS)), return_dtype=pl.Enum(CHANNELS))
    inside = (pl.col("event") == DELIVERED) & (pl.col("sender") >= 0)  # what outsiders write is not compared
    arrived = events.filter(inside).join(sent, on="message").filter(pl.col("sent") >= start)
    rows = arrived.select(
        pl.col("sender").cast(pl.UInt64),
        pl.col("person").cast(pl.UInt64).alias("recipient"),
        (pl.col("sent") + begin).alias("at"),
        (pl.col("sent") + begin).alias("wall"),
        "thread",
        channel.alias("channel"),
    ).with_columns(pl.Series("lead", leads[arrived["sender"].to_numpy()]))
    kept = rows.filter(pl.col("channel").cast(pl.String).is_in(scope.channels), pl.col("sender") != pl.col("recipient"))
    return kept.unique(["sender", "recipient", "at", "thread", "channel"], maintain_order=True).select(list(COLUMNS))


def today_at_size(
    today: Scenario, people: int, weeks: int, seed: int, warmup_days: int,
    parameters: Mapping[str, float] = {}, **run: int,
) -> Scenario:  # fmt: skip
    """Return today's scenario at another size, with one replicate; answers in the last week of its log do not count.

    ``parameters`` and settings of its ``run`` replace its own.
    """
    data = today.model_dump()
    data["run"] |= {"people": people, "years": years_of(weeks), "replicates": 1, "seed": seed}
    data["run"] |= {"warmup_days": warmup_days, **run}
    data["parameters"] |= parameters
    return Scenario.model_validate(data)


def with_hours_of_log(scenario: Scenario, scope: Scope) -> Scenario:
    """Shift the contract hours of firms so that they scatter around those of a log as they did around the usual ones.

    Raises ``InputError`` for hours that the model does not have.
    """
    usual, begins, lasts = Scope(), ROWS["opening_clock"], ROWS["day_hours"]
    later = scope.opening - usual.opening
    if (scope.opening, scope.closing) == (usual.opening, usual.closing):
        return scenario
    try:
        hours = Hours(opening_clock=begins.value + later, day_hours=scope.closing - scope.opening)
    except ValidationError:
        first, last = (end + usual.opening - begins.value for end in (begins.low, begins.high))
        raise InputError(
            f"--hours {scope.opening:g}-{scope.closing:g}: contract hours of the model begin at {first:g} to {last:g} "
            f"and last {lasts.low:g} to {lasts.high:g} h; without --model, or with --no-effect, nothing is simulated"
        ) from None
    known = scenario.population.hours
    breaks = {name: known.get(name, hours).break_minutes for name in scenario.population.industries}
    own = {"hours": {name: hours.model_copy(update={"break_minutes": each}) for name, each in breaks.items()}}
    population = Population.model_validate({**scenario.population.model_dump(), **own})
    return scenario.model_copy(update={"population": population})


def measure_model(scenario: Scenario, scope: Scope, parameters: Source = DEFAULT, intervals: bool = True) -> Tally:
    """Simulate a scenario at the hours of a log, and sum up its own log after the warm-up like a real one.

    Threads of the model's messages are always known. In a real log without threads, answers are those beyond chance.
    """
    alike = with_hours_of_log(scenario, scope)
    model = Workplace(alike, parameters=parameters, log_share=1.0, log_from=scenario.run.warmup_days)
    model.run_for(model.days_total)
    return measure(log_of_run(model, scope), scope._replace(threads=True), intervals)
