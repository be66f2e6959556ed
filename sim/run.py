"""From scenarios to tables: one replicate of one world is simulated, in pieces, and worlds are put side by side.

The unit is one replicate of one world. It says nothing of the name of its rules, of other replicates or of what it is
compared with, so that it can be kept and used again (``sim.library``).
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from sim.columns import CHANNELS, Ledger, table_name
from sim.engine.policy import reaches
from sim.errors import InputError
from sim.model import Workplace
from sim.parameter_sets import DEFAULT
from sim.schema import Scenario
from sim.uncertainty import Draws, Source, drawn, resolved

type Tables = dict[str, pl.DataFrame]
type Frames = Mapping[str, pl.DataFrame | pl.LazyFrame]
type Progress = Callable[[str, int, int], None]

SAMPLED_MESSAGES = 12_500  # about so many of each replicate of a world are kept as single messages
MESSAGES_A_DAY = 60  # received by a person; for the size of that sample only
CONTROL = 10  # every tenth firm that no rule reaches is simulated in both worlds
HOURS = 7 * 24  # of a week
HOUR_BLOCKS = 26  # at most so many, in which hours of the week are counted: four weeks each in two years
ROWS_AT_ONCE = 200_000  # person-weeks in a piece; wide copies of more would need as much memory as the simulation
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
    """The same replicate under other rules, from which firms can be taken over."""

    scenario: Scenario
    tables: Frames


class World(NamedTuple):
    """A simulated world: its rules, the tables of its replicates in their order, and what they drew parameters from."""

    scenario: Scenario
    replicates: Sequence[Frames]
    draws: Draws | None

    @property
    def name(self) -> str:
        """Name of the rules in force."""
        return self.scenario.name


def live(
    scenario: Scenario,
    number: int = 0,
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
    base: Base | None = None,
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Simulate one replicate of one world and give what it leaves behind piece by piece.

    Firms do not meet, so a firm that no rule reaches lives the same life in both worlds, to the bit. Where ``base`` is
    given, most of these firms are taken over from it; every tenth is simulated again, so that their agreement is seen
    in each result and not only believed.

    Parameters
    ----------
    scenario : Scenario
        The world, with the parameters of this replicate (``sim.uncertainty.drawn``); nothing is drawn here.
    number : int
        Number of the replicate, from 0.
    threads : int
        Threads over firms; the tables do not depend on it.
    progress : Callable[[int], None] | None
        Called after each week with the weeks done, warm-up included.
    base : Base | None
        The same replicate under other rules.

    Yields
    ------
    tuple[str, pl.DataFrame]
        Name of a table and rows of it: ``person_week`` and ``firm_week`` in blocks of weeks, then ``people``,
        ``firms``, ``hours`` (by block of weeks and firm) and ``messages`` at once. No table names the world.
    """
    share = log_share(scenario)
    model = Workplace(scenario, replicate=number, parameters=None, threads=threads, log_share=share)
    alike = model.firms_with_rules_of(base.scenario) if base else []
    alike = [firm for place, firm in enumerate(alike) if place % CONTROL]
    if alike:
        others = sorted(set(model.firms()["firm"]) - set(alike))
        model = Workplace(scenario, replicate=number, parameters=None, threads=threads, log_share=share, firms=others)
    else:
        base = None
    weeks, block = model.days_total // 7, weeks_at_once(scenario)
    hours = _Hours(model, number)
    for week in range(1, weeks + 1):
        model.run_for(7)
        hours.count(week)
        if progress:
            progress(week)
        if week % block == 0 or week == weeks:
            first = model.recorder.weeks[0]
            rows = _with_those_alike("person_week", drained(model), base, alike, pl.col("week") >= first)
            yield "person_week", rows
            yield "firm_week", firm_weeks(rows)
            del rows  # before the next block is simulated
    firms = _with_those_alike("firms", model.firms(), base, alike)
    if alike:  # their rules are those of the base, which may be in the scope of a lever there
        firms = firms.with_columns(in_scope=pl.col("in_scope") & ~pl.col("firm").is_in(alike))
    yield "people", _with_those_alike("people", model.people(), base, alike)
    yield "firms", firms
    yield "hours", _with_those_alike("hours", pl.concat(hours.blocks), base, alike)
    messages = model.messages().drop("world").sort("firm", maintain_order=True)
    yield "messages", _with_those_alike("messages", messages, base, alike)


def log_share(scenario: Scenario) -> float:
    """Choose the share of messages that are kept, so that a small run keeps all and a large one a sample.

    Parameters
    ----------
    scenario : Scenario
        Its run says how many people and days; the number of replicates plays no part.

    Returns
    -------
    float
        0..1.
    """
    run = scenario.run
    return min(1.0, SAMPLED_MESSAGES / (run.people * (run.days + run.warmup_days) * MESSAGES_A_DAY))


