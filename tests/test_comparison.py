"""Several rule sets against one: corrections, ranks, winners, precision, and the table that is printed."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from docs.generate import laid_side_by_side
from sim.comparing import precision
from sim.comparing.comparison import compared, folder_name
from sim.comparing.multiplicity import judged
from sim.comparing.overview import mark, overview_text
from sim.comparing.persons import SAME, persons
from sim.comparing.precision import Wanted, enough, read_wanted
from sim.comparing.ranking import DRAWS, ranking
from sim.comparing.study import described
from sim.errors import InputError, ResultsError
from sim.outcomes import BY_NAME, HEADLINES
from sim.run import World, simulate
from sim.scenario import under
from sim.schema import Scenario
from tests.synthetic import Lever, Rules, economy

BASE, BAN, SAME_AGAIN = Rules("base"), Rules("ban", [Lever()]), Rules("same", [Lever()])


# --- many questions ---------------------------------------------------------------------------------------------------


def rows(p: list[float], family: str = "burnout", group: str = "all") -> pl.DataFrame:
    """Effects with the given two-sided p values, by 1e9 degrees of freedom: nearly normal."""
    from scipy.stats import norm

    size = [float(norm.isf(each / 2)) for each in p]
    return pl.DataFrame({"group": group, "family": family, "difference": size, "standard_error": 1.0, "freedom": 1e9})


def test_holm_by_hand_within_each_family() -> None:
    """Three questions: 0.01 · 3, 0.02 · 2, and 0.03 cannot be less than the one before; another family by itself."""
    frame = judged(pl.concat([rows([0.02, 0.01, 0.03]), rows([0.04], "home"), rows([0.001], group="staff")]))
    assert frame["p_value"].to_list() == pytest.approx([0.02, 0.01, 0.03, 0.04, 0.001], rel=1e-4)
    assert frame["p_holm"].to_list()[:4] == pytest.approx([0.04, 0.03, 0.04, 0.04], rel=1e-4)
    assert frame["p_holm"][4] is None
    width = (frame["high_simultaneous"] - frame["low_simultaneous"]).to_list()
    assert width[:4] == pytest.approx([2 * 2.39398] * 3 + [2 * 1.95996], rel=1e-4)
    assert set(frame.columns).isdisjoint({"standard_error", "freedom"})


def test_what_is_exactly_zero_is_no_discovery_and_what_is_unknown_is_not_counted() -> None:
    frame = pl.DataFrame(
        {
            "group": "all",
            "family": "burnout",
            "difference": [0.0, 1.0, 1.0],
            "standard_error": [0.0, 0.0, np.nan],
            "freedom": 5.0,
        }
    )
    found = judged(frame)
    assert found["p_value"].to_list() == [1.0, 0.0, None]
    assert found["p_holm"].to_list() == [1.0, 0.0, None]
    assert found["low_simultaneous"].to_list() == [0.0, 1.0, None]


def test_corrected_tests_find_nothing_in_nothing() -> None:
    """400 families of 20 outcomes without effect: Holm finds something in 5 % of them, the bare p values in 64 %.

    The standard errors are 1.1 and 2.4 points; bounds five of them away leave a false alarm near one in a million.
    """
    rng = np.random.default_rng(3)
    draws = rng.standard_normal((400, 20))
    frame = pl.DataFrame(
        {
            "group": "all",
            "family": np.repeat([f"{n}" for n in range(400)], 20),
            "difference": draws.ravel(),
            "standard_error": 1.0,
            "freedom": 1e9,
        }
    )
    found = judged(frame).group_by("family").agg(pl.col("p_value").min(), pl.col("p_holm").min())
    assert (found["p_holm"] < 0.05).mean() <= 0.105
    assert 0.52 <= (found["p_value"] < 0.05).mean() <= 0.76


@pytest.mark.parametrize(
    ("low", "high", "p_holm", "sign"),
    [(-1, 1, 1.0, ""), (1, 2, 0.2, "*"), (1, 2, 0.01, "**"), (None, None, None, "")],
)
def test_marks(low: float | None, high: float | None, p_holm: float | None, sign: str) -> None:
    assert mark({"low": low, "high": high, "p_holm": p_holm}) == sign


# --- ranks ------------------------------------------------------------------------------------------------------------


def pair(change: Any, name: str = "ban", seed: int = 5) -> dict[str, pl.DataFrame]:
    return economy(seed, worlds=("base", name), change=change)


def overtime(factor: float) -> Any:
    return lambda part: part.with_columns((pl.col("recorded_overtime_minutes") * factor).cast(pl.Float32))


def test_a_rule_that_is_better_in_every_firm_is_best_for_sure() -> None:
    outcomes = [BY_NAME["recorded_overtime"], BY_NAME["output"], BY_NAME["chosen"]]
    found = ranking([(BAN, pair(overtime(0.5))), (SAME_AGAIN, pair(None, "same"))], BASE, outcomes, seed=1)
    first = found.filter(outcome="recorded_overtime")
    assert first["scenario"].to_list() == ["base", "ban", "same"]
    assert first["probability_best"].to_list() == [0.0, 1.0, 0.0]
    assert first["expected_rank"].to_list() == [2.5, 1.0, 2.5]
    regret = dict(first.select("scenario", "regret").iter_rows())
    mean = dict(first.select("scenario", "mean").iter_rows())
    assert regret["ban"] == 0.0
    assert regret["base"] == regret["same"] == pytest.approx(mean["base"] - mean["ban"], rel=0.05)
    assert first["regret_high"][0] > regret["base"]
    alike = found.filter(outcome="output")
    assert alike["probability_best"].to_list() == pytest.approx([1 / 3] * 3)
    assert alike["expected_rank"].to_list() == [2.0] * 3
    assert "chosen" not in found["outcome"].to_list()  # neither direction is better
    assert first["firms"].to_list() == [12] * 3  # those in scope
    assert first["draws"][0] == DRAWS


def test_ranks_are_the_same_whatever_the_threads_and_differ_by_seed_a_little() -> None:
    noisy = pair(lambda part: part.with_columns(
        pl.col("recorded_overtime_minutes") * pl.Series(np.random.default_rng(2).uniform(0.8, 1.2, part.height)).cast(
            pl.Float32)))  # fmt: skip
    outcomes = [BY_NAME["recorded_overtime"]]
    one, again, other = (ranking([(BAN, noisy)], BASE, outcomes, seed) for seed in (1, 1, 2))
    assert one.equals(again)
    chance = one["probability_best"].to_numpy()
    assert 0 < chance[0] < 1
    assert chance.sum() == pytest.approx(1.0)
    assert other["probability_best"].to_numpy() == pytest.approx(chance, abs=6 * np.sqrt(0.25 / DRAWS))


def test_rule_sets_without_common_firms_are_ranked_on_those_that_any_reaches() -> None:
    tables = pair(overtime(0.5))
    turned = pair(None, "same")
    turned["firms"] = turned["firms"].with_columns(~pl.col("in_scope"))
    found = ranking([(BAN, tables), (SAME_AGAIN, turned)], BASE, [BY_NAME["recorded_overtime"]], seed=1)
    assert found["firms"][0] == 24
    assert "none is reached by all" in found["basis"][0]
    fewer = turned | {"firms": turned["firms"].head(20), "people": turned["people"].join(
        turned["firms"].head(20), on=["replicate", "firm"], how="semi")}  # fmt: skip
    fewer["person_week"] = fewer["person_week"].join(fewer["firms"], on=["replicate", "firm"], how="semi")
    with pytest.raises(ResultsError, match="does not have the firms of the others"):
        ranking([(BAN, tables), (SAME_AGAIN, fewer)], BASE, [BY_NAME["recorded_overtime"]], seed=1)


# --- persons ----------------------------------------------------------------------------------------------------------


def test_winners_and_losers_by_hand() -> None:
    """Overtime of managers is halved, that of everybody else grows by half; nobody leaves."""

    def change(part: pl.DataFrame) -> pl.DataFrame:
        boss = part["person"].is_in(managers)
        factor = pl.when(boss).then(0.5).otherwise(1.5)
        return part.with_columns((pl.col("recorded_overtime_minutes") * factor).cast(pl.Float32))

    managers = economy(7)["people"].filter("is_manager")["person"].implode()
    tables = economy(7, change=change)
    tables["person_week"] = tables["person_week"].with_columns(exits=pl.lit(0, pl.Int32))
    found = persons(tables, BAN, BASE, [BY_NAME["recorded_overtime"], BY_NAME["received"]])
    mine = {row["group"]: row for row in found.filter(outcome="recorded_overtime").to_dicts()}
    assert mine["managers"]["share_better"] > 0.9
    assert mine["managers"]["share_worse"] == 0
    assert mine["staff"]["share_worse"] > 0.9
    everybody = mine["all"]
    assert everybody["share_better"] + everybody["share_worse"] + everybody["share_same"] == pytest.approx(1.0)
    in_scope = tables["people"].join(tables["firms"].filter("in_scope"), on=["replicate", "firm"], how="semi")
    assert everybody["people"] == in_scope.height
    usual = tables["person_week"].filter((pl.col("world") == "base") & (pl.col("week") >= 0))
    usual = usual.join(in_scope, on=["replicate", "firm", "person"], how="semi")
    means = usual.group_by("replicate", "firm", "person").agg(
        pl.col("recorded_overtime_minutes").cast(pl.Float64).mean() / 60
    )
    assert everybody["threshold"] == pytest.approx(SAME * means["recorded_overtime_minutes"].std(), rel=1e-6)
    assert mine["managers"]["mean"] < 0 < mine["staff"]["p10"]
    neutral = found.filter(outcome="received", group="all").row(0, named=True)
    assert (neutral["share_better"], neutral["share_worse"], neutral["share_same"]) == (None, None, 1.0)


def test_who_left_his_seat_in_either_world_is_not_compared() -> None:
    tables = economy(7)
    in_scope = tables["people"].join(tables["firms"].filter("in_scope"), on=["replicate", "firm"], how="semi")
    person = in_scope["person"][3]
    gone = (pl.col("person") == person) & (pl.col("world") == "ban") & (pl.col("week") == 2)
    weeks = tables["person_week"].with_columns(exits=gone.cast(pl.Int32))
    found = persons(tables | {"person_week": weeks}, BAN, BASE, [BY_NAME["sent"]])
    assert found.filter(group="all")["people"].item() == in_scope.height - 1


# --- precision --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("share_burnt=0.01", "unknown outcome 'share_burnt'; did you mean 'share_burnt_out'?"),
        ("exhaustion", "'' is no half width above 0, in the outcome's unit (sd)"),
        ("exhaustion=-1", "no half width above 0"),
        ("exhaustion=nan", "no half width above 0"),
        ("waiting=much", "'much' is no half width"),
    ],
)
def test_precision_that_makes_no_sense_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_wanted([text], 8, 2)
    assert message in str(caught.value)


def test_precision_needs_room_for_replicates() -> None:
    with pytest.raises(InputError, match="fewer than the 4 replicates"):
        read_wanted(["exhaustion=0.1"], 2, 4)
    assert read_wanted([], 2, 4) is None
    assert read_wanted(["exhaustion=0.1", "sent=3"], 4, 2) == Wanted({"exhaustion": 0.1, "sent": 3.0}, 4)


def test_replicates_are_added_until_it_is_enough_or_no_more_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The half width of a world is 1 over the square root of its replicates: 0.3 needs twelve."""
    today = Scenario.model_validate({"name": "today", "title": "Today", "run": {"replicates": 2}})
    ban = today.model_copy(update={"name": "ban"})

    def widths(worlds: list[World], wanted: Wanted, paired: bool) -> list[tuple[float, str]]:
        assert paired
        half = worlds[0].scenario.run.replicates ** -0.5
        return [(half / wanted.half["exhaustion"], f"ban has exhaustion ± {half:.2f}")]

    monkeypatch.setattr(precision, "_widths", widths)
    told: list[str] = []
    gather = lambda scenarios: [World(scenario, []) for scenario in scenarios]  # noqa: E731
    here, said = enough([today, ban], Wanted({"exhaustion": 0.3}, 40), gather, told.append)
    assert [world.run.replicates for world in here] == [12, 12]
    assert said == "Precision reached with 12 replicates: exhaustion ± 0.300 sd."
    assert [text.rsplit(" ", 1)[1] for text in told] == ["4", "8", "12"]
    here, said = enough([today, ban], Wanted({"exhaustion": 0.3}, 5), gather, told.append)
    assert here[0].run.replicates == 5
    assert said.startswith("Precision not reached with 5 replicates, the most allowed: ban has exhaustion")


