"""Options that several commands share, and the console for their messages."""

import functools
import logging
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from rich.console import Console

from sim.cli.completion import parameter_sets, results
from sim.core.control_groups import allotted
from sim.core.errors import InputError, nearest
from sim.core.parameter_sets import DEFAULT, POINT

if TYPE_CHECKING:
    from sim.runs.results import Results
    from sim.scenario.schema import Scenario
    from sim.studies.study import Setup

type Decorator = Callable[[Callable[..., None]], Callable[..., None]]

WORLDS = "worlds"  # folder of the stored worlds, beside the results
RESERVED = (WORLDS, "evaluations", "sweeps")  # folders of simulations there
PATH = click.Path(path_type=Path)
FOLDER = click.argument("folder", type=PATH, shell_complete=results)
notes = Console(stderr=True)  # for messages; standard output is for results


def usable_cores() -> int:
    """Return the number of cores that the process may use, at least 1; a quota of a control group can lower it."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([cores, *(math.ceil(quota / period) for quota, period in allotted("cpu.max"))])


class Flags(NamedTuple):
    """Options of a study; None keeps the scenario's value."""

    people: int | None = None
    years: float | None = None
    replicates: int | None = None
    seed: int | None = None
    threads: int | None = None
    out: Path = Path("results")
    figures: bool = True
    language: str = "en"
    parameters: str = DEFAULT

    def sized(self, scenario: "Scenario", **sizes: Any) -> "Flags":
        """Set default sizes where neither the options nor the scenario set their own."""
        usual, own = type(scenario.run)().model_dump(), scenario.run.model_dump()
        free = [name for name in sizes if getattr(self, name) is None and own[name] == usual[name]]
        return self._replace(**{name: sizes[name] for name in free})

    def applied(self, scenario: "Scenario") -> "Scenario":
        """Return a scenario with the options applied; ``InputError`` if it would end before its rules begin."""
        from sim.scenario.horizon import check_years
        from sim.scenario.loading import changed

        if self.years:
            check_years([scenario], self.years, scenario.calendar.start)
        return changed(scenario, people=self.people, years=self.years, replicates=self.replicates, seed=self.seed)

    def pair(self, name: str) -> "tuple[Scenario, Scenario | None]":
        """Load a scenario and its reference with the options applied; ``InputError`` if memory is too small."""
        from sim.scenario.loading import counterfactual, load
        from sim.scenario.memory import check_size

        chosen = self.applied(load(name))
        reference = counterfactual(chosen, name)
        check_size(chosen, worlds=2 if reference else 1)
        return chosen, reference

    def setup(self, name: str) -> "Setup":
        """Return the settings of a study whose results folder has this name; ``InputError`` if it is reserved."""
        from sim.scenario.parameter_draws import load_draws
        from sim.studies.study import Setup

        if name in RESERVED:
            raise InputError(f"{name}: the folder of that name keeps simulations, and cannot be one of results")
        places, draws = (self.out / name, self.out / WORLDS), load_draws(self.parameters)
        return Setup(*places, self.threads or usable_cores(), self.figures, notes, Console(), {}, self.language, draws)


def combine(*options: Decorator) -> Decorator:
    """Combine options into one decorator; help lists them in this order."""

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorated


class UpToTen(click.FloatRange):
    """A number from 0 to 10 that is not NaN, which click's own ranges accept."""

    def __init__(self) -> None:
        super().__init__(0, 10)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number, or fail with click's message."""
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value} is not in the range 0<=x<=10.", param, ctx)
        return number


def out(default: str = "results", what: str = "Folder in which the results folder is created.") -> Decorator:
    """Make the option ``--out`` for a folder."""
    return click.option("--out", type=PATH, default=default, show_default=True, metavar="DIR", help=what)


def place(default: str | None, what: str, metavar: str = "FILE") -> Decorator:
    """Make the option ``--out`` for output that replaces a file or folder as a whole."""
    return click.option("--out", type=PATH, default=default, show_default=True, metavar=metavar, callback=_no_device,
                        help=what)  # fmt: skip


