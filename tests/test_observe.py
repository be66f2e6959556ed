"""A message log of one's own: one ruler for logs and model, bad input, people not to be found again."""

import functools
import itertools
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import stdev

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, stdtrit

from sim.core.columns import CHANNELS, SENT
from sim.core.errors import InputError
from sim.core.parameter_sets import POINT
from sim.evidence import clocks, logfile, replies, traffic
from sim.evidence.chance import BOUNDS, UNIT, WIDER, Excess, _seconds_at_risk
from sim.evidence.logcolumns import Reading, open_log
from sim.evidence.logfile import LogReport, observe_log
from sim.evidence.lognumbers import as_numbers
from sim.evidence.modelled import log_of_run
from sim.evidence.observables import UNITS, possible_range
from sim.evidence.observed import observe
from sim.evidence.quantities import DAY, QUANTITIES, ROWS, WRITTEN, Measured, Scope, messages, with_addressed
from sim.evidence.replies import EDGES, HORIZON
from sim.evidence.senders import Exchanges, Senders, _by_sender, steady_rates
from sim.evidence.targets import check_targets
from sim.evidence.threads import Threads
from sim.evidence.traffic import measure
from sim.figures.words import speaking, translate
from sim.files.storage import write_text
from sim.model import Workplace
from sim.observation import ComparedSource, Doubts, doubts_of, observed_table, target_set_toml
from sim.runs.results import read
from tests.conftest import Call
from tests.worlds import events, scenario, summed

SAMPLE = Path(__file__).parent / "data" / "enron_sample.csv"
MONDAY = datetime(2026, 3, 2)
NAMES = ("ann", "bob", "cai", "dan", "eve", "fay")


def row(sender: str, recipient: str, day: int, clock: str, thread: object = "", rank: str = "staff") -> tuple[str, ...]:
    hour, minute = clock.split(":")
    when = MONDAY + timedelta(days=day, hours=int(hour), minutes=int(minute))
    return sender, recipient, f"{when:%Y-%m-%d %H:%M:%S}", str(thread), rank


def known() -> list[tuple[str, ...]]:
    """Two weeks of a small office; what it shows is worked out by hand in the test."""
    rows = []
    for day in range(12):  # Monday to the Friday of the second week
        if day % 7 < 5:
            for place, name in enumerate(NAMES):
                other = NAMES[(place + 1) % 6]
                rows.append(row(name, other, day, f"10:0{place}", f"{name}{day}"))
                if day < 4 and place < 5:  # answered after 20 minutes, in the same thread
                    rows.append(row(other, name, day, f"10:2{place}", f"{name}{day}"))
    rows.append(row("ann", "bob;cai", 5, "20:00", "weekend"))
    rows.append(row("ann", "bob", 11, "19:00", "late"))
    return rows


def csv(path: Path, rows: Sequence[Sequence[str]], head: str = "sender,recipient,time,thread,rank") -> Path:
    path.write_text("\n".join([head, *(",".join(each) for each in rows)]) + "\n", encoding="utf-8")
    return path


def measured_of(tally: traffic.Tally) -> dict[str, float]:
    return {name: each.value for name, each in tally.measured().items()}


def values(path: Path, **how: object) -> dict[str, float]:
    tally, _ = observe_log(path, Reading(**how))  # type: ignore[arg-type]
    return measured_of(tally)


@functools.cache
def usual() -> tuple[traffic.Tally, LogReport]:
    """Read that office's log, once for all tests that read it in another form."""
    with tempfile.TemporaryDirectory() as folder:
        return observe_log(csv(Path(folder) / "log.csv", known()), Reading())


def plain() -> dict[str, float]:
    return measured_of(usual()[0])


def test_a_log_that_was_worked_out_by_hand() -> None:
    found = plain()
    sent = 6 * 10 + 20 + 2
    assert found["log_sent"] == pytest.approx(sent / 60)
    assert found["log_recipients"] == pytest.approx((sent + 1) / sent)
    assert found["log_weekend_share"] == pytest.approx(1 / sent)
    assert found["log_after_share"] == pytest.approx(2 / sent)
    assert found["log_evening_share"] == pytest.approx(1 / sent)
    assert found["log_night_share"] == 0
    # of turns that end a week before the log: 30 questions, of which 20 are answered, and 20 answers
    assert found["log_reply_share"] == pytest.approx(20 / (30 + 20))
    assert found["log_reply_median"] == pytest.approx(20, rel=0.06)
    assert found["log_reply_hour"] == pytest.approx(1)
    assert found["log_thread_length"] == pytest.approx(sent / 62)
    assert found["log_thread_single"] == pytest.approx(42 / 62)
    assert found["log_thread_long"] == 0
    assert found["log_lunch_share"] == 0
    assert found["log_ties"] == 2  # the first answers nobody, but writes to two
    assert found["log_ties_gini"] == pytest.approx(0)


def rows_of(said: Sequence[tuple[int, int, int, str]], leads: int = 0, **more: object) -> pl.DataFrame:
    """Rows of sender, recipient, day from a Monday on and clock; senders up to ``leads`` lead."""
    made = []
    for sender, recipient, day, clock in said:
        hours, minutes = map(int, clock.split(":"))
        at = (4 + day) * DAY + hours * 3_600 + minutes * 60  # 1970-01-05 was a Monday
        made.append({"sender": sender, "recipient": recipient, "at": at, "wall": at, "thread": 0, "channel": "im",
                     "lead": sender <= leads, **more})  # fmt: skip
    return pl.DataFrame(made).cast(ROWS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "clock", "kinds"),
    [
        (0, "8:59", {"after"}), (0, "9:00", set()), (0, "11:59", set()), (0, "12:00", {"lunch"}),
        (0, "12:59", {"lunch"}), (0, "13:00", set()), (0, "17:59", set()), (4, "18:00", {"after", "evening"}),
        (4, "23:59", {"after", "evening"}), (1, "0:00", {"after", "night"}), (1, "5:59", {"after", "night"}),
        (1, "6:00", {"after"}), (5, "12:30", {"after", "weekend"}), (6, "20:00", {"after", "weekend"}),
        (6, "3:00", {"after", "weekend", "night"}), (7, "12:30", {"lunch"}),
    ],
)  # fmt: skip
def test_each_hour_is_of_its_kind_from_its_first_minute_to_its_last(day: int, clock: str, kinds: set[str]) -> None:
    sums = _by_sender(messages(rows_of([(1, 2, day, clock)])), Scope()).row(0, named=True)
    assert {name for name in ("after", "evening", "lunch", "night", "weekend") if sums[name]} == kinds


def test_days_and_weeks_of_people_by_hand() -> None:
    """All write on Monday; the first receives on Friday of the next week, and writes on a Sunday and a Monday."""
    said = [(k, k % 6 + 1, 0, "10:00") for k in range(1, 7)]
    said += [(1, 2, 6, "10:00"), (1, 3, 7, "10:00"), (4, 1, 11, "10:00")]
    senders = Senders(Scope())
    whole = with_addressed(rows_of(said))
    senders.add(whole, messages(whole))
    people, loads = senders.close()
    first = people.filter(sender=1).row(0, named=True)
    assert [first[name] for name in ("sent", "received", "days")] == [3, 2, 10]
    assert [first[name] for name in ("contacts", "weeks", "ties")] == [2, 2, 2]  # one other person in each of two weeks
    assert people.filter(sender=5)["days"].item() == 1
    assert loads.filter(recipient=1).sort("day").select("day", "load").rows() == [(4, 1), (15, 1)]


def test_who_was_there_too_shortly_or_wrote_too_little_has_no_rate() -> None:
    people = {"sent": np.array([20, 20, 9, 10]), "days": np.array([10, 9, 30, 40])}
    assert steady_rates(people).tolist() == [2.0, 0.25]


def test_quantities_of_a_made_up_week_by_hand() -> None:
    """Seven people of whom five lead; each writes at noon and at ten on working days, and on Saturday."""
    said = [
        (k, k % 7 + 1, day, clock) for k in range(1, 8) for day, clock in ((0, "12:30"), (1, "10:00"), (5, "12:30"))
    ]
    found = measure(rows_of(said, leads=5), Scope(threads=False), intervals=False).measured()
    assert found["log_lunch_share"].value == 0.5  # of what is written from Monday to Friday
    assert found["log_weekend_share"].value == pytest.approx(1 / 3)
    assert found["log_lead_sent"].missing == "fewer than 5 people"  # the two who do not
    found = measure(rows_of([*said, *((k, 1, 0, "9:00") for k in range(8, 12))], leads=5), Scope(threads=False))
    lead = found.measured()["log_lead_sent"]
    assert (lead.people, lead.value) == (5, pytest.approx((15 / 25) / (10 / 14)))


