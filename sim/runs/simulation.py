"""Simulation of scenarios into tables; the unit of work is one replicate of one world.

Such a unit does not depend on the scenario's name, on other replicates or on the scenario of comparison. It can
therefore be stored and reused (``sim.runs.cache``).
"""

import gc
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import polars as pl

from sim.core.columns import CHANNELS, Ledger, table_name
from sim.core.errors import InputError
from sim.core.parameter_sets import DEFAULT
from sim.engine.policy import CONTROL, reached_by
from sim.engine.record import hour_blocks
from sim.engine.settling import Settled
from sim.engine.state import HOURS
from sim.model import Workplace
from sim.population import peopled, slices
from sim.runs.beginnings import Beginnings
from sim.scenario.memory import AT_ONCE
from sim.scenario.parameter_draws import Draws, Source, drawn, resolved
from sim.scenario.schema import Scenario

type Tables = dict[str, pl.DataFrame]
type Frames = Mapping[str, pl.DataFrame | pl.LazyFrame]

SAMPLED_MESSAGES = 12_500  # expected number of logged messages per replicate
MESSAGES_A_DAY = 60  # received per person; only determines the size of that sample
ROWS_AT_ONCE = 200_000  # person-weeks per block; larger copies would need as much memory as the simulation
FIRM_WEEK = ("replicate", "firm", "week")
ORDER = {
    "people": ("firm", "person"),
    "firms": ("firm",),
    "person_week": ("week", "firm", "person"),
    "firm_week": ("week", "firm"),
    "hours": ("week", "firm", "hour_of_week"),
    "messages": ("firm",),
}
_SUMMED = {table_name(name) for name in Ledger._fields}


class Base(NamedTuple):
    """The same replicate under other rules; its firms can be reused."""

    scenario: Scenario
    tables: Frames


class World(NamedTuple):
    """A simulated scenario: the tables of its replicates, in order, and the parameter draws they used."""

    scenario: Scenario
    replicates: Sequence[Frames]
    draws: Draws | None

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.scenario.name


def live(
    scenario: Scenario, number: int = 0, threads: int = 1, progress: Callable[[int], None] | None = None,
    base: Base | None = None, settled: Callable[[Workplace], Settled] | None = None,
    beginnings: Beginnings | None = None,
) -> Iterator[tuple[str, pl.DataFrame]]:  # fmt: skip
    """Simulate one replicate of one world, yielding pairs of table name and rows as they become available.

    A large world is simulated in slices of firms, one after the other. For each slice, ``person_week`` and
    ``firm_week`` come in blocks of weeks, then ``people``, ``firms``, ``hours`` (by block of weeks and firm) and
    ``messages``; none has a column ``world``. ``scenario`` must already contain the parameters of this replicate
    (``sim.scenario.parameter_draws.drawn``). ``progress`` receives the weeks done, warm-up included.

    Firms do not interact, so a firm out of scope has exactly the same history in both worlds. With ``base`` such firms
    are copied from it. Every tenth of them, and those that stand for others, are simulated again to check this; at
    least one firm is simulated. ``settled`` may know the settled state of a model's people, and ``beginnings`` the
    first weeks of a world that fits into one slice.
    """
    parts, rest = slices(scenario, number), None
    weeks = scenario.run.weeks + scenario.run.warmup_days // 7
    for place, firms in enumerate(parts):
        model, alike = _modelled(scenario, number, threads, firms, base)
        if settled and scenario.run.settling_weeks:
            model.settled = rest = rest or settled(model)
        report = progress and partial(_of_all, progress, place * weeks, len(parts))
        yield from _lived(model, report, base if alike else None, alike, beginnings if len(parts) == 1 else None)
        del model
        if len(parts) > 1:
            gc.collect()  # a model and its agents refer to each other


