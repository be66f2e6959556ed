"""Functions for notebooks, with the defaults of the command line; ``import sim`` loads them on first use.

Each function does what the command of the same name does: it simulates what the cache lacks, writes the same results
folder and returns it. In the result ``found``, ``found.summary`` is the report and ``found.tables`` are the tables.
"""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, TypedDict, Unpack

import numpy as np
import polars as pl
from pydantic import BaseModel, Field, InstanceOf, ValidationError, create_model
from rich.console import Console

from sim.cli.fitting import fit_to
from sim.cli.flags import Flags, notes, under_each_set, usable_cores
from sim.cli.logs import ask_log
from sim.cli.results import open_results
from sim.cli.studies import long_enough
from sim.core.errors import InputError, ResultsError, nearest
from sim.evidence.logcolumns import Reading
from sim.evidence.logfile import observe_log
from sim.files.storage import write_text, writing
from sim.files.validation import restated, sentence
from sim.model import Workplace
from sim.observation import ComparedSource, doubts_of, observed_table, target_set_name, target_set_toml
from sim.runs.backends import Backend
from sim.runs.provenance import recording_call
from sim.runs.results import Results, is_sweep
from sim.scenario import loading
from sim.scenario.loading import changed, counterfactual, loaded, names, on_economy
from sim.scenario.memory import check_size
from sim.scenario.schema import Scenario
from sim.studies import comparisons
from sim.studies.study import Setup
from sim.sweeps.drawing import stored_tables
from sim.sweeps.driving import Options
from sim.sweeps.monitor import PARTIAL
from sim.sweeps.session import run_sweep

__all__ = [
    "InputError", "Reading", "Results", "ResultsError", "Scenario", "Workplace", "ask", "calibrate", "changed",
    "compare", "load", "names", "observe", "read", "run", "sweep",
]  # fmt: skip
SEED = 20261125
SIZES = ("people", "years", "replicates", "seed", "parameters")  # options that change what is simulated

type Count = Annotated[int, Field(ge=1, le=100_000)]


class StudyOptions(TypedDict, total=False):
    """Options of a study; the defaults are those of the command line, except that no figures are drawn."""

    people: int | None
    years: float | None
    replicates: int | None
    seed: int | None
    parameters: str | Path
    threads: Annotated[int, Field(ge=1, le=1024)] | None
    out: str | Path
    figures: bool


USUAL = Flags(figures=False)


def _public[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function: check the arguments of each call, and record the call in the manifests.

    The signature lists the options of a study one by one, so that notebooks can complete them.
    """
    own = list(inspect.signature(function).parameters.values())
    if own[-1].kind is inspect.Parameter.VAR_KEYWORD:
        usual, kinds = USUAL._asdict(), StudyOptions.__annotations__
        kind = inspect.Parameter.KEYWORD_ONLY
        own[-1:] = [inspect.Parameter(name, kind, default=usual[name], annotation=kinds[name]) for name in kinds]
    signature = inspect.signature(function).replace(parameters=own)
    kinds = create_model(function.__name__, **{each.name: _kind(each) for each in own})

    @functools.wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs.keys() - signature.parameters.keys():
            near = nearest(name, signature.parameters)
            raise TypeError(f"{function.__name__}() got an unexpected keyword argument '{name}'{near}")
        given = signature.bind(*args, **kwargs)
        given.arguments.update(_valid(kinds, given.arguments))
        with recording_call(_call_text(function.__name__, given.args, given.kwargs)):
            return function(*given.args, **given.kwargs)

    called.__signature__ = signature  # type: ignore[attr-defined]
    return called


def _kind(argument: inspect.Parameter) -> Any:
    """Return type and default of an argument for a pydantic model; ``*args`` become a tuple."""
    kind: Any = argument.annotation
    return (tuple[kind, ...], ()) if argument.kind is inspect.Parameter.VAR_POSITIONAL else (kind, argument.default)


def _valid(kinds: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Convert arguments to the types that they should have; ``InputError`` lists those that do not fit."""
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in given.items()}
    if odd := [name for name, value in plain.items() if isinstance(value, str | Path) and "\0" in str(value)]:
        raise InputError("\n".join(f"{name}: holds a NUL character" for name in odd))
    try:
        valid = kinds.model_validate(plain)
    except ValidationError as error:
        found = [restated(detail, {}) for detail in error.errors()]
        stated = ValidationError.from_exception_data(kinds.__name__, found).errors()
        first = {detail["loc"][:1]: detail for detail in reversed(stated)}  # one error for each argument
        raise InputError("\n".join(sentence(path, detail) for path, detail in reversed(first.items()))) from None
    return {name: getattr(valid, name) for name in given}


