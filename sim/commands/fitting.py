"""Commands that fit the model to targets."""

from pathlib import Path

import click
from rich.console import Console

from sim.commands.flags import notes


@click.command()
@click.argument("targets", metavar="SET")
@click.option("--full/--quick", "full", default=False, help="More simulations, for a free machine and half an hour.")
@click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help="Processes; they change no result.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=20261125,
    show_default=True,
    metavar="N",
    help="Seed of all draws.",
)
@click.option("--people", type=click.IntRange(100, 100_000), metavar="N", help="People in each simulation.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="results",
    show_default=True,
    metavar="DIR",
    help="Where results and simulations are kept.",
)  # fmt: skip
@click.option("--ship", is_flag=True, help="Make it the posterior that `run` and `compare` use.")
def calibrate(
    targets: str, full: bool, workers: int | None, seed: int, people: int | None, out: Path, ship: bool
) -> None:
    """Fit the model to SET: report, audited, or a file.

    Simulations are kept one by one: started again, it goes on where it was interrupted.
    The results go to DIR/calibration_SET.
    """
    from sim import store
    from sim.calibration import Order, print_calibration
    from sim.calibration import calibrate as fit
    from sim.calibration import ship as shipped
    from sim.evidence.targets import check_targets, load_targets
    from sim.inference.mapping import Processes
    from sim.inference.priors import load_priors
    from sim.inference.waves import FULL, QUICK
    from sim.progress import steps

    chosen = check_targets(Path(targets)) if targets.endswith(".toml") else load_targets(targets)
    order = Order(chosen, load_priors(), FULL if full else QUICK, seed, out, people=people)
    folder = fit(order, Processes(workers), steps(notes))
    results = store.read(folder)
    print_calibration(Console(), results.tables, results.manifest, folder)
    if ship:
        size = f" --people {people}" if people else ""
        command = f"offhours calibrate {targets} {'--full' if full else '--quick'} --seed {seed}{size} --ship"
        click.echo(f"wrote {shipped(folder, command)}")