def _of_all(progress: Callable[[int], None], before: int, parts: int, week: int) -> None:
    """Report the progress of slices as weeks of the whole world, each week once."""
    if (before + week) % parts == 0:
        progress((before + week) // parts)


def _modelled(
    scenario: Scenario, number: int, threads: int, firms: Mapping[int, float], base: Base | None
) -> tuple[Workplace, list[int]]:
    """Return a model of some firms, and the numbers of the firms copied from the base instead."""
    share = log_share(scenario)
    model_of = partial(Workplace, scenario, replicate=number, parameters=None, threads=threads, log_share=share)
    model = model_of(firms=firms)
    alike = model.firms_with_rules_of(base.scenario) if base else []
    alike = [firm for place, firm in enumerate(alike) if firms[firm] == 1.0 and (place + number) % CONTROL]
    if alike:
        model = model_of(firms={firm: firms[firm] for firm in sorted(set(firms) - set(alike)) or [alike.pop()]})
    return model, alike


def _lived(
    model: Workplace,
    progress: Callable[[int], None] | None,
    base: Base | None,
    alike: Sequence[int],
    beginnings: Beginnings | None,
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Simulate the firms of a model and yield their rows, together with those of firms copied from the base."""
    weeks, block = model.days_total // 7, weeks_at_once(model.setting)
    begun = beginnings.resume(model) if beginnings else 0
    for week in range(begun + 1, weeks + 1):
        model.run_for(7)
        if beginnings:
            beginnings.keep(model)
        if progress:
            progress(week)
        if week % block == 0 or week == weeks:
            first = model.recorder.weeks[0]
            rows = _with_those_alike("person_week", drained(model), base, alike, pl.col("week") >= first)
            yield "person_week", rows
            yield "firm_week", firm_weeks(rows)
            del rows  # free memory before the next block
    firms = _with_those_alike("firms", model.firms(), base, alike)
    if alike:  # copied firms may be in the scope of a lever of the base
        firms = firms.with_columns(in_scope=pl.col("in_scope") & ~pl.col("firm").is_in(alike))
    yield "people", _with_those_alike("people", model.people(), base, alike)
    yield "firms", firms
    yield "hours", _with_those_alike("hours", model.recorder.hours_by_block(model.replicate), base, alike)
    messages = model.messages().drop("world").sort("firm", maintain_order=True)
    yield "messages", _with_those_alike("messages", messages, base, alike)


def log_share(scenario: Scenario) -> float:
    """Return the share of messages to log: 1 for a small run, less for a large one, whatever the replicates."""
    run = scenario.run
    return min(1.0, SAMPLED_MESSAGES / (run.people * (run.days + run.warmup_days) * MESSAGES_A_DAY))


def weeks_at_once(scenario: Scenario) -> int:
    """Return the number of weeks per block of person-weeks, which limits a block's memory."""
    return max(1, ROWS_AT_ONCE // min(scenario.run.people, AT_ONCE))


def drained(model: Workplace) -> pl.DataFrame:
    """Return the person-weeks recorded so far and clear the recorder."""
    rows = model.person_week().drop("world")
    model.recorder.forget()
    return rows


def _with_those_alike(
    name: str, mine: pl.DataFrame, base: Base | None, alike: Sequence[int], weeks: pl.Expr | None = None
) -> pl.DataFrame:
    """Append the rows of firms that are copied from the base."""
    if base is None:
        return mine
    same = pl.col("firm").is_between(alike[0], alike[-1]) & pl.col("firm").is_in(alike)  # the range skips other slices
    if weeks is not None:
        same &= weeks & (pl.col("week") <= mine["week"].max())
    taken = base.tables[name].lazy().filter(same).select(mine.columns).collect()
    return pl.concat([mine, taken]).sort(ORDER[name], maintain_order=True)


def simulate(scenario: Scenario, threads: int = 1, base: World | None = None, *, parameters: Source = DEFAULT) -> World:
    """Simulate all replicates of one world in memory; ``base`` must have the same economy and parameters.

    Replicate k uses draw k of ``parameters`` for values that the scenario does not set. Tables do not depend on
    ``threads``.
    """
    draws = resolved(parameters)
    if base and base.draws != draws:
        raise InputError(f"{scenario.name} and {base.name} have different parameters: name the same for both")
    parts = []
    for number in range(scenario.run.replicates):
        theirs = Base(drawn(base.scenario, draws, number), base.replicates[number]) if base else None
        mine = drawn(scenario, draws, number)
        pieces: dict[str, list[pl.DataFrame]] = {}
        for name, rows in live(mine, number, threads, base=theirs):
            pieces.setdefault(name, []).append(rows)
        parts.append({name: pl.concat(rows) for name, rows in pieces.items()})
    return World(scenario, parts, draws)


def run(
    scenario: Scenario, counterfactual: Scenario | None = None, threads: int = 1, *, parameters: Source = DEFAULT
) -> Tables:
    """Simulate a scenario and its counterfactual with common random numbers, in memory; meant for small runs.

    Replicate k of both worlds uses draw k of ``parameters`` for values that neither sets. The tables are those of
    ``side_by_side``.
    """
    base = None
    if counterfactual is not None:
        check_reach(scenario, parameters)
        base = simulate(counterfactual, threads, parameters=parameters)
    frames = side_by_side(simulate(scenario, threads, base, parameters=parameters), base)
    return {name: frame.collect() for name, frame in frames.items()}


def check_reach(scenario: Scenario, parameters: Source = DEFAULT) -> None:
    """Raise ``InputError`` if a lever matches no firm of any replicate; only populations are drawn for this."""
    missed = list(enumerate(scenario.levers))
    for number in range(scenario.run.replicates):
        mine = drawn(scenario, parameters, number)
        for firms in slices(mine, number):
            if not missed:
                return
            world = peopled(mine, number, sorted(firms))
            missed = [(n, lever) for n, lever in missed if not reached_by([lever], world, scenario.country).any()]
    if not missed:
        return
    advice = "use more people or another seed"
    if len(missed) == len(scenario.levers):
        raise InputError(f"{scenario.name}: the rules reach nobody: none of the firms drawn is in scope; {advice}")
    names = ", ".join(f"levers[{n}] ({lever.kind}, phase '{lever.phase}')" for n, lever in missed)
    raise InputError(f"{scenario.name}: none of the firms drawn is in the scope of {names}; {advice}")


def side_by_side(world: World, base: World | None = None, in_force: Collection[int] = ()) -> dict[str, pl.LazyFrame]:
    """Combine a world with its counterfactual into lazy tables, the counterfactual first.

    ``person_week``, ``firm_week``, ``hours`` and ``message_sample`` contain both worlds; ``people`` and ``firms``
    describe the scenario's world, with its scope. ``in_force`` lists the weeks under the rule, which ``hours`` counts
    separately.
    """
    worlds = [base, world] if base else [world]
    firms = _stacked(world, "firms")
    hours = [_hours_by_scope(each, firms, in_force) for each in worlds]
    return {
        "people": _stacked(world, "people"),
        "firms": firms,
        "person_week": pl.concat([named(each, "person_week") for each in worlds]),
        "firm_week": pl.concat([named(each, "firm_week") for each in worlds]),
        "hours": pl.concat(hours),
        "message_sample": pl.concat([named(each, "messages") for each in worlds]),
    }


def named(world: World, table: str) -> pl.LazyFrame:
    """Concatenate the replicates of a table and prepend the column ``world``."""
    return _stacked(world, table).select(pl.lit(world.name).cast(pl.Categorical).alias("world"), pl.all())


def _stacked(world: World, table: str) -> pl.LazyFrame:
    return pl.concat([frames[table].lazy() for frames in world.replicates])


def _hours_by_scope(world: World, firms: pl.LazyFrame, in_force: Collection[int]) -> pl.LazyFrame:
    """Count messages by hour and channel, separately by scope and by whether the rule is in force, with zero counts."""
    keys = ("replicate", "in_scope", "under_rule", "hour_of_week", "channel")
    scope = firms.select("replicate", "firm", "in_scope")
    rows = _stacked(world, "hours")
    blocks = hour_blocks(world.scenario.run.weeks)
    whole = {first: length for first, length in blocks if set(range(first, first + length)) <= set(in_force)}
    counts = (
        rows.with_columns(under_rule=pl.col("week").is_in(list(whole)))
        .join(scope, on=("replicate", "firm"))
        .group_by(keys[:-1])
        .agg(pl.col(CHANNELS).cast(pl.Int64).sum())
        .unpivot(CHANNELS, index=keys[:-1], variable_name="channel", value_name="messages")
    )
    weeks = sum(whole.values())
    grid = rows.select("replicate").unique()
    for values in (
        pl.LazyFrame({"in_scope": [False, True]}),
        pl.LazyFrame({"under_rule": [False, True], "weeks": [world.scenario.run.weeks - weeks, weeks]}),
        pl.LazyFrame({"hour_of_week": range(HOURS)}, schema={"hour_of_week": pl.Int16}),
        pl.LazyFrame({"channel": list(CHANNELS)}),
    ):
        grid = grid.join(values, how="cross")
    return (
        grid.filter(pl.col("weeks") > 0)
        .join(counts, on=keys, how="left")
        .with_columns(pl.col("channel").cast(pl.Enum(CHANNELS)), pl.col("messages").fill_null(0))
        .sort(keys)
        .select(pl.lit(world.name).cast(pl.Categorical).alias("world"), *keys, "weeks", "messages")
    )


def firm_weeks(person_week: pl.DataFrame) -> pl.DataFrame:
    """Aggregate the person-weeks of one world to one row per replicate, firm and week, with ``n_people``.

    Times and counts are summed; states are averaged over the people who have them.
    """
    kinds = person_week.schema  # Polars makes a new one at each request
    sums = [_gathered(name, kind) for name, kind in kinds.items() if name not in (*FIRM_WEEK, "person", "world")]
    return person_week.group_by(FIRM_WEEK, maintain_order=True).agg(pl.len().cast(pl.Int32).alias("n_people"), *sums)


def _gathered(name: str, kind: pl.DataType) -> pl.Expr:
    """Sum a time or count, average a state; in the order of rows, so that equal histories give equal bits."""
    wide = pl.col(name).cast(pl.Float64)
    if name not in _SUMMED:
        return wide.mean().cast(pl.Float32)
    return pl.col(name).cast(pl.Int64).sum() if kind.is_integer() else wide.sum().cast(pl.Float32)
