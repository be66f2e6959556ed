"""Commands that fit the model to targets."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from sim.cli.completion import results, target_sets
from sim.cli.flags import DRAWING, PATH, UpToTen, backend_flags, count, notes, out

if TYPE_CHECKING:
    from sim.evidence.targets import TargetSet
    from sim.runs.backends import Backend
    from sim.runs.results import Results


@click.command()
@click.argument("targets", metavar="SET", shell_complete=target_sets)
@click.option("--beside", metavar="SET", shell_complete=target_sets,
              help="Also fit to those targets of this set whose names SET does not have.")  # fmt: skip
@click.option("--full/--quick", "full", default=False, help="More simulations: half an hour on a free machine.")
@backend_flags
@count("--seed", (0, 2**32 - 1), "Seed of all draws.", 20261125)
@count("--people", (100, 100_000), "People in each simulation.")
@out(what="Folder for the results and the stored simulations.")
@click.option(
    "--discrepancy", "discrepancies", multiple=True, type=UpToTen(), metavar="X",
    help="Repeat the fit to the same simulations with X times the model discrepancy; repeatable, by default 0 and 2.",
)  # fmt: skip
@DRAWING
@click.option("--ship", is_flag=True, help="Make the result the posterior that `run` and `compare` use.")
def calibrate(
    targets: str, beside: str | None, full: bool, backend: "Backend", seed: int, people: int | None, out: Path,
    discrepancies: tuple[float, ...], figures: bool, language: str, ship: bool,
) -> None:  # fmt: skip
    """Fit the model to SET: surveyed, report, audited, or a file.

    Each simulation is stored: repeat the command to continue after an interruption. Results are written to
    DIR/calibration_SET, with --beside to DIR/calibration_SET_beside_SET.
    """
    if ship:
        _chosen(targets, beside)  # check names before imports that take seconds
        from sim.calibration.shipped_posteriors import check_place

        check_place()
    folder = fit_to(targets, beside, full, backend, seed, people, out, discrepancies)
    from sim.report.targets import print_calibration

    results = _drawn(folder, figures, language)
    print_calibration(Console(), results.tables, results.manifest, folder)
    if ship:
        from sim.calibration.shipped_posteriors import ship as shipped
        from sim.figures.words import phrase

        size = f" --people {people}" if people else ""
        more = f" --beside {beside}" if beside else ""
        trust = "".join(f" --discrepancy {factor:g}" for factor in discrepancies)
        amount = "--full" if full else "--quick"
        command = f"offhours calibrate {targets}{more} {amount} --seed {seed}{size}{trust} --ship"
        click.echo(phrase("files", "wrote", file=shipped(folder, command)))


def fit_to(
    targets: str, beside: str | None, full: bool, backend: "Backend", seed: int, people: int | None, out: Path,
    discrepancies: tuple[float, ...],
) -> Path:  # fmt: skip
    """Run ``calibrate`` without figures and report, and return the results folder."""
    chosen = _chosen(targets, beside)  # check names before imports that take seconds

    from sim.calibration.campaign import DISCREPANCIES, EVALUATIONS, Order
    from sim.calibration.campaign import calibrate as fit
    from sim.calibration.history_matching import FULL, QUICK, steps_of
    from sim.calibration.priors import load_priors
    from sim.report.progress import steps
    from sim.runs.evaluations import Evaluator

    order = Order(
        chosen, load_priors(), FULL if full else QUICK, seed, out.absolute(),
        size={"people": people} if people else {}, discrepancies=discrepancies or DISCREPANCIES,
    )  # fmt: skip
    with closing(backend.start(order.out / EVALUATIONS)) as executor:
        return fit(order, Evaluator(executor, steps(notes, steps_of(order.plan))))


def _drawn(folder: Path, figures: bool, language: str) -> "Results":
    """Read results and draw their figures."""
    from sim.report.plots import draw_all
    from sim.runs.results import read

    results = read(folder)
    if figures:
        draw_all(folder, results.tables, results.manifest, language)
    return results


def _chosen(targets: str, beside: str | None) -> "TargetSet":
    """Load the targets to fit to; each set is given by name or file."""
    from sim.evidence.targets import completed_by

    return completed_by(_targets(targets), _targets(beside)) if beside else _targets(targets)


def _targets(name: str) -> "TargetSet":
    """Load a set of targets by name or file."""
    from sim.evidence.targets import load_targets, own_targets

    return own_targets(Path(name)) if name.endswith(".toml") else load_targets(name)


@click.command()
@click.argument("first", type=PATH, shell_complete=results)
@click.argument("second", type=PATH, shell_complete=results)
@out()
@DRAWING
@click.option("--ship", is_flag=True, help="Store the result beside the posteriors that `run` and `compare` use.")
def agree(first: Path, second: Path, out: Path, figures: bool, language: str, ship: bool) -> None:
    """Measure the agreement of two calibrations.

    FIRST and SECOND are results folders of `offhours calibrate`, or cards of shipped posteriors, such as
    calibration/posterior_report.json. Nothing is simulated.
    """
    from sim.calibration.shipped_posteriors import agree as measured
    from sim.calibration.shipped_posteriors import check_place, ship_agreement
    from sim.figures.words import phrase
    from sim.report.targets import print_agreement

    if ship:
        check_place()
    folder = measured(first, second, out)
    results = _drawn(folder, figures, language)
    print_agreement(Console(), results.tables, results.manifest, folder)
    if ship:
        command = f"offhours agree {first} {second} --ship"
        click.echo(phrase("files", "wrote", file=ship_agreement(folder, command)))
