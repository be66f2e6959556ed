"""Robustness to the evidence: what several sets of parameters say together, in tables, words and commands."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import gamma

from docs.generate import laid_side_by_side
from sim.comparing import robustness
from sim.comparing.effects import contrasts, effects
from sim.comparing.ranking import ranking
from sim.comparing.robustness import _set_differences, best_rules, combined_readings, conclusion_of, conclusions, sign
from sim.core.errors import InputError
from sim.outcomes import BY_NAME
from sim.report.console import as_text
from sim.report.intervals import few_replicates
from sim.report.robustness import clause, print_readings
from sim.runs import results as store
from sim.scenario import parameter_draws
from sim.scenario.loading import load
from sim.scenario.parameter_draws import load_draws, load_sets
from sim.scenario.schema import Scenario
from sim.stats.ranks import FEW
from sim.studies import by_set, comparisons
from sim.studies.study import scenario_facts
from tests.conftest import Call
from tests.synthetic import Lever, Rules, economy

BASE, BAN = Rules("base"), Rules("ban", [Lever()])
SHOWN = [BY_NAME[name] for name in ("recorded_overtime", "latent_overtime", "hidden_overtime", "output")]


def changed(**factors: float) -> Any:
    """Columns of minutes times a factor; a factor of 0 draws between 0.5 and 1.5 by the firm's number."""

    def change(part: pl.DataFrame) -> pl.DataFrame:
        mixed = pl.when(pl.col("firm") % 4 == 0).then(0.5).otherwise(1.5)
        columns = {f"{name}_minutes": mixed if factor == 0 else pl.lit(factor) for name, factor in factors.items()}
        return part.with_columns((pl.col(name) * by).cast(pl.Float32) for name, by in columns.items())

    return change


def study(seed: int = 5, **factors: float) -> dict[str, pl.DataFrame]:
    """The tables of a comparison of one rule set with the reference."""
    tables = economy(seed, replicates=4, change=changed(**factors))
    return {
        "effects": effects(tables, BAN, BASE, SHOWN, uncertain=True),
        "ranking": ranking([(BAN, tables)], BASE, SHOWN, 1, uncertain=True),
    }


@pytest.fixture(scope="module")
def both() -> dict[str, pl.DataFrame]:
    """Recorded overtime falls under both sets, latent only surely under one, hidden against each other."""
    report = study(recorded_overtime=0.5, latent_overtime=0.6, hidden_overtime=0.5)
    audited = study(recorded_overtime=0.4, latent_overtime=0.0, hidden_overtime=1.5)
    return combined_readings({"report": report, "audited": audited})


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "nothing", "kind", "words"),
    [
        ({"a": "lower", "b": "lower"}, False, "holds", "lower under both"),
        ({"a": "lower", "b": ""}, False, "only", "lower only under a"),
        ({"a": "", "b": "higher"}, False, "only", "higher only under b"),
        ({"a": "lower", "b": "higher"}, False, "contradict", "contradict: a lower, b higher"),
        ({"a": "", "b": ""}, False, "unclear", "unclear under both"),
        ({"a": "", "b": ""}, True, "zero", "exactly 0 under both"),
        ({"a": "lower", "b": "lower", "c": "lower"}, False, "holds", "lower under all"),
        ({"a": "lower", "b": "", "c": "lower"}, False, "only", "lower only under a and c"),
        ({"a": "", "b": "", "c": ""}, False, "unclear", "unclear under all"),
    ],
)  # fmt: skip
def test_what_sets_say_together(said: Mapping[str, str], nothing: bool, kind: str, words: str) -> None:
    known = conclusion_of(said, nothing)
    assert known["conclusion"] == kind
    assert known["under"] == ", ".join(name for name in said if said[name] or nothing)
    assert clause(known, list(said)) == words


@pytest.mark.parametrize(
    ("difference", "low", "high", "told"),
    [(-1, -2, -0.1, "lower"), (1, 0.1, 2, "higher"), (1, -0.1, 2, ""), (1, None, None, ""), (None, None, None, "")],
)
def test_a_sign_is_told_only_by_an_interval(difference: Any, low: Any, high: Any, told: str) -> None:
    assert sign({"difference": difference, "low": low, "high": high}) == told


# --- tables -----------------------------------------------------------------------------------------------------------