# --- as a whole -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    """Today's rules, quiet hours everywhere, and a ban in some firms, for four weeks."""
    today = Scenario.model_validate(
        {
            "name": "today",
            "title": "Today",
            "run": {"people": 60, "years": 0.08, "replicates": 1, "warmup_days": 7, "seed": 5},
            "population": {"firm_size_median": 12, "firm_size_min": 5, "firm_size_max": 40},
        }
    )
    quiet = today.model_copy(update={"name": "quiet", "title": "Quiet"})
    quiet = Scenario.model_validate(quiet.model_dump() | {"levers": [{"kind": "quiet_hours", "mode": "hold"}]})
    ban = {"kind": "ban", "channels": ["im"], "scope": {"share": 0.5}}
    second = {
        "kind": "quiet_hours",
        "mode": "hold",
        "start": "2026-01-19",
        "phase": "second",
        "scope": {"size_min": 12},
    }
    plan = {"name": "banned", "title": "Banned", "levers": [ban | {"phase": "first"}, second]}
    banned = Scenario.model_validate(quiet.model_dump() | plan)
    base = simulate(under(quiet, today))
    return [base, simulate(quiet, base=base), simulate(banned, base=base)]


def test_a_comparison_has_its_tables_and_its_words(worlds: list[World]) -> None:
    base, *others = worlds
    tables = {name: frame.lazy().collect() for name, frame in compared(others, base).items()}
    effects = tables["effects"]
    assert effects["scenario"].unique(maintain_order=True).to_list() == ["quiet", "banned"]
    assert set(effects["group_kind"]) == {"all", "manager", "role", "industry", "size", "city"}
    assert effects["spill"].max() == 0
    together = effects.filter(group="all", family="burnout")
    assert together["p_holm"].min() >= together["p_value"].min() * 2  # corrected over both scenarios
    phases = tables["phases"].filter(group="all", outcome="hidden_overtime")
    assert phases.select("scenario", "phase").rows() == [("banned", "first"), ("banned", "second")]
    sizes = base.replicates[0]["firms"].lazy().collect()["size"]
    assert phases["firms"][1] == (sizes >= 12).sum()
    assert phases["window"].to_list() == ["weeks 0–3: rules fully in force", "weeks 2–3: rules fully in force"]
    assert set(tables["ranking"]["scenario"]) == {"today", "quiet", "banned"}
    assert set(tables["weekly"]["set"]) == {"reached", "others"}
    assert tables["weekly"].columns == ["scenario", "set", "week", "outcome", "rule", "without", "half"]
    for name, (_, columns) in laid_side_by_side().items():
        assert name == "explanation" or tables[name].columns == list(columns), name
    assert set(tables["displacement"]["scenario"]) == {"quiet", "banned"}
    assert set(tables["persons"]["outcome"]) >= set(HEADLINES)
    assert set(tables["firms"]["world"].cast(pl.String)) == {"today", "quiet", "banned"}
    about = described([world.scenario for world in others], base.scenario) | {"precision": "Precision reached."}
    text = overview_text(tables, about, Path("x"))
    for words in (
        "2 rule sets against today",
        "quiet: all",
        "banned: in scope:",
        "recorded",
        "Who gains",
        "Best on",
        "banned, phase by phase",
    ):
        assert words in text
    assert max(map(len, text.splitlines())) <= 110


def test_names_of_folders_stay_short() -> None:
    assert folder_name("a", ["b"]) == "compare_a_b"
    assert folder_name("a", ["b", "c"]) == "compare_a_b_c"
    many = folder_name("a", ["b", "c", "d"])
    assert many.startswith("compare_a_and_3_")
    assert many != folder_name("a", ["b", "c", "e"])
    assert len(folder_name("a" * 20, [f"{n}" * 60 for n in range(9)])) < 64
