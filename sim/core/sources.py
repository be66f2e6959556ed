"""Source files that a module depends on, and one hash of their content.

The hash covers syntax trees without docstrings, so edits of docstrings, comments and layout invalidate neither stored
worlds nor compiled code.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent.parent
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def imported_by(*modules: str) -> list[Path]:
    """Return the files of some modules and of all that they import from the package, directly or not, sorted.

    Modules are paths below ``sim/`` without the ending.
    """
    found: set[Path] = set()
    todo = [HERE / f"{module}.py" for module in modules]
    while todo:
        path = todo.pop()
        if path not in found and path.is_file():
            found.add(path)
            todo += _imports(path)
    return sorted(found)


def digest(files: Iterable[Path]) -> str:
    """Return the SHA-256 of names and syntax trees of files below ``sim/``, the same in every version of Python."""
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(HERE).as_posix()}\0{_said(path)}\0".encode())
    return whole.hexdigest()


def marked(files: Iterable[Path], decorator: str) -> list[str]:
    """List the functions with a decorator as ``module.function``, with the last part of the module's name."""
    return [
        f"{path.stem}.{node.name}"
        for path in files
        for node in _tree(path).body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == decorator for mark in node.decorator_list)
    ]


@cache
def _tree(path: Path) -> ast.Module:
    """Parse a file, once."""
    return ast.parse(path.read_bytes())


@cache
def _said(path: Path) -> str:
    """Serialise the syntax tree of a file."""
    parts: list[str] = []
    _write(_tree(path), parts)
    return "".join(parts)


@cache
def _imports(path: Path) -> list[Path]:
    """List the files of the package that a file may import."""
    names = []
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    parts = [name.split(".")[1:] for name in names if name.startswith("sim.")]
    return [HERE.joinpath(*part[:-1], f"{part[-1]}.py") for part in parts]


def _write(value: object, parts: list[str]) -> None:
    """Append a node in text form; empty fields are skipped, as Python versions differ in naming them."""
    if isinstance(value, ast.AST):
        parts.append(type(value).__name__)
        for name in value._fields:
            field = getattr(value, name, None)
            if name == "body" and isinstance(value, _DOCUMENTED) and ast.get_docstring(value, clean=False) is not None:
                field = value.body[1:]
            if field is not None and field != []:
                parts.append(f"({name}=")
                _write(field, parts)
                parts.append(")")
    elif isinstance(value, list):
        parts.append("[")
        for item in value:
            _write(item, parts)
            parts.append(",")
        parts.append("]")
    else:
        parts.append(f"{type(value).__name__}:{value!r}")