def test_signs_that_depend_on_the_set_are_told(both: dict[str, pl.DataFrame]) -> None:
    rows = {row["outcome"]: row for row in both["conclusions"].to_dicts()}
    assert [rows[each.name]["conclusion"] for each in SHOWN] == ["holds", "only", "contradict", "zero"]
    assert rows["latent_overtime"]["under"] == "report"
    assert rows["hidden_overtime"]["says"] == "report: lower, audited: higher"
    assert rows["hidden_overtime"]["apart"]
    assert not rows["output"]["apart"]


def test_sets_are_apart_by_the_difference_of_their_effects(both: dict[str, pl.DataFrame]) -> None:
    rows = both["readings"].filter(outcome="hidden_overtime").to_dicts()
    first, second = rows
    assert first["apart"] is first["apart_low"] is first["apart_high"] is None
    assert second["apart"] == pytest.approx(second["difference"] - first["difference"])
    assert second["apart_low"] < second["apart"] < second["apart_high"]
    assert both["readings"]["reading"].unique(maintain_order=True).to_list() == ["report", "audited"]


def test_the_interval_of_the_difference_between_sets_misses_as_often_on_each_side(
    both: dict[str, pl.DataFrame],
) -> None:
    """Scales of 4 and of 40 exponential numbers, both 1, with exact intervals: 1 to 3 % of differences on each side.

    Symmetric halves missed 5.6 % below and none above.
    """
    count = 4000
    row = both["readings"].filter(outcome="hidden_overtime", reading="report").drop("^apart.*$")
    parts, rng = {}, np.random.default_rng(1)
    for name, numbers in (("report", 4), ("audited", 40)):
        values = rng.gamma(numbers, 1.0 / numbers, count)
        low, high = (values * numbers / gamma.ppf(share, numbers) for share in (0.975, 0.025))
        frame = pl.concat([row] * count).with_columns(
            outcome=pl.int_range(count).cast(pl.String), difference=values, low=low, high=high, group=pl.lit("all")
        )
        parts[name] = {"effects": frame.drop("reading")}
    made = combined_readings(parts)["readings"].filter(reading="audited")
    assert 0.01 < (made["apart_low"] > 0).mean() < 0.03
    assert 0.01 < (made["apart_high"] < 0).mean() < 0.03


def test_the_best_rule_depends_on_the_set_too(both: dict[str, pl.DataFrame]) -> None:
    rows = both["best"].filter(outcome="hidden_overtime").to_dicts()
    assert [(row["reading"], row["best"], row["conclusion"]) for row in rows] == [
        ("report", "ban", "contradict"), ("audited", "base", "contradict")]  # fmt: skip
    unsure = both["best"].filter(outcome="latent_overtime").to_dicts()
    assert [(row["best"], row["conclusion"], row["under"]) for row in unsure] == [("ban", "only", "report")] * 2
    same = both["best"].filter(outcome="recorded_overtime")
    assert same["conclusion"].to_list() == ["holds", "holds"]
    assert same["probability"].min() >= 0.95
    alike = both["best"].filter(outcome="output").row(0, named=True)
    assert (alike["best"], alike["probability"]) == ("base, ban", pytest.approx(1.0))


@pytest.mark.parametrize(
    ("chances", "regrets", "sure"),
    [
        ((0.96, 0.04), (0.1, 5.0), True),
        ((0.95, 0.05), (0.1, 5.0), True),
        ((0.949, 0.051), (0.1, 5.0), False),
        ((0.6, 0.4), (0.0, 5.0), True),  # others are as good in many draws and share the chance, and none is better
        ((0.6, 0.4), (0.1, 0.0), False),
    ],
)
def test_a_best_rule_is_named_if_it_is_likely_or_none_is_better(
    chances: Sequence[float], regrets: Sequence[float], sure: bool
) -> None:
    facts = {"reading": "a", "outcome": "x", "family": "burnout", "unit": "sd", "better": "lower"}
    rows = [
        facts | {"scenario": name, "mean": mean, "probability_best": chance, "expected_rank": 1.5, "regret_high": most}
        for name, mean, chance, most in zip(("ban", "base"), (1.0, 2.0), chances, regrets, strict=True)
    ]
    row = best_rules(pl.DataFrame(rows)).row(0, named=True)
    assert (row["best"], row["probability"], row["under"]) == ("ban", chances[0], "a" if sure else "")


