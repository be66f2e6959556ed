"""No number that can be argued about is in the code: it is a parameter, or a named constant with a reason beside it.

And no rule asks a library of mathematics whose last bit differs between machines, as that of exponentials does.
"""

import ast
from pathlib import Path

import pytest

import sim

ROOT = Path(sim.__file__).parent
MODULES = sorted((*ROOT.glob("behaviour/*.py"), *ROOT.glob("engine/*.py")))
DRAWS = (ROOT / "core/elementary.py", ROOT / "core/randomness.py")
FREE = {0, 1, 2, 0.5}  # signs, pairs, means of two
EXACT = {"ceil", "floor", "isnan", "sqrt"}  # of the module math: IEEE 754 says each bit


def numbers(source: str) -> list[tuple[int, object]]:
    """Numbers in rules and kernels, but for indices, and those of constants without a comment, with their lines."""
    tree, lines = ast.parse(source), source.splitlines()
    found: list[tuple[int, object]] = []
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            inside: list[ast.AST] = [] if "#" in lines[node.lineno - 1] else [node.value]
        elif isinstance(node, ast.FunctionDef) and {"rule", "kernel"} & {
            ast.unparse(one) for one in node.decorator_list
        }:
            indices = {id(each.slice) for each in ast.walk(node) if isinstance(each, ast.Subscript)}
            inside = [each for each in ast.walk(node) if id(each) not in indices]
        else:
            continue
        found += [
            (each.lineno, each.value)
            for each in inside
            if isinstance(each, ast.Constant) and type(each.value) in (int, float) and each.value not in FREE
        ]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_no_number_stands_in_the_code(path: Path) -> None:
    assert numbers(path.read_text(encoding="utf-8")) == []


def test_a_number_in_the_code_is_seen() -> None:
    assert numbers("@rule\ndef f(x):\n    return 0.25 * x\n") == [(3, 0.25)]
    assert numbers("LIMIT = 3\n") == [(1, 3)]
    assert numbers("LIMIT = 3  # because\n\n@rule\ndef f(x):\n    return 2 * x[3] + LIMIT\n") == []


def inexact(source: str) -> list[str]:
    """What rules take from the module math, or as powers, of which each machine has its own last bit."""
    rules = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and {"rule", "kernel"} & {ast.unparse(one) for one in node.decorator_list}
    ]
    found = [each for rule in rules for each in ast.walk(rule)]
    powers = [ast.unparse(each) for each in found if isinstance(each, ast.BinOp) and isinstance(each.op, ast.Pow)]
    taken = [each for each in found if isinstance(each, ast.Attribute) and ast.unparse(each.value) in ("math", "np")]
    names = [ast.unparse(each) for each in taken if each.attr not in EXACT | {"float64", "int64", "uint64"}]
    return powers + names


@pytest.mark.parametrize("path", [*MODULES, *DRAWS], ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_no_rule_has_a_last_bit_of_the_machine(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert "from math import" not in source
    assert inexact(source) == []


def test_a_last_bit_of_the_machine_is_seen() -> None:
    assert inexact("@rule\ndef f(x):\n    return math.exp(x) + math.sqrt(x)\n") == ["math.exp"]
    assert inexact("@kernel\ndef f(x):\n    return x**2.5 + np.log(x)\n") == ["x ** 2.5", "np.log"]
