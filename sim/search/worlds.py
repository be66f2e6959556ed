"""Pairs of worlds for a search, simulated as sweeps: at points that fill the space of levers, and afresh at the front.

Every ``BLOCK`` points share an economy and a draw of the parameters; so do all rules of the front, at other draws. So
levers are compared within a draw, and the world without the rule is simulated once per draw.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from rich.console import Console

from sim.core.errors import InputError
from sim.outcomes import Reals
from sim.search.problem import BLOCK, Problem
from sim.sweeps.design import Axis, Design, Draft, from_shares
from sim.sweeps.driving import Options
from sim.sweeps.effects import with_counterfactuals
from sim.sweeps.emulation import POINTS_PER_AXIS
from sim.sweeps.folder import Sweep, read_rows
from sim.sweeps.monitor import PARTIAL
from sim.sweeps.session import run_draft

ECONOMY, LAST = "run.seed", 999_999


class Pairs(NamedTuple):
    """Effects in simulated pairs of worlds."""

    levers: Reals  # (pairs, levers) values
    parameters: Reals  # (pairs, parameters)
    differences: Reals  # (pairs, objectives); NaN where a run failed
    draws: np.ndarray  # (pairs,) number of the draw, and of the economy
    levels: Reals  # (objectives,) means without the rule
    folder: str
    failed: int = 0  # pairs without any effect, which have no row here
    people: Any = None  # mean number in firms that the rule reaches


def filling_sweep(problem: Problem, reading: str) -> Draft:
    """Return the sweep of points that fill the space of levers, each block at its own draw of the parameter set."""
    rng = np.random.default_rng(problem.scenario.run.seed % 2**31)
    seeds = np.repeat(rng.integers(1, LAST, problem.blocks, endpoint=True), BLOCK)[: problem.points]
    shares = sliced_hypercube(problem.blocks, BLOCK, len(problem.axes), rng)[: problem.points]
    levers = [
        Axis(name=axis.name, values=tuple(from_shares(axis, shares[:, k], axis.name in problem.whole)))
        for k, axis in enumerate(problem.axes)
    ]
    axes = (Axis(name=ECONOMY, values=tuple(seeds.tolist())), *levers)
    return _draft(problem, reading, problem.readings[reading], axes, own_draws=True, points_per_draw=BLOCK)


def sliced_hypercube(blocks: int, size: int, levers: int, rng: np.random.Generator) -> Reals:
    """Draw a sliced Latin hypercube, (points, levers): each block is a Latin hypercube too (Qian 2012).

    Journal of the American Statistical Association 107, 393-399. Blocks of ``size`` points follow each other.
    """
    found = []
    for _ in range(levers):
        fine = rng.permuted(np.tile(np.arange(blocks), (size, 1)), axis=1) + blocks * np.arange(size)[:, None]
        found.append(rng.permuted(fine.T, axis=1).ravel())  # in each block, one of each coarse cell
    return (np.stack(found, axis=1) + rng.random((blocks * size, levers))) / (blocks * size)


def fresh_sweep(problem: Problem, reading: str, values: Reals) -> Draft:
    """Return the sweep of rules, (rules, levers), on new economies and at draws not used by ``filling_sweep``."""
    draws = problem.readings[reading]
    if draws is not None:
        rows = draws.rows[problem.blocks :] + draws.rows[: problem.blocks]
        draws = replace(draws, name=f"{draws.name} from draw {problem.blocks + 1} on", rows=rows)
    lists = [
        tuple(int(value) if axis.name in problem.whole else float(value) for value in column)
        for axis, column in zip(problem.axes, values.T, strict=True)
    ]
    axes = tuple(Axis(name=axis.name, values=each) for axis, each in zip(problem.axes, lists, strict=True))
    return _draft(problem, reading, draws, axes, replicates=problem.confirm)


def _draft(problem: Problem, reading: str, draws: Any, axes: tuple[Axis, ...], **more: Any) -> Draft:
    """Return a sweep of the scenario and its reference over the points listed by ``axes``."""
    scenario = problem.scenario
    name = f"search_{scenario.name}_{reading}"[:64]
    design = Design(name=name, title=scenario.title[:120], scenarios=(scenario.name,), method="list", axes=axes, **more)
    bases, references = ({scenario.name: each.model_dump(mode="json")} for each in (scenario, problem.reference))
    whole = set(problem.whole) | {ECONOMY}
    return Draft(design, bases, references, whole, draws)


def check_size(problem: Problem) -> None:
    """Raise ``InputError`` if there are too few points for the levers, or too few draws for all simulations."""
    least = POINTS_PER_AXIS * len(problem.axes)
    if problem.points < least:
        raise InputError(f"--points {problem.points}: {len(problem.axes)} levers need {least} or more")
    needed = problem.blocks + problem.confirm
    for name, draws in problem.readings.items():
        if draws is not None and len(draws.rows) < needed:
            raise InputError(
                f"--parameters {name}: holds {len(draws.rows):,} draws; --points / {BLOCK} and --confirm together use "
                f"{needed:,}"
            )


def simulated(
    problem: Problem, reading: str, draft: Draft, options: Options, notes: Console, output: Console
) -> Pairs | None:
    """Simulate the missing runs of a sweep, and return its pairs; None if interrupted or for a ``dry_run``."""
    sweep, code = run_draft(draft, options, notes, output)
    return None if options.dry_run or code == PARTIAL else pairs_of(problem, reading, sweep)


def pairs_of(problem: Problem, reading: str, sweep: Sweep) -> Pairs:
    """Read the pairs of a finished sweep, without those in which a run failed."""
    plan, names = sweep.plan, problem.outcomes
    columns = {axis["name"]: axis["column"] for axis in plan.axes}
    mine = plan.conditions.filter(~pl.col("is_reference"))
    outcome = pl.col("outcome").cast(pl.String)
    both = pl.concat(part.with_columns(outcome).filter(outcome.is_in(names)) for part in with_counterfactuals(sweep))
    wide = both.pivot("outcome", on_columns=names, index=["condition", "replicate"], values=["here", "there"])
    wide = mine.join(wide, on="condition", how="inner", maintain_order="left").sort("point", "replicate")
    here, there = (
        wide.select(f"{side}_{name}" for name in names).cast(pl.Float64).fill_null(np.nan).to_numpy()
        for side in ("here", "there")
    )
    levers = wide.select(columns[axis.name] for axis in problem.axes).cast(pl.Float64).to_numpy()
    known = np.isfinite(here - there).any(axis=1)
    here, there, levers, wide = here[known], there[known], levers[known], wide.filter(known)
    numbers = np.array([plan.draw_of(*row) for row in wide.select("point", "replicate").iter_rows()], dtype=int)
    rows = plan.draws.rows if plan.draws else ({},)
    parameters = matrix([rows[number % len(rows)] for number in numbers], names_of(problem, reading))
    failed = mine.height * sweep.replicates - len(levers)
    levels = np.nanmean(there, axis=0) if len(there) else np.full(len(names), np.nan)
    people = read_rows(sweep, ["people"]).get_column("people").mean()
    return Pairs(levers, parameters, here - there, numbers, levels, sweep.folder.name, failed, people)


def names_of(problem: Problem, reading: str) -> list[str]:
    """List the parameters that differ between draws and that the scenario does not set, sorted."""
    draws = problem.readings[reading]
    rows = draws.rows if draws else ({},)
    free = sorted(rows[0].keys() - problem.scenario.parameters.keys())
    return [name for name in free if len({row[name] for row in rows[: 2 * problem.points]}) > 1]


def matrix(rows: Sequence[Any], names: Sequence[str]) -> Reals:
    """Return the named parameters of draws as an array, (draws, parameters)."""
    return np.array([[row[name] for name in names] for row in rows], dtype=float).reshape(len(rows), len(names))
