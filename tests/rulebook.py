"""Every rule of behaviour against its formula in the protocol, point by point; quick enough to ask of each mutant."""

import inspect
import math
import random
from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import FunctionType
from typing import Any

from sim import behaviour
from sim.core.columns import CHANNELS, ROLES
from sim.core.parameters import TABLE
from tests.twin import rules as protocol

POINTS = 400  # of each rule
ROWS = {row.name: row for row in TABLE}
HOURS = [0.0, 420.0, 1_080.0, 1_320.0, 1_440.0]  # minutes of the day
# Values of an argument: from and to, between which it may lie anywhere; or a list. By default 0 to 1.
VALUES: dict[str, dict[str, tuple[float, float] | list[float]]] = {
    "kept_under_load": {"load": (0.0, 400.0)},
    "skim": {"load": (0.0, 400.0)},
    "by_activity": {"trait": (-4.0, 4.0), "exponent": [0.0, 0.1, 0.5, 1.0, 2.0]},
    "follow_up": {"depth": [1, 2, 5, 6, 7, 40, 100]},
    "initiative": {"own": (0.0, 8.0), "refuses": [0.0, 1.0]},
    "evening_factor": {"hour": [0.0, 17.0, 20.0, 20.5, 21.0, 22.5, 23.5]},
    "channel_by_morning": {"usual": list(range(len(CHANNELS))), "group": [0, 1]},
    "within": {name: HOURS for name in ("minute", "start", "end")},
    "alerts_are_quiet": {name: HOURS for name in ("minute", "focus_from", "focus_to", "core_from", "core_to")},
    "shifted_opening": {"opening": [17_000.0, 30_600.0, 34_200.0, 50_000.0], "flexible": (0.0, 600.0)},
    "start_expectation": {"culture": (-3.0, 3.0)},
    "expectation_target": {"culture": (-3.0, 3.0)},
    "obeys": {
        "closure": [0.0, 0.5, 1.0, 2.0],
        "compliance": [0.0, 0.25, 0.5, 1.0],
        "rank": [0.0, 0.125, 0.25, 0.5, 1.0],
    },
    "silence": {"closure": [0.0, 0.0005, 0.5, 1.0]},
    "margin_below_cap": {"u": (1e-12, 1.0)},
    "may_go_home": {"backlog": (0.0, 900.0), "cut": (0.0, 300.0)},
    "weight_of_money": {"yuan": (0.0, 5_000.0)},
    "weight_of_sanction": {"fine": (0.0, 5_000.0)},
    "found_out": {"inspections": (0.0, 5.0), "complaints": (0.0, 5.0)},
    "readiness_target": {"incentive": (0.0, 5_000.0)},
    "share": {"x": (-1.0, 2.0)},
    "clip": {"x": (-1.0, 3.0), "low": (0.0, 1.0), "high": (1.0, 2.0)},
    "chance": {"log_odds": (-30.0, 30.0)},
    "approach": {"state": (-2.0, 2.0), "target": (-2.0, 2.0), "days": (0.2, 200.0)},
    "fault_uninformed": {"informed": (0.0, 1.0)},
    "informed_target": {"news": (0.0, 60.0), "meetings": (0.0, 6.0)},
    "time_pressure_target": {"backlog": (0.0, 40.0), "unanswered": (0.0, 24.0), "overdue": (0.0, 24.0)},
    "fault_of_interrupted": {"interrupted": (0.0, 30.0)},
    "sleep_minutes": {
        "pressed": (-2.0, 4.0),
        "rest": [-60.0, 300.0, 360.0, 500.0, 780.0, 900.0, 960.0, 2_000.0],
        "late": [0.0, 1.0],
    },
    "detachment_target": {"session": (0.0, 5.0), "pressed": (-2.0, 4.0), "obligated": (0.0, 5.0), "chosen": (0.0, 5.0)},
    "fatigue_target": {
        "pressed": (-2.0, 4.0),
        "hours": (0.0, 16.0),
        "interruptions": (0.0, 60.0),
        "sleep": (180.0, 600.0),
    },
    "exhaustion_target": {"fatigue": (-3.0, 3.0)},
    "cynicism_target": {"exhaustion": (-3.0, 3.0)},
    "burnout": {"exhaustion": (-3.0, 3.0), "cynicism": (-3.0, 3.0)},
    "efficacy_target": {"done": (0.0, 6.0)},
    "anxiety_target": {"trait": (-3.0, 3.0), "unanswered": (0.0, 24.0), "load": (0.0, 400.0)},
    "conflict_target": {
        "pressed": (-2.0, 4.0),
        "obligated": (0.0, 5.0),
        "overtime": (0.0, 5.0),
        "fatigue": (-3.0, 3.0),
    },
    "enrichment_target": {"chosen": (0.0, 5.0), "efficacy": (-2.0, 2.0)},
    "working_speed": {"exhaustion": (-3.0, 5.0), "fatigue": (-3.0, 5.0), "experience": (0.2, 1.2)},
    "hurried": {"hurry": [0, 1]},
    "experience": {"tenure_days": (-100.0, 1_000.0)},
    "fault_chance": {"exhaustion": (-3.0, 5.0)},
    "fault_by_default": {"defaults": [0, 1, 2, 5]},
    "stay_minutes": {"backlog": (0.0, 900.0), "due": (0.0, 900.0)},
    "priority": {"arrived": (0.0, 1e8), "due": (0.0, 1e8)},
    "late_share": {"days": [-5.0, 0.0, 0.0005, 0.5, 7.0, 50.0]},
    "home_minutes": {"backlog": (0.0, 900.0)},
    "meeting_start": {
        "opening": [17_000.0, 30_600.0, 34_200.0, 50_000.0],
        "day": [14_400.0, 32_400.0],
        "pause": [0.0, 3_600.0],
        "length": (60.0, 28_800.0),
    },
    "length_of_day": {"usual": (18_000.0, 36_000.0), "part_time": [0, 1]},
    "overtime_price": {"by_rule": (0.0, 5.0), "working": (0.0, 1e5), "rest": (0.0, 1e5), "statutory": (0.0, 1e5)},
    "hourly_wage": {"role": list(range(len(ROLES)))},
    "brought_along": {"drawn": (-3.0, 3.0), "left": (-3.0, 3.0)},
    "outside_rate": {"role": list(range(len(ROLES))), "volume": (0.0, 8.0)},
    "outside_gap": {"rate": (0.1, 60.0), "u": (0.001, 0.999)},
    "outside_hour": {"role": list(range(len(ROLES))), "passed": (0.0, 0.999)},
    "outsiders_channel": {"own": list(range(len(CHANNELS)))},
    "custom_kept": {"role": list(range(len(ROLES))), "channel": list(range(len(CHANNELS))), "hours": (0.0, 200.0)},
    "by_size": {"rate": (0.0, 3.0), "people": (1.0, 5_000.0), "growth": (-1.0, 2.0)},
    "recall_seconds": {"waited": (0.0, 2e5)},
    "work_besides": {"outside": (0.0, 100.0), "usual": (10.0, 1_000.0)},
}
MOST = 1_000.0  # to which parameters without an upper bound are drawn


