"""Commands that simulate worlds and compare them."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from sim.cli import completion
from sim.cli.completion import scenarios
from sim.cli.flags import (
    DRAWING,
    RESERVED,
    Flags,
    backend_flags,
    count,
    made_of_each,
    notes,
    only_for,
    out,
    size_flags,
    study_flags,
    under_each_set,
)
from sim.core.errors import InputError
from sim.core.parameter_sets import DEFAULT, SETS

if TYPE_CHECKING:
    from sim.runs.backends import Backend
    from sim.scenario.schema import Scenario


@click.command()
@click.argument("scenario", shell_complete=scenarios)
@study_flags
def run(scenario: str, flags: Flags) -> None:
    """Run SCENARIO and its reference.

    Both worlds are simulated with common random numbers; the difference is shown with its interval. Results are written
    to DIR/NAME-OF-THE-SCENARIO, complete or not at all. With several sets of --parameters, each set has its own folder,
    and DIR/NAME-OF-THE-SCENARIO_SET_SET shows which results depend on the set.
    """
    chosen, reference = flags.pair(scenario)
    from sim.studies.comparisons import publish_run

    under_each_set(chosen.name, flags, lambda how: publish_run(chosen, reference, how))


@click.command()
@click.argument("reference", shell_complete=scenarios)
@click.argument("others", nargs=-1, required=True, metavar="SCENARIO...", shell_complete=scenarios)
@click.option("--name", metavar="NAME", help="Name of the results folder; by default made from the scenarios.")
@click.option("--precision", multiple=True, metavar="OUTCOME=HALF_WIDTH",
              help="Add replicates until the outcome's 95 % interval has this half width; repeatable.")  # fmt: skip
@count("--max-replicates", (1, 1000), "Largest number of replicates, with --precision.", 256)
@study_flags
def compare(
    reference: str,
    others: tuple[str, ...],
    name: str | None,
    precision: tuple[str, ...],
    max_replicates: int,
    flags: Flags,
) -> None:
    """Compare each SCENARIO with REFERENCE.

    All are simulated with the people, dates and firms of REFERENCE. Without --years, the run is longer than the file of
    REFERENCE says if the rules of a SCENARIO need that. Stored simulations are reused. A results folder stands for its
    scenario as it was run, if that was on the same economy. Results are written to DIR/compare_REFERENCE_SCENARIO...,
    complete or not at all. With several sets of --parameters, each set has its own folder, and
    DIR/compare_REFERENCE_SCENARIO..._SET_SET shows which conclusions depend on the set.
    """
    from sim.runs.result_scenario import check_same_economy, check_same_parameters, is_results, scenario_as_run
    from sim.scenario.loading import load, on_economy, resized
    from sim.scenario.memory import check_size
    from sim.scenario.parameter_draws import load_sets

    if not precision:
        only_for("precision", "max-replicates")
    everyone = made_of_each(
        (reference, *others), lambda name: scenario_as_run(Path(name)) if is_results(name) else load(name)
    )
    flags = long_enough(flags, everyone, fixed=any(map(is_results, (reference, *others))))
    first = flags.applied(everyone[0])
    for draws in load_sets(flags.parameters).values():
        for each in filter(is_results, (reference, *others)):
            check_same_parameters(Path(each), draws)
    rest = []
    for name_or_folder, other in zip(others, everyone[1:], strict=True):
        if is_results(name_or_folder):
            rest.append(resized(other, first.run.replicates))
            check_same_economy(Path(name_or_folder), rest[-1], first)
        else:
            rest.append(on_economy(other, first))
    names = [first.name, *(other.name for other in rest)]
    if len(set(names)) < len(names):
        raise InputError(f"a comparison holds each scenario once: {' '.join(names)}")
    check_size(first)
    from sim.comparing.precision import read_precision
    from sim.studies.comparisons import folder_name, publish_comparison

    wanted = read_precision(precision, max_replicates, first.run.replicates, first.country.currency)
    folder = _folder_name(name) if name else folder_name(first.name, names[1:])
    under_each_set(folder, flags, lambda how: publish_comparison(rest, first, how, wanted))


def _folder_name(name: str) -> str:
    """Return the name of a results folder; raises ``InputError`` if it is invalid or reserved for simulations."""
    from sim.scenario.part import NAME

    if not NAME.fullmatch(name):
        raise InputError(f"--name {name}: a name may hold only a-z, 0-9 and _, at most 64 of them")
    if name in RESERVED:
        raise InputError(f"--name {name}: the folder of that name keeps simulations, and cannot be one of results")
    return name


def long_enough(flags: Flags, everyone: "list[Scenario]", fixed: bool) -> Flags:
    """Extend a comparison until the rules of all its scenarios are in force, or check the years that were given.

    Raises ``InputError`` if these are too few. With ``fixed``, for results folders, nothing is extended.
    """
    from sim.figures.words import phrase
    from sim.report.console import line
    from sim.scenario.horizon import check_years, years_enough

    if flags.years is not None:
        check_years(everyone, flags.years, everyone[0].calendar.start)
    elif not fixed:
        years, name = years_enough(everyone)
        if years > everyone[0].run.years:
            line(notes, phrase("step", "extending", years=f"{years:g}", name=name))
            return flags._replace(years=years)
    return flags


@click.command()
@click.argument("design", shell_complete=completion.studies)
@click.option("--people", type=int, metavar="N", help="People in each replicate, instead of the file's.")
@click.option("--replicates", type=int, metavar="N", help="Independent economies, instead of the file's.")
@click.option("--seed", type=int, metavar="N", help="Seed of all draws, instead of the file's.")
@click.option("--parameters", metavar="SET", shell_complete=completion.parameter_sets,
              help="Parameter sets instead of the file's, separated by commas.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only print how many simulations are missing and how long they take.")
@backend_flags
@out("results", "Folder in which results folders are created; worlds are stored beside them.")
@DRAWING
def study(
    design: str, parameters: str | None, dry_run: bool, backend: "Backend", out: Path, figures: bool, language: str,
    **size: int | None,
) -> None:  # fmt: skip
    """Run the study of the file DESIGN.

    DESIGN is a TOML file, or a name in scenarios/studies/. A study is several comparisons, each under several parameter
    sets. Its cost is printed first. Each simulation is stored: repeat the command to continue after an interruption.
    Each comparison has its own folder, as from `offhours compare`, and DIR/study_DESIGN combines them.
    """
    from sim.figures.words import phrase
    from sim.report.console import line
    from sim.report.progress import steps
    from sim.studies import by_set
    from sim.studies.designs import find_design, load_study

    draft = load_study(find_design(design), parameters, **size)
    how = Flags(out=out, figures=figures, language=language).setup(_folder_name(f"study_{draft.design.name}"))
    tasks = by_set.missing_worlds(draft.jobs, how.library)
    line(Console() if dry_run else notes, *by_set.cost_estimate(draft, tasks, backend.workers))
    if dry_run:
        return
    with closing(backend.start(out / "evaluations")) as executor:
        by_set.publish_study(
            draft, tasks, executor, steps(notes, {draft.design.name: phrase("progress", "worlds")}), how
        )


@click.command()
@click.argument("scenario", shell_complete=scenarios)
@click.option("--only", multiple=True, metavar="MECHANISM", help="Switch off only this mechanism; repeatable.")
@study_flags
def explain(scenario: str, only: tuple[str, ...], flags: Flags) -> None:
    """Explain the effect of SCENARIO by mechanisms.

    Each mechanism is switched off in both worlds. For a scenario without a reference, its levels are explained instead.
    Results are written to DIR/explain_SCENARIO, complete or not at all.
    """
    chosen, reference = flags.pair(scenario)
    from sim.comparing.ablation import read_switches
    from sim.studies.comparisons import publish_explanation

    publish_explanation(chosen, reference, read_switches(only), flags.setup(f"explain_{chosen.name}"))


@click.command()
@click.option(
    "--set", "chosen", type=click.Choice(SETS), default=DEFAULT, show_default=True,
    help="Which set of targets to print; all are stored.",
)  # fmt: skip
@size_flags
def targets(chosen: str, flags: Flags) -> None:
    """Compare the model with survey figures.

    By default, one year of 150 people is simulated in 16 replicates, each with its own draw of parameters.
    """
    from sim.scenario.loading import load, on_economy
    from sim.scenario.memory import check_size

    usual = load("status_quo")
    today = flags.sized(usual, people=150, years=1.0, replicates=16).applied(usual)
    without_messaging = on_economy(load("no_instant_messaging"), today)
    check_size(today, worlds=3)
    from sim.studies.comparisons import publish_target_comparison

    publish_target_comparison(today, without_messaging, chosen, flags.setup("targets"))
