"""Replays of published experiments: the same treatment on simulated firms, beside the published effect.

Nothing is tuned to these studies. A failed replication is reported as such. A study that cannot be replayed is listed
with the reason. Designs and published effects are in ``calibration/experiments.toml``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from sim.comparing.effects import replicates_of, world_sums
from sim.core.errors import InputError, nearest
from sim.core.parameter_sets import DEFAULT
from sim.core.units import years_of
from sim.files.shipped import CALIBRATION
from sim.files.toml import read
from sim.files.validation import Entry
from sim.outcomes import BY_NAME, CLUSTER, FEWEST, KEYS, SIGNED, Reals, firm_sums, person_weeks
from sim.runs.simulation import World, side_by_side, simulate
from sim.scenario.inheritance import as_model, frozen
from sim.scenario.loading import changed, load, on_economy
from sim.scenario.parameter_draws import Source
from sim.scenario.schema import Scenario
from sim.stats.ordered import ordered_variance
from sim.stats.variance import with_interval

EXPERIMENTS_FILE = CALIBRATION / "experiments.toml"
type Sign = Literal["less", "more", "none"]
SIGN_VALUES = {"less": -1, "more": 1, "none": 0}


class Measure(Entry):
    """An effect that a study reports, and the scale on which it is reported."""

    outcome: str
    says: str
    says_zh: str = ""
    scale: Literal["difference", "relative", "sd", "per"]
    per: str = ""
    sign: Sign
    value: float | None = None
    low: float | None = None
    high: float | None = None
    tolerance: float = Field(0.0, ge=0)
    given: bool = False  # built in: the effect follows from the treatment or a single parameter, so it tests nothing

    @model_validator(mode="after")
    def _known(self) -> "Measure":
        """Validate the names of outcomes, and that a null effect has a tolerance."""
        for name in (self.outcome, *([self.per] if self.scale == "per" else [])):
            if name not in BY_NAME:
                raise ValueError(f"no outcome is called '{name}'{nearest(name, BY_NAME)}")
        if self.sign == "none" and self.tolerance == 0:
            raise ValueError("'none' needs a tolerance")
        return self

    @property
    def unit(self) -> str:
        """Unit of the effect on its scale."""
        if self.scale in ("relative", "sd"):
            return "share" if self.scale == "relative" else "sd"
        unit = BY_NAME[self.outcome].unit
        return f"{unit} per {BY_NAME[self.per].unit}" if self.scale == "per" else unit


class Experiment(Entry):
    """A study with its replay or the reason why there is none; ``measured`` are the first and last week measured."""

    name: str
    title: str
    title_zh: str
    source: str
    strength: str
    published: str
    difference: str = ""
    difference_zh: str = ""
    weeks: int = Field(1, ge=1, le=52)
    measured: tuple[int, int] = (0, 0)
    levers: tuple[dict[str, Any], ...] = ()
    measures: tuple[Measure, ...] = ()
    cannot: str = ""
    cannot_zh: str = ""

    @model_validator(mode="after")
    def _whole(self) -> "Experiment":
        """Validate that there is either a replay or a reason, texts in both languages, and weeks within the replay."""
        if bool(self.cannot) == bool(self.levers and self.measures):
            raise ValueError("an experiment has either levers and measures, or 'cannot' with the reason")
        if bool(self.difference) != bool(self.difference_zh) or bool(self.cannot) != bool(self.cannot_zh):
            raise ValueError("'difference' and 'cannot' are in both languages, as difference_zh and cannot_zh")
        if not 0 <= self.measured[0] <= self.measured[1] < self.weeks:
            raise ValueError(f"measured: {list(self.measured)} lies outside the {self.weeks} weeks of the replay")
        return self


class Experiments(Entry):
    """Schema of the file of experiments."""

    experiment: tuple[Experiment, ...]


class Replication(NamedTuple):
    """A published effect with its simulated value and 95 % interval."""

    experiment: Experiment
    measure: Measure
    value: float
    low: float
    high: float

    @property
    def has_interval(self) -> bool:
        """Whether the simulated value has an interval."""
        return bool(np.isfinite(self.low))

    @property
    def verdict(self) -> str:
        """Verdict: ``agrees``, ``direction`` (right sign only), ``unclear``, ``misses`` or ``given`` (no test)."""
        published, tolerance = self.measure, self.measure.tolerance
        if published.given:
            return "given"
        if not np.isfinite(self.value):
            return "unclear"
        if published.sign == "none":
            if -tolerance <= self.low and self.high <= tolerance:
                return "agrees"
            return "misses" if self.low > tolerance or self.high < -tolerance else "unclear"
        sign = SIGN_VALUES[published.sign]
        least, most = sorted((sign * self.low, sign * self.high))
        if most < 0 or self.low == self.high == 0:
            return "misses"
        if published.value is not None:
            low = published.value if published.low is None else published.low
            high = published.value if published.high is None else published.high
            if self.low > high or self.high < low:
                return "direction" if least > 0 else "misses"
        return "agrees" if least > 0 else "unclear"


def load_experiments() -> tuple[Experiment, ...]:
    """Read the file of experiments in order; raises ``InputError`` with all mistakes, one per line."""
    document = read(EXPERIMENTS_FILE)
    return as_model(Experiments, document, frozen(document.data)).experiment


def select_experiments(names: Sequence[str], everything: bool) -> list[Experiment]:
    """Select experiments by name or prefix, in file order.

    Raises ``InputError`` for an unknown name, for no name at all, or for names together with ``everything``.
    """
    known = load_experiments()
    if everything and names:
        raise InputError(f"--all: takes all experiments: leave out {' '.join(names)}")
    if everything:
        return list(known)
    if not names:
        raise InputError(f"which experiment? --all, or some of: {', '.join(each.name for each in known)}")
    for name in names:
        if not name or not any(each.name.startswith(name) for each in known):
            raise InputError(f"unknown experiment '{name}'{nearest(name, [each.name for each in known])}")
    return [each for each in known if each.name.startswith(tuple(names))]


def with_treatment(experiment: Experiment, reference: Scenario) -> Scenario:
    """Return the reference scenario with the experiment's levers in force from day 0."""
    start = reference.calendar.start
    levers = [{"start": start, "ramp_days": 0, "phase": "treatment", **lever} for lever in experiment.levers]
    data = reference.model_dump() | {"name": experiment.name, "title": experiment.title, "levers": levers}
    return on_economy(Scenario.model_validate(data), reference)