class Drawn:
    """Parameters by name, each drawn when it is asked for, from the range of the table."""

    def __init__(self, seed: float) -> None:
        self.seed = seed

    def __getattr__(self, name: str) -> float:
        row = ROWS[name]
        value = _draw(random.Random(f"{self.seed} {name}"), (float(row.low), float(min(row.high, MOST))))
        setattr(self, name, value)
        return float(value)

    def __repr__(self) -> str:
        """Show what was asked for."""
        return str({name: value for name, value in vars(self).items() if name != "seed"})


def plain(rule: Any) -> FunctionType:
    """Give a rule as Python has it, compiled or not."""
    function = getattr(rule, "py_func", rule)
    assert isinstance(function, FunctionType)
    return function


def rules() -> dict[str, FunctionType]:
    """All rules of behaviour, by name."""
    modules = [import_module(f"sim.behaviour.{module.name}") for module in iter_modules(behaviour.__path__)]
    found = [
        plain(rule)
        for module in modules
        for rule in vars(module).values()
        if callable(rule) and getattr(rule, "__module__", "") == module.__name__
    ]
    return {function.__name__: function for function in found}


def points(rule: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """Draw points at which to ask a rule, the same each time; ends and the middle of a range are often among them."""
    dice = random.Random(rule.__name__)
    given = VALUES.get(rule.__name__, {})
    arguments = inspect.signature(rule).parameters.values()
    values = {
        one.name: [False, True] if one.annotation is bool else given.get(one.name, (0.0, 1.0))
        for one in arguments
        if one.name != "p"
    }
    for _ in range(POINTS):
        point = {name: _draw(dice, among) for name, among in values.items()}
        yield {"p": Drawn(dice.random())} | point if "p" in inspect.signature(rule).parameters else point


def _draw(dice: random.Random, among: Any) -> Any:
    if isinstance(among, list):
        return dice.choice(among)
    low, high = among
    return dice.choice((low, high, 0.5 * (low + high), dice.uniform(low, high), dice.uniform(low, high)))


def disagreement(rule: FunctionType) -> str | None:
    """Find a point at which a rule is not what its formula says; None if there is none."""
    formula = getattr(protocol, rule.__name__)
    allowed = protocol.CLOSE if rule.__name__ == "kept_under_load" else 0.0
    for point in points(rule):
        ours, theirs = formula(**point), rule(**point)
        if type(ours) is not type(theirs) or not math.isclose(ours, theirs, rel_tol=allowed, abs_tol=0.0):
            return f"{rule.__name__}({point}): the code says {theirs!r}, the protocol {ours!r}"
    return None
