"""Design files: which scenarios are run at which points, and how often.

A design is a TOML file with scenarios and axes. Mistakes are reported with file, line, key, value and the
nearest valid name: first all of keys and types, then all others.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from sim.core.errors import InputError, nearest
from sim.core.parameter_sets import DEFAULT
from sim.files.shipped import SCENARIOS
from sim.files.toml import KeyPath
from sim.files.validation import MOST
from sim.scenario.inheritance import refused
from sim.scenario.loading import changed, counterfactual, load
from sim.scenario.parameter_draws import Draws, load_draws
from sim.scenario.part import Name, Part
from sim.scenario.schema import Scenario
from sim.studies.designs import read_design, scenario_path
from sim.sweeps import parameter_paths as addresses
from sim.sweeps.engines import ENGINES, MODEL

DESIGNS = SCENARIOS / "sweeps"
MOST_CONDITIONS = 1_000_000
MOST_SCENARIOS, MOST_AXES, MOST_VALUES = 100, 500, 5_000
MOST_TRIED = 20_000  # values of all axes in all scenarios, each validated on its own
MOST_CHECKED = 2_000  # combinations validated as whole scenarios; of ranges, only the ends matter

type Value = bool | int | float | str


class Axis(Part):
    """A value that is varied."""

    name: str = Field(min_length=1)
    """Address of the value: name of a parameter, or as in levers.enforcement.fine_yuan."""
    unit: str = ""
    """Unit; if given, it must be that of the value."""
    values: tuple[Value, ...] | None = Field(default=None, min_length=1, max_length=MOST_VALUES)
    """List of values."""
    values_zh: tuple[str, ...] = ()
    """Chinese words for values that are no numbers, in their order."""
    low: float | None = Field(default=None, allow_inf_nan=False)
    """Lower end of a range."""
    high: float | None = Field(default=None, allow_inf_nan=False)
    """Upper end of a range."""
    points: int | None = Field(default=None, ge=2, le=100_000)
    """Number of values in a grid or list, both ends included."""
    scale: Literal["linear", "log"] = "linear"
    """Whether equal steps or equal ratios separate the values."""
    label: str = ""
    """Label in figures."""
    label_zh: str = ""
    """Chinese label in figures."""

    @field_validator("values", mode="before")
    @classmethod
    def _dates_as_text(cls, values: Any) -> Any:
        """Accept dates, as in a scenario file."""
        if type(values) is tuple and any(isinstance(each, tuple | dict) for each in values):
            raise ValueError("each must be a number, a word, a date, or true or false")
        return tuple(str(each) if type(each) is date else each for each in values) if type(values) is tuple else values

    @field_validator("values_zh")
    @classmethod
    def _word_for_each(cls, words: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        values = info.data.get("values", words) or ()
        if words and (len(words) != len(values) or not all(isinstance(each, str | bool) for each in values)):
            raise ValueError("must have a word for each of the values, none of which may be a number")
        return words

    @field_validator("high")
    @classmethod
    def _above_low(cls, high: float | None, info: ValidationInfo) -> float | None:
        low = info.data.get("low")
        if high is not None and low is not None and low >= high:
            raise ValueError(f"must be above low = {low:g}")
        return high

    @field_validator("scale")
    @classmethod
    def _positive(cls, scale: str, info: ValidationInfo) -> str:
        low = info.data.get("low")
        if scale == "log" and low is not None and low <= 0:
            raise ValueError("low must be above 0 on a log scale")
        if scale == "log" and any(not isinstance(each, str) and each <= 0 for each in info.data.get("values") or ()):
            raise ValueError("values must be above 0 on a log scale")
        return scale

    @model_validator(mode="after")
    def _values_or_range(self) -> Self:
        if self.values is not None and (self.low, self.high) != (None, None):
            raise ValueError("has values already; low and high are for ranges")
        if self.values is None and None in (self.low, self.high):
            raise ValueError("needs values, or low and high")
        return self


class Sizes(Part):
    """Size of each run; a missing value is as in the scenario."""

    people: int | None = None
    years: float | None = None
    seed: int | None = None
    warmup_days: int | None = None


class Limits(Part):
    """Limits beyond which a run is given up."""

    seconds: float = Field(default=3600.0, gt=0, le=1e7)
    """Elapsed time of one run."""
    megabytes: int | None = Field(default=None, ge=100)
    """Memory of one worker in MB; by default an equal share of the machine's."""


