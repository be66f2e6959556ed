"""Registry of levers and managers from users' files, whose SHA-256 becomes part of the identity of results."""

import hashlib
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from sim.core.errors import InputError, misspelt

PLAIN = "plain"  # name of the managers of the engine
MANAGERS = "managers "  # before the names of others
_WORD = re.compile(r"[a-z0-9_]{1,64}")


class Added(NamedTuple):
    """A class that a user has added, with its file."""

    item: type[Any]
    file: Path
    sha256: str  # of the file's text


levers: dict[str, Added] = {}  # by kind
managers: dict[str, Added] = {}  # by name
changed: list[Callable[[], object]] = []  # called when the kinds of levers change


def remember(shelf: dict[str, Added], name: str, item: type[Any]) -> None:
    """Register a class, again if from the same file; ``InputError`` if its name or file cannot be used."""
    if not _WORD.fullmatch(name):
        raise InputError(f"{item.__name__}: '{name}': a name may hold only a-z, 0-9 and _, at most 64 of them")
    file = _file(item)
    known = shelf.get(name)
    if known and known.file != file:
        raise InputError(f"{file}: '{name}' has been added by {known.file} already")
    shelf[name] = Added(item, file, hashlib.sha256(file.read_bytes()).hexdigest())


def _file(item: type[Any]) -> Path:
    """Return the file that defines a class; ``InputError`` if none does, as at a prompt."""
    try:
        found = inspect.getsourcefile(item)
    except (TypeError, OSError):
        found = None
    if found is None or not Path(found).is_file():
        raise InputError(
            f"{item.__name__} is defined in no file: put it into one, and give that file with --with, so that results "
            "can say which code made them"
        )
    return Path(found).resolve()


def load(path: Path) -> None:
    """Execute a user's file; ``InputError`` with the line that fails, or if no lever or manager is added."""
    path, before = path.resolve(), {each.item for each in known().values()}
    name = f"offhours_added_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise InputError(f"--with {path}: is not a Python file that is there{misspelt(path)}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # classes are traced to their file by it
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)  # never what Python has cached of it
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        line = next(
            (f.lineno for f in reversed(traceback.extract_tb(error.__traceback__)) if f.filename == str(path)), 0
        )
        line = getattr(error, "lineno", None) or line or 1
        raise InputError(f"{path}:{line}: {type(error).__name__}: {error}") from error
    if before >= {each.item for each in known().values()}:
        raise InputError(f"{path} adds nothing: call add_lever or add_manager in it")


def known() -> dict[str, Added]:
    """Map everything that has been added by its name in ``code_of``: kinds of levers, and ``managers NAME``."""
    return levers | {f"{MANAGERS}{name}": each for name, each in managers.items()}


def code_of(kinds: set[str], manager: str) -> dict[str, str]:
    """Map the added code that a scenario uses to the SHA-256 of its file; empty if all of it is built in."""
    return {name: each.sha256 for name, each in known().items() if name in kinds | {f"{MANAGERS}{manager}"}}