def test_quantities_of_ten_people_by_hand() -> None:
    """In ten days they send 10, 20, ... 100 messages, and the first five of them lead."""
    number = np.arange(1, 11)
    people = {name: np.zeros(10) for name in ("addressed", "lunch", "evening", "night", "weekend", *WRITTEN)}
    people |= {"sent": 10 * number, "days": np.full(10, 10), "received": np.full(10, 22), "lead": number < 6}
    people |= {"contacts": np.full(10, 3), "weeks": 1 + (number > 4), "ties": number}
    people |= {"after": np.where(number < 6, number, 2 * number), "burst": np.where(number < 3, 0.3 * number, np.nan)}
    found = traffic._measure(people | {"bursty": number < 3}, {}, np.zeros((12, 2)), {})
    by_hand = {
        "log_sent": 5.5, "log_received": 2.2, "log_sent_spread": stdev(np.log(number).tolist()), "log_sent_gini": 0.3,
        "log_ties": 5.5, "log_ties_gini": 0.3, "log_top_tenth": 100 / 550, "log_contacts": 30 / 16,
        "log_burstiness": 0.45, "log_after_share": 95 / 550, "log_lead_sent": 3 / 8, "log_lead_after": 0.1 / 0.2,
    }  # fmt: skip
    assert {name: found[name] for name in by_hand} == pytest.approx(by_hand)
    assert traffic._concentration(number[::-1].repeat(5))[::5] == pytest.approx([k * (k + 1) / 110 for k in range(11)])
    assert traffic._quantiles(np.arange(101.0)[::-1]) == pytest.approx(range(2, 99, 2))
    assert np.isnan([*traffic._quantiles(np.arange(49.0)), *traffic._concentration(np.arange(49.0))]).all()


@pytest.mark.parametrize(("gaps", "burstiness"), [(49, None), (50, ((50 / 49) ** 0.5 - 2) / ((50 / 49) ** 0.5 + 2))])
def test_burstiness_is_of_fifty_times_between_messages(gaps: int, burstiness: float | None) -> None:
    """One and three hours in turn, whose mean is 2 and whose standard deviation the root of 50/49."""
    sent = messages(rows_of([(1, 2, 0, f"{hour}:00") for hour in np.cumsum([0, *np.resize([1, 3], gaps)])]))
    assert _by_sender(sent, Scope())["burst"].item() == (None if burstiness is None else pytest.approx(burstiness))


def test_how_fast_answers_come_by_hand() -> None:
    """Ten answers to sixteen turns: six come in the first class of times, one in 30 min, one in 2 h and two in days."""
    counts = np.zeros((1, len(EDGES) - 1))
    counts[0, [0, *np.searchsorted(EDGES, np.log([1800, 7200])), -1]] = 6, 1, 1, 2
    (law,) = replies.reply_laws(np.array([[16.0, 10.0]]), counts)
    found = [law[f"log_reply_{name}"] for name in ("share", "hour", "day", "median")]
    assert found == pytest.approx([10 / 16, 0.7, 0.8, np.exp(EDGES[1] * 5 / 6) / 60])
    assert replies.reply_laws(np.array([[9.0, 4.0]]), counts * 0.4) == [{}]
    assert replies.reply_laws(np.array([[9.0, 5.0]]), counts * 0.5) != [{}]


def test_threads_are_of_those_who_open_them() -> None:
    """The second opens one of seven messages, which others go on with, and the third one of its own."""
    said = [(2, 1, 0, "9:00"), *((1 + k % 5, 2, 0, f"10:0{k}") for k in range(6))]
    rows = pl.concat([rows_of(said, thread=5), rows_of([(3, 1, 1, "9:00")], thread=6)])
    tally = measure(rows, Scope())
    opened = tally.people.sort("sender").select("sender", "threads", "length", "single", "long").rows()
    assert opened == [(1, 0, 0, 0, 0), (2, 1, 7, 0, 1), (3, 1, 1, 1, 0), (4, 0, 0, 0, 0), (5, 0, 0, 0, 0)]


def test_a_message_to_three_people_asks_each_of_them_and_one_to_four_nobody() -> None:
    said = [(k, k % 6 + 1, 0, "8:00") for k in range(1, 7)]
    later = [(1, 2, 20, "8:00")]
    three = [(1, other, 1, "10:00") for other in (2, 3, 4)]
    four = [(1, other, 2, "10:00") for other in (2, 3, 4, 5)]
    turns = [
        measure(rows_of([*said, *more, *later], thread=1), Scope())._replies.turns.sum(axis=(0, 1))[0]  # type: ignore[union-attr]
        for more in ([], three, four)
    ]
    assert turns[1] == turns[0] + 2  # that to the second goes on with the turn of the day before
    assert turns[2] == turns[0]


def test_answers_under_load_are_those_of_turns_on_working_days() -> None:
    """On Friday and on Saturday one is asked, and answers; the load is one message, and two on Saturday."""
    said = [(k, k % 6 + 1, 20, "8:00") for k in range(1, 7)]
    asked = [(1, 2, 4, "10:00"), (2, 1, 4, "11:00"), (1, 2, 5, "10:00"), (3, 2, 5, "10:01"), (2, 1, 5, "11:00")]
    sums = measure(rows_of([*asked, *said], thread=1), Scope())._replies
    assert isinstance(sums, replies.Replies)
    assert sums.turns.sum(axis=(0, 1)).tolist() == [5, 3]
    assert sums.loaded.sum(axis=(0, 1))[:2].tolist() == [[2, 2], [0, 0]]


@pytest.mark.parametrize(("day", "answered"), [(7, 1), (8, 0)])
def test_what_comes_back_after_more_than_a_week_is_no_answer(day: int, answered: int) -> None:
    said = [(1, 2, 0, "10:00"), (2, 1, day, "10:00"), *((k, k % 6 + 1, 40, "8:00") for k in range(1, 7))]
    sums = measure(rows_of(said, thread=1), Scope())._replies
    assert isinstance(sums, replies.Replies)
    assert sums.turns.sum(axis=(0, 1)).tolist() == [2, answered]


def test_what_load_does_to_answers_is_a_regression_weighted_by_turns() -> None:
    turns = np.zeros((replies.LOADS, 2))
    turns[[0, 1, 3, 6]] = [(10, 4), (200, 60), (50, 30), (5, 0)]
    n, share = turns[:, 0], turns[:, 1] / np.maximum(turns[:, 0], 1)
    by_hand = np.polyfit(np.arange(replies.LOADS), share, 1, w=np.sqrt(n))[0]
    assert replies.load_slope(turns) == pytest.approx(by_hand)


def test_the_order_of_rows_and_doubles_change_nothing(tmp_path: Path) -> None:
    rows = known()
    np.random.default_rng(3).shuffle(rows)
    tally, report = observe_log(csv(tmp_path / "other.csv", [*rows, *rows[:7]]), Reading())
    assert report.duplicates == 7 + sum(";" in each[1] for each in rows[:7])
    np.testing.assert_equal(measured_of(tally), plain())


def test_intervals_do_not_depend_on_the_random_key(tmp_path: Path) -> None:
    first, second = (observe_log(SAMPLE, Reading(zone="UTC"))[0].measured() for _ in range(2))
    np.testing.assert_equal(first, second)


@pytest.mark.parametrize(
    "form",
    ["offset", "unix", "milliseconds", "mail", "greenwich", "slashes", "digits", "named", "within", "hours", "iso"],
)
def test_one_moment_in_several_forms(tmp_path: Path, form: str) -> None:
    def written(text: str) -> str:
        there = datetime.fromisoformat(text) - timedelta(hours=8)  # Shanghai
        utc = there.replace(tzinfo=UTC)
        return {
            "offset": f"{there - timedelta(hours=5):%Y-%m-%dT%H:%M:%S}-05:00",
            "unix": f"{utc.timestamp():.0f}",
            "milliseconds": f"{1000 * utc.timestamp():.0f}",
            "mail": f'"{utc:%a, %d %b %Y %H:%M:%S} +0000"',
            "greenwich": f'"{utc:%a, %d %b %Y %H:%M:%S} GMT"',
            "slashes": text.replace("-", "/"),
            "digits": f"{datetime.fromisoformat(text):%Y%m%d%H%M%S}",
            "named": f"{there - timedelta(hours=5):%d/%m/%Y %H:%M:%S} -0500",
            "within": f"{there - timedelta(hours=5):%H:%M:%S -0500 %d/%m/%Y}",
            "hours": f"{there - timedelta(hours=5):%d/%m/%Y %H:%M:%S}-05",
            "iso": f"{there - timedelta(hours=5):%Y-%m-%dT%H:%M:%S}-05:00",
        }[form]

    other = [(a, b, written(when), thread, rank) for a, b, when, thread, rank in known()]
    zone = "" if form in ("slashes", "digits") else "Asia/Shanghai"
    named = {
        "digits": "%Y%m%d%H%M%S",
        "named": "%d/%m/%Y %H:%M:%S %z",
        "within": "%H:%M:%S %z %d/%m/%Y",
        "hours": "%d/%m/%Y %H:%M:%S%#z",
        "iso": "%+",
    }.get(form, "")
    np.testing.assert_equal(values(csv(tmp_path / "other.csv", other), zone=zone, time_format=named), plain())


def test_a_local_time_that_summer_time_skips_or_repeats_is_one_moment(tmp_path: Path) -> None:
    """Berlin: 2:30 is skipped on 29 March 2026 and comes twice on 25 October; the hour before is an hour before."""
    times = ("2026-03-29 01:30", "2026-03-29 02:30", "2026-03-29 03:30", "2026-10-25 02:30")
    how = Reading(zone="Europe/Berlin")
    path = csv(tmp_path / "log.csv", [("ann", "bob", when, "a", "") for when in times])
    found = as_numbers(open_log(path, how), how).collect()
    utc = ("2026-03-29T00:30", "2026-03-29T01:30", "2026-03-29T01:30", "2026-10-25T00:30")
    assert found["at"].to_list() == [datetime.fromisoformat(f"{when}Z").timestamp() for when in utc]
    assert found["wall"].to_list() == [datetime.fromisoformat(f"{when}Z").timestamp() for when in times]


