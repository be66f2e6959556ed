"""Targets: the files say what the report says, no claim is missing, and scores are what hand arithmetic gives."""

import io
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rich.console import Console
from scipy.special import stdtrit

from sim.comparing.basis import basis_of
from sim.comparing.effects import contrasts, replicates_of, sums_of
from sim.core.columns import CHANNELS
from sim.core.errors import InputError, ResultsError
from sim.core.parameters import TABLE
from sim.core.units import YEAR_WEEKS
from sim.evidence import observed
from sim.evidence.agreement import scorecard
from sim.evidence.observables import BETWEEN_PEOPLE, INPUTS, OBSERVABLES, BetweenPeople, correlation
from sim.evidence.observed import Observed, observe
from sim.evidence.quantities import gini
from sim.evidence.targets import SETS, Target, TargetSet, check_targets, load_targets, own_targets
from sim.evidence.tensions import load_claims, tensions
from sim.figures.words import speaking, translate
from sim.files.shipped import CALIBRATION
from sim.outcomes import BY_NAME
from sim.report.numbers import measured, size
from sim.report.targets import print_scorecard, print_tensions
from sim.stats.variance import with_interval, world_ratio
from tests.synthetic import Rules, economy, firms, people, table

# What the two readings must hold, observable by observable: (set, observable, claims, value, role).
MUST = [
    ("report", "after_hours_share", {"C11", "C17"}, 0.83, "calibrated"),
    ("report", "hidden_overtime_year", {"C13"}, 320, "calibrated"),
    ("report", "long_week_share", {"C27"}, 0.78, "calibrated"),
    ("report", "share_burnt_out", {"C28"}, 0.45, "cutoff"),
    ("report", "share_exhausted", {"C33"}, 0.35, "cutoff"),
    ("report", "share_exhausted_service", {"C34"}, 0.42, "calibrated"),
    ("report", "share_anxious", {"C31"}, 0.41, "cutoff"),
    ("report", "switch_interval", {"C51"}, 3.2, "calibrated"),
    ("report", "message_minutes", {"C65"}, 120, "calibrated"),
    ("report", "coordination_share", {"C64"}, 0.30, "calibrated"),
    ("report", "belief_share", {"C18"}, 0.56, "input"),
    ("report", "pays_share", {"C15"}, 0.12, "input"),
    ("report", "hidden_overtime_without_expectation", {"C12"}, -0.60, "checked"),
    ("report", "recorded_overtime_with_tool", {"C66"}, -0.40, "checked"),
    ("report", "anxious_risk_ratio", {"C20"}, 1.67, "checked"),
    ("report", "sleep_of_heavy_users", {"C21"}, -0.42, "checked"),
    ("report", "output_under_interruption", {"C52"}, -0.40, "checked"),
    ("audited", "after_hours_share", {"C11", "C17"}, 0.83, "calibrated"),
    ("audited", "total_overtime_year", {"C13"}, 320, "calibrated"),
    ("audited", "overtime_none", set(), 0.084, "calibrated"),
    ("audited", "overtime_below_1h", set(), 0.357, "calibrated"),
    ("audited", "overtime_1_to_2h", set(), 0.351, "calibrated"),
    ("audited", "overtime_2_to_3h", set(), 0.136, "calibrated"),
    ("audited", "overtime_above_3h", set(), 0.072, "calibrated"),
    ("audited", "weekly_hours", set(), 48.85, "calibrated"),
    ("audited", "long_week_share", {"C27"}, 0.78, "not_used"),
    ("audited", "share_burnt_out", {"C28"}, 0.45, "cutoff"),
    ("audited", "exhausted_ratio_service", {"C33", "C34"}, 1.2, "checked"),
    ("audited", "share_anxious", {"C31"}, 0.41, "cutoff"),
    ("audited", "switch_interval", {"C51"}, 3.2, "calibrated"),
    ("audited", "message_minutes", {"C65"}, 120, "calibrated"),
    ("audited", "coordination_share", {"C64"}, 0.30, "calibrated"),
]


@pytest.mark.parametrize(("name", "observable", "claims", "value", "role"), MUST)
def test_the_sets_hold_what_the_report_says(
    name: str, observable: str, claims: set[str], value: float, role: str
) -> None:
    found = [target for target in load_targets(name).target if target.observable == observable]
    assert [(set(target.claims), target.value, target.role) for target in found] == [(claims, value, role)]


