"""Targets from an organisation's own message log, and the same quantities measured on the model's log.

The result has the form of ``calibration/report.toml``. Its table ``[log]`` records how the log was processed, so that
the model's log is processed in the same way when the model is fitted.
"""

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from scipy.special import expit, logit

from sim.evidence.clocks import COARSE, SummerTimeTest
from sim.evidence.logfile import LogReport
from sim.evidence.observables import DIFFERENCES
from sim.evidence.quantities import QUANTITIES, Distributions, Measured, Scope
from sim.evidence.traffic import Tally
from sim.files.toml import as_toml
from sim.scenario.part import NAME

DISCREPANCY_SD = 0.15  # sd of the model's discrepancy, relative to the value or, for a share, to its odds
COARSE_QUANTITIES = ("log_contacts", "log_ties", "log_ties_gini", "log_weekend_share")  # whole hours or days suffice
LOST_FIELDS = ("left_out", "within", "duplicates", "unfinished")  # fields of a report that count what was not measured
WEEKEND_WORK = "people work on a day of the weekend"
LEAST_SHARE = 0.002  # fits cannot distinguish smaller shares from 0, nor their complements from 1
Z_95 = 1.96


class ComparedSource(NamedTuple):
    """One of the two sources compared: a log or the model."""

    name: str
    measured: Mapping[str, Measured]
    shapes: Distributions


class Doubts(NamedTuple):
    """Reasons why parts of a log cannot serve as targets."""

    partial: bool = False  # the log is incomplete
    clock: str = ""
    summer: SummerTimeTest | None = None  # test of summer time
    step: int = 1  # seconds of which all times are multiples
    other_week: bool = False  # the working week is not Monday to Friday

    def reason_against(self, name: str) -> str:
        """Return the reason why a quantity is not used, or an empty text."""
        needs = QUANTITIES[name].needs.split()
        if "whole" in needs and self.partial:
            return "the log holds only a part of what its people write"
        if self.step >= COARSE and name not in COARSE_QUANTITIES:
            return "what a person writes within one unit of the times counts as one message"
        if self.other_week and ("clock" in needs or name == "log_weekend_share"):
            return WEEKEND_WORK
        return self.clock if "clock" in needs else ""


def doubts_of(tally: Tally, partial: bool) -> Doubts:
    """Collect the doubts about a log; ``partial`` is the user's statement that it is incomplete."""
    return Doubts(partial, tally.clock.doubt, tally.clock.summer, tally.clock.step, tally.clock.other_week)


def target_role(name: str, doubts: Doubts) -> str:
    """Return the role of a quantity among targets: ``calibrated``, ``checked`` or ``not_used``."""
    return "not_used" if doubts.reason_against(name) else QUANTITIES[name].use


def observed_table(sides: Sequence[ComparedSource], doubts: Doubts) -> pl.DataFrame:
    """Return a row for each side and quantity: value, 95 % interval, people, why it is missing, and role.

    A quantity without an interval on the first side has the role ``not_used``.
    """
    known = {name: np.isfinite(each.low) for name, each in sides[0].measured.items()}
    rows = [
        (side.name, name, QUANTITIES[name].unit, *each, target_role(name, doubts) if known[name] else "not_used")
        for side in sides
        for name, each in side.measured.items()
    ]
    columns = ("side", "quantity", "unit", *Measured._fields, "role")
    return pl.DataFrame(rows, columns, orient="row", infer_schema_length=None)


def shapes_table(sides: Sequence[ComparedSource]) -> pl.DataFrame:
    """Return the distributions of each side, one row per value."""
    rows = [
        (side.name, shape, place, float(value))
        for side in sides
        for shape, values in side.shapes._asdict().items()
        for place, value in enumerate(values)
    ]
    return pl.DataFrame(rows, ("side", "shape", "place", "value"), orient="row")


def target_set_toml(
    name: str, measured: Mapping[str, Measured], scope: Scope, doubts: Doubts, report: LogReport
) -> str:
    """Write a set of targets as TOML, in the form of ``calibration/report.toml``.

    Quantities without an interval are left out; quantities that ``doubts`` affect get the role ``not_used``.
    """
    population = f"{report.people} people who write, {report.days} days"
    lines = [
        "# Targets from a message log, made by `offhours observe`. Keys as in calibration/report.toml; what is",
        "# measured is what `offhours observe` printed. `low` and `high` hold the 95 % interval and the model's",
        "# discrepancy, which is an assumption: "
        f"{100 * DISCREPANCY_SD:.0f} % of the value, or of the odds for a share.",
        "",
        *_toml_lines({"name": name, "title": "A message log"}),
        "",
        "[log]",
        *_toml_lines(scope._asdict()),
    ]
    for key, each in measured.items():
        if not each.missing and np.isfinite(each.low):
            lines += ["", "[[target]]", *_toml_lines(_target(key, each, doubts, population))]
    return "\n".join(lines) + "\n"


def _toml_lines(table: Mapping[str, Any]) -> Iterator[str]:
    """Write the keys of a table, floats to six figures."""
    for key, value in table.items():
        yield f"{key} = {as_toml(float(f'{value:.6g}') if isinstance(value, float) else value)}"


def _target(name: str, measured: Measured, doubts: Doubts, population: str) -> dict[str, Any]:
    """Return the fields of one target; the interval combines sampling error and model discrepancy."""
    unit, value, reason = QUANTITIES[name].unit, measured.value, doubts.reason_against(name)
    error = max(measured.half_width / Z_95, 1e-6)
    odds = unit == "share" and name not in DIFFERENCES
    near = min(max(value, LEAST_SHARE), 1 - LEAST_SHARE) if odds else value
    discrepancy = DISCREPANCY_SD * (near * (1 - near) if odds else abs(value))
    half = Z_95 * float(np.hypot(error, discrepancy))
    low, high = _share_interval(near, measured) if odds else (value - half, value + half)
    fields: dict[str, Any] = {
        "observable": name, "value": value, "low": low, "high": high, "error": error,
        "discrepancy": discrepancy, "role": target_role(name, doubts), "source": "message log",
        "population": population, "confidence": "measured",
    }  # fmt: skip
    return fields | {"note": reason} if reason else fields


def _share_interval(near: float, measured: Measured) -> tuple[float, float]:
    """Widen the interval of a share by the model's discrepancy, in log odds; an end near 0 or 1 becomes 0 or 1.

    Each end has its own distance from the value (as in Zou and Donner 2008), because these differ near 0 and 1.
    """
    at, off = logit(near), Z_95 * DISCREPANCY_SD
    low = at - np.hypot(at - logit(min(max(measured.low, LEAST_SHARE), near)), off)
    high = at + np.hypot(logit(max(min(measured.high, 1 - LEAST_SHARE), near)) - at, off)
    least, most = measured.low < LEAST_SHARE, measured.high > 1 - LEAST_SHARE
    return 0.0 if least else float(expit(low)), 1.0 if most else float(expit(high))


def target_set_name(path: Path) -> str:
    """Derive the name of a target set from its file: a-z, 0-9 and _, else ``log``.

    Names with letters of other scripts get a hash, so that 一月 and 二月 have different names.
    """
    stem = unicodedata.normalize("NFC", path.stem).lower()
    name = "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in stem)[:64]
    if any(sign.isalnum() and not sign.isascii() for sign in stem):
        kept = "_".join(filter(None, name.split("_")))[:48]
        return f"{kept or 'log'}_{hashlib.sha256(stem.encode(errors='surrogateescape')).hexdigest()[:8]}"
    return name if NAME.fullmatch(name) else "log"
