"""Where the work went: what came to the desks, what became of it, and what never came."""

import polars as pl

from sim.comparing.effects import contrasts, levels
from sim.outcomes import ONE, Outcome, Tables, column, total
from sim.scenario.schema import Scenario

CAME, WENT, BESIDE = "came", "went", "beside"
TALKED = ("office_talk_minutes", "office_meeting_minutes")
OWN = column("arrived_work_minutes") - total(("assigned_work_minutes", "handed_work_minutes"))


def _account(name: str, side: str, minutes: pl.Expr, better: str, definition: str) -> Outcome:
    return Outcome(name, side, "h/week", better, minutes / 60, ONE, definition)


ACCOUNTS: tuple[Outcome, ...] = (
    _account("by_plan", CAME, OWN, "", "work that arrived by itself"),
    _account("ordered", CAME, column("assigned_work_minutes"), "", "work of orders that were read"),
    _account("handed_on", CAME, column("handed_work_minutes"), "", "work that colleagues handed on, once it was read"),
    _account("output", WENT, column("output_minutes"), "higher", "work done that counts"),
    _account("late", WENT, column("late_minutes"), "lower", "lost because it came after its date"),
    _account("spoiled", WENT, column("spoiled_minutes"), "lower", "lost in tasks that passed with a fault"),
    _account("dropped", WENT, column("dropped_work_minutes"), "lower", "for which a desk had no space"),
    _account("on_desks", WENT, column("desk_growth_minutes"), "", "by which the desks grew: not ended yet"),
    _account(
        "never_ordered",
        BESIDE,
        column("lapsed_work_minutes"),
        "",
        "of orders that lapsed, for all who would have had them: it never came",
    ),
    _account(
        "done_again", BESIDE, column("rework_minutes"), "lower", "repeated because of a fault: it is not output twice"
    ),
    _account("talked", BESIDE, total(TALKED), "", "time in talk and in meetings, in place of work and of writing"),
)


def work(tables: Tables, scenario: Scenario, counterfactual: Scenario | None, uncertain: bool = True) -> pl.DataFrame:
    """Account for the work of a world, or of two: one row per account, in nominal hours per person-week.

    What ``came`` is what ``went``, in each world; what stands ``beside`` is in neither sum. Firms, weeks and intervals
    are those of the effects, or of the levels of one world.
    """
    if counterfactual is None:
        found, values = levels(tables, scenario, ACCOUNTS, uncertain, apart=False), ["value"]
    else:
        found = contrasts(tables, scenario, counterfactual, ACCOUNTS, uncertain, apart=False)
        values = ["baseline", "scenario_value", "difference"]
    return found.select(
        "scenario", pl.col("outcome").alias("account"), pl.col("family").alias("side"), "unit", "better", *values,
        "low", "high", "window",
    )  # fmt: skip
