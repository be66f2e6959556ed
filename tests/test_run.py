"""From scenarios to tables: the two worlds of a run, their accounts and their pairing."""

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sim.core.columns import CHANNELS, Ledger
from sim.core.errors import InputError
from sim.levers.lever import Scope
from sim.model import drawn_firms
from sim.runs.simulation import check_reach, firm_weeks, hour_blocks, run, side_by_side, simulate
from sim.scenario.loading import focused, under
from sim.scenario.parameter_draws import drawn
from sim.scenario.schema import Scenario

SMALL = {"people": 60, "years": 0.06, "replicates": 2, "warmup_days": 7, "seed": 5}
FIRMS = {"firm_size_median": 12, "firm_size_min": 5, "firm_size_max": 40}
START = date(2026, 1, 12)


def scenario(name: str, *levers: dict[str, object], **changes: object) -> Scenario:
    return Scenario.model_validate(
        {"name": name, "title": name, "run": SMALL | changes, "population": FIRMS, "levers": list(levers)}
    )


TODAY = scenario("today")
BAN = scenario(
    "ban",
    {
        "kind": "ban",
        "channels": ["im", "group"],
        "start": START,
        "scope": {"industries": ["internet", "finance", "education"]},
    },
)


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return run(BAN, under(BAN, TODAY))


def world(table: pl.DataFrame, name: str) -> pl.DataFrame:
    return table.filter(pl.col("world") == name).drop("world")


def test_both_worlds_have_the_same_people_and_weeks(tables: dict[str, pl.DataFrame]) -> None:
    keys = ["replicate", "firm", "person", "week"]
    ban, today = (world(tables["person_week"], name).select(keys) for name in ("ban", "today"))
    assert_frame_equal(ban, today)
    assert ban["week"].unique().sort().to_list() == [-1, 0, 1, 2]
    assert ban.height == tables["people"].height * 4
    assert tables["people"].height == int(tables["firms"]["size"].sum())
    assert tables["people"].group_by("replicate").len()["len"].min() >= SMALL["people"]


def test_firms_out_of_scope_have_the_same_history_to_the_bit(tables: dict[str, pl.DataFrame]) -> None:
    reached = tables["firms"].filter("in_scope").select("replicate", "firm")
    assert 0 < reached.height < tables["firms"].height
    for name in ("person_week", "firm_week"):
        others = tables[name].join(reached, on=["replicate", "firm"], how="anti")
        assert_frame_equal(world(others, "ban"), world(others, "today"), check_exact=True)
        inside = tables[name].join(reached, on=["replicate", "firm"], how="semi")
        assert not world(inside, "ban").equals(world(inside, "today"))
    hours = tables["hours"].filter(~pl.col("in_scope"))
    assert_frame_equal(world(hours, "ban"), world(hours, "today"))