def _call_text(name: str, args: Sequence[object], kwargs: Mapping[str, object]) -> str:
    """Write a call as Python code; empty if a scenario cannot be written as a name with options."""
    given = [("", _argument(each)) for each in args] + [(f"{key}=", _argument(value)) for key, value in kwargs.items()]
    listed = ", ".join(key + text for key, text in given)
    return f"import sim; sim.{name}({listed})" if all(text for _, text in given) else ""


def _argument(value: object) -> str:
    """Write an argument of a call as Python code."""
    if isinstance(value, Scenario):
        return _scenario_text(value)
    if isinstance(value, Reading):
        usual = Reading()._asdict()
        chosen = {key: each for key, each in value._asdict().items() if each != usual[key]}
        return f"sim.Reading({', '.join(f'{key}={_argument(each)}' for key, each in chosen.items())})"
    return repr(str(value) if isinstance(value, Path) else value)


def _scenario_text(scenario: Scenario) -> str:
    """Write code that loads a scenario by name and changes its run; empty if this does not reproduce it."""
    with suppress(InputError):
        usual = loading.load(scenario.name)
        there, mine = usual.run.model_dump(), scenario.run.model_dump()
        asked = {key: value for key, value in mine.items() if value != there[key]}
        if changed(usual, **asked) == scenario:
            options = "".join(f", {key}={value!r}" for key, value in asked.items())
            return f"sim.changed(sim.load({scenario.name!r}){options})" if asked else f"sim.load({scenario.name!r})"
    return ""


_files: dict[str, Path] = {}  # files that ``load`` has read, by the rules of their scenarios


def load(name_or_path: str | Path) -> Scenario:
    """Read a scenario, by name or path of its file, with all that it inherits, and validate it.

    Raises ``InputError`` if there is no such scenario, or with all mistakes of its file, one per line.
    """
    scenario = loading.load(name_or_path)
    _files[_rules(scenario)] = loading.find(name_or_path).absolute()
    return scenario


def _rules(scenario: Scenario) -> str:
    """Serialise a scenario without its run, which ``changed`` can replace."""
    return scenario.model_dump_json(exclude={"run"})


_FIELDS: dict[str, Any] = {name: (kind, ...) for name, kind in Reading.__annotations__.items()}
_READING = create_model("Reading", **_FIELDS)


@_public
def run(scenario: str | Path | Scenario, **options: Unpack[StudyOptions]) -> Results:
    """Run a scenario, given by name, file or as from ``load``, and its reference with common random numbers.

    ``people``, ``years``, ``replicates`` and ``seed`` default to those of the scenario. ``parameters`` is ``surveyed``,
    ``report``, ``audited``, ``point`` or a Parquet file of draws. Results do not depend on ``threads``, by default one
    per processor. Returns the results folder ``out``/NAME: ``tables`` by name (``effects`` holds paired differences,
    ``levels`` the values of a single world), ``manifest`` and ``folder``. Raises ``InputError``, with the nearest valid
    choice, for an unknown name or an impossible option.
    """
    flags = _flags(options)
    chosen = flags.applied(loaded(scenario))
    reference = counterfactual(chosen, _place(scenario))
    check_size(chosen, worlds=2 if reference else 1)
    under_each_set(chosen.name, flags, lambda how: comparisons.publish_run(chosen, reference, _quiet(how)))
    return read(flags.out / chosen.name)


@_public
def compare(
    reference: str | Path | Scenario, *others: str | Path | Scenario, **options: Unpack[StudyOptions]
) -> Results:
    """Compare scenarios with a reference, all on its economy and for long enough that all their rules are in force.

    Options are those of ``run``; their defaults are the values of the reference. Returns the results folder:
    ``effects``, ``ranking`` and other tables by name, ``manifest`` and ``folder``.
    """
    everyone = [loaded(each) for each in (reference, *others)]
    if len({each.name for each in everyone}) < max(len(everyone), 2):
        raise InputError("a comparison needs a reference and other scenarios, each once")
    flags = long_enough(_flags(options), everyone, fixed=False)
    first = flags.applied(everyone[0])
    rest = [on_economy(other, first) for other in everyone[1:]]
    check_size(first)
    name = comparisons.folder_name(first.name, [other.name for other in rest])
    under_each_set(name, flags, lambda how: comparisons.publish_comparison(rest, first, _quiet(how)))
    return read(flags.out / name)


@_public
def sweep(
    design: str | Path,
    *,
    replicates: Count | None = None,
    parameters: str | Path | None = None,
    workers: Count | None = None,
    out: str | Path = "results/sweeps",
    figures: bool = False,
) -> Results:
    """Run or continue the sweep of a design, given by name or file, on ``workers`` processes of this machine.

    Returns its folder with the tables ``effects``, ``responses`` and ``axes``; ``manifest["runs"]`` counts the failed
    runs. Raises ``ResultsError`` if all runs failed, or if some are missing at the end, as after an interruption.
    """
    backend, given = Backend("local", workers or usable_cores()), None if parameters is None else str(parameters)
    options = Options(replicates=replicates, parameters=given, out=Path(out), figures=figures, backend=backend)
    sweep, code = run_sweep(str(design), options, notes, Console(quiet=True))
    if code == PARTIAL:
        raise ResultsError(f"{sweep.folder}: runs are missing; the same call goes on with them")
    return stored_tables(sweep.folder)


