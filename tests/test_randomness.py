"""Draws: published vectors, uniformity, independence, quantiles, and that no number decides two things."""

import ast
import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import sim.core.draws
from sim.core import draws, randomness
from sim.core.randomness import child, lognormal, splitmix, uniform
from sim.core.units import WEEK, YEAR_DAYS
from sim.engine.delivery import MOST_TRIES
from sim.scenario.economy import LONGEST, Run

pytestmark = pytest.mark.smallworld

ROOT = Path(sim.core.draws.__file__).resolve().parents[2]
SOURCES = sorted(
    path for path in (ROOT / "sim").rglob("*.py") if "from sim.core import draws" in path.read_text(encoding="utf-8")
)
ALARM = 1e-6  # chance that a sound generator fails one of the tests of uniformity and independence below


def plain(function: Callable[..., object]) -> Callable[..., np.ndarray]:
    """The uncompiled form, which takes whole arrays of keys and numbers."""
    return np.errstate(over="ignore")(getattr(function, "py_func", function))


def unit(bits: np.ndarray) -> np.ndarray:
    """Uniform draws from mixed bits, as ``uniform`` makes them one by one."""
    return ((bits >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52


def keys(n: int) -> np.ndarray:
    """Keys as the engine has them: children of one owner."""
    return plain(splitmix)(np.uint64(99) ^ np.uint64(0xBF58476D1CE4E5B9), np.arange(n, dtype=np.uint64))


# --- published vectors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "outputs"),
    [
        (0, [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC, 0x1B39896A51A8749B]),
        (
            1234567,
            [
                6457827717110365317,
                3203168211198807973,
                9817491932198370423,
                4593380528125082431,
                16408922859458223821,
            ],
        ),
    ],
)
def test_splitmix_gives_the_published_outputs(seed: int, outputs: list[int]) -> None:
    """Number n is output n + 1 of the reference program by Vigna, seeded with the key."""
    assert [int(splitmix(np.uint64(seed), n)) for n in range(5)] == outputs


# --- uniformity and independence ------------------------------------------------------------------------------------


def chi_square_alarm(observed: np.ndarray) -> float:
    """Two-sided chance of a chi-square as far from its middle as this one: too uneven, or too even."""
    p = stats.chisquare(observed.ravel()).pvalue
    return 2.0 * min(p, 1.0 - p)


def sequences() -> Iterator[tuple[str, np.ndarray]]:
    """Draws in the orders in which the engine needs them."""
    mix = plain(splitmix)
    n = np.arange(200_000, dtype=np.uint64)
    yield "numbers of one thing", unit(mix(np.uint64(7), n))
    yield "one decision about things numbered in a row", unit(mix(n, np.uint64(3)))
    yield "one decision about children", unit(mix(keys(len(n)), np.uint64(0)))
    yield "messages and a person", unit(mix(keys(len(n)) ^ keys(1)[0], np.uint64(1)))
    yield "low bits", unit(mix(keys(len(n)), np.uint64(5)) << np.uint64(32))


def test_draws_are_uniform() -> None:
    """200,000 draws in 256 bins by chi-square; false alarm 5 orders times 1e-6."""
    for what, u in sequences():
        counts = np.bincount((u * 256).astype(int), minlength=256)
        assert chi_square_alarm(counts) > ALARM, what


def test_neighbouring_draws_are_independent() -> None:
    """Pairs of neighbours in 32 x 32 bins by chi-square; false alarm 5 orders times 1e-6."""
    for what, u in sequences():
        first, second = u[:-1:2], u[1::2]
        counts = np.zeros((32, 32))
        np.add.at(counts, ((first * 32).astype(int), (second * 32).astype(int)), 1)
        assert chi_square_alarm(counts) > ALARM, what


def test_two_decisions_about_one_thing_are_independent() -> None:
    """Correlation of draws 0..11 about 50,000 things; sd 1/sqrt(n), bound 6 sd: false alarm 66 x 2e-9 = 1.3e-7."""
    n = 50_000
    mix, things = plain(splitmix), keys(n)
    table = np.array([unit(mix(things, np.uint64(number))) for number in range(12)])
    correlation = np.corrcoef(table)[np.triu_indices(12, 1)]
    assert np.abs(correlation).max() < 6.0 / math.sqrt(n)


def test_each_bit_of_the_key_moves_half_of_the_outcome() -> None:
    """4,000 flips per bit: mean 32 of 64, sd 4/sqrt(4000); bound 6 sd: false alarm 64 x 2e-9 = 1.3e-7."""
    mix, some = plain(splitmix), keys(4_000)
    for bit in range(64):
        change = mix(some, np.uint64(2)) ^ mix(some ^ (np.uint64(1) << np.uint64(bit)), np.uint64(2))
        flips = np.unpackbits(change.view(np.uint8)).sum() / len(some)
        assert abs(flips - 32.0) < 6.0 * 4.0 / math.sqrt(len(some)), bit


def test_children_of_one_owner_and_of_many_are_all_different() -> None:
    """300,000 keys of 64 bits coincide by chance with probability 2.4e-9."""
    mix = plain(randomness.splitmix)
    salt = np.uint64(0xBF58476D1CE4E5B9)
    owners = keys(300)
    children = np.concatenate([mix(owner ^ salt, np.arange(1_000, dtype=np.uint64)) for owner in owners])
    assert len(np.unique(children)) == len(children)
    assert int(children[17]) == int(child(owners[0], 17))


def test_uniform_never_reaches_its_ends() -> None:
    """The extremes of 52 bits give numbers strictly between 0 and 1."""
    ends = unit(np.array([0, 2**64 - 1], np.uint64))
    assert ends[0] > 0.0
    assert ends[1] < 1.0
    one = keys(1)[0]
    assert uniform(one, 4) == unit(plain(randomness.splitmix)(np.array([one]), np.uint64(4)))[0]


# --- amounts --------------------------------------------------------------------------------------------------------


def test_lognormal_has_its_median_and_spread() -> None:
    """20,000 draws: log-median within 6 standard errors (1.25 sigma/sqrt n), spread within 6 (sigma/sqrt 2n): 4e-9."""
    n, sigma = 20_000, 0.7
    logs = np.log([lognormal(30.0, sigma, np.uint64(key), 0) for key in keys(n)])
    assert abs(np.median(logs) - math.log(30.0)) < 6.0 * 1.2533 * sigma / math.sqrt(n) + 5e-4
    assert abs(logs.std() - sigma) < 6.0 * sigma / math.sqrt(2 * n) + 5e-4


# --- one number, one decision ---------------------------------------------------------------------------------------

LAST_DAY = Run(years=LONGEST).days + Run.model_json_schema()["properties"]["warmup_days"]["maximum"] - 1
YEARS = int((LAST_DAY - LAST_DAY % WEEK) / YEAR_DAYS) + 1  # of which a leave can be, from day 0 of the longest run on
HOW_MANY = {
    "contact": 10, "year": YEARS, "chat": 60, "day": 30_000, "candidate task": 12, "ten-minute block": 150,
    "question": 6, "round of kept-back alerts": 48, "team": 90_000, "seat": 10**9, "week": 4_000, "replicate": 1_000,
    "firm": 10**9, "attempt": 3, "weekday": 7, "meeting": 11, "meeting called": 3, "message from outside": 1_000,
    "try": MOST_TRIES + 1,
}  # fmt: skip


def groups() -> dict[str, dict[str, tuple[int, int]]]:
    """The numbers of each group of ``sim/core/draws.py``: name, first and last."""
    text = Path(sim.core.draws.__file__).read_text(encoding="utf-8")
    body = text.split('"""', 2)[2]
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for section in re.split(r"^# ", body, flags=re.MULTILINE)[1:]:
        title, _, code = section.partition("\n")
        own = found.setdefault(title, {})
        for name in re.findall(r"\b[A-Z][A-Z_0-9]+\b", re.sub(r"#.*", "", code)):
            line = next(line for line in code.splitlines() if re.search(rf"\b{name}\b", line.split("#")[0]))
            unit_of = re.search(r"# \+ (?:number of the )?(.+)$", line)
            first = getattr(sim.core.draws, name)
            own[name] = (first, first + (HOW_MANY[unit_of.group(1)] if unit_of else 1) - 1)
    return found


def test_no_number_stands_for_two_decisions_about_one_thing() -> None:
    """In each group the ranges of draws do not overlap; nor do those of the keys of what belongs to the thing."""
    found = groups()
    assert len(found) == 11
    assert sum(map(len, found.values())) == len([name for name in dir(sim.core.draws) if name.isupper()])
    for title, own in found.items():
        for kind in (True, False):
            ranges = sorted((low, high, name) for name, (low, high) in own.items() if name.endswith("_KEY") == kind)
            for (_, high, one), (low, _, other) in itertools.pairwise(ranges):
                assert high < low, f"{title}: {one} and {other} share numbers"


def test_a_question_that_was_passed_on_shares_no_number_with_its_message() -> None:
    """It is a message of the firm, a question, and has the numbers by which a task's first question draws."""
    found = groups()
    message = {name: own for name, own in found["a message"].items() if not name.startswith("OUTSIDER")}
    question = next(own for title, own in found.items() if title.startswith("a question"))
    task = {
        name: (getattr(draws, name), getattr(draws, name) + 1) for name in ("WAIT", "REASK", "WHOM", "WHOM_EXACTLY")
    }
    numbers = sorted((low, high) for name, (low, high) in (message | question | task).items() if "_KEY" not in name)
    assert all(high < low for (_, high), (low, _) in itertools.pairwise(numbers))


SHARED = {
    "ACT": "whether it would have been acted on had nothing been expected is asked of the same draw",
    "ARRIVE": "to work on a working day, or the start of work at home on a free day",
    "CULTURE": "a firm's culture, and the order in which firms join a voluntary rule that they choose by it",
    "FIRM_SIZE": "the size of a firm, which beyond a bound is that of the same rank in a tail of large firms",
    "HAS_QUESTION": "tasks that arrive by themselves, or by a message",
    "HELD": "messages of the firm's people, or from outside",
    "LAPSES": "what becomes of an order is one draw, whether hours or closed channels keep it back",
    "QUESTION_KEY": "the key of a question, and whether a question still has it or was passed on",
    "READING": "messages of the firm's people, or from outside",
    "SEND": "blocks at work or outside hours",
    "TAKE": "blocks at work or outside hours",
    "URGENT": "messages on one's own account, questions, or messages from outside",
    "WORK": "work that is ordered, or that is handed on",
}


def test_each_draw_is_made_at_one_place() -> None:
    """A number used at two places is one of those whose uses exclude each other, and for these a reason is given."""
    used = Counter(
        node.attr
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "draws"
    )
    assert {name for name, times in used.items() if times > 1} == set(SHARED)
    unused = {name for name in dir(sim.core.draws) if name.isupper()} - set(used)
    assert not unused, f"numbers that decide nothing: {unused}"
