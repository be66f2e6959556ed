"""What the engine takes from no library of mathematics: how exact it is, and that no other library moves a bit."""

import math
import os
import subprocess
import sys
from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy import special

from sim.core.elementary import exp, log, normal_quantile

RNG = np.random.default_rng(20261130)
SMALLEST = 2.0**-53  # tail that is drawn

WORLD = """
import hashlib, math
import numpy as np
from sim.model import Workplace
from sim.scenario.loading import load

scenario = load("pilot_ban")
run = scenario.run.model_copy(update={"people": 600, "warmup_days": 0, "settling_weeks": 0})
model = Workplace(scenario.model_copy(update={"run": run}), parameters="point")
model.run_for(14)
values = np.array([f(x) for f in (math.exp, math.log) for x in np.linspace(0.1, 5.0, 20_000)])
print(*(hashlib.sha256(array.tobytes()).hexdigest() for array in (model.world.person, values)))
"""


def exact(method: str, x: float) -> Decimal:
    with localcontext(prec=40):
        return Decimal(getattr(Decimal(x), method)())


@pytest.mark.parametrize("spread", [1e-9, 0.003, 0.3, 3.0, 30.0, 200.0])
def test_exponentials_are_as_exact_as_promised(spread: float) -> None:
    for x in (*RNG.normal(0.0, spread, 500), 0.0, spread, -spread):
        share = Decimal(exp(float(x))) / exact("exp", float(x)) - 1
        assert abs(share) <= Decimal("2e-15") + Decimal("2e-16") * abs(Decimal(x)), x


def test_exponentials_beyond_700_are_those_of_700() -> None:
    assert exp(0.0) == 1.0
    assert exp(1e6) == exp(700.0) > 1e304
    assert 0.0 < exp(-math.inf) == exp(-700.0) < 1e-304


@pytest.mark.parametrize("spread", [1e-15, 1e-9, 0.003, 0.1, 3.0, 30.0, 100.0])
def test_logarithms_are_as_exact_as_promised(spread: float) -> None:
    for x in (*np.exp(RNG.normal(0.0, spread, 500)), 1.0 + spread):
        right = exact("ln", float(x))
        assert abs(Decimal(log(float(x))) - right) <= Decimal("3e-16") * max(1, abs(right)), x


def test_logarithms_beside_one_have_their_sign_and_are_exact() -> None:
    below, above = 1.0 - 2.0**-53, 1.0 + 2.0**-52
    assert (log(1.0), log(below), log(above)) == (0.0, -(2.0**-53), math.log(above))
    for x in (*(1.0 - 2.0 ** -np.arange(8.0, 53.0)), *(1.0 + 2.0 ** -np.arange(7.0, 52.0))):
        assert log(float(x)) == pytest.approx(math.log(x), rel=3e-16, abs=0.0)


def test_logarithms_rise_over_the_ends_of_all_cells() -> None:
    """Of twelve doublings, which have 64 and begin at 0.6875."""
    ends = np.concatenate([0.6875 * 2.0**k * (1.0 + np.arange(64) / 64.0) for k in range(-6, 6)])
    for end in ends:
        assert log(float(np.nextafter(end, 0.0))) <= log(float(end)) <= log(float(np.nextafter(end, np.inf)))


def test_quantiles_are_those_of_the_formula() -> None:
    """Abramowitz and Stegun's 26.2.23, itself within 5e-4 of the quantile; tails and ends of all cells included."""
    ends = (2.0 ** -np.arange(1.0, 54.0)[:, None] * (1.0 + np.arange(16) / 16.0)).ravel()
    u = np.concatenate([RNG.random(20_000), ends, np.nextafter(ends, 1.0), 1.0 - ends])
    u = u[(u >= SMALLEST) & (u <= 1.0 - SMALLEST)]
    t = np.sqrt(-2.0 * np.log(np.minimum(u, 1.0 - u)))
    z = t - (2.515517 + 0.802853 * t + 0.010328 * t**2) / (1.0 + 1.432788 * t + 0.189269 * t**2 + 0.001308 * t**3)
    found = np.array([normal_quantile(float(x)) for x in u])
    assert np.abs(np.where(u > 0.5, 1.0, -1.0) * np.maximum(z, 0.0) - found).max() < 1e-9
    assert np.abs(found - special.ndtri(u)).max() < 5e-4


def test_quantiles_never_fall_when_the_draw_rises() -> None:
    """Also where the two branches meet, and at the ends of cells."""
    near = 0.5 + np.concatenate([-(2.0 ** -np.arange(2.0, 52.0)), [0.0], 2.0 ** -np.arange(51.0, 1.0, -1.0)])
    ends = np.sort((2.0 ** -np.arange(2.0, 12.0)[:, None] * (1.0 + np.arange(16) / 16.0)).ravel())
    beside = np.column_stack([ends * (1.0 - 1e-12), ends, ends * (1.0 + 1e-12)]).ravel()
    for u in (np.linspace(1e-6, 1.0 - 1e-6, 50_001), near, beside, 1.0 - beside[::-1]):
        z = np.array([normal_quantile(float(x)) for x in u])
        assert (np.diff(z) >= 0.0).all()


def test_a_world_has_the_same_bits_with_another_library_of_mathematics() -> None:
    """The GNU library has several, and takes another one where a processor lacks fused multiplication."""
    without = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2"}
    found = [
        subprocess.run([sys.executable, "-c", WORLD], env=os.environ | own, capture_output=True, text=True, check=True)
        for own in ({}, without)
    ]
    (world, _), (other, _) = (each.stdout.split() for each in found)
    assert world == other