def test_a_format_of_ones_own_and_other_separators(tmp_path: Path) -> None:
    rows = [
        (a, b.replace(";", " "), f"{datetime.fromisoformat(when):%d/%m/%Y %H.%M}", thread, rank)
        for a, b, when, thread, rank in known()
    ]
    path = tmp_path / "other.tsv"
    path.write_text("\n".join("\t".join(each) for each in [("von", "an", "wann", "thread", "rank"), *rows]), "utf-8")
    names = {"sender": "von", "recipient": "an", "time": "wann"}
    np.testing.assert_equal(values(path, columns=names, between=" ", time_format="%d/%m/%Y %H.%M"), plain())


@pytest.mark.parametrize("sign", [";", ",", ", ", "|", " ", "；", "，", "、"])
def test_signs_between_recipients_are_found_out(tmp_path: Path, sign: str) -> None:
    rows = [(a, f'"{b.replace(";", sign)}"', *rest) for a, b, *rest in known()]
    path = csv(tmp_path / "other.csv", rows)
    tally, report = observe_log(path, Reading())
    assert report.between == sign.strip(" ") or sign == " "
    np.testing.assert_equal(measured_of(tally), plain())


@pytest.mark.parametrize(
    ("sender", "recipient"), [("ann lee", "bob lee"), ("ann", "sales team"), ('"lee, ann"', "bob")]
)
def test_names_are_not_taken_apart(tmp_path: Path, sender: str, recipient: str) -> None:
    rows = [each for each in known() if ";" not in each[1]]
    _, report = observe_log(csv(tmp_path / "log.csv", [*rows, row(sender, recipient, 3, "11:11")]), Reading())
    assert report.entries == report.rows


def test_one_name_with_a_comma_does_not_join_the_recipients_of_all_others(tmp_path: Path) -> None:
    rows = [(f"{a}{k}", f'"{b}{k},{a}{k}x"', *rest) for k in range(4) for a, b, *rest in known() if ";" not in b]
    alone = [row(f"{name}{k}x", f"ann{k}", 1, "9:00") for k in range(4) for name in NAMES]
    odd = row('"sales, north"', "ann1", 3, "11:11")
    _, report = observe_log(csv(tmp_path / "log.csv", [*rows, *alone, odd]), Reading())
    assert (report.between, report.entries) == (",", 2 * len(rows) + len(alone) + 1)


@pytest.mark.parametrize(
    "cell",
    [
        "B <bob@x.org>, C <cai@x.org>",
        'bob@x.org, ""Ray, Cai"" <cai@x.org>',
        '""Lee, Bob"" <bob@x.org>; Cai <cai@x.org>;',
        "Lee, Bob <bob@x.org>, Ray, Cai <cai@x.org>",
        "bob@x.org <bob@x.org>, cai@x.org <cai@x.org>",
    ],
)
def test_recipients_with_names_before_their_addresses_are_all_read(tmp_path: Path, cell: str) -> None:
    rows = [(f"{a}@x.org", f"{b}@x.org", *rest) for a, b, *rest in known() if ";" not in b]
    path = csv(tmp_path / "log.csv", [*rows, ("ann@x.org", f'"{cell}"', *known()[-2][2:])])
    np.testing.assert_equal(values(path), plain())


def test_a_name_before_an_address_makes_nobody_else(tmp_path: Path) -> None:
    rows = known()
    named = [
        (a if k % 2 else f"A Name <{a.upper()}@x.org>", b.replace(";", "@x.org; "), *rest)
        for k, (a, b, *rest) in enumerate(rows)
    ]
    ends = [(a if "@" in a else f"{a}@x.org", f"{b}@x.org", *rest) for a, b, *rest in named]
    np.testing.assert_equal(values(csv(tmp_path / "named.csv", ends)), plain())


def test_a_name_of_one_word_behind_an_address_is_no_recipient(tmp_path: Path) -> None:
    rows = [(f"{a}@x.org", f"{b}@x.org", *rest) for a, b, *rest in known() if ";" not in b]
    named = [(a, b if k % 2 else f"{b} ({b[:3]})", *rest) for k, (a, b, *rest) in enumerate(rows)]
    np.testing.assert_equal(values(csv(tmp_path / "named.csv", named)), values(csv(tmp_path / "plain.csv", rows)))


def test_a_name_is_the_same_in_both_forms_of_its_accents(tmp_path: Path) -> None:
    rows = [(a.replace("ann", "zoé"), b.replace("ann", "zoe\u0301"), *rest) for a, b, *rest in known()]
    np.testing.assert_equal(values(csv(tmp_path / "log.csv", rows)), plain())


def test_threads_may_be_subjects_with_re_and_the_like(tmp_path: Path) -> None:
    signs = itertools.cycle(("Topic ", "Re: topic ", "AW: Fwd:TOPIC ", "回复：Topic "))
    rows = [(*each[:3], next(signs) + each[3] if each[3] else "", each[4]) for each in known()]
    np.testing.assert_equal(values(csv(tmp_path / "subjects.csv", rows)), plain())


def test_rows_that_a_quotation_mark_swallows_are_told(call: Call, tmp_path: Path) -> None:
    rows, head = known(), "sender,recipient,time,thread,rank,subject"
    swallowed = [(*each, 'a 5" disk' if k % 10 == 0 and k < 80 else "x") for k, each in enumerate(rows)]
    path = csv(tmp_path / "log.csv", swallowed, head)
    _, report = observe_log(path, Reading())
    assert (report.rows, report.within) == (len(rows) - 40, 40)
    assert "40 lines read like rows but lie within cells" in " ".join(call("observe", "--no-figures", path).out.split())
    with pytest.raises(InputError, match="a quotation mark is not closed; double it"):
        observe_log(csv(path, [*swallowed, (*rows[0], 'an odd "')], head), Reading())
    csv(path, swallowed, head)
    lines = csv(tmp_path / "lines.csv", [(*each, '"one, 5 ""\ntwo, three\n"') for each in rows], head)
    assert observe_log(lines, Reading())[1].within == 0
    path.write_text(path.read_text("utf-8").replace("a 5", '"a 5'), "gb18030")
    with pytest.raises(InputError, match=r"log.csv:\d+: is no CSV"):
        observe_log(path, Reading(encoding="gb18030"))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_rows_that_a_sign_without_quotation_marks_shifts_are_left_out(tmp_path: Path, encoding: str) -> None:
    rows, head = [("x", *each) for each in known()], "subject,sender,recipient,time,thread,rank"
    long = [("a meeting", " perhaps", *rows[0][1:])] * 3
    path = csv(tmp_path / "log.csv", [*rows[:9], *long, *((*each, "") for each in rows[9:])], head)
    path.write_text(path.read_text("utf-8"), encoding)
    tally, report = observe_log(path, Reading(encoding="" if encoding == "utf-8" else encoding))
    assert {name: count for name, count in report.left_out.items() if count} == {"more cells than the head": 3}
    np.testing.assert_equal(measured_of(tally), plain())
    with pytest.raises(InputError, match=r"none of 3 entries can be used: 3 with more cells than the head$"):
        observe_log(csv(path, long, head), Reading())


def test_what_was_read_as_what_is_told(call: Call, tmp_path: Path) -> None:
    path = csv(tmp_path / "log.csv", known(), "sender_id,recipient,time,thread_id,rank")
    done = call("observe", "--no-figures", path, "--sender", "sender_id")
    assert done.code == 0, done.err
    assert "Read: sender from 'sender_id'." in done.out
    assert "if 'thread_id' is meant: --thread thread_id" in done.out
    assert "--channel " not in done.out


