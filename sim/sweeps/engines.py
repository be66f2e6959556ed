"""Engines of a sweep: what a run does, from a scenario to a row of outcomes.

The model's run measures what ``offhours run`` compares: outcomes over the firms that the rules reach, in the weeks in
which they are fully in force. The counterfactual is measured in the same firms and weeks.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import polars as pl

from sim.core.errors import InputError
from sim.outcomes import OUTCOMES, as_arrays, firm_sums, leave_one_out, person_weeks

type Row = dict[str, float | int | None]


def run_model(scenario: Mapping[str, Any], lens: Mapping[str, Any], replicate: int) -> Row:
    """Simulate a replicate (from 0) and return its outcomes with the numbers of people, firms and weeks measured.

    The lens has ``weeks`` and ``scopes`` (of the firms; none means all). Raises ``InputError`` if no drawn firm is in
    scope.
    """
    from sim.engine.policy import reached_by  # noqa: PLC0415
    from sim.levers.lever import Lever, Scope  # noqa: PLC0415  (Mesa and numba are loaded by the process that simulates)
    from sim.model import Workplace  # noqa: PLC0415
    from sim.runs.beginnings import OF_THIS_PROCESS  # noqa: PLC0415
    from sim.runs.simulation import drained, weeks_at_once  # noqa: PLC0415
    from sim.scenario.schema import Scenario  # noqa: PLC0415

    world = Scenario.model_validate(scenario)
    model = Workplace(world, replicate=replicate, parameters=None)  # the scenario has those of its draw
    firms = model.firms()
    scopes = [Lever(kind="placebo", scope=Scope.model_validate(scope)) for scope in lens["scopes"]]
    reached = pl.Series(reached_by(scopes, model.world, world.country)) if scopes else pl.lit(True)
    firms = firms.with_columns(in_scope=reached)
    if not firms["in_scope"].any():
        raise InputError("the rules reach nobody: none of the firms drawn is in scope; use more people")
    looked_at = pl.col("week").is_in(lens["weeks"])
    parts, block = [], weeks_at_once(world)
    for week in range(OF_THIS_PROCESS.resume(model) + 1, model.days_total // 7 + 1):
        model.run_for(7)
        OF_THIS_PROCESS.keep(model)
        if week % block == 0 or week == model.days_total // 7:
            tables = model.tables() | {"firms": firms}
            drained(model)
            rows = person_weeks(tables).filter(pl.col("in_scope") & looked_at)
            parts.append(firm_sums(rows, OUTCOMES, ["replicate"]))
    sums = pl.concat(parts).sum()
    values, _ = leave_one_out(*as_arrays(sums, OUTCOMES))
    scoped = firms.filter("in_scope")
    counts = {"people": int(scoped["size"].sum()), "firms": scoped.height, "weeks": len(lens["weeks"])}
    return counts | {outcome.name: float(value) for outcome, value in zip(OUTCOMES, values, strict=True)}


class Engine(NamedTuple):
    """The function of a run, and its outcomes."""

    run: Callable[[Mapping[str, Any], Mapping[str, Any], int], Row]
    values: tuple[str, ...]  # outcomes of a row


MODEL = "model"
ENGINES = {MODEL: Engine(run_model, tuple(outcome.name for outcome in OUTCOMES))}
"""Engines by name. Those other than the model's get the values of the axes in place of a scenario."""
