"""Mutants: one small fault each, planted into the syntax tree of a rule."""

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path as FilePath
from types import FunctionType, ModuleType
from typing import Any

from tests.rulebook import plain

SWAPS: dict[type[ast.AST], tuple[Any, ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,), ast.BitXor: (ast.BitOr,), ast.BitAnd: (ast.BitOr,), ast.RShift: (ast.LShift,),
    ast.LShift: (ast.RShift,), ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}  # fmt: skip
EXTREMES = {"min": "max", "max": "min"}


type Path = tuple[tuple[str, int | None], ...]
type Change = tuple[ast.stmt, Path, ast.AST, ast.AST]  # the statement, the way to the node, the node, the other


@dataclass(frozen=True)
class Mutant:
    """A rule with a fault.

    ``name`` says where and what, not in which line, so that it lasts while the rule does.
    """

    name: str
    module: ModuleType
    function: ast.FunctionDef
    path: Path  # from the function to the node that is changed
    changed: ast.AST
    lines: range  # of the statement that it is in, from its start to the end of the node

    @property
    def rule(self) -> FunctionType:
        """The rule that it is a fault of, as Python has it."""
        return plain(vars(self.module)[self.function.name])

    def plant(self) -> None:
        """Put the fault into the rule, for everybody who calls it from Python, in this process."""
        mutated = copy.deepcopy(self.function)
        mutated.decorator_list = []
        parent: ast.AST = mutated
        for name, n in self.path[:-1]:
            value = getattr(parent, name)
            parent = value if n is None else value[n]
        name, n = self.path[-1]
        if n is None:
            setattr(parent, name, self.changed)
        else:
            getattr(parent, name)[n] = self.changed
        scope = dict(vars(self.module))
        exec(compile(ast.fix_missing_locations(ast.Module([mutated], [])), str(self.module.__file__), "exec"), scope)
        self.rule.__code__ = scope[self.function.name].__code__


def mutants_of(name: str) -> list[Mutant]:
    """List the mutants of the rules of a module."""
    module = import_module(name)
    assert module.__file__ is not None
    tree = ast.parse(FilePath(module.__file__).read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list]
    return [mutant for function in functions for mutant in _of_function(module, function)]


def _of_function(module: ModuleType, function: ast.FunctionDef) -> Iterator[Mutant]:
    seen: Counter[str] = Counter()
    for statement, path, old, changed in _changes(function):
        name = f"{module.__name__.removeprefix('sim.')}.{function.name}: {_text(old)} -> {_text(changed)}"
        seen[name] += 1
        name += f" #{seen[name]}" if seen[name] > 1 else ""
        last = statement.lineno if isinstance(old, ast.stmt) else getattr(old, "end_lineno", statement.lineno)
        yield Mutant(name, module, function, path, changed, range(statement.lineno, last + 1))


def _text(node: ast.AST) -> str:
    """Write a node as code; of a branch its test."""
    return f"if {ast.unparse(node.test)}" if isinstance(node, ast.If) else ast.unparse(node).replace("\n", " ")


def _changes(function: ast.FunctionDef) -> Iterator[Change]:
    """Every place in a function's statements with what could stand there instead."""
    body = function.body
    documented = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    for n, statement in enumerate(body):
        if n > 0 or not documented:
            yield from _walk(statement, statement, (("body", n),))


def _walk(statement: ast.stmt, node: ast.AST, path: Path) -> Iterator[Change]:
    for changed in _instead(node):
        yield statement, path, node, ast.copy_location(changed, node)
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "ctx", "returns"):
            continue
        children = [(n, item) for n, item in enumerate(value)] if isinstance(value, list) else [(None, value)]
        for n, child in children:
            if isinstance(child, ast.AST):
                within = child if isinstance(child, ast.stmt) else statement
                yield from _walk(within, child, (*path, (name, n)))


def _instead(node: ast.AST) -> Iterator[ast.AST]:
    """What could stand in the place of a node by mistake."""
    match node:
        case ast.Constant(bool() | int() | float() as value):
            yield from (ast.Constant(other) for other in _numbers(value))
        case ast.If(_, taken, left_out):
            yield from (ast.If(ast.Constant(value), taken, left_out) for value in (True, False))
        case ast.AugAssign() | ast.Expr() | ast.Break() | ast.Continue() | ast.Assign([ast.Subscript()], _):
            yield ast.Pass()
        case ast.expr():
            yield from _other_expressions(node)


def _other_expressions(node: ast.expr) -> Iterator[ast.expr]:
    """Other operators; and what is left if one part is forgotten."""
    match node:
        case ast.BinOp(left, op, right):
            yield from (ast.BinOp(left, other(), right) for other in SWAPS.get(type(op), ()))
            yield from (left, right)
        case ast.BoolOp(op, values):
            yield from (ast.BoolOp(other(), values) for other in SWAPS[type(op)])
            for n in range(len(values)):
                rest = [*values[:n], *values[n + 1 :]]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
        case ast.Compare(left, ops, others):
            drawn = any(_is_draw(side) for side in (left, *others))
            for n, op in enumerate(ops):
                for other in SWAPS.get(type(op), ())[int(drawn) :]:
                    yield ast.Compare(left, [*ops[:n], other(), *ops[n + 1 :]], others)
        case ast.UnaryOp(ast.Not() | ast.USub(), operand) if not isinstance(operand, ast.Constant):
            yield operand
        case ast.Call(ast.Name(name), arguments, keywords) if name in EXTREMES:
            yield ast.Call(ast.Name(EXTREMES[name], ast.Load()), arguments, keywords)
            yield from arguments
        case ast.IfExp(_, body, orelse):
            yield from (body, orelse)


def _is_draw(node: ast.expr) -> bool:
    """Whether this is a draw, which never lies just at a bound: there ``<`` and ``<=`` are the same."""
    text = ast.unparse(node)
    return text in {"u", "v"} or text.startswith("uniform(")


def _numbers(value: bool | int | float) -> tuple[bool | int | float, ...]:
    """Give other numbers for a constant."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return value + 1, value - 1
    slightly = value + max(0.01 * abs(value), 0.001)
    return (slightly, 0.0) if value != 0.0 else (slightly,)
