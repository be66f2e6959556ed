"""Sweeps of runs that simulate nothing, in folders of their own."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from rich.console import Console

from sim.runs.executor import Executor, Serial
from sim.sweeps.conditions import plan_of
from sim.sweeps.design import load_design
from sim.sweeps.driving import Options, drive
from sim.sweeps.effects import AxisLevels, by_condition, by_level, with_counterfactuals
from sim.sweeps.folder import Sweep, complete_rows, create_sweep, folder_of, read_rows, write_rows
from sim.sweeps.monitor import SweepProgress
from tests.sweeps import engines

ROOT = Path(__file__).resolve().parents[2]


def written(folder: Path, axes: Mapping[str, Sequence[Any]], name: str = "noop", **more: Any) -> Path:
    """Write a design of runs that simulate nothing."""
    lines = ['title = "Runs that simulate nothing"', 'engine = "noop"', 'scenarios = ["a"]']
    lines += [f"{key} = {_toml(value)}" for key, value in more.items() if not isinstance(value, dict)]
    for key, value in more.items():
        if isinstance(value, dict):
            lines += [f"[{key}]", *(f"{inner} = {_toml(each)}" for inner, each in value.items())]
    for axis, values in axes.items():
        lines += ["[[axes]]", f'name = "{axis}"', f"values = {_toml(values)}"]
    path = folder / f"{name}.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return f"[{', '.join(map(_toml, value))}]" if isinstance(value, list | tuple) else str(value)


def made(design: Path, out: Path, replicates: int | None = None) -> Sweep:
    """Make the folder of a design."""
    draft = load_design(design, replicates)
    plan = plan_of(draft)
    return create_sweep(folder_of(plan, out), plan, draft.design.replicates, draft.design.limits)


def driven(sweep: Sweep, executor: Executor | None = None, most: int | None = None, **options: Any) -> str:
    """Drive a sweep in this process, with ``most`` bytes of memory, and say why it stopped."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        watch = SweepProgress(Console(file=nowhere), sweep.folder, sweep.size, 0)
        return drive(sweep, executor or Serial(), watch, Options(**options), most)


def table(sweep: Sweep) -> pl.DataFrame:
    """Read all rows without what says only how they came about."""
    return read_rows(sweep).drop("seconds", "round")


def effects(sweep: Sweep) -> pl.DataFrame:
    """Compute the effects of all conditions."""
    return pl.concat([by_condition(sweep, both) for both in with_counterfactuals(sweep)])


def responses(sweep: Sweep) -> pl.DataFrame:
    """Compute the effects along all axes."""
    levels = AxisLevels(sweep)
    return pl.concat([by_level(levels, both) for both in with_counterfactuals(sweep)])


def digest(rows: pl.DataFrame) -> str:
    """Hash every bit of a table."""
    found = hashlib.sha256(str(rows.schema).encode())
    for column in rows.iter_columns():
        found.update(repr(column.to_list()).encode())  # repr of a float tells every bit
    return found.hexdigest()


def command(design: Path, out: Path, *flags: str) -> list[str]:
    """Give the command line of a sweep, as a user writes it; workers load what runs of nothing need, not the model."""
    mine = engines.__name__
    start = f"import {mine}; from sim.runs import executor; executor.PRELOADED = ['{mine}']; "
    start += "from sim.cli.main import main; main()"
    return [sys.executable, "-c", start, "sweep", str(design), "--out", str(out), *flags]


def started(design: Path, out: Path, *flags: str, before: str = "") -> "subprocess.Popen[str]":
    """Start a sweep in a process of its own, after some words of the shell."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    words = command(design, out, *flags)
    words = ["bash", "-c", f'{before}; exec "$@"', "bash", *words] if before else words
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(words, env=environment, start_new_session=True, **pipes)


def finished(process: "subprocess.Popen[str]", seconds: float = 300) -> tuple[int, str]:
    """Wait for a process that ``started`` has begun; after some seconds kill it, and those that it has begun."""
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate(timeout=30)
    return process.returncode, out + err


def pretended(sweep: Sweep, levels: Mapping[str, float], without: Collection[tuple[int, int]] = ()) -> None:
    """Write rows without simulating any: levels that move with every axis, and noise that partners share."""
    plan = sweep.plan
    axes = [axis["column"] for axis in plan.axes if plan.conditions[axis["column"]].dtype.is_numeric()]
    span = {name: (plan.conditions[name].min(), plan.conditions[name].max()) for name in axes}
    rows = []
    for about in plan.conditions.iter_rows(named=True):
        shares = [
            (about[name] - span[name][0]) / (span[name][1] - span[name][0]) for name in axes if about[name] is not None
        ]
        push = (
            0.0
            if about["is_reference"]
            else 0.1 * (len(about["scenario"]) % 3)
            + sum((0.3 / (number + 1)) * share**0.5 for number, share in enumerate(shares))
        )
        for replicate in range(sweep.replicates):
            if (about["condition"], replicate) in without:
                continue
            shared = np.random.default_rng(replicate).normal(0, 0.1)
            own = np.random.default_rng([replicate, about["condition"]]).normal(0, 0.02, len(levels))
            values = {
                name: level * (1 + shared + noise - (-1) ** n * push)
                for n, ((name, level), noise) in enumerate(zip(levels.items(), own, strict=True))
            }
            facts = {"condition": about["condition"], "replicate": replicate}
            facts |= {"people": 310 + 20 * replicate, "firms": 12 + replicate, "weeks": 35}
            rows.append({**facts, "round": 0, "seconds": 1.0, **values})
    table = complete_rows(sweep, rows)
    write_rows(sweep, f"shards/00/{0:024}.parquet", table)
