"""What an effect consists of: contributions by hand, mechanisms by name, and the words that are printed."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from docs.generate import laid_side_by_side
from sim.comparing.ablation import (
    ALL,
    EXPECTATION,
    Sums,
    contributions,
    read_switches,
    remainders,
    switched_off,
)
from sim.comparing.basis import Basis
from sim.core.errors import InputError
from sim.core.parameters import MECHANISMS
from sim.outcomes import BY_NAME, FEWEST, SCALE
from sim.publishing.answers import answer_for
from sim.report.comparison import main_mechanisms as in_words
from sim.report.comparison import print_explanation
from sim.report.console import as_text
from sim.runs.identity import identity
from sim.scenario.loading import load
from tests import drawable

OUTCOMES = (BY_NAME["hidden_overtime"], BY_NAME["exhaustion"])
FIRMS = 20


def sums(*levels: float, noise: float = 0.0, seed: int = 1) -> Sums:
    """Worlds of 20 firms of one person, each at a level and a bit more or less, the same in all worlds."""
    spread = np.random.default_rng(seed).standard_normal((FIRMS, len(OUTCOMES)))
    values = np.stack([level * (1.0 + noise * spread) for level in levels])
    return np.round(values * SCALE).astype(np.int64), np.full(values.shape, SCALE)


BASIS = Basis(pl.DataFrame({"replicate": [0] * FIRMS, "firm": range(FIRMS)}), [0, 1], "weeks 0–1")


def row(table: pl.DataFrame, mechanism: str) -> dict[str, float]:
    return table.filter(mechanism=mechanism, outcome="hidden_overtime").row(0, named=True)


def test_contributions_by_hand() -> None:
    """From 10 to 4 with everything on, from 10 to 8 without the first, from 6 to 3 without the second mechanism."""
    found = {ALL: sums(10, 4, noise=0.1), "a": sums(10, 8, noise=0.1), "b": sums(6, 3, noise=0.1)}
    table = contributions("ban", found, BASIS, OUTCOMES, uncertain=False)
    everything, first, second = (row(table, name) for name in (ALL, "a", "b"))
    assert everything["effect"] == pytest.approx(-6, rel=0.1)
    assert (everything["contribution"], everything["share"]) == (None, None)
    assert first["contribution"] / everything["effect"] == pytest.approx(first["share"]) == pytest.approx(4 / 6)
    assert second["share"] == pytest.approx(3 / 6, rel=1e-6)
    assert first["contribution_low"] < first["contribution"] < first["contribution_high"] < 0
    assert remainders(table) == {}
    assert table.columns == list(laid_side_by_side()["explanation"][1])


def test_contributions_that_depend_on_parameters_have_wider_intervals() -> None:
    """Four replicates of five firms; without the mechanism nothing is left of an effect that differs by replicate."""
    basis = BASIS._replace(firms=pl.DataFrame({"replicate": np.repeat(range(4), 5), "firm": [*range(5)] * 4}))
    ban, none = sums(10, 4, noise=0.1), sums(10, 10, noise=0.1)
    moved = ban[0].copy()
    moved[1] += np.repeat([3, -3, 2, -2], 5)[:, None] * SCALE
    found = {ALL: (moved, ban[1]), "a": none}
    point, both = (row(contributions("ban", found, basis, OUTCOMES, uncertain), "a") for uncertain in (False, True))
    assert point["contribution"] == both["contribution"]
    assert point["half_chance"] is point["half_parameters"] is None
    assert both["half_parameters"] > 3 * both["half_chance"] > 0
    assert both["contribution_low"] < point["contribution_low"]
    assert both["effect"] == both["low"] == both["high"] == 0
    assert point["share"] == 1.0
    assert both["share"] is None  # under other parameters there may be no effect that it could be a share of


def test_a_mechanism_that_does_nothing_contributes_exactly_nothing() -> None:
    table = contributions(
        "ban", {ALL: sums(10, 4, noise=0.1), "a": sums(10, 4, noise=0.1)}, BASIS, OUTCOMES, uncertain=False
    )
    nothing = row(table, "a")
    assert (nothing["contribution"], nothing["contribution_low"], nothing["contribution_high"]) == (0, 0, 0)
    assert nothing["share"] == 0


def test_an_unclear_effect_has_no_shares() -> None:
    still = sums(10, 10)
    other = sums(10, noise=0.3, seed=2)
    noisy = (np.concatenate([still[0][:1], other[0]]), still[1])
    table = contributions("ban", {ALL: noisy, "a": still}, BASIS, OUTCOMES, uncertain=False)
    assert row(table, ALL)["low"] < 0 < row(table, ALL)["high"]
    assert row(table, "a")["share"] is None


def test_the_interval_of_a_level_ends_where_the_outcome_does() -> None:
    """All that there is lies in one firm, so that the jackknife reaches below nothing; a change may be below zero."""
    outcomes = [BY_NAME["share_burnt_out"], BY_NAME["hidden_overtime"]]
    above = np.zeros((1, 8, 2), np.int64)
    above[0, 0] = 9 * SCALE
    below = np.full((1, 8, 2), 10 * SCALE)
    basis = Basis(pl.DataFrame({"replicate": [0] * 8, "firm": range(8)}), [0], "weeks 0")
    levels = contributions("today", {ALL: (above, below)}, basis, outcomes, uncertain=False)
    assert levels["low"].to_list() == [0.0, 0.0]
    assert (levels["high"] > 0.2).all()
    pair = np.concatenate([np.zeros_like(above), above]), np.concatenate([below, below])
    changes = contributions("ban", {ALL: pair}, basis, outcomes, uncertain=False)
    assert (changes["low"] < -0.1).all()


def test_a_level_is_explained_and_the_remainder_is_what_does_not_add_up() -> None:
    found = {ALL: sums(10)} | {name: sums(10) for name in MECHANISMS} | {EXPECTATION: sums(4)}
    found["m12_watching"] = sums(9)
    table = contributions("today", found, BASIS, OUTCOMES, uncertain=False)
    assert row(table, EXPECTATION)["share"] == pytest.approx(0.6)
    assert remainders(table)["hidden_overtime"] == pytest.approx(9.0)
    manifest = {"counterfactual": None, "remainder": remainders(table)}
    text = as_text(print_explanation, {"explanation": table}, manifest, Path("results/x"), width=80)
    assert "60.0 % of hidden overtime would not be there without it" in " ".join(text.split())
    assert "Contributions need not add up" in " ".join(text.split())
    assert "remainder" in text
    assert max(map(len, text.splitlines())) <= 80
    unclear = table.with_columns(contribution_low=-pl.col("contribution_high"))
    text = as_text(print_explanation, {"explanation": unclear}, manifest, Path("results/x"), width=80)
    assert "would not be there" not in text  # the interval of what it contributes includes zero


def test_the_largest_clear_part_is_not_called_the_largest_of_all() -> None:
    found = {ALL: sums(10)} | {name: sums(10) for name in MECHANISMS} | {EXPECTATION: sums(4), "m12_watching": sums(1)}
    table = contributions("today", found, BASIS, OUTCOMES, uncertain=False)
    unclear = pl.when(pl.col("mechanism") == "m12_watching").then(-1.0).otherwise("contribution_low")
    said = next(in_words(table.with_columns(contribution_low=unclear), level=True))
    assert "60 % of it would not be there, the most of all that were switched off and have a clear part." in said


def test_what_works_against_the_effect_is_no_share_that_would_not_be_there() -> None:
    found = {ALL: sums(10)} | {name: sums(10) for name in MECHANISMS} | {EXPECTATION: sums(12)}
    table = contributions("today", found, BASIS, OUTCOMES, uncertain=False)
    assert row(table, EXPECTATION)["share"] == pytest.approx(-0.2)
    manifest = {"counterfactual": None, "remainder": {}}
    text = as_text(print_explanation, {"explanation": table}, manifest, Path("results/x"), width=80)
    assert "would not be there" not in text


def test_mechanisms_that_were_off_from_the_outset_are_named() -> None:
    """Their zeros read as if they did nothing."""
    table = contributions("mine", {ALL: sums(10), "m6_norms": sums(10)}, BASIS, OUTCOMES, uncertain=False)
    facts = {"kind": "explanation", "counterfactual": None, "remainder": {}, "scenario": "mine"}
    for on in (True, False):
        here = {"switches": ["m6_norms"], "resolved": {"mine": {"mechanisms": {"m6_norms": on}}}}
        about = drawable.overview(("mine",)) | facts | here
        text = " ".join(as_text(print_explanation, {"explanation": table}, about, Path("x")).split())
        said = "switching it off changes nothing: moving norms."
        assert (said in text) is not on
        assert any(said in each for each in answer_for("x", {"explanation": table}, about).sure) is not on


def test_remainders_are_in_the_order_of_outcomes_whenever_they_are_asked() -> None:
    names = [f"outcome {number}" for number in range(20)]
    columns = ("mechanism", "outcome", "contribution", "effect")
    rows = [(each, name, 1.0, 20.0) for each in (*MECHANISMS, ALL) for name in names]
    assert list(remainders(pl.DataFrame(rows, schema=columns, orient="row"))) == names


def test_an_outcome_that_a_mechanism_defines_has_no_remainder() -> None:
    """Where nothing waits there is no mean wait, and the other contributions are not all of them."""
    found = {ALL: sums(10, 4)} | {name: sums(10, 5) for name in MECHANISMS}
    above, below = sums(10, 5)
    found["m8_waiting"] = above * np.array([1, 0]), below * np.array([1, 0])
    table = contributions("ban", found, BASIS, OUTCOMES, uncertain=False)
    assert table.filter(mechanism="m8_waiting", outcome="exhaustion")["contribution"].to_list() == [None]
    assert remainders(table) == {"hidden_overtime": pytest.approx(len(MECHANISMS) - 6)}
    manifest = {"counterfactual": "today", "remainder": remainders(table)}
    assert "remainder" in as_text(print_explanation, {"explanation": table}, manifest, Path("results/x"), width=80)


def test_switches_by_name() -> None:
    assert read_switches([]) == (*MECHANISMS, EXPECTATION)
    assert read_switches([EXPECTATION, "m12_watching"]) == ("m12_watching", EXPECTATION)
    with pytest.raises(InputError, match="--only m12: unknown mechanism"):
        read_switches(["m12"])


def test_worlds_without_a_mechanism_differ_in_it_alone() -> None:
    today = load("status_quo")
    assert switched_off(today, ALL) == today
    off = {name: switched_off(today, name) for name in (*MECHANISMS, EXPECTATION)}
    assert len({identity(world, 0) for world in off.values()} | {identity(today, 0)}) == len(off) + 1
    assert off["m12_watching"].mechanisms == {"m12_watching": False}
    assert set(off[EXPECTATION].parameters) - set(today.parameters) == {"act_expectation", "check_off_expectation"}
    assert all(len(world.name) <= 64 and world.levers == today.levers for world in off.values())


def test_worlds_whose_long_names_begin_alike_keep_names_of_their_own() -> None:
    """Or the sums of both would be those of one world, without an effect, and each mechanism would have all of it."""
    today, ban = (load("status_quo").model_copy(update={"name": "x" * 60 + end}) for end in ("_now", "_ban"))
    for mechanism in (*MECHANISMS, EXPECTATION):
        names = {switched_off(each, mechanism).name for each in (today, ban)}
        assert len(names) == 2
        assert max(map(len, names)) <= 64


def test_over_few_firms_no_interval_of_a_contribution_is_stated() -> None:
    """Nor a share of an effect that may be chance; what is exactly zero stays."""
    found = {ALL: sums(10, 4, noise=0.1), "a": sums(10, 8, noise=0.1), "b": sums(10, 4, noise=0.1)}

    def among(firms: int) -> pl.DataFrame:
        few = {name: (above[:, :firms], below[:, :firms]) for name, (above, below) in found.items()}
        return contributions("ban", few, BASIS._replace(firms=BASIS.firms.head(firms)), OUTCOMES, uncertain=True)

    assert row(among(FEWEST), "a")["share"] == pytest.approx(4 / 6)
    table = among(FEWEST - 1)
    everything, first, second = (row(table, name) for name in (ALL, "a", "b"))
    assert (everything["low"], everything["high"]) == (None, None)
    assert first["contribution"] < 0
    assert [first[name] for name in ("contribution_low", "contribution_high", "half_chance", "share")] == [None] * 4
    assert (second["contribution"], second["contribution_low"], second["contribution_high"]) == (0, 0, 0)
    text = as_text(
        print_explanation, {"explanation": table}, {"counterfactual": None, "remainder": {}}, Path("results/x")
    )
    assert "fewer than 6 firms give none" in text
