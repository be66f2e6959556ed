"""The command that searches for robust rules."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli import completion
from sim.cli.flags import Flags, campaign_flags, manner
from sim.core.parameter_sets import POINT

if TYPE_CHECKING:
    from sim.runs.backends import Backend


@click.command()
@click.argument("scenario", shell_complete=completion.scenarios)
@click.option("--lever", "levers", multiple=True, metavar="KIND.FIELD=LOW:HIGH",
              help="A number of a lever, and its range; repeatable. Without any, all are listed.")  # fmt: skip
@click.option("--demand", "demands", multiple=True, metavar="OUTCOME=WORST",
              help="An objective, and what its effect must be better than, as in output=-1%; repeatable. By default "
              "exhaustion=0, unpaid_overtime=0, output=-1%, employer_cost=1%.")  # fmt: skip
@click.option("--points", type=click.IntRange(10, 5_000), default=96, show_default=True, metavar="N",
              help="Points at which emulators are fitted, under each set; four share a draw.")  # fmt: skip
@click.option("--rules", type=click.IntRange(2, 26), default=8, show_default=True, metavar="N",
              help="Rules of the front that are looked at.")  # fmt: skip
@click.option("--confirm", type=click.IntRange(2, 1000), default=8, show_default=True, metavar="N",
              help="Other draws at which these are simulated afresh.")  # fmt: skip
@click.option("--people", type=click.IntRange(20, 1_000_000), metavar="N",
              help="People in each economy; by default about 160 in firms that the rules reach.")  # fmt: skip
@campaign_flags
def search(
    scenario: str, levers: tuple[str, ...], demands: tuple[str, ...], points: int, rules: int, confirm: int,
    parameters: str, backend: "Backend", dry_run: bool, out: Path, figures: bool, language: str,
    people: int | None, years: float | None, seed: int | None,
) -> None:  # fmt: skip
    """Search the levers of SCENARIO for rules that are robust.

    Pairs of worlds are simulated at points over the ranges of the levers, four at each draw of the parameters, so that
    what the levers do is told from what the draw does. Emulators of the effects are fitted to them, and a front is
    searched on which no rule is better in all objectives. Its rules are simulated afresh, and judged over the draws:
    how often each meets the demands, what it regrets, and under which conditions it fails. With several sets of
    --parameters, rules are judged under each of them. Each run is stored: repeat the command to continue after an
    interruption. Results are written to DIR/search_SCENARIO. Exit code 5: interrupted.
    """
    from sim.core.errors import InputError
    from sim.scenario.loading import counterfactual
    from sim.scenario.memory import check_size
    from sim.scenario.parameter_draws import load_sets
    from sim.search.analysis import KIND
    from sim.search.analysis import search as searched
    from sim.search.problem import Problem, read_demands, read_levers
    from sim.sensitivity.campaign import SEEN, sized
    from sim.sweeps.session import Options

    readings = load_sets(parameters)
    first = next(iter(readings.values()))
    chosen = sized(scenario, people, years, 1, seed, economies=SEEN, parameters=first, wanted=160, fewest=0)
    reference = counterfactual(chosen, scenario)
    if reference is None:
        raise InputError(f"{chosen.name}: is compared with itself, so there is nothing to search")
    check_size(chosen, worlds=2, whole=True)
    axes, whole = read_levers(levers, chosen)
    problem = Problem(chosen, reference, axes, whole, read_demands(demands), readings, points, rules, confirm)
    options = Options(dry_run=dry_run, out=out / "sweeps", figures=False, language=language, backend=backend)
    flags = Flags(out=out, figures=figures, language=language, parameters=POINT)
    sys.exit(searched(problem, options, manner(f"{KIND}_{chosen.name}", flags)))