def test_a_place_that_cannot_be_written_is_refused(call: Call, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = call("observe", SAMPLE, "--zone", "UTC", "--out", tmp_path / "file" / "mine")
    assert done.code == 3
    assert "is a file; a folder is needed there" in done.err


def test_parquet_with_lists_and_typed_times_is_the_same(tmp_path: Path) -> None:
    path = csv(tmp_path / "log.csv", known())
    frame = pl.read_csv(path).with_columns(pl.col("recipient").str.split(";"), pl.col("time").str.to_datetime())
    frame.write_parquet(tmp_path / "log.parquet")
    np.testing.assert_equal(values(tmp_path / "log.parquet"), plain())
    aware = frame.with_columns(pl.col("time").dt.replace_time_zone("Asia/Tokyo"))
    aware.write_parquet(tmp_path / "aware.parquet")
    np.testing.assert_equal(values(tmp_path / "aware.parquet", zone="Asia/Tokyo"), plain())


def test_what_cannot_be_used_is_counted(tmp_path: Path) -> None:
    bad = [
        ("ann", "ann", "2026-03-02 10:00:00", "", ""),
        ("", "bob", "2026-03-02 10:00:00", "", ""),
        ("ann", " ; ", "2026-03-02 10:00:00", "", ""),
        ("ann", "bob", "yesterday", "", ""),
        ("ann", "bob", "2026-02-30 10:00:00", "", ""),
        ("ann", "bob", "1026-03-02 10:00:00", "", ""),
        ("ann", "bob", "2026-03-02T10:00:00+99:99", "", ""),
    ]
    tally, report = observe_log(csv(tmp_path / "log.csv", [*known(), *bad]), Reading())
    assert {reason: count for reason, count in report.left_out.items() if count} == {
        "to oneself": 1,
        "no sender": 1,
        "no recipient": 1,
        "unreadable time": 3,
        "time outside 1980 to 2100": 1,
    }
    assert report.rows == len(known()) + len(bad)
    assert report.unreadable == (len(known()) + 4, "")  # it might be a name
    dotted = csv(tmp_path / "dotted.csv", [("ann", "bob", "02.03.2026", "", ""), *known()])
    assert observe_log(dotted, Reading())[1].unreadable == (1, "02.03.2026")
    np.testing.assert_equal(measured_of(tally), plain())


VARIANTS: dict[str, Callable[[str], str]] = {  # of one table, as spreadsheets and old programs leave it
    "blank lines": lambda text: text.replace("\nbob", "\n\n   \n,,,,\nbob") + "\n \n",
    "lines that end with CR": lambda text: text.replace("\n", "\r"),
    "sep=,": lambda text: "sep=,\r\n" + text.replace("\n", "\r\n"),
    "sep=; in quotation marks": lambda text: '"sep=;"\n' + text.replace(";", "|").replace(",", ";"),
    "sep=^, at which the head would not hint": lambda text: "SEP=^\r" + text.replace(",", "^").replace("\n", "\r"),
    "a mark before sep": lambda text: "\ufeffsep=,\n" + text,
    "UTF-16": lambda text: "sep=\t\r\n" + text.replace(",", "\t"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_a_table_is_read_however_spreadsheets_leave_its_lines(tmp_path: Path, name: str) -> None:
    changed = tmp_path / "changed.csv"
    made = VARIANTS[name](csv(tmp_path / "usual.csv", known()).read_text(encoding="utf-8"))
    changed.write_bytes(made.encode("utf-16" if name == "UTF-16" else "utf-8"))
    (tally, report), (other, told) = usual(), observe_log(changed, Reading())
    np.testing.assert_equal(measured_of(other), measured_of(tally))
    assert (told.rows, told.left_out, told.within) == (report.rows, report.left_out, report.within)


def test_rows_are_numbered_as_in_a_file_with_blank_lines(tmp_path: Path) -> None:
    path = csv(tmp_path / "log.csv", [("", "", "", "", ""), ("ann", "bob", "02.03.2026", "", ""), *known()])
    assert observe_log(path, Reading())[1].unreadable == (2, "02.03.2026")


def test_channels_are_named_as_in_the_model_and_strangers_are_left_out(tmp_path: Path) -> None:
    channels = itertools.cycle(("chat", "E-Mail", "pigeon", "im"))
    rows = [(*each[:4], next(channels)) for each in known()]
    path = csv(tmp_path / "log.csv", rows, "sender,recipient,time,thread,channel")
    tally, report = observe_log(path, Reading())
    found = measured_of(tally)
    assert report.left_out["unknown channel"] >= len(rows) // 4
    assert found["log_by_mail"] + found["log_by_im"] == pytest.approx(1)
    tally, only = observe_log(path, Reading(channels=("mail",)))
    assert measured_of(tally)["log_by_mail"] == 1
    assert only.used + only.left_out["another channel, or none"] == report.used
    blank = [(*each[:4], "" if k % 2 else "mail") for k, each in enumerate(rows)]
    _, report = observe_log(csv(path, blank, "sender,recipient,time,thread,channel"), Reading())
    assert report.left_out["another channel, or none"] == len(rows) // 2


def test_only_messages_of_the_channels_asked_for_say_which_dates_are_wrong(tmp_path: Path) -> None:
    """Mail of two years before all chats, which are a hundred times as many."""
    mail = [(*each[:4], "mail") for each in known()]
    often = [timedelta(days=728, seconds=second) for second in range(100)]
    chats = [(a, b, f"{datetime.fromisoformat(when) + by}", "", "im") for a, b, when, *_ in mail for by in often]
    path = csv(tmp_path / "log.csv", [*mail, *chats], "sender,recipient,time,thread,channel")
    tally, report = observe_log(path, Reading(channels=("mail",)))
    plain = csv(tmp_path / "mail.csv", mail, "sender,recipient,time,thread,channel")
    np.testing.assert_equal(tally.measured(), observe_log(plain, Reading())[0].measured())
    assert report.left_out["another channel, or none"] == 100 * (len(mail) + 1)
    assert observe_log(path, Reading())[1].left_out["time far from all others"] == len(mail) + 1
    with pytest.raises(InputError, match=r"none of 83 entries can be used: 83 with another channel, or none$"):
        observe_log(plain, Reading(channels=("im",)))


def test_columns_that_are_blank_throughout_are_none(tmp_path: Path) -> None:
    rows = [each[:3] for each in known()]
    blank = csv(
        tmp_path / "blank.csv", [(*each, "", " ", "") for each in rows], "sender,recipient,time,thread,channel,rank"
    )
    tally, report = observe_log(blank, Reading())
    plain, _ = observe_log(csv(tmp_path / "plain.csv", rows, "sender,recipient,time"), Reading())
    assert (tally.scope, list(report.columns)) == (plain.scope, ["sender", "recipient", "time"])
    np.testing.assert_equal(tally.measured(), plain.measured())


def test_eight_days_of_people_who_do_the_same_at_the_same_time_are_enough(tmp_path: Path) -> None:
    rows = [
        (a, b, f"2026-03-{day:02}") for day in range(2, 10) for a, b in zip(NAMES, [*NAMES[1:], "ann"], strict=True)
    ]
    found = observe_log(csv(tmp_path / "log.csv", rows, "sender,recipient,time"), Reading())[0].measured()
    assert found["log_sent"].value == pytest.approx(8 / 6)
    assert np.isnan(found["log_sent"].high)  # without a group of people that are one, nobody is left


WRONG = [
    (
        "sender,recipients,time\na,b,2026-03-02 10:00\n",
        {},
        "no column 'recipient' or '接收人'.*did you mean 'recipients'",
    ),
    ("sender,recipient,time\na,b,2026-03-02 10:00\n", {"columns": {"thread": "topic"}}, "no column 'topic'"),
    ("sender,recipient,time\n", {}, "has no rows"),
    ("", {}, "is empty"),
    ("sender,recipient,time\na,b,noon\na,c,dusk\n", {}, "none of 2 entries.*2 with unreadable time.*--time-format"),
    ("sender,recipient,time\na,b,1965-03-02 10:00\n", {}, "none of 1 entries.*1 with time outside 1980 to 2100$"),
    ("sender,recipient,time\na,b,20260302\n", {}, "1 with time outside 1980 to 2100; .*--time-format '%Y%m%d'"),
    ("sender,recipient,time\na,a,2026-03-02 10:00\n", {}, "none of 1 entries.*to oneself"),
    ("sender,recipient,time\na,b,1772414100\n", {}, "absolute.*--zone Asia/Shanghai"),
    ("sender,recipient,time\na,b,1772414100\n", {"zone": "Asia/Shangai"}, "did you mean 'Asia/Shanghai'"),
    (
        "sender,recipient,time\na,b,1772414100\n",
        {"zone": "上海"},
        "unknown time zone; one is named as in Asia/Shanghai$",
    ),
    ("sender,recipient,time\na,b,2026-03-02 10:00\na,c,2026-03-20 10:00\n", {}, "only 1 people"),
    ("sender,recipient,time\na,b,2026-03-02 10:00\n", {"columns": {"thread": "time"}}, "cannot mean two things"),
]


@pytest.mark.parametrize(("text", "how", "message"), WRONG, ids=[each[2][:24] for each in WRONG])
def test_a_log_that_cannot_be_used_is_refused(tmp_path: Path, text: str, how: dict[str, object], message: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        observe_log(path, Reading(**how))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "head", ["发送人,接收人,时间,话题,职级", "发件人,收件人,发送时间,thread,rank", "sender,收件人,time,话题,职级"]
)
def test_columns_may_have_chinese_names(tmp_path: Path, head: str) -> None:
    np.testing.assert_equal(values(csv(tmp_path / "chinese.csv", known(), head)), plain())
    path = csv(tmp_path / "recoded.csv", known(), head)
    path.write_text(path.read_text("utf-8"), encoding="gb18030")
    np.testing.assert_equal(values(path, encoding="gb18030"), plain())


def test_a_chinese_column_that_is_not_known_is_suggested(tmp_path: Path) -> None:
    path = csv(tmp_path / "log.csv", known(), "发件人邮箱,收件人,时间,thread,rank")
    with pytest.raises(InputError, match="did you mean '发件人邮箱'") as wrong:
        observe_log(path, Reading())
    with speaking("zh"):
        said = translate(str(wrong.value))
    assert "发送人" in said
    assert "for the" not in said


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (("02.03.2026", "28.03.2026"), "%d.%m.%Y"),
        (("02.03.2026 09:15",), "%d.%m.%Y %H:%M"),
        (("03/02/2026 09:15:00", "03/28/2026 10:00:00"), "%m/%d/%Y %H:%M:%S"),
        (("03/02/2026 09:15", "03/05/2026 09:15", "04/06/2026 09:15"), "%m/%d/%Y %H:%M"),
        ((*["03/02/2026"] * 250, *["03/28/2026"] * 250), "%m/%d/%Y"),
        (("26-03-02 09:15", "26-04-10 09:15"), "%y-%m-%d %H:%M"),
        (("2026年3月2日 09:15",), "%Y年%m月%d日 %H:%M"),
        (("202603020915",), "%Y%m%d%H%M"),
        (("20260302091500",), "%Y%m%d%H%M%S"),
    ],
)
def test_the_format_that_is_named_reads_the_times(tmp_path: Path, cells: tuple[str, ...], form: str) -> None:
    path = csv(tmp_path / "log.csv", [("ann", "bob", cell, "", "") for cell in cells])
    with pytest.raises(InputError, match=f"--time-format '{form}' as in {cells[0]}"):
        observe_log(path, Reading())
    with pytest.raises(InputError, match=r"spans|only|at least"):
        observe_log(path, Reading(time_format=form))


def test_a_short_log_and_files_of_other_kinds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="spans 4 days"):
        observe_log(csv(tmp_path / "log.csv", [each for each in known() if each[2] < "2026-03-06"]), Reading())
    with pytest.raises(InputError, match="there is no such file"):
        observe_log(tmp_path / "none.csv", Reading())
    with pytest.raises(InputError, match="is no kind of log"):
        observe_log(tmp_path / "log.xlsx", Reading())
    (tmp_path / "log.parquet").write_bytes(b"not Parquet")
    with pytest.raises(InputError, match="cannot be read as parquet"):
        observe_log(tmp_path / "log.parquet", Reading())


