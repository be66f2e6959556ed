"""What a notebook needs, with the defaults of the command line; ``import sim`` offers it and loads it when asked.

Each study simulates what the cache lacks, writes a results folder like the command of the same name, and returns it.
"""

from pathlib import Path

from sim.cli.flags import Flags, in_turn
from sim.core.errors import InputError
from sim.core.parameter_sets import DEFAULT
from sim.model import Workplace
from sim.runs.results import Results, read
from sim.scenario.horizon import years_enough
from sim.scenario.loading import changed, counterfactual, load, names, on_economy
from sim.scenario.memory import check_size
from sim.scenario.schema import Scenario
from sim.studies import comparisons

__all__ = ["Results", "Scenario", "Workplace", "changed", "compare", "load", "names", "read", "run"]


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
    in_turn(chosen.name, flags, lambda how: comparisons.study(chosen, reference, how))
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
    in_turn(name, flags, lambda how: comparisons.comparison(rest, first, how))
    return read(Path(out) / name)


def _loaded(scenario: str | Path | Scenario) -> Scenario:
    """Return a scenario, loading it by name or file."""
    return scenario if isinstance(scenario, Scenario) else load(scenario)


def _one(parameters: str) -> str:
    """Refuse several parameter sets, which make a folder each."""
    if "," in parameters:
        raise InputError("parameters: name one set; `offhours compare --parameters report,audited` compares several")
    return parameters
