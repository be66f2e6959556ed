"""What a run is: a scenario in, a row of outcomes out.

The model's run measures what ``offhours run`` compares: outcomes over the firms that the rules reach, in the weeks in
which they are fully in force. The world that a scenario is compared with is measured in the same firms and weeks.
"""

import hashlib
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from sim.errors import InputError
from sim.outcomes import OUTCOMES, firm_sums, leave_one_out, person_weeks, split

type Row = dict[str, float | int | None]


def run_model(scenario: Mapping[str, Any], lens: Mapping[str, Any], replicate: int) -> Row:
    """Simulate one replicate of a scenario and measure it.

    Parameters
    ----------
    scenario : Mapping[str, Any]
        A scenario as data.
    lens : Mapping[str, Any]
        ``weeks``: first and last of each run of weeks, and ``scopes``: whose firms are looked at; none for all.
    replicate : int
        Its number, from 0.

    Returns
    -------
    Row
        Every outcome, and how many people and firms were looked at in how many weeks.

    Raises
    ------
    InputError
        If nobody is looked at: none of the firms drawn is in the scope of the rules.
    """
    from sim.engine.policy import reaches  # noqa: PLC0415
    from sim.model import Workplace  # noqa: PLC0415
    from sim.policies.lever import Lever, Scope  # noqa: PLC0415  (Mesa and numba are loaded by the process that simulates)
    from sim.run import drained, weeks_at_once  # noqa: PLC0415
    from sim.schema import Scenario  # noqa: PLC0415

    world = Scenario.model_validate(scenario)
    model = Workplace(world, replicate=replicate)
    firms = model.firms()
    scopes = [Lever(kind="placebo", scope=Scope.model_validate(scope)) for scope in lens["scopes"]]
    reached = [bool(any(hits)) for hits in zip(*(reaches(each, model.world) for each in scopes), strict=True)]
    firms = firms.with_columns(in_scope=pl.Series(reached if scopes else [True] * firms.height))
    if not firms["in_scope"].any():
        raise InputError("the rules reach nobody: none of the firms drawn is in scope; use more people")
    looked_at = pl.any_horizontal(pl.col("week").is_between(first, last) for first, last in lens["weeks"])
    parts, block = [], weeks_at_once(world)
    for week in range(1, model.days_total // 7 + 1):
        model.run_for(7)
        if week % block == 0 or week == model.days_total // 7:
            tables = {"person_week": model.person_week(), "people": model.people(), "firms": firms}
            drained(model)
            rows = person_weeks(tables).filter(pl.col("in_scope") & looked_at)
            parts.append(firm_sums(rows, OUTCOMES, ["replicate"]))
    sums = pl.concat(parts).sum()
    values, _ = leave_one_out(*split(sums, OUTCOMES))
    scoped = firms.filter("in_scope")
    counts = {
        "people": int(scoped["size"].sum()),
        "firms": scoped.height,
        "weeks": sum(last - first + 1 for first, last in lens["weeks"]),
    }
    return counts | {outcome.name: float(value) for outcome, value in zip(OUTCOMES, values, strict=True)}


def run_noop(point: Mapping[str, Any], lens: Mapping[str, Any], replicate: int) -> Row:
    """Simulate nothing: numbers that hang on the point alone, and the faults that tests ask for.

    Parameters
    ----------
    point : Mapping[str, Any]
        Values of axes. ``sleep`` are seconds; ``fault`` is raise, hang, die or memory, or empty for none.
    lens : Mapping[str, Any]
        Not used.
    replicate : int
        Its number.

    Returns
    -------
    Row
        Two numbers.

    Raises
    ------
    ValueError
        If the fault is to raise.
    """
    if point.get("sleep"):
        time.sleep(point["sleep"])
    match str(point.get("fault") or ""):
        case "raise":
            raise ValueError("this run was asked to fail")
        case "hang":
            time.sleep(3600)
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "memory":
            bytearray(1 << 40)
        case once if once.startswith("once:") and replicate == 0:  # dies the first time, by a mark in a folder
            mark = Path(once.removeprefix("once:")) / hashlib.sha256(repr(sorted(point.items())).encode()).hexdigest()
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
    named = {key: value for key, value in point.items() if key not in ("fault", "sleep")}
    digest = hashlib.blake2b(json.dumps([named, replicate], sort_keys=True).encode(), digest_size=16).digest()
    y, z = (int.from_bytes(part) / 2**64 for part in (digest[:8], digest[8:]))
    return {"people": 1, "firms": 1, "weeks": 1, "y": y, "z": z}


ENGINES = {"model": run_model, "noop": run_noop}


def fresh() -> Iterator[str]:
    """Say what must be ready before many processes start.

    Yields
    ------
    str
        A line for each thing that takes time.
    """
    from sim.compiled import is_cached  # noqa: PLC0415

    if not is_cached():
        yield "Compiling the engine for this machine first; this takes about a minute, and only once"