def test_sets_that_share_a_best_rule_do_not_contradict_each_other() -> None:
    """Two rules are exactly tied under the first set, and one of them is the best under the second."""
    facts = {"outcome": "x", "family": "burnout", "unit": "sd", "better": "lower", "expected_rank": 1.5}
    chances = {"a": ((1.0, 0.5, 0.0), (1.0, 0.5, 0.0)), "b": ((1.0, 1.0, 0.0), (2.0, 0.0, 5.0))}
    rows = [
        facts | {"reading": reading, "scenario": name, "mean": mean, "probability_best": chance, "regret_high": most}
        for reading, each in chances.items()
        for name, (mean, chance, most) in zip(("ban", "base"), each, strict=True)
    ]
    tied, alone = best_rules(pl.DataFrame(rows)).to_dicts()
    assert (tied["best"], alone["best"]) == ("ban, base", "ban")
    assert (tied["conclusion"], tied["says"], tied["under"]) == ("holds", "ban", "a, b")


@pytest.mark.parametrize(
    ("effects_of", "apart"),
    [
        ({"a": (-1.5, 1.96), "b": (-0.1, 0.05), "c": (1.5, 1.96)}, False),  # a and c are, which both say nothing
        ({"a": (0.0, 3.0), "b": (-2.0, 1.9), "c": (2.0, 2.1)}, True),  # b and c are, neither from the first
    ],
)
def test_only_sets_that_say_unlike_things_of_a_sign_are_apart(
    effects_of: Mapping[str, tuple[float, float]], apart: bool
) -> None:
    facts = {"scenario": "ban", "outcome": "x", "family": "burnout", "unit": "sd", "better": "lower"}
    rows = pl.DataFrame(
        facts | {"reading": name, "difference": value, "low": value - half, "high": value + half}
        for name, (value, half) in effects_of.items()
    )
    [row] = conclusions(_set_differences(rows, "difference", "a")).to_dicts()
    assert (row["conclusion"], row["says"], row["under"]) == ("only", "lower", "b")
    assert row["apart"] is apart


def test_that_no_sign_depends_on_the_set_is_said_only_where_one_is_clear(both: dict[str, pl.DataFrame]) -> None:
    about = manifest(["report", "audited"], ["ban"], "base")
    for kind, said in (("holds", True), ("unclear", False), ("zero", False)):
        tables = both | {"conclusions": both["conclusions"].with_columns(conclusion=pl.lit(kind))}
        assert ("No clear sign depends" in as_text(print_readings, tables, about, Path("x"))) is said


def test_a_sign_that_depends_on_the_set_is_not_also_said_to_agree_perhaps(both: dict[str, pl.DataFrame]) -> None:
    apart = both | {"conclusions": both["conclusions"].with_columns(apart=True)}
    about = manifest(["report", "audited"], ["ban"], "base")
    said = [" ".join(as_text(print_readings, tables, about, Path("x")).split()) for tables in (both, apart)]
    assert ["they may agree" in text for text in said] == [True, False]
    assert "“Ban”: latent overtime lower only under report; hidden overtime contradict" in said[1]


@pytest.mark.parametrize(("fewest", "said"), [(FEW - 1, True), (FEW, False)])
def test_the_fewest_firms_of_any_ranking_are_told_if_they_are_few(
    both: dict[str, pl.DataFrame], fewest: int, said: bool
) -> None:
    """That of the first set has enough."""
    firms = pl.when(reading="audited").then(fewest).otherwise(FEW + 1)
    few = both | {"ranking": both["ranking"].with_columns(firms=firms)}
    text = as_text(print_readings, few, manifest(["report", "audited"], ["ban"], "base"), Path("x"))
    assert (f"Caution: {fewest} firms" in " ".join(text.split())) is said


def test_three_sets_and_none_that_differs() -> None:
    part = study(recorded_overtime=0.5)
    found = combined_readings({"a": part, "b": part, "c": part})
    assert set(found["conclusions"]["conclusion"]) == {"holds", "zero"}
    assert not found["conclusions"]["apart"].any()
    assert found["readings"].filter(reading="b")["apart"].to_list() == [0.0] * len(SHOWN)


def test_the_distances_from_a_set_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sets, plain = list[str](), robustness._set_differences
    monkeypatch.setattr(robustness, "_set_differences", lambda *given: sets.append(given[2]) or plain(*given))
    part = study(recorded_overtime=0.5)
    combined_readings({"a": part, "b": study(recorded_overtime=-0.5), "c": part})
    assert sets == ["a", "b", "c"]