class Design(Part):
    """A design file."""

    name: Name
    """Short name, part of the folder's name; by default the file's name."""
    title: str = Field(min_length=1, max_length=120)
    """One-line title in lists and figures."""
    title_zh: str = ""
    """Chinese title."""
    scenarios: tuple[str, ...] = Field(default=("status_quo",), min_length=1, max_length=MOST_SCENARIOS)
    """Scenarios by name or path; each is run at every point."""
    paired: bool = True
    """Whether counterfactuals are run as well, with common random numbers."""
    method: Literal["grid", "list", "lhs", "sobol"] = "grid"
    """Choice of points: all combinations, value by value, a Latin hypercube, or Sobol's sequence."""
    points: int | None = Field(default=None, ge=1, le=MOST_CONDITIONS)
    """Number of points of a Latin hypercube or Sobol's sequence."""
    seed: int = Field(default=1, ge=0, lt=2**63)
    """Seed of sampled points; the seed of the runs is in run."""
    replicates: int = Field(default=1, ge=1, le=100_000)
    """Independent economies at each point; more can be added later."""
    parameters: str = DEFAULT
    """Source of parameters that neither scenarios nor axes set: surveyed, report, audited, point or a file of draws."""
    own_draws: bool = False
    """Whether each point has draws of its own; otherwise replicate k uses draw k at all points."""
    points_per_draw: int = Field(default=1, ge=1, le=MOST_CONDITIONS)
    """Points in a row that share their draws, where points have draws of their own."""
    run: Sizes = Sizes()
    """Size of each run."""
    limits: Limits = Limits()
    """Limits beyond which a run is given up."""
    axes: tuple[Axis, ...] = Field(default=(), max_length=MOST_AXES)
    """Axes along which values vary."""
    engine: str = MODEL
    """Engine that does the runs."""

    @field_validator("engine")
    @classmethod
    def _known_engine(cls, name: str) -> str:
        if name not in ENGINES:
            raise ValueError(f"no such engine{nearest(name, ENGINES)}")
        return name


class Draft(NamedTuple):
    """A checked design with its scenarios."""

    design: Design
    bases: dict[str, dict[str, Any]]  # scenarios as data, by name
    references: dict[str, dict[str, Any]]  # counterfactuals, by the name of the scenario
    whole: set[str]  # axes of whole numbers
    draws: Draws | None  # of parameters; replicate k uses draw k

    @property
    def currency(self) -> str:
        """Return the currency of the scenarios' amounts."""
        return addresses.currency_of(next(iter(self.bases.values())))


def _mistakes_between(design: Design) -> Iterator[tuple[KeyPath, str]]:
    """Find fields that do not fit together."""
    sampling = design.method in ("lhs", "sobol")
    counts = Counter(axis.name.removeprefix("parameters.") for axis in design.axes)
    for number, axis in enumerate(design.axes):
        at = f"axes[{number}]"
        if counts[axis.name.removeprefix("parameters.")] > 1:
            yield ("axes", number, "name"), f"{at}.name: '{axis.name}': is named by another axis already"
        if axis.points is not None and (axis.values is not None or sampling):
            yield ("axes", number, "points"), f"{at}.points: {axis.points}: is only for ranges in a grid or a list"
        if axis.points is None and axis.values is None and not sampling:
            yield ("axes", number, "name"), f"{at}: '{axis.name}': needs points: how many values between low and high"
    lengths = sorted({len(axis.values or ()) or axis.points or 0 for axis in design.axes})
    if design.method == "list" and len(lengths) > 1:
        yield ("axes",), f"axes: a list needs axes of one length, and these have {lengths}"
    if sampling and design.points is None:
        yield ("method",), f"method: the method {design.method} needs points"
    if sampling and all(axis.values is not None for axis in design.axes):
        yield ("method",), f"method: the method {design.method} needs an axis with low and high"
    if design.points is not None and not sampling:
        yield ("points",), "points: is only for the methods lhs and sobol; a grid has points for each axis"
    if design.method == "sobol" and (design.points or 0) & ((design.points or 0) - 1):
        yield ("points",), f"points: {design.points}: must be a power of 2, or Sobol's points lose their balance"
    if design.points_per_draw > 1 and not design.own_draws:
        yield ("points_per_draw",), "points_per_draw: needs own_draws = true; without it all points share their draws"


def load_design(path: Path, replicates: int | None = None, parameters: str | None = None) -> Draft:
    """Read and check a design and its scenarios.

    ``replicates`` and ``parameters`` replace those of the file. Raises ``InputError`` with all mistakes, one per line.
    """
    given = {"replicates": replicates, "parameters": parameters}
    given = {key: value for key, value in given.items() if value is not None}
    document, design = read_design(path, "sweep design", Design, **given)
    draft, mistakes = _with_bases(design, path)
    if mistakes := [*_mistakes_between(design), *mistakes]:
        raise refused(document, mistakes)
    return draft