def test_nobody_can_be_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[pl.DataFrame] = []
    plain = logfile.pl.read_parquet
    monkeypatch.setattr(logfile.pl, "read_parquet", lambda *a, **k: kept.append(plain(*a, **k)) or kept[-1])
    path = csv(tmp_path / "log.csv", known())
    tally, _ = observe_log(path, Reading())
    people = [set(frame["sender"]) for frame in kept if "sender" in frame.columns]
    assert people
    assert all(frame[name].dtype != pl.String for frame in kept for name in ("sender", "recipient", "thread"))
    again, _ = observe_log(path, Reading())
    assert not set(tally.people["sender"]) & set(again.people["sender"])
    text = target_set_toml("mine", tally.measured(), tally.scope, Doubts(), LogReport())
    assert not any(re.search(rf"\b{name}\b", text) for name in NAMES)


@pytest.mark.parametrize(
    ("value", "half", "low", "high"),
    [
        (0.0, 0.03, 0.0, 0.0305),
        (1.0, 0.03, 0.9695, 1.0),
        (0.01, 0.02, 0.0, 0.0311),
        (0.0005, 0.0, 0.0, 0.0027),
        (0.005, 0.0, 0.0037, 0.0067),
        (0.3, 0.0, 0.242, 0.365),
        (0.5, 0.05, 0.412, 0.588),
    ],
)
def test_a_band_holds_the_interval_and_no_more_than_the_discrepancy_beyond_it(
    value: float, half: float, low: float, high: float
) -> None:
    """At 0 or 1 it ends where odds are 15 % (sd) off, beside the sampling error: not near the other end."""
    measured = {"log_reply_share": Measured(value, half, value - half, value + half, 100)}
    text = target_set_toml("mine", measured, Scope(), Doubts(), LogReport())
    found = tomllib.loads(text)["target"][0]
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=6e-5 if value < 0.1 else 6e-4)
    assert max(value - half, 0.0) >= found["low"]
    assert min(value + half, 1.0) <= found["high"]


def test_small_groups_are_not_shown(tmp_path: Path) -> None:
    rows = [(*each[:4], "manager" if each[0] in ("ann", "bob") else "staff") for each in known()]
    measured = observe_log(csv(tmp_path / "log.csv", rows), Reading())[0].measured()
    assert measured["log_lead_sent"].missing == "fewer than 5 people"
    assert measured["log_top_tenth"].missing == "fewer than 5 people"
    assert measured["log_sent"].missing == ""
    asked = [
        row(name, NAMES[(k + 1) % 6], day, f"{h}:0{k}", f"{name}{day}{h}")
        for day in range(21)
        for h in range(9, 14)
        for k, name in enumerate(NAMES)
    ]
    answers = [(b, a, when[:-5] + "30:00", thread, rank) for a, b, when, thread, rank in asked if a in ("ann", "bob")]
    shapes = observe_log(csv(tmp_path / "log.csv", [*asked, *answers]), Reading())[0].shapes()
    assert np.isnan(shapes.replies).all()
    busy = [(*each[:1], "cai", *each[2:3], each[3] + "x", each[4]) for each in asked if each[0] != "cai"]
    shapes = observe_log(csv(tmp_path / "log.csv", [*asked, *busy]), Reading())[0].shapes()
    assert np.flatnonzero(np.isfinite(shapes.load)).tolist() == [2]
    leading = observe_log(SAMPLE, Reading(zone="UTC"))[0].measured()
    assert leading["log_lead_sent"].value > 0
    assert leading["log_by_mail"].missing == "the log does not hold it"


@pytest.mark.parametrize(("tool", "shown"), [(1, {"group": 0}), (4, {"group": 0, "im": 6 / 11})])
def test_channels_of_few_people_are_not_the_rest_of_those_shown(
    tmp_path: Path, tool: int, shown: dict[str, float]
) -> None:
    """All chat; one also writes by mail and some others by the tool, whose shares the one of chats would tell."""
    rows = [
        (NAMES[k], NAMES[(k + 1) % 6], f"2026-03-{day:02} {hour}:0{k}:00", channel)
        for day in range(2, 22)
        for hour, channel, people in ((10, "im", range(6)), (11, "mail", [0]), (12, "tool", range(1, 1 + tool)))
        for k in people
    ]
    measured = observe_log(csv(tmp_path / "log.csv", rows, "sender,recipient,time,channel"), Reading())[0].measured()
    values = {name: measured[f"log_by_{name}"].value for name in WRITTEN}
    assert {name: value for name, value in values.items() if np.isfinite(value)} == pytest.approx(shown)


def test_shares_of_any_size_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = observe_log(SAMPLE, Reading(zone="UTC"))[0]
    monkeypatch.setattr(logfile, "SHARE_BYTES", 9_000)
    parts = observe_log(SAMPLE, Reading(zone="UTC"))[0]
    np.testing.assert_equal(parts.measured(), whole.measured())
    np.testing.assert_equal(parts.shapes(), whole.shapes())


def in_step(path: Path) -> Path:
    """Write a log whose clock knows days only, so that nearly everything happens in the same second."""
    rng = np.random.default_rng(1)
    sender, day, thread = rng.integers(0, 12, 240), rng.integers(0, 25, 240), rng.integers(0, 60, 240)
    rows = [
        (f"p{a}", f"p{(a + away) % 12}", f"{MONDAY + timedelta(days=int(when)):%Y-%m-%d}", str(topic))
        for a, away, when, topic in zip(sender, rng.integers(1, 4, 240), day, thread, strict=True)
    ]
    twins = [(f"twin{n}", "p1", "2026-03-09", "61") for n in range(8)]  # who cannot be told apart
    return csv(path, [*rows, *twins], "sender,recipient,time,thread")


def test_what_happens_in_the_same_second_is_put_in_one_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are random at each reading, so whatever were decided by them would differ."""
    path = in_step(tmp_path / "log.csv")
    found = []
    for size in (24_000_000, 600, 2_000, 600, 24_000_000, 24_000_000):
        monkeypatch.setattr(logfile, "SHARE_BYTES", size)
        tally, _ = observe_log(path, Reading())
        found.append((tally.measured(), tally.shapes()))
    assert np.isfinite(found[0][0]["log_thread_length"].low)
    for each in found[1:]:
        np.testing.assert_equal(each, found[0])


def test_each_set_of_people_answers_by_a_law_of_its_own() -> None:
    """Beside others, and beside a set with too few answers, to the bit what it is alone."""
    counts = np.random.default_rng(2).poisson(3.0, (4, len(EDGES) - 1)).astype(float)
    counts[2] = np.eye(len(EDGES) - 1)[0]
    turns = np.stack([2 * counts.sum(axis=1), counts.sum(axis=1)], axis=1)
    alone = [replies.reply_laws(turns[k : k + 1], counts[k : k + 1])[0] for k in range(4)]
    assert replies.reply_laws(turns, counts) == alone
    assert alone[2] == {}
    assert alone[0] != alone[1]


SHOWN = """
import sys
from pathlib import Path
from statistics import stdev
from sim.evidence.logcolumns import Reading
from sim.evidence.logfile import observe_log
for path in sys.argv[1:]:
    tally, _ = observe_log(Path(path), Reading(zone="UTC"))
    print([tuple(each) for each in tally.measured().values()], [each.tobytes() for each in tally.shapes()])
"""


def test_the_threads_of_polars_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither in a log of real mails nor in one in which nearly everything happens in the same second."""
    words = ["-c", SHOWN, str(SAMPLE), str(in_step(tmp_path / "log.csv"))]
    others = os.environ | {"POLARS_MAX_THREADS": "3" if pl.thread_pool_size() == 1 else "1"}
    told = subprocess.run([sys.executable, *words], env=others, capture_output=True, text=True, check=True).stdout
    monkeypatch.setattr(sys, "argv", words[1:])
    exec(SHOWN, {})
    assert len(told.splitlines()) == 2
    assert told == capsys.readouterr().out


@pytest.fixture(scope="module")
def model() -> Workplace:
    made = Workplace(scenario(people=80, weeks=3, warmup_days=7), parameters=POINT, log_share=1.0, log_from=7)
    made.run_for(made.days_total)
    return made


def test_the_models_own_log_read_as_a_file_is_the_models_log(model: Workplace, tmp_path: Path) -> None:
    scope = Scope()
    rows = log_of_run(model, scope)
    start = int(datetime(model.first_date.year, model.first_date.month, model.first_date.day, tzinfo=UTC).timestamp())
    assert rows["at"].min() >= start + 7 * DAY
    file = rows.with_columns(
        pl.col("sender", "recipient").cast(pl.String),
        pl.from_epoch("wall").dt.to_string("%Y-%m-%d %H:%M:%S").alias("time"),
        pl.when("lead").then(pl.lit("manager")).otherwise(pl.lit("staff")).alias("rank"),
    )  # fmt: skip
    file.sort("wall").select("sender", "recipient", "time", "thread", "channel", "rank").write_csv(tmp_path / "log.csv")
    np.testing.assert_equal(values(tmp_path / "log.csv"), measured_of(measure(rows, scope)))