def test_levels_are_laid_side_by_side_without_conclusions() -> None:
    one, other = (economy(seed, worlds=("base",)) for seed in (5, 6))
    parts = {
        name: {"levels": contrasts(tables, BASE, None, SHOWN, uncertain=False)}
        for name, tables in (("report", one), ("mine", other))
    }
    found = combined_readings(parts)
    assert set(found) == {"readings"}
    row = found["readings"].filter(reading="mine", outcome="output").row(0, named=True)
    first = found["readings"].filter(reading="report", outcome="output").row(0, named=True)
    assert row["apart"] == pytest.approx(row["scenario_value"] - first["scenario_value"])
    assert row["difference"] is None
    text = as_text(print_readings, found, manifest(["report", "mine"], ["base"], None), Path("x"))
    assert "Robustness to the evidence: “Base”, under report and mine" in text
    assert "together" not in text


def test_of_three_sets_of_levels_the_one_that_differs_is_marked() -> None:
    levels = dict(zip(("surveyed", "report", "audited"), (0.1, 0.9, 0.1), strict=True))
    rows = contrasts(economy(5, worlds=("base",)), BASE, None, [BY_NAME["exhaustion"]], uncertain=False)
    parts = {
        name: {"levels": rows.with_columns(value=pl.lit(at), low=pl.lit(at - 0.01), high=pl.lit(at + 0.01))}
        for name, at in levels.items()
    }
    text = as_text(print_readings, combined_readings(parts), manifest([*levels], ["base"], None), Path("x"))
    line = next(line for line in text.splitlines() if line.strip().startswith("exhaustion"))
    assert " ".join(line.split()[2:]) == "0.100 0.090 to 0.110 0.900 0.890 to 0.910 ≠ 0.100 0.090 to 0.110"


def test_a_single_replicate_of_each_set_is_said_to_show_nothing_of_parameters() -> None:
    assert few_replicates(1).startswith("A single replicate cannot show")
    assert few_replicates(2).startswith("2 draws barely sample the parameters")


def test_tables_are_described(both: dict[str, pl.DataFrame]) -> None:
    about = laid_side_by_side()
    for name in ("readings", "conclusions", "best"):
        assert both[name].columns == list(about[name][1]), name


def manifest(sets: list[str], names: list[str], reference: str | None) -> dict[str, Any]:
    return {
        "scenarios": names,
        "counterfactual": reference,
        "people": 100,
        "weeks": 52,
        "seed": 1,
        "titles": {name: {"en": name.title(), "zh": ""} for name in names},
        "readings": [{"name": name, "replicates": 3, "draws": 10, "folder": f"x_{name}"} for name in sets],
    }


def test_the_summary_says_what_depends_on_the_parameter_set(both: dict[str, pl.DataFrame]) -> None:
    text = as_text(print_readings, both, manifest(["report", "audited"], ["ban"], "base"), Path("x"))
    assert max(map(len, text.splitlines())) <= 110
    words = " ".join(text.split())
    for part in (
        "Robustness to the evidence: “Ban” against “base”, under report and audited",
        "Simulated: 52 weeks, seed 1. Firms are drawn whole until a replicate has at least 100 people whom the rules",
        "• “Ban”: 24 firms, 263 people; weeks 0–5: rules fully in force.",
        "report: 3 replicates, one of 10 draws in each; x_report",
        "lower under both",
        "lower only under report",
        "contradict: report lower, audited higher ≠",
        "Depend on the set of parameters, “Ban”: hidden overtime contradict: report lower, audited higher.",
        "Clear under some, but they may agree, “Ban”: latent overtime lower only under report.",
        "Hidden overtime, by messages: contradict: report ban, audited base",
        "3 draws barely sample the parameters: use --replicates 16 or more",
        "by chance alone and",
    ):
        assert part in words
    assert words.count("1 the same under both") == 1
    about = manifest(["report", "audited"], ["ban"], "base")
    about["readings"][1] |= {"replicates": 16}
    words = " ".join(as_text(print_readings, both, about, Path("x")).split())
    assert words.count("10 draws in 16 replicates: intervals are of these draws") == 1