def _with_bases(design: Design, path: Path) -> tuple[Draft, list[tuple[KeyPath, str]]]:
    """Load the scenarios of a design and check the axes against each of them."""
    draft = Draft(design, {}, {}, set(), None)
    if design.engine != MODEL:
        draft.bases.update({name: {} for name in design.scenarios})
        return draft, []
    mistakes: list[tuple[KeyPath, str]] = []
    beside = path.parent / design.parameters
    try:
        draft = draft._replace(draws=load_draws(str(beside) if os.path.isfile(beside) else design.parameters))
    except InputError as error:
        mistakes += [
            (("parameters",), line.replace("--parameters", "parameters:", 1)) for line in str(error).splitlines()
        ]
    for number, name in enumerate(design.scenarios):
        try:
            file = scenario_path(path, name, DESIGNS)
            scenario = changed(load(file), f"{name} with [run]", **design.run.model_dump())
            if scenario.name in draft.bases:
                raise InputError("is listed twice")
            draft.bases[scenario.name] = scenario.model_dump(mode="json")
            if design.paired and (rules := counterfactual(scenario, file)):
                draft.references[scenario.name] = rules.model_dump(mode="json")
        except InputError as error:
            mistakes += [(("scenarios",), f"scenarios[{number}]: {line}") for line in str(error).splitlines()]
    if (tried := len(draft.bases) * sum(len(axis.values or (0, 1)) for axis in design.axes)) > MOST_TRIED:
        mistakes.append((("axes",), f"axes: {tried:,} values to check in all scenarios; at most {MOST_TRIED:,}"))
    elif draft.bases:
        found = (each for number, axis in enumerate(design.axes) for each in axis_mistakes(draft, number, axis))
        mistakes += islice(found, MOST + 1)
    return draft, mistakes


def axis_mistakes(draft: Draft, number: int, axis: Axis) -> Iterator[tuple[KeyPath, str]]:
    """Check the name, the unit and each value of an axis against each scenario, and note axes of whole numbers."""
    at: KeyPath = ("axes", number)
    for name, base in draft.bases.items():
        there = addresses.addresses(base)
        bare = axis.name.removeprefix("parameters.")
        if bare not in there:
            text = f"axes[{number}].name: '{axis.name}': {name} has no such value"
            if addresses.of_lever(axis.name):
                levers = [each for each in there if addresses.of_lever(each)]
                text += nearest(axis.name, levers) if levers else "; it has no levers"
            else:
                close = nearest(bare, there)
                text += close if "did you mean" in close else "; see `offhours parameters`"
            yield (*at, "name"), text
            continue
        yield from _value_mistakes(draft, name, base, at, axis)
    unit = addresses.unit_of(axis.name, draft.currency)
    if axis.unit and unit and axis.unit != unit:
        yield (*at, "unit"), f"axes[{number}].unit: '{axis.unit}': the unit of {axis.name} is '{unit}'"


def _value_mistakes(
    draft: Draft, name: str, base: dict[str, Any], at: KeyPath, axis: Axis
) -> Iterator[tuple[KeyPath, str]]:
    """Try each value of an axis, or both ends of its range, in a scenario, and note whether they are whole numbers."""
    keys = ("low", "high") if axis.values is None else ("values",) * len(axis.values)
    kinds = set()
    for key, value in zip(keys, axis.values or (axis.low, axis.high), strict=True):
        where = f"axes[{at[1]}].{key}: {value}"
        try:
            scenario = Scenario.model_validate(addresses.changed(base, {axis.name: value}))
        except ValidationError as error:
            yield from (((*at, key), f"{where}: {name}: {detail['msg']}") for detail in error.errors())
            continue
        canonical = addresses.value_at(scenario.model_dump(mode="json"), axis.name)
        kinds.add(type(canonical))
        quoted = isinstance(value, str) and isinstance(canonical, int | float)
        if quoted or isinstance(value, bool) != isinstance(canonical, bool):
            yield (*at, key), f"{where}: must be {'true or false' if isinstance(canonical, bool) else 'a number'}"
    if axis.values is None and kinds and not kinds & {int, float}:
        yield (*at, "low"), f"axes[{at[1]}]: {axis.name} is no number and has no range; name its values"
    (draft.whole.add if kinds == {int} else draft.whole.discard)(axis.name)


def axis_values(axis: Axis, whole: bool) -> list[Value]:
    """List the values of an axis in a grid or a list."""
    if axis.values is not None:
        proper = int if whole else float
        return [value if isinstance(value, bool | str) else proper(value) for value in axis.values]
    return from_shares(axis, np.linspace(0.0, 1.0, axis.points or 2), whole)


def from_shares(axis: Axis, shares: Any, whole: bool) -> list[Value]:
    """Map shares from 0 to 1 to values of a range.

    The values are integers or rounded to six significant digits, so that names of runs do not depend on the last bit of
    a logarithm.
    """
    low, high = float(axis.low or 0.0), float(axis.high or 0.0)
    if axis.scale == "log":
        found = np.exp(np.log(low) + np.asarray(shares) * (np.log(high) - np.log(low)))
    else:
        found = low + np.asarray(shares) * (high - low)
    exact = np.clip([round(value) if whole else float(f"{value:.6g}") for value in found.tolist()], low, high)
    return exact.astype(int if whole else float).tolist()