def _no_device(context: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    """Raise ``InputError`` for a pipe, a socket or a device, which the output would replace."""
    if path and path.exists() and not (path.is_file() or path.is_dir()):
        raise InputError(f"--out {path}: is no plain file but a pipe, a socket or a device")
    return path


def count(name: str, limits: tuple[int, int], what: str, default: int | None = None) -> Decorator:
    """Make an option for a whole number within limits."""
    kind, shown = click.IntRange(*limits), default is not None
    return click.option(name, type=kind, default=default, show_default=shown, metavar="N", help=what)


def only_for(wish: str, *names: str) -> None:
    """Raise ``InputError`` if one of the options ``names`` was given, which need the option ``wish``."""
    given_as, typed = click.get_current_context().get_parameter_source, click.core.ParameterSource.COMMANDLINE
    for name in names:
        if given_as(name.replace("-", "_")) is typed:
            raise InputError(f"--{name}: is only for --{wish}")


def made_of_each[T](names: Sequence[str], make: Callable[[str], T]) -> list[T]:
    """Make something of each name; raise ``InputError`` with the mistakes of all, one per line."""
    made, mistakes = list[T](), list[str]()
    for name in names:
        try:
            made.append(make(name))
        except InputError as error:
            mistakes.append(str(error))
    if mistakes:
        raise InputError("\n".join(dict.fromkeys(mistakes)))
    return made


def outcomes(what: str) -> Decorator:
    """Make the repeatable option ``--outcome``; the command receives ``outcomes`` without duplicates."""
    return click.option("--outcome", "outcomes", multiple=True, metavar="NAME", callback=_known_outcomes, help=what)


def _known_outcomes(context: click.Context, option: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    """Drop duplicates; raise ``InputError`` with every unknown name."""
    if not names:
        return ()
    from sim.outcomes import BY_NAME

    if mistakes := [
        f"--outcome {name}: no such outcome{nearest(name, BY_NAME)}" for name in names if name not in BY_NAME
    ]:
        raise InputError("\n".join(mistakes))
    return tuple(dict.fromkeys(names))


def _set_language(context: click.Context, option: click.Parameter, language: str) -> str:
    """Set the language of output until the outermost context closes.

    Click does not close the context of a command whose options it rejects.
    """
    from sim.core.notices import LOGGER
    from sim.figures.words import speaking, translate

    def in_language(record: logging.LogRecord) -> bool:
        with speaking(language):  # other threads do not inherit the language
            record.args = tuple(translate(str(said)) for said in record.args or ())
        return True

    whole = context.find_root()
    whole.with_resource(speaking(language))
    LOGGER.addFilter(in_language)
    whole.call_on_close(lambda: LOGGER.removeFilter(in_language))
    return language


def language(what: str) -> Decorator:
    """Make the option ``--lang``; ``what`` completes "Language of" in its help."""
    return click.option(
        "--lang", "language", type=click.Choice(["en", "zh"]), default="en", show_default=True,
        is_eager=True, callback=_set_language, help=f"Language of {what}.",
    )  # fmt: skip


def page_flags(what: str, usual: str) -> Decorator:
    """Make the argument FOLDER with ``--lang`` for ``what`` and ``--out``, by default FOLDER/``usual``."""
    return combine(FOLDER, language(what), place(None, f"Where to write; by default FOLDER/{usual}.", "PATH"))


LANGUAGE = language("output, tables and figures")
DRAWING = combine(click.option("--figures/--no-figures", default=True, help="Whether to draw figures."), LANGUAGE)
PARAMETERS = click.option(
    "--parameters", default=DEFAULT, show_default=True, metavar="SET", shell_complete=parameter_sets,
    help="surveyed, report or audited: posterior draws, one for each replicate; point: the values of the parameter "
    "table; surveyed@0.2.0: the set of that release; or a Parquet file of draws. run, compare, search and study take "
    "several, as in report,audited.",
)  # fmt: skip


def as_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Pass the options that are fields of ``Flags`` to a command as ``flags``."""

    @functools.wraps(command)
    def with_flags(**given: Any) -> None:
        flags = Flags(**{name: given.pop(name) for name in Flags._fields if name in given})
        command(flags=flags, **given)

    return with_flags


def study_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a study and ``--with`` to a command, which receives ``flags: Flags``."""
    return size_flags(with_files(command))


def size_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a study without ``--with`` to a command, which receives ``flags: Flags``."""
    return combine(
        PARAMETERS,
        click.option("--people", type=int, metavar="N",
                     help="People in each replicate; for run, compare and explain, in firms that the rules reach."),
        click.option("--years", type=float, metavar="X", help="Years simulated."),
        click.option("--replicates", type=int, metavar="N", help="Independent economies."),
        click.option("--seed", type=int, metavar="N", help="Seed of all draws."),
        count("--threads", (1, 1024), "Threads; results do not depend on it."),
        out(),
        DRAWING,
    )(as_flags(command))  # fmt: skip


def _setting(text: str) -> tuple[str, str]:
    """Read a setting, as in partition=main."""
    key, _, value = map(str.strip, text.partition("="))
    if not (key and value):
        raise click.BadParameter(f"'{text}': a name and a value are needed, as in partition=main")
    return key, value


def backend_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options for where simulations run to a command, which receives ``backend: Backend``."""

    @functools.wraps(command)
    def with_backend(
        *, backend: str, workers: int | None, scheduler: str | None, slurm: tuple[tuple[str, str], ...], **given: Any
    ) -> None:
        from sim.runs.backends import Backend

        for option, value, of in (("--scheduler", scheduler, "dask"), ("--slurm", slurm, "slurm")):
            if value not in (None, ()) and backend != of:
                raise InputError(f"{option}: is only for --backend {of}")
        if scheduler == "":
            raise InputError("--scheduler: an address or a file of a scheduler is needed")
        given_keys = [key for key, _ in slurm]
        if twice := next((key for key in given_keys if given_keys.count(key) > 1), ""):
            raise InputError(f"--slurm: '{twice}' is named twice")
        alone = backend == "serial"
        if workers and alone:
            raise InputError("--workers: is only for --backend local, dask, slurm")
        command(backend=Backend(backend, 1 if alone else workers or usable_cores(), scheduler, dict(slurm)), **given)

    return combine(
        click.option(
            "--backend", type=click.Choice(["local", "serial", "dask", "slurm"]), default="local", show_default=True,
            help="Where simulations run; results do not depend on it.",
        ),
        count("--workers", (1, 100_000), "Processes; by default one per core."),
        click.option("--scheduler", metavar="ADDRESS|FILE", help="Running Dask scheduler, for --backend dask."),
        click.option(
            "--slurm", multiple=True, type=_setting, metavar="KEY=VALUE",
            help="Setting for --backend slurm, repeatable: partition, account, walltime, memory, interface, cpus, "
            "directive.",
        ),
    )(with_backend)  # fmt: skip


def campaign_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of commands with hundreds of stored runs; they receive most of them as ``flags: Flags``."""
    return combine(
        click.option("--years", type=float, metavar="X", help="Years simulated; by default at most one."),
        click.option("--seed", type=int, metavar="N", help="Seed of all draws."),
        PARAMETERS,
        backend_flags,
        click.option(
            "--dry-run", is_flag=True, help="Only print how many runs there would be and how long they would take."
        ),
        out(what="Folder for the results and the stored runs."),
        DRAWING,
    )(as_flags(command))


def with_files(command: Callable[..., None]) -> Callable[..., None]:
    """Add the option ``--with``, which loads plug-in files before anything else is read.

    The command receives no argument: plug-ins register themselves.
    """
    return click.option(
        "--with", multiple=True, type=PATH, metavar="FILE", is_eager=True, expose_value=False,
        callback=_load_plugins, help="Python file that adds levers or managers; repeatable. Its code is executed.",
    )(command)  # fmt: skip


def _load_plugins(context: click.Context, option: click.Parameter, files: tuple[Path, ...]) -> None:
    """Execute plug-in files."""
    from sim.levers.plugins import load

    for file in files:
        load(file)


def under_each_set(name: str, flags: Flags, each: "Callable[[Setup], Results]") -> None:
    """Run a study; with several parameter sets, run it under each of them and compare the results."""
    from sim.scenario.parameter_draws import load_sets

    sets = load_sets(flags.parameters)
    if len(sets) == 1:
        each(flags.setup(name))
        return
    from sim.studies.by_set import publish_under_each_set

    publish_under_each_set(sets, flags._replace(parameters=POINT).setup(name), each)
