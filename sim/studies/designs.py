"""Design files of studies: scenarios and their references, parameter sets and sizes.

A design is a TOML file, checked as a whole before anything is simulated; mistakes are reported with file and line.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from sim.core.errors import InputError, nearest
from sim.core.parameter_sets import DEFAULT
from sim.files.shipped import SCENARIOS
from sim.files.toml import Document, KeyPath, read
from sim.outcomes import BY_NAME, HEADLINES
from sim.scenario.horizon import check_years, years_enough
from sim.scenario.inheritance import as_model, refused, unmerged
from sim.scenario.loading import changed, load, names, on_economy
from sim.scenario.memory import check_size
from sim.scenario.parameter_draws import Draws, load_sets
from sim.scenario.part import NAME, Name, Part
from sim.scenario.schema import Scenario

DESIGNS = SCENARIOS / "studies"


class Size(Part):
    """Size of every simulation; missing values are those of the reference."""

    people: int | None = None
    replicates: int | None = None
    seed: int | None = None


class Comparison(Part):
    """Comparison of scenarios with one reference, on its economy."""

    title: str = Field(min_length=1, max_length=120)
    """One-line title."""
    title_zh: str = ""
    """Chinese title."""
    reference: str = "status_quo"
    """Scenario that all others are compared with, by name or path."""
    scenarios: tuple[str, ...] = Field(min_length=1, max_length=100)
    """Scenarios by name or path."""
    years: float | None = None
    """Years simulated; by default as in `offhours compare`."""
    parameters: tuple[str, ...] | None = Field(default=None, min_length=1)
    """Parameter sets, instead of those of the study."""
    ranked_on: str = ""
    """Scenario on whose firms all are ranked; by default the firms that all reach."""


class Study(Part):
    """A design file."""

    name: Name
    """Short name, part of the folders' names; by default the file's name."""
    title: str = Field(min_length=1, max_length=120)
    """One-line title."""
    title_zh: str = ""
    """Chinese title."""
    parameters: tuple[str, ...] = Field(default=(DEFAULT,), min_length=1)
    """Parameter sets: surveyed, report, audited, point or files of draws, first those beside the design."""
    outcomes: tuple[str, ...] = Field(default=HEADLINES, min_length=1)
    """Outcomes in the tables; ranking, draws and drivers have only those that ``offhours compare`` ranks."""
    run: Size = Size()
    """Size of every simulation."""
    comparisons: dict[Name, Comparison] = Field(min_length=1, max_length=20)
    """Comparisons by name."""
    left_out: dict[Name, str] = Field(default_factory=dict)
    """Scenarios without a comparison, each with the reason."""


class ComparisonJob(NamedTuple):
    """A comparison that is ready to be simulated."""

    name: str
    reference: Scenario
    others: tuple[Scenario, ...]
    sets: Mapping[str, Draws | None]
    ranked_on: str  # scenario on whose firms all are ranked, or empty


class CheckedDesign(NamedTuple):
    """A checked design with its comparisons."""

    design: Study
    jobs: tuple[ComparisonJob, ...]


def find_design(name_or_path: str, folder: Path = DESIGNS) -> Path:
    """Find a design by path, or by name in a folder of shipped ones; raises ``InputError`` for an unknown name."""
    if name_or_path.endswith(".toml") or "/" in name_or_path:
        return Path(name_or_path)
    file = folder / f"{name_or_path}.toml"
    if NAME.fullmatch(name_or_path) and file.is_file():
        return file
    there = sorted(path.stem for path in folder.glob("*.toml"))
    raise InputError(f"unknown design '{name_or_path}'{nearest(name_or_path, there)}")


def read_design[T: Part](path: Path, kind: str, model: type[T], **given: Any) -> tuple[Document, T]:
    """Read a design file as a model; values ``given`` replace those of the file.

    Raises ``InputError`` with all mistakes, one per line.
    """
    document = read(path, kind)
    return document, as_model(model, document, unmerged(document).data | given)


def scenario_path(path: Path, name: str, shipped: Path) -> str | Path:
    """Return the path or name of a scenario that a design names; files beside the design come first.

    Copies of shipped designs find their files in the folder of shipped designs, ``shipped``.
    """
    file = name if name.endswith(".toml") else f"{name}.toml"
    beside = path.parent / file
    if os.path.isfile(beside) and beside.resolve() != path.resolve():
        return beside
    own = name == file and not os.path.isfile(name) and (shipped / name).is_file()
    return shipped / name if own else name


def load_study(path: Path, parameters: str | None = None, **size: int | None) -> CheckedDesign:
    """Read and check a design.

    ``parameters`` (sets separated by commas, for all comparisons) and ``size`` (people, replicates, seed) replace the
    values of the file. Raises ``InputError`` with all mistakes, one per line.
    """
    document, design = read_design(path, "study design", Study)
    given = {key: value for key, value in size.items() if value is not None}
    design = design.model_copy(update={"run": design.run.model_copy(update=given)})
    jobs: list[ComparisonJob] = []
    mistakes: list[tuple[KeyPath, str]] = []
    for place, name in enumerate(design.outcomes):
        if name not in BY_NAME:
            mistakes.append((("outcomes",), f"outcomes[{place}]: no outcome '{name}'{nearest(name, BY_NAME)}"))
        elif name in design.outcomes[:place]:
            mistakes.append((("outcomes",), f"outcomes[{place}]: '{name}' is named twice"))
    known = sorted({*names(), *(file.stem for file in path.parent.glob("*.toml"))})
    for name in design.left_out:
        if name not in known:
            mistakes.append((("left_out", name), f"left_out: unknown scenario '{name}'{nearest(name, known)}"))
    for name, each in design.comparisons.items():
        try:
            jobs.append(_comparison_job(name, each, design, path, parameters))
        except InputError as error:
            mistakes += [(("comparisons", name), f"comparisons.{name}: {line}") for line in str(error).splitlines()]
    folders = [f"{job.name}_{name}" for job in jobs for name in job.sets]
    if twice := sorted({each for each in folders if folders.count(each) > 1}):
        said = f"comparisons: two have the folder study_{design.name}_{twice[0]}: rename one"
        mistakes.append((("comparisons",), said))
    if mistakes:
        raise refused(document, mistakes)
    return CheckedDesign(design, tuple(jobs))


def _comparison_job(name: str, about: Comparison, design: Study, path: Path, parameters: str | None) -> ComparisonJob:
    """Load the scenarios of a comparison and put them on the economy of its reference."""
    everyone = [load(scenario_path(path, each, DESIGNS)) for each in (about.reference, *about.scenarios)]
    there = [each.name for each in everyone]
    if twice := sorted({each for each in there if there.count(each) > 1}):
        raise InputError(f"scenarios: holds each scenario once, and {twice[0]} is named twice")
    if about.ranked_on and about.ranked_on not in there[1:]:
        raise InputError(f"ranked_on: '{about.ranked_on}': none of its scenarios{nearest(about.ranked_on, there[1:])}")
    if any(each.name == about.ranked_on and not each.levers for each in everyone[1:]):
        raise InputError(f"ranked_on: '{about.ranked_on}': has no rules, and so there are no firms that they reach")
    if about.years is not None:
        check_years(everyone, about.years, everyone[0].calendar.start)
    years = years_enough(everyone)[0] if about.years is None else about.years
    first = changed(everyone[0], f"{there[0]} with [run]", years=years, **design.run.model_dump())
    check_size(first)
    sets = load_sets(parameters) if parameters else _parameter_sets(about.parameters or design.parameters, path)
    return ComparisonJob(name, first, tuple(on_economy(each, first) for each in everyone[1:]), sets, about.ranked_on)


def _parameter_sets(names: Sequence[str], path: Path) -> dict[str, Draws | None]:
    """Load the parameter sets that a design names, files of draws first from the folder of the design."""
    beside = [path.parent / each for each in names]
    found = (str(file) if file.is_file() else each for file, each in zip(beside, names, strict=True))
    try:
        return load_sets(",".join(found))
    except InputError as error:
        raise InputError(str(error).replace("--parameters", "parameters:", 1)) from error
