"""The account of the work adds up, and no efficiency moves by arithmetic."""

import polars as pl
import pytest

from sim.comparing.comparison import ACCOUNTS, work
from sim.outcomes import BY_NAME
from sim.runs.simulation import run
from tests.worlds import scenario

EFFICIENCIES = ("output_per_hour", "output_per_paid_hour", "output_per_contract_hour")
RULES = [{"kind": "ban", "channels": ["im"]}, {"kind": "quiet_hours", "mode": "block"}, {"kind": "manager_example"}]


def test_what_came_is_what_went() -> None:
    """In both worlds and in their difference, and in one world by itself; orders lapse only beside these sums."""
    base = scenario(weeks=3, warmup_days=7)
    ruled = scenario(weeks=3, warmup_days=7, levers=RULES).model_copy(update={"name": "ruled"})
    account = work(run(ruled, base, parameters="point"), ruled, base, uncertain=False)
    assert account["account"].to_list() == [one.name for one in ACCOUNTS]
    sides = account.group_by("side").agg(pl.col("baseline", "scenario_value", "difference").sum())
    came, went = (sides.row(by_predicate=pl.col("side") == side)[1:] for side in ("came", "went"))
    assert came == pytest.approx(went, abs=1e-4)
    lapsed = account.row(by_predicate=pl.col("account") == "never_ordered", named=True)
    assert lapsed["difference"] > 0.0
    alone = work(run(base, None, parameters="point"), base, None, uncertain=False)
    assert alone["value"].to_list() == pytest.approx(account["baseline"].to_list(), abs=1e-6)


def worth(row: dict[str, float]) -> list[float]:
    """The three efficiencies of a person-week; what is not named is 0."""
    needed = {name for one in EFFICIENCIES for side in (BY_NAME[one].numerator, BY_NAME[one].denominator)
              for name in side.meta.root_names()}  # fmt: skip
    frame = pl.DataFrame([dict.fromkeys(needed, 0.0) | row])
    return [frame.select(BY_NAME[one].numerator / BY_NAME[one].denominator).item() for one in EFFICIENCIES]


def test_unpaid_work_of_average_worth_moves_no_efficiency_when_it_ends() -> None:
    """Forty contract hours, two hours of paid and three of unpaid overtime on record, five at home: 40 minutes each.

    Without what is unpaid on record, without what is done at home, and without both, each efficiency stays.
    """
    weeks = []
    for unpaid, at_home in ((3.0, 5.0), (0.0, 5.0), (3.0, 0.0), (0.0, 0.0)):
        hours = 42.0 + unpaid + at_home
        weeks.append(
            {
                "office_task_minutes": 60.0 * (42.0 + unpaid), "home_task_minutes": 60.0 * at_home,
                "recorded_overtime_minutes": 60.0 * (2.0 + unpaid), "latent_overtime_minutes": 60.0 * at_home,
                "paid_overtime_minutes": 120.0, "output_minutes": 40.0 * hours,
                "contract_output_minutes": 40.0 * 40.0, "paid_output_minutes": 40.0 * 42.0,
            }
        )  # fmt: skip
    for week in weeks:
        assert worth(week) == pytest.approx([40.0, 40.0, 40.0])