def weeks_at_once(scenario: Scenario) -> int:
    """Say how many weeks make a piece of the table of person-weeks.

    Parameters
    ----------
    scenario : Scenario
        Its run says how many people.

    Returns
    -------
    int
        At least one.
    """
    return max(1, ROWS_AT_ONCE // scenario.run.people)


def drained(model: Workplace) -> pl.DataFrame:
    """Take the weeks that the recorder holds, so that it holds none of them any longer.

    Parameters
    ----------
    model : Workplace
        A model that has run.

    Returns
    -------
    pl.DataFrame
        Person-weeks.
    """
    rows = model.person_week().drop("world")
    for kept in (model.recorder.weeks, model.recorder.ledgers, model.recorder.states):
        kept.clear()
    return rows


class _Hours:
    """Messages sent by firm, hour of the week and channel, in blocks of weeks after the warm-up."""

    def __init__(self, model: Workplace, number: int) -> None:
        """Begin to count in a model that has not run."""
        run = model.setting.run
        self.model, self.number, self.warmup = model, number, run.warmup_days // 7
        self.ends = {first + length: first for first, length in hour_blocks(run.weeks)}
        self.before = np.zeros_like(model.world.hours)
        self.blocks: list[pl.DataFrame] = []

    def count(self, week: int) -> None:
        """Close the block that ends with a week, counted from the start of the warm-up."""
        first = self.ends.get(week - self.warmup)
        if first is None:
            return
        now = self.model.world.hours.copy()
        counts, self.before = now - self.before, now
        firms, hours, channels = counts.shape
        flat = counts.reshape(firms * hours, channels).astype(np.int32)
        columns = {
            "replicate": np.full(firms * hours, self.number, np.int16),
            "week": np.full(firms * hours, first, np.int16),
            "firm": np.repeat(self.model.firms()["firm"].to_numpy(), hours),
            "hour_of_week": np.tile(np.arange(hours, dtype=np.int16), firms),
        }
        table = pl.DataFrame(columns | {name: flat[:, place] for place, name in enumerate(CHANNELS)})
        self.blocks.append(table.filter(flat.any(axis=1)))


def hour_blocks(weeks: int) -> list[tuple[int, int]]:
    """Divide a run into blocks in which hours of the week are counted.

    Parameters
    ----------
    weeks : int
        Weeks after the warm-up.

    Returns
    -------
    list[tuple[int, int]]
        First week and number of weeks of each; the last one may be shorter.
    """
    length = math.ceil(weeks / HOUR_BLOCKS)
    return [(first, min(length, weeks - first)) for first in range(0, weeks, length)]


def _with_those_alike(
    name: str, mine: pl.DataFrame, base: Base | None, alike: Sequence[int], weeks: pl.Expr | None = None
) -> pl.DataFrame:
    """Add the firms that live under the same rules in both worlds, as they are in the other one."""
    if base is None:
        return mine
    same = pl.col("firm").is_in(alike)
    if weeks is not None:
        same &= weeks & (pl.col("week") <= mine["week"].max())
    taken = base.tables[name].lazy().filter(same).select(mine.columns).collect()
    return pl.concat([mine, taken]).sort(ORDER[name], maintain_order=True)


def simulate(
    scenario: Scenario,
    threads: int = 1,
    progress: Progress | None = None,
    base: World | None = None,
    *,
    parameters: Source = DEFAULT,
) -> World:
    """Simulate all replicates of one world in memory.

    Parameters
    ----------
    scenario : Scenario
        The world.
    threads : int
        Threads over firms; the tables do not depend on it.
    progress : Progress | None
        Called after each week with the world's name, the weeks done and the weeks of all replicates.
    base : World | None
        The same economy under other rules, with the same replicates and parameters.
    parameters : Source
        Where values come from that the scenario does not name; replicate k uses draw k.

    Returns
    -------
    World
        Tables of the world.

    Raises
    ------
    InputError
        If ``base`` has other parameters.
    """
    draws = resolved(parameters)
    if base and base.draws != draws:
        raise InputError(f"{scenario.name} and {base.name} have different parameters: name the same for both")
    parts = []
    for number in range(scenario.run.replicates):
        theirs = Base(drawn(base.scenario, draws, number), base.replicates[number]) if base else None
        mine = drawn(scenario, draws, number)
        pieces: dict[str, list[pl.DataFrame]] = {}
        for name, rows in live(mine, number, threads, told(progress, scenario, number), theirs):
            pieces.setdefault(name, []).append(rows)
        parts.append({name: pl.concat(rows) for name, rows in pieces.items()})
    return World(scenario, parts, draws)


def told(progress: Progress | None, scenario: Scenario, number: int) -> Callable[[int], None] | None:
    """Make the weeks of one replicate count among those of all.

    Parameters
    ----------
    progress : Progress | None
        Wants the world's name, the weeks done and the weeks of all replicates.
    scenario : Scenario
        The world.
    number : int
        Number of the replicate.

    Returns
    -------
    Callable[[int], None] | None
        Wants the weeks done of this replicate.
    """
    if progress is None:
        return None
    report = progress
    weeks = scenario.run.weeks + scenario.run.warmup_days // 7
    return lambda week: report(scenario.name, number * weeks + week, scenario.run.replicates * weeks)


def run(
    scenario: Scenario,
    counterfactual: Scenario | None = None,
    threads: int = 1,
    progress: Progress | None = None,
    *,
    parameters: Source = DEFAULT,
) -> Tables:
    """Simulate a scenario, and its counterfactual on the same draws, in memory: for small runs from Python.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    counterfactual : Scenario | None
        What it is compared with, on the same economy; None for a single world.
    threads : int
        Threads over firms; the tables do not depend on it.
    progress : Progress | None
        Called after each week with the world's name, the weeks done and the weeks of all replicates.
    parameters : Source
        Where values come from that neither scenario names; replicate k of both worlds uses draw k.

    Returns
    -------
    Tables
        As from ``side_by_side``.
    """
    base = None
    if counterfactual is not None:
        check_reach(scenario, parameters)
        base = simulate(counterfactual, threads, progress, parameters=parameters)
    frames = side_by_side(simulate(scenario, threads, progress, base, parameters=parameters), base)
    return {name: frame.collect() for name, frame in frames.items()}


def check_reach(scenario: Scenario, parameters: Source = DEFAULT) -> None:
    """Refuse a scenario with a lever that reaches none of the firms that were drawn, before anything is simulated.

    Parameters
    ----------
    scenario : Scenario
        A scenario with levers.
    parameters : Source
        Where values come from that the scenario does not name.

    Raises
    ------
    InputError
        If the scope of some lever, or of all of them, matches no firm of any replicate.
    """
    missed = list(enumerate(scenario.levers))
    for number in range(scenario.run.replicates if missed else 0):
        world = Workplace(scenario, replicate=number, parameters=parameters).world
        missed = [(n, lever) for n, lever in missed if not reaches(lever, world).any()]
    if not missed:
        return
    advice = "use more people or another seed"
    if len(missed) == len(scenario.levers):
        raise InputError(f"{scenario.name}: the rules reach nobody: none of the firms drawn is in scope; {advice}")
    told = ", ".join(f"levers[{n}] ({lever.kind}, phase '{lever.phase}')" for n, lever in missed)
    raise InputError(f"{scenario.name}: none of the firms drawn is in the scope of {told}; {advice}")


def side_by_side(world: World, base: World | None = None, in_force: Collection[int] = ()) -> dict[str, pl.LazyFrame]:
    """Put a world beside the one that it is compared with.

    Parameters
    ----------
    world : World
        The scenario's world.
    base : World | None
        The counterfactual; None for a single world.
    in_force : Collection[int]
        Weeks under the rule, which ``hours`` counts apart.

    Returns
    -------
    dict[str, pl.LazyFrame]
        ``person_week``, ``firm_week``, ``hours`` and ``message_sample`` hold both worlds, the counterfactual first;
        ``people`` and ``firms`` are those of the scenario's world, with its scope. Not computed yet.
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
    """Put the replicates of a world together and name the world in a first column.

    Parameters
    ----------
    world : World
        The world.
    table : str
        Name of the table.

    Returns
    -------
    pl.LazyFrame
        Not computed yet.
    """
    return _stacked(world, table).select(pl.lit(world.name).cast(pl.Categorical).alias("world"), pl.all())


def _stacked(world: World, table: str) -> pl.LazyFrame:
    """Put the replicates of a world together."""
    return pl.concat([frames[table].lazy() for frames in world.replicates])


def _hours_by_scope(world: World, firms: pl.LazyFrame, in_force: Collection[int]) -> pl.LazyFrame:
    """Count the messages by hour and channel, in the scope of a scenario and out of it, under the rule and before."""
    keys = ("replicate", "in_scope", "under_rule", "hour_of_week", "channel")
    scope = firms.select("replicate", "firm", "in_scope")
    rows = _stacked(world, "hours")
    blocks = hour_blocks(world.scenario.run.weeks)
    whole = {first: length for first, length in blocks if set(range(first, first + length)) <= set(in_force)}
    counts = (
        rows.with_columns(under_rule=pl.col("week").is_in(list(whole)))
        .join(scope, on=("replicate", "firm"))
        .unpivot(CHANNELS, index=keys[:-1], variable_name="channel", value_name="messages")
        .group_by(keys)
        .agg(pl.col("messages").cast(pl.Int64).sum())
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
    """Sum up the person-weeks of each firm.

    Parameters
    ----------
    person_week : pl.DataFrame
        Person-weeks of one world.

    Returns
    -------
    pl.DataFrame
        One row per replicate, firm and week: ``n_people``, sums of times and counts, means of states (of those who have
        the state) and shares.
    """
    values = [name for name in person_week.columns if name not in (*FIRM_WEEK, "person", "world")]
    sums = [_gathered(name, person_week.schema[name]) for name in values]
    return person_week.group_by(FIRM_WEEK, maintain_order=True).agg(pl.len().cast(pl.Int32).alias("n_people"), *sums)


def _gathered(name: str, kind: pl.DataType) -> pl.Expr:
    """Sum a time or a count, average a state; in a firm's order of people, so that equal histories give equal bits."""
    wide = pl.col(name).cast(pl.Float64)
    if name not in _SUMMED:
        return wide.mean().cast(pl.Float32)
    return pl.col(name).cast(pl.Int64).sum() if kind.is_integer() else wide.sum().cast(pl.Float32)
