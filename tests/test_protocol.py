"""The rules of behaviour are what the protocol says, and the twin is written without a look at the code."""

import ast
import inspect
from pathlib import Path
from types import FunctionType

import pytest

from sim.core.parameters import Parameters
from tests import twin
from tests.rulebook import disagreement, points, rules
from tests.twin import rules as protocol

RULES = rules()


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_its_formula(name: str) -> None:
    found = disagreement(RULES[name])
    assert found is None, found


def dares(p: Parameters, anonymous: float, rank: float) -> float:
    """A share of a half."""
    return (0.5 + 0.5 * anonymous) * (1.0 - rank)


def working_speed(p: Parameters, exhaustion: float, fatigue: float, experience: float) -> float:
    """No least speed."""
    return min(experience * (1.0 - p.slow_exhaustion * exhaustion - p.slow_fatigue * fatigue), p.speed_most)


@pytest.mark.parametrize("wrong", [dares, working_speed], ids=lambda rule: rule.__name__)
def test_a_wrong_formula_is_seen(wrong: FunctionType) -> None:
    """Two faults that every test had let pass, when the twin took its rules from the code."""
    assert "the code says" in (disagreement(wrong) or "")


def test_every_rule_has_a_formula_of_the_same_signature() -> None:
    members = inspect.getmembers(protocol, inspect.isfunction)
    formulas = {name: item for name, item in members if item.__module__ == protocol.__name__}
    assert {name: str(inspect.signature(item)) for name, item in formulas.items()} == {
        name: str(inspect.signature(item)) for name, item in RULES.items()
    }


def test_points_lie_inside_and_outside_of_all_bounds() -> None:
    """The points of a bounded rule reach both bounds and lie between them."""
    for name in ("skim", "initiative", "expectation_target", "sleep_minutes", "working_speed", "stay_minutes"):
        results = [RULES[name](**point) for point in points(RULES[name])]
        assert len(set(results)) > 20, name
    speeds = [(point["p"], RULES["working_speed"](**point)) for point in points(RULES["working_speed"])]
    assert any(speed == p.speed_least for p, speed in speeds)
    assert any(speed == p.speed_most for p, speed in speeds)


# What the twin may know of the code: names of columns and draws, what is given before the first day, and of mathematics
# the tables of functions that ``tests/test_elementary.py`` compares with those of 40 digits.
TABLES = (
    "_BY_PART", "_DOUBLING", "_E1", "_E2", "_E3", "_E4", "_INVERSE", "_LOGARITHM", "_QUANTILES", "_ROOTS",
)  # fmt: skip
GIVEN = {
    "elementary": {"sim.core.elementary": set(TABLES)},
    "world": {"sim.model": {"Workplace"}, "sim.core.parameters": {"Q"}},
    "agreement": {
        "sim.engine.clock": {"moment"},
        "sim.engine.records": {"Table"},
        "sim.engine.state": {"HELD", "INBOX", "Place", "Task", "sums"},
        "sim.model": {"Workplace"},
    },
}


def test_the_twin_imports_no_rule_of_the_code() -> None:
    seen = 0
    for path in sorted(Path(twin.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not any(name.name.split(".")[0] in ("sim", "importlib") for name in node.names), path.name
            elif isinstance(node, ast.ImportFrom):
                names, source = {alias.name for alias in node.names}, node.module or ""
                seen += source.split(".")[0] == "sim"
                if source == "sim.core":
                    assert names == {"draws"}, path.name
                elif source.split(".")[0] not in ("sim", "importlib"):
                    assert source.split(".")[0] != "tests" or source.startswith("tests.twin"), f"{path.name}: {source}"
                elif source != "sim.core.columns":
                    assert names <= GIVEN.get(path.stem, {}).get(source, set()), f"{path.name}: {source}, {names}"
    assert seen > 10
