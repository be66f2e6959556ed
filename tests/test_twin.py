"""The engine agrees with its plain twin, message for message and to the bit, in small worlds of all kinds."""

import random

import numpy as np
import pytest

from sim.core.columns import L
from sim.core.elementary import exp, log, normal_quantile
from sim.core.parameters import MECHANISMS, TABLE
from sim.core.randomness import child, lognormal, splitmix, uniform
from tests.twin import chance, elementary
from tests.twin.agreement import first_difference
from tests.twin.world import Twin
from tests.twinned import EAGER, LIVELY, OVERSIGHT, WORLDS, World, pair, rule_under, together


@pytest.mark.parametrize("name", WORLDS)
def test_engine_and_twin_agree(name: str) -> None:
    world = WORLDS[name]
    engine, twin = pair(world)
    difference = first_difference(engine, twin, world.weeks + 1)
    assert difference is None, difference
    sums = np.sum(engine.recorder.ledgers, axis=(0, 1))
    assert [column for column in world.exercises if sums[getattr(L, column)] == 0] == []


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_they_agree_with_a_mechanism_off(mechanism: str) -> None:
    pilot = WORLDS["pilot_ban"]
    engine, twin = pair(World((), pilot.levers, EAGER, {mechanism: False}, weeks=1, firms=(1,)))
    difference = first_difference(engine, twin, 2)
    assert difference is None, difference


@pytest.mark.parametrize("seed", range(6))
def test_they_agree_in_a_random_world(seed: int) -> None:
    """About one parameter in four lies anywhere in its range, and some levers are thrown in."""
    dice = random.Random(seed)
    parameters = {
        row.name: dice.uniform(row.low, min(row.high, 4.0 * abs(row.value) + 1.0))
        for row in TABLE
        if dice.random() < 0.25
    }
    levers = [one for world in WORLDS.values() for one in world.levers if dice.random() < 0.3]
    rows = {name: dice.uniform(0.0, 2.0 * most) for name, most in OVERSIGHT.items() if dice.random() < 0.4}
    rows = {name: min(value, 1.0) if OVERSIGHT[name] < 1.0 else value for name, value in rows.items()}
    engine, twin = pair(World((), together(levers), parameters, rows=rows, firms=(seed,), seed=seed))
    difference = first_difference(engine, twin, 3)
    assert difference is None, difference


@pytest.mark.parametrize("seed", range(8))
def test_they_agree_under_any_rules_of_time_and_channel(seed: int) -> None:
    """Each role under its own mixture, some of which no lever would write."""
    engine, _ = pair(LIVELY._replace(firms=(seed,), seed=seed))
    rule_under(engine, seed)
    difference = first_difference(engine, Twin(engine), 2)
    assert difference is None, difference


@pytest.mark.smallworld
def test_they_agree_in_one_small_firm_with_compilation_on_or_off() -> None:
    pilot = WORLDS["pilot_ban"]
    engine, twin = pair(World((), pilot.levers, EAGER, weeks=1, firms=(5,)))
    difference = first_difference(engine, twin, 1)
    assert difference is None, difference
    assert engine.recorder.ledgers[0][:, L.read].sum() > 1_000


def test_a_difference_is_found_and_told() -> None:
    engine, twin = pair(WORLDS["today"]._replace(firms=(0,)))
    twin.q.reply_question *= 0.99
    difference = first_difference(engine, twin, 3)
    assert difference is not None
    assert difference.startswith("week ")
    assert "(engine)" in difference
    assert "  > twin   day " in difference


def test_the_twin_draws_the_same_numbers() -> None:
    dice = random.Random(1)
    for _ in range(200):
        key, number = dice.getrandbits(64), dice.choice([0, 1, 12, 2_000, 10_000_001])
        engine_key = np.uint64(key)
        assert chance.bits(key, number) == int(splitmix(engine_key, number))
        assert chance.child(key, number) == int(child(engine_key, number))
        assert chance.uniform(key, number) == uniform(engine_key, number)
        assert chance.lognormal(2.0, 0.7, key, number) == lognormal(2.0, 0.7, engine_key, number)


def test_the_twin_has_the_same_exponentials_logarithms_and_quantiles() -> None:
    """Also at the ends of ranges and between cells."""
    dice = random.Random(2)
    for x in (*(dice.uniform(-800.0, 800.0) for _ in range(500)), *(dice.gauss(0.0, 1.0) for _ in range(500)), 0.0):
        assert elementary.exp(x) == exp(x)
        assert elementary.log(exp(x)) == log(exp(x))
    ends = [half**n * (1.0 + k / 16.0) for half in (0.5,) for n in (1, 2, 3, 20, 52) for k in (0, 1, 7, 15)]
    tails = [uniform(np.uint64(dice.getrandbits(64)), 0) for _ in range(1_000)] + ends
    for u in (*(u for u in tails if u < 1.0), *(1.0 - u for u in tails if u < 1.0)):
        assert elementary.normal_quantile(u) == normal_quantile(u)