def test_every_claim_is_accounted_for() -> None:
    claims = load_claims().claim
    assert [claim.id for claim in claims] == [f"C{number:02d}" for number in range(1, 83)]
    for claim in claims:
        for name in SETS:
            role = getattr(claim, name)
            assert role == "calibrated" or claim.reason or role == "checked", claim.id
            if role in ("not_used", "input", "accounting"):
                assert claim.reason, f"{claim.id} is {role} without a reason"


@pytest.mark.parametrize("name", SETS)
def test_claims_and_targets_agree(name: str) -> None:
    """A claim has the role that its targets have, and a claim without a target says where it went."""
    claims = {claim.id: claim for claim in load_claims().claim}
    roles: dict[str, set[str]] = {}
    for target in load_targets(name).target:
        for claim in target.claims:
            roles.setdefault(claim, set()).add(target.role)
            stated = claims[claim].value
            single = len(target.claims) == 1 and target.value is not None and stated is not None
            # a risk of 1.67 is 67 % more; hours a day become a share of weeks
            if name == "report" and single and claim not in {"C20", "C76"}:
                assert abs(target.value) == pytest.approx(abs(stated)), claim
    for claim, found in roles.items():
        role = getattr(claims[claim], name)
        assert role in found, f"{claim} is {role} in claims.toml and {found} in {name}.toml"
        assert found <= {role, "checked"}
    for claim in claims.values():
        role = getattr(claim, name)
        if role in ("calibrated", "cutoff"):
            assert claim.id in roles, f"{claim.id} is {role}, and no target of {name}.toml names it"
        if role == "checked" and claim.id not in roles:
            assert "no row" in claim.reason, claim.id


@pytest.mark.parametrize("name", SETS)
def test_bands_hold_the_values_and_notes_explain_what_is_left_out(name: str) -> None:
    for target in load_targets(name).target:
        if target.value is not None and target.role != "not_used":
            assert (target.low or -np.inf) <= target.value <= (target.high or np.inf), target.observable
        if target.role == "not_used":
            assert target.note
        assert target.section or target.source != "report"


def test_inputs_are_parameters_of_the_model() -> None:
    parameters = {row.name: row.value for row in TABLE}
    for target in load_targets("report").target:
        if target.role == "input":
            assert parameters[target.observable] == target.value
    assert set(INPUTS) <= set(parameters)


# --- observables by hand ----------------------------------------------------------------------------------------------


