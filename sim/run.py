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
FIRM_WEEK = ("world", "replicate", "firm", "week")
_SUMMED = {name.replace("_seconds", "_minutes") for name in Ledger._fields}


class World(NamedTuple):
    """What a simulated world leaves behind, all replicates in one."""

    name: str
    people: pl.DataFrame
    firms: pl.DataFrame
    person_week: pl.DataFrame
    messages: pl.DataFrame
    hours: dict[str, pl.DataFrame]  # by the scenario whose scope divides them


def simulate(
    scenario: Scenario, threads: int = 1, progress: Progress | None = None, scopes: Sequence[Scenario] = ()
) -> World:
    """Simulate one world: all replicates of an economy under the rules of a scenario.

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

    Returns
    -------
    World
        Tables of the world.
    """
    parts = [_replicate(scenario, number, threads, progress, scopes) for number in range(scenario.run.replicates)]
    return World(
        name=scenario.name,
        people=pl.concat([part.people for part in parts]),
        firms=pl.concat([part.firms for part in parts]),
        person_week=pl.concat([part.person_week for part in parts]),
        messages=pl.concat([part.messages for part in parts]),
        hours={name: pl.concat([part.hours[name] for part in parts]) for name in parts[0].hours},
    )


def _replicate(
    scenario: Scenario, number: int, threads: int, progress: Progress | None, scopes: Sequence[Scenario]
) -> World:
    """Simulate one replicate week by week; its model is given up before the next one starts."""
    model = Workplace(scenario, replicate=number, threads=threads, log_share=_log_share(scenario))
    weeks = model.days_total // 7
    for week in range(1, weeks + 1):
        model.run_for(7)
        if progress:
            progress(scenario.name, number * weeks + week, scenario.run.replicates * weeks)
    hours = {scenario.name: model.hours()}
    for other in scopes:
        reached = Workplace(other, replicate=number).plan.in_scope
        hours[other.name] = model.recorder.hours(scenario.name, number, reached)
    return World(scenario.name, model.people(), model.firms(), model.person_week(), model.messages(), hours)


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
    return side_by_side(simulate(scenario, threads, progress), base)


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
    person_week = pl.concat([each.person_week for each in worlds])
    return {
        "people": world.people,
        "firms": world.firms,
        "person_week": person_week,
        "firm_week": firm_weeks(person_week),
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
    return (
        person_week.lazy()
        .group_by(FIRM_WEEK, maintain_order=True)
        .agg(pl.len().cast(pl.Int32).alias("n_people"), *(_gathered(name, person_week.schema[name]) for name in values))
        .collect()
    )


def _gathered(name: str, kind: pl.DataType) -> pl.Expr:
    """Sum a time or a count, average a state; in a firm's order of people, so that equal histories give equal bits."""
    wide = pl.col(name).cast(pl.Float64)
    if name not in _SUMMED:
        return wide.mean().cast(pl.Float32)
    return pl.col(name).cast(pl.Int64).sum() if kind.is_integer() else wide.sum().cast(pl.Float32)