def test_the_models_log_agrees_with_its_accounts(model: Workplace) -> None:
    """But for answers to outsiders, which leave the firm; the account counts these by all channels together."""
    rows = log_of_run(model, Scope())
    weeks = model.person_week().filter(pl.col("week") >= 0)
    log = events(model).filter(pl.col("event") == SENT)
    threads = log.filter(pl.col("sender") < 0)["thread"]
    leave = log.filter((pl.col("sender") >= 0) & pl.col("thread").is_in(threads.implode()))
    assert 0 < len(leave) <= summed(model, "outside_answered")
    written = leave["channel"].is_in([CHANNELS.index(name) for name in WRITTEN]).sum()
    sent = sum(int(weeks[f"sent_{name}"].sum()) for name in WRITTEN) - written
    messages = rows.select("sender", "at", "thread", "channel").unique().height
    assert messages == pytest.approx(sent, rel=0.01)  # empty chats have no recipient; the last may be on their way


def test_a_model_without_all_its_messages_is_refused() -> None:
    made = Workplace(scenario(people=20, weeks=1), parameters=POINT, log_share=0.5)
    made.run_for(7)
    with pytest.raises(InputError, match="did not keep all"):
        log_of_run(made, Scope())


def test_the_channels_of_an_archive_are_those_that_are_looked_at(model: Workplace) -> None:
    assert set(log_of_run(model, Scope(channels=("mail",)))["channel"].unique()) == {"mail"}


def test_targets_go_round(model: Workplace, tmp_path: Path) -> None:
    tally, _ = observe_log(SAMPLE, Reading(zone="UTC"))
    doubts = doubts_of(tally, partial=True)
    write_text(tmp_path / "mine.toml", target_set_toml("mine", tally.measured(), tally.scope, doubts, LogReport()))
    found = check_targets(tmp_path / "mine.toml")
    assert found.log is not None
    assert found.log.scope == tally.scope
    roles = {target.observable: target.role for target in found.target}
    assert roles["log_reply_median"] == "calibrated"
    assert roles["log_sent"] == roles["log_after_share"] == "not_used"
    tables = {"log": log_of_run(model, tally.scope)}
    seen = observe(tables, list(roles), log=found.log)
    direct = measure(tables["log"], tally.scope).measured()
    assert {name: shown.value for name, shown in seen.items()} == {name: direct[name].value for name in roles}
    assert observe({}, ["log_sent"], log=found.log)["log_sent"].missing == "log"
    assert set(QUANTITIES) <= set(UNITS)


def test_targets_of_a_log_need_its_table(tmp_path: Path) -> None:
    text = 'name = "mine"\ntitle = "Mine"\n[[target]]\nobservable = "log_sent"\nrole = "checked"\nconfidence = ""\n'
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r'mine.toml:4: target.0..observable: "log_sent".*.log. is missing'):
        check_targets(tmp_path / "mine.toml")


def test_a_sender_whose_messages_are_split_is_one_person() -> None:
    whole, split = clocks.Clock(), clocks.Clock()
    for clock in (whole, split):  # the least hour of those of five, which hides the one of four
        clock.add(pl.DataFrame({"sender": range(5), "wall": [0] * 5}))
    for people in (4, 5):
        sent = pl.DataFrame({"sender": [*range(people)] * 3, "wall": [3600 * people] * 3 * people})
        whole.add(sent)
        for part in sent.iter_slices(5):
            split.add(part)
        assert np.isnan(split.hours[3 * 24 + people]) == (people < 5)  # day 0 was a Thursday
    np.testing.assert_equal(split.hours, whole.hours)
    assert (whole.hours == 0).sum() == 168 - 3  # hours in which nobody wrote are known


def test_an_hour_of_few_people_is_not_told_by_the_sum() -> None:
    clock, days = clocks.Clock(), range(4, 7)  # since a Thursday: Monday to Wednesday
    for day, people in zip(days, (9, 7, 4), strict=True):
        clock.add(pl.DataFrame({"sender": range(people), "wall": [DAY * day] * people}))
    assert np.flatnonzero(np.isnan(clock.hours)).tolist() == [24, 48]  # the least of the others hides it
    clock.add(pl.DataFrame({"sender": [8], "wall": [DAY * 7]}))  # five people in the two hidden hours together
    assert np.flatnonzero(np.isnan(clock.hours)).tolist() == [48, 72]


@pytest.mark.parametrize(
    ("openers", "hidden"), [({1: 6, 2: 3, 3: 8}, [1, 2]), ({1: 6, 2: 4, 3: 8, 4: 1}, [2, 4]), ({1: 6, 3: 8}, [])]
)
def test_threads_of_few_people_are_not_told_by_the_sum(openers: Mapping[int, int], hidden: Sequence[int]) -> None:
    lengths = [length for length, many in openers.items() for _ in range(many)]
    sent = [(who, who + 1, 0) for who, length in enumerate(lengths) for _ in range(length)]
    opened = Threads()
    opened.add(pl.DataFrame(sent, ("sender", "thread", "at"), orient="row"))
    opened.close(pl.DataFrame({name: range(len(lengths)) for name in ("sender", "place", "fold")}))
    assert (np.flatnonzero(np.isnan(opened.lengths)) + 1).tolist() == hidden
    assert all(opened.lengths[n - 1] == many for n, many in openers.items() if n not in hidden)


@pytest.mark.parametrize(
    ("friday", "saturday", "sunday", "other"),
    [(10, 30, 0, False), (10, 50, 0, True), (100, 150, 0, False), (10, 0, 90, True), (10, 0, 40, False)],
)
def test_people_work_at_weekends_if_they_write_twice_as_much_as_on_a_working_day_and_a_tenth_of_all(
    friday: int, saturday: int, sunday: int, other: bool
) -> None:
    clock = clocks.Clock()
    clock._hours = np.repeat([100, 100, 100, 100, friday, saturday, sunday], 24) / 24
    assert clock.other_week == other
    clock._hours = clock._hours * 99 / clock._hours.sum()
    assert not clock.other_week  # from so few messages


def test_a_clock_that_cannot_be_believed_is_noticed() -> None:
    day = np.array([0.2, 0, 0, 0, 0, 0.1, 0.5, 2, 6, 10, 11, 9, 5, 8, 10, 9, 8, 7, 4, 2, 2, 3, 2, 1])
    for shift in range(24):
        wrong = clocks.clock_doubt(np.tile(np.roll(day, shift), 7))
        assert bool(wrong) == (shift not in (0, 1, 2, 3, 21, 22, 23)), (shift, wrong)
    loud = np.where(np.isin(np.arange(168) % 24, [22, 23, 0, 1, 2]), 0.9, 1.0)
    assert clocks.clock_doubt(loud) == "no five hours are quiet: 19 % of the messages from 22 to 3 h"
    assert "dates without times" in clocks.clock_doubt(np.tile([100.0] + [0.0] * 23, 7))
    noons = [np.tile(np.where(np.arange(24) == 12, at, (100 - at) / 23), 7) for at in (49, 51)]
    assert ["dates without times" in clocks.clock_doubt(each) for each in noons] == [False, True]
    nights = [np.tile(np.where(np.arange(24) < 5, at / 5, (100 - at) / 19), 7) for at in (4.8, 5.2)]
    assert [bool(clocks.clock_doubt(each)) for each in nights] == [False, True]
    assert not clocks.clock_doubt(np.append(nights[0][:120], np.full(48, 100.0)))  # weekends do not count
    assert "moves by up to" in doubts_of(observe_log(SAMPLE, Reading(zone="UTC"))[0], partial=False).clock


@pytest.mark.parametrize(("most", "others", "found"), [(60, 4, False), (60, 5, True), (300, 8, False), (300, 10, True)])
def test_another_zone_is_one_of_five_people_and_three_per_cent(most: int, others: int, found: bool) -> None:
    doubt = clocks.zones_doubt(np.array([13.0] * most + [19.0] * others))
    assert doubt.startswith(f"{others} of {most + others} people have a day 6 h later") == bool(doubt) == found


@pytest.mark.parametrize(
    ("most", "others", "found"),
    [
        (0, [15.5] * 5, True),  # 2.5 h from most are far enough
        (0, [17.7, 19, 19, 19, 20.3], True),  # within 1.5 h of each other
        (0, [17.3, 19, 19, 19, 20.7], False),
        (1.1, [15.75] * 10, False),  # beside people who are not alike their density is no second peak
        (1.1, [16.0] * 10, True),
    ],
)
def test_another_zone_is_a_narrow_peak_apart_from_most(most: float, others: Sequence[float], found: bool) -> None:
    people = np.append(13 + np.linspace(-most, most, 60), others)
    assert bool(clocks.zones_doubt(people)) == found


def working(names: Sequence[int], month: int, later: float = 0) -> pl.DataFrame:
    """Make people who write each hour from 8 to 18, or some hours later, every day of four weeks."""
    at = np.arange(28)[:, None] * DAY + (np.linspace(8, 18, 11) + later) * 3600 + month * 28 * DAY
    return pl.DataFrame({"sender": np.repeat(names, at.size), "wall": np.tile(at.ravel(), len(names)).astype(np.int64)})


