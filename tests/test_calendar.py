"""Public holidays, make-up working days, what is paid on them, part time, contract hours and sizes of firms."""

import math
from datetime import date, timedelta
from typing import Any

import chinese_calendar
import numpy as np
import pytest
from pydantic import ValidationError
from scipy.special import ndtri

import sim.scenario.consistency
from sim.core.columns import L
from sim.core.errors import InputError
from sim.engine.clock import working_days
from sim.engine.people import firm_sizes
from sim.engine.start_of_day import on_leave
from sim.engine.state import named
from sim.engine.timing import rest_needed
from sim.population import peopled
from sim.runs.identity import content
from sim.scenario.countries import home
from sim.scenario.economy import Calendar
from sim.scenario.loading import changed, load
from sim.scenario.public_holidays import dates_between, years_of
from sim.scenario.schema import Scenario
from sim.verify import imbalances, ledger_totals
from tests.worlds import made, ran, scenario, summed, tiny

YEARS = (2025, 2026)


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


def with_calendar(world: Scenario, **calendar: Any) -> Scenario:
    return Scenario.model_validate(world.model_dump() | {"calendar": {"start": world.calendar.start, **calendar}})


def with_hours(world: Scenario, **hours: float) -> Scenario:
    data = world.model_dump()
    data["population"]["hours"] = dict.fromkeys(home().trades, hours)
    return Scenario.model_validate(data)


# ---- the dates


@pytest.mark.parametrize(("year", "in_breaks", "made_up"), [(2025, 28, 5), (2026, 33, 6)])
def test_two_packages_agree_on_the_days_off_of_china(year: int, in_breaks: int, made_up: int) -> None:
    days = days_of(year)
    found = dates_between("CN", days[0], days[-1], refuse=True)
    marks = working_days(days[0], len(days), found.holidays, found.workdays)[: len(days)]
    assert marks.tolist() == [int(chinese_calendar.is_workday(day)) for day in days]
    assert marks.sum() == 248
    assert len(found.workdays) == made_up
    assert len(found.statutory) == 13
    off = [day for day in days if not chinese_calendar.is_workday(day) and chinese_calendar.get_holiday_detail(day)[1]]
    assert len(off) == in_breaks
    assert {*found.holidays, *found.statutory} <= set(off)


@pytest.mark.parametrize("year", range(2012, 2027))
def test_they_agree_on_earlier_years(year: int) -> None:
    days = days_of(year)
    found = dates_between("CN", days[0], days[-1], refuse=True)
    marks = working_days(days[0], len(days), found.holidays, found.workdays)[: len(days)]
    assert marks.tolist() == [int(chinese_calendar.is_workday(day)) for day in days]


def test_years_that_are_not_published_are_refused_or_have_statutory_holidays_alone() -> None:
    """Thirteen days off that fall on working days, whenever the government will move the others."""
    last = years_of("CN")[1][1]
    assert last >= 2026
    with pytest.raises(InputError, match=f"CN are known for 2001 to {last}, and not for {last + 1}; with unpublished"):
        dates_between("CN", date(2026, 1, 1), date(last + 1, 6, 1), refuse=True)
    days = days_of(2029)
    found = dates_between("CN", days[0], days[-1], refuse=False)
    assert working_days(days[0], 365, found.holidays, found.workdays)[:365].sum() == 248
    assert found.workdays == ()
    with pytest.raises(InputError, match=r"are known for 1950 to 2100, and not for 2101$"):
        dates_between("CN", date(2101, 1, 1), date(2101, 2, 1), refuse=False)


@pytest.mark.parametrize(
    ("country", "off", "open_"),
    [
        ("FR", date(2026, 7, 14), date(2026, 7, 15)),
        ("DE", date(2026, 10, 3), date(2026, 11, 2)),
        ("DE-BY", date(2026, 1, 6), date(2026, 1, 7)),
        ("AU", date(2026, 1, 26), date(2026, 1, 27)),
        ("JP", date(2026, 5, 6), date(2026, 5, 7)),
    ],
)
def test_other_countries_have_theirs(country: str, off: date, open_: date) -> None:
    found = dates_between(country, date(2026, 1, 1), date(2026, 12, 31), refuse=True)
    assert off in {*found.holidays, *found.statutory}
    assert open_ not in found.holidays


