"""Shell completion of scenarios, designs, parameter sets and results folders.

Only names of files are read, so that the tab key answers at once.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from sim.core.parameter_sets import POINT, SETS
from sim.files.shipped import SCENARIOS

type Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _completer(names: Callable[[str], Iterable[str]], otherwise: str = "file") -> Completer:
    """Offer the names that start with what was typed; without any, the shell offers files or folders."""

    def complete(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
        found = sorted(name for name in names(typed) if name.startswith(typed))
        return [CompletionItem(name) for name in found] or [CompletionItem(typed, type=otherwise)]

    return complete


def _toml_names(folder: Path) -> list[str]:
    """List the TOML files of a folder by name."""
    return [path.stem for path in folder.glob("*.toml")]


def _sets(typed: str) -> list[str]:
    """List parameter sets, also after other sets and a comma; after an @, the sets of releases."""
    before, comma, last = typed.rpartition(",")
    taken, known = before.split(","), [*SETS, POINT]
    if "@" in last:
        from sim.scenario.releases import names

        known = names()
    return [before + comma + name for name in known if name not in taken]


def _results(typed: str) -> list[str]:
    """List results folders in the folder that was typed, by default in ``results``."""
    start = Path(typed if typed.endswith("/") else typed.rpartition("/")[0] or "results")
    return [path.parent.as_posix() for path in start.glob("[!.]*/manifest.json")]


scenarios = _completer(lambda _: _toml_names(SCENARIOS))
designs = _completer(lambda _: _toml_names(SCENARIOS / "sweeps"))
studies = _completer(lambda _: _toml_names(SCENARIOS / "studies"))
parameter_sets = _completer(_sets)
target_sets = _completer(lambda _: SETS)
results = _completer(_results, otherwise="dir")