@pytest.mark.parametrize(
    ("second", "moves"),
    [
        ([working(range(20), 1, 4)], "moves by up to 4.0 h"),
        ([working(range(20), 1, 1)], ""),
        ([working(range(15), 1, 2), working(range(15, 20), 1, 3)], "moves by up to 2.2 h"),
        ([working(range(15), 1, 2), working(range(15, 20), 1, 1)], ""),
        ([working(range(10), 1), working(range(20, 80), 1, 4)], ""),  # others, with hours of their own
    ],
)
def test_a_clock_that_moves_is_noticed(second: list[pl.DataFrame], moves: str) -> None:
    clock = clocks.Clock()
    for part in (working(range(20), 0), *second):
        clock.add(part)
    assert moves in clock.doubt
    assert ("moves" in clock.doubt) == bool(moves)
    assert len(clock._days) == 40  # from Monday to Friday


def test_people_with_thirty_messages_and_months_with_a_hundred_have_a_middle_of_the_day() -> None:
    """All write at 6 h, a quarter of the way around the clock."""
    n = [30, 29, 41, 99]
    months = pl.DataFrame({"sender": [0, 1, 2, 3], "month": [0, 0, 0, 1], "n": n, "x": [0.0] * 4, "y": n})
    people, times = clocks.circular_means(months)
    assert (len(people), len(times)) == (3, 1)
    assert people + times == pytest.approx([6.0] * 3)