def test_beside_a_set_without_chances_no_rule_is_best_only_under_the_other(both: dict[str, pl.DataFrame]) -> None:
    about, silent = manifest(["report", "audited"], ["ban"], "base"), pl.col("reading") == "audited"
    kept = {
        "probability": pl.when(~silent).then("probability"),
        "best": pl.when(~silent).then("best").otherwise(pl.lit("")),
    }
    alone = both["best"].with_columns(**kept)
    for best, said in ((both["best"], "ban only under report (report"), (alone, "ban under report (report")):
        words = " ".join(as_text(print_readings, both | {"best": best}, about, Path("x")).split())
        assert f"Latent overtime, on no record: {said}: ban" in words


def test_a_chance_below_the_bound_is_not_written_as_the_bound(both: dict[str, pl.DataFrame]) -> None:
    about = manifest(["report", "audited"], ["ban"], "base")
    for chance, written in ((0.948, "94.8 %"), (0.952, "95 %"), (0.93, "93 %")):
        best = both["best"].with_columns(probability=pl.lit(chance), best=pl.lit("ban"))
        words = " ".join(as_text(print_readings, both | {"best": best}, about, Path("x")).split())
        assert f"(report: ban {written}; audited: ban {written})" in words


def test_sets_side_by_side_warn_of_what_differs_besides_rules(both: dict[str, pl.DataFrame]) -> None:
    base = load("status_quo")
    quiet = base.model_copy(update={"name": "ban", "mechanisms": base.mechanisms | {"m6_norms": False}})
    results = store.Results(Path("x"), scenario_facts([quiet], base, None) | {"seconds": 1.0, "uncertainty": {}}, {})
    about = manifest(["report", "audited"], ["ban"], "status_quo")
    about |= {"resolved": by_set._common_facts({"report": results})["resolved"]}
    assert "differ in more than rules: moving norms." in as_text(print_readings, both, about, Path("x"))


def test_over_few_firms_no_dash_stands_for_an_interval_and_chances_are_left_out_once(
    both: dict[str, pl.DataFrame],
) -> None:
    unknown = [pl.lit(None, pl.Float64).alias(name) for name in ("low", "high", "half_chance", "half_parameters")]
    unsaid = (pl.lit("").alias("best"), pl.lit(None, pl.Float64).alias("probability"))
    unknown[:2] = [pl.when(outcome="output").then(0.0).alias(name) for name in ("low", "high")]  # exactly zero
    few = both | {"readings": both["readings"].with_columns(unknown), "best": both["best"].with_columns(unsaid)}
    words = " ".join(as_text(print_readings, few, manifest(["report", "audited"], ["ban"], "base"), Path("x")).split())
    assert " – " not in words
    assert words.count("fewer than 6 firms give none") == words.count("no chances known") == 1
    few["conclusions"] = both["conclusions"].with_columns(conclusion=pl.lit("unclear"))
    words = " ".join(as_text(print_readings, few, manifest(["report", "audited"], ["ban"], "base"), Path("x")).split())
    assert "fewer than 6 firms do not show whether any depends on the set of parameters" in words
    for untrue in ("No clear sign depends on the set", "unclear under both", "with 95 % intervals"):
        assert untrue not in words


# --- sets -------------------------------------------------------------------------------------------------------------


def test_sets_are_read_in_their_order(tmp_path: Path) -> None:
    mine = tmp_path / "My draws.parquet"
    pl.DataFrame({"evade": [0.1, 0.2]}).write_parquet(mine)
    sets = load_sets(f"surveyed, {mine},point")
    assert list(sets) == ["surveyed", "my_draws", "point"]
    assert sets["point"] is None
    assert list(load_sets("posterior")) == ["surveyed"]
    assert list(load_sets("report,surveyed")) == ["report", "surveyed"]