def small() -> dict[str, pl.DataFrame]:
    """Two firms, two people each, one week of status quo, and one of a world without messaging."""
    rows = [
        {"firm": 0, "person": 0, "hidden_overtime_minutes": 60.0, "recorded_overtime_minutes": 900.0, "burnt_out": True,
         "exhausted": True, "obligated_minutes": 30.0, "chosen_minutes": 10.0, "after_minutes_im": 60.0,
         "latent_overtime_minutes": 60.0, "office_task_minutes": 2400.0, "home_message_minutes": 60.0,
         "anxious": True, "sleep_minutes": 2520, "after_requests": 5, "conflict": 0.4},
        {"firm": 0, "person": 1, "recorded_overtime_minutes": 10.0, "office_task_minutes": 1200.0,
         "office_message_minutes": 600.0, "sleep_minutes": 2940, "after_requests": 4, "conflict": 0.1},
        {"firm": 1, "person": 0, "hidden_overtime_minutes": 30.0, "latent_overtime_minutes": 400.0, "exhausted": True,
         "obligated_minutes": 20.0, "after_minutes_im": 30.0, "office_task_minutes": 2400.0, "sleep_minutes": 2660},
        {"firm": 1, "person": 1, "workdays": 0, "recorded_overtime_minutes": 0.0, "sleep_minutes": 3150},
    ]  # fmt: skip
    without = [row | {"recorded_overtime_minutes": 2 * row.get("recorded_overtime_minutes", 0.0)} for row in rows]
    after = [f"after_minutes_{name}" for name in CHANNELS]
    weeks = pl.concat([
        pl.concat([pl.DataFrame([{name: row.get(name, 0.0) for name in after} for row in part]),
                   table([{k: v for k, v in row.items() if k not in after} for row in part], world).drop(
                       name.replace("minutes", "seconds") for name in after)], how="horizontal")
        for part, world in ((rows, "status_quo"), (without, "no_instant_messaging"))
    ])  # fmt: skip
    heads = [
        {"firm": f, "person": p, "role": "sales_service" if p == 0 else "engineer"} for f in (0, 1) for p in (0, 1)
    ]
    places = [{"firm": 0, "industry": "internet"}, {"firm": 1, "industry": "finance"}]
    return {"person_week": weeks, "people": people(heads), "firms": firms(places)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("after_hours_share", 2 / 3),  # of three at work
        ("hidden_overtime_year", YEAR_WEEKS * 1.5 / 4),
        ("total_overtime_year", YEAR_WEEKS * (960 + 10 + 400) / 60 / 4),
        ("long_week_share", 1 / 3),
        ("weekly_hours", (2460 + 1800 + 2400) / 60 / 3),
        ("share_burnt_out", 0.25),
        ("share_exhausted", 0.5),
        ("share_exhausted_service", 1.0),
        ("exhausted_ratio_service", 2.0),
        ("obligated_share", 50 / 60),
        ("message_minutes", 660 / 15),
        ("overtime_none", 1 / 3),  # 2 minutes a day
        ("overtime_below_1h", 0.0),
        ("overtime_1_to_2h", 1 / 3),  # 80 minutes a day
        ("overtime_2_to_3h", 0.0),
        ("overtime_above_3h", 1 / 3),  # 192 minutes a day
        ("daily_orders_share", 1 / 3),
        ("recorded_overtime_with_tool", -0.5),
        # thirds of four people by after-hours minutes: two of none in the lowest, 30 in the middle, 60 in the highest
        ("sleep_of_heavy_users", 2520 / ((2940 + 3150) / 2) - 1),
        ("conflict_of_heavy_users", 0.4 - 0.05),
        ("engineers_sleep", (2940 + 3150) / 14 / 60),
        ("anxious_gap_internet", 0.5),
    ],
)
def test_observable_by_hand(name: str, expected: float) -> None:
    assert observe(small(), [name])[name].value == pytest.approx(expected, rel=1e-5)


def test_the_classes_of_overtime_share_out_everybody() -> None:
    """By minutes a day at both sides of each bound: 5 minutes, and 1, 2 and 3 hours."""
    minutes = [4.0, 5.0, 59.0, 60.0, 119.0, 120.0, 179.0, 180.0]
    rows = [{"person": n, "recorded_overtime_minutes": 5 * each} for n, each in enumerate(minutes)]
    heads = people([{"person": n} for n in range(len(rows))])
    tables = {"person_week": table(rows, "status_quo"), "people": heads, "firms": firms([{}])}
    names = [name for name in OBSERVABLES if name.startswith("overtime_")]
    found = observe(tables, names)
    assert {name: found[name].value * len(rows) for name in names} == pytest.approx(
        {
            "overtime_none": 1,
            "overtime_below_1h": 2,
            "overtime_1_to_2h": 2,
            "overtime_2_to_3h": 2,
            "overtime_above_3h": 1,
        }
    )