def made_up(rng: np.random.Generator, people: int = 60, days: int = 14) -> pl.DataFrame:
    """Make people who send at rates of their own, exp(N(1, 0.7)) a day, from Monday to Friday."""
    rate = rng.lognormal(1.0, 0.7, people)
    count = rng.poisson(rate * days * 5 / 7)
    sender = np.repeat(np.arange(people), count)
    day = rng.integers(0, days * 5 // 7, len(sender))
    at = 4 * 86_400 + (day // 5 * 7 + day % 5) * 86_400 + rng.integers(0, 86_400, len(sender))
    other = (sender + rng.integers(1, people, len(sender))) % people
    wide = pl.DataFrame({"sender": sender + 1, "recipient": other + 1, "at": at, "wall": at, "thread": 0})
    rows = wide.with_columns(pl.lit(None, pl.String).alias("channel"), pl.lit(None, pl.Boolean).alias("lead"))
    return rows.cast(ROWS).unique(["sender", "recipient", "at"], maintain_order=True)  # type: ignore[arg-type]


def conversing(rng: np.random.Generator, people: int = 60) -> pl.DataFrame:
    """Let such people answer what they get, some an hour later, some people more and to some more, and so on."""
    last = made_up(rng, people).with_columns(thread=pl.int_range(1, pl.len() + 1).cast(pl.UInt64))
    willing, liked, parts = rng.normal(-1.0, 1.0, people + 1), rng.normal(0.0, 1.0, people + 1), [last]
    while last.height:
        back = last.filter(rng.random(last.height) < expit(willing[last["recipient"]] + liked[last["sender"]]))
        last = back.with_columns(
            sender="recipient", recipient="sender", at=pl.col("at") + 3600, wall=pl.col("wall") + 3600
        )
        parts.append(last)
    return pl.concat(parts)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """What other people of the same kind would do on average lies in 95 % intervals, also where answers follow.

    Of 120 logs at least 101 must hold it: fewer happen by chance once in 100,000 if intervals hold it in 95 %. Some 60
    would hold messages received, and 75 threads, if people were left out without what others write to them.
    """
    rng = np.random.default_rng(11)
    logs = [measure(conversing(rng), Scope()).measured() for _ in range(120)]
    for name in (
        "log_sent",
        "log_received",
        "log_contacts",
        "log_after_share",
        "log_reply_share",
        "log_reply_load",
        "log_thread_single",
        "log_thread_length",
    ):
        truth = np.mean([log[name].value for log in logs])
        assert sum(log[name].low <= truth <= log[name].high for log in logs) >= 101, name


def test_without_whom_all_is_written_to_and_by_nothing_is_left() -> None:
    rows = made_up(np.random.default_rng(1), 40).filter(pl.col("sender") != 1)
    star = rows.with_columns(recipient=pl.lit(1, pl.UInt64))
    back = star.with_columns(sender="recipient", recipient="sender", at=pl.col("at") + 60)
    found = measure(
        pl.concat([star, back]).unique(["sender", "recipient", "at"], maintain_order=True), Scope(threads=False)
    ).measured()
    assert found["log_sent"].low < 0.1 * found["log_sent"].value
    assert np.isnan(found["log_after_share"].low)
    assert found["log_after_share"].value > 0.5
    roles = dict(
        observed_table([ComparedSource("log", found, None)], Doubts(False)).select("quantity", "role").iter_rows()
    )  # type: ignore[arg-type]
    assert (roles["log_sent"], roles["log_after_share"]) == ("calibrated", "not_used")


def test_parts_of_messages_that_rounding_leaves_are_no_messages() -> None:
    """Everybody writes to three people at once, who write once, at the same second, and are therefore of one group."""
    said = [(who, to, day, f"{9 + who % 9}:00") for who in range(4, 44) for day in range(5) for to in (1, 2, 3)]
    found = measure(rows_of([*said, *((who, 4, 6, "9:00") for who in (1, 2, 3))]), Scope(threads=False)).measured()
    assert found["log_recipients"].value == pytest.approx(603 / 203)
    assert np.isnan(found["log_recipients"].low)


def test_intervals_hold_no_impossible_values() -> None:
    """One of six people writes nine tenths of the messages: without this person the values are far away."""
    said = [
        (who, 1 + who % 6, day, f"{8 + 2 * n}:00")
        for day in range(20)
        for who in range(1, 7)
        for n in range(6 if who == 1 else day % 9 == who)
    ]
    found = measure(rows_of(said), Scope(threads=False)).measured()
    bounds = {name: possible_range(name, QUANTITIES[name].unit) for name in found}
    shown = {name: each for name, each in found.items() if np.isfinite(each.low)}
    assert all(
        bounds[name][0] <= each.low <= each.value <= each.high <= bounds[name][1] for name, each in shown.items()
    )
    cut = [name for name, each in shown.items() if each.value - each.half_width < bounds[name][0]]
    assert "log_sent" in cut
    assert any(QUANTITIES[name].unit == "share" for name in cut)


def test_what_a_group_exchanged_with_others_goes_with_it() -> None:
    """Of three who write to each other in turn, in groups of their own, without the second, by hand.

    The first writes to both others at once, to the second at night on a Saturday, and is answered by the third; the
    third writes to a fourth, who never writes, and the second to a fifth of the same group.
    """
    said = [(1, 2, 0, "10:00"), (1, 3, 0, "10:00"), (1, 2, 5, "02:00"), (3, 1, 0, "11:00"), (2, 3, 1, "9:00")]
    rows = with_addressed(rows_of([*said, (3, 4, 2, "12:30"), (2, 5, 1, "9:30")]))
    groups = pl.DataFrame({"sender": [1, 2, 3, 5], "fold": [0, 1, 2, 1]}, {"sender": pl.UInt64, "fold": pl.Int64})
    known = rows.join(groups, on="sender").join(groups.rename({"sender": "recipient", "fold": "to"}), on="recipient")
    exchanges = Exchanges(Scope())
    exchanges.add(known)
    lost = exchanges.lacking(1)
    kinds = ("sent", "addressed", "received", "contacts", "ties", "after", "night", "weekend", "lunch")
    assert [lost[name] for name in kinds] == [1.5, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]
    assert exchanges.lacking(0)["received"] == 3.0
    threads = Threads()
    ordered = pl.DataFrame({"sender": [1, 3, 3, 2], "thread": [7, 7, 8, 9], "at": [0, 1, 2, 3]})
    threads.add(ordered.cast({"sender": pl.UInt64, "thread": pl.UInt64}))
    threads.close(groups.head(3).with_columns(place=pl.col("fold")))
    rows = pl.DataFrame({"thread": [7, 7, 8, 8, 9], "fold": [0, 2, 2, 2, 1], "to": [1, 0, 0, None, 2]})
    threads.add_pairs(rows.cast({"thread": pl.UInt64}))
    lacking = threads.lacking()
    assert lacking[0] == {"threads": 0.5, "length": 0.5, "single": 0.5, "long": 0.0}
    assert lacking[1] == {"threads": 0.5, "length": 1.0, "single": 0.0, "long": 0.0}
    assert lacking[2] == {"threads": 1.5, "length": 2.0, "single": 1.0, "long": 0.0}
    assert lacking[3] == {}


def test_intervals_of_few_people_hold_the_truth_too() -> None:
    """Of five who lead among a hundred: 93 % of 2,000 hold it, by the degrees of freedom of 20 groups 87 %."""
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(2_000):
        sent, group = np.exp(0.6 * rng.normal(size=100)), rng.permutation(100) % 20
        leads, others = (np.bincount(group[side], sent[side], 20) for side in (slice(5), slice(5, None)))
        counts = [np.bincount(group[side], minlength=20) for side in (slice(5), slice(5, None))]
        means = [(each.sum() - each) / (n.sum() - n) for each, n in zip((leads, others), counts, strict=True)]
        value = leads.sum() / 5 / (others.sum() / 95)
        held += abs(value - 1) <= traffic.half_width_of((means[0] / means[1]).tolist(), 5)
    assert held > 0.91 * 2_000


def test_the_people_behind_a_quantity_count_in_its_interval() -> None:
    rows = made_up(np.random.default_rng(3))
    chosen = rows["sender"].unique().sort().head(6)
    ranked = rows.with_columns(lead=pl.col("sender").is_in(chosen.implode()))
    found = measure(ranked, Scope()).measured()["log_lead_sent"]
    assert found.people == 6
    narrow = measure(ranked, Scope())
    without = [each.get("log_lead_sent", np.nan) for each in leaving_out(narrow)]
    assert found.high - found.value == pytest.approx(
        traffic.half_width_of(without) * stdtrit(5, 0.975) / stdtrit(19, 0.975)
    )


def leaving_out(tally: traffic.Tally) -> list[dict[str, float]]:
    """All quantities without each group of people in turn."""
    columns = tally._columns
    kept = (columns["fold"] != group for group in range(20))
    nothing = np.zeros((12, 2))
    return [traffic._measure({name: each[those] for name, each in columns.items()}, {}, nothing, {}) for those in kept]


def test_how_often_somebody_writes_of_their_own_accord_is_from_four_weeks_after_a_message() -> None:
    """Of a log with one message an hour: after two days, and, not counted, after 38 more; the other one is silent."""
    excess = Excess()
    excess.add_pace(pl.DataFrame({"at": np.arange(50 * 24) * 3600}))
    at, gap = np.array([0, 2, 40]) * DAY, np.array([2 * DAY, 38 * DAY, 3600])
    follows = np.array([True, True, False])
    found = excess._own_rates(np.zeros(3, int), at, gap, follows, np.zeros(3, bool))
    assert found == pytest.approx([1 / (2 * DAY - 3600 + 28 * DAY - 3600), 0.0])


def test_messages_that_follow_within_an_hour_are_one_turn_where_no_threads_are_known() -> None:
    at = np.array([0, 1800, 9000])
    columns = {"sender": [1] * 3, "recipient": [2] * 3, "at": at, "thread": [0] * 3, "addressed": [1] * 3}
    people = pl.DataFrame(
        {"sender": [1, 2], "place": [0, 1], "fold": [0, 1]}, schema_overrides={"sender": pl.UInt64, "fold": pl.Int64}
    )
    excess, rows = Excess(), pl.DataFrame(columns, schema_overrides={"sender": pl.UInt64, "recipient": pl.UInt64})
    excess.add_pace(rows)
    excess.add(rows, people, pl.DataFrame(), 20 * DAY)
    assert excess._turns[1, 0] == excess._turns.sum() == 2  # of who is to answer to whom
    turned = {"at": np.array([0, 6, 14]) * DAY, "sender": [1, 2, 1], "recipient": [2, 1, 2]}
    back = pl.DataFrame(columns | turned, schema_overrides={"sender": pl.UInt64, "recipient": pl.UInt64})
    later = Excess()
    later.add_pace(back)
    later.add(back, people, pl.DataFrame(), 30 * DAY)
    assert later._came[1, 0].sum() == later._came.sum() == 1  # what comes after eight days is no answer


@pytest.mark.parametrize(("due", "unclear"), [(10, False), (12, True)])
def test_answers_beyond_chance_by_hand(due: int, unclear: bool) -> None:
    """Of five groups, 100 messages in 100 waits, whose risk is such that 20 messages halve what is left unanswered.

    Answers are 1 − 2^−(100 − due)/20 of 500 turns. By chance alone 1 − 2^−due/20 would see a message: 29 or 34 %.
    """
    excess, late = Excess(), 40  # class of the waits
    risk = round(20 * (BOUNDS[late + 1] - BOUNDS[late]) / np.log(2) / 5)
    for sums, each in ((excess._came, 20), (excess._chance, due * UNIT // 5), (excess._risk, risk)):
        sums[:5, 1, late] = each
    excess._turns[:5, 1] = 100
    turns, _, answers = excess.leave_out([])
    share = 1 - 2.0 ** (-(100 - due) / 20)
    assert turns[0] == pytest.approx([500, 500 * share], rel=1e-3)
    assert answers[0, WIDER * late : WIDER * (late + 1)] == pytest.approx([500 * share / WIDER] * WIDER, rel=1e-3)
    assert excess.leave_out([], 1.2)[0][0, 1] == pytest.approx(500 * (1 - 2.0 ** (-(100 - 1.2 * due) / 20)), rel=1e-3)
    assert excess.unclear.endswith("34 % of turns, answered or not") == bool(excess.unclear) == unclear
    assert np.isnan(excess.shape[0]).all() == unclear
    excess._came[4] = 0
    assert np.isnan(excess.shape[0]).all()  # of four groups


def test_seconds_at_risk_of_an_answer_by_hand() -> None:
    """Two waits last through forty classes; one ends 5 s into the next, the other 7 s into that after the next two."""
    found = _seconds_at_risk(np.array([0, 0]), np.array([BOUNDS[40] + 5, BOUNDS[42] + 7]))[0, 0]
    wide = np.diff(BOUNDS)
    assert found[:44].tolist() == [*(2 * wide[:40]), 5 + wide[40], wide[41], 7, 0]


@settings(max_examples=25, deadline=None)
@given(st.floats(0.3, 0.7), st.floats(2, 10), st.floats(200, 900))
def test_a_mixture_of_reply_times_is_found_again(weight: float, fast: float, slow: float) -> None:
    rng = np.random.default_rng(1)
    n = 40_000
    quick = rng.random(n) < weight
    seconds = 60 * np.where(quick, rng.lognormal(np.log(fast), 0.8, n), rng.lognormal(np.log(slow), 0.8, n))
    seconds = seconds[seconds < HORIZON]
    counts, _ = np.histogram(np.log(np.maximum(seconds, 1)), EDGES)
    found = replies.reply_laws(np.array([[2.0 * n, n]]), counts[None].astype(float))[0]
    assert found["log_fast_weight"] == pytest.approx(weight, abs=0.05)
    assert found["log_fast_median"] == pytest.approx(fast, rel=0.15)
    assert found["log_slow_median"] == pytest.approx(slow, rel=0.15)
    assert found["log_reply_median"] == pytest.approx(np.median(seconds) / 60, rel=0.05)


def test_the_command_writes_targets_and_a_figure(call: Call, tmp_path: Path) -> None:
    done = call(
        "observe", SAMPLE, "--zone", "UTC", "--partial", "--out", "kept", "--model", "--people", 60, "--weeks", 2,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "times are not reliable" in done.out
    folder = tmp_path / "kept" / "observe_enron_sample"
    assert tomllib.loads((folder / "targets.toml").read_text("utf-8"))["log"]["threads"] is True
    assert check_targets(folder / "targets.toml").name == "enron_sample"
    assert (folder / "figures" / "traffic.png").stat().st_size > 10_000
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["observe_enron_sample"]
    kept = read(folder)
    assert kept.tables["observed"]["side"].unique(maintain_order=True).to_list() == ["log", "model"]
    assert kept.manifest["uncertainty"]["name"] == "surveyed"
    assert call("report", folder, "--lang", "zh").code == 0
    assert "模型" in (folder / "report_zh.html").read_text("utf-8")
    assert call("export", folder, "--csv", "--latex").code == 0
    assert call("fsck", folder).code == 0


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--hours", "18-9"), "the earlier first"),
        (("--hours", "nine"), "two hours"),
        (("--hours", "9:75-18"), "two hours"),
        (("--channels", "mial"), "did you mean 'mail'"),
        (("--model", "--seed", "-5"), "-5 is not in the range"),
        ((), "--zone"),
    ],
)
def test_wrong_flags_are_refused(call: Call, flags: tuple[str, ...], message: str) -> None:
    done = call("observe", SAMPLE, *flags)
    assert done.code == 2
    assert message in done.err
    assert "Traceback" not in done.err


LARGE = """
import sys
from pathlib import Path
from statistics import stdev
from sim.evidence import logfile
from sim.evidence.logcolumns import Reading
from tests.memory import peak
logfile.SHARE_BYTES = 1_000_000
tally, report = logfile.observe_log(Path(sys.argv[1]), Reading())
print(report.used, peak() // 1_000_000)
"""


@pytest.mark.slow
def test_a_large_log_needs_little_memory(tmp_path: Path) -> None:
    """A log of 1.6 million rows, in shares of 1 MB, needs less than 500 MB, of which 120 MB are there before it starts.

    Shares need 390 MB, and as a whole it needs 710, if the allocator of Polars gives back at once what is free: what it
    keeps by itself is another 100 to 150 MB, now and then.
    """
    rng = np.random.default_rng(5)
    n, people = 1_600_000, 3_000
    rate = rng.lognormal(0, 1, people)
    sender = rng.choice(people, n, p=rate / rate.sum())
    day = rng.integers(0, 250, n)
    at = 1_767_571_200 + (day // 5 * 7 + day % 5) * 86_400 + rng.integers(0, 86_400, n)
    frame = pl.DataFrame({"sender": sender, "recipient": (sender + rng.integers(1, 9, n)) % people, "time": at})
    frame.with_columns(pl.from_epoch("time").dt.to_string("%Y-%m-%d %H:%M:%S")).write_csv(tmp_path / "log.csv")
    give_back = {"POLARS_MAX_THREADS": "1", "_RJEM_MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0"}
    done = subprocess.run(
        [sys.executable, "-c", LARGE, str(tmp_path / "log.csv")], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parent.parent, env=os.environ | give_back,
    )  # fmt: skip
    used, megabytes = map(int, done.stdout.split())
    assert used > 0.99 * n
    assert megabytes < 500


def test_the_page_tells_of_every_quantity() -> None:
    text = (Path(__file__).parent.parent / "docs" / "observing.md").read_text(encoding="utf-8")
    for name, quantity in QUANTITIES.items():
        assert f"| `{name}` | {quantity.unit} | {quantity.definition} |" in text, name