@_public
def calibrate(
    targets: str | Path,
    *,
    beside: str | None = None,
    full: bool = False,
    people: Annotated[int, Field(ge=100, le=100_000)] | None = None,
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = SEED,
    workers: Count | None = None,
    out: str | Path = "results",
) -> Results:
    """Fit the model to ``surveyed``, ``report``, ``audited`` or a file of targets, which takes ten minutes or more.

    Returns the results folder; its file ``posterior.parquet`` is a set of ``parameters`` for the other functions.
    """
    backend = Backend("local", workers or usable_cores())
    return read(fit_to(str(targets), beside, full, backend, seed, people, Path(out), ()))


@_public
def read(folder: str | Path) -> Results:
    """Read a folder of results or of a sweep; raises ``ResultsError`` if it is incomplete."""
    return stored_tables(Path(folder)) if is_sweep(Path(folder)) else open_results(Path(folder))


@_public
def observe(
    log: str | Path,
    how: InstanceOf[Reading] | None = None,
    *,
    zone: str = "",
    partial: bool = False,
    out: str | Path | None = None,
) -> pl.DataFrame:
    """Measure a message log: a table, or an export of Slack, Teams, Outlook or mail.

    ``how`` says how to read it (``sim.Reading``: columns, clock, channels and so on), ``zone`` is the time zone of the
    people, and ``partial`` says that the log lacks many of their messages. Returns a row for each quantity: value, 95 %
    interval over people, number of people, why it is missing, and its role among targets. With ``out``, these targets
    are also written to a file for ``calibrate``.
    """
    tally, report = observe_log(Path(log), _reading(how, zone))
    doubts, measured = doubts_of(tally, partial), tally.measured()
    if out is not None:
        text = target_set_toml(target_set_name(Path(out)), measured, tally.scope, doubts, report)
        with writing(Path(out)):
            write_text(Path(out), text)
    return observed_table([ComparedSource("log", measured, tally.shapes())], doubts).drop("side")


@_public
def ask(
    log: str | Path,
    scenario: str | Path | Scenario,
    how: InstanceOf[Reading] | None = None,
    *,
    zone: str = "",
    partial: bool = False,
    effect: bool = True,
    **options: Unpack[StudyOptions],
) -> Results:
    """Estimate which messages of a log a scenario touches and, with ``effect``, its effect on a firm like the log's.

    The log is read as by ``observe``. Returns the results folder: the table ``touched`` and, with ``effect``, those of
    ``run`` and ``taken``, which shows what comes from the log and what from the set of ``parameters``.
    """
    given = [name for name, value in options.items() if value is not None and name in SIZES]
    if given and not effect:
        raise InputError("\n".join(f"{name}: is only for effect=True" for name in given))
    chosen, flags = loaded(scenario), _flags(options)
    return read(ask_log(Path(log), chosen, _place(scenario), _reading(how, zone), partial, effect, flags, quiet=True))


def _reading(how: Reading | None, zone: str) -> Reading:
    """Complete the settings for reading a log; ``InputError`` for a text where a list of names is expected."""
    how = how or Reading()
    given = how._asdict()
    for name in ("channels", "leaders"):
        if isinstance(listed := given[name], str):
            raise InputError(f"{name}: '{listed}': names are listed, as in ['{listed}']")
    return Reading(**_valid(_READING, given | {"zone": zone or how.zone}))


def _place(scenario: str | Path | Scenario) -> str | Path:
    """Return the file beside which a scenario's reference is searched: its own, the shipped one, or one here."""
    if not isinstance(scenario, Scenario):
        return scenario
    if file := _files.get(_rules(scenario)):
        return file
    return scenario.name if scenario.name in names() else f"{scenario.name}.toml"


def _flags(options: StudyOptions) -> Flags:
    """Complete the options of a study; ``InputError`` for several parameter sets, as each makes its own folder."""
    known: dict[str, Any] = {**options}
    known |= {
        "out": Path(options.get("out", USUAL.out)),
        "parameters": str(options.get("parameters", USUAL.parameters)),
    }
    flags = USUAL._replace(**known)
    if "," in flags.parameters:
        raise InputError("parameters: name one set; `offhours compare --parameters report,audited` compares several")
    return flags


def _quiet(how: Setup) -> Setup:
    """Return the settings without printing the report, because the returned results show it."""
    return how._replace(output=Console(quiet=True))