def test_thirds_are_thirds_and_heavy_users_are_heavy() -> None:
    """Anxiety is set by who uses messages most: everybody in the highest third, nobody in the lowest."""
    tables = economy(2, worlds=("status_quo",))
    use = sum(pl.col(f"after_seconds_{name}").cast(pl.Float64) for name in CHANNELS)
    person = ("replicate", "firm", "person")
    weeks = tables["person_week"].filter(pl.col("week") >= 0)
    rank = weeks.group_by(person).agg(use.sum().alias("use")).sort("use").with_row_index("place")
    above = rank.with_columns(anxious=pl.col("place") >= rank.height // 2).select(*person, "anxious")
    changed = weeks.drop("anxious").join(above, on=person)
    found = observe(tables | {"person_week": changed}, ["anxious_risk_ratio", "share_anxious"])
    assert np.isnan(found["anxious_risk_ratio"].value)  # nobody in the lowest third: no ratio
    assert found["share_anxious"].value == pytest.approx(0.5, abs=0.01)


ALIKE = {"hidden_overtime_without_expectation", "recorded_overtime_with_tool"}  # effects of worlds made alike


def test_every_observable_can_be_computed_and_has_an_interval() -> None:
    worlds = ("status_quo", "no_instant_messaging", "no_expectation")
    found = observe(economy(3, worlds=worlds), list(OBSERVABLES))
    for name, each in found.items():
        assert np.isfinite(each.value), name
        assert (each.half > 0) == (name not in ALIKE), name
        assert each.missing == ""


def test_intervals_of_observables_are_those_of_outcomes() -> None:
    """An observable that is an outcome has the outcome's value and interval, from another path through the code."""
    tables = economy(5, worlds=("status_quo",))
    shown = contrasts(tables, Rules("status_quo"), None, uncertain=False)
    for name in ("coordination_share", "message_minutes", "share_burnt_out"):
        row = shown.filter((pl.col("group") == "all") & (pl.col("outcome") == name)).row(0, named=True)
        found = observe(tables, [name])[name]
        assert (found.value, found.half) == (pytest.approx(row["value"]), pytest.approx(row["high"] - row["value"]))


def two_sets_of_parameters() -> tuple[dict[str, pl.DataFrame], list[dict[str, pl.DataFrame]]]:
    """Two replicates of which the second has far more messages and sleep, and each by itself."""
    tables = economy(4, worlds=("status_quo",), replicates=2)
    more = pl.col("replicate") == 1
    many = [f"after_seconds_{name}" for name in CHANNELS] + ["hidden_overtime_minutes", "sleep_minutes"]
    shifted = [pl.when(more).then(pl.col(name) * 3).otherwise(pl.col(name)).alias(name) for name in many]
    shifted.append(pl.col("expectation") / 2 + more / 2)
    tables["person_week"] = tables["person_week"].with_columns(shifted)
    return tables, [{key: each.filter(replicate=number) for key, each in tables.items()} for number in range(2)]


@pytest.mark.parametrize("name", BETWEEN_PEOPLE)
def test_differences_between_people_are_not_those_between_draws_of_parameters(name: str) -> None:
    tables, parts = two_sets_of_parameters()
    alone = [observe(part, [name])[name].value for part in parts]
    assert observe(tables, [name])[name].value == pytest.approx(np.mean(alone))


def test_heavy_users_are_heavy_among_people_of_the_same_parameters() -> None:
    """Were thirds of all, the heavy users would be those of the second replicate, who sleep three times as long."""
    tables, parts = two_sets_of_parameters()
    alone = [observe(part, ["sleep_of_heavy_users"])["sleep_of_heavy_users"].value for part in parts]
    assert min(alone) <= observe(tables, ["sleep_of_heavy_users"])["sleep_of_heavy_users"].value <= max(alone)
    assert max(map(abs, alone)) < 0.2


def test_intervals_cover_parameters_where_replicates_draw_them() -> None:
    """As those of levels do; where all replicates have the same parameters, firms alone are counted."""
    tables, _ = two_sets_of_parameters()
    names = ["hidden_overtime_year", "sleep_of_heavy_users", "anxious_gap_internet", *BETWEEN_PEOPLE]
    drawn, fixed = (observe(tables, names, uncertain=uncertain) for uncertain in (True, False))
    basis = basis_of(tables, Rules("status_quo"), None)
    sums = sums_of(tables, ["status_quo"], [BY_NAME["hidden_overtime"]], basis)
    half = with_interval(world_ratio, sums, replicates_of(basis.firms))["half"][0]
    assert drawn["hidden_overtime_year"].half == pytest.approx(YEAR_WEEKS * half, rel=1e-5)
    for name in names:
        assert drawn[name].value == fixed[name].value
        assert drawn[name].half > fixed[name].half > 0, name


@pytest.mark.filterwarnings("error")
def test_what_nobody_shows_has_no_interval_and_makes_no_noise() -> None:
    tables = economy(4, worlds=("status_quo",), replicates=3)
    tables["person_week"] = tables["person_week"].with_columns(anxious=pl.lit(value=False))
    seen = observe(tables, ["anxious_risk_ratio", "share_anxious"], uncertain=True)
    assert np.isnan(seen["anxious_risk_ratio"].value)
    assert (seen["share_anxious"].value, seen["share_anxious"].half) == (0.0, 0.0)


def test_chance_between_people_is_what_other_economies_differ_by() -> None:
    """Of one economy, the jackknife over firms expects the spread that figures of thirty economies have."""
    seen = [observe(economy(seed, worlds=("status_quo",), replicates=1), list(BETWEEN_PEOPLE)) for seed in range(30)]
    for name in BETWEEN_PEOPLE:
        expected = np.sqrt(np.mean([(each[name].half / stdtrit(8, 0.975)) ** 2 for each in seen]))
        assert np.std([each[name].value for each in seen]) == pytest.approx(expected, rel=0.35), name


def test_a_quotient_that_is_the_same_in_all_replicates_is_certain() -> None:
    """Three times as much, whatever the level, which draws of parameters move."""
    below = np.random.default_rng(2).integers(1, 90, (2, 12, 1))
    weights = np.full_like(below, 50)
    below[0] = below[1]
    above = below * np.array([3, 1])[:, None, None]
    for how, value in (("ratio", 3.0), ("relative", 2.0)):
        found = observed._with_interval((above, weights), how, np.repeat(np.arange(4), 3))
        assert (found.value, found.half) == (pytest.approx(value), pytest.approx(0.0, abs=1e-9))


def test_a_quotient_by_a_quarter_is_four_times_as_uncertain() -> None:
    """By what is a quarter in every firm, so that all doubt is in what is divided."""
    above = np.random.default_rng(2).integers(1, 90, (2, 12, 1))
    below, replicates = np.full_like(above, 40), np.repeat(np.arange(4), 3)
    above[1] = 10
    alone = observed._with_interval((above[:1], below[:1]), "", replicates)
    quotient = observed._with_interval((above, below), "ratio", replicates)
    assert (quotient.value, quotient.half) == pytest.approx((4 * alone.value, 4 * alone.half))


def test_chance_in_a_mean_over_economies_falls_with_their_number() -> None:
    """Four times the same economy: half of the error, and four times the degrees of freedom, 8 of nine firms each."""
    one = economy(3, worlds=("status_quo",), replicates=1, firm_count=9, median_size=5.0)
    more = {
        name: pl.concat(each.with_columns(pl.lit(number, pl.Int16).alias("replicate")) for number in range(4))
        for name, each in one.items()
    }
    alone, four = (observe(tables, ["spread_of_overtime"])["spread_of_overtime"] for tables in (one, more))
    sizes = one["firms"]["size"].to_numpy()
    freedom = sizes.sum() ** 2 / (sizes**2).sum() - 1
    assert four.value == pytest.approx(alone.value)
    assert four.half / alone.half == pytest.approx(stdtrit(4 * freedom, 0.975) / stdtrit(freedom, 0.975) / 2)


def test_a_world_that_is_not_there_is_refused() -> None:
    with pytest.raises(ResultsError, match="lack the world 'status_quo'"):
        observe(economy(3), ["share_anxious"])


@pytest.mark.filterwarnings("error")
def test_a_single_firm_has_figures_between_people_and_no_interval() -> None:
    alone = economy(2, worlds=("status_quo",), replicates=1, firm_count=1)
    for seen in observe(alone, list(BETWEEN_PEOPLE)).values():
        assert np.isnan(seen.half)


# --- scores -----------------------------------------------------------------------------------------------------------


def scored(**said: object) -> dict[str, object]:
    """Score one target on the small tables, where the share of the exhausted is one half."""
    target = Target.model_validate({"observable": "share_exhausted", "role": "checked", "confidence": "M"} | said)
    frame = scorecard(small(), TargetSet(name="x", title="x", target=(target,)))
    return frame.row(0, named=True)


@pytest.mark.parametrize(
    ("band", "within"),
    [
        ({"low": 0.4, "high": 0.6}, True),
        ({"low": 0.5, "high": 0.6}, True),
        ({"low": 0.4, "high": 0.5}, True),
        ({"low": 0.51, "high": 0.6}, False),
        ({"low": 0.3, "high": 0.49}, False),
        ({"low": 0.4}, True),
        ({"high": 0.4}, False),
        ({}, None),
    ],
)
def test_a_score_is_a_band(band: dict[str, float], within: bool | None) -> None:
    row = scored(value=0.45, **band)
    assert row["observed"] == pytest.approx(0.5)
    assert row["reported"] == 0.45
    assert row["within"] is within
    assert row["tolerance"] == (pytest.approx((band["high"] - band["low"]) / 2) if len(band) == 2 else None)


def test_a_sign_is_not_agreed_with_by_nothing() -> None:
    """Nobody differs in enrichment, so neither "more than zero" nor "less than zero" is fulfilled."""
    for end in ("low", "high"):
        row = scored(observable="enrichment_of_heavy_users", **{end: 0.0})
        assert (row["observed"], row["within"]) == (0.0, False)


def test_cut_offs_and_what_is_not_used_claim_no_agreement() -> None:
    cutoff = scored(role="cutoff", value=0.5, low=0.4, high=0.6, note="why")
    assert cutoff["within"] is None
    assert cutoff["note"] == "sets the cut-off: no agreement claimed; why"
    unused = scored(role="not_used", value=0.5, low=0.4, high=0.6)
    assert (unused["within"], unused["note"]) == (None, "for comparison only")


def test_inputs_are_not_observed_and_missing_worlds_are_named() -> None:
    given = scored(observable="belief_share", role="input", value=0.56)
    assert (given["observed"], given["within"]) == (None, None)
    assert "not a result" in str(given["note"])
    absent = scored(observable="hidden_overtime_without_expectation", value=-0.6, high=-0.6)
    assert (absent["observed"], absent["within"]) == (None, None)
    assert "needs the world 'no_expectation'" in str(absent["note"])


def test_the_printed_card_counts_only_what_is_scored() -> None:
    tables = economy(3, worlds=("status_quo",))
    frame = scorecard(tables, load_targets("report"))
    page = io.StringIO()
    console = Console(file=page, width=200)
    print_scorecard(console, frame, "The report at its word")
    print_tensions(console, tensions())
    text = page.getvalue()
    count = frame.filter((pl.col("role") == "calibrated") & pl.col("within")).height
    assert f"{count} of 7 calibrated targets" in text
    assert "sets the cut-off: no agreement claimed" in text
    assert "no_expectation" in text
    assert "Contradictions that no parameter resolves" in text
    assert {row["observable"] for row in frame.to_dicts()} == {t.observable for t in load_targets("report").target}


def test_differences_of_shares_and_half_widths_are_in_points() -> None:
    frame = scorecard(economy(3, worlds=("status_quo",)), load_targets("surveyed"))
    page = io.StringIO()
    print_scorecard(Console(file=page, width=200), frame)
    gap, burnt_out = (
        next(line for line in page.getvalue().splitlines() if name in line)
        for name in ("anxious gap internet", "share burnt out")
    )
    rows = {row["observable"]: row for row in frame.to_dicts()}
    assert measured("anxious_gap_internet", rows["anxious_gap_internet"]["observed"], "share") in gap
    assert "≥ 0 pp" in gap
    assert "%" not in gap
    assert f" {size(rows['share_burnt_out']['half_width'], 'share')} " in burnt_out
    assert size(0.021, "share") == "2.1 pp"
    assert measured("anxious_gap_internet", -0.0083, "share") == "−0.83 pp"
    assert measured("share_burnt_out", 0.45, "share") == "45.0 %"


def test_nothing_is_cut_off_on_a_narrow_terminal() -> None:
    frame = scorecard(economy(3, worlds=("status_quo",)), load_targets("audited"))
    page = io.StringIO()
    console = Console(file=page, width=80)
    print_scorecard(console, frame)
    print_tensions(console, tensions())
    assert max(map(len, page.getvalue().splitlines())) <= 80
    assert re.findall(r"\S…|…\S", page.getvalue()) == []
    words = {word for note in frame["note"] for word in note.split()}
    assert len(words) > 10
    assert [word for word in words if word not in page.getvalue()] == []


# --- tensions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "first", "second", "distance"),
    [
        ("C13, C27", 0.78 * 10 * 50, 320, 70.0),  # hours a year
        ("C27, 51job", 0.78, 0.208, 0.572),
        ("C27, weekly hours", 47.8, 48.85, 0.0),  # 78 % with 10 h more than 40 can just be
        ("C28, C33", 0.45, 0.35, 0.10),
        ("C28, C34", 0.45, 0.42, 0.03),
        ("weekly hours, 51job", 8.85 * 50, 324, 118.5),
        ("C13, C14", 80, 40, 40),
        ("C23, C25", 550_000, 65_745, 484_255),
        ("C06, C07", 1.12e12, 0.66e12, 0.46e12),
        ("C13, C66", 122.5 / 0.6 - 122.5, 320, 238.33),  # of 442.5 h in all, what is not hidden, 40 % less than without
        ("C50, C52, C64, C65", 1.2, 1.0, 0.2),  # 30 + 25 + 40 + 25 %
    ],
)
def test_tension_by_hand(claims: str, first: float, second: float, distance: float) -> None:
    row = tensions().filter(pl.col("claims") == claims).row(0, named=True)
    found = (row["first"], row["second"], row["distance"])
    assert found == (pytest.approx(first), pytest.approx(second), pytest.approx(distance, rel=1e-3))
    assert row["observed"] is None


