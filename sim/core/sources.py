"""Source files on which a module depends, and one hash of their content.

The hash covers syntax trees without docstrings. Edits of docstrings, comments and layout therefore invalidate neither
stored worlds nor compiled code. Parsing is the slowest part of a start, so the hash of identical files is kept in the
user's cache.
"""

import ast
import contextlib
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from sim.core import user_cache

HERE = user_cache.PACKAGE
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_IMPORT = re.compile(r"^ *from sim((?:\.\w+)*) import (\([^)]*\)|[^\n#]*)", re.M)
_FUNCTION = re.compile(r"^((?:@.*\n)+)def (\w+)", re.M)


def imported_by(*modules: str) -> list[Path]:
    """Return the files of some modules and of all that they import from the package, directly or not, sorted.

    Modules are paths below ``sim/`` without the ending.
    """
    found: set[Path] = set()
    todo = {HERE / f"{module}.py" for module in modules}
    while todo:
        path = todo.pop()
        if path.is_file():
            found.add(path)
            todo |= _imports(path) - found
    return sorted(found)


@cache
def _imports(path: Path) -> set[Path]:
    """Collect the files of the package that a file may import."""
    files = set()
    for module, names in _IMPORT.findall(path.read_text("utf-8")):
        place = HERE.joinpath(*module.split(".")[1:])
        file = place.with_suffix(".py")
        files |= {file} if file.is_file() else {place / f"{name}.py" for name in re.findall(r"\w+", names)}
    return files


def marked(files: Iterable[Path], decorator: str) -> list[str]:
    """List the functions with a decorator as ``module.function``, with the last part of the module's name."""
    return [
        f"{path.stem}.{name}"
        for path in files
        for marks, name in _FUNCTION.findall(path.read_text("utf-8"))
        if f"@{decorator}\n" in marks
    ]


@cache
def version_of(*modules: str) -> str:
    """Return the SHA-256 of some modules and their imports: names and syntax trees of files, in any Python version.

    Modules are paths below ``sim/`` without the ending. Raises ``FileNotFoundError`` if none exists.
    """
    files = {path.relative_to(HERE).as_posix(): path.read_bytes() for path in imported_by(*modules)}
    if not files:
        raise FileNotFoundError(f"sim/{modules[0]}.py")
    exact = hashlib.sha256(b"".join(b"%s\0%d\0%s" % (name.encode(), len(text), text) for name, text in files.items()))
    note = user_cache.home() / "sources" / exact.hexdigest()
    if known := user_cache.read(note):
        return known.decode()
    whole = hashlib.sha256()
    for name, text in files.items():
        parts: list[str] = []
        _write(ast.parse(text), parts)
        whole.update(f"{name}\0{''.join(parts)}\0".encode())
    with contextlib.suppress(OSError):  # otherwise it is computed each time
        user_cache.write(note, whole.hexdigest().encode())
    return whole.hexdigest()


def _write(value: object, parts: list[str]) -> None:
    """Append a node in text form; empty fields are skipped, because Python versions name them differently."""
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
