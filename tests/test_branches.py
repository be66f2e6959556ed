"""Shares of branches: written into code where they fit, of rules that are there, and counted as branches are taken."""

import ast
from pathlib import Path

import numpy as np
import pytest
from numba.core.cgutils import ir

import sim
from sim.core import branches
from tests.branches import share

SYMBOL = "_ZN3sim6engine3day4turnB3v12B33_c1E"


def one_branch(symbol: str) -> ir.Module:
    """A module with a function of one branch."""
    module = ir.Module()
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [ir.IntType(1)]), symbol)
    builder = ir.IRBuilder(function.append_basic_block())
    with builder.if_then(function.args[0]):
        pass
    builder.ret_void()
    return module


def weighed(monkeypatch: pytest.MonkeyPatch, symbol: str, **shares: list[int | None]) -> str:
    monkeypatch.setattr(branches, "kept", lambda: {name.replace("_", "."): each for name, each in shares.items()})
    module = one_branch(symbol)
    branches.weigh(module)
    return str(module)


def test_a_branch_says_how_often_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert '!{ !"branch_weights", i32 2501, i32 7501 }' in weighed(monkeypatch, SYMBOL, engine_day_turn=[2500])
    assert '!{ !"branch_weights", i32 1, i32 10001 }' in weighed(monkeypatch, SYMBOL, engine_day_turn=[0])


def test_what_was_never_reached_or_counted_or_is_not_of_this_package_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    others: dict[str, list[int | None]] = {"engine_day_choose": [2500], "engine_day": [2500], "day_turn": [2500]}
    assert "branch_weights" not in weighed(monkeypatch, SYMBOL, engine_day_turn=[None], **others)
    assert "branch_weights" not in weighed(monkeypatch, SYMBOL.replace("3sim", "5numba"), engine_day_turn=[2500])


def test_a_rule_that_has_other_branches_since_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "branch_weights" not in weighed(monkeypatch, SYMBOL, engine_day_turn=[2500, 2500])


def test_shares_are_of_all_forms_of_a_function() -> None:
    one, other = np.array([[1, 3], [0, 0]]), np.array([[2, 4], [0, 0]])
    assert share([one, other]) == [7000, None]
    assert share([one, other[:1]]) == []


def test_shares_are_kept_of_rules_that_are_there() -> None:
    """If not, they were renamed: `make branches` counts anew."""
    of_rules = {name: each for name, each in branches.kept().items() if not name.startswith("core.")}
    assert len(of_rules) > 200
    for name, shares in of_rules.items():
        module, _, function = name.rpartition(".")
        tree = ast.parse(Path(sim.__path__[0], *module.split(".")).with_suffix(".py").read_text("utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, name
        assert all(each is None or 0 <= each <= branches.ALL for each in shares)