def test_switching_and_messages_ask_for_more_than_the_coordination_share() -> None:
    """480 / 3.2 = 150 changes of task are 75 interruptions; 75 · 64 s = 80 min, and 120 min of messages: 200 of 480."""
    share, seconds = tensions().filter(pl.col("claims") == "C51, C64, C65").to_dicts()
    assert share["first"] == pytest.approx(200 / 480)
    assert share["distance"] == pytest.approx(200 / 480 - 0.30)
    assert (seconds["first"], seconds["second"]) == (pytest.approx(24 * 60 / 75), 64)


def test_tensions_show_the_model_beside() -> None:
    seen = {"share_burnt_out": Observed(0.45, 0.01, ""), "share_exhausted": Observed(0.38, 0.01, "")}
    frame = tensions(seen)
    assert frame.filter(pl.col("claims") == "C28, C33")["observed"].item() == pytest.approx(0.07)
    assert frame.filter(pl.col("claims") == "C27, 51job")["observed"].item() is None
    apart = frame["distance"].drop_nulls()
    assert len(apart) == frame.height - 1  # sessions have no unit to be apart in
    assert apart.min() >= 0 < apart.max()


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            'observable = "share_burntout"',
            '4: target[0].observable: "share_burntout": unknown name; did you mean \'share_',
        ),
        ('observable = "share_anxious"\nlow = 0.5\nhigh = 0.4', "5: target[0].low: 0.5: lies above high, 0.4"),
        (
            'observable = "share_anxious"\nvalu = 1',
            "5: target[0].valu: unknown key; did you mean 'value'?",
        ),
        ('observable = "share_anxious"\nvalue = 35.5', "5: target[0].value: 35.5: must lie between 0 and 1 (share)"),
        ('observable = "weekly_hours"\nvalue = -3', "5: target[0].value: -3.0: must be at least 0"),
        (
            'observable = "expectation_with_hidden_overtime"\nvalue = 45',
            "5: target[0].value: 45.0: must lie between -1 and 1 (correlation)",
        ),
        ('observable = "share_anxious"\nweight = 0', "5: target[0].weight: 0: must be above 0"),
        ('observable = "share_anxious"\nvalue = "many"', '5: target[0].value: "many": must be a number'),
    ],
)
def test_mistakes_in_a_file_are_pointed_at(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(f'name = "x"\ntitle = "x"\n[[target]]\n{line}\nrole = "checked"\nconfidence = "M"\n')
    with pytest.raises(InputError) as caught:
        check_targets(path)
    assert str(caught.value).startswith(f"{path}:{said}")
    with speaking("zh"):
        assert not re.search("[a-z] [a-z]", translate(str(caught.value)))


@pytest.mark.parametrize("other", ["cutoff", "calibrated"])
def test_a_figure_that_sets_a_cut_off_is_given_once(tmp_path: Path, other: str) -> None:
    """Of two cut-offs the higher share won without a word, and a figure that is cut to one share cannot be fitted."""
    path, roles = tmp_path / "x.toml", [("cutoff", 0.3), (other, 0.5)]
    entry = '[[target]]\nobservable = "share_burnt_out"\nvalue = {}\nerror = 0.01\nrole = "{}"\nconfidence = "M"\n'
    path.write_text('name = "x"\ntitle = "x"\n' + "".join(entry.format(value, role) for role, value in roles))
    with pytest.raises(InputError, match=r"target\[1\].*has the role 'calibrated' or 'cutoff' twice"):
        check_targets(path)


@pytest.mark.parametrize("name", ["../x", "a/b", ""])
def test_the_name_of_a_set_is_that_of_a_folder(tmp_path: Path, name: str) -> None:
    """It was joined to --out: results of "../x" were written beside it."""
    path = tmp_path / "x.toml"
    path.write_text(f'name = "{name}"\ntitle = "x"\ntarget = []\n')
    with pytest.raises(InputError, match="a name may hold only a-z, 0-9 and _"):
        check_targets(path)


def test_a_changed_copy_of_a_shipped_set_needs_another_name(tmp_path: Path) -> None:
    text, path = (CALIBRATION / "surveyed.toml").read_text("utf-8"), tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    assert own_targets(path) == load_targets("surveyed")
    path.write_text(text.replace("48.85", "46.0"), "utf-8")
    with pytest.raises(InputError, match="is the name of a shipped set") as caught:
        own_targets(path)
    with speaking("zh"):
        assert "自带目标集" in translate(str(caught.value))
    path.write_text(path.read_text("utf-8").replace('name = "surveyed"', 'name = "mine"'), "utf-8")
    assert own_targets(path).name == "mine"


@pytest.mark.parametrize(
    ("hours", "channels", "said"),
    [
        ("opening = 18\nclosing = 9", '["mail"]', "4: log.opening: 18.0: lies not before closing, 9"),
        ("opening = 9\nclosing = 18", "[]", "6: log.channels: []: must not be empty"),
    ],
)
def test_a_log_that_holds_nothing_is_refused(tmp_path: Path, hours: str, channels: str, said: str) -> None:
    path = tmp_path / "x.toml"
    more = f"channels = {channels}\nthreads = true\nby_channel = true\nranks = true\n"
    target = '[[target]]\nobservable = "log_after_share"\nrole = "checked"\nconfidence = "M"\n'
    path.write_text(f'name = "x"\ntitle = "x"\n[log]\n{hours}\n{more}{target}')
    with pytest.raises(InputError) as caught:
        check_targets(path)
    assert str(caught.value) == f"{path}:{said}"
    with speaking("zh"):
        assert not re.search("[a-z] [a-z]", translate(str(caught.value)))


def test_an_input_may_name_a_parameter_but_no_outcome(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        'name = "x"\ntitle = "x"\n[[target]]\nobservable = "share_anxious"\nrole = "input"\nconfidence = "M"\n'
    )
    with pytest.raises(InputError, match='"share_anxious": unknown name; valid: belief_share, pays_share'):
        check_targets(path)


def test_an_unknown_set_is_named() -> None:
    with pytest.raises(InputError, match="unknown set of targets 'audit'; did you mean 'audited'"):
        load_targets("audit")


def test_observables_say_what_they_are() -> None:
    assert all(each.unit and each.definition for each in OBSERVABLES.values())
    assert not set(OBSERVABLES) & set(INPUTS)
    assert set(OBSERVABLES) & set(BY_NAME)


def test_differences_between_people_by_hand() -> None:
    tables = economy(5, worlds=("status_quo",), replicates=1)
    weeks = tables["person_week"].filter(pl.col("week") >= 0)
    people = weeks.group_by("replicate", "firm", "person").agg(
        pl.col("expectation", "detachment", "hidden_overtime_minutes", "sent").cast(pl.Float64).mean()
    )
    names = ["expectation_with_hidden_overtime", "hidden_overtime_with_detachment", "gini_of_messages_sent"]
    seen = observe(tables, names)
    hidden = people["hidden_overtime_minutes"].to_numpy()
    assert seen[names[0]].value == pytest.approx(np.corrcoef(people["expectation"], hidden)[0, 1])
    assert seen[names[1]].value == pytest.approx(np.corrcoef(hidden, people["detachment"])[0, 1])
    sent = people["sent"].to_numpy()
    apart = np.abs(sent[:, None] - sent[None, :]).mean() / (2 * sent.mean())
    assert seen[names[2]].value == pytest.approx(apart)
    assert all(each.half > 0 for each in seen.values())


def test_concentration_has_its_bounds() -> None:
    assert gini(np.full(9, 3.0)) == pytest.approx(0.0)
    assert gini(np.array([0.0] * 99 + [5.0])) == pytest.approx(0.99)
    assert np.isnan(gini(np.zeros(4)))
    assert np.isnan(correlation(np.ones(4), np.arange(4.0)))


def test_the_variance_of_a_figure_between_people_counts_firms_by_their_people() -> None:
    """Of a mean over three people with 2 and one with 8: without either firm it is 8 or 2, by hand."""
    mean = BetweenPeople("", "", ("value",), np.mean)
    persons = pl.DataFrame({"firm": [0, 0, 0, 1], "value": [2.0, 2.0, 2.0, 8.0]})
    assert observed._of_one_replicate(persons, mean) == pytest.approx((3.5, 0.25 * 4.5**2 + 0.75 * 1.5**2, 1.0))
    assert observed._of_one_replicate(persons.head(3), mean) == pytest.approx((2.0, np.nan, np.nan), nan_ok=True)