def test_a_file_of_draws_has_any_name_and_not_more_draws_than_can_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parameter_draws, "MOST_DRAWS", 3)
    mine = tmp_path / "mine[1].parquet"
    pl.DataFrame({"evade": [0.1, 0.2, 0.3]}).write_parquet(mine)
    assert [row["evade"] for row in parameter_draws.read_draws(mine, "mine").rows] == [0.1, 0.2, 0.3]
    pl.DataFrame({"evade": [0.1] * 4}).write_parquet(mine)
    with pytest.raises(InputError, match=r"4 rows and 1 columns; at most 3 draws of \d+ parameters can be used"):
        parameter_draws.read_draws(mine, "mine")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("report,audted", "no such set; did you mean 'audited'"),
        ("report,", "a name is missing beside a comma"),
        ("", "no such file, and no such set; valid: "),
        ("surveyed,posterior", "posterior holds the same as surveyed"),
        ("point,point", "point holds the same as point"),
        ("report,{file}", "is no table in Parquet"),
    ],
)
def test_lists_that_make_no_sense_are_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "no.parquet").write_text("nothing")
    with pytest.raises(InputError, match=told):
        load_sets(text.format(file=tmp_path / "no.parquet"))


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for place, folder in enumerate(("a", "b")):
        (tmp_path / folder).mkdir()
        pl.DataFrame({"evade": [0.1 + 0.1 * place]}).write_parquet(tmp_path / folder / "mine.parquet")
    with pytest.raises(InputError, match="two sets are called mine"):
        load_sets(f"{tmp_path}/a/mine.parquet,{tmp_path}/b/mine.parquet")


def test_a_command_that_takes_one_set_says_so() -> None:
    from sim.scenario.parameter_draws import load_draws

    with pytest.raises(InputError, match="one set is needed here; run, compare, search and study take several"):
        load_draws("report,surveyed")


def test_results_under_several_sets_know_their_country() -> None:
    """Figures and pages have amounts in its currency; a study of several countries has none of its own."""

    def found(reference: Scenario) -> dict[str, store.Results]:
        quiet = reference.model_copy(update={"name": "quiet"})
        about = {"seconds": 1.0, "ground": "", "uncertainty": {"sha256": "", "draws": 1}}
        manifest = scenario_facts([quiet], reference, None) | about
        return {name: store.Results(Path(name), manifest, {}) for name in ("report", "audited")}

    france, china = found(load("france")), found(load("status_quo"))
    assert store.country_of(by_set._common_facts(france))["currency"] == "euro"
    longer = france["audited"]._replace(manifest=france["audited"].manifest | {"replicates": 99, "seconds": 2.5})
    together = by_set._common_facts(france | {"audited": longer})
    assert together["replicates"] == france["report"].manifest["replicates"] < 99
    assert together["seconds"] == 1.0 + 2.5
    draft: Any = SimpleNamespace(design=SimpleNamespace(model_dump=lambda mode: {}))
    assert store.country_of(by_set._study_facts(draft, {"one": france, "two": france}))["currency"] == "euro"
    both = by_set._study_facts(draft, {"one": france, "two": china})
    assert store.country_of(both) == {}
    assert store.country_of(both["comparisons"]["one"])["currency"] == "euro"


def test_intervals_of_all_tables_hold_the_parameters_where_replicates_draw_them(
    call: Call, monkeypatch: pytest.MonkeyPatch, few_messages: None
) -> None:
    told: dict[str, set[bool]] = {}
    given: list[Any] = []

    def watched(module: Any, name: str) -> None:
        plain = getattr(module, name)

        def made(*args: Any, **how: Any) -> Any:
            told.setdefault(name, set()).add(how["uncertain"] if "uncertain" in how else args[-1])
            given.extend([how["offsets"]] if "offsets" in how else [])
            return plain(*args, **how)

        monkeypatch.setattr(module, name, made)

    for name in ("effects", "contrasts", "displacement", "work", "drift", "scorecard"):
        watched(comparisons, name)
    watched(comparisons.ablation, "contributions")
    today = 'title = "x"\nbase = "status_quo"\ncompare_with = "today"\n[population]\nfirm_size_max = 20\n'
    Path("today.toml").write_text(today, encoding="utf-8")
    Path("quiet.toml").write_text(f'{today}[[levers]]\nkind = "quiet_hours"\nmode = "hold"\n', encoding="utf-8")
    size = ("--people", 20, "--years", 0.04, "--replicates", 1, "--no-figures", "--parameters", "surveyed")
    only = ("--only", "expectation")
    for command in (("run", "quiet.toml"), ("run", "today.toml"), ("explain", "quiet.toml", *only), ("targets",)):
        done = call(*command, *size)
        assert done.code == 0, done.err
    names = ("effects", "contrasts", "displacement", "work", "drift", "scorecard", "contributions")
    assert told == {name: {True} for name in names}
    (offsets,) = given  # of the mean over all draws, beside that over those simulated
    assert np.array_equal(offsets, load_draws("surveyed").offsets(load("quiet.toml"), 1))
