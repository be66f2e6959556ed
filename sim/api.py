"""What a notebook needs, with the defaults of the command line; ``import sim`` offers it and loads it when asked.

Each function does what the command of the same name does, simulates what the cache lacks, writes the same results
folder, and returns it: ``print(found.summary)`` is the report, ``found.tables`` are the tables.
"""

from pathlib import Path

import polars as pl
from rich.console import Console

from sim.cli.fitting import fit_to
from sim.cli.flags import Flags, in_turn, notes, usable
from sim.cli.logs import ask_log
from sim.core.errors import InputError
from sim.core.parameter_sets import DEFAULT
from sim.evidence.logcolumns import Reading
from sim.evidence.logfile import observe_log
from sim.files.storage import write_text, writing
from sim.model import Workplace
from sim.observation import Side, as_table, doubts_of, name_of, target_set
from sim.runs.backends import Backend
from sim.runs.results import Results, read
from sim.scenario.horizon import years_enough
from sim.scenario.loading import changed, counterfactual, load, names, on_economy
from sim.scenario.memory import check_size
from sim.scenario.schema import Scenario
from sim.studies import comparisons
from sim.studies.study import Manner
from sim.sweeps.drawing import shown_tables
from sim.sweeps.folder import open_sweep
from sim.sweeps.session import Options, run_sweep

__all__ = [
    "Reading", "Results", "Scenario", "Workplace", "ask", "calibrate", "changed", "compare", "load", "names", "observe",
    "read", "run", "sweep",
]  # fmt: skip
SEED = 20261125


def run(
    scenario: str | Path | Scenario,
    *,
    people: int | None = None,
    years: float | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    parameters: str = DEFAULT,
    threads: int | None = None,
    out: str | Path = "results",
    figures: bool = False,
) -> Results:
    """Run a scenario, given by name, file or as from ``load``, and its reference with common random numbers.

    ``people``, ``years``, ``replicates`` and ``seed`` default to those of the scenario; ``parameters`` is ``surveyed``,
    ``audited``, ``point`` or a Parquet file of draws; ``threads``, by default one per processor, change no result.
    Returns the results folder ``out``/NAME: ``tables`` by name (``effects`` holds paired differences, ``levels``
    those of a single world), ``manifest`` and ``folder``. Raises ``InputError``, with the nearest choice, for an
    unknown name or an impossible option.
    """
    flags = Flags(people, years, replicates, seed, threads, Path(out), figures, parameters=_one(parameters))
    chosen = flags.applied(_loaded(scenario))
    reference = counterfactual(chosen, chosen.name if isinstance(scenario, Scenario) else scenario)
    check_size(chosen, worlds=2 if reference else 1)
    in_turn(chosen.name, flags, lambda how: comparisons.study(chosen, reference, _quiet(how)))
    return read(Path(out) / chosen.name)


def compare(
    reference: str | Path | Scenario,
    *others: str | Path | Scenario,
    people: int | None = None,
    years: float | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    parameters: str = DEFAULT,
    threads: int | None = None,
    out: str | Path = "results",
    figures: bool = False,
) -> Results:
    """Compare scenarios with a reference, all on its economy and for long enough that all their rules are in force.

    Options are those of ``run``, and default to those of the reference. Returns the results folder: ``effects``,
    ``ranking`` and other tables by name, ``manifest`` and ``folder``.
    """
    everyone = [_loaded(each) for each in (reference, *others)]
    if len({each.name for each in everyone}) < max(len(everyone), 2):
        raise InputError("a comparison needs a reference and other scenarios, each once")
    long = years or max(everyone[0].run.years, years_enough(everyone)[0])
    flags = Flags(people, long, replicates, seed, threads, Path(out), figures, parameters=_one(parameters))
    first = flags.applied(everyone[0])
    rest = [on_economy(other, first) for other in everyone[1:]]
    check_size(first)
    name = comparisons.folder_name(first.name, [other.name for other in rest])
    in_turn(name, flags, lambda how: comparisons.comparison(rest, first, _quiet(how)))
    return read(Path(out) / name)


