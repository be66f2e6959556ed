"""Possible measurements: what they observe, with which errors, in which sizes and at what cost.

A file of measurements is checked as a whole. All mistakes are reported at once, with file, line, key, value and the
nearest valid name.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from sim.core.errors import InputError, shortened
from sim.files.shipped import CALIBRATION
from sim.files.toml import KeyPath, read
from sim.files.validation import hint
from sim.learning.worlds import OBSERVED, OUTCOME_NAMES
from sim.scenario.countries import YUAN, in_currency
from sim.scenario.inheritance import as_model, frozen, refused
from sim.scenario.part import Part

FILE = CALIBRATION / "measurements.toml"
OF_TODAY = ("question", "log")  # kinds that observe today; the other kinds measure the effect itself


class Item(Part):
    """One thing that a measurement observes."""

    of: str
    """Outcome or observable of the model; for a panel or trial, the outcome whose change is measured."""
    error: float = Field(0.0, ge=0, allow_inf_nan=False)
    """Standard deviation of one answer around the person's true value, in the unit of ``of``; it averages out."""
    bias: float = Field(0.0, ge=0, allow_inf_nan=False)
    """Standard deviation of the error shared by all answers, in the same unit; a larger size does not reduce it."""
    source: str = Field(min_length=1)
    """Source of the errors, or a statement that they are assumed."""
    text: str = Field(min_length=1)
    """Question or log query in English."""
    text_zh: str = Field(min_length=1)
    """The same in Chinese."""


class Measurement(Part):
    """Something that could be measured."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    title: str = Field(min_length=1, max_length=60)
    """Name in tables and figures."""
    title_zh: str = Field(min_length=1, max_length=60)
    """The same in Chinese."""
    kind: Literal["question", "log", "panel", "trial"]
    """A question or log statistic of today; a panel of people before and after the rule; or a trial of two arms, one
    in which the rule is enforced."""
    sizes: tuple[int, ...] = Field(min_length=1, max_length=10)
    """People asked, or in the log; for a trial, in both arms together."""
    fixed_yuan: float = Field(ge=0, allow_inf_nan=False)
    """Fixed cost, independent of the size."""
    unit_yuan: float = Field(ge=0, allow_inf_nan=False)
    """Cost per person."""
    cost_source: str = Field(min_length=1)
    """Source of the costs, or a statement that they are assumed."""
    response: float = Field(1.0, gt=0, le=1)
    """Share of the people who answer, in all waves of a panel or trial."""
    stability: float = Field(0.0, ge=0, lt=1)
    """For a panel or trial: correlation between the same person's true values before and after, without a rule."""
    items: tuple[Item, ...] = Field(min_length=1, max_length=8)

    @field_validator("sizes")
    @classmethod
    def _rising(cls, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """Reject sizes that are not positive or not in rising order."""
        if sizes[0] < 1 or list(sizes) != sorted(set(sizes)):
            raise ValueError("must be whole numbers from 1 on, in rising order")
        return sizes

    def cost(self, size: int) -> float:
        """Return the cost of measuring ``size`` people, in the currency of the file."""
        return self.fixed_yuan + self.unit_yuan * size

    @property
    def effective(self) -> float:
        """How many people in a mean of today one person asked counts for; errors of answers are in ``answers``.

        The change of a person has twice the unstable part of the variance between people. The difference between the
        two arms of a trial has four times the variance of a mean over all its people.
        """
        if self.kind in OF_TODAY:
            return self.response
        return self.response / ((2.0 if self.kind == "panel" else 8.0) * (1.0 - self.stability))

    @property
    def answers(self) -> float:
        """How many answers in a mean of today one person asked counts for, as to errors of answers."""
        return self.response / {"panel": 2.0, "trial": 8.0}.get(self.kind, 1.0)


class Measurements(Part):
    """A file of measurements."""

    measurement: tuple[Measurement, ...] = Field(min_length=1, max_length=200)


def load_measurements(path: Path = FILE, currency: str = YUAN) -> tuple[Measurement, ...]:
    """Read and check a file of measurements; raises ``InputError`` with all mistakes, one per line.

    Costs are in ``currency``, and their keys are named after it, as in ``unit_euro``.
    """
    document = read(path, "file of measurements")
    data = {key: frozen(value) for key, value in document.data.items()}
    if currency != YUAN:
        data = _in_currency(path, data, currency)
    found = as_model(Measurements, document, data).measurement
    if mistakes := list(_mistakes(found)):
        raise refused(document, mistakes)
    return found


def _in_currency(path: Path, data: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """Rename the keys of costs in another currency; raise ``InputError`` if the file has costs in yuan."""
    listed = [each for each in data.get("measurement") or () if isinstance(each, Mapping)]
    inner = {in_currency(name, currency): name for name in Measurement.model_fields if in_currency(name, "") != name}
    if any(name in each for each in listed for name in inner.values()):
        fixed, unit = inner
        raise InputError(
            f"{path}: has costs in {YUAN}, and amounts are in {currency} here: name a file with {fixed} and {unit}"
        )
    return {**data, "measurement": tuple({inner.get(key, key): each[key] for key in each} for each in listed)}


def _mistakes(found: Sequence[Measurement]) -> Iterator[tuple[KeyPath, str]]:
    """Yield names that are used twice, and observables that a kind of measurement cannot observe."""
    seen: set[str] = set()
    for number, each in enumerate(found):
        at: KeyPath = ("measurement", number)
        if each.name in seen:
            yield (*at, "name"), f"measurement[{number}].name: '{each.name}': is listed twice"
        seen.add(each.name)
        known = OBSERVED if each.kind in OF_TODAY else OUTCOME_NAMES
        for place_of, item in enumerate(each.items):
            if item.of not in known:
                path = f"measurement[{number}].items[{place_of}].of"
                text = f"{path}: '{shortened(item.of)}': a {each.kind} cannot measure that{hint(item.of, known)}"
                yield (*at, "items", place_of, "of"), text
