"""The one door from scenarios to tables: worlds are simulated replicate by replicate and put side by side."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import polars as pl

from sim.columns import Ledger
from sim.errors import InputError
from sim.model import Workplace
from sim.schema import Scenario

type Tables = dict[str, pl.DataFrame]
type Progress = Callable[[str, int, int], None]

SAMPLED_MESSAGES = 50_000  # about so many of each world are kept as single messages
MESSAGES_A_DAY = 60  # received by a person; for the size of that sample only
CONTROL = 10  # every tenth firm that no rule reaches is simulated in both worlds
ROWS_AT_ONCE = 200_000  # person-weeks; wide copies of more would need as much memory as the simulation
FIRM_WEEK = ("world", "replicate", "firm", "week")
_SUMMED = {name.replace("_seconds", "_minutes") for name in Ledger._fields}


class World(NamedTuple):
    """What a simulated world leaves behind, all replicates in one."""

    scenario: Scenario
    people: pl.DataFrame
    firms: pl.DataFrame
    person_week: pl.DataFrame
    firm_week: pl.DataFrame
    messages: pl.DataFrame
    hours: dict[str, pl.DataFrame]  # by the scenario whose scope divides them

    @property
    def name(self) -> str:
        """Name of the rules in force."""
        return self.scenario.name


def simulate(
    scenario: Scenario,
    threads: int = 1,
    progress: Progress | None = None,
    scopes: Sequence[Scenario] = (),
    base: World | None = None,
) -> World:
    """Simulate one world: all replicates of an economy under the rules of a scenario.

    Firms do not meet, so a firm that no rule reaches lives the same life in both worlds, to the bit. Where ``base`` is
    given, most of these firms are taken over from it; every tenth is simulated again, so that their agreement is seen
    in each result and not only believed.

    Parameters
    ----------
    scenario : Scenario
        The world.
    threads : int
        Threads over firms; the tables do not depend on it.
    progress : Progress | None
        Called after each week with the world's name, the weeks done and the weeks of all replicates.
    scopes : Sequence[Scenario]
        Scenarios on the same economy whose scopes shall divide the messages by hour; by default the world's own.
    base : World | None
        The same economy under other rules, with this scenario among its scopes.

    Returns
    -------
    World
        Tables of the world.
    """
    numbers = range(scenario.run.replicates)
    parts = [_replicate(scenario, number, threads, progress, scopes, base) for number in numbers]
    return World(
        scenario=scenario,
        people=pl.concat([part.people for part in parts]),
        firms=pl.concat([part.firms for part in parts]),
        person_week=pl.concat([part.person_week for part in parts]),
        firm_week=pl.concat([part.firm_week for part in parts]),
        messages=pl.concat([part.messages for part in parts]),
        hours={name: pl.concat([part.hours[name] for part in parts]) for name in parts[0].hours},
    )


def _replicate(
    scenario: Scenario,
    number: int,
    threads: int,
    progress: Progress | None,
    scopes: Sequence[Scenario],
    base: World | None,
) -> World:
    """Simulate one replicate week by week; its model is given up before the next one starts."""
    model = Workplace(scenario, replicate=number, threads=threads, log_share=_log_share(scenario))
    alike = model.firms_with_rules_of(base.scenario) if base else []
    alike = [firm for place, firm in enumerate(alike) if place % CONTROL]
    if base and alike:
        others = sorted(set(model.firms()["firm"]) - set(alike))
        model = Workplace(scenario, replicate=number, threads=threads, log_share=_log_share(scenario), firms=others)
    weeks = model.days_total // 7
    for week in range(1, weeks + 1):
        model.run_for(7)
        if progress:
            progress(scenario.name, number * weeks + week, scenario.run.replicates * weeks)
    hours = {scenario.name: model.hours()}
    for other in scopes:
        reached = Workplace(other, replicate=number).plan.in_scope
        hours[other.name] = model.recorder.hours(scenario.name, number, reached)
    people, firms, person_week = model.people(), model.firms(), model.person_week()
    messages = model.messages().sort("firm", maintain_order=True)
    del model  # what it recorded is half of the memory by now
    done = World(scenario, people, firms, person_week, firm_weeks(person_week), messages, hours)
    return _with_those_alike(done, base, number, alike) if base and alike else done


def _with_those_alike(done: World, base: World, number: int, alike: Sequence[int]) -> World:
    """Add the firms that live under the same rules in both worlds, as they are in the other one."""
    same = (pl.col("replicate") == number) & pl.col("firm").is_in(alike)
    renamed = pl.lit(done.name).cast(pl.Categorical).alias("world")

    def both(mine: pl.DataFrame, theirs: pl.DataFrame, *order: str) -> pl.DataFrame:
        taken = theirs.filter(same)
        if "world" in taken.columns:
            taken = taken.with_columns(renamed)
        return pl.concat([mine, taken.select(mine.columns)]).sort(*order, maintain_order=True)

    base_firms = base.firms.with_columns(pl.lit(False).alias("in_scope"))
    out_of_scope = (pl.col("replicate") == number) & ~pl.col("in_scope")
    mine = done.hours[done.name]
    whole = base.hours[done.name].filter(out_of_scope).with_columns(renamed)
    hours = pl.concat([whole.select(mine.columns), mine.filter(pl.col("in_scope"))])
    return World(
        scenario=done.scenario,
        people=both(done.people, base.people, "firm", "person"),
        firms=both(done.firms, base_firms, "firm"),
        person_week=both(done.person_week, base.person_week, "week", "firm", "person"),
        firm_week=both(done.firm_week, base.firm_week, "week", "firm"),
        messages=both(done.messages, base.messages, "firm"),
        hours=done.hours | {done.name: hours},
    )


def _log_share(scenario: Scenario) -> float:
    """Choose the share of messages that are kept, so that a small run keeps all and a large one a sample."""
    run = scenario.run
    expected = run.people * (run.days + run.warmup_days) * run.replicates * MESSAGES_A_DAY
    return min(1.0, SAMPLED_MESSAGES / expected)


def run(
    scenario: Scenario, counterfactual: Scenario | None = None, threads: int = 1, progress: Progress | None = None
) -> Tables:
    """Simulate a scenario, and its counterfactual on the same draws.

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

    Returns
    -------
    Tables
        As from ``side_by_side``.
    """
    if counterfactual is None:
        return side_by_side(simulate(scenario, threads, progress))
    check_reach(scenario)
    base = simulate(counterfactual, threads, progress, [scenario])
    return side_by_side(simulate(scenario, threads, progress, base=base), base)


def check_reach(scenario: Scenario) -> None:
    """Refuse a scenario whose rules reach none of the firms that were drawn, before anything is simulated.

    Parameters
    ----------
    scenario : Scenario
        A scenario with levers.

    Raises
    ------
    InputError
        If no firm of any replicate is in scope.
    """
    numbers = range(scenario.run.replicates)
    if scenario.levers and not any(Workplace(scenario, replicate=n).plan.in_scope.any() for n in numbers):
        raise InputError(
            f"{scenario.name}: the rules reach nobody: none of the firms drawn is in scope; "
            "use more people or another seed"
        )


def side_by_side(world: World, base: World | None = None) -> Tables:
    """Put a world beside the one that it is compared with.

    Parameters
    ----------
    world : World
        The scenario's world.
    base : World | None
        The counterfactual, simulated with the scenario among its ``scopes``; None for a single world.

    Returns
    -------
    Tables
        ``person_week``, ``firm_week``, ``hours`` and ``message_sample`` hold both worlds; ``people`` and ``firms`` are
        those of the scenario's world, with its scope.
    """
    worlds = [base, world] if base else [world]
    return {
        "people": world.people,
        "firms": world.firms,
        "person_week": pl.concat([each.person_week for each in worlds]),
        "firm_week": pl.concat([each.firm_week for each in worlds]),
        "hours": pl.concat([each.hours[world.name] for each in worlds]),
        "message_sample": pl.concat([each.messages for each in worlds]),
    }


def firm_weeks(person_week: pl.DataFrame) -> pl.DataFrame:
    """Sum up the person-weeks of each firm.

    Parameters
    ----------
    person_week : pl.DataFrame
        Person-weeks.

    Returns
    -------
    pl.DataFrame
        One row per world, replicate, firm and week: ``n_people``, sums of times and counts, means of states (of those
        who have the state) and shares.
    """
    values = [name for name in person_week.columns if name not in (*FIRM_WEEK, "person")]
    sums = [_gathered(name, person_week.schema[name]) for name in values]
    weeks = person_week["week"].unique().sort()
    at_once = max(1, ROWS_AT_ONCE * weeks.len() // max(1, person_week.height))
    batches = [weeks[first : first + at_once] for first in range(0, max(1, weeks.len()), at_once)]
    parts = (person_week.filter(pl.col("week").is_in(batch.implode())) for batch in batches)
    return pl.concat(
        part.group_by(FIRM_WEEK, maintain_order=True).agg(pl.len().cast(pl.Int32).alias("n_people"), *sums)
        for part in parts
    )


def _gathered(name: str, kind: pl.DataType) -> pl.Expr:
    """Sum a time or a count, average a state; in a firm's order of people, so that equal histories give equal bits."""
    wide = pl.col(name).cast(pl.Float64)
    if name not in _SUMMED:
        return wide.mean().cast(pl.Float32)
    return pl.col(name).cast(pl.Int64).sum() if kind.is_integer() else wide.sum().cast(pl.Float32)
