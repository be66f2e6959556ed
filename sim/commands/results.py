"""Commands about what is there already: stored results, and this machine."""

import sys
from pathlib import Path

import click
from rich.console import Console


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def plot(folder: Path) -> None:
    """Draw the figures of FOLDER again.

    FOLDER holds stored results; nothing is simulated.
    """
    from sim.plots import draw_all
    from sim.store import read

    results = read(folder)
    places = [folder / str(name) for name in results.manifest.get("scenarios", ())]
    for each in map(read, places) if places else [results]:
        for path in draw_all(each.folder, each.tables, each.manifest):
            click.echo(path)


@click.command()
def verify() -> None:
    """Prove that pairing and books hold here."""
    from sim.verify import verify as hold

    if not hold(Console()):
        sys.exit(1)