def sweep(
    design: str | Path,
    *,
    replicates: int | None = None,
    parameters: str | None = None,
    workers: int | None = None,
    out: str | Path = "results/sweeps",
    figures: bool = False,
) -> Results:
    """Run the sweep of a design, given by name or file, on ``workers`` processes of this machine, or go on with it.

    Returns its folder with the tables ``effects``, ``responses`` and ``axes``. Raises ``ResultsError`` if runs are
    missing at the end.
    """
    backend = Backend("local", workers or usable())
    options = Options(
        replicates=replicates, parameters=parameters, out=Path(out), figures=figures, backend=backend
    )  # fmt: skip
    folders: list[Path] = []
    run_sweep(str(design), options, notes, Console(quiet=True), folders.append)
    tables, manifest = shown_tables(open_sweep(folders[0]))
    return Results(folders[0], manifest, tables)


def calibrate(
    targets: str | Path,
    *,
    beside: str | None = None,
    full: bool = False,
    people: int | None = None,
    seed: int = SEED,
    workers: int | None = None,
    out: str | Path = "results",
) -> Results:
    """Fit the model to a set of targets, ``surveyed``, ``report``, ``audited`` or a file, which takes half an hour.

    Returns the results folder; its file ``posterior.parquet`` is a set of ``parameters`` for the other functions.
    """
    backend = Backend("local", workers or usable())
    return read(fit_to(str(targets), beside, full, backend, seed, people, Path(out), ()))


def observe(
    log: str | Path, how: Reading | None = None, *, zone: str = "", partial: bool = False, out: str | Path | None = None
) -> pl.DataFrame:
    """Measure a message log: a table, or an export of Slack, Teams, Outlook or mail.

    ``how`` says how to read it (``sim.Reading``: columns, clock, channels and so on), ``zone`` where people work, and
    ``partial`` that the log lacks much. Returns a row for each quantity: value, 95 % interval over people, the people
    behind it, why it is missing, and its role among targets; ``out`` gets these as a file for ``calibrate``.
    """
    path = Path(log)
    how = how or Reading()
    tally, report = observe_log(path, how._replace(zone=zone or how.zone))
    doubts, measured = doubts_of(tally, partial), tally.measured()
    if out is not None:
        text = target_set(name_of(Path(out)), measured, tally.scope, doubts, report)
        with writing(Path(out)):
            write_text(Path(out), text)
    return as_table([Side("log", measured, tally.shapes())], doubts).drop("side")


def ask(
    log: str | Path,
    scenario: str | Path,
    how: Reading | None = None,
    *,
    zone: str = "",
    partial: bool = False,
    effect: bool = True,
    people: int | None = None,
    years: float | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    parameters: str = DEFAULT,
    threads: int | None = None,
    out: str | Path = "results",
    figures: bool = False,
) -> Results:
    """Say which messages of a log a scenario touches and, with ``effect``, what it does to a firm like that of the log.

    The log is read as by ``observe``. Returns the results folder: the table ``touched`` and, with ``effect``, those of
    ``run`` and ``taken``, which says what is from the log and what from the set of ``parameters``.
    """
    flags = Flags(people, years, replicates, seed, threads, Path(out), figures, parameters=_one(parameters))
    how = how or Reading()
    how = how._replace(zone=zone or how.zone)
    return read(ask_log(Path(log), scenario, how, partial, effect, flags, quiet=True))


def _loaded(scenario: str | Path | Scenario) -> Scenario:
    """Return a scenario, loading it by name or file."""
    return scenario if isinstance(scenario, Scenario) else load(scenario)


def _one(parameters: str) -> str:
    """Refuse several parameter sets, which make a folder each."""
    if "," in parameters:
        raise InputError("parameters: name one set; `offhours compare --parameters report,audited` compares several")
    return parameters


def _quiet(how: Manner) -> Manner:
    """Print no report: the results show it."""
    return how._replace(output=Console(quiet=True))
