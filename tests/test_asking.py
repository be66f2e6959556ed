"""What a rule would do to the people of a log: messages and people that it touches, counted by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from sim.calibration import organisation
from sim.calibration.history_matching import Plan
from sim.calibration.organisation import fit_organisation
from sim.calibration.priors import Priors, load_priors
from sim.core.errors import InputError
from sim.evidence.logcolumns import Reading
from sim.evidence.logfile import observe_log
from sim.evidence.quantities import ROWS, UNIT, Scope, with_addressed
from sim.evidence.replies import with_groups
from sim.evidence.targets import Log, Target, TargetSet
from sim.evidence.touched import ANY_RULE, Touched, _touched_share, is_touched, never_together, not_in_log, rules_of
from sim.evidence.traffic import Tally, measure
from sim.levers.kinds import kinds
from sim.levers.lever import Lever, Touch
from sim.model import Workplace
from sim.runs.evaluations import Evaluator
from sim.runs.results import read
from sim.scenario.loading import load
from sim.scenario.parameter_draws import Draws, load_draws
from sim.scenario.schema import Scenario
from sim.studies.message_logs import firm_like
from tests.conftest import Call

NAMES = [f"p{number}" for number in range(12)]  # the first six lead


def lever(kind: str, **fields: object) -> Lever:
    return kinds()[kind].model_validate({"kind": kind, **fields})


def log(path: Path, *, ranks: bool = True, channels: bool = True) -> Path:
    """Twelve people for three weeks: on working days one message at 10 and one at 21 h by each, on Sundays one at 12 h.

    Evenings are mail, all else instant messages; only those who lead write in the evening.
    """
    rows = []
    for day in range(21):
        for place, name in enumerate(NAMES):
            hours = [12] if day % 7 == 6 else [] if day % 7 == 5 else [10, 21] if place < 6 else [10]
            for hour in hours:
                when = datetime(2026, 3, 2, hour, place) + timedelta(days=day)
                other, rank = NAMES[(place + 1) % 12], "manager" if place < 6 else "staff"
                rows.append((name, other, f"{when:%Y-%m-%d %H:%M:%S}", rank, "mail" if hour == 21 else "im"))
    frame = pl.DataFrame(rows, ["sender", "recipient", "time", "rank", "channel"], orient="row")
    frame.drop(["rank"] * (not ranks) + ["channel"] * (not channels)).write_csv(path)
    return path


WORK, EVENING, SUNDAY = 12 * 15, 6 * 15, 12 * 3
ALL = WORK + EVENING + SUNDAY


def shares(path: Path, *levers: Lever, how: Reading | None = None) -> dict[tuple[str, str], float]:
    rules, _ = rules_of(levers)
    sums = Touched(rules)
    observe_log(path, how or Reading(), watch=sums)
    found = sums.table().filter(pl.col("rule") == ANY_RULE, pl.col("share").is_not_null())
    return {(by, group): share for by, group, share in found.select("by", "group", "share").iter_rows()}


@pytest.mark.parametrize(
    ("kind", "fields", "touched"),
    [
        ("quiet_hours", {"mode": "hold"}, EVENING + SUNDAY),
        ("quiet_hours", {"mode": "hold", "from_hour": 20, "to_hour": 8}, EVENING),
        ("quiet_hours", {"mode": "hold", "from_hour": 20, "to_hour": 11}, EVENING + WORK),
        ("quiet_hours", {"mode": "hold", "from_hour": 20, "to_hour": 11, "days": "working"}, EVENING + WORK * 4 / 5),
        ("quiet_hours", {"mode": "block", "days": "free"}, SUNDAY),
        ("ban", {"channels": ["im"]}, WORK + SUNDAY),
        ("ban", {"channels": ["im"], "hours": "off"}, SUNDAY),
        ("absent", {"channels": ["mail", "tool"]}, EVENING),
        ("right_to_disconnect", {}, EVENING + SUNDAY),
        ("contact_prohibition", {}, EVENING + SUNDAY),
        ("contact_prohibition", {"scope": {"roles": ["manager"]}}, EVENING + SUNDAY / 2),
        ("manager_example", {}, EVENING + SUNDAY / 2),
        ("batching", {}, WORK),
        ("check_limit", {"rounds": 3}, WORK),
        ("focus_hours", {"from_hour": 9, "to_hour": 12}, WORK),
    ],
)
def test_messages_touched_are_counted_by_hour_channel_and_rank(
    tmp_path: Path, kind: str, fields: dict[str, object], touched: float
) -> None:
    found = shares(log(tmp_path / "log.csv"), lever(kind, **fields))
    assert found["all", "all"] == pytest.approx(touched / ALL)


@pytest.mark.parametrize(
    ("touch", "first", "last"),
    [
        (Touch(window=(9, 12)), ("Mon", 9), ("Mon", 12)),
        (Touch(window=(20, 8)), ("Mon", 20), ("Tue", 8)),
        (Touch(window=(20, 8), days="working"), ("Fri", 20), ("Sat", 8)),
        (Touch(window=(20, 8), days="free"), ("Sun", 20), ("Mon", 8)),
        (Touch(hours="work"), ("Mon", 9), ("Mon", 18)),
        (Touch(hours="off"), ("Mon", 18), ("Tue", 9)),
        (Touch(hours="off"), ("Fri", 18), ("Mon", 9)),
    ],
)
def test_a_rule_touches_messages_from_its_first_minute_to_its_last(
    touch: Touch, first: tuple[str, int], last: tuple[str, int]
) -> None:
    """At both ends, the minute before and that itself; contract hours are 9 to 18 h."""
    days = dict(zip(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), range(4, 11), strict=True))  # since a Thursday
    begin, end = (days[day] * 24 * 60 + 60 * clock for day, clock in (first, last))
    end += 7 * 24 * 60 * (end < begin)
    rows = pl.DataFrame({"wall": [60 * minute for minute in (begin - 1, begin, end - 1, end)]})
    assert rows.select(is_touched(touch, Scope())).to_series().to_list() == [False, True, True, False]


def test_shares_by_hour_rank_channel_and_people(tmp_path: Path) -> None:
    found = shares(log(tmp_path / "log.csv"), lever("quiet_hours", mode="hold"))
    assert found["hour", "working 21"] == found["hour", "free 12"] == 1
    assert found["hour", "working 10"] == 0
    assert found["rank", "leading"] == pytest.approx((90 + 18) / (90 + 90 + 18))
    assert found["rank", "others"] == pytest.approx(18 / (90 + 18))
    assert found["channel", "mail"] == 1
    assert found["channel", "im"] == pytest.approx(SUNDAY / (WORK + SUNDAY))
    assert found["people", "send"] == found["people", "receive"] == 1
    assert found["people", "receive_weekly"] == 1


def test_the_interval_of_a_share_leaves_out_a_group_of_people_at_a_time() -> None:
    """Six groups: 5/6 of the squares of what the share is without each, by five degrees of freedom."""
    n, marked = np.array([10, 20, 30, 10, 20, 10]), np.array([5, 4, 9, 7, 10, 2])
    without = np.array([(37 - k) / (100 - m) for k, m in zip(marked, n, strict=True)])
    half = 2.570582 * np.sqrt(5 / 6 * ((without - without.mean()) ** 2).sum())
    none = np.zeros(6)
    found = _touched_share(np.ones(6), n, marked, none, none)
    assert found == pytest.approx((100, 6, 0.37, 0.37 - half, 0.37 + half))
    assert _touched_share(np.ones(4), n[:4], marked[:4], none[:4], none[:4]) == (None,) * 5
    lost = n * UNIT
    assert [_touched_share(np.ones(6), n, part * n, lost, part * lost)[2:] for part in (0, 1)] == [
        (part, None, None) for part in (0, 1)
    ]
    few = 5 * np.eye(6)[0]  # of ten messages of the first group alone
    assert _touched_share(np.ones(6), n, few, none, none)[2:4] == (0.05, 0.0)
    assert _touched_share(np.ones(6), n, n - few, none, none)[2::2] == (0.95, 1.0)
    without[0] = (37 - 5 - 1.5) / (100 - 10 - 4)  # what others wrote to the first group is missing as well
    half = 2.570582 * np.sqrt(5 / 6 * ((without - without.mean()) ** 2).sum())
    first = np.eye(6)[0] * UNIT
    assert _touched_share(np.ones(6), n, marked, 4 * first, 1.5 * first)[3:] == pytest.approx(
        (0.37 - half, 0.37 + half)
    )


def evenings(rng: np.random.Generator, people: int = 60, days: int = 14) -> pl.DataFrame:
    """Make people of whom each has a part of evenings of their own, and answers four of five messages at once."""
    sender = rng.integers(0, people, 12 * people)
    other = (sender + rng.integers(1, people, len(sender))) % people
    late = rng.random(len(sender)) < expit(rng.normal(-1.0, 1.5, people))[sender]
    at = (
        86_400 * (4 + rng.integers(0, days, len(sender)))
        + np.where(late, 75_600, 36_000)
        + rng.integers(0, 3600, len(sender))
    )
    parts = []
    while len(sender):
        parts.append(pl.DataFrame({"sender": sender, "recipient": other, "at": at, "wall": at}))
        back = rng.random(len(sender)) < 0.8
        sender, other, at = other[back], sender[back], at[back] + rng.integers(1, 60, back.sum())
    rows = pl.concat(parts).with_columns(thread=0, channel=pl.lit("im"), lead=pl.lit(None))
    return rows.select(*ROWS).cast(ROWS).unique(["sender", "recipient", "at"], maintain_order=True)  # type: ignore[arg-type]


BARE = Scope(threads=False, by_channel=False, ranks=False)


def asked_of(rows: pl.DataFrame, rule: Lever) -> dict[str, Any]:
    """Return the row of all messages that a rule touches."""
    sums, tally, whole = Touched(rules_of([rule])[0]), Tally(BARE), with_addressed(rows)
    tally.add_senders(whole)
    tally.close_senders()
    sums.add(whole, BARE)
    sums.add_pairs(with_groups(whole, tally.people), tally.people, BARE)
    return sums.table().row(by_predicate=pl.col("by") == "all", named=True)


def test_what_a_right_to_disconnect_touches_is_what_is_sent_after_hours() -> None:
    """Both have one interval, as they are one share of one log."""
    rows = evenings(np.random.default_rng(2))
    row, sent = asked_of(rows, lever("right_to_disconnect")), measure(rows, BARE).measured()["log_after_share"]
    assert [row["share"], row["low"], row["high"]] == pytest.approx([sent.value, sent.low, sent.high])


def test_intervals_hold_the_truth_where_answers_come_at_the_hours_of_what_they_answer() -> None:
    """Of 80 logs at least 65 must hold it: fewer happen by chance once in 100,000 if intervals hold it in 95 %.

    Some 58 would if people were left out without what others write to them.
    """
    rng, quiet = np.random.default_rng(3), lever("quiet_hours", mode="hold")
    found = [asked_of(evenings(rng), quiet) for _ in range(80)]
    truth = np.mean([row["share"] for row in found])
    assert sum(row["low"] <= truth <= row["high"] for row in found) >= 65


def test_who_is_touched_weekly_and_what_the_tenth_that_is_touched_most_sends(tmp_path: Path) -> None:
    """Fifty people write on four Monday evenings, five of them on three: 60 messages, three to each of twenty people.

    From the first to the last are three weeks.
    """
    rows: list[tuple[str, str, str]] = []
    for k in range(50):
        for more in range(3 if k < 5 else 1):
            when = datetime(2026, 3, 2, 20, 0) + timedelta(weeks=(k + more) % 4)
            rows.append((f"p{k}", f"p{30 + (len(rows) + 1) % 20}", f"{when:%Y-%m-%d %H:%M:%S}"))
    path = tmp_path / "log.csv"
    pl.DataFrame(rows, ["sender", "recipient", "time"], orient="row").write_csv(path)
    found = shares(path, lever("quiet_hours", mode="hold"))
    assert found["people", "by_top_tenth"] == 15 / 60
    assert found["people", "receive_weekly"] == found["people", "receive"] == 20 / 50


@pytest.mark.parametrize(("many", "share"), [(0, 0.0), (4, None), (5, 5 / 12), (7, 7 / 12), (8, None), (12, 1.0)])
def test_a_share_of_people_is_hidden_where_few_are_touched_or_few_are_not(many: int, share: float | None) -> None:
    sums, who = Touched([]), pl.int_range(12, eager=True)
    sums._bounds = [0, 7 * 86_400]
    sums._received = [pl.DataFrame({"recipient": who, "n": 1}).head(many)]
    whole = pl.DataFrame({"sender": who, "n": 1, "touched": (who < many).cast(pl.Int64)})
    assert {row[2]: row[5] for row in sums._people_touched(whole)} == dict.fromkeys(
        ("send", "receive", "receive_weekly"), share
    )


def test_levers_together_count_a_message_once_and_strength_zero_touches_nothing(tmp_path: Path) -> None:
    path = log(tmp_path / "log.csv")
    both = shares(path, lever("quiet_hours", mode="hold"), lever("ban", channels=["im"]))
    assert both["all", "all"] == 1
    assert rules_of([lever("ban", channels=["im"], strength=0), lever("overtime_pay")]) == ([], ["ban", "overtime_pay"])


def test_a_rule_that_is_alone_has_no_rows_beside_those_of_all_rules(tmp_path: Path) -> None:
    path = log(tmp_path / "log.csv")
    for levers, names in (
        ([lever("quiet_hours", mode="hold")], {ANY_RULE}),
        ([lever("quiet_hours", mode="hold"), lever("ban", channels=["im"])], {ANY_RULE, "quiet_hours", "ban"}),
    ):
        sums = Touched(rules_of(levers)[0])
        observe_log(path, Reading(), watch=sums)
        assert set(sums.table()["rule"]) == names


def test_what_the_log_does_not_hold_is_the_most_it_can_be(tmp_path: Path) -> None:
    path = log(tmp_path / "log.csv", ranks=False, channels=False)
    ban, example = lever("ban", channels=["im"]), lever("manager_example")
    assert shares(path, ban)["all", "all"] == 1
    assert shares(path, ban, how=Reading(channels=("mail",)))["all", "all"] == 0
    assert shares(path, example)["all", "all"] == pytest.approx((EVENING + SUNDAY) / ALL)
    bare = Scope(by_channel=False, ranks=False)
    rules, _ = rules_of([ban, example, lever("contact_prohibition", scope={"roles": ["clerical"]})])
    assert not_in_log(rules, bare) == ["channels", "ranks", "roles"]
    assert not_in_log(rules, bare._replace(channels=("im",), ranks=True)) == ["roles"]


@pytest.mark.parametrize(
    ("first", "then", "so"),
    [
        ({}, {}, False),
        ({"scope": {"industries": ["finance"]}}, {"scope": {"industries": ["internet"]}}, True),
        ({"scope": {"roles": ["manager"]}}, {"scope": {"roles": ["clerical"]}}, False),
        ({"end": date(2026, 7, 6)}, {"start": date(2026, 7, 6)}, True),
        ({"end": date(2026, 7, 7)}, {"start": date(2026, 7, 6)}, False),
    ],
)
def test_rules_that_never_hold_in_one_firm_are_known(first: dict[str, Any], then: dict[str, Any], so: bool) -> None:
    """Two that touch the same messages are as good as one."""
    quiet = lever("quiet_hours", mode="hold", phase="a", **first)
    for phase in ("a", "b"):
        assert never_together(rules_of([quiet, lever("ban", channels=["im"], phase=phase, **then)])[0]) == so
    assert not never_together(rules_of([quiet, lever("quiet_hours", mode="hold", phase="b", **then)])[0])


def test_what_few_people_wrote_cannot_be_found_as_the_rest_of_a_whole(tmp_path: Path) -> None:
    """Three lead and nine do not: the rank of the nine is hidden too, or the three would be the difference."""
    path = log(tmp_path / "log.csv")
    frame = pl.read_csv(path).with_columns(
        rank=pl.when(pl.col("sender").is_in(["p0", "p1", "p2"])).then(pl.lit("manager")).otherwise(pl.lit("staff"))
    )
    frame.write_csv(path)
    found = shares(path, lever("quiet_hours", mode="hold"))
    assert not [group for by, group in found if by == "rank"]
    assert found["all", "all"] > 0


@pytest.mark.parametrize(("tool", "shown"), [(["p2", "p3"], []), (["p2", "p3", "p4"], ["im"])])
def test_groups_of_few_people_together_are_no_rest(tmp_path: Path, tool: list[str], shown: list[str]) -> None:
    """All messages less those shown would be those of the four who write by mail or tool; five may be known."""
    path = log(tmp_path / "log.csv", ranks=False)
    name = pl.col("sender")
    channel = pl.when(name.is_in(["p0", "p1"])).then(pl.lit("mail")).when(name.is_in(tool)).then(pl.lit("tool"))
    pl.read_csv(path).with_columns(channel=channel.otherwise(pl.lit("im"))).write_csv(path)
    found = shares(path, lever("quiet_hours", mode="hold"))
    assert [group for by, group in found if by == "channel"] == shown


def test_intervals_of_people_who_write_at_the_same_times_are_the_same_at_each_reading(tmp_path: Path) -> None:
    """They differ by their channels alone, and their names are random."""
    rng = np.random.default_rng(1)
    rows = [
        (
            f"p{k}",
            f"p{(k + 1) % 24}",
            f"2026-03-{day:02} {hour}:00:00",
            "im" if rng.random() < 0.2 + k % 2 / 2 else "mail",
        )
        for day in range(2, 22)
        for k in range(24)
        for hour in (10, 20)
    ]
    path = tmp_path / "log.csv"
    pl.DataFrame(rows, ["sender", "recipient", "time", "channel"], orient="row").write_csv(path)
    rules, _ = rules_of([lever("right_to_disconnect")])
    tables = []
    for _ in range(3):
        sums = Touched(rules)
        observe_log(path, Reading(), watch=sums)
        tables.append(sums.table())
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


def test_the_command_answers_in_sentences_and_keeps_a_folder(call: Call, tmp_path: Path) -> None:
    done = call("ask", log(tmp_path / "My log.csv", ranks=False), "quiet_hours", "--no-figures", "--no-effect")
    assert done.code == 0, done.err
    said = " ".join(done.out.split())
    assert f"“Quiet hours from 20 to 8” would touch 29.4 % (1.6 % to 57.2 %) of {ALL} messages, which 12 people" in said
    assert "By rank: not known, the log does not say who leads." in said
    assert "Left out" not in said
    assert "for other firms or other dates" not in said
    ranked = call(
        "ask", log(tmp_path / "ranked.csv"), "quiet_hours", "--no-figures", "--no-effect", "--leaders", "boss"
    )
    assert "fewer than 5 of these people lead; --leaders says" in " ".join(ranked.out.split())
    several = call("ask", tmp_path / "My log.csv", "rollout_ban", "--no-figures", "--no-effect")
    assert "for other firms or other dates" in " ".join(several.out.split())
    path = tmp_path / "My log.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write(path.read_text("utf-8").splitlines()[1] + "\nann,bob,noon,im\n")
    again = " ".join(call("ask", path, "quiet_hours", "--no-figures", "--no-effect").out.split())
    assert "Left out: 1 with unreadable time. Ignored 1 duplicate." in again
    results = read(tmp_path / "results" / "ask_my_log_quiet_hours")
    assert results.manifest["kind"] == "touched"
    assert results.manifest["log"]["people"] == 12
    assert not any("p1" in str(value) for value in results.tables["touched"]["group"])
    done = call("ask", tmp_path / "My log.csv", "overtime_pay")
    assert (done.code, "no rule on messages" in done.err) == (2, True)
    for wish in ("people", "years", "replicates", "seed"):
        done = call("ask", path, "quiet_hours", "--no-effect", f"--{wish}", "2")
        assert (done.code, f"--{wish}: is only for --effect" in done.err) == (2, True)


@dataclass(frozen=True)
class Made:
    """Stands for simulations: figures of a log that follow from three parameters, with chance between firms."""

    lent: str = "point"

    def __call__(self, parameters: Mapping[str, float], seed: int, /) -> dict[str, float]:
        chance = np.random.default_rng(seed).normal(0, 0.01, 3)
        return {
            "log_after_share": 0.05 + 0.4 * parameters.get("initiative_manager", 0.5) + chance[0],
            "log_sent": parameters.get("staff_messages", 10.0) * (1 + chance[1]),
            "log_weekend_share": 0.03 + chance[2] / 10,
            "log_reply_share": 0.5 * parameters.get("reply_question", 0.5) + chance[2],
        }


def aims(**values: float) -> TargetSet:
    """Targets that a log with these figures would give."""
    found = [
        Target(observable=name, value=value, error=0.02 * value, role="calibrated", confidence="measured")
        for name, value in values.items()
    ]
    return TargetSet(name="made", title="Made", log=Log(**Scope()._asdict()), target=tuple(found))


def test_what_a_log_informs_is_fitted_and_the_rest_is_lent(tmp_path: Path) -> None:
    """The two parameters behind the figures are found; two others that could tell of evenings stay open."""
    plan = Plan(first=32, later=(), stretch=(), noise=4, predictive=32, draws=100)
    found = fit_organisation(aims(log_after_share=0.25, log_sent=10.0), Made(), tmp_path, Evaluator(), 1, plan)
    taken = {row["parameter"]: row for row in found.taken.to_dicts()}
    assert {name for name, row in taken.items() if row["source"] == "log"} == {"initiative_manager", "staff_messages"}
    assert {name for name, row in taken.items() if row["source"] == "prior"} >= {"initiative_staff", "stay_share"}
    assert taken["initiative_manager"]["low"] < 0.5 < taken["initiative_manager"]["high"]
    assert taken["staff_messages"]["low"] < 10 < taken["staff_messages"]["high"]
    assert taken["staff_messages"]["high"] - taken["staff_messages"]["low"] < 3
    assert set(found.agreement["quantity"]) == {"log_after_share", "log_sent"}
    assert all(row["low"] < row["log"] < row["high"] for row in found.agreement.to_dicts())


def test_a_log_says_a_parameter_of_which_it_removes_half_of_what_was_unknown() -> None:
    """Even draws have a variance of 1/12, and two values 0.2041 from the middle half of that, nearly.

    Of 0 to 20 nine tenths lie between 1 and 19.
    """
    priors = Priors(load_priors().fitted[:3], ())
    unit = 0.5 + np.outer(np.tile([-1.0, 1.0], 10), (0.2041, 0.2042, 0.4))
    fit: Any = SimpleNamespace(sample=SimpleNamespace(unit=unit))
    draws = Draws("x", tuple(dict.fromkeys((*priors.names, "evade"), float(k)) for k in range(21)))
    rows = {row["parameter"]: row for row in organisation._parameter_sources(priors, fit, draws).to_dicts()}
    assert [rows[name]["source"] for name in (*priors.names, "evade")] == ["log", "prior", "prior", "posterior"]
    assert [rows[name]["removed"] for name in (*priors.names, "evade")] == pytest.approx([0.5, 0.5, 0, 0], abs=0.001)
    assert [rows["evade"][name] for name in ("low", "median", "high")] == pytest.approx([1.0, 10.0, 19.0])


def test_simulations_with_other_draws_of_the_same_file_are_not_taken_over(tmp_path: Path) -> None:
    plan = Plan(first=8, later=(), stretch=(), noise=4, predictive=8, draws=20)
    for value in (2.0, 30.0):
        pl.DataFrame({"reaction_minutes": [value]}).write_parquet(tmp_path / "lent.parquet")
        lent = Made(str(tmp_path / "lent.parquet"))
        fit_organisation(aims(log_reply_share=0.3), lent, tmp_path, Evaluator(), 1, plan)
    assert len(list(tmp_path.glob("prior-*"))) == 2


def test_what_is_measured_on_answers_frees_how_many_questions_are_answered(tmp_path: Path) -> None:
    plan = Plan(first=8, later=(), stretch=(), noise=4, predictive=8, draws=20)
    found = fit_organisation(aims(log_reply_share=0.3), Made(), tmp_path, Evaluator(), 1, plan)
    assert found.taken["parameter"].to_list() == ["reply_question"]


def test_draws_of_the_posterior_that_is_lent_stay_whole(tmp_path: Path) -> None:
    """Each replicate has a row of it, but for what the log informs; a log of weekends alone informs nothing."""
    plan = Plan(first=32, later=(), stretch=(), noise=4, predictive=8, draws=50)
    found = fit_organisation(aims(log_sent=10.0), Made("surveyed"), tmp_path, Evaluator(), 1, plan)
    lent = load_draws("surveyed")
    assert lent is not None
    assert found.draws.name == "made_over_surveyed"
    for mine, theirs in zip(found.draws.rows[:40], lent.rows[:40], strict=True):
        assert {name for name in mine if mine[name] != theirs.get(name)} == {"staff_messages"}
    with pytest.raises(InputError, match="the log informs no parameter"):
        fit_organisation(aims(log_weekend_share=0.03), Made(), tmp_path, Evaluator(), 1, plan)


def test_the_firm_has_the_size_and_the_hours_of_the_log() -> None:
    made = firm_like(load("quiet_hours"), 130, Scope(opening=8.5, closing=17.0), None)
    assert (made.run.people, made.run.replicates) == (130, 24)
    assert (made.population.firm_size_min, made.population.firm_size_max) == (130, 130)
    hours = {(each.opening_clock, each.day_hours) for each in made.population.hours.values()}
    assert hours == {(8.0, 8.5)}  # the earliest firm opens at 8:30 where 9-18 are usual
    model = Workplace(firm_like(load("quiet_hours"), 40, Scope(), 1), parameters="point")
    assert (model.firms().height, model.people().height) == (1, 40)
    assert firm_like(load("quiet_hours"), 3, Scope(), None).run.people == 20
    with pytest.raises(InputError, match=r"--hours 9-21: contract hours of the model begin at 5\.5 to 10\.5 and"):
        firm_like(load("quiet_hours"), 50, Scope(opening=9.0, closing=21.0), None)
    assert firm_like(load("quiet_hours"), 5000, Scope(), 4).run.replicates == 4
    large = firm_like(load("quiet_hours"), 5000, Scope(), None).run
    assert (large.people, large.replicates) == (300, 12)


def test_an_industry_keeps_its_break_at_the_hours_of_the_log() -> None:
    """It went with the industry's hours, to that of the table."""
    data = load("quiet_hours").model_dump()
    data["population"]["hours"] = {"education": {"opening_clock": 7.5, "break_minutes": 90}}
    made = firm_like(Scenario.model_validate(data), 50, Scope(opening=8.5, closing=17.0), None)
    found = {name: each.break_minutes for name, each in made.population.hours.items()}
    assert found.pop("education") == 90
    assert set(found.values()) == {None}
    assert {each.opening_clock for each in made.population.hours.values()} == {8.0}


def test_what_is_touched_is_printed_and_saved_before_the_effect_is_simulated(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second answer keeps the folder of the first, which may hold an effect."""
    path, folder, saved = log(tmp_path / "log.csv"), tmp_path / "results" / "ask_log_quiet_hours", []
    monkeypatch.setattr(
        "sim.studies.message_logs.publish_answer", lambda *_: saved.append(read(folder).manifest["written"])
    )
    for _ in range(2):
        done = call("ask", path, "quiet_hours", "--threads", "1")
        assert done.code == 0, done.err
        assert "would touch" in " ".join(done.out.split())
        assert "Next the effect is simulated" in done.err
    assert saved[0] == saved[1]