def reference_of(experiment: Experiment, people: int, replicates: int, seed: int) -> Scenario:
    """Return the status quo with the length of the experiment and the given size; ``people`` counts one replicate."""
    years = years_of(experiment.weeks)
    return changed(load("status_quo"), people=people, years=years, replicates=replicates, seed=seed)


def replicate(
    experiments: Sequence[Experiment],
    people: int,
    replicates: int,
    seed: int,
    threads: int,
    note: Callable[[str], None],
    parameters: Source = DEFAULT,
) -> list[Replication]:
    """Simulate each experiment that can be replayed, and return one ``Replication`` per measure.

    The reference is simulated once per number of weeks. Replicate k uses draw k of ``parameters`` for values that the
    scenario does not set. ``note`` receives the name of each experiment before it begins.
    """
    found: list[Replication] = []
    kept: dict[int, World] = {}
    for experiment in experiments:
        if experiment.cannot:
            continue
        note(experiment.name)
        reference = reference_of(experiment, people, replicates, seed)
        weeks = reference.run.weeks
        if weeks not in kept:
            kept[weeks] = simulate(reference, threads, parameters=parameters)
        world = simulate(with_treatment(experiment, reference), threads, parameters=parameters)
        tables = side_by_side(world, kept[weeks])
        found += effects_of(experiment, tables, reference.name, world.draws is not None)
    return found


def effects_of(
    experiment: Experiment, tables: Mapping[str, Any], reference: str, uncertain: bool = False
) -> list[Replication]:
    """Estimate each measure of an experiment with its 95 % interval, in the weeks that the study measured.

    Intervals are over firms and, if ``uncertain``, over the parameters that each replicate has drawn. With fewer than
    ``FEWEST`` firms there is no interval, unless nothing differs. ``tables`` must hold ``person_week``, ``people`` and
    ``firms`` of both worlds.
    """
    first, last = experiment.measured
    frame = person_weeks(tables).filter(pl.col("week").is_between(first, last))
    frame = frame.with_columns(pl.col("world").cast(pl.String)).collect().lazy()
    return [_estimate_effect(experiment, measure, frame, reference, uncertain) for measure in experiment.measures]


def _estimate_effect(
    experiment: Experiment, measure: Measure, frame: pl.LazyFrame, reference: str, uncertain: bool
) -> Replication:
    """Estimate one effect and its jackknife interval."""
    outcomes = [BY_NAME[measure.outcome], *([BY_NAME[measure.per]] if measure.per else [])]
    cells = firm_sums(frame, outcomes, ("world", *CLUSTER))
    sd = _sd_between_people(measure, frame, reference) if measure.scale == "sd" else 1.0

    def scaled(above: Reals, below: Reals) -> Reals:
        """Return the effect on the scale of the measure, from sums whose first axis is the world."""
        there, here = above / below
        change = there[..., :1] - here[..., :1]
        with np.errstate(divide="ignore", invalid="ignore"):
            if measure.scale == "relative":
                return np.asarray(change / here[..., :1])
            if measure.scale == "per":
                return np.asarray(change / (there[..., 1:] - here[..., 1:]))
        return np.asarray(change / sd)

    sums = world_sums(cells, (experiment.name, reference), outcomes)
    found = with_interval(scaled, sums, replicates_of(cells) if uncertain else None)
    value, *ends = (float(found[key][0]) for key in ("value", "low", "high"))
    if measure.scale == "relative" and measure.outcome not in SIGNED:
        ends[0] = max(ends[0], -1.0)  # nothing falls by more than 100 %
    known = sums[0].shape[1] >= FEWEST or not any(ends)
    return Replication(experiment, measure, value, *(ends if known else (np.nan, np.nan)))


def _sd_between_people(measure: Measure, frame: pl.LazyFrame, reference: str) -> float:
    """Return the standard deviation of an outcome between people of a replicate in the reference world."""
    outcome = BY_NAME[measure.outcome]
    mine = firm_sums(frame.filter(pl.col("world") == reference), [outcome], KEYS).filter(
        pl.col(f"{outcome.name}.d") > 0
    )
    value = pl.col(f"{outcome.name}.n") / pl.col(f"{outcome.name}.d")
    spreads = mine.group_by("replicate", maintain_order=True).agg(spread=ordered_variance(value))["spread"]
    spread = spreads.mean()
    return np.nan if spread is None else float(spread) ** 0.5  # type: ignore[arg-type]  # a column of numbers