def test_before_the_rule_starts_all_firms_have_the_same_history(tables: dict[str, pl.DataFrame]) -> None:
    before = tables["person_week"].filter(pl.col("week") < (START - BAN.calendar.start).days // 7)
    assert_frame_equal(world(before, "ban"), world(before, "today"), check_exact=True)


def test_messages_by_hour_and_by_person_add_up_to_the_same(tables: dict[str, pl.DataFrame]) -> None:
    """Two tables of one run agree: by world, replicate, scope and channel."""
    weeks = tables["person_week"].filter(pl.col("week") >= 0)
    weeks = weeks.join(tables["firms"].select("replicate", "firm", "in_scope"), on=["replicate", "firm"])
    keys = ["world", "replicate", "in_scope"]
    for channel in CHANNELS:
        by_hour = tables["hours"].filter(pl.col("channel") == channel).group_by(keys).agg(pl.col("messages").sum())
        by_person = weeks.group_by(keys).agg(pl.col(f"sent_{channel}").cast(pl.Int64).sum().alias("messages"))
        assert_frame_equal(by_hour.sort(keys), by_person.sort(keys))


def test_hours_under_the_rule_are_those_of_its_weeks() -> None:
    """Week 0 lies before the ban: its messages are counted apart, and it is alike in both worlds."""
    today = simulate(under(BAN, TODAY))
    found = side_by_side(simulate(BAN, base=today), today, in_force=(1, 2))
    hours, rows = found["hours"].collect(), found["person_week"].filter(pl.col("week") >= 0).collect()
    assert dict(hours.select("under_rule", "weeks").unique().iter_rows()) == {False: 1, True: 2}
    for name in ("ban", "today"):
        sent = world(rows, name).group_by(pl.col("week") > 0).agg(pl.col("sent").cast(pl.Int64).sum())
        counted = world(hours, name).group_by("under_rule").agg(pl.col("messages").sum())
        assert dict(counted.iter_rows()) == dict(sent.iter_rows())
    before = hours.filter(~pl.col("under_rule"))
    assert_frame_equal(world(before, "ban"), world(before, "today"))
    assert not world(hours, "ban").equals(world(hours, "today"))


@pytest.mark.parametrize(("weeks", "blocks"), [(1, [1]), (3, [1, 1, 1]), (53, [3] * 17 + [2]), (104, [4] * 26)])
def test_blocks_of_hours_hold_every_week_once(weeks: int, blocks: list[int]) -> None:
    found = hour_blocks(weeks)
    assert [length for _, length in found] == blocks
    assert [week for first, length in found for week in range(first, first + length)] == [*range(weeks)]


def test_firm_weeks_are_the_sums_and_means_of_person_weeks(tables: dict[str, pl.DataFrame]) -> None:
    rows = world(tables["person_week"], "ban").filter(replicate=1, week=2)
    firm = rows["firm"][0]
    mine = rows.filter(firm=firm)
    (found,) = world(tables["firm_week"], "ban").filter(replicate=1, week=2, firm=firm).to_dicts()
    assert found["n_people"] == mine.height
    assert found["sent"] == sum(mine["sent"].to_list())
    assert found["output_minutes"] == pytest.approx(sum(mine["output_minutes"].to_list()), rel=1e-6)
    assert found["trust"] == pytest.approx(sum(mine["trust"].to_list()) / mine.height, rel=1e-6)
    assert found["burnt_out"] == pytest.approx(sum(mine["burnt_out"].to_list()) / mine.height)
    managers = mine["demand"].drop_nulls().to_list()
    assert found["demand"] == pytest.approx(sum(managers) / len(managers), rel=1e-6)
    assert {"sent", "output_minutes"} <= {name.replace("_seconds", "_minutes") for name in Ledger._fields}


def test_threads_and_a_second_run_change_no_bit(tables: dict[str, pl.DataFrame]) -> None:
    again = run(BAN, under(BAN, TODAY), threads=3)
    for name, table in tables.items():
        assert_frame_equal(table, again[name], check_exact=True)


@pytest.mark.smallworld
def test_a_placebo_changes_nothing_at_all() -> None:
    lever = {"kind": "placebo", "start": date(2026, 1, 7)}
    placebo = scenario("placebo", lever, people=20, replicates=1, years=0.02, warmup_days=0)
    tables = run(placebo, under(placebo, TODAY))
    for name in ("person_week", "firm_week", "hours", "message_sample"):
        assert_frame_equal(world(tables[name], "placebo"), world(tables[name], "today"), check_exact=True)


def test_replicates_are_independent_economies_and_none_depends_on_how_many_there_are(
    tables: dict[str, pl.DataFrame],
) -> None:
    alone = side_by_side(simulate(BAN.model_copy(update={"run": BAN.run.model_copy(update={"replicates": 1})})))
    both = world(tables["person_week"], "ban")
    assert_frame_equal(world(alone["person_week"].collect(), "ban"), both.filter(replicate=0), check_exact=True)
    assert not both.filter(replicate=0).drop("replicate").equals(both.filter(replicate=1).drop("replicate"))


def test_firms_taken_over_from_the_other_world_are_as_if_simulated(tables: dict[str, pl.DataFrame]) -> None:
    """A single world, where every firm is simulated, is the scenario's half of a run of two, to the bit."""
    alone = run(BAN)
    assert list(alone) == list(tables)
    for name, table in alone.items():
        mine = world(tables[name], "ban") if "world" in table.columns else tables[name]
        order = [key for key in ("replicate", "week", "firm", "in_scope", "person") if key in mine.columns]
        found = (each.drop("world", strict=False).sort(order, maintain_order=True) for each in (table, mine))
        assert_frame_equal(*found, check_exact=True)


def test_rules_that_reach_none_of_the_drawn_firms_are_refused() -> None:
    ban = {"kind": "ban", "channels": ["im"], "scope": {"size_min": 39, "size_max": 39}}
    with pytest.raises(InputError, match="the rules reach nobody"):
        check_reach(scenario("nobody", ban))
    check_reach(BAN)
    check_reach(TODAY)


def test_a_single_lever_that_reaches_nobody_is_named() -> None:
    """Beside others that do: a rule that holds for none of the firms drawn would be missed by nobody."""
    nudge = {"kind": "quiet_hours", "mode": "nudge"}
    lost = {"kind": "quiet_hours", "mode": "nudge", "phase": "late", "scope": {"size_min": 39, "size_max": 39}}
    with pytest.raises(InputError, match=r"in the scope of levers\[1\] \(quiet_hours, phase 'late'\); use more people"):
        check_reach(scenario("nobody", nudge, lost))


def test_firm_weeks_of_nothing() -> None:
    empty = firm_weeks(run(TODAY)["person_week"].clear())
    assert empty.height == 0
    assert "n_people" in empty.columns


def test_firms_in_scope_and_a_sample_of_others_are_the_same_as_in_the_whole_economy(
    tables: dict[str, pl.DataFrame],
) -> None:
    """More firms in scope are drawn; those that the whole economy has as well have the same history, to the bit."""
    today, ban = focused([under(BAN, TODAY), BAN])
    found = run(ban, today)
    firms = found["firms"]
    for replicate in range(2):
        mine, whole = (table.filter(replicate=replicate) for table in (firms, tables["firms"]))
        reached = mine.filter("in_scope")
        assert int(reached["size"].sum()) >= SMALL["people"] > int(reached["size"][:-1].sum())
        assert reached["firm"][: whole["in_scope"].sum()].to_list() == whole.filter("in_scope")["firm"].to_list()
        assert set(reached["weight"]) == {1.0}
    assert not firms["in_scope"].all()
    both = pl.concat([firms, tables["firms"]]).group_by("replicate", "firm").len().filter(len=2)
    for name in ("person_week", "firm_week"):
        ours, theirs = (part[name].join(both, on=["replicate", "firm"], how="semi") for part in (found, tables))
        assert ours.height
        assert_frame_equal(ours, theirs, check_exact=True)


def test_of_the_firms_out_of_scope_every_tenth_of_all_replicates_stands_for_ten() -> None:
    """Where rules reach few firms it is fewer; no replicate needs one."""
    ban = focused([under(BAN, TODAY), BAN])[1]
    few = {"people": 200, "reach": (ban.levers[0].scope.model_copy(update={"cities": ("beijing",)}),)}
    rare = ban.model_copy(update={"run": ban.run.model_copy(update=few)})
    for each, least in ((ban, 10.0), (rare, 40.0)):
        firms = drawn_firms(drawn(each, None, 0), range(60)).with_columns(sample=pl.col("weight") > 1.0)
        last = firms.filter(~pl.col("sample")).group_by("replicate").agg(others=pl.col("firm").max() + 1 - pl.len())
        assert firms.filter("sample")["weight"].sum() == pytest.approx(last["others"].sum(), rel=0.2)
        assert firms.filter("sample")["weight"].min() == least
        assert (firms.filter("sample")["replicate"].n_unique() < 60) == (each is ban)
    nobody = ban.model_copy(update={"run": ban.run.model_copy(update={"reach": (Scope(size_min=41),)})})
    assert drawn_firms(drawn(nobody, None, 0), range(4))["replicate"].to_list() == [0, 1, 2, 3]  # one firm each


def test_firms_that_stand_for_others_are_simulated_in_both_worlds_and_every_tenth_of_others() -> None:
    """Rows of a base that is not what its firms would have are found where they are copied."""
    size = {"people": 150, "replicates": 1, "years": 0.04, "warmup_days": 0, "settling_weeks": 0}
    ban = scenario("ban", *BAN.model_dump(exclude_unset=True)["levers"], **size)
    whole = [under(ban, scenario("today", **size)), ban]
    for today, rule in (whole, focused(whole)):
        base = simulate(today)
        weeks = base.replicates[0]["person_week"].with_columns(read=pl.lit(-1, pl.Int32))
        wrong = base._replace(replicates=[{**base.replicates[0], "person_week": weeks}])
        found = simulate(rule, base=wrong).replicates[0]
        others = found["firms"].filter(~pl.col("in_scope")).height
        copied = found["person_week"].filter(pl.col("read") < 0)["firm"].n_unique()
        assert others - copied == (others if rule.run.reach else (others + 9) // 10) > 0


def test_all_firms_are_simulated_where_rules_of_one_reach_all() -> None:
    everywhere = scenario("everywhere", {"kind": "ban", "channels": ["im"]})
    for worlds in ([TODAY, BAN, everywhere], [TODAY, BAN, TODAY], [BAN]):
        assert {world.run.reach for world in focused(worlds)} == {()}
    assert len(focused([TODAY, BAN])[0].run.reach) == 1


def test_where_no_firm_of_an_economy_is_reached_one_is_simulated_all_the_same() -> None:
    """Ten economies of one to three firms, of which a rule reaches some: no world is empty."""
    size = {"people": 20, "replicates": 10, "years": 0.02, "warmup_days": 0}
    rare = scenario("rare", {"kind": "ban", "channels": ["im"], "scope": {"industries": ["education"]}}, **size)
    firms = run(rare, under(rare, scenario("today", **size)))["firms"]
    reached = firms.group_by("replicate").agg(pl.col("in_scope").any()).sort("replicate")
    assert reached["replicate"].to_list() == list(range(10))
    assert 0 < reached["in_scope"].sum() < 10