@pytest.mark.parametrize(
    ("country", "said"),
    [
        ("XX", "unknown country 'XX'"),
        ("South Korea", "did you mean 'KR'"),
        ("de-by", "did you mean 'DE'"),
        ("DE-XX", "unknown part 'XX' of DE"),
        ("CN-BJ", "of CN: it has none"),
    ],
)
def test_unknown_countries_are_refused(country: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        dates_between(country, date(2026, 1, 1), date(2026, 12, 31), refuse=True)


# ---- in a scenario


def test_a_scenario_keeps_the_dates_that_it_was_read_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """They go into the manifest with it; a later package is asked only for a longer run or another country."""
    world = with_calendar(tiny(weeks=20), country="CN")
    published = world.calendar.published
    assert published is not None
    assert published.last == world.end - timedelta(days=1)
    longer = changed(world, years=0.6)
    assert longer.calendar.days_off > world.calendar.days_off

    def nothing(*_: Any) -> Any:
        raise RuntimeError("asked again")

    monkeypatch.setattr(sim.scenario.consistency, "dates_between", nothing)
    assert Scenario.model_validate(world.model_dump()) == world
    assert Scenario.model_validate_json(world.model_dump_json()) == world
    assert content(changed(longer, years=world.run.years)) == content(world)
    for other in ({"country": "FR"}, {"country": "CN", "unpublished": "statutory"}):
        data = world.model_dump()
        data["calendar"] |= other
        with pytest.raises(RuntimeError, match="asked again"):
            Scenario.model_validate(data)


def test_a_mistake_is_told_at_its_place() -> None:
    with pytest.raises(ValidationError, match="days off of CN are known for 2001 to"):
        with_calendar(changed(tiny(), years=9.0), country="CN")
    with pytest.raises(ValidationError, match="2026-01-06 is both a day off and a working day"):
        Calendar(holidays=(date(2026, 1, 6),), workdays=(date(2026, 1, 6),))


def test_dates_by_hand_go_before_those_of_the_country() -> None:
    holiday, sunday, workday = date(2026, 1, 2), date(2026, 1, 4), date(2026, 1, 9)
    world = with_calendar(
        changed(tiny(weeks=3), warmup_days=7), country="CN", workdays=(holiday,), holidays=(sunday, workday)
    )
    calendar = world.calendar
    assert holiday in calendar.made_up - calendar.days_off
    assert {sunday, workday} <= calendar.days_off - calendar.made_up
    assert date(2026, 1, 1) in calendar.statutory_days
    marks = made(world).world.workday
    assert marks[[(day - date(2025, 12, 29)).days for day in (holiday, sunday, workday)]].tolist() == [1, 0, 0]


def test_without_a_country_nothing_is_filled_in() -> None:
    assert tiny().calendar.published is None
    assert not made(tiny()).world.statutory.any()


# ---- what happens on such days


def test_a_week_with_a_make_up_day_has_six_working_days_and_a_break_has_none() -> None:
    """The spring festival of 2026: a Saturday of work, and then a week in which nobody comes; accounts balance."""
    world = changed(with_calendar(scenario(weeks=8, off=["m13"], parameters={"leave_days": 0.0}), country="CN"))
    model = ran(world)
    weeks = model.person_week().group_by("week").agg(workdays=("workdays"), off=("statutory_overtime_minutes"))
    days = {row["week"]: set(row["workdays"]) for row in weeks.iter_rows(named=True)}
    assert [days[week] for week in (4, 5, 6, 7)] == [{5}, {6}, {0}, {5}]  # from 2 February on
    assert days[6] == {0}
    assert not any(imbalances(model).values())


def test_leave_is_counted_in_working_days() -> None:
    """Holidays in its week put its end off; four days are four, whatever the days of the week."""
    parameters = {"leave_days": 4.0}
    plain = scenario(weeks=52, off=["m13"], parameters=parameters, people=20)
    busy = with_calendar(plain, holidays=tuple(date(2026, 1, 7) + timedelta(days=7 * n) for n in range(54)))
    for world in (plain, busy):
        absent = ledger_totals(ran(world))[:, L.absent_days]
        assert set(absent.tolist()) == {4}


@pytest.mark.smallworld
def test_a_leave_that_begins_late_in_a_year_goes_on_in_the_next() -> None:
    """Five weeks of leave a year, two years: everybody has all of the first, in one piece."""
    model = made(tiny(weeks=104), {"leave_days": 25.0}, firms=[0])
    w, p = model.world, named(model.parameters)[0]
    late = 0
    for person in w.person:
        days = [day for day in range(104 * 7) if w.workday[day] == 1 and on_leave(w, p, person, day)]
        first = days[:25]
        assert first[-1] - first[0] == 32  # from a Monday to a Friday
        late += first[-1] >= 53 * 7
    assert late > 0


def test_overtime_is_dearer_on_days_of_rest_and_dearest_on_statutory_holidays() -> None:
    """All hidden overtime is paid: the same hours cost by the kind of day; without such rates nothing differs."""
    world = scenario(weeks=3, parameters={"pays_share": 1.0, "exit_rate": 0.0})
    tuesday = (date(2026, 1, 6),)
    rest, statutory = (ran(with_calendar(world, **{kind: tuesday})) for kind in ("holidays", "statutory"))
    hours = summed(statutory, "statutory_overtime_seconds")
    assert hours > 0
    assert summed(rest, "statutory_overtime_seconds") == 0
    both = "rest_day_overtime_seconds"
    assert summed(rest, both) == summed(statutory, both) + hours
    unpriced = {"rest_day_rate": 1.0, "statutory_day_rate": 1.0}
    plain = ran(with_calendar(world, statutory=tuesday), raw=unpriced)
    pay = [summed(model, "overtime_pay_fen") for model in (plain, rest, statutory)]
    assert pay[0] < pay[1] < pay[2]
    assert summed(plain, "paid_overtime_seconds") == summed(statutory, "paid_overtime_seconds")
    everybody = len(rest.world.person)
    wage = 100.0 * 74.0 / 3_600.0  # of a second, in fen, of those who are neither managers nor in service
    assert pay[2] - pay[1] <= hours * wage * 102.0 / 74.0 + 2 * everybody
    assert pay[2] - pay[1] >= hours * wage * 47.0 / 74.0 - 2 * everybody


def test_a_working_sunday_leaves_no_weekly_rest() -> None:
    """Who has worked on Sunday starts on Monday as usual; the rest of the week before is gone."""
    rest = ({"kind": "weekly_rest", "hours": 68.0},)
    setting = tiny(weeks=2, levers=rest, parameters={"compliance_base": 1.0, "absence_rate": 0.0, "leave_days": 0.0})
    worked = with_calendar(setting, workdays=(date(2026, 1, 11),))
    usual, made_up = (ran(each, 8, firms=[0]) for each in (with_calendar(setting), worked))
    late, punctual = (model.world.person.office_today.mean() for model in (usual, made_up))
    assert punctual > late + 3_600


@pytest.mark.parametrize(("country", "days"), [("", [0, 7, 14]), ("SA", [0, 13, 20])])
def test_the_weekly_rest_lies_before_the_week_s_first_working_day_after_days_off(country: str, days: list[int]) -> None:
    """In Saudi Arabia that is a Sunday; Mondays there follow a working day."""
    setting = tiny(weeks=3, levers=({"kind": "weekly_rest", "hours": 36.0},))
    world = ran(with_calendar(setting, country=country), 1, firms=[0]).world
    assert [day for day in range(21) if rest_needed(world, world.person[0], day) > 0] == days


# ---- part time and contract hours


def test_part_time_work_is_less_and_its_absence_exact() -> None:
    """Half of those who lead nobody at half a day: shorter weeks, less pay, and no minute in a world without them."""
    none, same, some, short = (
        ran(scenario(weeks=3, parameters={"part_time_share": share, "part_time_hours": hours}))
        for share, hours in ((0.0, 8.0), (0.0, 2.0), (0.5, 4.0), (0.5, 2.0))
    )
    assert (ledger_totals(none) == ledger_totals(same)).all()
    part = some.world.person.part_time == 1
    assert 0.2 < part.mean() < 0.6
    assert not (part & (some.world.person.manages == 1)).any()
    worked = slice(L.office_task_seconds, L.home_resume_seconds + 1)
    for column in (worked, L.wage_fen, L.tasks_arrived):
        amounts = [ledger_totals(model)[part, column].sum() for model in (none, some, short)]
        assert amounts[0] > 1.3 * amounts[1] > 1.3 * amounts[2]
    assert (ledger_totals(some)[part, L.wage_fen] * 2 - ledger_totals(none)[part, L.wage_fen] == 0).mean() > 0.5
    assert not any(imbalances(some).values())


def test_an_industry_has_hours_of_its_own() -> None:
    setting = scenario(weeks=2)
    usual, early, short = (
        ran(each)
        for each in (
            setting,
            with_hours(setting, opening_clock=7.0),
            with_hours(setting, day_hours=6.0, break_minutes=0),
        )
    )
    assert (early.world.firm.opening == usual.world.firm.opening - 5_400).all()
    assert summed(short, "wage_fen") < 0.8 * summed(usual, "wage_fen")
    assert summed(short, "office_task_seconds") < 0.9 * summed(usual, "office_task_seconds")
    same = with_hours(setting, opening_clock=8.5, day_hours=9.0, break_minutes=60)
    assert (ledger_totals(ran(same)) == ledger_totals(usual)).all()


# ---- sizes of firms


def sizes_of(world: Scenario, count: int = 4_000) -> np.ndarray:
    return peopled(world, 0, range(count)).firm.people


def test_a_tail_adds_large_firms_and_leaves_the_others_as_they_are() -> None:
    """Above its start sizes are Pareto: of n firms in the tail the share above k times the start is k ** -exponent.

    False alarm below 1e-6 by five standard errors of a share.
    """
    town = {"firm_size_median": 4.0, "firm_size_sigma": 0.9, "firm_size_min": 2, "firm_size_max": 400}
    body, tail = (
        sizes_of(Scenario.model_validate(tiny().model_dump() | {"population": town | more}))
        for more in ({}, {"firm_size_tail": 1.5, "firm_size_tail_from": 12.0})
    )
    small = tail < 12
    assert (body[small] == tail[small]).all()
    assert (tail >= body).all()
    large = tail[~small]
    expected = 0.5 * math.erfc(math.log(3.0) / (0.9 * math.sqrt(2.0)))
    assert abs(len(large) / len(tail) - expected) < 5.0 * math.sqrt(expected / len(tail))
    share = (large >= 60).mean()
    assert abs(share - 5.0**-1.5) < 5.0 * math.sqrt(share / len(large))
    assert firm_sizes(20.0, 0.0, 5, 40, 1.0, 10.0)[-1] == 1.0
    assert firm_sizes(20.0, 0.0, 5, 40, 1.0, 30.0)[-1] == 0.0


def test_the_economy_of_the_census_has_its_mean_and_its_share_of_jobs_in_small_firms() -> None:
    """The sizes of the file, by their own formula: 12.9 people on average, half of the jobs in firms below 100."""
    town = load("firms_of_all_sizes").population
    ranks = (np.arange(400_000) + 0.5) / 400_000
    median, sigma, least, most, tail, start, above = firm_sizes(
        town.firm_size_median, town.firm_size_sigma, town.firm_size_min, town.firm_size_max, town.firm_size_tail,
        town.firm_size_tail_from,
    )  # fmt: skip
    size = median * np.exp(sigma * ndtri(ranks))
    size = np.where(size > start, start * ((1.0 - ranks) / above) ** (-1.0 / tail), size)
    people = np.clip(size, least, most).astype(int)
    assert 12.4 < people.mean() < 13.4
    assert (people < 100).mean() > 0.95
    assert 0.45 < people[people < 100].sum() / people.sum() < 0.55
