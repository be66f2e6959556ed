"""Commands that simulate worlds and compare them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.commands.flags import Flags, checked_name, in_turn, manner, notes, precision_flags, study_flags

if TYPE_CHECKING:
    from sim.schema import Scenario


@click.command()
@click.argument("scenario")
@study_flags
def run(scenario: str, flags: Flags) -> None:
    """Run SCENARIO, and what it is compared with.

    Both worlds run on the same draws; the difference is shown with its interval.
    The results go to DIR/NAME-OF-THE-SCENARIO, whole or not at all. With several sets of --parameters they go to a
    folder for each set, and DIR/NAME-OF-THE-SCENARIO_SET_SET says what depends on the set.
    """
    from sim.scenario import check_size, counterfactual, load

    chosen = flags.applied(load(scenario))
    reference = counterfactual(chosen, scenario)
    check_size(chosen, worlds=2 if reference else 1)
    from sim.comparing.study import study

    in_turn(chosen.name, flags, lambda how: study(chosen, reference, how))


@click.command()
@click.argument("reference")
@click.argument("others", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("--name", metavar="NAME", help="Name of the results folder; by default made from the scenarios.")
@precision_flags
@study_flags
def compare(
    reference: str, others: tuple[str, ...], name: str | None, precision: tuple[str, ...], most: int, flags: Flags
) -> None:
    """Compare each SCENARIO with REFERENCE.

    All are simulated on the people, dates and firms of REFERENCE, for longer than its file says if the rules of a
    SCENARIO need that and --years does not say otherwise; what was simulated before is used again. A results
    folder stands for its scenario as it was run, if that was on the same economy.
    The results go to DIR/compare_REFERENCE_SCENARIO..., whole or not at all. With several sets of --parameters they
    go to a folder for each set, and DIR/compare_REFERENCE_SCENARIO..._SET_SET says which conclusions depend on the set.
    """
    from sim.errors import InputError
    from sim.scenario import check_size, load, on_economy, resized
    from sim.stored import as_run, check_same_economy, check_same_parameters, is_results
    from sim.uncertainty import load_sets

    everyone = [as_run(Path(name)) if is_results(name) else load(name) for name in (reference, *others)]
    flags = _long_enough(flags, everyone, fixed=any(map(is_results, (reference, *others))))
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
        raise InputError(f"each scenario can stand once in a comparison: {' '.join(names)}")
    check_size(first)
    from sim.comparing.comparison import comparison, folder_name
    from sim.comparing.precision import read_wanted

    wanted = read_wanted(precision, most, first.run.replicates)
    folder = checked_name(name) if name else folder_name(first.name, names[1:])
    in_turn(folder, flags, lambda how: comparison(rest, first, how, wanted))


def _long_enough(flags: Flags, everyone: "list[Scenario]", fixed: bool) -> Flags:
    """Let a comparison last until the rules of all its scenarios are in force, or refuse the years that were given."""
    from sim.horizon import check_years, years_enough

    if flags.years is not None:
        check_years(everyone, flags.years, everyone[0].calendar.start)
    elif not fixed:  # what was run cannot be made longer
        years, name = years_enough(everyone)
        if years > everyone[0].run.years:
            notes.print(f"{years:g} years are simulated, for the dates of {name}", markup=False, highlight=False)
            return flags._replace(years=years)
    return flags


@click.command()
@click.argument("scenario")
@click.option("--only", multiple=True, metavar="MECHANISM", help="Switch off this one only; repeatable.")
@study_flags
def explain(scenario: str, only: tuple[str, ...], flags: Flags) -> None:
    """Explain the effect of SCENARIO by mechanisms.

    Each mechanism is switched off in both worlds; a scenario that is compared with nothing has its level explained.
    The results go to DIR/explain_SCENARIO, whole or not at all.
    """
    from sim.scenario import check_size, counterfactual, load

    chosen = flags.applied(load(scenario))
    reference = counterfactual(chosen, scenario)
    check_size(chosen)
    from sim.comparing.explanation import explain as explained
    from sim.comparing.explanation import read_switches

    explained(chosen, reference, read_switches(only), manner(f"explain_{chosen.name}", flags))


@click.command()
@click.option(
    "--set",
    "chosen",
    type=click.Choice(["report", "audited"]),
    default="report",
    show_default=True,
    help="Which reading of the evidence to print; both are stored.",
)
@study_flags
def targets(chosen: str, flags: Flags) -> None:
    """Hold the model against survey figures.

    Unless the flags say otherwise, one year is simulated in four replicates, each with a draw of its own.
    """
    from sim.scenario import check_size, load, on_economy

    quick = flags._replace(years=flags.years or 1.0, replicates=flags.replicates or 4)
    today = quick.applied(load("status_quo"))
    without_messaging = on_economy(load("no_instant_messaging"), today)
    check_size(today, worlds=3)
    from sim.comparing.study import hold_against_targets

    hold_against_targets(today, without_messaging, chosen, manner("targets", flags))
